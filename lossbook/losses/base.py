"""What every loss shares: checked input, value and gradient, reduction, and its facts as data."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats

from .options import Option, one_of

#: Takes predictions and targets of a block; returns its terms, and their gradient if that is asked for.
Evaluate = Callable[[Array, NDArray[Any]], tuple[Array, Array | None]]
#: From so many numbers on, a sum is taken without its terms where a loss knows how.
_MANY = 4_096


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a loss, as data: tests check what can be checked by number.

    Attributes
    ----------
    task : str
        ``"classification"``, ``"regression"`` or ``"generation"``.
    convex : bool
        Whether a term of the loss is convex in the predictions.
    smooth : bool
        Whether its gradient is continuous.
    lipschitz : float, optional
        Largest slope of a term by one prediction, with the loss's own parameters; infinite where there is none;
        None where there is one without a simple formula.
    robust : bool
        Whether the pull of one wild target, compared with that of the others, is bounded.
    model : str
        Whose negative log-likelihood it is; empty if nobody's.
    proper : bool, optional
        Classification: whether the best prediction, read through the loss's own link (sigmoid, softmax …), is the
        probability of each class, and only it is best.
    calibrated : bool, optional
        Classification: whether the best prediction decides for the likeliest class.
    paper, doi : str
        Who described it, and where.
    year : int
        When.
    use : str
        When one takes it, in one or two short sentences; the cheat sheet has them.
    """

    task: str
    convex: bool
    smooth: bool
    lipschitz: float | None
    robust: bool
    model: str = ""
    proper: bool | None = None
    calibrated: bool | None = None
    paper: str
    year: int
    doi: str = ""
    use: str = ""


