"""A rare class among handwritten digits: cross-entropy, weighted cross-entropy and focal loss, step after step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812

from .record import Experiment
from .starts import Start
from .threads import one_thread

RARE = 8
CROSS_ENTROPY, WEIGHTED, FOCAL, FOCAL_ALPHA = LOSSES = ("cross-entropy", "weighted", "focal, no α", "focal, α = 0.25")
#: After how many steps the record looks at a run.
SNAPSHOTS = (50, 100, 200, 400, 600, 1000, 2000)
#: A short budget and a long one, at which it looks closer.
SHORT, LONG = BUDGETS = (200, 2000)
HIDDEN, RATE, GAMMA, ALPHA = 16, 1e-2, 2.0, 0.25
#: Share of the other digits that may be taken for the rare one where the threshold is moved.
ALLOWED = 0.01

#: Training digits, the rare ones and the others; all the rest is the test.
EIGHTS, OTHERS = 20, 1000


@dataclass(frozen=True)
class Run:
    """One loss, trained from several starts; all arrays have the shape (starts, snapshots).

    Attributes
    ----------
    found : ndarray
        Share of the test set's rare digits that get a probability above ½.
    alarms : ndarray
        Share of the other test digits that get one.
    moved : ndarray
        Share of the rare digits that is found with the threshold where 1% of the others is taken for them.
    precision : ndarray
        Average precision: quality of the ranking, whatever the threshold.
    share : ndarray
        Mean predicted probability of the rare class on the other test digits.
    """

    found: NDArray[np.float64]
    alarms: NDArray[np.float64]
    moved: NDArray[np.float64]
    precision: NDArray[np.float64]
    share: NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Digits of one start: few rare ones and many others for training, all the rest for the test."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    test: NDArray[np.float32]
    truth: NDArray[np.bool_]


@cache
def _digits() -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    return images / 8 - 1, digits


def split(seed: int) -> Split:
    """Part the digits by chance: 20 rare ones and 1000 others to learn from, the rest for the test."""
    images, digits = _digits()
    order = np.random.default_rng(seed).permutation(len(digits))
    x, rare = images[order].astype(np.float32), digits[order] == RARE
    few, many = np.flatnonzero(rare), np.flatnonzero(~rare)
    known = np.concatenate([few[:EIGHTS], many[:OTHERS]])
    rest = np.concatenate([few[EIGHTS:], many[OTHERS:]])
    return Split(x[known], rare[known].astype(np.float32), x[rest], rare[rest])


def terms(loss: str, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of each example.

    Parameters
    ----------
    loss : str
        One of `LOSSES`.
    logits, targets : Tensor, shape (…, n)
        Logits, and 1 for the rare class; each row is a training set of its own.
    """
    signed = torch.where(targets > 0, logits, -logits)
    cost = F.softplus(-signed)
    if loss == CROSS_ENTROPY:
        return cost
    if loss == WEIGHTED:
        many, few = (targets == 0).sum(-1, keepdim=True), (targets > 0).sum(-1, keepdim=True)
        return torch.where(targets > 0, many / few, 1.0) * cost
    if loss not in LOSSES:
        raise ValueError(f"loss: expected one of {', '.join(LOSSES)}, got {loss!r}")
    weight = torch.where(targets > 0, ALPHA, 1 - ALPHA) if loss == FOCAL_ALPHA else 1.0
    return weight * torch.sigmoid(-signed) ** GAMMA * cost


def network(start: Start) -> list[torch.Tensor]:
    """Return weights and biases of 64 inputs, 16 hidden units and one logit, drawn as PyTorch's `Linear` draws them."""
    chance = torch.Generator().manual_seed(start.seed)
    layers = []
    for fan_in, fan_out in ((64, HIDDEN), (HIDDEN, 1)):
        reach = fan_in**-0.5
        layers += [reach * (2 * torch.rand(size, fan_out, generator=chance) - 1) for size in (fan_in, 1)]
    return start.disturb(layers)


def _logits(layers: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2 = layers
    return torch.baddbmm(b2, torch.tanh(torch.baddbmm(b1, x, w1)), w2)[..., 0]


@one_thread()
def train(loss: str, starts: Sequence[Start], *, snapshots: Sequence[int] = SNAPSHOTS) -> Run:
    """Train with Adam on all training digits; all starts at once, as one more dimension.

    Parameters
    ----------
    loss : str
        One of `LOSSES`.
    starts : sequence of Start
        Where to start, each with its own split of the digits.
    snapshots : sequence of int
        After how many steps the test digits are judged, rising; the last is the whole budget.

    Returns
    -------
    Run
    """
    splits = [split(start.seed) for start in starts]
    x, y, test = (
        torch.from_numpy(np.stack([getattr(one, part) for one in splits])) for part in ("inputs", "targets", "test")
    )
    layers = [torch.stack(layer).requires_grad_(True) for layer in zip(*map(network, starts), strict=True)]
    descent = torch.optim.Adam(layers, lr=RATE, foreach=True)
    rows = []
    for step in range(1, snapshots[-1] + 1):
        # A mean over the digits and a sum over the starts: each network's gradient is its own.
        cost = terms(loss, _logits(layers, x), y).mean(1).sum()
        for layer, slope in zip(layers, torch.autograd.grad(cost, layers), strict=True):
            layer.grad = slope
        descent.step()
        if step in snapshots:
            with torch.no_grad():
                logits = _logits(layers, test).double().numpy()
            rows.append([judge(row, one.truth) for row, one in zip(logits, splits, strict=True)])
    return Run(*np.array(rows, dtype=np.float64).transpose(2, 1, 0))


def judge(logits: NDArray[np.float64], rare: NDArray[np.bool_]) -> tuple[float, ...]:
    """Return what `Run` holds of one start at one number of steps.

    Parameters
    ----------
    logits : ndarray, shape (n,)
        Of the test digits.
    rare : ndarray, shape (n,)
        Which of them are rare.
    """
    from sklearn.metrics import average_precision_score

    yes, no = logits[rare], np.sort(logits[~rare])
    # So many of the others lie above it as are allowed, and not one more.
    threshold = no[len(no) - 1 - int(ALLOWED * len(no))]
    chance = np.exp(-np.logaddexp(0, -no)).mean()
    return (
        (yes > 0).mean(), (no > 0).mean(), (yes > threshold).mean(), average_precision_score(rare, logits), chance,
    )  # fmt: skip


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    run = train(case, starts)
    budgets = [SNAPSHOTS.index(steps) for steps in BUDGETS]
    return {
        "found": run.found.round(3),
        "alarms": run.alarms.round(4),
        "precision": run.precision.round(3),
        "moved": run.moved[:, budgets].round(3),
        "share": run.share[:, budgets].round(4),
    }


EXPERIMENT = Experiment(
    name="imbalance",
    cases=LOSSES,
    measure=_measure,
    settings={
        "rare digit": RARE,
        "training": {"rare": EIGHTS, "others": OTHERS},
        "optimiser": "Adam",
        "rate": RATE,
        "hidden": HIDDEN,
        "gamma": GAMMA,
        "alpha": ALPHA,
        "allowed": ALLOWED,
        "snapshots": SNAPSHOTS,
        "budgets": BUDGETS,
    },
    batch=15,
)
