"""Cross-entropy against squared error on a squashed output: gradients, curvatures and matching losses, derived."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Derivative, Expr, Integral, Rational, Symbol, exp, log

from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import Primitive, sigmoid

from .derivation import Derivation

#: Weight, bias, input, target and logit of one neuron.
w = Symbol("w", real=True)
b = Symbol("b", real=True)
x = Symbol("x", real=True)
y = Symbol("y", real=True)
z = Symbol("z", real=True)
#: A second weight with its input, and a direction in the plane of weights.
w1, w2, x1, x2, v1, v2 = sympy.symbols("w1 w2 x1 x2 v1 v2", real=True)
#: Logits of three classes; the first is the true one.
z1, z2, z3 = sympy.symbols("z1 z2 z3", real=True)

#: Share of labels that are flipped, and the losses of a forecast where the label says yes and where it says no.
flip = Symbol("rho", positive=True)
yes, no = sympy.symbols("ell_yes ell_no", nonnegative=True)

_UNIT = (Rational(1, 20), Rational(19, 20))
_WIDE = (-3, 3)
_NEURON = {symbol: _WIDE for symbol in (w, b, x, z)} | {y: _UNIT}
_PLANE = {symbol: _WIDE for symbol in (w1, w2, x1, x2, v1, v2)} | {y: _UNIT}
_LOGITS = {symbol: _WIDE for symbol in (z1, z2, z3)}


class probability(Primitive):  # noqa: N801
    """Softmax: ``probability(k, z1, …, zK)`` is exp(z_k) / Σ exp(z_j); written p_k."""

    def _definition(self) -> Expr:
        number, *logits = self.args
        return exp(logits[int(number) - 1]) / sympy.Add(*map(exp, logits))

    def fdiff(self, argindex: int = 2) -> Expr:  # noqa: D102
        number, *logits = self.args
        own = sympy.Integer(1 if int(number) == argindex - 1 else 0)
        return self * (own - probability(argindex - 1, *logits))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return f"p_{{{self.args[0]}}}" + (f"^{{{exp}}}" if exp else "")


class output(sigmoid):  # noqa: N801
    """The sigmoid, written a where its argument is understood."""

    def fdiff(self, argindex: int = 1) -> Expr:  # noqa: D102
        return self * (1 - self)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return f"a^{{{exp}}}" if exp else "a"


def sigmoid_slope() -> Derivation:
    """Derive σ′ = σ(1 − σ)."""
    e = exp(-z)
    return (
        Derivation(Derivative(1 / (1 + e), z), "The slope of the sigmoid", _NEURON)
        .step(e / (1 + e) ** 2, "chain rule")
        .step(1 / (1 + e) * (1 - 1 / (1 + e)), r"$e^{-z} = (1 + e^{-z}) - 1$")
        .step(sigmoid(z) * (1 - sigmoid(z)), r"the fraction is $\sigma(z)$")
    )


def squared_error_gradient() -> Derivation:
    """Derive ∂/∂w of ½(σ(wx + b) − y)²: the slope of the sigmoid stays."""
    a = output(w * x + b)
    return (
        Derivation(Derivative(S.MSELoss(a - y, half=True), w), "The gradient of squared error", _NEURON)
        .step((a - y) * Derivative(a, w), "chain rule")
        .step((a - y) * a * (1 - a) * x, r"$\sigma' = \sigma(1 - \sigma)$, times the input")
    )


def cross_entropy_gradient() -> Derivation:
    """Derive ∂/∂w of the cross-entropy: the slope of the sigmoid cancels."""
    a = output(w * x + b)
    return (
        Derivation(Derivative(S.BCELoss(a, y), w), "The gradient of cross-entropy", _NEURON)
        .step((-y / a + (1 - y) / (1 - a)) * Derivative(a, w), "chain rule")
        .step((a - y) / (a * (1 - a)) * Derivative(a, w), "common denominator")
        .step((a - y) * x, r"$\sigma' = \sigma(1 - \sigma)$ cancels")
    )


def log_slope() -> Derivation:
    """Derive ∂/∂w of ln(1 − f) for the output f of a neuron."""
    a = output(w * x + b)
    return (
        Derivation(Derivative(-S.BCELoss(a, 0), w), "The slope of ln(1 − f)", _NEURON)
        .step(-Derivative(a, w) / (1 - a), "chain rule: divide by what stands in the logarithm")
        .step(-a * x, r"$\sigma' = \sigma(1 - \sigma)$, and $1 - a$ cancels")
    )


def cross_entropy_curvature() -> Derivation:
    """Derive the second derivative of the cross-entropy by one weight: never negative."""
    a = output(w * x + b)
    return (
        Derivation(Derivative(S.BCELoss(a, y), (w, 2)), "The curvature of cross-entropy", _NEURON)
        .step(Derivative((a - y) * x, w), "the gradient, once more")
        .step(a * (1 - a) * x**2, r"$\sigma' = \sigma(1 - \sigma)$")
    )


def squared_error_curvature() -> Derivation:
    """Derive the second derivative of squared error by one weight, for the target 0: it changes its sign."""
    a = output(w * x + b)
    return (
        Derivation(Derivative(S.MSELoss(a, half=True), (w, 2)), "The curvature of squared error, target 0", _NEURON)
        .step(Derivative(a**2 * (1 - a) * x, w), "the gradient, once more")
        .step((2 * a - 3 * a**2) * Derivative(a, w) * x, "derivative of a square less a cube")
        .step(a**2 * (1 - a) * (2 - 3 * a) * x**2, r"$\sigma' = \sigma(1 - \sigma)$")
    )


def quadratic_form() -> Derivation:
    """Derive vᵀHv of the cross-entropy of one example with two weights: a square with a factor that is positive."""
    a = output(w1 * x1 + w2 * x2)
    return (
        Derivation(
            v1**2 * Derivative((a - y) * x1, w1)
            + 2 * v1 * v2 * Derivative((a - y) * x1, w2)
            + v2**2 * Derivative((a - y) * x2, w2),
            "The curvature of cross-entropy in the direction v",
            _PLANE,
        )
        .step(
            a * (1 - a) * (v1**2 * x1**2 + 2 * v1 * v2 * x1 * x2 + v2**2 * x2**2),
            r"$a' = a(1 - a)$",
        )
        .step(a * (1 - a) * (v1 * x1 + v2 * x2) ** 2, "a square")
    )


def softmax_squared_gradient() -> Derivation:
    """Derive the gradient of ½Σ(p − t)² by the true class's logit: every term keeps the probability p₁."""
    p1, p2, p3 = (probability(k, z1, z2, z3) for k in (1, 2, 3))
    loss = S.BrierLoss((p1, p2, p3), (1, 0, 0)) / 2
    return (
        Derivation(Derivative(loss, z1), "The gradient of squared error after softmax", _LOGITS)
        .step(
            (p1 - 1) * Derivative(p1, z1) + p2 * Derivative(p2, z1) + p3 * Derivative(p3, z1),
            "chain rule",
        )
        .step((p1 - 1) * p1 * (1 - p1) - p2 * p2 * p1 - p3 * p3 * p1, "slopes of softmax")
        .step(-p1 * ((1 - p1) ** 2 + p2**2 + p3**2), r"take out $-p_1$")
    )


