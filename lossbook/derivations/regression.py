"""Regression losses: where their minimum lies, how they turn into one another, and what noise they stand for."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Derivative, Eq, Expr, Integral, Limit, Rational, Symbol, cosh, erf, exp, log, oo, pi, sqrt, tanh

from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import elementary

from .derivation import Derivation

#: A residual, and one that is known to be positive.
r = Symbol("r", real=True)
rho = Symbol("rho", positive=True)
delta = Symbol("delta", positive=True)
beta = Symbol("beta", positive=True)
c = Symbol("c", positive=True)
u = Symbol("u", real=True)
alpha = Symbol("alpha", real=True)
tau = Symbol("tau", positive=True)
m = Symbol("m", real=True)
x1, x2, x3 = sympy.symbols("x1 x2 x3", real=True)
w1, w2, w3 = sympy.symbols("w1 w2 w3", positive=True)
#: Data in all, and data below the prediction.
N = Symbol("N", positive=True, integer=True)
k = Symbol("k", positive=True, integer=True)

_FAR = {delta: (Rational(1, 4), 2), beta: (Rational(1, 4), 2), rho: (3, 6)}


def _piece(loss: Expr, number: int) -> Expr:
    """Return a piece of a loss of `r`, for a residual above 0."""
    return loss.args[number][0].subs(Abs(r), r)


#: Huber's loss of a residual inside its corner, and of one beyond it.
_INSIDE, _BEYOND = (_piece(S.HuberLoss(r, delta), number) for number in (0, 1))


def huber_normaliser(delta: Any) -> Expr:
    """Return the integral of exp(−Huber) over the real line."""
    return sqrt(2 * pi) * erf(delta / sqrt(2)) + 2 / delta * exp(-(delta**2) / 2)


def huber_squared_pull(delta: Any) -> Expr:
    """Return the mean of Huber's squared pull under standard normal noise."""
    inside, phi = erf(delta / sqrt(2)), exp(-(delta**2) / 2) / sqrt(2 * pi)
    return inside - 2 * delta * phi + delta**2 * (1 - inside)


def mean_minimum() -> Derivation:
    """Derive that the squared error of a constant is least at the mean, for three data."""
    risk = sum(S.MSELoss(m - x, half=True) for x in (x1, x2, x3))
    return (
        Derivation(Eq(Derivative(risk, m), 0), "The best constant under squared error")
        .step(Eq((m - x1) + (m - x2) + (m - x3), 0), "each datum pulls with its distance")
        .step(Eq(m, (x1 + x2 + x3) / 3), "solve for $m$: the mean")
    )


def quantile_slope() -> Derivation:
    """Derive the slope of the quantile risk: the share of data below, minus τ."""
    slope = S.QuantileLoss(r, tau).diff(r)
    return (
        Derivation(
            (k * slope.subs(r, 1) + (N - k) * slope.subs(r, -1)) / N,
            "The slope of the quantile risk",
            {N: (5, 60), k: (1, N), tau: (Rational(1, 20), Rational(19, 20))},
        )
        .step((k - N * tau) / N, r"the terms in $k \tau$ cancel")
        .step(k / N - tau, "divide")
    )


def weighted_mean() -> Derivation:
    """Derive that balanced pulls w r make a weighted mean: the step of reweighted least squares."""
    return Derivation(
        Eq(w1 * (m - x1) + w2 * (m - x2) + w3 * (m - x3), 0), "One step of reweighted least squares"
    ).step(Eq(m, (w1 * x1 + w2 * x2 + w3 * x3) / (w1 + w2 + w3)), "solve for $m$, with the weights held")


def smooth_l1_is_huber() -> Derivation:
    """Derive that smooth L1, whose slope is Huber's over β, is Huber's loss over β beyond the corner."""
    inside, beyond = (_piece(S.SmoothL1Loss(r, beta), number) for number in (0, 1))
    return Derivation(
        Integral(inside.diff(r), (r, 0, beta)) + Integral(beyond.diff(r), (r, beta, rho)),
        "Smooth L1 from its slope",
        _FAR,
    ).step(beyond.subs(r, rho), r"Huber's $\beta(\rho - \beta/2)$, over $\beta$")


def cosh_far() -> Derivation:
    """Derive cosh ρ as half an exponential times what tends to one: its logarithm is ρ − ln 2 far away."""
    return (
        Derivation(cosh(rho), "The hyperbolic cosine far away", _FAR)
        .step((exp(rho) + exp(-rho)) / 2, "definition of cosh")
        .step(exp(rho) / 2 * (1 + exp(-2 * rho)), r"take $e^{\rho}/2$ out")
    )


