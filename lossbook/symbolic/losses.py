"""The losses as formulas, by the names of their NumPy twins in `lossbook.losses`.

A regression loss is a function of the residual r = ŷ − y; its gradient is the derivative by r.
A margin loss is a function of the margin m = y f. The others are functions of prediction and target.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Abs, Expr, Max, Piecewise, exp, log, oo, sqrt, sympify

from .primitives import expm1, log1p, logcosh, pow1pm1, relu, sigmoid, softplus, xlogy
from .probability import log_softmax


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
    return delta**2 * pow1pm1((r / delta) ** 2, sympy.S.Half)


def LogCoshLoss(r: Any) -> Expr:  # noqa: N802
    """The logarithm of cosh r."""
    return logcosh(r)


def QuantileLoss(r: Any, q: Any) -> Expr:  # noqa: N802
    """(1 − q) r where the prediction is too high, −q r where it is too low."""
    return Piecewise(((1 - q) * r, r > 0), (-q * r, r < 0), (0, True))  # the slope is 0 at the kink


def EpsilonInsensitiveLoss(r: Any, epsilon: Any) -> Expr:  # noqa: N802
    """|r| − ε, and 0 inside ±ε."""
    return relu(Abs(r) - epsilon)


def CauchyLoss(r: Any, c: Any = 1) -> Expr:  # noqa: N802
    """(c²/2) ln(1 + (r/c)²)."""
    return c**2 / 2 * log1p((r / c) ** 2)


def TukeyBiweightLoss(r: Any, c: Any) -> Expr:  # noqa: N802
    """(c²/6)(1 − (1 − (r/c)²)³) inside ±c, c²/6 outside."""
    return Piecewise((-(c**2) / 6 * pow1pm1(-((r / c) ** 2), 3), Abs(r) <= c), (c**2 / 6, True))


def GeneralRobustLoss(r: Any, alpha: Any = 1, c: Any = 1) -> Expr:  # noqa: N802
    """Barron's family, (b/α)((u²/b + 1)^(α/2) − 1) with u = r/c and b = |α − 2|, and its limits."""
    alpha, half = sympify(alpha), (r / sympify(c)) ** 2 / 2
    if alpha in (oo, -oo):
        return expm1(half) if alpha == oo else -expm1(-half)
    b = Abs(alpha - 2)
    general = b / alpha * pow1pm1(2 * half / b, alpha / 2)
    return Piecewise((half, sympy.Eq(alpha, 2)), (log1p(half), sympy.Eq(alpha, 0)), (general, True))


def NLLLoss(log_p: Sequence[Any], target: int, weight: Sequence[Any] | None = None) -> Expr:  # noqa: N802
    """Minus the log-probability of the target class, times its weight: the term of one row."""
    return -sympify(1 if weight is None else weight[target]) * log_p[target]


def CrossEntropyLoss(  # noqa: N802
    logits: Sequence[Any], targets: Sequence[Any], weight: Sequence[Any] | None = None, temperature: Any = 1
) -> Expr:
    """−Σ w_k t_k ln p_k with p the softmax of the logits over the temperature: the term of one row."""
    z = [sympify(logit) / temperature for logit in logits]
    weights = [1] * len(z) if weight is None else weight
    return -sympy.Add(*(sympify(w) * t * s for w, t, s in zip(weights, targets, log_softmax(z), strict=True)))


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
    return relu(margin - m)


def SquaredHingeLoss(m: Any, margin: Any = 1) -> Expr:  # noqa: N802
    """The square of the hinge."""
    return relu(margin - m) ** 2


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


def RMSELoss(residuals: Sequence[Any]) -> Expr:  # noqa: N802
    """√(mean r²)."""
    return sqrt(sympy.Add(*(r**2 for r in residuals)) / len(residuals))


def AdaptiveRobustLoss(r: Any, alpha: Any = 1, c: Any = 1) -> Expr:  # noqa: N802
    """ρ(r, α, c) + ln c + ln Z(α), with Z(α) the integral of exp(−ρ(x, α, 1)) over the real line."""
    x = sympy.Dummy("x", real=True)
    closed = {sympy.Integer(0): sqrt(2) * sympy.pi, sympy.Integer(2): sqrt(2 * sympy.pi)}
    closed[sympy.Integer(1)] = 2 * sympy.E * sympy.besselk(1, 1)
    shape = sympify(alpha)
    z = closed.get(shape, sympy.Integral(exp(-GeneralRobustLoss(x, alpha)), (x, -oo, oo)))
    return GeneralRobustLoss(r, alpha, c) + log(c) + log(z)


def SoftmaxFocalLoss(  # noqa: N802
    logits: Sequence[Any], target: int, gamma: Any = 2, alpha: Sequence[Any] | None = None
) -> Expr:
    """−α_y (1 − p_y)^γ ln p_y with p the softmax of the logits; 1 − p_y is the share of the others."""
    weight = 1 if alpha is None else alpha[target]
    return sympify(weight) * _doubt(logits, target) ** gamma * _cost(logits, target)