def softmax_cross_entropy_gradient() -> Derivation:
    """Derive the gradient of −ln p₁ by the true class's logit: p₁ − 1."""
    p1 = probability(1, z1, z2, z3)
    return (
        Derivation(
            Derivative(S.NLLLoss([log(p1)], 0), z1),
            "The gradient of cross-entropy after softmax",
            _LOGITS,
        )
        .step(-Derivative(p1, z1) / p1, "derivative of the logarithm")
        .step(p1 - 1, r"the slope of softmax is $p_1 (1 - p_1)$, and $p_1$ cancels")
    )


def tanh_matching() -> Derivation:
    """Derive that the cross-entropy of a tanh output has the slope tanh(z) − y, for targets −1 and 1."""
    # tanh(z) = 2 σ(2z) − 1: σ(2z) is the probability of the target 1, and (1 + y)/2 the target from 0 to 1.
    loss = S.BCEWithLogitsLoss(2 * z, (1 + y) / 2)
    return (
        Derivation(Derivative(loss, z), "The matching loss of tanh", _NEURON | {y: (-1, 1)})
        .step((1 - y) * sigmoid(2 * z) - (1 + y) * sigmoid(-2 * z), r"the slope of softplus is $\sigma$")
        .step(2 * sigmoid(2 * z) - 1 - y, r"$\sigma(-2z) = 1 - \sigma(2z)$")
        .step((exp(z) - exp(-z)) / (exp(z) + exp(-z)) - y, r"times $e^{-z}$ above and below")
    )


def sigmoid_matching() -> Derivation:
    """Derive the matching loss of the sigmoid by integration: it is the cross-entropy of the target 0, less y·z."""
    u = Symbol("u", real=True)
    return (
        Derivation(Integral(exp(u) / (1 + exp(u)) - y, (u, 0, z)), "The matching loss of the sigmoid", _NEURON)
        .step(log(1 + exp(z)) - log(2) - y * z, "integrate")
        .step(
            S.BCELoss(sigmoid(z), y) - log(2),
            r"$\ln\sigma(z) = z - \ln(1 + e^z)$",
        )
    )


def corrected_loss() -> Derivation:
    """Derive that a loss corrected for known flips has, on average over the flips, the value of the true label."""
    right, wrong = (1 - flip) * yes - flip * no, (1 - flip) * no - flip * yes
    domain = {flip: (Rational(1, 20), Rational(9, 20)), yes: (0, 3), no: (0, 3)}
    return (
        Derivation(
            (1 - flip) * right / (1 - 2 * flip) + flip * wrong / (1 - 2 * flip),
            "The corrected loss of a true yes, averaged over the flip",
            domain,
        )
        .step(((1 - flip) ** 2 - flip**2) * yes / (1 - 2 * flip), "multiply out: what has the no cancels")
        .step(yes, r"$(1 - \rho)^2 - \rho^2 = 1 - 2\rho$")
    )
