"""Eight Gaussians on a ring, and a small generative adversarial network that is to learn them, under each loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import relu, softplus

from lossbook.experiments import Picture

from .threads import one_thread

MODES, RADIUS, DEVIATION = 8, 2.0, 0.1
SNAPSHOTS = (400, 1500, 5000)

_NOISE, HIDDEN, _BATCH, _DRAWN = 4, 64, 128, 1000
_CLIP, _WEIGHT, _R1 = 0.1, 1.0, 0.1

Term = Callable[[torch.Tensor], torch.Tensor]
# The discriminator's terms for real and made-up scores, and the generator's; the formulas of lossbook.losses.gan.
_TERMS: dict[str, tuple[Term, Term, Term]] = {
    "minimax": (lambda s: softplus(-s), softplus, lambda s: -softplus(s)),
    "non-saturating": (lambda s: softplus(-s), softplus, lambda s: softplus(-s)),
    "least squares": (lambda s: (s - 1) ** 2 / 2, lambda s: s**2 / 2, lambda s: (s - 1) ** 2 / 2),
    "hinge": (lambda s: relu(1 - s), lambda s: relu(1 + s), lambda s: -s),
    "Wasserstein": (lambda s: -s, lambda s: s, lambda s: -s),
}
PENALTIES = ("", "clipping", "gradient penalty", "R1")


@dataclass(frozen=True)
class Run:
    """One loss with one penalty, trained from several random starts.

    Attributes
    ----------
    loss, penalty : str
        What was trained with; the penalty is empty where there is none.
    samples : ndarray, shape (snapshots, seeds, n, 2)
        Made-up samples after each number of steps in `SNAPSHOTS`.
    """

    loss: str
    penalty: str
    samples: NDArray[np.float64]

    @property
    def name(self) -> str:
        """Loss and penalty, as they stand in tables."""
        return self.loss + (f" + {self.penalty}" if self.penalty else "")

    @property
    def modes(self) -> NDArray[np.intp]:
        """How many modes each seed covers in the end."""
        return np.array([quality(cloud)[0] for cloud in self.samples[-1]])

    @property
    def good(self) -> NDArray[np.float64]:
        """Which share of each seed's last samples is good."""
        return np.array([quality(cloud)[1] for cloud in self.samples[-1]])


def centres() -> NDArray[np.float64]:
    """Return the means of the eight Gaussians, shape (8, 2)."""
    angle = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def quality(samples: NDArray[Any]) -> tuple[int, float]:
    """Return how many modes are covered, and which share of the samples is good.

    Parameters
    ----------
    samples : ndarray, shape (n, 2)
        A sample is good if it lies within four standard deviations of a mode; a mode is covered if at least 2% of the
        samples are good and belong to it, a sixth of its fair share.
    """
    distances = np.linalg.norm(samples[:, None] - centres(), axis=2)
    good = distances.min(1) < 4 * DEVIATION
    counts = np.bincount(distances.argmin(1)[good], minlength=MODES)
    return int((counts >= 0.02 * len(samples)).sum()), float(good.mean())


def _network(seeds: int, inputs: int, outputs: int, chance: torch.Generator) -> list[torch.Tensor]:
    """Return weights and biases of two hidden layers, one network for each seed as the first dimension."""
    sizes = (inputs, HIDDEN, HIDDEN, outputs)
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        layers.append(torch.randn(seeds, fan_in, fan_out, generator=chance) * math.sqrt(2 / fan_in))
        layers.append(torch.zeros(seeds, 1, fan_out))
    return [layer.requires_grad_(True) for layer in layers]


