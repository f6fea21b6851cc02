"""How sure a small network is, how often it is right, and what one temperature changes about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.experiments import Picture
from lossbook.functions import softmax
from lossbook.losses import CrossEntropyLoss

Floats = NDArray[np.float64]
#: Pictures that the network learns from, and that the temperature is chosen on; the rest is the test.
TRAINING, VALIDATION = 300, 500
#: Each bin of a reliability diagram is this fraction of the scale from 0 to 1.
BINS = 10
#: A bin with fewer answers is not drawn: its share of right answers says nothing.
_FEWEST = 20


@dataclass(frozen=True)
class Run:
    """One trained network: its logits on pictures that it did not learn from.

    Attributes
    ----------
    seed : int
        Of the split and of the first weights.
    training_loss : float
        Cross-entropy on the training pictures at the end.
    validation, test : (logits, labels)
        Shapes (N, 10) and (N,).
    temperature : float
        What divides the logits to make the loss on the validation pictures smallest.
    """

    seed: int
    training_loss: float
    validation: tuple[Floats, NDArray[np.int64]]
    test: tuple[Floats, NDArray[np.int64]]
    temperature: float

    def accuracy(self) -> float:
        """Return the share of test pictures that are recognised; no temperature changes it."""
        logits, labels = self.test
        return float((logits.argmax(axis=1) == labels).mean())

    def loss(self, temperature: float = 1.0) -> float:
        """Return the negative log-likelihood on the test pictures at a temperature."""
        return float(CrossEntropyLoss(temperature=temperature).loss(*self.test))

    def error(self, temperature: float = 1.0) -> float:
        """Return the expected calibration error on the test pictures at a temperature."""
        logits, labels = self.test
        return expected_calibration_error(softmax(logits / temperature), labels)

    def error_by_chance(self, temperature: float = 1.0, draws: int = 40) -> float:
        """Return the error that `error` would find if the probabilities were right: labels are drawn from them."""
        p = softmax(self.test[0] / temperature)
        chance = np.random.default_rng(self.seed)
        drawn = [(p.cumsum(axis=1) > chance.random((len(p), 1))).argmax(axis=1) for _ in range(draws)]
        return float(np.mean([expected_calibration_error(p, labels) for labels in drawn]))


def train(seed: int, steps: int = 100) -> Run:
    """Train a network of two hidden layers on 300 pictures of scikit-learn's digits, until it knows them by heart.

    Parameters
    ----------
    seed : int
        Of the split and of the first weights.
    steps : int
        Steps of Adam, each on all training pictures.
    """
    import torch
    from sklearn.datasets import load_digits

    from .threads import one_thread

    pictures, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    x = torch.tensor(pictures[order] / 16, dtype=torch.float32)
    y = torch.tensor(labels[order], dtype=torch.int64)
    with torch.random.fork_rng(devices=[]):  # the reader's own random numbers stay as they are
        torch.manual_seed(seed)
        hidden = [torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128), torch.nn.ReLU()]
        network = torch.nn.Sequential(*hidden, torch.nn.Linear(128, 10))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    with one_thread():  # so its numbers are added in one order everywhere
        for _ in range(steps):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(x[:TRAINING]), y[:TRAINING])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = network(x).double().numpy()
    learnt, known = TRAINING, TRAINING + VALIDATION
    targets = y.numpy()
    validation = (logits[learnt:known], targets[learnt:known])
    return Run(
        seed=seed,
        training_loss=loss.item(),
        validation=validation,
        test=(logits[known:], targets[known:]),
        temperature=fit_temperature(*validation),
    )


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """Return the temperature that makes the cross-entropy of these logits smallest.

    In β = 1/T the loss is convex, and its slope, the mean of Σ p_k z_k − z_y, only rises: it is halved until it is 0.

    Parameters
    ----------
    logits : array_like, shape (N, C)
        Logits on pictures that the network did not learn from.
    labels : array_like of int, shape (N,)
        Their classes.

    Raises
    ------
    ValueError
        If the best temperature does not lie between 1/1000 and 1000: every answer is right, or they are no better
        than chance.
    """
    z, y = np.asarray(logits, dtype=float), np.asarray(labels)
    z = z - z.max(axis=1, keepdims=True)
    chosen = z[np.arange(len(y)), y]

    def slope(log_beta: float) -> float:
        p = softmax(np.exp(log_beta) * z)
        return float(((p * z).sum(axis=1) - chosen).mean())

    low, high = -np.log(1000), np.log(1000)
    if not slope(low) < 0 < slope(high):
        raise ValueError("labels: no temperature from 0.001 to 1000 makes the loss smallest")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return float(np.exp(-(low + high) / 2))


def reliability(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> tuple[Floats, Floats, Floats]:
    """Return for each bin of confidence its number of answers, their mean confidence, and the share that is right.

    Parameters
    ----------
    probabilities : array_like, shape (N, C)
        Rows of probabilities; the answer is the largest, and its probability the confidence.
    labels : array_like of int, shape (N,)
        What is right.
    bins : int
        Number of bins of equal width from 0 to 1; a bin includes its upper end.

    Returns
    -------
    counts, confidence, accuracy : ndarray, shape (bins,)
        Confidence and accuracy of an empty bin are NaN.
    """
    p, y = np.asarray(probabilities, dtype=float), np.asarray(labels)
    sure, right = p.max(axis=1), p.argmax(axis=1) == y
    at = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(at, minlength=bins).astype(float)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(at, weights=sure, minlength=bins) / counts
        accuracy = np.bincount(at, weights=right, minlength=bins) / counts
    return counts, confidence, accuracy


def expected_calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> float:
    """Return the mean distance of confidence and share of right answers, over bins that count by their answers.

    Parameters are those of `reliability`. Source: Naeini, Cooper and Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602.
    """
    counts, confidence, accuracy = reliability(probabilities, labels, bins)
    some = counts > 0
    return float((counts[some] * np.abs(confidence[some] - accuracy[some])).sum() / counts.sum())


def draw_reliability(runs: Sequence[Run]) -> Picture:
    """Draw the reliability of several runs taken together, before and after each run's own temperature."""
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    labels = np.concatenate([run.test[1] for run in runs])
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(8.6, 3.6), layout="constrained")
        both: Any = drawing.subplots(1, 2, sharey=True)
        titles = ("Before: T = 1", "After: T from the validation pictures")
        for axes, title, after, color in zip(both, titles, (False, True), (PALETTE[1], PALETTE[0]), strict=True):
            rows = [softmax(run.test[0] / (run.temperature if after else 1)) for run in runs]
            counts, confidence, accuracy = reliability(np.concatenate(rows), labels)
            shown = counts >= _FEWEST
            axes.plot([0, 1], [0, 1], "--", color=PALETTE[6], lw=1.2, label="calibrated")
            axes.vlines(confidence[shown], accuracy[shown], confidence[shown], color=color, alpha=0.35, lw=5)
            axes.plot(confidence[shown], accuracy[shown], "o-", color=color, lw=1.5, ms=5, label="this network")
            axes.set(xlim=(0.2, 1), ylim=(0, 1), xlabel="confidence")
            axes.set_title(title, fontsize=10, loc="left", weight="bold")
        both[0].set_ylabel("share of right answers")
        both[0].legend(fontsize=8)
    return Picture(drawing)
