"""What the record of the network that reads digits says, and pictures in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import Picture
from ..perceptual import DISTORTIONS, ROOMS, TRAINED, UNTRAINED, digits, matched, untrained
from ..perceptual import record as record
from ..starts import Start
from ..uncertainty import Mean, Share, difference, mean

if TYPE_CHECKING:
    import torch

_LAYERS = ROOMS[1:]


def beside_blur(case: str, quantity: str) -> NDArray[np.float64]:
    """Return distances over the blur's of every seed, shape (seeds, rooms, 2): of the shift and of the noise.

    Rooms are the four layers; under ``as they are`` the pixels come first.
    """
    values = record().seeds(case, quantity)
    return values.reshape(len(values), -1, 2)


def accuracy() -> Mean:
    """Return the share of new digits that trained networks read."""
    return mean(record().seeds(TRAINED, "accuracy"), percent=True)


def accuracy_by_rounding() -> str:
    """Return the least and the largest share of new digits that one start reads, with other rounding each time."""
    shares = record().roundings(TRAINED, "accuracy")
    return f"{shares.min():.1%} and {shares.max():.1%}"


def reads(distortion: str) -> Mean:
    """Return the share of distorted digits that trained networks read, when all are equally far in pixels."""
    return mean(record().seeds(TRAINED, "read")[:, DISTORTIONS.index(distortion)], percent=True)


def reads_shifted() -> Mean:
    """Return the share of shifted digits that trained networks read."""
    return reads("shift")


def reads_blurred() -> Mean:
    """Return the share of blurred digits that trained networks read, as far as the shift in pixels."""
    return reads("blur")


def reads_noisy() -> Mean:
    """Return the share of noisy digits that trained networks read, as far as the shift in pixels."""
    return reads("noise")


def blur_over_shift(case: str = TRAINED, quantity: str = "digits") -> NDArray[np.float64]:
    """Return how many times as far as the shift the blur is in the last layer, for each seed."""
    return np.asarray(1 / beside_blur(case, quantity)[:, -1, 0])


def _range(values: NDArray[np.float64]) -> str:
    return f"{values.min():.0f} to {values.max():.0f}"


def blur_over_shift_trained() -> str:
    """Return the least and the largest of that, on digits with trained networks."""
    return _range(blur_over_shift())


def blur_over_shift_untrained() -> str:
    """Return the least and the largest of that, on digits with random weights."""
    return _range(blur_over_shift(UNTRAINED))


def ordered(case: str = TRAINED, quantity: str = "digits") -> Share:
    """Of the seeds: in the last layer the shift is nearest on average, and the blur farthest."""
    shift, noise = beside_blur(case, quantity)[:, -1].T
    return Share.of((shift < noise) & (noise < 1))


def shift_nearest(case: str = TRAINED, quantity: str = "digits") -> Share:
    """Of the seeds: in the last layer the shift is nearest on average."""
    shift, noise = beside_blur(case, quantity)[:, -1].T
    return Share.of((shift < noise) & (shift < 1))


def falling(case: str = TRAINED, quantity: str = "digits") -> Share:
    """Of the seeds: with each layer the shift is nearer, beside the blur."""
    return Share.of((np.diff(beside_blur(case, quantity)[:, :, 0], axis=1) < 0).all(axis=1))


def nearest(case: str = TRAINED) -> Mean:
    """Return the share of digits of which the shift is nearest in the last layer."""
    return mean(record().seeds(case, "nearest"), percent=True)


def nearest_untrained() -> Mean:
    """Return the share of digits of which the shift is nearest in the last layer with random weights."""
    return nearest(UNTRAINED)


def learning(quantity: str, distortion: str, layer: int = 4) -> Mean:
    """Return by how much training changes a distance in a layer, beside the blur's."""
    column = {"shift": 0, "noise": 1}[distortion]
    return difference(*(beside_blur(case, quantity)[:, layer - 1, column] for case in (TRAINED, UNTRAINED)))


@cache
def _noise() -> NDArray[np.float64]:
    """Return how far in pixels the grey noise is from its targets, for each seed."""
    far = []
    for start in map(Start, range(record().experiment.seeds)):
        targets = digits(start.seed).one_of_each()
        noise = matched(untrained(start), targets, 1, start.seed, steps=0)
        far.append((noise - targets).square().mean().item())
    return np.array(far)


