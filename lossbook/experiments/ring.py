"""Eight Gaussians on a ring, and a small generative adversarial network that is to learn them, under each loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import relu, softplus

from .record import Experiment
from .starts import Start
from .threads import one_thread

MODES, RADIUS, DEVIATION = 8, 2.0, 0.1
#: The whole budget: steps of the generator plus steps of the critic.
STEPS = 5000
#: After how many steps the record looks at a run.
SNAPSHOTS = (1500, 2500, 3500, 5000)
#: Steps whose samples the record keeps for a picture.
PICTURED = (400, 1500, 5000)
HIDDEN = 64
BETAS = (0.5, 0.9)
CLIP, GRADIENT_PENALTY, R1 = 0.1, 1.0, 0.1

_NOISE, _BATCH, _DRAWN, _KEPT = 4, 128, 1000, 150

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
class Setup:
    """A game: which loss, what holds the critic, and how both players step.

    Attributes
    ----------
    loss : {"minimax", "non-saturating", "least squares", "hinge", "Wasserstein"}
        Of both players.
    penalty : {"", "clipping", "gradient penalty", "R1"}
        What holds the critic.
    rate : float
        Learning rate of both players.
    critic_steps : int
        Steps of the critic for each one of the generator. The budget counts the steps of both, so more here means
        fewer steps of the generator.
    """

    loss: str
    penalty: str = ""
    rate: float = 3e-3
    critic_steps: int = 1

    def __post_init__(self) -> None:
        if self.loss not in _TERMS:
            raise ValueError(f"loss: expected one of {', '.join(_TERMS)}, got {self.loss!r}")
        if self.penalty not in PENALTIES:
            raise ValueError(f"penalty: expected one of {', '.join(map(repr, PENALTIES))}, got {self.penalty!r}")


#: The recorded games by name: eight at one setting, then two at another.
SETUPS = {
    "minimax": Setup("minimax"),
    "non-saturating": Setup("non-saturating"),
    "least squares": Setup("least squares"),
    "hinge": Setup("hinge"),
    "Wasserstein": Setup("Wasserstein"),
    "Wasserstein + clipping": Setup("Wasserstein", "clipping"),
    "Wasserstein + gradient penalty": Setup("Wasserstein", "gradient penalty"),
    "non-saturating + R1": Setup("non-saturating", "R1"),
    "non-saturating, slower": Setup("non-saturating", rate=1e-3),
    "Wasserstein + clipping, slower": Setup("Wasserstein", "clipping", 1e-3, critic_steps=5),
}


@dataclass(frozen=True)
class Run:
    """One game, played from several starts.

    Attributes
    ----------
    samples : ndarray, shape (snapshots, starts, n, 2)
        Made-up samples after each of the wanted numbers of steps.
    slope : ndarray, shape (starts,)
        Mean size of the critic's slope at real samples in the end.
    distance : ndarray, shape (starts,)
        Mean score of real minus mean score of made-up samples in the end: what a Wasserstein critic calls the distance.
    """

    samples: NDArray[np.float64]
    slope: NDArray[np.float64]
    distance: NDArray[np.float64]

    @property
    def modes(self) -> NDArray[np.intp]:
        """How many modes are covered, shape (starts, snapshots)."""
        return np.array([[quality(cloud)[0] for cloud in clouds] for clouds in self.samples.swapaxes(0, 1)])

    @property
    def good(self) -> NDArray[np.float64]:
        """Which share of the samples is good, shape (starts, snapshots)."""
        return np.array([[quality(cloud)[1] for cloud in clouds] for clouds in self.samples.swapaxes(0, 1)])


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


def _network(starts: Sequence[Start], inputs: int, outputs: int, chances: _Chances) -> list[torch.Tensor]:
    """Return weights and biases of two hidden layers, one network for each start as the first dimension."""
    sizes = (inputs, HIDDEN, HIDDEN, outputs)
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        weights = chances.normal(fan_in, fan_out) * math.sqrt(2 / fan_in)
        layers.append(torch.stack([start.disturb([own])[0] for start, own in zip(starts, weights, strict=True)]))
        layers.append(torch.zeros(len(starts), 1, fan_out))
    return [layer.requires_grad_(True) for layer in layers]


class _Chances:
    """One source of random numbers for each seed: a start is the same whichever others are trained beside it."""

    def __init__(self, starts: Sequence[Start]) -> None:
        seeds = list(dict.fromkeys(start.seed for start in starts))
        self._sources = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._own = torch.tensor([seeds.index(start.seed) for start in starts])

    def _each(self, draw: Callable[[torch.Generator], torch.Tensor]) -> torch.Tensor:
        return torch.stack([draw(source) for source in self._sources])[self._own]

    def normal(self, *shape: int) -> torch.Tensor:
        return self._each(lambda source: torch.randn(shape, generator=source))

    def uniform(self, *shape: int) -> torch.Tensor:
        return self._each(lambda source: torch.rand(shape, generator=source))

    def integers(self, below: int, *shape: int) -> torch.Tensor:
        return self._each(lambda source: torch.randint(below, shape, generator=source))


def _run(layers: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2, w3, b3 = layers
    x = relu(torch.baddbmm(b1, x, w1))
    return torch.baddbmm(b3, relu(torch.baddbmm(b2, x, w2)), w3)


def _slopes(critic: Sequence[torch.Tensor], points: torch.Tensor, *, differentiable: bool = False) -> torch.Tensor:
    """Return the critic's slope at each point."""
    points = points.requires_grad_(True)
    (slopes,) = torch.autograd.grad(_run(critic, points).sum(), points, create_graph=differentiable)
    return slopes