def log_cosh_slope() -> Derivation:
    """Derive that the slope of log-cosh is tanh."""
    return (
        Derivation(Derivative(S.LogCoshLoss(r), r), "The slope of log-cosh", {r: (-4, 4)})
        .step(sympy.sinh(r) / cosh(r), "chain rule")
        .step(tanh(r), "definition of tanh")
    )


def cauchy_noise() -> Derivation:
    """Derive that minus the logarithm of the Cauchy density is the Cauchy loss over c²/2, up to a constant."""
    return Derivation(-log(1 / (pi * c * (1 + (r / c) ** 2))), "Cauchy noise", {r: (-5, 5)}).step(
        S.CauchyLoss(r, c) / (c**2 / 2) + log(pi * c), r"Cauchy's loss over $c^2/2$, and a constant"
    )


def barron_at_zero() -> Derivation:
    """Derive Barron's loss at α = 0, where its formula divides by zero."""
    general = elementary(S.GeneralRobustLoss(u, alpha).args[-1][0]).subs(Abs(alpha - 2), 2 - alpha)
    domain = {u: (Rational(1, 2), 3)}
    return Derivation(Limit(general, alpha, 0, "+-"), "Barron's loss at α = 0", domain).step(
        S.GeneralRobustLoss(u, 0), r"$(y^{\alpha/2} - 1)/\alpha \to \frac12 \ln y$, and $2 - \alpha \to 2$"
    )


def huber_by_delta() -> Derivation:
    """Derive the slope of Huber's loss by δ: never negative."""
    return Derivation(Derivative(_BEYOND.subs(r, rho), delta), "The slope by δ", _FAR).step(
        rho - delta, "product rule; positive beyond the corner"
    )


def huber_partition() -> Derivation:
    """Derive Z(δ), which makes exp(−Huber) a density."""
    inner, outer = Integral(exp(-_INSIDE), (r, 0, delta)), Integral(exp(-_BEYOND), (r, delta, oo))
    return (
        Derivation(2 * (inner + outer), "What makes Huber's density add up to one")
        .step(2 * (sqrt(pi / 2) * erf(delta / sqrt(2)) + outer), "a normal centre")
        .step(huber_normaliser(delta), "two exponential tails")
    )


def contamination() -> Derivation:
    """Derive the share ε of wild data that δ is for: Huber's normaliser is the normal's over 1 − ε."""
    phi, beyond = exp(-(delta**2) / 2) / sqrt(2 * pi), 1 - erf(delta / sqrt(2))
    share = Symbol("varepsilon", positive=True)
    return (
        Derivation(
            Eq(huber_normaliser(delta) / sqrt(2 * pi), 1 / (1 - share)),
            "What a δ is for",
            {share: (Rational(1, 20), Rational(9, 20))},
        )
        .step(Eq(erf(delta / sqrt(2)) + 2 * phi / delta, 1 / (1 - share)), "divide")
        .step(Eq(2 * phi / delta - beyond, share / (1 - share)), "take 1 from both sides")
    )


def best_width() -> Derivation:
    """Derive the width that makes a residual cheapest: as large as the residual."""
    sigma = Symbol("sigma", positive=True)
    cost = S.GaussianNLLLoss(rho, 2 * log(sigma), 0)
    return (
        Derivation(Eq(Derivative(cost, sigma), 0), "The best width", {rho: (1, 3), sigma: (1, 3)})
        .step(Eq(1 / sigma - rho**2 / sigma**3, 0), "differentiate")
        .step(Eq(sigma, rho), r"times $\sigma^3$, and the root")
    )


def huber_efficiency() -> Derivation:
    """Derive the mean of Huber's squared pull under standard normal noise."""
    density = exp(-(r**2) / 2) / sqrt(2 * pi)
    inner = Integral(_INSIDE.diff(r) ** 2 * density, (r, 0, delta))
    outer = Integral(_BEYOND.diff(r) ** 2 * density, (r, delta, oo))
    phi = exp(-(delta**2) / 2) / sqrt(2 * pi)
    inside = erf(delta / sqrt(2))
    return (
        Derivation(2 * (inner + outer), "The mean of the squared pull")
        .step(inside - 2 * delta * phi + 2 * outer, "by parts")
        .step(huber_squared_pull(delta), "the rest of the noise lies outside")
    )


def root_slope() -> Derivation:
    """Derive the slope of the root of the mean square: that of the mean square, over twice the root."""
    root = S.RMSELoss((m - x1, m - x2))
    return Derivation(Derivative(root, m), "The slope of the root").step(
        Derivative(root**2, m) / (2 * root), "chain rule"
    )
