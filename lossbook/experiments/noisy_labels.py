"""Exponential and logistic loss on labels of which some are wrong: a straight boundary, and boosted stumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .record import Experiment
from .starts import Start

EXPONENTIAL, LOGISTIC = "exponential", "logistic"
LOSSES = (EXPONENTIAL, LOGISTIC)
STRAIGHT, BOOSTED = "straight", "boosted"
MODELS = (STRAIGHT, BOOSTED)
#: Shares of training labels that are turned round.
NOISES = (0.0, 0.1, 0.2)

#: What boosting may choose from: shares of each stump's answer that are added, and numbers of stumps.
RATES = (0.1, 0.3, 1.0)
STUMPS = 600
EVERY = 20
#: Numbers of stumps at which the record holds every rate, chosen or not.
KEPT = (100, 600)
#: How many of the hardest points are looked at by themselves.
HARDEST = 10

_STRAIGHT_POINTS, _PENALTY = 200, 1e-4
_BOOSTED_POINTS, _VALIDATION, _TEST = 500, 500, 4000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Data:
    """Training and test points; the wrong labels are among the first alone.

    Attributes
    ----------
    x : ndarray, shape (n, d)
        Training points.
    labels : ndarray, shape (n,)
        Their labels, 1 or −1, some of them wrong.
    wrong : ndarray, shape (n,)
        Which.
    test, truth : ndarray
        Test points with right labels.
    """

    x: Floats
    labels: Floats
    wrong: NDArray[np.bool_]
    test: Floats
    truth: Floats


@dataclass(frozen=True)
class Run:
    """One loss at one share of wrong labels, from several starts.

    Attributes
    ----------
    errors : ndarray, shape (starts,)
        Share of test points, all rightly labelled, that are misjudged.
    wrong : ndarray, shape (starts,)
        Share of the whole pull, at the end of training, that wrongly labelled points have.
    hardest : ndarray, shape (starts,)
        Share that the ten points with the strongest pull have.
    """

    errors: Floats
    wrong: Floats
    hardest: Floats


@dataclass(frozen=True)
class Boosted(Run):
    """Boosted stumps, at the rate and the number of stumps that each start chose by its validation points.

    Attributes
    ----------
    rate, stumps : ndarray, shape (starts,)
        What was chosen.
    grid : ndarray, shape (starts, rates · numbers of stumps)
        Errors at every rate and number of `RATES` and `KEPT`, nothing chosen: the first rate first.
    """

    rate: Floats
    stumps: NDArray[np.intp]
    grid: Floats


def pull(loss: str, margins: Floats) -> Floats:
    """Return minus the slope of the loss at each margin.

    Parameters
    ----------
    loss : {"exponential", "logistic"}
        Of the margin.
    margins : ndarray
        Label times score.
    """
    if loss == EXPONENTIAL:
        return np.exp(np.minimum(-margins, 500))
    if loss == LOGISTIC:
        return np.exp(-np.logaddexp(0, margins))
    raise ValueError(f"loss: expected one of {', '.join(LOSSES)}, got {loss!r}")


def _turned(labels: Floats, noise: float, chance: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    wrong = chance.random(labels.shape) < noise
    return np.where(wrong, -labels, labels), wrong


def plane(start: Start, noise: float) -> Data:
    """Draw two classes in the plane that a straight line parts, but for a little noise beside the line."""
    chance = np.random.default_rng(start.seed)
    direction = np.array([2.0, -1.0])
    x = 1.5 * chance.standard_normal((_STRAIGHT_POINTS, 2))
    test = 1.5 * chance.standard_normal((_TEST, 2))
    labels, wrong = _turned(
        np.where(x @ direction + 0.5 * chance.standard_normal(len(x)) > 0, 1.0, -1.0), noise, chance
    )
    return Data(start.disturb([x])[0], labels, wrong, test, np.where(test @ direction > 0, 1.0, -1.0))


def ball(start: Start, noise: float) -> tuple[Data, Data]:
    """Draw points inside (−1) and outside (1) a ball in ten dimensions, for training and for validation.

    The labels of both are wrong equally often; both have the same test points.
    """
    chance = np.random.default_rng(start.seed)
    x = chance.standard_normal((_BOOSTED_POINTS + _VALIDATION + _TEST, 10))
    # The median of a sum of ten squares: half of the points lie within.
    truth = np.where((x**2).sum(1) > 9.34, 1.0, -1.0)
    labels, wrong = _turned(truth, noise, chance)
    x = start.disturb([x])[0]
    parts = np.split(np.arange(len(x)), [_BOOSTED_POINTS, _BOOSTED_POINTS + _VALIDATION])
    training, validation = (Data(x[p], labels[p], wrong[p], x[parts[2]], truth[parts[2]]) for p in parts[:2])
    return training, validation


def fit_line(loss: str, data: Data) -> Floats:
    """Return weights and offset of the straight boundary, with a tiny penalty on them."""
    from scipy.optimize import minimize

    x = np.column_stack([data.x, np.ones(len(data.x))])

    def objective(w: Floats) -> tuple[float, Floats]:
        margins = data.labels * (x @ w)
        strength = pull(loss, margins)
        cost = strength if loss == EXPONENTIAL else np.logaddexp(0, -margins)
        return float(cost.mean() + _PENALTY * w @ w), -(strength * data.labels) @ x / len(x) + 2 * _PENALTY * w

    return np.asarray(minimize(objective, np.zeros(x.shape[1]), jac=True).x)


@dataclass
class Stumps:
    """Gradient boosting with stumps, for several starts at once, by the rules of scikit-learn.

    Each round parts all points by one coordinate at one place, so that the pulls of both sides differ most, and then
    takes a step of Newton on either side.

    Parameters
    ----------
    loss : {"exponential", "logistic"}
        Of the margin.
    rate : float
        Which share of the step is taken.
    x, labels : ndarray, shape (starts, n, d) and (starts, n)
        Training points.
    """

    loss: str
    rate: float
    x: Floats
    labels: Floats

    def __post_init__(self) -> None:
        self._order = np.argsort(self.x.transpose(0, 2, 1), axis=2)
        self._each = np.arange(len(self.x))
        share = (1 + self.labels.mean(1)) / 2
        self.first = np.log(share / (1 - share)) / (2 if self.loss == EXPONENTIAL else 1)
        self.scores = np.repeat(self.first[:, None], self.labels.shape[1], axis=1)

    def grow(self) -> tuple[NDArray[np.intp], Floats, Floats, Floats]:
        """Add one stump for each start: which coordinate, where it is cut, and what is added below and above."""
        strength = pull(self.loss, self.labels * self.scores)
        slope = self.labels * strength
        curve = strength if self.loss == EXPONENTIAL else strength * (1 - strength)
        starts, coordinates, count = self._order.shape
        below = np.cumsum(slope[self._each[:, None, None], self._order], axis=2)[:, :, :-1]
        sizes = np.arange(1, count)
        gain = below**2 / sizes + (slope.sum(1)[:, None, None] - below) ** 2 / (count - sizes)
        coordinate, size = np.divmod(gain.reshape(starts, -1).argmax(1), count - 1)
        values = self.x[self._each, :, coordinate]
        edges = [values[self._each, self._order[self._each, coordinate, size + step]] for step in (0, 1)]
        cut = (edges[0] + edges[1]) / 2
        left = values <= cut[:, None]
        added = [self._step((slope * side).sum(1), (curve * side).sum(1)) for side in (left, ~left)]
        self.scores += np.where(left, added[0][:, None], added[1][:, None])
        return coordinate, cut, added[0], added[1]

    def _step(self, slope: Floats, curve: Floats) -> Floats:
        # Where nothing pulls any more, nothing is added.
        some = curve > 1e-150
        return np.where(some, self.rate * slope / np.where(some, curve, 1), 0.0)


def boost(loss: str, rate: float, data: Sequence[Data], others: Floats, stumps: int = STUMPS) -> tuple[Floats, Floats]:
    """Boost, and return the scores of training points and of others after every 20 stumps.

    Parameters
    ----------
    loss, rate
        As for `Stumps`.
    data : sequence of Data
        One for each start.
    others : ndarray, shape (starts, m, d)
        Points that are judged and not learnt.
    stumps : int
        How many at most.

    Returns
    -------
    tuple of ndarray
        Shapes (snapshots, starts, n) and (snapshots, starts, m).
    """
    model = Stumps(loss, rate, np.stack([d.x for d in data]), np.stack([d.labels for d in data]))
    each = np.arange(len(data))
    judged = np.repeat(model.first[:, None], others.shape[1], axis=1)
    snapshots: tuple[list[Floats], list[Floats]] = [], []
    for count in range(1, stumps + 1):
        coordinate, cut, below, above = model.grow()
        judged += np.where(others[each, :, coordinate] <= cut[:, None], below[:, None], above[:, None])
        if count % EVERY == 0:
            snapshots[0].append(model.scores.copy())
            snapshots[1].append(judged.copy())
    return np.array(snapshots[0]), np.array(snapshots[1])


def _concentration(strength: Floats, wrong: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return which share of the pull wrong labels have, and which the ten hardest points; the points come last."""
    whole = strength.sum(-1)
    return (strength * wrong).sum(-1) / whole, np.sort(strength)[..., -HARDEST:].sum(-1) / whole


