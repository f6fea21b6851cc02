"""Plausible wrong answers to the exercises of the chapter on saturation."""

from __future__ import annotations

import math

import numpy as np

from lossbook.functions import sigmoid, softmax, softplus


def logistic(z):
    return 1 / (1 + math.exp(-z))


def wait(slope, z, rate):
    steps = 0
    while z >= 0:
        z, steps = z - rate * slope(logistic(z)), steps + 1
    return steps


def cross_entropy(p, y):
    return -math.log(p if y else 1 - p)


WRONG_ANSWERS = {
    "saturation.factor": [0.09, 0.9, 1 / 0.9, 10],
    "saturation.fastest": [0.5, 1, 1 / 3, 0.148],
    "saturation.slope": [
        lambda z, y: (logistic(z) - y) * logistic(z) * (1 - logistic(z)),  # 1 − σ(40) has lost its digits
        lambda z, y: logistic(z) - y,  # cross-entropy's
        lambda z, y: (y - logistic(z)) * logistic(z) * logistic(-z),  # the sign
    ],
    "saturation.curvature": [
        lambda z, y: logistic(z) * logistic(-z),  # cross-entropy's
        lambda z, y: (logistic(z) * logistic(-z)) ** 2,  # half of the product rule
        lambda z, y: logistic(z) ** 2 * logistic(-z) * (2 - 3 * logistic(z)),  # right for the target 0 only
    ],
    "saturation.wait": [
        lambda z, rate: wait(lambda a: a, z, rate),  # cross-entropy's step
        lambda z, rate: wait(lambda a: a * (1 - a), z, rate),  # the error forgotten
        lambda z, rate: wait(lambda a: a**2 * (1 - a), z, rate) - 1,
    ],
    "saturation.hessian": [
        lambda x, w: x.T @ x / len(x),
        lambda x, w: x.T @ (x * (sigmoid(x @ w) * sigmoid(-x @ w))[:, None]),  # a sum, no mean
        lambda x, w: x.T @ (x * sigmoid(x @ w)[:, None]) / len(x),
    ],
    "saturation.softmax": [
        lambda z, y: softmax(z) - np.eye(len(z))[y],  # cross-entropy's
        lambda z, y: (softmax(z) - np.eye(len(z))[y]) * softmax(z) * (1 - softmax(z)),  # the diagonal alone
        lambda z, y: -softmax(z) * (softmax(z)[y] - softmax(z)),
    ],
    "saturation.corrected": [
        lambda p, y, flip: cross_entropy(p, y),
        lambda p, y, flip: (1 - flip) * cross_entropy(p, y) + flip * cross_entropy(p, 1 - y),  # the flips once more
        lambda p, y, flip: (1 - flip) * cross_entropy(p, y) - flip * cross_entropy(p, 1 - y),  # not divided
    ],
    "saturation.tanh": [
        lambda z, y: math.log(math.cosh(z)) - y * z,  # overflows
        lambda z, y: float(softplus(-2 * y * z)),  # not 0 at 0
        lambda z, y: (math.tanh(z) - y) ** 2 / 2,
    ],
}