def Poly1Loss(logits: Sequence[Any], target: int, epsilon: Any = 1, weight: Any = 1) -> Expr:  # noqa: N802
    """−ln p_y + ε (1 − p_y) with p the softmax of the logits."""
    return sympify(weight) * (_cost(logits, target) + epsilon * _doubt(logits, target))


def lowered_cosine(cosine: Any, margin: int) -> Expr:
    """(−1)^j cos(mθ) − 2j, where mθ lies between jπ and (j + 1)π: what large-margin softmax has in place of cos θ."""
    pieces = [
        ((-1) ** j * sympy.chebyshevt(margin, cosine) - 2 * j, cosine >= sympy.cos(sympy.pi * (j + 1) / margin))
        for j in range(margin - 1)
    ]
    last = margin - 1
    return Piecewise(*pieces, ((-1) ** last * sympy.chebyshevt(margin, cosine) - 2 * last, True))


def LargeMarginSoftmaxLoss(  # noqa: N802
    features: Sequence[Any], class_vectors: Sequence[Sequence[Any]], target: int, margin: int = 2
) -> Expr:
    """Cross-entropy of W_k·x, where for the right class cos θ is replaced by (−1)^j cos(mθ) − 2j."""

    def dot(a: Sequence[Any], b: Sequence[Any]) -> Expr:
        return sympy.Add(*(sympify(one) * other for one, other in zip(a, b, strict=True)))

    own = class_vectors[target]
    size, length = sqrt(dot(own, own)), sqrt(dot(features, features))
    cosine = dot(own, features) / (size * length)
    logits = [dot(vector, features) for vector in class_vectors]
    logits[target] = size * length * lowered_cosine(cosine, margin)
    return _cost(logits, target)


def DistillationLoss(  # noqa: N802
    logits: Sequence[Any], teacher: Sequence[Any], temperature: Any = 1, scaled: bool = True
) -> Expr:
    """T² Σ t_k (ln t_k − ln s_k), t and s the softmax of the teacher's logits and of these, over T."""
    s, t = ([sympify(z) / temperature for z in row] for row in (logits, teacher))
    total = sympy.Add(*(exp(-_cost(t, k)) * (_cost(s, k) - _cost(t, k)) for k in range(len(s))))
    return temperature**2 * total if scaled else total


def MultiMarginLoss(  # noqa: N802
    scores: Sequence[Any], target: int, p: int = 1, margin: Any = 1, weight: Any = 1, form: str = "weston-watkins"
) -> Expr:
    """Powers of max(0, margin − x_y + x_k), k ≠ y: their sum over the number of classes, or the largest."""
    missing = [relu(margin - scores[target] + other) ** p for k, other in enumerate(scores) if k != target]
    total = sympy.Add(*missing) / len(scores) if form == "weston-watkins" else Max(*missing)
    return sympify(weight) * total


def GaussianNLLLoss(mean: Any, log_variance: Any, target: Any) -> Expr:  # noqa: N802
    """½ (s + (ŷ − y)² exp(−s)), s the logarithm of the variance."""
    return (log_variance + (mean - target) ** 2 * exp(-log_variance)) / 2


def BinnedCrossEntropyLoss(  # noqa: N802
    logits: Sequence[Any], target: Any, edges: Sequence[Any], sigma: Any = 0
) -> Expr:
    """Cross-entropy of the logits against the share of each bin in a normal distribution around the target."""
    bins = list(zip(edges[:-1], edges[1:], strict=True))
    if sigma == 0:
        inside = [low <= target < high for low, high in bins]
        return _cost(logits, inside.index(True) if True in inside else len(bins) - 1)

    def upper_tail(edge: Any) -> Expr:
        return sympy.erfc((edge - target) / (sigma * sqrt(2)))

    masses = [upper_tail(low) - upper_tail(high) for low, high in bins]
    return sympy.Add(*(mass / sympy.Add(*masses) * _cost(logits, k) for k, mass in enumerate(masses)))


def PerceptualLoss(  # noqa: N802
    features: Sequence[Sequence[Any]], targets: Sequence[Sequence[Any]], weights: Sequence[Any] | None = None
) -> Expr:
    """Σ w_j/(C_j H_j W_j) Σ (φ_j(ŷ) − φ_j(y))²: each layer is the flat list of its C·H·W features."""
    shares = [1] * len(features) if weights is None else weights
    return sympy.Add(
        *(
            sympify(w) / len(ours) * sympy.Add(*((a - b) ** 2 for a, b in zip(ours, theirs, strict=True)))
            for w, ours, theirs in zip(shares, features, targets, strict=True)
        )
    )


def _cost(logits: Sequence[Any], target: int) -> Expr:
    """−ln p of the target."""
    return -log_softmax(logits)[target]


def _doubt(logits: Sequence[Any], target: int) -> Expr:
    """1 − p of the target: the share of all others."""
    powers = [exp(sympify(other) - logits[target]) for other in logits]
    return sympy.Add(*(power for k, power in enumerate(powers) if k != target)) / sympy.Add(*powers)
