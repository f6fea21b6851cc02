"""Exercises of the chapter on likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossbook.functions import log_softmax, sigmoid
from lossbook.likelihood import Binomial
from lossbook.losses import NLLLoss
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _log_likelihood(theta: float, heads: int, tosses: int) -> float:
    return Binomial(tosses).log_likelihood(theta, heads, constant=False)


def _weighted_nll(log_p: Any, targets: Any, weight: Any) -> float:
    return float(NLLLoss(weight=weight).loss(log_p, targets))


_ROWS = log_softmax(np.array([[2.0, 0.0, -1.0], [0.5, 0.5, 3.0], [-2.0, 1.0, 0.0], [4.0, 1.0, 1.0]]))

EXERCISES = (
    Exercise(
        name="likelihood.fair-coin",
        expected=0.5**10,
        hint="Ten tosses in a given order: multiply ten probabilities.",
    ),
    Exercise(
        name="likelihood.log-likelihood",
        expected=_log_likelihood,
        inputs=[
            (0.6, 60, 100),
            (0.5, 3, 10),
            (0.3, 0, 7),
            (0.0, 0, 5),
            (1.0, 5, 5),
            (0.5, 1500, 3000),
            (1e-9, 0, 10**6),
        ],
        formula=Formula("log_likelihood(theta, heads, tosses)"),
        hint="What should a head that never came up contribute, even at θ = 0? And is the product formed anywhere?",
    ),
    Exercise(
        name="likelihood.underflow",
        expected=150,
        exact=True,
        hint="The smallest positive float32 is 2⁻¹⁴⁹. Half of it is rounded, to the even neighbour.",
    ),
    Exercise(
        name="likelihood.tosses",
        expected=2500,
        exact=True,
        hint="Solve √(θ(1 − θ)/N) = 0.01 for N, with the θ for which the error is largest.",
    ),
    Exercise(
        name="likelihood.uniform",
        expected=lambda data: float(np.max(data)),
        inputs=[(np.array([3.0, 17.0, 5.0]),), (np.array([0.5]),), (np.array([2.0, 2.0, 1.0]),)],
        hint="The likelihood is θ to the power −n where θ is large enough for all data, and 0 elsewhere. Draw it.",
    ),
    Exercise(
        name="likelihood.poisson",
        expected=lambda counts: float(np.mean(counts)),
        inputs=[(np.array([1, 0, 5]),), (np.array([7]),), (np.array([0, 1]),)],
        hint="ln L(λ) = Σ (k ln λ − λ − ln k!). Where is its slope by λ zero?",
    ),
    Exercise(
        name="likelihood.weighted-nll",
        expected=_weighted_nll,
        inputs=[
            (_ROWS, np.array([0, 2, 1, 0]), np.array([1.0, 1.0, 1.0])),
            (_ROWS, np.array([0, 2, 1, 0]), np.array([1.0, 2.0, 5.0])),
            (_ROWS[:1], np.array([1]), np.array([0.5, 0.25, 9.0])),
        ],
        hint="A weighted mean divides by the sum of the weights that were used.",
    ),
    Exercise(
        name="likelihood.logit-gradient",
        expected=lambda z, share: float(sigmoid(z) - share),
        inputs=[(0.0, 0.6), (1.5, 0.6), (-3.0, 0.25), (8.0, 1.0), (0.4, 0.0)],
        formula=Formula("gradient(z, share)"),
        hint="Write θ = σ(z) and use σ′(z) = σ(z)(1 − σ(z)): nearly everything cancels.",
    ),
)
