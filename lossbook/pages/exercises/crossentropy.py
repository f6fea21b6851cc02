"""Exercises of the chapter on cross-entropy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossbook.experiments.reliability import expected_calibration_error
from lossbook.functions import logsumexp, softmax
from lossbook.losses import BCEWithLogitsLoss, CrossEntropyLoss
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _cross_entropy(logits: Any, label: int) -> float:
    return float(CrossEntropyLoss().loss(logits, label))


def _gradient(logits: Any, targets: Any, temperature: float) -> Any:
    return CrossEntropyLoss(temperature=temperature).grad(logits, targets)


def _weighted(logits: Any, targets: Any, weight: Any) -> float:
    return float(CrossEntropyLoss(weight=weight).loss(logits, targets))


def _binary(logit: float, target: float) -> float:
    return float(BCEWithLogitsLoss().loss([logit], [target]))


def _jacobian(logits: Any) -> Any:
    p = softmax(logits)
    return np.diag(p) - np.outer(p, p)


def _whole(means: Any, counts: Any) -> float:
    return float(np.nansum(np.multiply(means, counts)) / np.sum(counts))


def _with_z_loss(logits: Any, label: int, weight: float) -> Any:
    return CrossEntropyLoss().grad(logits, label) + 2 * weight * logsumexp(logits) * softmax(logits)


_ROWS = np.array([[2.0, 0.0, -1.0], [0.5, 0.5, 3.0], [-2.0, 1.0, 0.0], [4.0, 1.0, 1.0]])
_SOFT = np.array([[0.9, 0.05, 0.05], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5]])
_SURE = softmax(np.array([[3.0, 0.0], [2.0, 0.0], [0.0, 2.5], [1.0, 0.0], [0.0, 0.5], [0.3, 0.0]]))
_RIGHT = np.array([0, 0, 1, 1, 1, 0])

EXERCISES = (
    Exercise(
        name="crossentropy.softmax",
        expected=lambda logits: softmax(logits),
        inputs=[
            (np.array([1.0, 2.0, 3.0]),),
            (np.array([-1.0, -1.0]),),
            (np.array([1000.0, 1001.0, 990.0]),),
            (np.array([-2000.0, -2000.5]),),
        ],
        hint="Softmax does not see a number that is taken off all logits. Which number keeps every power at most 1?",
    ),
    Exercise(
        name="crossentropy.loss",
        expected=_cross_entropy,
        inputs=[
            (np.array([1.0, 2.0, 3.0]), 2),
            (np.array([10.0, 0.0, -10.0]), 0),
            (np.array([8.0, 8.0, 8.0]), 2),
            (np.array([800.0, 0.0]), 1),
            (np.array([40.0, 0.0]), 0),
            (np.array([-5.0, 60.0, 1.0]), 1),
        ],
        hint="Use differences of logits only, and do not add tiny powers to 1 before you take the logarithm.",
    ),
    Exercise(
        name="crossentropy.gradient",
        expected=_gradient,
        inputs=[
            (_ROWS[0], _SOFT[0], 1.0),
            (_ROWS[1], _SOFT[2], 1.0),
            (_ROWS[3], _SOFT[3], 2.5),
        ],
        hint="Probability minus target, at the logits that the temperature has divided; and the chain rule once more.",
    ),
    Exercise(
        name="crossentropy.jacobian",
        expected=_jacobian,
        inputs=[(np.array([2.0, 1.0, -1.0]),), (np.zeros(4),), (np.array([1000.0, 999.0]),)],
        hint="The diagonal holds p_k (1 − p_k), every other place −p_k p_j: a diagonal matrix less an outer product.",
    ),
    Exercise(
        name="crossentropy.pieces",
        expected=_whole,
        inputs=[
            (np.array([0.7, 2.1]), np.array([4, 1])),
            (np.array([1.0, 2.0, 3.0]), np.array([5, 5, 5])),
            (np.array([1.5, np.nan, 0.5]), np.array([2, 0, 6])),
        ],
        hint="A mean times its count is a sum. A piece without a real token has nothing to add, not even NaN times 0.",
    ),
    Exercise(
        name="crossentropy.z-loss",
        expected=_with_z_loss,
        inputs=[
            (np.array([2.0, 1.0, -1.0]), 1, 0.01),
            (np.array([0.0, 0.0]), 0, 0.5),
            (np.array([1000.0, 998.0, 0.0]), 2, 0.001),
        ],
        hint="To probability minus target add 2λ times the logarithm of the sum times the probability of each class.",
    ),
    Exercise(
        name="crossentropy.first-loss",
        expected=math.log(1000),
        rtol=1e-3,
        hint="With all logits near 0 every class has about the same probability. Which one is it?",
    ),
    Exercise(
        name="crossentropy.floor",
        expected=math.log(math.e + 999) - 1,
        rtol=1e-4,
        hint="The second softmax sees numbers from 0 to 1. What does it make of 1, 0, 0, …?",
    ),
    Exercise(
        name="crossentropy.weighted-mean",
        expected=_weighted,
        inputs=[
            (_ROWS, _SOFT, np.array([1.0, 1.0, 1.0])),
            (_ROWS, _SOFT, np.array([1.0, 2.0, 5.0])),
            (_ROWS[:2], _SOFT[:2], np.array([0.5, 0.25, 9.0])),
        ],
        hint="Each class's term carries its own weight. With probabilities as targets, what is divided by?",
    ),
    Exercise(
        name="crossentropy.smoothed-gap",
        expected=lambda classes, smoothing: math.log(classes * (1 - smoothing) / smoothing + 1),
        inputs=[(10, 0.1), (2, 0.5), (1000, 0.05)],
        formula=Formula("gap(classes, smoothing)"),
        hint="At the minimum the probabilities equal the smoothed labels. What is the logarithm of their ratio?",
    ),
    Exercise(
        name="crossentropy.binary",
        expected=_binary,
        inputs=[(0.0, 1.0), (2.0, 0.0), (-3.0, 0.25), (800.0, 0.0), (-800.0, 1.0), (40.0, 1.0)],
        formula=Formula("bce(logit, target)"),
        hint="ln(1 + eˣ) is max(x, 0) plus something that cannot overflow.",
    ),
    Exercise(
        name="crossentropy.calibration-error",
        expected=lambda p, labels, bins: expected_calibration_error(p, labels, bins),
        inputs=[(_SURE, _RIGHT, 1), (_SURE, _RIGHT, 2), (_SURE, _RIGHT, 10), (_SURE[:4], 1 - _RIGHT[:4], 5)],
        hint="Within a bin, compare means first, then take the absolute value; weigh each bin by its answers.",
    ),
)
