"""Exercises of the chapter on the Kullback–Leibler divergence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossbook.information import js_divergence, kl_divergence
from lossbook.losses import CrossEntropyLoss
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _forward_fit(weights: Any, means: Any, deviations: Any) -> tuple[float, float]:
    mean = float(weights @ means)
    return mean, math.sqrt(float(weights @ (deviations**2 + means**2)) - mean**2)


def _chi_square(p: Any, q: Any) -> float:
    if ((q == 0) & (p > 0)).any():
        return math.inf
    return float(np.sum((p - q)[q > 0] ** 2 / q[q > 0]))


EXERCISES = (
    Exercise(
        name="divergence.bits",
        expected=1.0,
        hint="Two terms count. In bits the logarithm has base 2.",
    ),
    Exercise(
        name="divergence.kl",
        expected=lambda p, q: float(kl_divergence(p, q)),
        inputs=[
            (np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])),
            (np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.7, 0.1, 0.1, 0.1])),
            (np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.75, 0.0])),
            (np.array([0.5, 0.5]), np.array([1.0, 0.0])),
            (np.array([1.0, 0.0]), np.array([0.5, 0.5])),
        ],
        formula=Formula("kl(p, q)", total=True),
        hint="Which classes happen at all? And is one of those believed impossible?",
    ),
    Exercise(
        name="divergence.direction",
        expected=math.log(1.5),
        hint="What is believed must allow all that happens. Which of the two rows can be the truth?",
    ),
    Exercise(
        name="divergence.lowest-term",
        expected=-1 / math.e,
        hint="For a given q, where is the slope of p ln(p/q) by p zero? Then choose q.",
    ),
    Exercise(
        name="divergence.moments",
        expected=_forward_fit,
        inputs=[
            (np.array([0.5, 0.5]), np.array([-2.0, 2.0]), np.array([1.0, 1.0])),
            (np.array([0.4, 0.6]), np.array([-3.0, 3.0]), np.array([1.0, 1.0])),
            (np.array([0.2, 0.3, 0.5]), np.array([0.0, 1.0, 4.0]), np.array([0.5, 2.0, 1.0])),
            (np.array([1.0]), np.array([1.5]), np.array([0.7])),
        ],
        hint="Match moments. The variance has a part within the hills and a part between them.",
    ),
    Exercise(
        name="divergence.js",
        expected=lambda p, q: float(js_divergence(p, q)),
        inputs=[
            (np.array([0.5, 0.5]), np.array([0.1, 0.9])),
            (np.array([1.0, 0.0]), np.array([0.0, 1.0])),
            (np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])),
            (np.array([0.7, 0.1, 0.1, 0.1]), np.array([0.25, 0.25, 0.25, 0.25])),
        ],
        formula=Formula("js(p, q)", total=True),
        hint="Two divergences from the mixture, each with weight one half; and 0 ln 0 is 0.",
    ),
    Exercise(
        name="divergence.batchmean",
        expected=0.12,
        sizes=(10, 32),
        hint="By how many numbers did the default reduction divide, and by how many should it?",
    ),
    Exercise(
        name="divergence.gradient",
        # The gradient of the divergence is that of cross-entropy: the entropy of the target is fixed.
        expected=lambda z, p, T: CrossEntropyLoss(temperature=T).grad(z, p),
        inputs=[
            (np.array([1.0, 0.0, -1.0]), np.array([0.5, 0.25, 0.25]), 1.0),
            (np.array([1.0, 0.0, -1.0]), np.array([0.5, 0.25, 0.25]), 2.0),
            (np.array([0.3, 2.0]), np.array([1.0, 0.0]), 0.5),
            (np.array([1000.0, 999.0]), np.array([0.5, 0.5]), 1.0),
        ],
        hint="By z/T the gradient is q − p. What does the chain rule add, and does anything overflow?",
    ),
    Exercise(
        name="divergence.chi-square",
        expected=_chi_square,
        inputs=[
            (np.array([0.5, 0.5]), np.array([0.25, 0.75])),
            (np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])),
            (np.array([0.0, 1.0]), np.array([0.5, 0.5])),
            (np.array([0.5, 0.5]), np.array([1.0, 0.0])),
            (np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.75, 0.0])),
        ],
        formula=Formula("chi_square(p, q)", total=True),
        hint="Multiply q into the square of p/q − 1. What happens where q is 0?",
    ),
    Exercise(
        name="divergence.earth",
        expected=lambda a, b: float(np.mean(np.abs(np.sort(a) - np.sort(b)))),
        inputs=[
            (np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.5])),
            (np.array([5.0, -1.0, 2.0]), np.array([0.0, 4.0, 9.0])),
            (np.array([4.0, 0.0]), np.array([1.0, 2.0])),
            (np.array([1.0, 2.0, 3.0]), np.array([3.0, 1.0, 2.0])),
        ],
        hint="Does your answer change when a sample is shuffled? It must not.",
    ),
)
