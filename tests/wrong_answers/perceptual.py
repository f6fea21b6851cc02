"""Plausible wrong answers to the exercises of the chapter on perceptual loss."""

from __future__ import annotations

import numpy as np

WRONG_ANSWERS = {
    "perceptual.share": [128.0, 128 / 64, 128 / 100, 2 * 128 / 6400],
    "perceptual.layers": [
        lambda a, b, c, d, w: w[0] * np.sum((a - c) ** 2) + w[1] * np.sum((b - d) ** 2),  # not divided
        lambda a, b, c, d, w: np.mean((a - c) ** 2) + np.mean((b - d) ** 2),  # weights forgotten
        lambda a, b, c, d, w: w[0] * np.mean(np.abs(a - c)) + w[1] * np.mean(np.abs(b - d)),
    ],
    "perceptual.gradient": [
        lambda f, t, w: 2 * w * (f - t),
        lambda f, t, w: w * (f - t) / f.size,
        lambda f, t, w: 2 * w * (t - f) / f.size,
    ],
    "perceptual.moved": [np.exp(-1), 1 - np.exp(-4), 0.5, 1 - np.exp(-0.5)],
    "perceptual.pixel": [0.0, 1.0, 0.7, 0.5],
    "perceptual.pool": [
        lambda image: image[::2, ::2],  # every second pixel
        lambda image: image.reshape(2, -1).mean(axis=0),
        lambda image: image.reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2).max(axis=(1, 3)),
    ],
    "perceptual.noise": [0.04, 0.02, 0.05, 0.1],
}
