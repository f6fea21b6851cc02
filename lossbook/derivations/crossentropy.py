"""Derivations of the chapter on cross-entropy; the losses themselves are in `lossbook.symbolic.losses`."""

from __future__ import annotations

from sympy import Derivative, Eq, Integer, Rational, Symbol, exp, log, symbols

from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid
from lossbook.symbolic.probability import z_loss

from .derivation import Derivation
from .saturation import probability

#: Three logits; more classes add terms of the same kind.
z1, z2, z3 = symbols("z1:4", real=True)
#: A shift of all logits, the temperature, a logit that stands alone.
c = Symbol("c", real=True)
T = Symbol("T", positive=True)
z = Symbol("z", real=True)
#: Target probabilities.
t1, t2, t3 = symbols("t1:4", positive=True)
#: Probability of the true class and of each other one.
p, q = symbols("p q", positive=True)
#: Classes, those beside the true one, target of a yes-or-no question, share of a smoothed label for the true class.
K = Symbol("K", positive=True, integer=True)
n = Symbol("n", positive=True)
t = Symbol("t", positive=True)
a = Symbol("a", positive=True)
#: Weight of the z-loss.
lam = Symbol("lambda", positive=True)

_UNIT = (Rational(1, 20), Rational(19, 20))
_LOGITS = {z1: (-4, 4), z2: (-4, 4), z3: (-4, 4), c: (-5, 5), T: (Rational(1, 4), 4)}
_SUM = exp(z1) + exp(z2) + exp(z3)


def shift_invariance() -> Derivation:
    """Derive that softmax does not see a number that is added to all logits."""
    return (
        Derivation(exp(z1 + c) / (exp(z1 + c) + exp(z2 + c) + exp(z3 + c)), "Shift of all logits", _LOGITS)
        .step(exp(z1) * exp(c) / (exp(z1) * exp(c) + exp(z2) * exp(c) + exp(z3) * exp(c)), "a sum in an exponent")
        .step(exp(z1) / _SUM, "the common factor cancels")
    )


def log_softmax() -> Derivation:
    """Derive −ln p of the first of three classes, up to the form that keeps its digits."""
    return (
        Derivation(-log(exp(z1) / _SUM), "The loss of the first class", _LOGITS)
        .step(log(_SUM) - z1, "the logarithm of a quotient")
        .step(log(_SUM * exp(-z1)), r"$z_1 = \ln e^{z_1}$")
        .step(S.CrossEntropyLoss((z1, z2, z3), (1, 0, 0)), "multiply out: only differences are left")
    )


def gradient() -> Derivation:
    """Derive the slope of cross-entropy by a logit, probability minus target; the targets t add up to 1."""
    loss = log(_SUM) - t1 * z1 - t2 * z2 - t3 * z3
    domain = {**_LOGITS, t1: _UNIT, t2: _UNIT, t3: _UNIT}
    return (
        Derivation(Derivative(loss, z1), "The gradient by a logit", domain)
        .step(Derivative(log(_SUM), z1) - t1, r"only $t_1 z_1$ depends on $z_1$")
        .step(Derivative(_SUM, z1) / _SUM - t1, "chain rule")
        .step(exp(z1) / _SUM - t1, r"only $e^{z_1}$ depends on $z_1$")
    )


def softmax_own_slope() -> Derivation:
    """Derive the slope of a class's probability by its own logit."""
    p1 = probability(1, z1, z2, z3)
    return (
        Derivation(Derivative(exp(z1) / _SUM, z1), "A probability, by its own logit", _LOGITS)
        .step((exp(z1) * _SUM - exp(z1) * exp(z1)) / _SUM**2, "quotient rule")
        .step(exp(z1) / _SUM * (1 - exp(z1) / _SUM), "take out the fraction")
        .step(p1 * (1 - p1), "the fraction is $p_1$")
    )


def softmax_other_slope() -> Derivation:
    """Derive the slope of a class's probability by the logit of another class."""
    p1, p2 = (probability(k, z1, z2, z3) for k in (1, 2))
    return (
        Derivation(Derivative(exp(z1) / _SUM, z2), "A probability, by another logit", _LOGITS)
        .step(-exp(z1) * exp(z2) / _SUM**2, "only the sum depends on $z_2$")
        .step(-p1 * p2, "two fractions")
    )


