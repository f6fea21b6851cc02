"""How well confidence and right answers agree: bins of confidence, the error over them, the best temperature.

It needs no PyTorch: an exercise is checked with it, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import softmax

Floats = NDArray[np.float64]
#: Each bin of a reliability diagram is this fraction of the scale from 0 to 1.
BINS = 10


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """Return the temperature that makes the cross-entropy of these logits smallest.

    In β = 1/T the loss is convex, and its slope, the mean of Σ p_k z_k − z_y, only rises: it is halved until it is 0.

    Parameters
    ----------
    logits : array_like, shape (N, C)
        Logits on pictures that the network did not learn from.
    labels : array_like of int, shape (N,)
        Their classes.

    Raises
    ------
    ValueError
        If the best temperature does not lie between 1/1000 and 1000: every answer is right, or they are no better
        than chance.
    """
    z, y = np.asarray(logits, dtype=float), np.asarray(labels)
    z = z - z.max(axis=1, keepdims=True)
    chosen = z[np.arange(len(y)), y]

    def slope(log_beta: float) -> float:
        p = softmax(np.exp(log_beta) * z)
        return float(((p * z).sum(axis=1) - chosen).mean())

    low, high = -np.log(1000), np.log(1000)
    if not slope(low) < 0 < slope(high):
        raise ValueError("labels: no temperature from 0.001 to 1000 makes the loss smallest")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return float(np.exp(-(low + high) / 2))


def reliability(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> tuple[Floats, Floats, Floats]:
    """Return for each bin of confidence its number of answers, their mean confidence, and the share that is right.

    Parameters
    ----------
    probabilities : array_like, shape (N, C)
        Rows of probabilities; the answer is the largest, and its probability the confidence.
    labels : array_like of int, shape (N,)
        What is right.
    bins : int
        Number of bins of equal width from 0 to 1; a bin includes its upper end.

    Returns
    -------
    counts, confidence, accuracy : ndarray, shape (bins,)
        Confidence and accuracy of an empty bin are NaN.
    """
    p, y = np.asarray(probabilities, dtype=float), np.asarray(labels)
    sure, right = p.max(axis=1), p.argmax(axis=1) == y
    at = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(at, minlength=bins).astype(float)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(at, weights=sure, minlength=bins) / counts
        accuracy = np.bincount(at, weights=right, minlength=bins) / counts
    return counts, confidence, accuracy


def expected_calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> float:
    """Return the mean distance of confidence and share of right answers, over bins that count by their answers.

    Parameters are those of `reliability`. Source: Naeini, Cooper and Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602.
    """
    counts, confidence, accuracy = reliability(probabilities, labels, bins)
    some = counts > 0
    return float((counts[some] * np.abs(confidence[some] - accuracy[some])).sum() / counts.sum())
