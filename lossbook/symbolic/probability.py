"""Probabilities as formulas: softmax, likelihoods, entropy and divergence, stable where they are computed.

The numbers are in `lossbook.functions`, `lossbook.likelihood` and `lossbook.information`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy import Abs, Expr, Rational, UnevaluatedExpr, exp, log, pi, sqrt, sympify

from .primitives import expm1, logsumexp, xlogy

#: √(2π); SymPy would write it as √2 √π, held back it stays as every book has it.
ROOT = sqrt(UnevaluatedExpr(2 * pi))


def logit(p: Any) -> Expr:
    """Return ln(p/(1 − p)), the inverse of the sigmoid."""
    return log(p / (1 - p))


def logit_of_share(share: Any, others: Sequence[Any] = ()) -> Expr:
    """Return the logit that gives a class the share beside the other logits, or a sigmoid the chance.

    The share is kept from 0.0001 to 0.9999: the logits of 0 and 1 are infinite.
    """
    kept = sympy.Max(Rational(1, 10**4), sympy.Min(Rational(9999, 10**4), share))
    return logit(kept) + (logsumexp(*(sympify(z) for z in others)) if others else 0)


def log_softmax(logits: Sequence[Any]) -> list[Expr]:
    """Return −ln Σ exp(z_j − z_k): unlike z_k − ln Σ exp(z_j) it keeps its digits where p is nearly 1."""
    return [-logsumexp(*(sympify(other) - own for other in logits)) for own in logits]


def z_loss(logits: Sequence[Any], weight: Any) -> Expr:
    """Return λ (ln Σ exp z_j)²: softmax does not see a shift of the logits, and this term does."""
    return weight * logsumexp(*map(sympify, logits)) ** 2


def softmax(logits: Sequence[Any]) -> list[Expr]:
    """Return exp(z_k) / Σ exp(z_j)."""
    return [exp(log_p) for log_p in log_softmax(logits)]


def softmax_errors(logits: Sequence[Any], target: int) -> list[Expr]:
    """Return softmax less its target, which is 1 for one class: nothing cancels where p is nearly 1."""
    return [expm1(log_p) if k == target else exp(log_p) for k, log_p in enumerate(log_softmax(logits))]


def coin(theta: Any, N: Any, N1: Any) -> Expr:
    """Likelihood of a sequence of N tosses with N1 heads: θ^N1 (1 − θ)^(N − N1)."""
    return theta**N1 * (1 - theta) ** (N - N1)


def coin_log(theta: Any, N: Any, N1: Any) -> Expr:
    """Logarithm of `coin`; what never came up adds 0, even at θ = 0 or 1."""
    return xlogy(N1, theta) + xlogy(N - N1, 1 - theta)


def gaussian(r: Any, sigma: Any = 1) -> Expr:
    """Density of normal noise r with standard deviation σ."""
    return exp(-(r**2) / (2 * sigma**2)) / (ROOT * sigma)


def laplace(r: Any, b: Any) -> Expr:
    """Density of Laplace noise r with scale b."""
    return exp(-Abs(r) / b) / (2 * b)


def entropy(p: Sequence[Any]) -> Expr:
    """−Σ p ln p, where what never happens adds 0."""
    return -sympy.Add(*(xlogy(share, share) for share in p))


def cross_entropy(p: Sequence[Any], q: Sequence[Any]) -> Expr:
    """−Σ p ln q."""
    return -sympy.Add(*(xlogy(share, belief) for share, belief in zip(p, q, strict=True)))


def kl_divergence(p: Sequence[Any], q: Sequence[Any]) -> Expr:
    """Kullback–Leibler divergence, Σ p ln(p/q)."""
    return sympy.Add(*(xlogy(share, share / belief) for share, belief in zip(p, q, strict=True)))


def js_divergence(p: Sequence[Any], q: Sequence[Any]) -> Expr:
    """Jensen–Shannon divergence: half the divergences of both from their mean."""
    rows = list(zip(p, q, strict=True))
    return sympy.Add(*(xlogy(a, 2 * a / (a + b)) + xlogy(b, 2 * b / (a + b)) for a, b in rows)) / 2


def kl_normal(m1: Any, s1: Any, m2: Any, s2: Any) -> Expr:
    """Divergence of the normal N(m1, s1²) from N(m2, s2²)."""
    return log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - Rational(1, 2)


#: The convex function of each divergence Σ q f(p/q), shifted by a multiple of t − 1, which adds nothing to the sum:
#: each is 0 at t = 1 and nowhere below.
GENERATORS: dict[str, Callable[[Any], Expr]] = {
    "D(p‖q)": lambda t: t * log(t) - t + 1,
    "D(q‖p)": lambda t: t - 1 - log(t),
    "Jensen–Shannon": lambda t: (t * log(t) - (1 + t) * log((1 + t) / 2)) / 2,
    "total variation": lambda t: Abs(t - 1) / 2,
    "χ²": lambda t: (t - 1) ** 2,
    "squared Hellinger": lambda t: (sqrt(t) - 1) ** 2 / 2,
}


def f_divergence(f: Callable[[Any], Expr], p: Sequence[Any], q: Sequence[Any]) -> Expr:
    """Σ q f(p/q) for a convex function f."""
    return sympy.Add(*(belief * f(share / belief) for share, belief in zip(p, q, strict=True)))
