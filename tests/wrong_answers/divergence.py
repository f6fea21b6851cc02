"""Plausible wrong answers to the exercises of the chapter on KL divergence."""

from __future__ import annotations

import math

import numpy as np

WRONG_ANSWERS = {
    "divergence.bits": [math.log(2), 0.5, 2, math.inf],
    "divergence.kl": [
        lambda p, q: np.sum(p * np.log(p / q)),  # NaN where p is 0
        lambda p, q: np.sum(q[q > 0] * np.log(q[q > 0] / p[q > 0])),  # the other direction
        lambda p, q: np.sum(p * np.log((p + 1e-12) / (q + 1e-12))),  # a fudge
        lambda p, q: -np.sum(p[p > 0] * np.log(q[p > 0])),  # cross-entropy
        lambda p, q: np.sum(p[(p > 0) & (q > 0)] * np.log(p[(p > 0) & (q > 0)] / q[(p > 0) & (q > 0)])),
        lambda p, q: np.sum(p[p > 0] * np.log2(p[p > 0] / q[p > 0])),
    ],
    "divergence.direction": [math.inf, math.log(1.5) / 2, 1.5, math.log(2)],
    "divergence.lowest-term": [0, -1, -math.inf, 1 / math.e, -math.log(2) / 2],
    "divergence.moments": [
        lambda w, m, s: (np.sum(w * m), np.sum(w * s)),  # no part between the hills
        lambda w, m, s: (np.sum(w * m), np.sum(w * (s**2 + (m - np.sum(w * m)) ** 2))),  # the variance
        lambda w, m, s: (m.mean(), np.sqrt(np.mean(s**2 + (m - m.mean()) ** 2))),  # no weights
        lambda w, m, s: (m[np.argmax(w)], s[np.argmax(w)]),  # the reverse fit
    ],
    "divergence.js": [
        lambda p, q: np.sum(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))) / 2,  # 0 ln 0
        lambda p, q: np.sum((p - q) * np.log(np.maximum(p, 1e-12) / np.maximum(q, 1e-12))) / 2,  # Jeffreys
        lambda p, q: np.abs(p - q).sum() / 2 * np.log(2),
    ],
    "divergence.batchmean": [0.012, 0.012 * 32, 0.012 * 320, 0.0012],
    "divergence.gradient": [
        lambda z, p, T: np.exp(z / T) / np.exp(z / T).sum() - p,  # without the chain rule
        lambda z, p, T: (np.exp(z / T) / np.exp(z / T).sum() - p) / T,  # overflows
        lambda z, p, T: (p - np.exp((z - z.max()) / T) / np.exp((z - z.max()) / T).sum()) / T,
    ],
    "divergence.chi-square": [
        lambda p, q: np.sum((p - q) ** 2 / q),  # 0/0
        lambda p, q: np.sum((p - q)[p > 0] ** 2 / p[p > 0]),  # divided by the truth
        lambda p, q: np.sum((p[q > 0] / q[q > 0] - 1) ** 2),  # no weights
        lambda p, q: np.sum((p - q)[q > 0] ** 2 / q[q > 0]),  # never infinite
    ],
    "divergence.earth": [
        lambda a, b: np.mean(np.abs(a - b)),  # depends on the order
        lambda a, b: np.sum(np.abs(np.sort(a) - np.sort(b))),
        lambda a, b: abs(np.mean(a) - np.mean(b)),
        lambda a, b: np.sqrt(np.mean((np.sort(a) - np.sort(b)) ** 2)),
    ],
}
