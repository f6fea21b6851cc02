"""Exponential and logistic loss on labels of which some are wrong: a straight boundary, and boosted stumps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

EXPONENTIAL, LOGISTIC = "exponential", "logistic"


@dataclass(frozen=True)
class Run:
    """One loss at one share of wrong labels, over several seeds.

    Attributes
    ----------
    errors : ndarray, shape (seeds,)
        Share of test points, all rightly labelled, that are misjudged.
    weight : ndarray, shape (seeds,)
        Share of the total pull, at the end of training, that wrongly labelled points have.
    """

    errors: NDArray[np.float64]
    weight: NDArray[np.float64]


def _pull(loss: str, margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return minus the slope of the loss at each margin."""
    if loss == EXPONENTIAL:
        return np.exp(np.minimum(-margins, 500))
    if loss == LOGISTIC:
        return np.exp(-np.logaddexp(0, margins))
    raise ValueError(f"loss: expected {EXPONENTIAL!r} or {LOGISTIC!r}, got {loss!r}")


def _share(loss: str, margins: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    pull = _pull(loss, margins)
    return float(pull[wrong].sum() / pull.sum())


@cache
def straight(loss: str, noise: float, seeds: int = 20) -> Run:
    """Fit a line between two classes in the plane, with a tiny penalty on the weights.

    Parameters
    ----------
    loss : {"exponential", "logistic"}
        Of the margin.
    noise : float
        Share of training labels that are turned round.
    seeds : int
        Random data sets of 200 points.
    """
    from scipy.optimize import minimize

    errors, weight = [], []
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        x = np.column_stack([1.5 * chance.standard_normal((200, 2)), np.ones(200)])
        direction = np.array([2.0, -1.0, 0.0])
        labels = np.where(x @ direction + 0.5 * chance.standard_normal(200) > 0, 1.0, -1.0)
        test = np.column_stack([1.5 * chance.standard_normal((5000, 2)), np.ones(5000)])
        wrong = chance.random(200) < noise
        given = np.where(wrong, -labels, labels)

        def objective(
            w: NDArray[np.float64], x: NDArray[np.float64] = x, given: NDArray[np.float64] = given
        ) -> tuple[float, NDArray[np.float64]]:
            margins = given * (x @ w)
            pull = _pull(loss, margins)
            value = pull if loss == EXPONENTIAL else np.logaddexp(0, -margins)
            return float(value.mean() + 1e-4 * w @ w), -(pull * given) @ x / len(x) + 2e-4 * w

        w = minimize(objective, np.zeros(3), jac=True).x
        errors.append(np.mean((test @ w > 0) != (test @ direction > 0)))
        weight.append(_share(loss, given * (x @ w), wrong))
    return Run(np.array(errors), np.array(weight))


@cache
def boosted(loss: str, noise: float, seeds: int = 4) -> Run:
    """Boost 300 stumps with scikit-learn's gradient boosting on the ten-dimensional ball of Hastie and others.

    Parameters
    ----------
    loss, noise
        As for `straight`.
    seeds : int
        Random data sets of 600 points.
    """
    from sklearn.ensemble import GradientBoostingClassifier

    def draw(seed: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x = np.random.default_rng(seed).standard_normal((count, 10))
        return x, np.where((x**2).sum(1) > 9.34, 1.0, -1.0)

    errors, weight = [], []
    for seed in range(seeds):
        x, labels = draw(seed, 600)
        test, truth = draw(100 + seed, 4000)
        wrong = np.random.default_rng(1000 + seed).random(600) < noise
        given = np.where(wrong, -labels, labels)
        name = "exponential" if loss == EXPONENTIAL else "log_loss"
        model = GradientBoostingClassifier(
            loss=name, n_estimators=300, learning_rate=0.5, max_depth=1, random_state=seed
        ).fit(x, given)
        errors.append(1 - model.score(test, truth))
        weight.append(_share(loss, given * model.decision_function(x), wrong))
    return Run(np.array(errors), np.array(weight))