def straight(loss: str, noise: float, starts: Sequence[Start]) -> Run:
    """Fit a straight boundary from each start.

    Parameters
    ----------
    loss : {"exponential", "logistic"}
        Of the margin.
    noise : float
        Share of training labels that are turned round.
    starts : sequence of Start
        Each draws data of its own.
    """
    rows = []
    for data in (plane(start, noise) for start in starts):
        *direction, offset = fit_line(loss, data)
        scores, judged = (x @ direction + offset for x in (data.x, data.test))
        strength = pull(loss, data.labels * scores)
        rows.append((np.mean((judged > 0) != (data.truth > 0)), *_concentration(strength, data.wrong)))
    return Run(*np.array(rows, dtype=np.float64).T)


def boosted(loss: str, noise: float, starts: Sequence[Start], *, stumps: int = STUMPS) -> Boosted:
    """Boost stumps at every rate, and let each start choose rate and number by its validation points.

    Parameters
    ----------
    loss, noise, starts
        As for `straight`. Validation labels are wrong as often as training labels.
    stumps : int
        How many at most.
    """
    pairs = [ball(start, noise) for start in starts]
    data, validation = zip(*pairs, strict=True)
    others = np.stack([np.concatenate([v.x, v.test]) for v in validation])
    given, wrong = np.stack([v.labels for v in validation]), np.stack([d.wrong for d in data])
    labels, truth = np.stack([d.labels for d in data]), np.stack([d.truth for d in data])
    missed, errors, pulls = [], [], []
    for rate in RATES:
        scores, judged = boost(loss, rate, data, others, stumps)
        missed.append(((judged[:, :, :_VALIDATION] > 0) != (given > 0)).mean(2))
        errors.append(((judged[:, :, _VALIDATION:] > 0) != (truth > 0)).mean(2))
        pulls.append(_concentration(pull(loss, labels * scores), wrong))
    # The first of equals: the smaller rate, and the fewer stumps.
    best = np.concatenate(missed).argmin(0)
    number, each = len(missed[0]), np.arange(len(starts))
    kept = [min(count, stumps) // EVERY - 1 for count in KEPT]
    return Boosted(
        errors=np.concatenate(errors)[best, each],
        wrong=np.concatenate([p[0] for p in pulls])[best, each],
        hardest=np.concatenate([p[1] for p in pulls])[best, each],
        rate=np.array(RATES)[best // number],
        stumps=EVERY * (best % number + 1),
        grid=np.concatenate([table[kept] for table in errors]).T,
    )


def case(model: str, noise: float, loss: str) -> str:
    """Return a case's name."""
    return f"{model}, {noise:.0%} wrong, {loss}"


_CASES = {case(model, noise, loss): (model, noise, loss) for model in MODELS for noise in NOISES for loss in LOSSES}


def _measure(name: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    model, noise, loss = _CASES[name]
    run = straight(loss, noise, starts) if model == STRAIGHT else boosted(loss, noise, starts)
    return {key: np.asarray(value).round(4) for key, value in vars(run).items()}


EXPERIMENT = Experiment(
    name="noisy_labels",
    cases=tuple(_CASES),
    measure=_measure,
    settings={
        "straight": {"deviation": 1.5, "points": _STRAIGHT_POINTS, "penalty": _PENALTY},
        "boosted": {
            "points": _BOOSTED_POINTS,
            "validation": _VALIDATION,
            "rates": RATES,
            "stumps": STUMPS,
            "every": EVERY,
            "kept": KEPT,
        },
        "noises": NOISES,
        "test": _TEST,
        "hardest": HARDEST,
    },
    batch=15,
)
