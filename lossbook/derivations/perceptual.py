"""Perceptual loss: its gradient, the distance of a moved stroke, and what squared pixel error makes of a doubt."""

from __future__ import annotations

import sympy
from sympy import Derivative, Eq, Integral, Rational, Symbol, exp, oo, pi, sqrt

from lossbook.symbolic import losses as S  # noqa: N812

from .derivation import Derivation

#: Place in the picture, shift and width of a stroke.
u = Symbol("u", real=True)
d = Symbol("d", positive=True)
s = Symbol("w", positive=True)
#: A feature, its target, a pixel, the layer's weight, and the three sizes of the layer.
phi, t, x = sympy.symbols("phi t x", real=True)
weight = Symbol("w_j", positive=True)
C, H, W = sympy.symbols("C_j H_j W_j", positive=True)
#: Two possible values of a pixel and the chance of the first.
a, b = sympy.symbols("a b", real=True)
p = Symbol("p", positive=True)

_UNIT = (Rational(1, 20), Rational(19, 20))


def feature_gradient() -> Derivation:
    """Derive the gradient of one layer's loss by one of its features."""
    return (
        Derivation(
            Derivative(weight / (C * H * W) * S.MSELoss(phi - t), phi),
            "The gradient by a feature",
            {phi: (-2, 2), t: (-2, 2)},
        )
        .step(weight / (C * H * W) * Derivative(S.MSELoss(phi - t), phi), "the factor does not depend on the feature")
        .step(2 * weight * (phi - t) / (C * H * W), "derivative of a square")
    )


def pixel_gradient() -> Derivation:
    """Derive the gradient by a pixel: the chain rule, shown for the feature x²."""
    return (
        Derivation(Derivative(S.MSELoss(x**2 - t), x), "On to a pixel, for the feature x²", {x: (-2, 2), t: (-2, 2)})
        .step(2 * (x**2 - t) * Derivative(x**2, x), "the gradient by the feature, times the feature's own slope")
        .step(4 * x * (x**2 - t), r"$\phi' = 2x$")
    )


def moved_stroke() -> Derivation:
    """Derive the squared distance of a stroke from itself, moved by d."""
    first, second = exp(-(u**2) / (2 * s**2)), exp(-((u - d) ** 2) / (2 * s**2))
    return (
        Derivation(
            Integral(S.MSELoss(first - second), (u, -oo, oo)),
            "The squared distance of a stroke from the same stroke, moved by d",
            {s: (Rational(1, 2), 2), d: (Rational(1, 2), 3)},
        )
        .step(
            Integral(first**2, (u, -oo, oo))
            + Integral(second**2, (u, -oo, oo))
            - 2 * Integral(first * second, (u, -oo, oo)),
            "square of a difference",
        )
        .step(
            2 * sqrt(pi) * s - 2 * sqrt(pi) * s * exp(-(d**2) / (4 * s**2)),
            "both squares have one area; the product is a narrower stroke",
        )
        .step(2 * sqrt(pi) * s * (1 - exp(-((d / s) ** 2) / 4)), "collect")
    )


def best_pixel() -> Derivation:
    """Derive the pixel of the smallest expected squared error between two possible values: their mean."""
    return (
        Derivation(
            Eq(Derivative(p * S.MSELoss(x - a) + (1 - p) * S.MSELoss(x - b), x), 0),
            "The best pixel, if it is a with chance p and b otherwise",
            {p: _UNIT, x: (-2, 2), a: (-2, 2), b: (-2, 2)},
        )
        .step(Eq(2 * p * (x - a) + 2 * (1 - p) * (x - b), 0), "derivative of each square")
        .step(Eq(x, p * a + (1 - p) * b), "solve for x")
    )
