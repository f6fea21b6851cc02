"""Derivations of the chapter on GAN losses; the losses themselves are in `lossbook.symbolic.gan`."""

from __future__ import annotations

import sympy
from sympy import Derivative, Eq, Rational, Symbol, log, symbols

from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.gan import LeastSquaresGANLoss, MinimaxGANLoss, NonSaturatingGANLoss
from lossbook.symbolic.primitives import sigmoid
from lossbook.symbolic.probability import js_divergence, kl_divergence, logit

from .derivation import Derivation

#: Real and made-up density at one place, the discriminator's probability there, and a score.
p, q = symbols("p q", positive=True)
D = Symbol("D", positive=True)
s = Symbol("s", real=True)
#: How fast the made-up density at the place grows as the generator moves; over all places this adds up to 0.
d = Symbol("d", real=True)
#: Dirac-GAN: step, penalty weight, the loss's slope at 0, a multiplier.
eta, gamma, h = symbols("eta gamma h", positive=True)
lam = Symbol("lambda")
#: Distance, slope and penalty weight of a linear critic.
gap, slope, weight = symbols("Delta w kappa", positive=True)
#: Labels of least squares: made up, real, wanted.
a, b, c = symbols("a b c", real=True)

_HALF = Rational(1, 2)
_UNIT = {D: (Rational(1, 20), Rational(19, 20))}
_SCORE = {s: (-3, 3)}


# One place's part of the divergences.
_KL = kl_divergence([q], [p])
_TWICE_JS = 2 * js_divergence([p], [q])


def best_discriminator() -> Derivation:
    """Derive D* = p/(p + q): where the discriminator's cost at one place has slope 0."""
    return (
        Derivation(Eq(Derivative(p * S.BCELoss(D, 1) + q * S.BCELoss(D, 0), D), 0), "The best discriminator", _UNIT)
        .step(Eq(q / (1 - D) - p / D, 0), "differentiate")
        .step(Eq(q * D, p * (1 - D)), r"times $D(1 - D)$")
        .step(Eq(D, p / (p + q)), r"collect $D$")
    )


def best_score() -> Derivation:
    """Derive that the logit of D* is ln(p/q)."""
    best = p / (p + q)
    return (
        Derivation(logit(best), "The best score")
        .step(log(p / q), r"$1 - D^* = q/(p + q)$")
    )  # fmt: skip


def minimax_value() -> Derivation:
    """Derive one place's part of the game against the best discriminator: that of 2 JS, less (p + q) ln 2."""
    best = p / (p + q)
    return (
        Derivation(-p * S.BCELoss(best, 1) - q * S.BCELoss(best, 0), "The game against the best discriminator")
        .step(p * log(p / (p + q)) + q * log(q / (p + q)), r"$1 - D^* = q/(p + q)$")
        .step(_TWICE_JS - (p + q) * log(2), r"twice as much in each logarithm")
    )  # fmt: skip


def trick_gradient() -> Derivation:
    """Derive the −ln D trick: with D held at its best, its slope is that of KL(q‖p) − 2 JS."""
    return (
        # D is held: only the density moves, at the rate d.
        Derivation(-d * log(p / (p + q)), "The slope of the trick", {d: (-1, 1)})
        .step(
            d * (log(q / p) - log(2 * q / (p + q)) + log(2)),
            r"$\frac{p + q}{p} = \frac{q}{p} \cdot \frac{p + q}{2q} \cdot 2$",
        )
        .step(
            d * Derivative(_KL, q) - d * Derivative(_TWICE_JS, q) - d * (1 - log(2)),
            r"slopes of $\mathrm{KL}(q\|p)$, $2\,\mathrm{JS}$",
        )
    )


def saturation() -> Derivation:
    """Derive the pull of minimax on the score of a made-up sample: D itself, 0 where D is sure."""
    return (
        Derivation(-Derivative(MinimaxGANLoss(s)[2], s), "The pull of minimax", _SCORE)
        .step(sigmoid(s), r"the slope of softplus is $\sigma$, so this is $D$")
    )  # fmt: skip


def non_saturation() -> Derivation:
    """Derive the pull of the −ln D trick on the score: 1 − D."""
    return (
        Derivation(-Derivative(NonSaturatingGANLoss(s)[2], s), "The pull of the trick", _SCORE)
        .step(sigmoid(-s), r"the slope of softplus is $\sigma$")
        .step(1 - sigmoid(s), r"which is $1 - D$")
    )


def best_least_squares() -> Derivation:
    """Derive the least-squares discriminator's best score, the mean of the labels."""
    real, fake, _ = LeastSquaresGANLoss(s, a, b, c)
    return (
        Derivation(Eq(Derivative(p * real + q * fake, s), 0), "The best score under least squares", _LABELS)
        .step(Eq(p * (s - b) + q * (s - a), 0), "differentiate")
        .step(Eq(s, (b * p + a * q) / (p + q)), r"collect $s$")
    )


def pearson() -> Derivation:
    """Derive the least-squares game as Pearson's χ² of p + q and 2q, where b − c = 1 and b − a = 2."""
    cost = LeastSquaresGANLoss((b * p + a * q) / (p + q), a, b, c)[2]
    return (
        Derivation(2 * p * cost + 2 * q * cost, "Twice the generator's cost at one place", _LABELS)
        .step((b * p + a * q - c * (p + q)) ** 2 / (p + q), "common denominator")
        .substitute({a: c - 1, b: c + 1}, r"labels with $b - c = 1$ and $b - a = 2$")
        .step((p + q - 2 * q) ** 2 / (p + q), r"$c$ cancels")
    )


_LABELS = {a: (-2, 2), b: (-2, 2), c: (-2, 2), s: (-2, 2)}


def dirac_multipliers() -> Derivation:
    """Derive the squared size of the multipliers of one simultaneous step without a penalty."""
    jacobian = sympy.Matrix([[1, eta * h], [-eta * h, 1]])
    return (
        Derivation(Eq(jacobian.charpoly(lam).as_expr(), 0), "The multipliers of one step", {lam: (-1, 1)})
        .step(Eq((1 - lam) ** 2 + eta**2 * h**2, 0), "complete the square")
    )  # fmt: skip


def dirac_penalised() -> Derivation:
    """Derive the product of the multipliers, which is the square of their size, with R1."""
    jacobian = sympy.Matrix([[1, eta * h], [-eta * h, 1 - eta * gamma]])
    return (
        Derivation(jacobian.det(), "The product of the multipliers with R1")
        .step(1 - eta * (gamma - eta * h**2), r"take out $\eta$")
    )  # fmt: skip


def dirac_in_turns() -> Derivation:
    """Derive the product of the multipliers when the players move in turns: exactly 1."""
    discriminator = sympy.Matrix([[1, 0], [-eta * h, 1]])
    generator = sympy.Matrix([[1, eta * h], [0, 1]])
    (top_left, top_right), (low_left, low_right) = (generator * discriminator).tolist()
    # Unevaluated, or SymPy would write 1 at once.
    return (
        Derivation(sympy.UnevaluatedExpr(top_left * low_right) - top_right * low_left, "In turns")
        .step(sympy.Integer(1), "the rest cancels")
    )  # fmt: skip


def penalised_slope() -> Derivation:
    """Derive the slope at which a penalised linear critic rests: above 1 by Δ/2κ."""
    return (
        Derivation(Eq(Derivative(-slope * gap + weight * (slope - 1) ** 2, slope), 0), "A penalised critic")
        .step(Eq(2 * weight * (slope - 1), gap), "differentiate")
        .step(Eq(slope, 1 + gap / (2 * weight)), "solve")
    )