class Loss(ABC):
    """A loss with value and gradient.

    A subclass writes `_check`, which returns checked arrays, and `_evaluate`, which does the mathematics for a block
    of rows.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch: their mean, their sum, or nothing. A batch without rows has the sum 0
        and no mean.
    """

    _facts: ClassVar[Facts]
    #: Dimensions of one row of predictions: its classes, unless a subclass says otherwise.
    _row_dimensions: ClassVar[int] = 1
    #: Numbers per block: its temporaries stay in the cache that a processor's cores share. Smaller ones would fit
    #: into each core's own, but cost more calls than that saves.
    _block: ClassVar[float] = 65_536
    #: What the formula may meet without a word; beyond the largest float lies infinity.
    _silent: ClassVar[dict[str, Any]] = {"over": "ignore", "under": "ignore"}
    #: A constant factor that `_evaluate` leaves out of the slopes. The mean's divisor takes it up, so that it costs
    #: nothing, and twice a residual over the size of the batch is finite where twice the residual is not.
    _factor: float = 1.0
    reduction = Option(one_of("mean", "sum", "none"))

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = reduction

    def __init_subclass__(cls, **options: Any) -> None:
        """A subclass may have other terms: what sums those of its base is not handed on."""
        super().__init_subclass__(**options)
        if "_sum_quickly" not in vars(cls):
            cls._sum_quickly = Loss._sum_quickly  # type: ignore[method-assign]

    @property
    def facts(self) -> Facts:
        """What is known of the loss, with the parameters it has."""
        return self._facts

    def __call__(self, predictions: ArrayLike, targets: ArrayLike) -> Any:
        """Return what `loss` returns."""
        return self.loss(predictions, targets)

    def loss(self, predictions: ArrayLike, targets: ArrayLike) -> Any:
        """Return the reduced loss: a scalar, or with ``reduction="none"`` an array of terms."""
        return self._reduced(predictions, targets, with_slopes=False)[0]

    def grad(self, predictions: ArrayLike, targets: ArrayLike) -> Array:
        """Return the gradient of the reduced loss by the predictions, in their shape.

        With ``reduction="none"`` it is the gradient of the sum: each term's derivative by its own prediction.
        """
        return self.loss_and_grad(predictions, targets)[1]

    def loss_and_grad(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Any, Array]:
        """Return what `loss` and `grad` return, sharing the work."""
        return self._reduced(predictions, targets, with_slopes=True)

    def _reduced(self, predictions: ArrayLike, targets: ArrayLike, with_slopes: bool) -> tuple[Any, Any]:
        """Return the reduced loss, and its gradient if it is asked for."""
        if self.reduction != "mean" and _is_empty(predictions) and _is_empty(targets):
            nothing = as_floats(predictions, "predictions")
            if nothing.ndim > self._row_dimensions:
                return self._of_nothing(nothing)
        checked, wanted = self._check(predictions, targets)
        kept = checked.dtype.type
        if kept is np.float32 and not self._fits_float32():
            checked = checked.astype(np.float64)
            wanted = wanted.astype(np.float64) if wanted.dtype.kind == "f" else wanted
        x, t = self._as_batch(checked, wanted)
        with np.errstate(**self._silent):
            if self.reduction == "none":
                terms, slopes = self._terms(x, t, self._evaluate if with_slopes else self._evaluate_terms)
                if slopes is not None and self._factor != 1:
                    slopes *= self._factor
                value = self._terms_in_shape(terms, checked.shape)
            else:
                value, slopes = self._total(x, t, with_slopes, self._divisor(checked, wanted))
            if slopes is not None:
                slopes = self._slopes_in_shape(slopes, checked.shape).astype(kept, copy=False)
            return value.astype(kept, copy=False), slopes

    def _of_nothing(self, x: Array) -> tuple[Any, Array]:
        """Return the sum of no terms, which is 0, or no terms, and a gradient without entries."""
        terms = np.empty(0, x.dtype)
        value = terms.sum() if self.reduction == "sum" else self._terms_in_shape(terms, x.shape)
        return value, np.empty(x.shape, x.dtype)

    def _divisor(self, predictions: Array, targets: NDArray[Any]) -> float:
        """Return what the sum of the terms is divided by."""
        weight = 1.0 if self.reduction == "sum" else self._weight(predictions, targets)
        if weight == 0:
            raise ValueError("targets: every row is ignored or has weight 0, so there is no mean")
        if weight == np.inf:
            raise ValueError("weight: expected weights whose sum over all rows is finite, got inf")
        return weight

    def _fits_float32(self) -> bool:
        """Say whether the squares of all parameters have a place in float32; else it is computed in float64."""
        for value in vars(self).values():
            if isinstance(value, float | np.ndarray):
                size = np.abs(value)
                if not np.all((size == 0) | np.isinf(size) | (size > 1e-18) & (size < 1e18)):
                    return False
        return True

    def _as_batch(self, x: Array, t: NDArray[Any]) -> tuple[Array, NDArray[Any]]:
        """Return both with their independent parts along the first axis; `_evaluate` sees them so."""
        return x, t

    def _terms_in_shape(self, terms: Array, shape: tuple[int, ...]) -> Array:
        """Undo `_as_batch` for the terms of predictions that came in this shape."""
        return terms

    def _slopes_in_shape(self, slopes: Array, shape: tuple[int, ...]) -> Array:
        """Undo `_as_batch` for the gradient of predictions that came in this shape."""
        return slopes.reshape(shape)

    def _terms(self, x: Array, t: NDArray[Any], evaluate: Evaluate) -> tuple[Array, Array | None]:
        """Return the term of every row, and their gradient."""
        parts = [evaluate(*block) for block in self._blocks(x, t)]
        if len(parts) == 1:
            return parts[0]
        slopes = [part for _, part in parts if part is not None]
        return np.concatenate([terms for terms, _ in parts]), np.concatenate(slopes) if slopes else None

    def _total(self, x: Array, t: NDArray[Any], with_slopes: bool, weight: float) -> tuple[Any, Array | None]:
        """Return the sum of the terms and its gradient, both over `weight`, block by block.

        A formula with ten temporaries would fill the memory ten times over with a large batch. Cut into blocks, its
        temporaries stay in the cache, and nothing but the gradient has the size of the input.
        """
        blocks = self._blocks(x, t)
        divisor, share = x.dtype.type(weight), x.dtype.type(weight / self._factor)
        sums, slopes = np.empty(len(blocks), x.dtype), np.empty(x.shape, x.dtype) if with_slopes else None
        start = 0
        for k, block in enumerate(blocks):
            end = start + len(block[0])
            sums[k] = self._sum_block(*block, None if slopes is None else slopes[start:end], share)
            start = end
        value = sums.sum()
        if weight != 1 and not np.isfinite(value):
            # The sum of large terms may be beyond the largest float where their mean is not.
            return (self._terms(x, t, self._evaluate_terms)[0] / divisor).sum(), slopes
        return value / divisor, slopes

    def _sum_block(self, x: Array, t: NDArray[Any], slopes: Array | None, share: np.floating[Any]) -> Any:
        """Return the sum of a block's terms, and write their gradient over `share` into `slopes`."""
        if x.size >= _MANY:
            with np.errstate(all="ignore"):
                total = self._sum_quickly(x, t, slopes, share)
            if np.isfinite(total):
                return total
        if slopes is None:
            return self._evaluate_terms(x, t)[0].sum()
        terms, own = self._evaluate(x, t)
        own /= share  # in its own order, which for rows of classes is another than that of the slopes
        slopes[:] = own
        return terms.sum()

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: np.floating[Any]) -> Any:
        """Return the sum of a block's terms as `sums` has it, and write the slopes over `share`; NaN if it has none."""
        return np.nan

    def _blocks(self, x: Array, t: NDArray[Any]) -> list[tuple[Array, NDArray[Any]]]:
        """Cut the batch along its first axis; a loss whose rows are not independent returns it whole."""
        if x.size <= self._block:
            return [(x, t)]
        rows = max(1, int(self._block * len(x) / x.size))
        return [(x[i : i + rows], t[i : i + rows]) for i in range(0, len(x), rows)]

    @abstractmethod
    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        """Return both as arrays, or raise ValueError."""

    @abstractmethod
    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        """Return what a mean divides by, from the arrays as `_check` returns them."""

    @abstractmethod
    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        """Return the terms of the loss, and their gradient in the predictions' shape."""

    def _evaluate_terms(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, None]:
        """Return the terms alone; a loss whose gradient costs much has its own way."""
        return self._evaluate(predictions, targets)[0], None

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = [
            f"{name}={value!r}" for name, value in vars(self).items()
            if name in defaults and not np.array_equal(value, defaults[name].default)
        ]  # fmt: skip
        return f"{type(self).__name__}({', '.join(given)})"