def z_loss_gradient() -> Derivation:
    """Derive the slope of the z-loss by a logit: it pulls every logit in the same direction, by its probability."""
    return (
        Derivation(Derivative(z_loss((z1, z2, z3), lam), z1), "The gradient of the z-loss", {**_LOGITS, lam: _UNIT})
        .step(2 * lam * log(_SUM) * Derivative(log(_SUM), z1), "chain rule for the square")
        .step(2 * lam * log(_SUM) * probability(1, z1, z2, z3), "the slope of the logarithm is $p_1$, as above")
    )


def gradient_with_temperature() -> Derivation:
    """Derive the same slope where the logits are divided by T first."""
    powers = exp(z1 / T) + exp(z2 / T) + exp(z3 / T)
    return (
        Derivation(Derivative(log(powers) - z1 / T, z1), "The gradient at a temperature", _LOGITS)
        .step(Derivative(powers, z1) / powers - 1 / T, "chain rule for the logarithm")
        .step(exp(z1 / T) / (T * powers) - 1 / T, "chain rule for the power")
        .step((exp(z1 / T) / powers - 1) / T, "take out the factor")
    )


def double_softmax_floor() -> Derivation:
    """Derive the loss of a perfect p = (1, 0, …, 0) that goes through a second softmax."""
    domain = {K: (2, 1000), p: _UNIT, q: _UNIT}
    return (
        Derivation(-log(exp(p) / (exp(p) + (K - 1) * exp(q))), "Softmax of a perfect answer", domain)
        .step(log(exp(p) + (K - 1) * exp(q)) - p, "the logarithm of a quotient")
        .substitute({p: Integer(1), q: Integer(0)}, "a perfect answer: $p = 1$, the others $q = 0$")
    )


def smoothing_minimum() -> Derivation:
    """Derive the logit at which smoothed cross-entropy is lowest; the n other logits are 0."""
    loss = log(exp(z) + n) - a * z
    return (
        Derivation(Eq(Derivative(loss, z), 0), "The minimum with smoothed labels", {n: (1, 50), a: _UNIT, z: (-4, 4)})
        .step(Eq(exp(z) / (exp(z) + n) - a, 0), "derivative of each term")
        .step(Eq(exp(z) - a * (exp(z) + n), 0), "times the denominator, which is not zero")
        .step(Eq((1 - a) * exp(z) - a * n, 0), "collect the powers")
        .step(Eq(exp(z), a * n / (1 - a)), "divide by what is not zero")
    )


def binary_loss() -> Derivation:
    """Derive the loss of a yes-or-no question from the logit alone, as it can be computed."""
    s = sigmoid(z)
    return (
        Derivation(S.BCELoss(s, t), "Binary cross-entropy", {z: (-6, 6), t: _UNIT})
        .step(t * log(1 + exp(-z)) - (1 - t) * log(1 - s), r"$\sigma(z) = 1/(1 + e^{-z})$")
        .step(t * log(1 + exp(-z)) + (1 - t) * log(1 + exp(z)), r"$1 - \sigma(z) = \sigma(-z)$")
    )


def binary_gradient() -> Derivation:
    """Derive its slope, again probability minus target."""
    return (
        Derivation(Derivative(S.BCEWithLogitsLoss(z, t), z), "Its slope", {z: (-6, 6), t: _UNIT})
        .step(-t * sigmoid(-z) + (1 - t) * sigmoid(z), r"the slope of softplus is $\sigma$")
        .step(-t * (1 - sigmoid(z)) + (1 - t) * sigmoid(z), r"$\sigma(-z) = 1 - \sigma(z)$")
        .step(sigmoid(z) - t, "multiply out")
    )


def two_classes() -> Derivation:
    """Derive that softmax of the logits z and 0 is the sigmoid of z."""
    return (
        Derivation(exp(z) / (exp(z) + exp(0)), "Two classes", {z: (-6, 6)})
        .step(1 / (1 + exp(-z)), r"divide by $e^z$")
        .step(sigmoid(z), "the sigmoid")
    )
