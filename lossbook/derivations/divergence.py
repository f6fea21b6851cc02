"""Derivations of the chapter on the Kullback–Leibler divergence; the numbers are in `lossbook.information`."""

from __future__ import annotations

from sympy import (
    Derivative,
    Eq,
    Integral,
    Rational,
    Symbol,
    exp,
    log,
    oo,
    symbols,
)

from lossbook.symbolic.primitives import logsumexp, sigmoid
from lossbook.symbolic.probability import cross_entropy, entropy, gaussian, kl_divergence, kl_normal

from .derivation import Derivation

#: What holds, and what is believed: two classes stand for any number of them.
p = symbols("p1:3", positive=True)
q = symbols("q1:3", positive=True)
#: Logits, counts and observed shares of the same classes.
z = symbols("z1:3", real=True)
n = symbols("n1:3", positive=True)
f = symbols("f1:3", positive=True)
N = Symbol("N", positive=True)
#: A ratio, and where it came from.
x = Symbol("x", positive=True)
t = Symbol("t", positive=True)
#: Means and deviations of two normals; mean and variance of anything.
m1, m2, mu, m = symbols("m1 m2 mu m", real=True)
s1, s2, sigma, v = symbols("s1 s2 sigma v", positive=True)
#: A place on the line, half the distance of two modes, and the weight of the left one.
y = Symbol("y", real=True)
a = Symbol("a", positive=True)
w = Symbol("w", positive=True)
#: Coefficients of a quadratic in a standard normal number ξ.
A, B, C = symbols("A B C", real=True)
xi = Symbol("xi", real=True)

_LINE = {y: (-3, 3), a: (Rational(1, 2), 4), w: (Rational(1, 20), Rational(19, 20))}


def cross_entropy_minus_entropy() -> Derivation:
    """Derive D(p‖q) = H(p, q) − H(p)."""
    apart = sum(b * (log(b) - log(c)) for b, c in zip(p, q, strict=True))
    return (
        Derivation(kl_divergence(p, q), "The divergence is cross-entropy minus entropy")
        .step(apart, "the logarithm of a ratio is a difference")
        .step(cross_entropy(p, q) - entropy(p), r"$-H(p)$ in front, $H(p, q)$ behind")
    )


def gibbs_term() -> Derivation:
    """Derive that one term of the divergence, with q − p added, is p g(q/p) with g(x) = x − 1 − ln x."""
    one, other = p[0], q[0]
    return (
        Derivation(kl_divergence([one], [other]) + other - one, "One term, with what adds up to nothing")
        .step(other - one - one * log(other / one), "turn the fraction round")
        .step(one * (other / one - 1 - log(other / one)), "take $p$ out")
    )


def gibbs_gap() -> Derivation:
    """Derive the gap x − 1 − ln x as an integral whose integrand has the sign of t − 1."""
    return (
        Derivation(x - 1 - log(x), "The gap between the logarithm and its tangent", {x: (Rational(1, 20), 6)})
        .step(Integral(1 - 1 / t, (t, 1, x)), r"the gap is zero at 1, and its slope is $1 - 1/x$")
        .step(Integral((t - 1) / t, (t, 1, x)), "common denominator")
    )


def maximum_likelihood() -> Derivation:
    """Derive that the mean negative log-likelihood is the entropy of the shares plus their divergence from q."""
    loss = cross_entropy(n, q) / N
    shares = {count: N * share for count, share in zip(n, f, strict=True)}
    return (
        Derivation(loss, "Maximum likelihood is minimum divergence")
        .substitute(shares, r"write the counts as shares: $n_k = N f_k$")
        .step(cross_entropy(f, q), "cancel $N$")
        .step(kl_divergence(f, q) + entropy(f), r"$D(f \,\|\, q)$ in front, plus $H(f)$ behind")
    )


def same_gradient() -> Derivation:
    """Derive the gradient of the divergence by a logit, for q = softmax(z): the entropy of the labels drops out."""
    total = logsumexp(*z)
    cross = sum(p) * total - sum(b * c for b, c in zip(p, z, strict=True))  # ln q = z − ln Σ exp z
    domain = {symbol: (-3, 3) for symbol in z}
    return (
        Derivation(Derivative(cross - entropy(p), z[0]), "The gradient by a logit", domain)
        .step(Derivative(cross, z[0]), "the entropy is fixed")
        .step(sum(p) * exp(z[0]) / sum(map(exp, z)) - p[0], "differentiate")
    )


