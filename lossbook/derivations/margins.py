"""Classification losses: best predictions, AdaBoost's weight, the pull of focal loss and of distillation, derived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Derivative, Eq, Expr, Rational, Symbol, cos, exp, log

from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid

from .derivation import Derivation
from .saturation import output, probability

#: Prediction, chance of the label 1, forecast probability.
f = Symbol("f", real=True)
eta = Symbol("eta", positive=True)
q = Symbol("q", positive=True)
#: Share of mistakes of a weak classifier, and its weight.
epsilon = Symbol("epsilon", positive=True)
a = Symbol("alpha", real=True)
#: Logit, focus, temperature, angle.
z = Symbol("z", real=True)
gamma = Symbol("gamma", positive=True)
T = Symbol("T", positive=True)
theta = Symbol("theta", positive=True)
#: Logits of three classes, and the teacher's probabilities of the first two.
z1, z2, z3 = sympy.symbols("z1 z2 z3", real=True)
t1, t2 = sympy.symbols("t1 t2", positive=True)
#: Slopes of a loss at p and at 1 − p.
at_p, at_rest = Symbol(r"\ell'(p)", negative=True), Symbol(r"\ell'(1 - p)", negative=True)
#: Rewards of two answers; chance of one under a model and under its reference, strength of the tie, a normaliser.
r1, r2 = sympy.symbols("r1 r2", real=True)
p1, q1 = sympy.symbols("p1 q1", positive=True)
beta, Z = sympy.symbols("beta Z", positive=True)

_UNIT = (Rational(1, 20), Rational(19, 20))
_RISK = {eta: _UNIT, f: (-3, 3)}
_LOGITS: dict[Symbol, tuple[Any, Any]] = {symbol: (-3, 3) for symbol in (z1, z2, z3)}


def risk(loss: Callable[[Any], Expr], at: Any) -> Expr:
    """Return the expectation of a loss of the margin, where the label is 1 with the chance η, else −1."""
    return eta * loss(at) + (1 - eta) * loss(-at)


def binary_labels() -> Derivation:
    """Derive that the logistic loss of the margin is the cross-entropy of a sigmoid: −ln σ(f) for the label 1."""
    return (
        Derivation(S.BCELoss(sigmoid(f), 1), "Cross-entropy of the label 1, by the prediction f", _RISK)
        .step(-log(1 / (1 + exp(-f))), r"the sigmoid written out")
        .step(log(1 + exp(-f)), "minus the logarithm of a fraction turns it over")
    )


def logistic_minimiser() -> Derivation:
    """Derive the best prediction under the logistic loss: its sigmoid is the chance of the label 1."""
    return (
        Derivation(Derivative(risk(S.LogisticLoss, f), f), "The slope of the expected logistic loss", _RISK)
        .step(-eta * sigmoid(-f) + (1 - eta) * sigmoid(f), r"the slope of $\ln(1 + e^x)$ is $\sigma$")
        .step(-eta * (1 - sigmoid(f)) + (1 - eta) * sigmoid(f), r"$\sigma(-f) = 1 - \sigma(f)$")
        .step(sigmoid(f) - eta, "multiply out")
    )


def exponential_minimiser() -> Derivation:
    """Derive the slope of the expected exponential loss: zero where σ(2f) is the chance of the label 1."""
    return (
        Derivation(Derivative(risk(S.ExponentialLoss, f), f), "The slope of the expected exponential loss", _RISK)
        .step(-eta * exp(-f) + (1 - eta) * exp(f), "derivative of each power")
        .step((exp(f) + exp(-f)) * (exp(2 * f) / (1 + exp(2 * f)) - eta), "take out the sum of both powers")
        .step((exp(f) + exp(-f)) * (sigmoid(2 * f) - eta), "the fraction is a sigmoid")
    )


def squared_minimiser() -> Derivation:
    """Derive the slope of the expected squared loss of the margin: zero at 2η − 1."""
    return (
        Derivation(Derivative(risk(lambda m: S.MSELoss(1 - m), f), f), "The slope of the expected squared loss", _RISK)
        .step(-2 * eta * (1 - f) + 2 * (1 - eta) * (1 + f), "derivative of each square")
        .step(2 * (f - (2 * eta - 1)), "multiply out")
    )


def hinge_minimiser() -> Derivation:
    """Derive the expected hinge loss between −1 and 1: a straight line, so its minimum lies at an end."""
    return (
        Derivation(eta * (1 - f) + (1 - eta) * (1 + f), "The expected hinge loss for −1 ≤ f ≤ 1", _RISK)
        .step(1 + f * ((1 - eta) - eta), "multiply out")
        .step(1 - (2 * eta - 1) * f, "collect")
    )


def adaboost_weight() -> Derivation:
    """Derive AdaBoost's weight of a weak classifier that is wrong with the share ε of the weights."""
    return (
        Derivation(
            Eq(Derivative((1 - epsilon) * S.ExponentialLoss(a) + epsilon * S.ExponentialLoss(-a), a), 0),
            "The weight that makes the exponential loss smallest",
            {epsilon: _UNIT, a: (-2, 2)},
        )
        .step(Eq(-(1 - epsilon) * exp(-a) + epsilon * exp(a), 0), "derivative of each power")
        .step(Eq(exp(2 * a), (1 - epsilon) / epsilon), r"times $e^{\alpha}/\varepsilon$")
    )