def farther_than_noise(case: str = TRAINED) -> Share:
    """Of the seeds: matched in the last layer, pictures are farther from their targets than the noise at the start."""
    return Share.of(record().seeds(case, "found")[:, -1] > _noise())


def found(case: str, layer: int) -> Mean:
    """Return how far in pixels the pictures are that are matched in a layer."""
    return mean(record().seeds(case, "found")[:, layer - 1])


def found_in_first_layer() -> Mean:
    """Return how far in pixels the pictures are that are matched in the first layer of trained networks."""
    return found(TRAINED, 1)


def found_in_last_layer() -> Mean:
    """Return how far in pixels the pictures are that are matched in the last layer of trained networks."""
    return found(TRAINED, 4)


def found_in_last_layer_untrained() -> Mean:
    """Return how far in pixels the pictures are that are matched in the last layer of networks with random weights."""
    return found(UNTRAINED, 4)


def kept_in_first_layer() -> Mean:
    """Return the share of pictures, matched in the first layer, that trained networks read as their targets."""
    return kept(1)


def kept_in_last_layer() -> Mean:
    """Return the share of pictures, matched in the last layer, that trained networks read as their targets."""
    return kept(4)


def forgets_more() -> Share:
    """Of the seeds: matched in the last layer, pictures are farther off with trained weights than with random ones."""
    last = [record().seeds(case, "found")[:, -1] for case in (TRAINED, UNTRAINED)]
    return Share.of(last[0] > last[1])


def ever_farther(case: str = TRAINED) -> Share:
    """Of the seeds: pictures matched in a deeper layer are farther from their targets in pixels."""
    return Share.of((np.diff(record().seeds(case, "found"), axis=1) > 0).all(axis=1))


def kept(layer: int) -> Mean:
    """Return the share of pictures, matched in a layer, that the trained network reads as their targets."""
    return mean(record().seeds(TRAINED, "kept")[:, layer - 1], percent=True)


def table(quantity: str) -> str:
    """Return mean distances over the blur's in each layer, trained beside random weights, as a table in Markdown."""
    heads = [f"{distortion}, {case}" for distortion in ("shift", "noise") for case in (TRAINED, UNTRAINED)]
    lines = [f"| beside the blur | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    cases = [beside_blur(case, quantity) for case in (TRAINED, UNTRAINED)]
    for layer, name in enumerate(_LAYERS):
        cells = (str(mean(case[:, layer, column])) for column in (0, 1) for case in cases)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def matching_table() -> str:
    """Return how far matched pictures are in pixels, and how many are read as targets, as a table: in thousandths."""
    lines = ["| matched in | pixels, trained | pixels, random weights | read as the target, trained |"]
    lines.append("|---|---:|---:|---:|")
    noise = mean(1000 * _noise())
    lines.append(f"| nothing yet: the noise | {noise} | {noise} | |")
    for number, name in enumerate(_LAYERS, 1):
        thousandths = (mean(1000 * found(case, number).values) for case in (TRAINED, UNTRAINED))
        cells = (str(cell) for cell in (*thousandths, kept(number)))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def show(rows: Mapping[str, Sequence[torch.Tensor]], titles: Sequence[str], size: float = 1.15) -> Picture:
    """Draw small grey pictures in a table.

    Parameters
    ----------
    rows : mapping of str to sequence of tensors
        What is written left of a row, and its pictures, each of shape (1, H, W).
    titles : sequence of str
        What is written above each column; lines may be broken.
    size : float
        Width of a picture in inches.
    """
    import matplotlib
    from matplotlib.figure import Figure as Drawing

    from lossbook.style import STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Drawing(figsize=(size * len(titles) + 0.3, size * len(rows) + 0.35), layout="constrained")
        panels = drawing.subplots(len(rows), len(titles), squeeze=False)
        for number, ((name, pictures), line) in enumerate(zip(rows.items(), panels, strict=True)):
            for axes, picture, title in zip(line, pictures, titles, strict=True):
                _small(axes, picture)
                if number == 0:
                    axes.set_title(title, fontsize=9)
            line[0].set_ylabel(name, fontsize=9)
    return Picture(drawing)


def _small(axes: Any, picture: torch.Tensor) -> None:
    axes.imshow(picture[0].numpy(), cmap="gray", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