class ElementwiseLoss(Loss):
    """A loss of each prediction against the target in its place; shapes must agree.

    A subclass writes `_terms_and_slopes`, for a block of predictions and targets.
    """

    _row_dimensions = 0

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        predicted = as_floats(predictions, "predictions")
        wanted = as_floats(targets, "targets")
        if wanted.dtype != predicted.dtype:
            with np.errstate(over="ignore"):  # beyond the largest float32 lies infinity
                wanted = wanted.astype(predicted.dtype)
        # Broadcasting (N,) against (N, 1) would compare every prediction with every target, without a word.
        if predicted.shape != wanted.shape:
            raise ValueError(f"targets: expected the shape of predictions, {predicted.shape}, got {wanted.shape}")
        if predicted.size == 0:
            raise ValueError(f"predictions: expected at least one, got shape {predicted.shape}")
        self._check_numbers(predicted, wanted)
        return predicted, wanted

    def _check_numbers(self, predictions: Array, targets: Array) -> None:
        """Raise ValueError if one is NaN."""
        check_numbers(predictions, "predictions")
        check_numbers(targets, "targets")

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return predictions.size

    def _as_batch(self, x: Array, t: NDArray[Any]) -> tuple[Array, NDArray[Any]]:
        return x.reshape(-1), t.reshape(-1)

    def _terms_in_shape(self, terms: Array, shape: tuple[int, ...]) -> Array:
        return terms.reshape(shape)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        return self._terms_and_slopes(predictions, targets)

    @abstractmethod
    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        """Return each prediction's term and the term's derivative by it, as new arrays."""


