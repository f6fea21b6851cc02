"""How sure a small network is, how often it is right, and what a temperature or another loss changes about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossbook.functions import softmax
from lossbook.losses import CrossEntropyLoss

from .record import Experiment
from .reliability import BINS, Floats, expected_calibration_error, fit_temperature, reliability
from .starts import Start
from .threads import one_thread

#: Pictures that the network learns from, and that the temperature is chosen on; the rest is the test.
TRAINING, VALIDATION = 300, 500
#: Steps of Adam, each on all training pictures: by then the network knows them by heart.
STEPS = 100
#: After how many steps the record looks at a run.
SNAPSHOTS = (50, 100, 200, 400)
#: What it looks at after `STEPS` only.
ONCE = {"training loss", "confidence before", "confidence after"}
HIDDEN, RATE = 128, 0.01
#: What the network learns under, and the γ of each: cross-entropy is the focal loss with γ = 0.
CROSS_ENTROPY, FOCAL = "cross-entropy", "focal, γ = 2"
LOSSES = {CROSS_ENTROPY: 0.0, FOCAL: 2.0}
#: How often labels are drawn from the probabilities, to see what error chance alone makes.
DRAWS = 40

_SIZES = (64, HIDDEN, HIDDEN, 10)


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

    def confidence(self, temperature: float = 1.0) -> float:
        """Return the mean probability of the answers on the test pictures at a temperature."""
        return float(softmax(self.test[0] / temperature).max(axis=1).mean())

    def loss(self, temperature: float = 1.0) -> float:
        """Return the negative log-likelihood on the test pictures at a temperature."""
        return float(CrossEntropyLoss(temperature=temperature).loss(*self.test))

    def error(self, temperature: float = 1.0) -> float:
        """Return the expected calibration error on the test pictures at a temperature."""
        logits, labels = self.test
        return expected_calibration_error(softmax(logits / temperature), labels)

    def error_by_chance(self, temperature: float = 1.0, draws: int = DRAWS) -> float:
        """Return the error that `error` would find if the probabilities were right: labels are drawn from them."""
        p = softmax(self.test[0] / temperature)
        chance = np.random.default_rng(self.seed)
        drawn = [(p.cumsum(axis=1) > chance.random((len(p), 1))).argmax(axis=1) for _ in range(draws)]
        return float(np.mean([expected_calibration_error(p, labels) for labels in drawn]))


def _pictures(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scikit-learn's digits in the order of a seed: those to learn from, to validate and to test with."""
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    return torch.tensor(pictures[order] / 16, dtype=torch.float32), torch.tensor(labels[order], dtype=torch.int64)


def _network(start: Start) -> list[torch.Tensor]:
    """Return weights and biases of one network, drawn as `torch.nn.Linear` draws them."""
    chance = torch.Generator().manual_seed(start.seed)
    layers = []
    for fan_in, fan_out in zip(_SIZES, _SIZES[1:], strict=False):
        for shape in ((fan_in, fan_out), (1, fan_out)):
            layers.append((2 * torch.rand(shape, generator=chance) - 1) / fan_in**0.5)
    return start.disturb(layers)


