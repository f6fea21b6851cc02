"""Plausible wrong answers to the exercises of the chapter on likelihood."""

from __future__ import annotations

import math

import numpy as np


def naive_log_likelihood(theta, heads, tosses):
    return math.log(theta**heads * (1 - theta) ** (tosses - heads))


WRONG_ANSWERS = {
    "likelihood.fair-coin": [0.5, 0.5**9, 10 * 0.5**10, "a half", [0.5] * 2, math.nan],
    "likelihood.log-likelihood": [
        naive_log_likelihood,
        lambda t, h, n: h * math.log(t) + (n - h) * math.log(1 - t),  # 0 · ln 0
        lambda t, h, n: h * math.log(t + 1e-12) + (n - h) * math.log(1 - t + 1e-12),  # a fudge
        lambda t, h, n: math.inf,
        0.5,
    ],
    "likelihood.underflow": [149, 151, 1075],
    "likelihood.tosses": [5000, 250, 50],
    "likelihood.uniform": [np.mean, lambda x: 2 * np.mean(x), lambda x: np.max(x) * (len(x) + 1) / len(x)],
    "likelihood.poisson": [np.sum, np.median, lambda x: 1 / np.mean(x)],
    "likelihood.weighted-nll": [
        lambda p, y, w: -(w[y] * p[np.arange(len(y)), y]).mean(),  # divides by the number of rows
        lambda p, y, w: -p[np.arange(len(y)), y].mean(),
        lambda p, y, w: (w[y] * p[np.arange(len(y)), y]).sum() / w[y].sum(),  # the sign
        lambda p, y, w: -(w[y] * p[np.arange(len(y)), y]).sum() / w.sum(),
    ],
    "likelihood.logit-gradient": [
        lambda z, f: f - 1 / (1 + math.exp(-z)),
        lambda z, f: (1 / (1 + math.exp(-z)) - f) / (1 + math.exp(-z)),
    ],
}
