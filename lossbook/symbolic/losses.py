"""The losses as formulas, by the names of their NumPy twins in `lossbook.losses`.

A regression loss is a function of the residual r = ŷ − y; its gradient is the derivative by r.
A margin loss is a function of the margin m = y f. The others are functions of prediction and target.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Abs, Expr, Max, Piecewise, cosh, exp, log, oo, sqrt, sympify

from .primitives import logsumexp, sigmoid, softplus, xlogy


def L1Loss(r: Any) -> Expr:  # noqa: N802
    """Absolute error, |r|."""
    return Abs(r)


def MSELoss(r: Any, half: bool = False) -> Expr:  # noqa: N802
    """Squared error, r², or half of it."""
    return r**2 / 2 if half else r**2


def SmoothL1Loss(r: Any, beta: Any = 1) -> Expr:  # noqa: N802
    """r²/(2β) inside ±β, |r| − β/2 outside; |r| for β = 0."""
    if sympify(beta) == 0:
        return Abs(r)
    return Piecewise((r**2 / (2 * beta), Abs(r) < beta), (Abs(r) - beta / 2, True))


def HuberLoss(r: Any, delta: Any = 1) -> Expr:  # noqa: N802
    """r²/2 inside ±δ, δ(|r| − δ/2) outside."""
    return Piecewise((r**2 / 2, Abs(r) <= delta), (delta * (Abs(r) - delta / 2), True))


def PseudoHuberLoss(r: Any, delta: Any = 1) -> Expr:  # noqa: N802
    """δ²(√(1 + (r/δ)²) − 1)."""
    return delta**2 * (sqrt(1 + (r / delta) ** 2) - 1)


def LogCoshLoss(r: Any) -> Expr:  # noqa: N802
    """The logarithm of cosh r."""
    return log(cosh(r))


def QuantileLoss(r: Any, q: Any) -> Expr:  # noqa: N802
    """(1 − q) r where the prediction is too high, −q r where it is too low."""
    return Max((1 - q) * r, -q * r)


def EpsilonInsensitiveLoss(r: Any, epsilon: Any) -> Expr:  # noqa: N802
    """|r| − ε, and 0 inside ±ε."""
    return Max(0, Abs(r) - epsilon)


def CauchyLoss(r: Any, c: Any = 1) -> Expr:  # noqa: N802
    """(c²/2) ln(1 + (r/c)²)."""
    return c**2 / 2 * log(1 + (r / c) ** 2)


def TukeyBiweightLoss(r: Any, c: Any) -> Expr:  # noqa: N802
    """(c²/6)(1 − (1 − (r/c)²)³) inside ±c, c²/6 outside."""
    return Piecewise((c**2 / 6 * (1 - (1 - (r / c) ** 2) ** 3), Abs(r) <= c), (c**2 / 6, True))


def GeneralRobustLoss(r: Any, alpha: Any = 1, c: Any = 1) -> Expr:  # noqa: N802
    """Barron's family, (b/α)((u²/b + 1)^(α/2) − 1) with u = r/c and b = |α − 2|, and its limits."""
    alpha, half = sympify(alpha), (r / sympify(c)) ** 2 / 2
    limits = {sympy.Integer(2): half, sympy.Integer(0): log(1 + half), oo: exp(half) - 1, -oo: 1 - exp(-half)}
    if alpha in limits:
        return limits[alpha]
    b = Abs(alpha - 2)
    general = b / alpha * ((2 * half / b + 1) ** (alpha / 2) - 1)
    if alpha.is_number:
        return general
    return Piecewise((half, sympy.Eq(alpha, 2)), (log(1 + half), sympy.Eq(alpha, 0)), (general, True))


def NLLLoss(log_p: Sequence[Any], target: int, weight: Sequence[Any] | None = None) -> Expr:  # noqa: N802
    """Minus the log-probability of the target class, times its weight: the term of one row."""
    return -sympify(1 if weight is None else weight[target]) * log_p[target]


def CrossEntropyLoss(  # noqa: N802
    logits: Sequence[Any], targets: Sequence[Any], weight: Sequence[Any] | None = None, temperature: Any = 1
) -> Expr:
    """−Σ w_k t_k ln p_k with p the softmax of the logits over the temperature: the term of one row."""
    z = [sympify(logit) / temperature for logit in logits]
    weights = [1] * len(z) if weight is None else weight
    # −ln p_k = ln Σ exp(z_j − z_k)
    return sympy.Add(
        *(
            sympify(w) * t * logsumexp(*(other - own for other in z))
            for w, t, own in zip(weights, targets, z, strict=True)
        )
    )


def BCEWithLogitsLoss(x: Any, t: Any, pos_weight: Any = 1) -> Expr:  # noqa: N802
    """W t ln(1 + e^−x) + (1 − t) ln(1 + e^x)."""
    return pos_weight * t * softplus(-x) + (1 - t) * softplus(x)


def BCELoss(p: Any, t: Any) -> Expr:  # noqa: N802
    """−t ln p − (1 − t) ln(1 − p)."""
    return -xlogy(t, p) - xlogy(1 - t, 1 - p)


def ZeroOneLoss(m: Any) -> Expr:  # noqa: N802
    """1 for a margin of at most 0, else 0."""
    return Piecewise((1, m <= 0), (0, True))


def HingeLoss(m: Any, margin: Any = 1) -> Expr:  # noqa: N802
    """What is missing from the margin, and 0 beyond it."""
    return Max(0, margin - m)


def SquaredHingeLoss(m: Any, margin: Any = 1) -> Expr:  # noqa: N802
    """The square of the hinge."""
    return Max(0, margin - m) ** 2


def ExponentialLoss(m: Any) -> Expr:  # noqa: N802
    """exp(−m)."""
    return exp(-m)


def LogisticLoss(m: Any) -> Expr:  # noqa: N802
    """ln(1 + e^−m)."""
    return softplus(-m)


def SigmoidFocalLoss(x: Any, t: int, gamma: Any = 2, alpha: Any = None) -> Expr:  # noqa: N802
    """α_t σ(−s)^γ ln(1 + e^−s), with s = x for the target 1 and −x for 0."""
    s = x if t else -x
    weight = 1 if alpha is None else (alpha if t else 1 - alpha)
    return weight * sigmoid(-s) ** gamma * softplus(-s)


def KLDivLoss(log_q: Sequence[Any], p: Sequence[Any]) -> Expr:  # noqa: N802
    """Σ p (ln p − ln q): the sum of one row's entries."""
    return sympy.Add(*(xlogy(target, target) - target * belief for belief, target in zip(log_q, p, strict=True)))


def BrierLoss(p: Sequence[Any], t: Sequence[Any]) -> Expr:  # noqa: N802
    """Σ (p − t)²: the term of one row."""
    return sympy.Add(*((predicted - target) ** 2 for predicted, target in zip(p, t, strict=True)))
