"""A small network on handwritten digits whose layers measure how far apart two pictures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lossbook.experiments import Picture
from lossbook.losses import PerceptualLoss

from .threads import one_thread

Floats = NDArray[np.float64]
#: What is done to pictures, in the order of all tables.
DISTORTIONS = ("shift", "blur", "noise")
#: Where distances are measured: in the pixels, then in the network's four layers.
ROOMS = ("pixels", "layer 1", "layer 2", "layer 3", "layer 4")
#: Standard deviations, of the blur in pixels and of the noise on the scale from black (0) to white (1).
BLUR, NOISE = 1.1, 0.11
#: Channels of the three convolutions.
CHANNELS = (16, 32, 64)

_TRAINING = 1200
_EPOCHS, _BATCH, _RATE = 25, 64, 0.02
_MARGIN = 2


class Network(torch.nn.Module):
    """Three convolutions with ReLU, halved in size between them, then the mean of each channel and ten logits."""

    def __init__(self) -> None:
        super().__init__()
        ends = (1, *CHANNELS)
        self.convolutions = torch.nn.ModuleList(
            torch.nn.Conv2d(a, b, 3, padding=1) for a, b in zip(ends, CHANNELS, strict=False)
        )
        self.head = torch.nn.Linear(CHANNELS[-1], 10)

    def features(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return four feature maps, each (N, C, H, W): three convolutions, and the mean of the last over H and W."""
        maps: list[torch.Tensor] = []
        for convolution in self.convolutions:
            images = functional.max_pool2d(images, 2) if maps else images
            maps.append(images := functional.relu(convolution(images)))
        return [*maps, images.mean((2, 3), keepdim=True)]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits, (N, 10)."""
        return self.head(self.features(images)[-1].flatten(1))


@dataclass(frozen=True)
class Trained:
    """A network and how well it reads the test digits.

    Attributes
    ----------
    network : Network
        Ready for use.
    accuracy : float
        Share of test digits that it reads rightly.
    """

    network: Network
    accuracy: float


@cache
def digits() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return training images, their labels, test images, their labels.

    The 8 × 8 digits are enlarged to 16 × 16 and get a black margin, so that a digit can be shifted without losing
    a part. Images have shape (N, 1, 20, 20); 0 is black and 1 white.
    """
    from sklearn.datasets import load_digits

    flat, labels = load_digits(return_X_y=True)
    small = torch.tensor(flat.reshape(-1, 1, 8, 8) / 16, dtype=torch.float32)
    large = functional.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False)
    images = functional.pad(large, (_MARGIN,) * 4)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    known, new = order[:_TRAINING], order[_TRAINING:]
    classes = torch.tensor(labels)
    return images[known], classes[known], images[new], classes[new]


def untrained(seed: int) -> Network:
    """Return a network with random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network().eval()


@cache
@one_thread()
def train(seed: int) -> Trained:
    """Train the network to read digits, with cross-entropy; no shifted, blurred or noisy picture is shown to it."""
    images, labels, test, wanted = digits()
    network, order = untrained(seed).train(), torch.Generator().manual_seed(seed)
    steps = _EPOCHS * -(-len(labels) // _BATCH)
    descent = torch.optim.Adam(network.parameters(), _RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(descent, _RATE, steps)
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(labels), generator=order).split(_BATCH):
            descent.zero_grad()
            functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            descent.step()
            rate.step()
    network.eval().requires_grad_(False)
    return Trained(network, read(network, test, wanted))


@torch.no_grad()
def read(network: Network, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of images that a network reads rightly."""
    return (network(images).argmax(1) == labels).double().mean().item()


def blurred(images: torch.Tensor, width: float | torch.Tensor) -> torch.Tensor:
    """Return images (N, 1, H, W) seen through a Gaussian blur; beyond an edge its pixels go on.

    Parameters
    ----------
    images : tensor
        What is blurred.
    width : float or tensor of shape (N, 1, 1, 1)
        Standard deviation in pixels, one for all images or one for each.
    """
    widths = torch.as_tensor(width, dtype=images.dtype).expand(len(images), 1, 1, 1)
    reach = int(np.ceil(4 * widths.max().item()))
    kernels = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / widths) ** 2)
    kernels = kernels / kernels.sum(-1, keepdim=True)
    inside = images.transpose(0, 1)  # one channel for each image, so that each meets its own kernel
    for kernel, sides in ((kernels, (reach, reach, 0, 0)), (kernels.mT, (0, 0, reach, reach))):
        inside = functional.conv2d(functional.pad(inside, sides, "replicate"), kernel, groups=len(images))
    return inside.transpose(0, 1)


