"""The losses of adversarial networks as formulas, by the names of their NumPy twins in `lossbook.losses`.

Each returns the discriminator's term for a real sample, its term for a made-up one, and the generator's term, as
functions of the sample's score s.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from .primitives import relu, softplus

Terms = tuple[Expr, Expr, Expr]


def MinimaxGANLoss(s: Any) -> Terms:  # noqa: N802
    """−ln σ(s), −ln σ(−s), ln σ(−s)."""
    return softplus(-s), softplus(s), -softplus(s)


def NonSaturatingGANLoss(s: Any) -> Terms:  # noqa: N802
    """−ln σ(s), −ln σ(−s), −ln σ(s)."""
    return softplus(-s), softplus(s), softplus(-s)


def WassersteinGANLoss(s: Any) -> Terms:  # noqa: N802
    """−s, s, −s."""
    return -s, s, -s


def LeastSquaresGANLoss(s: Any, a: Any = 0, b: Any = 1, c: Any = 1) -> Terms:  # noqa: N802
    """½(s − b)², ½(s − a)², ½(s − c)²."""
    return (s - b) ** 2 / 2, (s - a) ** 2 / 2, (s - c) ** 2 / 2


def HingeGANLoss(s: Any) -> Terms:  # noqa: N802
    """max(0, 1 − s), max(0, 1 + s), −s."""
    return relu(1 - s), relu(1 + s), -s


def LossSensitiveGANLoss(real: Any, fake: Any, distance: Any, weight: Any = 1) -> Expr:  # noqa: N802
    """The critic's term for a pair: L(real) + λ max(0, Δ + L(real) − L(fake))."""
    return real + weight * relu(distance + real - fake)
