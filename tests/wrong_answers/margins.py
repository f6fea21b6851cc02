"""Plausible wrong answers to the exercises of the chapter on classification losses."""

from __future__ import annotations

import math

import numpy as np

from lossbook.functions import sigmoid, softmax, softplus


def probability(z):
    return 1 / (1 + math.exp(-z))


WRONG_ANSWERS = {
    "margins.best-score": [math.log(9), 0.9, 0.8, -math.log(9)],
    "margins.logistic": [
        lambda m: np.log(1 + np.exp(-m)),  # loses digits at 40, overflows at −800
        lambda m: np.log1p(np.exp(m)),  # the sign
        lambda m: -np.log(sigmoid(m)),  # infinite at −800
    ],
    "margins.hinge-risk": [1.4, 0.3, 0.7, 1.0],
    "margins.adaboost": [math.log(4), math.log(0.25), 0.8, 0.5 * math.log(0.2)],
    "margins.reweigh": [
        lambda w, m: w * np.exp(-m),  # not shares
        lambda w, m: w * np.exp(m) / np.sum(w * np.exp(m)),  # the sign
        lambda w, m: w * np.exp(-m) / np.sum(w * np.exp(-m)),  # overflows
    ],
    "margins.focal": [
        lambda z, gamma: (1 - probability(z)) ** (gamma + 1),  # the factor taken as a constant
        lambda z, gamma: (
            (1 - probability(z)) ** gamma * (1 - probability(z) - gamma * probability(z) * math.log(probability(z)))
        ),  # 1 − p is 0 at 40
        lambda z, gamma: -(float(sigmoid(-z)) ** (gamma + 1)),
    ],
    "margins.distillation": [
        lambda z, b, t: softmax(z / t) - softmax(b / t),
        lambda z, b, t: (softmax(z / t) - softmax(b / t)) / t,  # T² forgotten
        lambda z, b, t: t * (softmax(b / t) - softmax(z / t)),
    ],
    "margins.psi": [
        lambda theta, m: math.cos(m * theta),
        lambda theta, m: math.cos(m * theta) - 2 * int(m * theta / math.pi),
        lambda theta, m: (-1) ** int(m * theta / math.pi) * math.cos(m * theta),
    ],
    "margins.brier": [0.04, 0.2, 0.5, 0.16],
    "margins.pairs": [0.8, math.log(0.8), math.log(5), 4.0],
    "margins.dpo": [
        lambda model, reference, beta: softplus(-beta * (model[0] - model[1])),  # without the reference
        lambda model, reference, beta: softplus(beta * ((model - reference)[0] - (model - reference)[1])),  # the sign
        lambda model, reference, beta: -math.log(sigmoid(beta * ((model - reference)[0] - (model - reference)[1]))),
    ],
    "margins.score-of-entropy": [
        lambda q, y: math.sqrt(q * (1 - q)),  # the entropy itself
        lambda q, y: -math.log(q if y else 1 - q),  # another score
        lambda q, y: 0.5 * math.sqrt(q / (1 - q)) if y else 0.5 * math.sqrt((1 - q) / q),  # the other answer's
    ],
}
