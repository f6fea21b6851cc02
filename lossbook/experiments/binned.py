"""A target with two values for each input: squared error against cross-entropy over bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossbook.experiments import Picture
from lossbook.functions import Array, softmax
from lossbook.losses import BinnedCrossEntropyLoss, MSELoss

EDGES = np.linspace(-2, 2, 41)
_CENTRES = np.linspace(-1, 1, 9)


def two_valued(count: int = 600) -> tuple[Array, Array]:
    """Return inputs from −1 to 1 and targets near ±(1 + x/2), either sign as likely."""
    chance = np.random.default_rng(7)
    x = chance.uniform(-1, 1, count)
    sign = chance.choice([-1.0, 1.0], count)
    return x, sign * (1 + x / 2) + chance.normal(scale=0.1, size=count)


def features(x: ArrayLike) -> Array:
    """Return nine bumps and a one for each input: a model that is linear in them can bend."""
    x = np.asarray(x, float)
    return np.concatenate([np.exp(-(((x[:, None] - _CENTRES) / 0.3) ** 2)), np.ones((len(x), 1))], axis=1)


@dataclass(frozen=True)
class Fits:
    """The same features, fitted under both losses.

    Attributes
    ----------
    numbers : ndarray, shape (10,)
        Weights of the model that says a number.
    logits : ndarray, shape (10, 40)
        Weights of the model that says a histogram.
    """

    numbers: Array
    logits: Array

    def predict(self, x: ArrayLike) -> tuple[Array, Array]:
        """Return the number, and the probability of each bin, for each input."""
        return features(x) @ self.numbers, softmax(features(x) @ self.logits)


def train(x: ArrayLike, y: ArrayLike, steps: int = 400) -> Fits:
    """Fit both models by gradient descent from zero, each on its own loss."""
    inputs, targets = features(x), np.asarray(y, float)
    squared, binned = MSELoss(half=True), BinnedCrossEntropyLoss(EDGES, sigma=0.1)
    numbers, logits = np.zeros(inputs.shape[1]), np.zeros((inputs.shape[1], EDGES.size - 1))
    rows = binned.target_rows(targets)
    size = len(targets)
    for _ in range(steps):
        numbers -= 0.4 * inputs.T @ squared.grad(inputs @ numbers, targets)
        # The gradient of cross-entropy is p − t; the rows t do not change, so they are made once.
        logits -= 2.0 * inputs.T @ (softmax(inputs @ logits) - rows) / size
    return Fits(numbers, logits)


def draw(x: ArrayLike, y: ArrayLike, fits: Fits) -> Picture:
    """Draw the data with the predicted number, and the predicted histogram as shades."""
    from lossbook.experiments.robust_fits import _drawing
    from lossbook.style import PALETTE

    drawing, panels = _drawing(2, 3.0)
    line = np.linspace(-1, 1, 81)
    numbers, shares = fits.predict(line)
    panels[1].pcolormesh(line, (EDGES[1:] + EDGES[:-1]) / 2, shares.T, cmap="Blues", shading="nearest")
    for axes, title in zip(panels, ("Squared error: a number", "Cross-entropy: a histogram"), strict=True):
        axes.plot(x, y, ".", color=PALETTE[6], markersize=2)
        axes.set(xlabel="input x", ylabel="target y", ylim=(-2, 2))
        axes.set_title(title, fontsize=10, loc="left", weight="bold")
    panels[0].plot(line, numbers, color=PALETTE[1], lw=2.5)
    return Picture(drawing)
