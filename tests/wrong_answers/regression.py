"""Plausible wrong answers to the exercises of the chapter on regression losses."""

from __future__ import annotations

import math

import numpy as np


def naive_barron(u, alpha):
    if alpha in (0, 2):
        return u * u / 2 if alpha else math.log1p(u * u / 2)
    b = abs(alpha - 2)
    return b / alpha * ((u * u / b + 1) ** (alpha / 2) - 1)


WRONG_ANSWERS = {
    "regression.huber": [
        lambda r, delta: np.where(np.abs(r) <= delta, r**2 / 2, np.abs(r) - delta / 2),  # right for δ = 1 only
        lambda r, delta: np.where(np.abs(r) <= delta, r**2 / 2, delta * np.abs(r)),  # a jump at the corner
        lambda r, delta: np.where(np.abs(r) <= delta, r**2, delta * (2 * np.abs(r) - delta)),  # without the half
    ],
    "regression.log-cosh": [
        lambda r: float(np.log(np.cosh(r))),  # overflows
        lambda r: abs(r) - math.log(2) + math.log1p(math.exp(-2 * abs(r))),  # loses small residuals
        lambda r: abs(r) - math.log(2),  # the limit, not the loss
    ],
    "regression.quantile": [0.1, 9, 0.5, 8 / 9],
    "regression.learning-rate": [1e-4, 1e-4 / 64, 64, 1e-4 * 8],
    "regression.broadcast": [0, 1, 2 / 3, 4],
    "regression.minimiser": [
        lambda data, delta: float(np.mean(data)),
        lambda data, delta: float(np.median(data)),
        lambda data, delta: float(np.mean(np.clip(data, -delta, delta))),  # clips the data, not the residuals
        lambda data, delta: float(np.median(data) + np.clip(data - np.median(data), -delta, delta).mean()),  # one step
    ],
    "regression.barron": [
        naive_barron,
        lambda u, alpha: abs(alpha - 2) / alpha * ((u * u / abs(alpha - 2) + 1) ** (alpha / 2) - 1),
        lambda u, alpha: math.log1p(u * u / 2),
    ],
    "regression.weight": [
        lambda r, c: r * (1 - (r / c) ** 2) ** 2 if abs(r) < c else 0.0,  # the slope
        lambda r, c: (1 - (r / c) ** 2) ** 2,  # grows again beyond c
        lambda r, c: 1 - (r / c) ** 2 if abs(r) < c else 0.0,
    ],
    "regression.efficiency": [1.345, 0.99, 2.5, 3],
    "regression.contamination": [
        lambda delta: math.erfc(delta / math.sqrt(2)),  # how much of normal noise lies beyond δ
        lambda delta: (
            2 / delta * math.exp(-delta * delta / 2) / math.sqrt(2 * math.pi) - math.erfc(delta / math.sqrt(2))
        ),  # the odds, not the share
        lambda delta: 2 / delta * math.exp(-delta * delta / 2) / math.sqrt(2 * math.pi),
    ],
    "regression.width": [3, 5 / 3, 4.5**0.5, 9, 2],
}
