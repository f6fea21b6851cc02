"""The shape and the scale that Barron's adaptive loss learns from residuals, under three kinds of noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array
from lossbook.losses import AdaptiveRobustLoss

from .record import Experiment, Record, load
from .starts import Start

#: How many residuals are drawn.
SIZE = 2000
#: After how many steps of descent the record looks; the last column of the record is the end, found by SciPy.
SNAPSHOTS = (300, 1000)

_RATE = 0.3
_DRAWS: dict[str, Callable[[np.random.Generator], Array]] = {
    "normal": lambda chance: chance.normal(size=SIZE),
    "Laplace": lambda chance: chance.laplace(size=SIZE),
    "Cauchy": lambda chance: chance.standard_cauchy(SIZE),
}
NOISES = tuple(_DRAWS)


def residuals(noise: str, start: Start) -> Array:
    """Draw 2,000 residuals with scale 1."""
    if noise not in _DRAWS:
        raise ValueError(f"noise: expected one of {', '.join(NOISES)}, got {noise!r}")
    return start.disturb([_DRAWS[noise](np.random.default_rng(start.seed))])[0]


def cost(alpha: float, c: float, r: Array) -> float:
    """Return the mean negative log-likelihood of the residuals, in nats."""
    return float(AdaptiveRobustLoss(alpha, c).loss(r, np.zeros_like(r)))


def learn_shape(
    residuals: ArrayLike, *, alpha: float = 1.0, c: float = 1.0, rate: float = _RATE, steps: int = SNAPSHOTS[0]
) -> Array:
    """Learn α and c of Barron's loss from residuals, by gradient descent on its negative log-likelihood.

    Steps are taken in t and ln c, where α = 2 σ(t), so that α stays between 0 and 2, and c above 0.

    Returns
    -------
    ndarray, shape (steps + 1, 2)
        α and c after each step, the start included.
    """
    r = np.asarray(residuals, float)
    t, log_c = np.log(alpha / (2 - alpha)), np.log(c)
    path = [(alpha, c)]
    for _ in range(steps):
        slope = AdaptiveRobustLoss(alpha, c).grad_parameters(r, np.zeros_like(r))
        t -= 10 * rate * slope["alpha"] * alpha * (2 - alpha) / 2
        log_c -= rate * slope["c"] * c
        # Close to its ends the sigmoid rounds to them, and at 2 there is no derivative.
        alpha, c = float(np.clip(2 / (1 + np.exp(-t)), 1e-6, 2 - 1e-6)), float(np.exp(log_c))
        path.append((alpha, c))
    return np.array(path)


def best_scale(alpha: float, r: Array) -> float:
    """Return the c with the least cost for a given α."""
    from scipy.optimize import minimize_scalar

    middle = float(np.log(np.median(np.abs(r))))
    found: Any = minimize_scalar(
        lambda log_c: cost(alpha, np.exp(log_c), r), bounds=(middle - 2, middle + 2), method="bounded",
        options={"xatol": 1e-8},
    )  # fmt: skip
    return float(np.exp(found.x))


def best_shape(residuals: ArrayLike) -> tuple[float, float]:
    """Return α and c with the least cost of all, to about six digits: where descent would end if it had the time.

    For each α the best c is found, and then the best α; both ends of its range, 0 and 2, are tried by themselves.
    """
    from scipy.optimize import minimize_scalar

    r = np.asarray(residuals, float)
    found: Any = minimize_scalar(
        lambda alpha: cost(alpha, best_scale(alpha, r), r), bounds=(0, 2), method="bounded", options={"xatol": 1e-6}
    )
    shapes = [float(found.x), 0.0, 2.0]
    # What differs by less than rounding leaves is the same, and then the end of the range has it.
    costs = [cost(alpha, best_scale(alpha, r), r) for alpha in shapes]
    costs[0] += 1e-9
    alpha = shapes[int(np.argmin(costs))]
    return alpha, best_scale(alpha, r)


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    alphas, scales, gains = [], [], []
    for start in starts:
        r = residuals(case, start)
        path, end = learn_shape(r, steps=SNAPSHOTS[-1]), best_shape(r)
        states = [*(path[steps] for steps in SNAPSHOTS), end]
        alphas.append([state[0] for state in states])
        scales.append([state[1] for state in states])
        # In nats, of the whole sample: by so much the best shape is likelier than squared error.
        gains.append(SIZE * (cost(2.0, best_scale(2.0, r), r) - cost(*end, r)))
    return {"alpha": np.array(alphas), "c": np.array(scales), "gain over squared": np.array(gains)}


EXPERIMENT = Experiment(
    name="adaptive_shape",
    cases=NOISES,
    measure=_measure,
    settings={"residuals": SIZE, "rate": _RATE, "snapshots": SNAPSHOTS, "start": {"alpha": 1.0, "c": 1.0}},
)


def record() -> Record:
    """Return what 30 samples, and one sample with other rounding 30 times, gave for each noise."""
    return load(EXPERIMENT)
