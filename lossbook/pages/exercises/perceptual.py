"""Exercises of the chapter on perceptual loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _layer(features: Any, targets: Any) -> float:
    return float(np.mean((features - targets) ** 2))


def _total(features: Any, targets: Any, weights: Any) -> float:
    return float(sum(w * _layer(f, t) for f, t, w in zip(features, targets, weights, strict=True)))


def _pool(image: Any) -> Any:
    height, width = image.shape
    return image.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


_CHANCE = np.random.default_rng(8)
_MAPS = [_CHANCE.normal(size=shape) for shape in ((2, 4, 4), (3, 2, 2), (2, 4, 4), (3, 2, 2))]

EXERCISES = (
    Exercise(
        name="perceptual.share",
        expected=128 / 6400,
        sizes=(64, 100, 6400),
        hint="Divide the sum of squares by the number of features, C·H·W.",
    ),
    Exercise(
        name="perceptual.layers",
        expected=lambda first, second, third, fourth, weights: _total([first, second], [third, fourth], weights),
        inputs=[
            (*_MAPS, np.array([1.0, 1.0])),
            (*_MAPS, np.array([0.5, 3.0])),
            (_MAPS[0], _MAPS[1], _MAPS[0], _MAPS[1], np.array([1.0, 2.0])),
        ],
        hint="Each layer is a weight times the mean of the squared differences.",
    ),
    Exercise(
        name="perceptual.gradient",
        expected=lambda features, targets, weight: 2 * weight * (features - targets) / features.size,
        inputs=[(_MAPS[0], _MAPS[2], 1.0), (_MAPS[1], _MAPS[3], 0.25)],
        formula=Formula(
            "gradient(f, t, weight, n)",
            columns=lambda features, targets, weight: (features, targets, weight, features.size),
            note="f is a feature, t its target, and n the number of features in the layer.",
        ),
        hint="2w (φ − t), divided by C·H·W; the shape is that of the features.",
    ),
    Exercise(
        name="perceptual.moved",
        expected=1 - np.exp(-1),
        hint="Put d = 2w into 1 − exp(−d²/(4w²)).",
    ),
    Exercise(
        name="perceptual.pixel",
        expected=0.3,
        hint="The best pixel is the mean of the possible values, weighted by their chances.",
    ),
    Exercise(
        name="perceptual.pool",
        expected=_pool,
        inputs=[
            (np.arange(16.0).reshape(4, 4),),
            (np.array([[1.0, 3.0, 5.0, 7.0], [2.0, 4.0, 6.0, 8.0]]),),
        ],
        hint="Cut the picture into squares of 2 × 2 pixels and take the mean of each.",
    ),
    Exercise(
        name="perceptual.noise",
        expected=0.01,
        sizes=(4,),
        hint="The mean of n independent noises has an n-th of their variance.",
    ),
)
