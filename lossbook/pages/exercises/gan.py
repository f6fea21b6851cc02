"""Exercises of the chapter on GAN losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossbook.information import js_divergence, kl_divergence
from lossbook.losses.critic import gradient_penalty
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _value(p: Any, q: Any) -> float:
    return float(2 * js_divergence(p, q)) - math.log(4)


def _trick(p: Any, q: Any) -> float:
    return float(kl_divergence(q, p) - 2 * js_divergence(p, q))


def _chi(p: Any, q: Any) -> float:
    best = (p - q) / (p + q)
    return float(np.sum((p + q) * best**2))


def _penalty_gradient(slopes: Any, weight: float) -> Any:
    return gradient_penalty(slopes, weight)[1]


def _size(eta: float, gamma: float, h: float) -> float:
    # λ² − (2 − ηγ) λ + 1 − ηγ + η²h² = 0
    root = np.emath.sqrt(gamma**2 / 4 - h**2)
    return float(max(abs(1 - eta * (gamma / 2 + root)), abs(1 - eta * (gamma / 2 - root))))


def _carried(real: Any, fake: Any) -> float:
    """Return the area between the two distribution functions, which is the earth mover's distance on a line."""
    places = np.sort(np.concatenate([real, fake]))
    apart = [np.mean(np.asarray(real) <= x) - np.mean(np.asarray(fake) <= x) for x in places[:-1]]
    return float(np.abs(apart) @ np.diff(places))


_SHARES = [
    (np.array([0.5, 0.5]), np.array([0.9, 0.1])),
    (np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])),
    (np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.4, 0.3, 0.2, 0.1])),
]

EXERCISES = (
    Exercise(
        name="gan.best",
        expected=0.75,
        hint="It is the share of real samples among all that arrive at this place.",
    ),
    Exercise(
        name="gan.louder",
        expected=999.0,
        exact=True,
        hint="By the score minimax pulls by D(G), and the trick by what is missing from D(G) to 1.",
    ),
    Exercise(
        name="gan.value",
        expected=_value,
        inputs=[*_SHARES, (np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5]))],
        formula=Formula("value(p, q)", total=True),
        hint="Put D = p/(p + q) into both means. No factor ½, and 0 ln 0 counts as 0.",
    ),
    Exercise(
        name="gan.trick",
        expected=_trick,
        inputs=_SHARES,
        formula=Formula("trick(p, q)", total=True),
        hint="The reverse divergence weighs ln(q/p) by q; JS has a factor ½ in front of each of its two parts.",
    ),
    Exercise(
        name="gan.chi",
        expected=_chi,
        inputs=_SHARES,
        formula=Formula("cost(p, q)", total=True),
        hint="The best score is the mean label at a place, (bp + aq)/(p + q).",
    ),
    Exercise(
        name="gan.penalty",
        expected=_penalty_gradient,
        inputs=[
            (np.array([[3.0, 4.0]]), 1.0),
            (np.array([[3.0, 4.0], [0.3, -0.4], [1.0, 0.0]]), 10.0),
            (np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]]), 2.0),
        ],
        formula=Formula(
            "gradient(g, norm, weight, n)",
            columns=lambda slopes, weight: (slopes, np.linalg.norm(slopes, axis=1)[:, None], weight, len(slopes)),
            note="g is one number of a slope, norm the length of that slope, and n the number of samples.",
        ),
        hint="Take the norm of each row, divide by the number of rows, and see to it that 0/0 does not occur.",
    ),
    Exercise(
        name="gan.rest",
        expected=3.45,
        hint="The slope is 1 + Δ/2κ. What does a line of that slope say about two points Δ apart?",
    ),
    Exercise(
        name="gan.size",
        expected=_size,
        inputs=[(0.4, 0.0, 1.0), (0.1, 0.4, 0.5), (0.4, 2.5, 1.0), (0.5, 1.0, 0.5), (1.0, 3.0, 1.0)],
        formula=Formula("size(eta, gamma, h)"),
        rtol=1e-6,
        hint="Eigenvalues of a 2 × 2 matrix may be complex: take the size of each, then the larger one.",
    ),
    Exercise(
        name="gan.duality",
        expected=_carried,
        inputs=[
            (np.array([0.0, 1.0, 2.0]), np.array([5.0, 3.0, 4.0])),
            (np.array([2.0, -1.0]), np.array([0.0, 0.5])),
            (np.array([0.0, 4.0, 1.0, -2.0]), np.array([1.0, 0.0, 3.0, 3.0])),
        ],
        hint="Which plan never lets two loads cross?",
    ),
)
