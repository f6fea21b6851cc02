"""What every loss shares: checked input, value and gradient, reduction, and its facts as data."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a loss, as data: tests check what can be checked by number.

    Attributes
    ----------
    task : str
        ``"classification"``, ``"regression"`` or ``"generation"``.
    convex : bool
        Whether the loss is convex in the predictions.
    smooth : bool
        Whether the gradient is continuous.
    lipschitz : float
        Largest slope by one prediction; infinite where there is none.
    robust : bool
        Whether one wild target has a bounded pull.
    model : str
        Whose negative log-likelihood it is; empty if nobody's.
    source : str
        Who described it, and when.
    """

    task: str
    convex: bool
    smooth: bool
    lipschitz: float
    robust: bool
    model: str = ""
    source: str = ""


class Loss(ABC):
    """A loss with value and gradient.

    A subclass writes `_check`, which returns checked arrays, and `_evaluate`, which does the mathematics.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch: their mean, their sum, or nothing.
    """

    facts: ClassVar[Facts]
    reductions: ClassVar[tuple[str, ...]] = ("mean", "sum", "none")

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in self.reductions:
            raise ValueError(f"reduction: expected one of {', '.join(self.reductions)}, got {reduction!r}")
        self.reduction = reduction

    def loss(self, predictions: ArrayLike, targets: ArrayLike) -> Any:
        """Return the reduced loss: a scalar, or with ``reduction="none"`` an array of terms."""
        return self.loss_and_grad(predictions, targets)[0]

    def grad(self, predictions: ArrayLike, targets: ArrayLike) -> Array:
        """Return the gradient of the reduced loss by the predictions, in their shape.

        With ``reduction="none"`` it is the gradient of the sum: each term's derivative by its own prediction.
        """
        return self.loss_and_grad(predictions, targets)[1]

    def loss_and_grad(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Any, Array]:
        """Return what `loss` and `grad` return, sharing the work."""
        terms, slopes, weight = self._evaluate(*self._check(predictions, targets))
        if self.reduction == "none":
            return terms, slopes
        with np.errstate(over="ignore"):
            total = terms.sum()
        if self.reduction == "sum":
            return total, slopes
        if weight == 0:
            raise ValueError("targets: every row is ignored or has weight 0, so there is no mean")
        count = slopes.dtype.type(weight)
        # The sum of large terms may be beyond the largest float where their mean is not.
        return (total / count if np.isfinite(total) else (terms / count).sum()), slopes / count

    @abstractmethod
    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        """Return both as arrays, or raise ValueError."""

    @abstractmethod
    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array, float]:
        """Return the terms of the loss, their gradient in the predictions' shape, and what a mean divides by."""

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = [
            f"{name}={value!r}" for name, value in vars(self).items()
            if name in defaults and not np.array_equal(value, defaults[name].default)
        ]  # fmt: skip
        return f"{type(self).__name__}({', '.join(given)})"


class ElementwiseLoss(Loss):
    """A loss of each prediction against the target in its place; shapes must agree."""

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        predicted = as_floats(predictions, "predictions")
        with np.errstate(over="ignore"):  # beyond the largest float32 lies infinity
            wanted = as_floats(targets, "targets").astype(predicted.dtype, copy=False)
        # Broadcasting (N,) against (N, 1) would compare every prediction with every target, without a word.
        if predicted.shape != wanted.shape:
            raise ValueError(f"targets: expected the shape of predictions, {predicted.shape}, got {wanted.shape}")
        if predicted.size == 0:
            raise ValueError(f"predictions: expected at least one, got shape {predicted.shape}")
        for name, array in (("predictions", predicted), ("targets", wanted)):
            if np.isnan(array).any():
                raise ValueError(f"{name}: expected numbers, got NaN at index {_first(np.isnan(array))}")
        return predicted, wanted

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array, float]:
        terms, slopes = self._terms_and_slopes(predictions, targets)
        return terms, slopes, predictions.size

    @abstractmethod
    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        """Return each prediction's term and the term's derivative by it."""


class ResidualLoss(ElementwiseLoss):
    """An element-wise loss that depends on the residual alone, prediction minus target."""

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        # A residual beyond the largest float is infinite, and so is its loss: that is the answer, not a mishap.
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return self._of_residual(predictions - targets)

    @abstractmethod
    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        """Return the loss of each residual and its derivative."""


def check_positive(value: float, name: str) -> float:
    """Return a finite number above 0, or raise ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise ValueError(f"{name}: expected a finite number above 0, got {value!r}")
    return float(value)


def check_class_indices(targets: ArrayLike, shape: tuple[int, ...], classes: int, ignore_index: int) -> NDArray[Any]:
    """Return class indices as an array, or raise ValueError if shape, type or range is wrong."""
    try:
        index = np.asarray(targets)
    except ValueError as error:
        raise ValueError("targets: expected class indices, got rows of different lengths") from error
    if index.dtype.kind not in "iu":
        raise ValueError(f"targets: expected integer class indices, got dtype {index.dtype}")
    if index.shape != shape:
        raise ValueError(f"targets: expected shape {shape}, one class index per row, got {index.shape}")
    wrong = ((index < 0) | (index >= classes)) & (index != ignore_index)
    if wrong.any():
        raise ValueError(
            f"targets: expected class indices from 0 to {classes - 1}, got {index[wrong].flat[0]} "
            f"at index {_first(wrong)}"
        )
    return index


def check_weight(weight: ArrayLike | None, classes: int) -> Array | None:
    """Return class weights as an array, or raise ValueError."""
    if weight is None:
        return None
    array = as_floats(weight, "weight")
    if array.shape != (classes,):
        raise ValueError(f"weight: expected one weight per class, shape ({classes},), got {array.shape}")
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError("weight: expected finite weights that are not negative")
    return array


def _first(where: NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(where)[0])