def distorted(images: torch.Tensor, blur: float = BLUR, noise: float = NOISE) -> dict[str, torch.Tensor]:
    """Return the images shifted by one pixel to the right, blurred, and with normal noise.

    The column that a shift lays open shows what stood there before.
    """
    chance = torch.Generator().manual_seed(1)
    return {
        "shift": torch.cat([images[..., :1], images[..., :-1]], dim=-1),
        "blur": blurred(images, blur),
        "noise": images + noise * torch.randn(images.shape, generator=chance),
    }


def equally_far(images: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the three distortions, each as far in pixels as the shift: every image gets its own blur and noise."""
    shifted, blur, noise = distorted(images, noise=1.0).values()
    far = _squared(shifted - images)
    widest, low = torch.full_like(far, 8.0), torch.full_like(far, 0.2)
    for _ in range(20):  # halve the interval in which each image's blur lies
        middle = (low + widest) / 2
        blur = blurred(images, middle)
        near = _squared(blur - images) < far
        low, widest = torch.where(near, middle, low), torch.where(near, widest, middle)
    step = noise - images
    return {"shift": shifted, "blur": blur, "noise": images + step * (far / _squared(step)).sqrt()}


def _squared(difference: torch.Tensor) -> torch.Tensor:
    return difference.square().mean((1, 2, 3), keepdim=True)


@one_thread()
@torch.no_grad()
def distances(network: Network, images: torch.Tensor, others: torch.Tensor) -> Floats:
    """Return how far each image is from the other in its place: in pixels and in each layer, shape (5, N)."""
    loss = PerceptualLoss(reduction="none")
    ours, theirs = ([part.double().numpy() for part in (x, *network.features(x))] for x in (images, others))
    return np.array([loss.loss([a], [b]) for a, b in zip(ours, theirs, strict=True)])


def table(network: Network, images: torch.Tensor, versions: Mapping[str, torch.Tensor]) -> Floats:
    """Return the distances to all versions, shape (5, versions, N): where, to what, for which image."""
    return np.stack([distances(network, images, version) for version in versions.values()], axis=1)


def orders(measured: Floats) -> Counter[tuple[str, ...]]:
    """Count the orders, from near to far, of distances to the three distortions, shape (3, N)."""
    return Counter(tuple(DISTORTIONS[k] for k in row) for row in measured.T.argsort(axis=1))


@cache
def photographs(side: int = 40) -> torch.Tensor:
    """Return grey squares cut from the two photographs in scikit-learn, shape (N, 1, side, side), from 0 to 1.

    The photographs are first made half as large, by the mean of four pixels.
    """
    from sklearn.datasets import load_sample_image

    squares = []
    for name in ("china.jpg", "flower.jpg"):
        grey = torch.tensor(load_sample_image(name) / 255, dtype=torch.float32).mean(-1)
        half = functional.avg_pool2d(grey[None, None], 2)
        rows, columns = (n // side for n in half.shape[2:])
        cut = half[0, 0, : rows * side, : columns * side].reshape(rows, side, columns, side)
        squares.append(cut.transpose(1, 2).reshape(-1, 1, side, side))
    return torch.cat(squares)


@one_thread()
def matched(network: Network, targets: torch.Tensor, layer: int, *, steps: int = 300, seed: int = 0) -> torch.Tensor:
    """Return images whose features in one layer (1 to 4) are those of the targets, found by descent from grey noise.

    Pixels are sigmoids of what is optimised, so they stay between black and white.
    """
    wanted = network.features(targets)[layer - 1].detach()
    chance = torch.Generator().manual_seed(seed)
    free = (0.5 * torch.randn(targets.shape, generator=chance)).requires_grad_(True)
    descent = torch.optim.Adam([free], 0.1)
    for _ in range(steps):
        descent.zero_grad()
        # A sum over the images: each is changed by its own distance alone.
        (network.features(torch.sigmoid(free))[layer - 1] - wanted).square().mean((1, 2, 3)).sum().backward()
        descent.step()
    return torch.sigmoid(free).detach()


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
