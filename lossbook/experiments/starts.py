"""Where a training run starts: a seed, and whether rounding is disturbed.

Training is chaotic. The last bit of a matrix product differs between processors, and after thousands of steps so may
the outcome. To see how much of an outcome hangs on that, the starting weights are multiplied by 1 + 1e-6 · noise:
a few units in the last place of single precision, like another processor's rounding.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:  # it takes seconds to import, and who only reads records does without
    import torch

#: A whole number in this variable of the environment disturbs every training run of the book; 0 leaves them alone.
VARIABLE = "LOSSBOOK_ROUNDING"
#: How much weights are disturbed, relative to their size.
SIZE = 1e-6

Weights = TypeVar("Weights", "torch.Tensor", np.ndarray)


def rounding_of_environment() -> int:
    """Return the number in ``LOSSBOOK_ROUNDING``, 0 where it is not set.

    Raises
    ------
    ValueError
        If it is not a whole number, or negative.
    """
    given = os.environ.get(VARIABLE, "").strip() or "0"
    if not given.isdecimal():
        raise ValueError(f"{VARIABLE}: expected a whole number, at least 0, got {given!r}")
    return int(given)


@dataclass(frozen=True)
class Start:
    """One start of an experiment.

    Attributes
    ----------
    seed : int
        Of everything random: data, weights, batches.
    rounding : int
        Seed of the noise on the starting weights; 0 leaves them as they are. That of the environment if not given.
    """

    seed: int
    rounding: int = field(default_factory=rounding_of_environment)

    def disturb(self, weights: Sequence[Weights]) -> list[Weights]:
        """Return the starting weights, multiplied by 1 + 1e-6 · noise where rounding is disturbed.

        Parameters
        ----------
        weights : sequence of tensor or ndarray
            In the order in which the experiment made them; shapes and types are kept.
        """
        if not self.rounding:
            return list(weights)
        chance = np.random.default_rng(self.rounding)
        return [_scaled(weight, 1 + SIZE * chance.standard_normal(tuple(weight.shape))) for weight in weights]

    def disturb_in_place(self, module: torch.nn.Module) -> None:
        """Disturb the parameters of a PyTorch module."""
        import torch

        parameters = list(module.parameters())
        with torch.no_grad():
            for parameter, disturbed in zip(parameters, self.disturb([p.detach() for p in parameters]), strict=True):
                parameter.copy_(disturbed)


def _scaled(weight: Weights, factor: np.ndarray) -> Weights:
    if isinstance(weight, np.ndarray):
        return (weight * factor).astype(weight.dtype)
    import torch

    return (weight.double() * torch.from_numpy(factor)).to(weight.dtype)


def seeds(count: int, first: int = 0) -> list[Start]:
    """Return starts from consecutive seeds, rounding as in the environment."""
    return [Start(seed) for seed in range(first, first + count)]


def roundings(count: int, seed: int = 0, first: int = 1) -> list[Start]:
    """Return starts from one seed that differ in rounding alone, which is numbered from `first`, at least 1."""
    return [Start(seed, number) for number in range(first, first + count)]