def _logits(layers: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2, w3, b3 = layers
    x = torch.relu(torch.baddbmm(b1, x, w1))
    return torch.baddbmm(b3, torch.relu(torch.baddbmm(b2, x, w2)), w3)


@one_thread()
def train(
    starts: Sequence[Start], loss: str = CROSS_ENTROPY, *, snapshots: Sequence[int] = (STEPS,)
) -> dict[int, list[Run]]:
    """Train networks of two hidden layers on 300 pictures of scikit-learn's digits, until they know them by heart.

    Parameters
    ----------
    starts : sequence of Start
        Each seed gives split and first weights; all are trained at once, as one more dimension.
    loss : str
        One of `LOSSES`.
    snapshots : sequence of int
        Steps of Adam, each on all training pictures, after which the networks are looked at, rising.

    Returns
    -------
    mapping of int to list of Run
        For each number of steps a run of each start.
    """
    pictures = [_pictures(start.seed) for start in starts]
    x, y = (torch.stack(parts) for parts in zip(*pictures, strict=True))
    layers = [torch.stack(own).requires_grad_(True) for own in zip(*map(_network, starts), strict=True)]
    optimizer = torch.optim.Adam(layers, lr=RATE, foreach=True)

    def losses(gamma: float) -> torch.Tensor:
        logits = _logits(layers, x[:, :TRAINING])
        entries = torch.nn.functional.cross_entropy(logits.flatten(0, 1), y[:, :TRAINING].flatten(), reduction="none")
        if gamma:
            entries = (-torch.expm1(-entries)) ** gamma * entries  # (1 − p)^γ (−ln p)
        return entries.view(len(starts), TRAINING).mean(1)

    looks = {}
    for step in range(1, snapshots[-1] + 1):
        # A sum over the starts: each network's gradient is its own.
        for layer, slope in zip(layers, torch.autograd.grad(losses(LOSSES[loss]).sum(), layers), strict=True):
            layer.grad = slope
        optimizer.step()
        if step in snapshots:
            with torch.no_grad():
                looks[step] = _look(starts, losses(0.0).double(), _logits(layers, x).double().numpy(), y.numpy())
    return looks


def _look(starts: Sequence[Start], losses: torch.Tensor, logits: Floats, labels: NDArray[np.int64]) -> list[Run]:
    learnt, known = TRAINING, TRAINING + VALIDATION
    return [
        Run(
            seed=start.seed,
            training_loss=loss.item(),
            validation=(z[learnt:known], y[learnt:known]),
            test=(z[known:], y[known:]),
            temperature=fit_temperature(z[learnt:known], y[learnt:known]),
        )
        for start, loss, z, y in zip(starts, losses, logits, labels, strict=True)
    ]


def _numbers(run: Run) -> dict[str, float]:
    T = run.temperature
    return {
        "training loss": run.training_loss,
        "accuracy": run.accuracy(),
        "temperature": T,
        "confidence before": run.confidence(),
        "confidence after": run.confidence(T),
        "loss before": run.loss(),
        "loss after": run.loss(T),
        "ECE before": round(run.error(), 4),
        "ECE after": round(run.error(T), 4),
        "ECE by chance": round(run.error_by_chance(T), 4),
    }


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    """Return every number, shape (starts, snapshots); those in `ONCE`, and of the focal loss all, shape (starts, 1)."""
    snapshots = SNAPSHOTS if case == CROSS_ENTROPY else (STEPS,)
    looks = {steps: [_numbers(run) for run in runs] for steps, runs in train(starts, case, snapshots=snapshots).items()}
    return {
        name: np.array([[row[name] for row in looks[steps]] for steps in ((STEPS,) if name in ONCE else snapshots)]).T
        for name in looks[STEPS][0]
    }


def bins_of(run: Run, temperature: float) -> Floats:
    """Return answers, sum of confidence and right answers in each bin of confidence, shape (3, bins)."""
    counts, confidence, accuracy = reliability(softmax(run.test[0] / temperature), run.test[1])
    return np.array([counts, np.nan_to_num(counts * confidence), np.nan_to_num(counts * accuracy)])


def _bins() -> dict[str, Floats]:
    """Return the bins of every recorded seed before and after, shape (seeds, 3, bins), for the picture."""
    runs = train([Start(seed, 0) for seed in range(EXPERIMENT.seeds)])[STEPS]
    return {
        "before": np.array([bins_of(run, 1.0) for run in runs]),
        "after": np.array([bins_of(run, run.temperature) for run in runs]),
    }


EXPERIMENT = Experiment(
    name="calibration",
    cases=tuple(LOSSES),
    measure=_measure,
    settings={
        "training pictures": TRAINING,
        "validation pictures": VALIDATION,
        "sizes": _SIZES,
        "optimiser": "Adam",
        "rate": RATE,
        "gamma": LOSSES,
        "snapshots": SNAPSHOTS,
        "steps of the bins": STEPS,
        "bins": BINS,
        "draws of chance": DRAWS,
    },
    batch=6,
    fast=True,
    extra=_bins,
)