def _penalty(
    kind: str, critic: Sequence[torch.Tensor], real: torch.Tensor, fake: torch.Tensor, share: torch.Tensor
) -> Any:
    """Return the penalty, a mean over each start's samples and a sum over the starts, or 0."""
    if kind == "R1":
        return R1 / 2 * (_slopes(critic, real, differentiable=True) ** 2).sum(2).mean(1).sum()
    if kind == "gradient penalty":
        slopes = _slopes(critic, share * real + (1 - share) * fake, differentiable=True)
        # The norm of each sample's slope, over its coordinates.
        return GRADIENT_PENALTY * ((slopes.norm(dim=2) - 1) ** 2).mean(1).sum()
    return 0.0


@one_thread()
def train(setup: Setup, starts: Sequence[Start], *, snapshots: Sequence[int] = SNAPSHOTS) -> Run:
    """Train generator and critic with Adam, in turns; all starts at once, as one more dimension.

    Parameters
    ----------
    setup : Setup
        The game.
    starts : sequence of Start
        Where to start.
    snapshots : sequence of int
        After how many steps samples are kept, rising; the last is the whole budget.

    Returns
    -------
    Run
    """
    chances = _Chances(starts)
    generator, critic = _network(starts, _NOISE, 2, chances), _network(starts, 2, 1, chances)
    by_real, by_fake, by_generator = _TERMS[setup.loss]
    modes = torch.tensor(centres(), dtype=torch.float32)
    optimisers = [torch.optim.Adam(net, lr=setup.rate, betas=BETAS, foreach=True) for net in (generator, critic)]

    def make(count: int = _BATCH) -> torch.Tensor:
        return _run(generator, chances.normal(count, _NOISE))

    def real() -> torch.Tensor:
        return modes[chances.integers(MODES, _BATCH)] + DEVIATION * chances.normal(_BATCH, 2)

    def step(player: int, cost: torch.Tensor) -> None:
        own = (generator, critic)[player]
        # A mean over the samples and a sum over the starts: each network's gradient is its own.
        for parameter, slope in zip(own, torch.autograd.grad(cost, own), strict=True):
            parameter.grad = slope
        optimisers[player].step()

    kept = []
    for count in range(1, snapshots[-1] + 1):
        if count % (setup.critic_steps + 1):
            with torch.no_grad():
                fake = make()
            true, share = real(), chances.uniform(_BATCH, 1)
            cost = by_real(_run(critic, true)).mean(1).sum() + by_fake(_run(critic, fake)).mean(1).sum()
            step(1, cost + _penalty(setup.penalty, critic, true, fake, share))
            if setup.penalty == "clipping":
                with torch.no_grad():
                    for parameter in critic:
                        parameter.clamp_(-CLIP, CLIP)
        else:
            step(0, by_generator(_run(critic, make())).mean(1).sum())
        if count in snapshots:
            with torch.no_grad():
                kept.append(make(_DRAWN).double().numpy())
    true = real()
    slope = _slopes(critic, true).norm(dim=2).mean(1)
    with torch.no_grad():
        distance = (_run(critic, true) - _run(critic, make())).mean((1, 2))
    return Run(np.array(kept), slope.double().numpy(), distance.double().numpy())


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    run = train(SETUPS[case], starts)
    return {"modes": run.modes, "good": run.good, "slope": run.slope, "distance": run.distance}


def _samples() -> dict[str, NDArray[np.float64]]:
    """Return samples of the first seed on the way, for the pictures."""
    return {
        case: train(setup, [Start(0, 0)], snapshots=PICTURED).samples[:, 0, :_KEPT].round(2)
        for case, setup in list(SETUPS.items())[:8]
    }


EXPERIMENT = Experiment(
    name="ring",
    cases=tuple(SETUPS),
    measure=_measure,
    settings={
        "setups": {name: vars(setup) for name, setup in SETUPS.items()},
        "optimiser": "Adam",
        "betas": BETAS,
        "hidden": HIDDEN,
        "batch": _BATCH,
        "noise": _NOISE,
        "clip": CLIP,
        "gradient penalty": GRADIENT_PENALTY,
        "R1": R1,
        "snapshots": SNAPSHOTS,
    },
    seeds=50,
    roundings=50,
    batch=50,
    part=16,
    extra=_samples,
)