def focal_gradient() -> Derivation:
    """Derive the slope of −(1 − p)^γ ln p by the logit of p."""
    p = output(z)
    return (
        Derivation(
            Derivative(-((1 - p) ** gamma) * log(p), z),
            "The pull of the focal loss; a is the probability of the true class",
            {z: (-3, 3), gamma: (Rational(1, 2), 4)},
        )
        .step((gamma * (1 - p) ** (gamma - 1) * log(p) - (1 - p) ** gamma / p) * Derivative(p, z), "product rule")
        .step((1 - p) ** gamma * (gamma * p * log(p) - (1 - p)), r"$\sigma' = \sigma(1 - \sigma)$")
    )


def distillation_gradient() -> Derivation:
    """Derive the gradient of T² Σ tₖ (ln tₖ − ln sₖ) by a student's logit."""
    s1, s2, s3 = (probability(k, z1 / T, z2 / T, z3 / T) for k in (1, 2, 3))
    t3 = 1 - t1 - t2
    cost = -t1 * log(s1) - t2 * log(s2) - t3 * log(s3)
    domain = _LOGITS | {t1: (Rational(1, 20), Rational(9, 20)), t2: (Rational(1, 20), Rational(9, 20))}
    return (
        Derivation(
            Derivative(T**2 * cost, z1),
            "The gradient of distillation; p stands for the student's softened probabilities",
            domain | {T: (Rational(1, 2), 5)},
        )
        .step(
            -T * (t1 * (1 - s1) - t2 * s1 - t3 * s1),
            r"the slope of $\ln p_k$ by $z_1/T$ is $1 - p_1$ for $k = 1$, else $-p_1$",
        )
        .step(T * (s1 - t1), r"$t_1 + t_2 + t_3 = 1$")
    )


def brier_parts() -> Derivation:
    """Derive that the expected Brier score is the squared distance from the truth and a rest without the forecast."""
    return (
        Derivation(
            eta * S.BrierLoss((q, 1 - q), (1, 0)) + (1 - eta) * S.BrierLoss((q, 1 - q), (0, 1)),
            "The expected Brier score of the forecast q",
            {eta: _UNIT, q: _UNIT},
        )
        .step(2 * (eta - 2 * eta * q + q**2), "multiply out")
        .step(2 * (q - eta) ** 2 + 2 * eta * (1 - eta), "complete the square")
    )


def focal_reading() -> Derivation:
    """Derive which chance a best probability p tells, from the slopes of the loss at p and at 1 − p."""
    return (
        Derivation(
            Eq(eta * at_p - (1 - eta) * at_rest, 0),
            "The slope of the expected loss vanishes",
            {eta: _UNIT, at_p: (-3, Rational(-1, 3)), at_rest: (-3, Rational(-1, 3))},
        )
        .step(Eq(eta * (at_p + at_rest), at_rest), "collect what has η")
        .step(Eq(eta, at_rest / (at_p + at_rest)), "divide by the sum")
    )


def log_score_tangent() -> Derivation:
    """Derive that the tangent of the entropy at q is the expected log loss of the forecast q."""
    entropy = -q * log(q) - (1 - q) * log(1 - q)
    return (
        Derivation(
            entropy + (eta - q) * Derivative(entropy, q), "The tangent of the entropy at q", {eta: _UNIT, q: _UNIT}
        )
        .step(entropy + (eta - q) * log((1 - q) / q), "the slope of the entropy")
        .step(eta * S.BCELoss(q, 1) + (1 - eta) * S.BCELoss(q, 0), "collect: the expected log loss of q")
    )


def brier_tangent() -> Derivation:
    """Derive the same of the Brier score: its entropy is 2q(1 − q), known as Gini's impurity."""
    impurity = 2 * q * (1 - q)
    score = eta * S.BrierLoss((q, 1 - q), (1, 0)) + (1 - eta) * S.BrierLoss((q, 1 - q), (0, 1))
    return (
        Derivation(
            impurity + (eta - q) * Derivative(impurity, q), "The tangent of 2q(1 − q) at q", {eta: _UNIT, q: _UNIT}
        )
        .step(impurity + (eta - q) * (2 - 4 * q), "the slope of the product")
        .step(score, "collect: the expected Brier score of q")
    )


def preference() -> Derivation:
    """Derive that a chosen answer's negative log-likelihood under Bradley and Terry is a loss of the difference."""
    share = exp(r1 - r2) / (exp(r1 - r2) + exp(0))
    return (
        Derivation(-log(share), "Answer 1 was preferred to answer 2", {r1: (-3, 3), r2: (-3, 3)})
        .step(-log(sigmoid(r1 - r2)), "softmax of a difference and 0 is the sigmoid")
        .step(log(1 + exp(r2 - r1)), "minus the logarithm of a fraction turns it over")
        .step(S.LogisticLoss(r1 - r2), "the logistic loss of a margin")
    )


def implied_reward() -> Derivation:
    """Derive the reward that a model tied to a reference implies, up to a number that is the same for all answers."""
    return (
        Derivation(
            beta * log(p1 / q1),
            "What the best model p for a reward says of it; q is the reference",
            {beta: (Rational(1, 2), 2), p1: _UNIT, q1: _UNIT, r1: (-2, 2)},
        )
        .substitute({p1: q1 * exp(r1 / beta) / Z}, r"that model has $p_1 = q_1 e^{r_1/\beta} / Z$")
        .step(r1 - beta * log(Z), r"$\beta \ln e^{r_1/\beta} = r_1$")
    )


def doubled_angle() -> Derivation:
    """Derive the cosine of the doubled angle from the cosine alone, as large-margin softmax with m = 2 needs it."""
    return (
        Derivation(cos(2 * theta), "The doubled angle", {theta: (0, 3)})
        .step(cos(theta) ** 2 - sympy.sin(theta) ** 2, "addition theorem")
        .step(2 * cos(theta) ** 2 - 1, r"$\sin^2\theta = 1 - \cos^2\theta$")
    )