def normals() -> Derivation:
    """Derive the divergence of two normals: ln(p/q) at m1 + s1 ξ is a quadratic in the standard normal number ξ."""
    weight = gaussian(xi)
    domain = {m1: (-2, 2), m2: (-2, 2), s1: (Rational(1, 2), 2), s2: (Rational(1, 2), 2)}
    constant = log(s2 / s1) + (m1 - m2) ** 2 / (2 * s2**2)
    return (
        Derivation(Integral((A + B * xi + C * xi**2) * weight, (xi, -oo, oo)), "Two normals", domain)
        .step(A + C, r"$\xi$ has mean 0 and mean square 1")
        .substitute({A: constant, C: s1**2 / (2 * s2**2) - Rational(1, 2)}, "put $A$ and $C$ in")
        .step(kl_normal(m1, s1, m2, s2), "collect")
    )


def log_ratio_of_normals() -> Derivation:
    """Derive that ln(p/q) of two normals, at m1 + s1 ξ, is a quadratic in ξ."""
    ratio = log(s2 / s1) - xi**2 / 2 + (m1 + s1 * xi - m2) ** 2 / (2 * s2**2)
    linear, square = s1 * (m1 - m2) / s2**2, s1**2 / (2 * s2**2) - Rational(1, 2)
    domain = {xi: (-3, 3), m1: (-2, 2), m2: (-2, 2)}
    return Derivation(ratio, "The logarithm of the ratio", domain).step(
        log(s2 / s1) + (m1 - m2) ** 2 / (2 * s2**2) + linear * xi + square * xi**2, r"sort by powers of $\xi$"
    )


def forward_mean() -> Derivation:
    """Derive the mean of the normal with the smallest D(p‖q): the mean m of p."""
    cost = log(sigma) + (v + (m - mu) ** 2) / (2 * sigma**2)
    return (
        Derivation(Eq(Derivative(cost, mu), 0), "The mean of the forward fit", {m: (-2, 2), mu: (-2, 2)})
        .step(Eq((mu - m) / sigma**2, 0), r"only the square depends on $\mu$")
        .step(Eq(mu, m), r"times $\sigma^2$")
    )


def forward_variance() -> Derivation:
    """Derive the variance of the normal with the smallest D(p‖q): the variance v of p."""
    cost = log(sigma) + v / (2 * sigma**2)
    return (
        Derivation(Eq(Derivative(cost, sigma), 0), "The variance of the forward fit")
        .step(Eq(1 / sigma - v / sigma**3, 0), "differentiate")
        .step(Eq(sigma**2, v), r"times $\sigma^3$")
    )


def mixture_pull() -> Derivation:
    """Derive the slope of ln p for a mixture of two normals, which descent on D(q‖p) follows."""
    left, right = w * exp(-a * y), (1 - w) * exp(a * y)
    return (
        Derivation(Derivative(log(left + right) - y**2 / 2, y), "Where the mixture pulls", _LINE)
        .step(-y + a * (right - left) / (right + left), "differentiate")
        .step(-y + a * (2 * sigmoid(2 * a * y + log((1 - w) / w)) - 1), "divide by the left hill")
    )


def line_under_a_curve() -> Derivation:
    """Derive that the mean of a line through (1, A) at the ratios p/q is A: why no f-divergence is negative."""
    mean = sum(c * (A + B * (b / c - 1)) for b, c in zip(p, q, strict=True))
    return (
        Derivation(mean, "The mean of a line")
        .step(A * sum(q) + B * (sum(p) - sum(q)), "multiply out and sort")
        .substitute({p[1]: 1 - p[0], q[1]: 1 - q[0]}, "both add up to 1: the slope drops out")
    )


def evidence() -> Derivation:
    """Derive that the ELBO plus the divergence of q from the posterior is the logarithm of the evidence."""
    joint = symbols("j1:3", positive=True)
    posterior = [one / sum(joint) for one in joint]
    elbo = sum(c * log(one / c) for c, one in zip(q, joint, strict=True))
    return (
        Derivation(elbo + kl_divergence(q, posterior), "The ELBO and what it lacks")
        .step(sum(q) * log(sum(joint)), "in each pair all cancels but the sum")
        .substitute({q[1]: 1 - q[0]}, "$q$ adds up to 1: the evidence is left")
    )
