"""A target with two values for each input, or with one: squared error against cross-entropy over bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, softmax
from lossbook.losses import BinnedCrossEntropyLoss, MSELoss

from .record import Experiment, Record, load
from .starts import Start

TWO, ONE = "two values", "normal noise"
EDGES = np.linspace(-2, 2, 41)
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
#: How many data are fitted, and how many new ones are predicted.
SIZE = 1200
#: After how many steps of descent the record looks.
SNAPSHOTS = (100, 400, 1000)
#: Targets at most so far away from a prediction are near it.
NEAR = 0.25

_CENTRES = np.linspace(-1, 1, 9)
_RATES = {"number": 0.4, "histogram": 2.0}
_SIGMA = 0.1


def data(case: str, start: Start, count: int = 2 * SIZE) -> tuple[Array, Array]:
    """Return inputs from −1 to 1 and their targets.

    Parameters
    ----------
    case : {"two values", "normal noise"}
        Targets near ±(1 + x/2), either sign as likely; or x/2 with normal noise of 0.3.
    start : Start
        Gives the data.
    count : int
        How many.
    """
    if case not in (TWO, ONE):
        raise ValueError(f"case: expected {TWO!r} or {ONE!r}, got {case!r}")
    chance = np.random.default_rng(start.seed)
    x = chance.uniform(-1, 1, count)
    if case == TWO:
        sign = chance.choice([-1.0, 1.0], count)
        y = sign * (1 + x / 2) + 0.1 * chance.normal(size=count)
    else:
        y = x / 2 + 0.3 * chance.normal(size=count)
    x, y = start.disturb([x, y])
    # Once in millions a target lies beyond the bins; it then counts as in the last one.
    return x, np.clip(y, EDGES[0], np.nextafter(EDGES[-1], 0))


def features(x: ArrayLike) -> Array:
    """Return nine bumps and a one for each input: a model that is linear in them can bend."""
    x = np.asarray(x, float)
    return np.concatenate([np.exp(-(((x[:, None] - _CENTRES) / 0.3) ** 2)), np.ones((len(x), 1))], axis=1)


@dataclass(frozen=True)
class Fits:
    """The same features, fitted under both losses.

    Attributes
    ----------
    numbers : ndarray, shape (10,)
        Weights of the model that says a number.
    logits : ndarray, shape (10, 40)
        Weights of the model that says a histogram.
    """

    numbers: Array
    logits: Array

    def predict(self, x: ArrayLike) -> tuple[Array, Array]:
        """Return the number, and the probability of each bin, for each input."""
        return features(x) @ self.numbers, softmax(features(x) @ self.logits)


def train(x: ArrayLike, y: ArrayLike, snapshots: Sequence[int] = SNAPSHOTS) -> list[Fits]:
    """Fit both models by gradient descent from zero, each on its own loss.

    Returns
    -------
    list of Fits
        After each of the wanted numbers of steps, which rise.
    """
    inputs, targets = features(x), np.asarray(y, float)
    squared, binned = MSELoss(half=True), BinnedCrossEntropyLoss(EDGES, sigma=_SIGMA)
    numbers, logits = np.zeros(inputs.shape[1]), np.zeros((inputs.shape[1], EDGES.size - 1))
    rows = binned.target_rows(targets)
    fits = []
    for step in range(1, snapshots[-1] + 1):
        numbers -= _RATES["number"] * inputs.T @ squared.grad(inputs @ numbers, targets)
        # The gradient of cross-entropy is p − t; the rows t do not change, so they are made once.
        logits -= _RATES["histogram"] * inputs.T @ (softmax(inputs @ logits) - rows) / len(targets)
        if step in snapshots:
            fits.append(Fits(numbers.copy(), logits.copy()))
    return fits


def costs(fits: Fits, x: Array, y: Array, new_x: Array, new_y: Array) -> tuple[float, float]:
    """Return what new data cost in nats: under normal noise around the number, and under the histogram."""
    fitted, _ = fits.predict(x)
    variance = ((y - fitted) ** 2).mean()
    number, shares = fits.predict(new_x)
    normal = (np.log(2 * np.pi * variance) + (new_y - number) ** 2 / variance) / 2
    bins = np.searchsorted(EDGES, new_y, side="right") - 1
    density = shares[np.arange(len(new_y)), bins] / np.diff(EDGES)[bins]
    return float(normal.mean()), float(-np.log(density).mean())


def heaps(fits: Fits, x: float = 0.0) -> tuple[float, float, float]:
    """Return what lies in the lower half of the histogram at x, and the centres of its lower and its upper half."""
    share = fits.predict([x])[1][0]
    half = share.size // 2
    lower, upper = share[:half], share[half:]
    return float(lower.sum()), float(MIDDLES[:half] @ lower / lower.sum()), float(MIDDLES[half:] @ upper / upper.sum())


def _one(case: str, start: Start) -> dict[str, list[Any]]:
    x, y = data(case, start)
    seen, new = (x[:SIZE], y[:SIZE]), (x[SIZE:], y[SIZE:])
    fits = train(*seen)
    both = [costs(fit, *seen, *new) for fit in fits]
    found = [heaps(fit) for fit in fits]
    return {
        "prediction": [fit.predict([0.0])[0][0] for fit in fits],
        "near": [(np.abs(new[1] - fit.predict(new[0])[0]) < NEAR).mean() for fit in fits],
        "normal": [cost[0] for cost in both],
        "histogram": [cost[1] for cost in both],
        "lower share": [heap[0] for heap in found],
        "lower heap": [heap[1] for heap in found],
        "upper heap": [heap[2] for heap in found],
    }


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    each = [_one(case, start) for start in starts]
    return {quantity: np.array([one[quantity] for one in each]) for quantity in each[0]}


EXPERIMENT = Experiment(
    name="binned",
    cases=(TWO, ONE),
    measure=_measure,
    settings={
        "data": SIZE,
        "bins": EDGES.size - 1,
        "sigma": _SIGMA,
        "features": _CENTRES.size + 1,
        "rates": _RATES,
        "snapshots": SNAPSHOTS,
        "near": NEAR,
    },
)


def record() -> Record:
    """Return what 30 samples, and one sample with other rounding 30 times, gave with each kind of noise."""
    return load(EXPERIMENT)
