"""A rare class among handwritten digits: cross-entropy, weighted cross-entropy and focal loss at the same budget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812

from .threads import one_thread

RARE = 8
LOSSES = ("cross-entropy", "weighted", "focal, α = 0.25", "focal, no α")
_TRAINING, _KEPT = 1100, 20
_GAMMA, _ALPHA = 2.0, 0.25


@dataclass(frozen=True)
class Run:
    """One loss, trained from several random starts.

    Attributes
    ----------
    loss : str
        One of `LOSSES`.
    found : ndarray, shape (seeds,)
        Share of the test set's rare digits that get a probability above ½.
    alarms : ndarray, shape (seeds,)
        Share of the other test digits that get one.
    precision : ndarray, shape (seeds,)
        Average precision: quality of the ranking, whatever the threshold.
    share : ndarray, shape (seeds,)
        Mean predicted probability of the rare class on common test digits; a truthful model says nearly 0.
    """

    loss: str
    found: NDArray[np.float64]
    alarms: NDArray[np.float64]
    precision: NDArray[np.float64]
    share: NDArray[np.float64]


def terms(loss: str, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of each example.

    Parameters
    ----------
    loss : str
        One of `LOSSES`.
    logits, targets : Tensor, shape (n,)
        Logits, and 1 for the rare class.
    """
    signed = torch.where(targets > 0, logits, -logits)
    cost = F.softplus(-signed)
    if loss == "cross-entropy":
        return cost
    if loss == "weighted":
        return torch.where(targets > 0, (targets == 0).sum() / targets.sum(), 1.0) * cost
    if loss not in LOSSES:
        raise ValueError(f"loss: expected one of {', '.join(LOSSES)}, got {loss!r}")
    weight = torch.where(targets > 0, _ALPHA, 1 - _ALPHA) if loss == "focal, α = 0.25" else 1.0
    return weight * torch.sigmoid(-signed) ** _GAMMA * cost


@cache
@one_thread()
def train(loss: str, *, seeds: int = 6, steps: int = 200) -> Run:
    """Train 64 inputs, 16 tanh units and one logit to find a digit of which only 20 are in the training set.

    Parameters
    ----------
    loss : str
        One of `LOSSES`.
    seeds : int
        Random starts, each with its own split of the digits.
    steps : int
        Steps of Adam on all training digits.
    """
    from sklearn.datasets import load_digits
    from sklearn.metrics import average_precision_score

    images, digits = load_digits(return_X_y=True)
    rows = []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(digits))
        x, y = images[order] / 8 - 1, (digits[order] == RARE).astype(float)
        known = np.arange(_TRAINING)
        known = np.concatenate([known[y[:_TRAINING] == 0], known[y[:_TRAINING] == 1][:_KEPT]])
        inputs, targets = torch.tensor(x[known], dtype=torch.float32), torch.tensor(y[known], dtype=torch.float32)
        torch.manual_seed(seed)
        network = torch.nn.Sequential(torch.nn.Linear(64, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
        descent = torch.optim.Adam(network.parameters(), lr=1e-2)
        for _ in range(steps):
            descent.zero_grad()
            terms(loss, network(inputs)[:, 0], targets).mean().backward()
            descent.step()
        with torch.no_grad():
            logits = network(torch.tensor(x[_TRAINING:], dtype=torch.float32))[:, 0].double()
        chance, rare = torch.sigmoid(logits).numpy(), y[_TRAINING:] == 1
        rows.append(
            (
                (chance[rare] > 0.5).mean(),
                (chance[~rare] > 0.5).mean(),
                average_precision_score(rare, chance),
                chance[~rare].mean(),
            )
        )
    return Run(loss, *np.array(rows, dtype=np.float64).T)
