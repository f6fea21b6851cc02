"""Exercises of the chapter on regression losses."""

from __future__ import annotations

import math

import numpy as np

from lossbook.functions import Array
from lossbook.losses import GeneralRobustLoss, HuberLoss, LogCoshLoss, TukeyBiweightLoss
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _huber(r: Array, delta: float) -> Array:
    return np.asarray(HuberLoss(delta=delta, reduction="none").loss(r, np.zeros_like(r)))


def _log_cosh(r: float) -> float:
    return float(LogCoshLoss().loss([r], [0.0]))


def _barron(u: float, alpha: float) -> float:
    return float(GeneralRobustLoss(alpha=alpha).loss([u], [0.0]))


def _weight(r: float, c: float) -> float:
    return float(TukeyBiweightLoss(c=c).grad([r], [0.0])[0] / r) if r else 1.0


def _minimiser(data: Array, delta: float) -> float:
    low, high = float(data.min()), float(data.max())
    for _ in range(200):
        middle = (low + high) / 2
        if HuberLoss(delta=delta).grad(np.full_like(data, middle), data).sum() < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _efficiency(delta: float) -> float:
    inside = math.erf(delta / math.sqrt(2))
    density = math.exp(-delta * delta / 2) / math.sqrt(2 * math.pi)
    return inside**2 / (inside - 2 * delta * density + delta**2 * (1 - inside))


def _delta_of(wanted: float) -> float:
    low, high = 0.1, 6.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _efficiency(middle) < wanted else (low, middle)
    return low


def _share(delta: float) -> float:
    # 2φ(δ)/δ − 2Φ(−δ) is ε/(1 − ε).
    odds = 2 / delta * math.exp(-delta * delta / 2) / math.sqrt(2 * math.pi) - math.erfc(delta / math.sqrt(2))
    return odds / (1 + odds)


_DATA = np.array([-4.0, -3.0, -2.2, -1.0, 7.0])

EXERCISES = (
    Exercise(
        name="regression.huber",
        expected=_huber,
        inputs=[
            (np.array([0.5, -0.5, 3.0, -3.0]), 1.0),
            (np.array([0.5, 2.0, -8.0]), 2.0),
            (np.array([0.0, 1e6]), 0.1),
        ],
        formula=Formula("huber(r, delta)"),
        hint="Two branches that meet at |r| = δ, in value and in slope. What is the slope of the outer one?",
    ),
    Exercise(
        name="regression.log-cosh",
        expected=_log_cosh,
        inputs=[(0.0,), (1.0,), (-2.0,), (1000.0,), (1e-6,)],
        formula=Formula("log_cosh(r)"),
        hint="cosh r overflows at 711, and 1 + r²/2 rounds to 1 for a small r. One form does not serve both ends.",
    ),
    Exercise(
        name="regression.quantile",
        expected=0.9,
        hint="Which slope of the quantile loss is the cost of a loaf too few, and which that of one too many?",
    ),
    Exercise(
        name="regression.learning-rate",
        expected=0.0064,
        sizes=(64,),
        hint="How many times larger is the gradient of the sum?",
    ),
    Exercise(
        name="regression.broadcast",
        expected=4 / 3,
        rtol=1e-3,
        hint="Write down the 3 by 3 table of all differences, square and average.",
    ),
    Exercise(
        name="regression.minimiser",
        expected=_minimiser,
        inputs=[(_DATA, 1.0), (_DATA, 100.0), (_DATA, 0.05), (_DATA[::-1].copy(), 3.0)],
        rtol=1e-6,
        hint="The best constant is where the clipped residuals add up to zero, and that sum falls as m grows.",
    ),
    Exercise(
        name="regression.barron",
        expected=_barron,
        inputs=[(1.0, 1.0), (3.0, -2.0), (2.0, 0.0), (0.5, 2.0), (1.0, 1e-12), (2.0, -8.0)],
        formula=Formula("barron(u, alpha)"),
        hint="Write y^(α/2) − 1 as expm1 of something. Two values of α need a branch of their own.",
    ),
    Exercise(
        name="regression.weight",
        expected=_weight,
        inputs=[(0.0, 4.685), (1.0, 2.0), (-1.0, 2.0), (5.0, 2.0)],
        formula=Formula("weight(r, c)"),
        hint="The weight is the slope divided by the residual. What is it at 0, and beyond c?",
    ),
    Exercise(
        name="regression.efficiency",
        expected=_delta_of(0.99),
        rtol=1e-3,
        hint="Halve an interval on which the efficiency grows from below 0.99 to above it.",
    ),
    Exercise(
        name="regression.contamination",
        expected=_share,
        inputs=[(1.345,), (1.0,), (2.5,), (0.3,)],
        hint="The normal part, 1 − ε, times Huber's normaliser is √(2π). What is the normaliser?",
    ),
    Exercise(
        name="regression.width",
        expected=3**0.5,
        rtol=1e-3,
        hint="Add up the three losses and set the slope by σ to 0.",
    ),
)