def _run(layers: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2, w3, b3 = layers
    x = relu(torch.baddbmm(b1, x, w1))
    return torch.baddbmm(b3, relu(torch.baddbmm(b2, x, w2)), w3)


def _penalty(
    kind: str, critic: Sequence[torch.Tensor], real: torch.Tensor, fake: torch.Tensor, share: torch.Tensor
) -> Any:
    """Return the penalty, a mean over each seed's samples and a sum over the seeds, or 0."""
    if kind not in ("gradient penalty", "R1"):
        return 0.0
    points = (real if kind == "R1" else share * real + (1 - share) * fake).requires_grad_(True)
    (slopes,) = torch.autograd.grad(_run(critic, points).sum(), points, create_graph=True)
    if kind == "R1":
        return _R1 / 2 * (slopes**2).sum(2).mean(1).sum()
    return (
        _WEIGHT * ((slopes.norm(dim=2) - 1) ** 2).mean(1).sum()
    )  # the norm of each sample's slope, over its coordinates


@cache
def train(loss: str, penalty: str = "", *, rate: float = 1e-3, critic_steps: int = 1, seeds: int = 3) -> Run:
    """Train generator and discriminator with Adam, in turns, and keep samples on the way.

    Parameters
    ----------
    loss : {"minimax", "non-saturating", "least squares", "hinge", "Wasserstein"}
        Of both players.
    penalty : {"", "clipping", "gradient penalty", "R1"}
        What holds the discriminator.
    rate : float
        Learning rate of both players.
    critic_steps : int
        Steps of the discriminator for each one of the generator. The budget is fixed in steps of the generator plus
        steps of the discriminator, so more here means fewer steps of the generator.
    seeds : int
        Random starts; all are trained at once, as one more dimension.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If there is no such loss or penalty.
    """
    if loss not in _TERMS:
        raise ValueError(f"loss: expected one of {', '.join(_TERMS)}, got {loss!r}")
    if penalty not in PENALTIES:
        raise ValueError(f"penalty: expected one of {', '.join(map(repr, PENALTIES))}, got {penalty!r}")
    with one_thread():
        return _train(loss, penalty, rate, critic_steps, seeds)


def _train(loss: str, penalty: str, rate: float, critic_steps: int, seeds: int) -> Run:
    chance = torch.Generator().manual_seed(0)
    generator, critic = _network(seeds, _NOISE, 2, chance), _network(seeds, 2, 1, chance)
    by_real, by_fake, by_generator = _TERMS[loss]
    modes = torch.tensor(centres(), dtype=torch.float32)
    optimisers = [torch.optim.Adam(net, lr=rate, betas=(0.5, 0.9), foreach=True) for net in (generator, critic)]

    def noise(count: int = _BATCH) -> torch.Tensor:
        return torch.randn(seeds, count, _NOISE, generator=chance)

    def real() -> torch.Tensor:
        which = torch.randint(MODES, (seeds, _BATCH), generator=chance)
        return modes[which] + DEVIATION * torch.randn(seeds, _BATCH, 2, generator=chance)

    def step(player: int, cost: torch.Tensor) -> None:
        own = (generator, critic)[player]
        # A mean over the samples and a sum over the seeds: each network's gradient is its own.
        for parameter, slope in zip(own, torch.autograd.grad(cost, own), strict=True):
            parameter.grad = slope
        optimisers[player].step()

    kept = []
    for count in range(1, SNAPSHOTS[-1] + 1):
        if count % (critic_steps + 1):
            with torch.no_grad():
                fake = _run(generator, noise())
            true = real()
            share = torch.rand(seeds, _BATCH, 1, generator=chance)
            cost = by_real(_run(critic, true)).mean(1).sum() + by_fake(_run(critic, fake)).mean(1).sum()
            step(1, cost + _penalty(penalty, critic, true, fake, share))
            if penalty == "clipping":
                with torch.no_grad():
                    for parameter in critic:
                        parameter.clamp_(-_CLIP, _CLIP)
        else:
            step(0, by_generator(_run(critic, _run(generator, noise()))).mean(1).sum())
        if count in SNAPSHOTS:
            with torch.no_grad():
                kept.append(_run(generator, noise(_DRAWN)).double().numpy())
    return Run(loss, penalty, np.array(kept))


def table(runs: Sequence[Run]) -> str:
    """Return the end of each run as lines of text: modes of every seed, then mean and spread of the good share."""
    lines = [f"{'loss':<32} modes of 8 each seed   good samples"]
    for run in runs:
        counts = " ".join(str(count) for count in run.modes)
        lines.append(f"{run.name:<32} {counts:<22} {run.good.mean():.0%} ± {run.good.std(ddof=1):.0%}")
    return "\n".join(lines)


def draw(runs: Sequence[Run], seed: int = 0) -> Any:
    """Draw made-up samples of one seed as training goes on: a column for each run, a row for each snapshot.

    Parameters
    ----------
    runs : sequence of Run
        What stands side by side.
    seed : int
        Which random start is drawn.

    Returns
    -------
    Picture
    """
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(1.9 * len(runs), 1.9 * len(SNAPSHOTS) + 0.3), layout="constrained")
        panels = drawing.subplots(len(SNAPSHOTS), len(runs), squeeze=False)
        for column, run in enumerate(runs):
            panels[0, column].set_title(run.name.replace(" + ", "\n+ "), fontsize=10, weight="bold")
            for row, count in enumerate(SNAPSHOTS):
                axes = panels[row, column]
                axes.plot(*centres().T, "o", ms=11, mfc="none", mec=PALETTE[0], mew=1.2)
                axes.plot(*run.samples[row, seed].T, ".", ms=1.6, color=PALETTE[1], alpha=0.6)
                axes.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal")
                if column == 0:
                    axes.set_ylabel(f"step {count:,}", fontsize=10)
    return Picture(drawing)
