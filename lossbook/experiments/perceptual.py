"""A small network on handwritten digits whose layers measure how far apart two pictures are, trained and untrained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lossbook.losses import PerceptualLoss

from .record import Experiment, Record, load
from .starts import Start
from .threads import one_thread

Floats = NDArray[np.float64]
#: What is compared: the network after its training, and as it was before.
TRAINED, UNTRAINED = "trained", "random weights"
#: What is done to pictures, in the order of all tables.
DISTORTIONS = ("shift", "blur", "noise")
#: Where distances are measured: in the pixels, then in the network's four layers.
ROOMS = ("pixels", "layer 1", "layer 2", "layer 3", "layer 4")
#: Standard deviations, of the blur in pixels and of the noise on the scale from black (0) to white (1).
BLUR, NOISE = 1.1, 0.11
#: Channels of the three convolutions.
CHANNELS = (8, 16, 64)
#: Squares of a photograph with less contrast, a standard deviation, are left out.
CONTRAST = 0.08
#: Steps of descent in `matched`.
STEPS = 150

_TRAINING = 1200
_EPOCHS, _BATCH, _RATE = 12, 32, 0.02
_MARGIN = 2
_SPLIT, _WEIGHTS, _BATCHES, _NOISE, _GREY = range(5)


def _chance(seed: int, purpose: int) -> torch.Generator:
    """Return the source of random numbers of a seed for one purpose, so that each is the same whoever uses others."""
    return torch.Generator().manual_seed(5 * seed + purpose)


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
class Digits:
    """Handwritten digits, cut in two by chance; images have shape (N, 1, 20, 20), 0 is black and 1 white.

    Attributes
    ----------
    images, labels : tensor
        What the network is trained on.
    new_images, new_labels : tensor
        What it has never seen.
    """

    images: torch.Tensor
    labels: torch.Tensor
    new_images: torch.Tensor
    new_labels: torch.Tensor

    def one_of_each(self) -> torch.Tensor:
        """Return the first new image of each class, in order, shape (10, 1, 20, 20)."""
        return torch.stack([self.new_images[self.new_labels == digit][0] for digit in range(10)])


@cache
def _all_digits() -> tuple[torch.Tensor, torch.Tensor]:
    from sklearn.datasets import load_digits

    flat, labels = load_digits(return_X_y=True)
    small = torch.tensor(flat.reshape(-1, 1, 8, 8) / 16, dtype=torch.float32)
    large = functional.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False)
    return functional.pad(large, (_MARGIN,) * 4), torch.tensor(labels)


def digits(seed: int) -> Digits:
    """Return scikit-learn's digits, cut in two by the seed.

    The 8 × 8 digits are enlarged to 16 × 16 and get a black margin, so that a digit can be shifted without losing
    a part.
    """
    images, labels = _all_digits()
    order = torch.randperm(len(labels), generator=_chance(seed, _SPLIT))
    known, new = order[:_TRAINING], order[_TRAINING:]
    return Digits(images[known], labels[known], images[new], labels[new])


def untrained(start: Start) -> Network:
    """Return a network with random weights: normal, with variance 2 over the number of inputs, and no biases yet."""
    network, chance = Network(), _chance(start.seed, _WEIGHTS)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1:
                spread = (2 / parameter[0].numel()) ** 0.5
                parameter.copy_(spread * torch.randn(parameter.shape, generator=chance))
            else:
                parameter.zero_()
    start.disturb_in_place(network)
    return network.eval().requires_grad_(False)


@one_thread()
def train(start: Start, *, epochs: int = _EPOCHS) -> Network:
    """Train the network to read digits, with cross-entropy; no shifted, blurred or noisy picture is shown to it."""
    seen, network = digits(start.seed), untrained(start).train().requires_grad_(True)
    order = _chance(start.seed, _BATCHES)
    descent = torch.optim.Adam(network.parameters(), _RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(descent, _RATE, epochs * -(-len(seen.labels) // _BATCH))
    for _ in range(epochs):
        for rows in torch.randperm(len(seen.labels), generator=order).split(_BATCH):
            descent.zero_grad()
            functional.cross_entropy(network(seen.images[rows]), seen.labels[rows]).backward()
            descent.step()
            rate.step()
    return network.eval().requires_grad_(False)


@one_thread()
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


def distorted(images: torch.Tensor, seed: int, blur: float = BLUR, noise: float = NOISE) -> dict[str, torch.Tensor]:
    """Return the images shifted by one pixel to the right, blurred, and with normal noise.

    The column that a shift lays open shows what stood there before.
    """
    return {
        "shift": torch.cat([images[..., :1], images[..., :-1]], dim=-1),
        "blur": blurred(images, blur),
        "noise": images + noise * torch.randn(images.shape, generator=_chance(seed, _NOISE)),
    }


def equally_far(images: torch.Tensor, seed: int) -> dict[str, torch.Tensor]:
    """Return the three distortions, each as far in pixels as the shift: every image gets its own blur and noise."""
    shifted, blur, noise = distorted(images, seed, noise=1.0).values()
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
def distances(network: Network, images: torch.Tensor, versions: Mapping[str, torch.Tensor]) -> Floats:
    """Return how far each image is from each of its versions, in pixels and in each layer.

    Returns
    -------
    ndarray, shape (5, versions, N)
        Where, to what, for which image.
    """
    loss = PerceptualLoss(reduction="none")
    ours = _rooms(network, images)
    return np.stack(
        [
            [loss.loss([a], [b]) for a, b in zip(ours, _rooms(network, version), strict=True)]
            for version in versions.values()
        ],
        axis=1,
    ).astype(float)


def _rooms(network: Network, images: torch.Tensor) -> list[NDArray[Any]]:
    return [part.numpy() for part in (images, *network.features(images))]


def beside_blur(measured: Floats) -> Floats:
    """Return mean distances over the blur's in the same room.

    Each layer has a scale of its own, so only within a layer can distances be compared.

    Parameters
    ----------
    measured : ndarray, shape (rooms, 3, N)
        From `distances`, to the three distortions.

    Returns
    -------
    ndarray, shape (rooms, 2)
        Of the shift and of the noise.
    """
    means = measured.mean(-1)
    return np.asarray(means[:, [0, 2]] / means[:, [1]])


@cache
def photographs(side: int = 40) -> torch.Tensor:
    """Return grey squares cut from the two photographs in scikit-learn, shape (N, 1, side, side), from 0 to 1.

    The photographs are first made half as large, by the mean of four pixels. Squares without contrast are left out.
    """
    from sklearn.datasets import load_sample_image

    squares = []
    for name in ("china.jpg", "flower.jpg"):
        grey = torch.tensor(load_sample_image(name) / 255, dtype=torch.float32).mean(-1)
        half = functional.avg_pool2d(grey[None, None], 2)
        rows, columns = (n // side for n in half.shape[2:])
        cut = half[0, 0, : rows * side, : columns * side].reshape(rows, side, columns, side)
        squares.append(cut.transpose(1, 2).reshape(-1, 1, side, side))
    cut = torch.cat(squares)
    return cut[cut.std((1, 2, 3)) > CONTRAST]


@one_thread()
def matched(network: Network, targets: torch.Tensor, layer: int, seed: int, *, steps: int = STEPS) -> torch.Tensor:
    """Return images whose features in one layer (1 to 4) are those of the targets, found by descent from grey noise.

    Pixels are sigmoids of what is optimised, so they stay between black and white.
    """
    wanted = network.features(targets)[layer - 1].detach()
    free = (0.5 * torch.randn(targets.shape, generator=_chance(seed, _GREY))).requires_grad_(True)
    descent = torch.optim.Adam([free], 0.1)
    for _ in range(steps):
        descent.zero_grad()
        # A sum over the images: each is changed by its own distance alone.
        (network.features(torch.sigmoid(free))[layer - 1] - wanted).square().mean((1, 2, 3)).sum().backward()
        descent.step()
    return torch.sigmoid(free).detach()


def measure(case: str, start: Start) -> dict[str, Any]:
    """Return what the text speaks of, for one network.

    Returns
    -------
    mapping
        ``accuracy``: share of the new digits that it reads. ``as they are``, ``digits``, ``photographs``: distance of
        the shift, then of the noise, over that of the blur, in each room; in the latter two all three distortions are
        equally far in pixels, which are left out. ``nearest``: share of the digits of which the shift is nearest in
        the last layer then. ``read``: shares of the shifted, blurred and noisy digits that it reads then. ``found``,
        ``kept``: pixel distance of the pictures matched in each layer, and which share of them it reads as the target.
    """
    network = train(start) if case == TRAINED else untrained(start)
    data = digits(start.seed)
    images, labels, targets = data.new_images, data.new_labels, data.one_of_each()
    equal, squares = equally_far(images, start.seed), photographs()
    by_layer = distances(network, images, equal)[1:]
    found = [matched(network, targets, layer, start.seed) for layer in (1, 2, 3, 4)]
    return {
        "accuracy": read(network, images, labels),
        "as they are": beside_blur(distances(network, images, distorted(images, start.seed))).ravel(),
        "digits": beside_blur(by_layer).ravel(),
        "photographs": beside_blur(distances(network, squares, equally_far(squares, start.seed))[1:]).ravel(),
        "nearest": float((by_layer[-1].argmin(axis=0) == 0).mean()),
        "read": np.array([read(network, version, labels) for version in equal.values()]),
        "found": np.array([_squared(pictures - targets).mean().item() for pictures in found]),
        "kept": np.array([read(network, pictures, torch.arange(10)) for pictures in found]),
    }


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    each = [measure(case, start) for start in starts]
    return {quantity: np.array([one[quantity] for one in each]) for quantity in each[0]}


EXPERIMENT = Experiment(
    name="perceptual",
    cases=(TRAINED, UNTRAINED),
    measure=_measure,
    settings={
        "channels": CHANNELS,
        "training digits": _TRAINING,
        "epochs": _EPOCHS,
        "batch": _BATCH,
        "optimiser": "Adam, one cycle",
        "rate": _RATE,
        "blur": BLUR,
        "noise": NOISE,
        "contrast": CONTRAST,
        "steps of matching": STEPS,
    },
    batch=10,
)


def record() -> Record:
    """Return what 30 seeds, and one seed with other rounding 30 times, gave with trained and with random weights."""
    return load(EXPERIMENT)
