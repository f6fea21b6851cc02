"""Surprise and entropy derived; their numbers are in `lossbook.information`."""

from __future__ import annotations

from typing import Any

from sympy import (
    Derivative,
    Eq,
    Expr,
    Function,
    Integral,
    Rational,
    Sum,
    Symbol,
    log,
    oo,
    symbols,
)

from lossbook.symbolic.probability import ROOT, cross_entropy, entropy, gaussian

from .derivation import Derivation

#: Probabilities, strictly between the impossible and the certain.
p = Symbol("p", positive=True)
q = Symbol("q", positive=True)
#: A running probability, the slope of the surprise at 1 without its sign, a multiplier.
t = Symbol("t", positive=True)
k = Symbol("k", positive=True)
lam = Symbol("lambda", real=True)
#: One outcome's probability and the belief in it; the number of outcomes.
pj = Symbol("p_j", positive=True)
qj = Symbol("q_j", positive=True)
K = Symbol("K", positive=True, integer=True)
#: Width of a density, of a normal one, of a bin.
w = Symbol("w", positive=True)
sigma = Symbol("sigma", positive=True)
delta = Symbol("Delta", positive=True)

_UNIT = (Rational(1, 50), Rational(49, 50))
_SHARES = {p: _UNIT, q: _UNIT, pj: _UNIT, qj: _UNIT, lam: (-3, 3)}


class Slope(Function):
    """The derivative I′ of a surprise that is not known yet."""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return rf"I'({printer._print(self.args[0])})"


class Surprise(Function):
    """A surprise I(p) of which nothing is known but that it has a derivative."""

    def fdiff(self, argindex: int = 1) -> Expr:  # noqa: D102
        return Slope(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return rf"I({printer._print(self.args[0])})"


class Normal(Function):
    """Density of the normal distribution around 0 with standard deviation σ, written φ(x) until it is worked out."""

    def doit(self, **hints: Any) -> Expr:  # noqa: D102
        return gaussian(*self.args).doit()

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return rf"\varphi({printer._print(self.args[0])})"


def surprise_slope() -> Derivation:
    """Derive the slope of every surprise that adds up: I′(q) = I′(1)/q."""
    product = Eq(Derivative(Surprise(p * q), p), Derivative(Surprise(p) + Surprise(q), p), evaluate=False)
    return (
        Derivation(product, "What adds up has the slope of a logarithm", _SHARES)
        .step(Eq(q * Slope(p * q), Slope(p)), r"differentiate by $p$: chain rule")
        .substitute({p: 1}, r"this holds for every $p$, so also for $p = 1$")
        .step(Eq(Slope(q), Slope(1) / q), r"divide by $q$, which is not zero")
    )


def surprise_integral() -> Derivation:
    """Derive I(p) from its slope −k/t, starting at I(1) = 0."""
    return Derivation(Integral(-k / t, (t, 1, p)), "Add up the slope from 1 to p", _SHARES).step(
        -k * log(p), r"$\ln t$ has the slope $1/t$, and $\ln 1 = 0$"
    )


def surprise_adds() -> Derivation:
    """Derive that −k ln p does add up."""
    return (
        Derivation(-k * log(p * q), "The surprise at two independent events", _SHARES)
        .step(-k * (log(p) + log(q)), "the logarithm of a product is a sum")
        .step(-k * log(p) - k * log(q), "multiply out")
    )


def entropy_maximum() -> Derivation:
    """Derive where entropy is stationary while the probabilities sum to 1: ln p_j is the same for all j."""
    return (
        Derivation(Eq(Derivative(entropy([pj]) + lam * pj, pj), 0), "The slope by one probability", _SHARES)
        .step(Eq(-log(pj) - 1 + lam, 0), "product rule")
        .step(Eq(log(pj), lam - 1), r"solve for $\ln p_j$")
    )


def entropy_curvature() -> Derivation:
    """Derive that each term of the entropy is concave: its second derivative is −1/p_j."""
    return (
        Derivation(Derivative(entropy([pj]), (pj, 2)), "The curvature of one term", _SHARES)
        .step(Derivative(-log(pj) - 1, pj), "product rule")
        .step(-1 / pj, "differentiate again")
    )


def uniform_entropy() -> Derivation:
    """Derive the entropy of K equally likely outcomes, ln K."""
    share, j = 1 / K, Symbol("j", integer=True)
    return (
        Derivation(Sum(entropy([share]), (j, 1, K)), "The entropy of K equal outcomes", {K: (2, 60)})
        .step(-log(share), r"$K$ equal terms, each with the factor $1/K$")
        .step(log(K), "the logarithm of an inverse")
    )


def cross_entropy_minimum() -> Derivation:
    """Derive the belief that makes cross-entropy smallest: q_j in proportion to p_j."""
    return (
        Derivation(
            Eq(Derivative(cross_entropy([pj], [qj]) + lam * qj, qj), 0),
            "The slope by one belief",
            {**_SHARES, lam: (1, 3)},
        )
        .step(Eq(-pj / qj + lam, 0), "derivative of the logarithm")
        .step(Eq(-pj + lam * qj, 0), r"times $q_j$, which is not zero")
        .step(Eq(pj, lam * qj), r"bring $p_j$ to the other side")
    )


def length_of_words() -> Derivation:
    """Derive that the mean length of any words is a cross-entropy, less the logarithm of what they claim."""
    shares, lengths = symbols("p1:3", positive=True), symbols("ell1:3", positive=True)
    claimed = Symbol("c", positive=True)
    beliefs = [2**-length / claimed for length in lengths]
    mean = sum(share * length for share, length in zip(shares, lengths, strict=True))
    return (
        Derivation(mean, "The mean length of two words", {length: (Rational(1, 2), 8) for length in lengths})
        .step(
            sum(-share * log(2**-length) for share, length in zip(shares, lengths, strict=True)) / log(2),
            r"$\ell = -\log_2 2^{-\ell}$",
        )
        .step((cross_entropy(shares, beliefs) - sum(shares) * log(claimed)) / log(2), r"$2^{-\ell_k} = c\, q_k$")
    )


def uniform_density_entropy() -> Derivation:
    """Derive the differential entropy of the uniform density of width w, ln w."""
    x = Symbol("x", real=True)
    return (
        Derivation(Integral(-(1 / w) * log(1 / w), (x, 0, w)), "The uniform density of width w")
        .step(-log(1 / w), r"a constant, times the width $w$")
        .step(log(w), "the logarithm of an inverse")
    )


def normal_density_entropy() -> Derivation:
    """Derive the differential entropy of the normal density, ½ + ln(σ√(2π))."""
    x = Symbol("x", real=True)
    constant = log(ROOT * sigma)
    density = Normal(x, sigma)
    square = Integral(density * x**2, (x, -oo, oo)) / (2 * sigma**2)
    return (
        Derivation(Integral(density * (x**2 / (2 * sigma**2) + constant), (x, -oo, oo)), "The normal density")
        .step(square + constant * Integral(density, (x, -oo, oo)), "the integral of a sum")
        .step(Rational(1, 2) + constant, r"the variance is $\sigma^2$, the whole area is 1")
    )


def bin_entropy() -> Derivation:
    """Derive what one narrow bin of width Δ adds to the entropy where the density is p."""
    return (
        Derivation(entropy([p * delta]), "One bin of probability p Δ", {p: _UNIT})
        .step(-p * delta * (log(p) + log(delta)), "the logarithm of a product is a sum")
        .step(-p * log(p) * delta - log(delta) * p * delta, "multiply out")
    )
