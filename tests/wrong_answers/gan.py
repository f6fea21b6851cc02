"""Plausible wrong answers to the exercises of the chapter on GAN losses."""

from __future__ import annotations

import numpy as np

from lossbook.information import js_divergence, kl_divergence

WRONG_ANSWERS = {
    "gan.best": [0.3, 3.0, 0.25, np.log(3)],
    "gan.louder": [0.001, 1000, 0.999, 500],
    "gan.value": [
        lambda p, q: np.sum(p * np.log(p / (p + q)) + q * np.log(q / (p + q))),  # nan where a share is 0
        lambda p, q: 2 * js_divergence(p, q),  # ln 4 forgotten
        lambda p, q: js_divergence(p, q) - np.log(4),
        lambda p, q: np.log(4) - 2 * js_divergence(p, q),  # the discriminator's cost
    ],
    "gan.trick": [
        lambda p, q: kl_divergence(p, q) - 2 * js_divergence(p, q),  # forward
        lambda p, q: kl_divergence(q, p) - js_divergence(p, q),
        lambda p, q: kl_divergence(q, p) + 2 * js_divergence(p, q),  # the sign
    ],
    "gan.chi": [
        lambda p, q: np.sum((p - q) ** 2 / q),  # χ² of p and q
        lambda p, q: np.sum((p - q) ** 2 / (p + q)) / 2,
        lambda p, q: np.sum((p - q) / (p + q)),
    ],
    "gan.penalty": [
        lambda g, w: 2 * w / len(g) * (1 - 1 / np.linalg.norm(g, axis=1, keepdims=True)) * g,  # nan at 0
        lambda g, w: 2 * w / len(g) * (1 - 1 / np.linalg.norm(g, axis=0, keepdims=True)) * g,  # the batch's norm
        lambda g, w: 2 * w * (np.linalg.norm(g, axis=1, keepdims=True) - 1) * g / 5,
        lambda g, w: w * np.mean((np.linalg.norm(g, axis=1) - 1) ** 2),  # the penalty itself
    ],
    "gan.rest": [3, 1.15, 3.9, 3.3],
    "gan.size": [
        lambda eta, gamma, h: np.sqrt(1 + eta**2 * h**2),  # no penalty
        lambda eta, gamma, h: np.sqrt(1 - eta * gamma + eta**2 * h**2),  # right for complex ones only
        lambda eta, gamma, h: np.linalg.eigvals([[1, eta * h], [-eta * h, 1 - eta * gamma]]).real.max(),
    ],
    "gan.duality": [
        lambda real, fake: np.abs(np.asarray(real) - np.asarray(fake)).mean(),  # as they come
        lambda real, fake: abs(np.mean(real) - np.mean(fake)),  # right where all go one way
        lambda real, fake: np.abs(np.sort(real) - np.sort(fake)).sum(),
    ],
}
