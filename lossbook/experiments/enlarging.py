"""Small networks that enlarge 5 × 5 pictures to 20 × 20, alike in everything but their loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from . import perceptual
from .perceptual import TRAINED, UNTRAINED, Network
from .record import Experiment, Record, load
from .starts import Start
from .threads import one_thread

#: The losses that are compared.
PIXELS, FEATURES, BOTH = "pixels", "features", "pixels and features"
RANDOM = "features, random weights"
#: Their weights: of the squared error of the pixels, then of the features in each of the four layers.
LOSSES = {
    PIXELS: (1.0, 0.0, 0.0, 0.0, 0.0),
    FEATURES: (0.0, 0.25, 0.25, 0.25, 0.25),
    BOTH: (0.5, 0.125, 0.125, 0.125, 0.125),
    RANDOM: (0.0, 0.25, 0.25, 0.25, 0.25),
}
#: Whose features each loss compares.
WHOSE = {case: UNTRAINED if case == RANDOM else TRAINED for case in LOSSES}
#: A picture that goes in has a quarter of the rows and columns: each pixel is the mean of 16.
FACTOR = 4
#: After how many steps of Adam the record looks at the pictures.
SNAPSHOTS = (125, 500)

_INSIDE, _HIDDEN, _OUTSIDE = 25, 128, 400
_BATCH, _RATE = 16, 0.003
#: So much is taken from what goes into the last sigmoid, so that the first pictures are dark, as digits are.
_DARK = 2.0
_WEIGHTS, _BATCHES = 5, 6

_Rooms = list[torch.Tensor]


def _chance(seed: int, purpose: int) -> torch.Generator:
    """Return the source of random numbers of a seed for one purpose, none of those in `perceptual`."""
    return torch.Generator().manual_seed(7 * seed + purpose + 1_000_000)


def small(images: torch.Tensor) -> torch.Tensor:
    """Return images (N, 1, 20, 20) as what goes in, (N, 1, 5, 5): each pixel is the mean of 4 × 4."""
    return functional.avg_pool2d(images, FACTOR)


def _first_weights(start: Start) -> list[torch.Tensor]:
    """Return weights and biases of the two layers, the same for every loss, with the losses as first axis."""
    chance, layers = _chance(start.seed, _WEIGHTS), []
    for fan_in, fan_out in ((_INSIDE, _HIDDEN), (_HIDDEN, _OUTSIDE)):
        layers += [(2 / fan_in) ** 0.5 * torch.randn(fan_in, fan_out, generator=chance), torch.zeros(1, fan_out)]
    return [layer.repeat(len(LOSSES), 1, 1).requires_grad_(True) for layer in start.disturb(layers)]


def _enlarged(layers: Sequence[torch.Tensor], inside: torch.Tensor) -> torch.Tensor:
    """Return for every loss what its network makes of small pictures (N, 1, 5, 5): (losses, N, 1, 20, 20)."""
    first, first_bias, second, second_bias = layers
    hidden = torch.relu(inside.flatten(1) @ first + first_bias)
    return torch.sigmoid(hidden @ second + second_bias - _DARK).unflatten(-1, (1, 20, 20))


@one_thread()
def train(
    start: Start, networks: Mapping[str, Network], *, snapshots: Sequence[int] = SNAPSHOTS[:1]
) -> dict[int, dict[str, torch.Tensor]]:
    """Train one network under each loss, all from the same weights and on the same pictures in the same order.

    Each part of a loss is divided by what it is if all pixels, or all features, are zero: then all have one scale.

    Parameters
    ----------
    start : Start
        Its seed cuts the digits as in `perceptual.digits`, and gives first weights and batches.
    networks : mapping
        ``trained`` and ``random weights``: whose features are compared. They are not changed.
    snapshots : sequence of int
        Numbers of steps after which the networks are looked at, rising.

    Returns
    -------
    mapping of int to mapping of str to tensor
        For each number of steps and each loss: the new digits, enlarged, shape (N, 1, 20, 20).
    """
    data, order = perceptual.digits(start.seed), _chance(start.seed, _BATCHES)
    inside, layers = small(data.images), _first_weights(start)
    targets, cases = _targets(networks, data.images), list(LOSSES)
    descent = torch.optim.Adam(layers, _RATE, foreach=True)
    looks = {}
    for step in range(1, snapshots[-1] + 1):
        rows = torch.randint(len(inside), (_BATCH,), generator=order)
        pictures = dict(zip(cases, _enlarged(layers, inside[rows]), strict=True))
        # A sum over the losses: each network's gradient is its own.
        slopes = torch.autograd.grad(_losses(pictures, networks, targets, rows), layers)
        for layer, slope in zip(layers, slopes, strict=True):
            layer.grad = slope
        descent.step()
        if step in snapshots:
            with torch.no_grad():
                looks[step] = dict(zip(cases, _enlarged(layers, small(data.new_images)), strict=True))
    return looks


def _targets(networks: Mapping[str, Network], images: torch.Tensor) -> dict[str, tuple[_Rooms, list[float]]]:
    """Return pixels and features of the training pictures for each network, and what each costs if it is zero."""
    found = {}
    for name, network in networks.items():
        rooms = [images, *network.features(images)]
        found[name] = rooms, [room.square().mean().item() for room in rooms]
    return found


def _losses(
    pictures: Mapping[str, torch.Tensor],
    networks: Mapping[str, Network],
    targets: Mapping[str, tuple[_Rooms, list[float]]],
    rows: torch.Tensor,
) -> torch.Tensor:
    """Return the sum of all losses of one batch; each network looks once at all pictures that it judges."""
    total = torch.zeros(())
    for name, (rooms, zero) in targets.items():
        judged = [case for case in pictures if WHOSE[case] == name]
        looking = [case for case in judged if any(LOSSES[case][1:])]
        maps = networks[name].features(torch.cat([pictures[case] for case in looking]))
        seen = dict(zip(looking, zip(*(part.split(len(rows)) for part in maps), strict=True), strict=True))
        for case in judged:
            parts = zip(LOSSES[case], (pictures[case], *seen.get(case, ())), rooms, zero, strict=False)
            for weight, ours, theirs, scale in parts:
                if weight:
                    total = total + weight / scale * functional.mse_loss(ours, theirs[rows])
    return total


def edges(images: torch.Tensor) -> float:
    """Return the mean squared step from a pixel to its right and to its lower neighbour."""
    across, down = images.diff(dim=-1), images.diff(dim=-2)
    return across.square().mean().item() + down.square().mean().item()


@cache
def other_reader(seed: int) -> Any:
    """Return a reader that shares nothing with the networks but the digits: a support vector machine on pixels."""
    from sklearn.svm import SVC

    data = perceptual.digits(seed)
    return SVC(C=10).fit(data.images.flatten(1).numpy(), data.labels.numpy())


def judged(pictures: torch.Tensor, start: Start, network: Network) -> dict[str, float]:
    """Return what is measured of new digits that were enlarged.

    Returns
    -------
    mapping
        ``pixel error``: mean squared, in thousandths. ``edges``: how strong, in percent of the true ones. ``misread``,
        ``misread by another``: how many the network whose features were compared, and the other reader, misread.
    """
    data = perceptual.digits(start.seed)
    truth, labels = data.new_images, data.new_labels
    others = other_reader(start.seed).predict(pictures.flatten(1).numpy())
    return {
        "pixel error": round(1000 * functional.mse_loss(pictures, truth).item(), 1),
        "edges": round(100 * edges(pictures) / edges(truth)),
        "misread": round(len(labels) * (1 - perceptual.read(network, pictures, labels))),
        "misread by another": int((others != labels.numpy()).sum()),
    }


@cache
def _measured(start: Start) -> dict[str, dict[str, list[float]]]:
    """Return every number for every loss after each number of steps; all losses are trained at once."""
    networks = {TRAINED: perceptual.train(start), UNTRAINED: perceptual.untrained(start)}
    looks = train(start, networks, snapshots=SNAPSHOTS).values()
    found = {case: [judged(look[case], start, networks[TRAINED]) for look in looks] for case in LOSSES}
    return {case: {name: [row[name] for row in rows] for name in rows[0]} for case, rows in found.items()}


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    each = [_measured(start)[case] for start in starts]
    return {quantity: np.array([one[quantity] for one in each]) for quantity in each[0]}


EXPERIMENT = Experiment(
    name="enlarging",
    cases=tuple(LOSSES),
    measure=_measure,
    settings={
        "losses": LOSSES,
        "factor": FACTOR,
        "sizes": (_INSIDE, _HIDDEN, _OUTSIDE),
        "batch": _BATCH,
        "optimiser": "Adam",
        "rate": _RATE,
        "snapshots": SNAPSHOTS,
        "code of the features' network": perceptual.EXPERIMENT.source(),
    },
)


def record() -> Record:
    """Return what 30 seeds, and one seed with other rounding 30 times, gave under each loss."""
    return load(EXPERIMENT)
