"""Plausible wrong answers to the exercises of the chapter on cross-entropy."""

from __future__ import annotations

import math

import numpy as np


def naive_softmax(z):
    return np.exp(z) / np.exp(z).sum()


def plain_softmax(z):
    return naive_softmax(z - z.max())


def plain_cross_entropy(z, y):
    largest = z.max()
    return np.log(np.exp(z - largest).sum()) + largest - z[y]


def rowwise_log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


WRONG_ANSWERS = {
    "crossentropy.softmax": [
        naive_softmax,
        lambda z: np.exp(z - z.max()),  # does not add up to 1
        lambda z: naive_softmax(z / np.abs(z).max()),  # divided where it should be shifted
        lambda z: naive_softmax(z - np.sum(z)),
    ],
    "crossentropy.loss": [
        lambda z, y: -np.log(naive_softmax(z)[y]),
        plain_cross_entropy,  # rounds the loss of a sure right answer to 0
        lambda z, y: np.log1p(np.exp(np.delete(z, y) - z[y]).sum()),  # overflows where the answer is wrong
        lambda z, y: -np.log(naive_softmax(z - z.max())[y] + 1e-12),
    ],
    "crossentropy.gradient": [
        lambda z, t, T: naive_softmax(z / T) - t,  # without the chain rule
        lambda z, t, T: (t - naive_softmax(z / T)) / T,
        lambda z, t, T: (naive_softmax(z) - t) / T,
        lambda z, t, T: naive_softmax(z / T) / T,
    ],
    "crossentropy.first-loss": [1000, 1 / 1000, math.log2(1000), math.log10(1000), 6.8],
    "crossentropy.floor": [0, 1.4612, math.log(1000), math.log(math.e + 999), math.log(math.e + 1000) - 1 + 0.01],
    "crossentropy.weighted-mean": [
        lambda z, t, w: -(w * t * rowwise_log_softmax(z)).sum() / (w * t).sum(),
        lambda z, t, w: -(w * t * rowwise_log_softmax(z)).sum() / w[t.argmax(axis=1)].sum(),
        lambda z, t, w: -(w * t * rowwise_log_softmax(z)).mean(),  # divides by the classes as well
        lambda z, t, w: -(t * rowwise_log_softmax(z)).sum() / len(z),
    ],
    "crossentropy.smoothed-gap": [
        lambda k, s: math.log((1 - s) / s),
        lambda k, s: math.log(k * (1 - s) / s),  # the true class gets its share of s as well
        lambda k, s: math.log((k - 1) * (1 - s) / s),
        lambda k, s: math.inf,
    ],
    "crossentropy.binary": [
        lambda z, t: -t * math.log(1 / (1 + math.exp(-z))) - (1 - t) * math.log(1 - 1 / (1 + math.exp(-z))),
        lambda z, t: max(z, 0) - t * z + math.log(1 + math.exp(-abs(z))),  # rounds the loss at 40 to 0
        lambda z, t: np.logaddexp(0, z),
        lambda z, t: np.logaddexp(0, -z) * t,
    ],
    "crossentropy.jacobian": [
        lambda z: np.diag(plain_softmax(z) * (1 - plain_softmax(z))),  # the diagonal alone
        lambda z: np.diag(plain_softmax(z)) + np.outer(plain_softmax(z), plain_softmax(z)),
        lambda z: np.diag(naive_softmax(z)) - np.outer(naive_softmax(z), naive_softmax(z)),  # overflows
    ],
    "crossentropy.pieces": [
        lambda means, counts: np.nanmean(means),  # the mean of means
        lambda means, counts: np.dot(means, counts) / np.sum(counts),  # NaN times 0
        lambda means, counts: np.nansum(means * counts) / np.sum(np.ones_like(counts)),
    ],
    "crossentropy.z-loss": [
        lambda z, y, weight: plain_softmax(z) - np.eye(len(z))[y],
        lambda z, y, weight: (1 + 2 * weight) * plain_softmax(z) - np.eye(len(z))[y],  # the logarithm forgotten
        lambda z, y, weight: plain_softmax(z) * (1 + 2 * weight * np.log(np.exp(z).sum())) - np.eye(len(z))[y],
    ],
    "crossentropy.calibration-error": [
        lambda p, y, b: abs((p.max(axis=1) - (p.argmax(axis=1) == y)).mean()),  # one bin, whatever is asked
        lambda p, y, b: np.abs(p.max(axis=1) - (p.argmax(axis=1) == y)).mean(),  # the distance before the mean
        lambda p, y, b: 0.0,
        lambda p, y, b: 1 - (p.argmax(axis=1) == y).mean(),
    ],
}