class ResidualLoss(ElementwiseLoss):
    """An element-wise loss that depends on the residual alone, prediction minus target."""

    # A residual beyond the largest float is infinite, and so is its loss: that is the answer, not a mishap.
    _silent: ClassVar[dict[str, Any]] = {"all": "ignore"}

    def _reduced(self, predictions: ArrayLike, targets: ArrayLike, with_slopes: bool) -> tuple[Any, Any]:
        try:
            return super()._reduced(predictions, targets, with_slopes)
        except _UndefinedResidualError:
            super()._check_numbers(*self._check(predictions, targets))  # says where NaN is
            raise

    def _check_numbers(self, predictions: Array, targets: Array) -> None:
        """Leave it to the residual: it is NaN where one of the two is, and is looked through once, in the cache."""

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        r = predictions - targets
        if np.isnan(np.minimum.reduce(r)):
            at = np.isnan(r)
            raise _UndefinedResidualError(
                "targets: expected a distance from the predictions that is defined, "
                f"got {targets[at][0]} against {predictions[at][0]}"
            )
        return self._of_residual(r)

    @abstractmethod
    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        """Return the loss of each residual and its derivative."""


class _UndefinedResidualError(ValueError):
    """A residual is NaN."""


def as_array(x: ArrayLike, name: str, wanted: str) -> NDArray[Any]:
    """Return an array of whatever type it has, or raise ValueError if its rows differ in length."""
    if isinstance(x, np.ma.MaskedArray):
        raise ValueError(f"{name}: expected {wanted}, got a masked array, whose mask would be lost")
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name}: expected {wanted}, got rows of different lengths") from error


def check_distributions(p: Array, name: str, axis: int) -> None:
    """Raise ValueError unless the numbers along the axis are probabilities that sum to 1."""
    # The product with ones is the sum of short rows in a fifth of its time.
    total = p @ np.ones(p.shape[1], p.dtype) if p.ndim == 2 and axis == 1 else p.sum(axis=axis)
    if not (np.minimum.reduce(p, axis=None) >= 0 and (np.abs(total - 1) < 1e-5).all()):
        least, wrong = p.min(), total[~(np.abs(total - 1) < 1e-5)]
        got = f"a sum of {wrong.flat[0]}" if wrong.size else f"the entry {least}"
        raise ValueError(f"{name}: expected rows of probabilities that sum to 1, got {got}")


def check_class_indices(
    targets: ArrayLike, shape: tuple[int, ...], classes: int, ignore_index: int | None = None
) -> NDArray[Any]:
    """Return class indices as an array, or raise ValueError if shape, type or range is wrong."""
    index = as_array(targets, "targets", "class indices")
    if index.dtype.kind not in "iu":
        raise ValueError(f"targets: expected integer class indices, got dtype {index.dtype}")
    if index.shape != shape:
        raise ValueError(f"targets: expected shape {shape}, one class index per row, got {index.shape}")
    if index.size and np.minimum.reduce(index, axis=None) >= 0 and np.maximum.reduce(index, axis=None) < classes:
        return index
    wrong = (index < 0) | (index >= classes)
    if ignore_index is not None:
        wrong &= index != ignore_index
    if wrong.any():
        raise ValueError(
            f"targets: expected class indices from 0 to {classes - 1}, got {index[wrong].flat[0]} "
            f"at index {first_index(wrong)}"
        )
    return index


def check_numbers(x: Array, name: str) -> None:
    """Raise ValueError if one of them is NaN."""
    if np.isnan(np.minimum.reduce(x, axis=None)):  # NaN if any entry is; no room for the answers is needed
        raise ValueError(f"{name}: expected numbers, got NaN at index {first_index(np.isnan(x))}")


def check_finite(x: ArrayLike, name: str) -> Array:
    """Return an array of at least one number, all finite, or raise ValueError."""
    array = as_floats(x, name)
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one number, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got {array[~np.isfinite(array)].flat[0]}")
    return array


def _is_empty(batch: ArrayLike) -> bool:
    """Say whether a batch has no rows; a list is not made an array for this."""
    shape = getattr(batch, "shape", None)
    return shape[:1] == (0,) if shape is not None else isinstance(batch, Sequence) and not batch


def first_index(where: NDArray[Any]) -> tuple[int, ...]:
    """Return the index of the first entry that is true."""
    return tuple(int(i) for i in np.argwhere(where)[0])
