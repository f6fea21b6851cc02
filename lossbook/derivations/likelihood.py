"""Derivations of the chapter on likelihood; the likelihoods themselves are in `lossbook.symbolic.probability`."""

from __future__ import annotations

from sympy import Derivative, Eq, Rational, Symbol, log, pi

from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid
from lossbook.symbolic.probability import ROOT, coin, coin_log, gaussian, laplace

from .derivation import Derivation

#: Probability of heads, strictly between the certain coins.
theta = Symbol("theta", positive=True)
#: Tosses, and heads among them.
N = Symbol("N", positive=True, integer=True)
N1 = Symbol("N1", positive=True, integer=True)
#: A residual, and the width of the noise.
r = Symbol("r", real=True)
sigma = Symbol("sigma", positive=True)
b = Symbol("b", positive=True)

#: Share of heads, and the logit.
f = Symbol("f", positive=True)
z = Symbol("z", real=True)

_SHARE = {theta: (Rational(1, 100), Rational(99, 100)), f: (Rational(1, 20), Rational(19, 20)), z: (-4, 4)}
_COIN = {theta: (Rational(1, 100), Rational(99, 100)), N: (2, 60), N1: (1, N - 1)}


def coin_logarithm() -> Derivation:
    """Derive the log-likelihood of the coin: a product becomes a sum."""
    return (
        Derivation(log(coin(theta, N, N1)), "The logarithm of the likelihood", _COIN)
        .step(log(theta**N1) + log((1 - theta) ** (N - N1)), "the logarithm of a product is a sum")
        .step(coin_log(theta, N, N1), "an exponent comes in front")
    )


def coin_maximum() -> Derivation:
    """Derive θ̂ = N1/N: where the slope of the log-likelihood is zero."""
    slope = Derivative(coin_log(theta, N, N1), theta)
    return (
        Derivation(Eq(slope, 0), "The maximum of the likelihood", _COIN)
        .step(Eq(N1 / theta - (N - N1) / (1 - theta), 0), "derivative of each logarithm")
        .step(Eq(N1 * (1 - theta) - (N - N1) * theta, 0), r"times $\theta(1 - \theta)$, which is not zero")
        .step(Eq(N1 - N * theta, 0), r"the terms in $N_1 \theta$ cancel")
        .step(Eq(theta, N1 / N), r"solve for $\theta$")
    )


def coin_curvature() -> Derivation:
    """Derive the curvature of the log-likelihood at its maximum, −N / (θ̂(1 − θ̂))."""
    best = Symbol(r"\hat\theta", positive=True)
    return (
        Derivation(
            Derivative(coin_log(theta, N, N1), (theta, 2)),
            "The curvature of the log-likelihood at its maximum",
            {**_COIN, best: (Rational(1, 20), Rational(19, 20))},
        )
        .step(-N1 / theta**2 - (N - N1) / (1 - theta) ** 2, "differentiate twice")
        .substitute({theta: best, N1: best * N}, r"at the maximum: $\theta = \hat\theta$, $N_1 = \hat\theta N$")
        .step(-N / best - N / (1 - best), "cancel a factor in each term")
        .step(-N / (best * (1 - best)), "common denominator")
    )


def coin_loss_slope() -> Derivation:
    """Derive the slope by θ of the mean negative log-likelihood, (θ − f) / (θ(1 − θ)) for a share of heads f."""
    return (
        Derivation(Derivative(S.BCELoss(theta, f), theta), "The slope by θ", _SHARE)
        .step(-f / theta + (1 - f) / (1 - theta), "derivative of each logarithm")
        .step((theta - f) / (theta * (1 - theta)), "common denominator")
    )


def coin_logit_slope() -> Derivation:
    """Derive the slope by the logit z, where θ = σ(z): the denominator cancels."""
    s = sigmoid(z)
    return (
        Derivation(Derivative(S.BCELoss(s, f), z), "The slope by the logit", _SHARE)
        .step((s - f) / (s * (1 - s)) * Derivative(s, z), "chain rule, with the slope from above")
        .step(s - f, r"$\sigma' = \sigma(1 - \sigma)$, which cancels")
    )


def gaussian_to_squared_error() -> Derivation:
    """Derive that minus the logarithm of the normal density is the squared error, scaled and shifted."""
    return (
        Derivation(-log(gaussian(r, sigma)), "Gaussian noise", {r: (-5, 5), sigma: (Rational(1, 4), 4)})
        .step(S.MSELoss(r / sigma, half=True) + log(ROOT * sigma), "the logarithm undoes the exponential")
        .step(S.MSELoss(r / sigma, half=True) + log(sigma) + log(2 * pi) / 2, "only the first term has the residual")
    )


def laplace_to_absolute_error() -> Derivation:
    """Derive that minus the logarithm of the Laplace density is the absolute error, scaled and shifted."""
    return Derivation(-log(laplace(r, b)), "Laplace noise", {r: (-5, 5), b: (Rational(1, 4), 4)}).step(
        S.L1Loss(r) / b + log(2 * b), "the logarithm undoes the exponential"
    )
