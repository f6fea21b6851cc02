"""The same small network on handwritten digits, trained with cross-entropy and with squared error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossbook.experiments import Picture

from .threads import one_thread

CROSS_ENTROPY, SQUARED_ERROR = "cross-entropy", "squared error"
RATES = (0.1, 0.3, 1.0, 3.0)

_TRAINING, _VALIDATION = 1000, 300
HIDDEN, _CLASSES = 32, 10
_TEST_EVERY = 5


@dataclass(frozen=True)
class Run:
    """One loss at one learning rate, trained from several random starts.

    Attributes
    ----------
    loss : str
        ``"cross-entropy"`` or ``"squared error"``.
    rate : float
        Learning rate.
    steps : ndarray, shape (n,)
        Steps after which the network was tested.
    test : ndarray, shape (seeds, n)
        Share of test digits that were read rightly after those steps.
    validation : ndarray, shape (seeds,)
        The same in the end, on the digits that the learning rate is chosen by.
    """

    loss: str
    rate: float
    steps: NDArray[np.intp]
    test: NDArray[np.float64]
    validation: NDArray[np.float64]

    @property
    def final(self) -> tuple[float, float]:
        """Mean and standard deviation over the seeds of the last test accuracy."""
        last = self.test[:, -1]
        return float(last.mean()), float(last.std(ddof=1))


@cache
def _digits(noise: float) -> tuple[torch.Tensor, ...]:
    """Return images and labels for training, validation and test; a share of the first two's labels is wrong."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    chance = np.random.default_rng(0)
    order = chance.permutation(len(labels))
    images, given = images[order] / 8 - 1, labels[order].copy()
    known = _TRAINING + _VALIDATION
    wrong = np.flatnonzero(chance.random(known) < noise)
    given[wrong] = (given[wrong] + chance.integers(1, _CLASSES, len(wrong))) % _CLASSES
    parts = np.split(np.arange(len(labels)), [_TRAINING, known])
    return tuple(
        tensor
        for part in parts
        for tensor in (torch.tensor(images[part], dtype=torch.float32), torch.tensor(given[part]))
    )


def _rows(loss: str, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of each row: −ln p of the true class, or half the squared distance of the probabilities."""
    if loss == CROSS_ENTROPY:
        return -(targets * torch.log_softmax(logits, dim=-1)).sum(-1)
    if loss == SQUARED_ERROR:
        return 0.5 * ((torch.softmax(logits, dim=-1) - targets) ** 2).sum(-1)
    raise ValueError(f"loss: expected {CROSS_ENTROPY!r} or {SQUARED_ERROR!r}, got {loss!r}")


@one_thread()
def train(loss: str, rate: float, *, steps: int = 150, seeds: int = 5, gain: float = 1.0, noise: float = 0.0) -> Run:
    """Train 64 inputs, 32 tanh units and 10 logits by plain gradient descent on all of the training digits.

    Parameters
    ----------
    loss : {"cross-entropy", "squared error"}
        Of the softmax of the logits.
    rate : float
        Learning rate.
    steps, seeds : int
        Steps of descent, and random starts; all starts are trained at once, as one more dimension.
    gain : float
        How many times too large the last layer's weights start: a large gain makes the network sure at random.
    noise : float
        Share of training and validation labels that are replaced by another class.
    """
    x, y, x_val, y_val, x_test, y_test = _digits(noise)
    targets = torch.nn.functional.one_hot(y, _CLASSES).float()
    chance = torch.Generator().manual_seed(0)
    w1 = torch.randn(seeds, x.shape[1], HIDDEN, generator=chance) / x.shape[1] ** 0.5
    w2 = torch.randn(seeds, HIDDEN, _CLASSES, generator=chance) / HIDDEN**0.5 * gain
    parameters = [w1, torch.zeros(seeds, 1, HIDDEN), w2, torch.zeros(seeds, 1, _CLASSES)]
    for parameter in parameters:
        parameter.requires_grad_(True)

    def logits(images: torch.Tensor) -> torch.Tensor:
        w1, b1, w2, b2 = parameters
        return torch.tanh(images @ w1 + b1) @ w2 + b2

    def accuracy(images: torch.Tensor, labels: torch.Tensor) -> NDArray[Any]:
        with torch.no_grad():
            return (logits(images).argmax(-1) == labels).double().mean(1).numpy()

    tested, curve = [0], [accuracy(x_test, y_test)]
    for step in range(1, steps + 1):
        # A sum over the seeds: each network's gradient is its own.
        total = _rows(loss, logits(x), targets).mean(1).sum()
        gradients = torch.autograd.grad(total, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= rate * gradient
        if step % _TEST_EVERY == 0 or step == steps:
            tested.append(step)
            curve.append(accuracy(x_test, y_test))
    return Run(loss, rate, np.array(tested), np.array(curve).T, accuracy(x_val, y_val))


def best(loss: str, rates: Sequence[float] = RATES, **conditions: Any) -> Run:
    """Train at several learning rates; return the run that reads the validation digits best in the end.

    Parameters
    ----------
    loss : str
        As for `train`.
    rates : sequence of float
        Learning rates to try.
    **conditions
        Further arguments of `train`.
    """
    runs = [train(loss, rate, **conditions) for rate in rates]
    return max(runs, key=lambda run: run.validation.mean())


def draw(runs: dict[str, Sequence[Run]]) -> Picture:
    """Draw learning curves, one panel for each named condition: the mean over seeds, and the band of all of them.

    Parameters
    ----------
    runs : dict of str to sequence of Run
        Title of a panel, and what stands in it.

    Returns
    -------
    Picture
        Shows itself in a notebook.
    """
    import matplotlib
    from matplotlib.figure import Figure as Drawing

    from lossbook.style import PALETTE, STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Drawing(figsize=(2.5 * len(runs), 2.7), layout="constrained")
        panels = drawing.subplots(1, len(runs), sharey=True, squeeze=False)[0]
        for axes, (title, inside) in zip(panels, runs.items(), strict=True):
            for run in inside:
                color, style = (PALETTE[0], "--") if run.loss == CROSS_ENTROPY else (PALETTE[1], "-")
                axes.fill_between(run.steps, run.test.min(0), run.test.max(0), color=color, alpha=0.2, lw=0)
                axes.plot(run.steps, run.test.mean(0), style, color=color, label=f"{run.loss}, η = {run.rate:g}")
            axes.set_title(title, fontsize=10, loc="left", weight="bold")
            axes.set(xlabel="steps of gradient descent", ylim=(0, 1.02))
            axes.legend(fontsize=8, loc="lower right")
        panels[0].set_ylabel("share of test digits read rightly")
    return Picture(drawing)
