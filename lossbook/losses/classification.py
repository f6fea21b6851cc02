"""Losses for classification."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, smooth_labels, softmax_parts, sum_in_halves

from .base import Facts, Loss, as_array, check_class_indices, check_distributions
from .options import Option, between, check_positive, check_weights, integer, or_none


class ClassLoss(Loss):
    """A loss of scores of classes; shapes are PyTorch's.

    Predictions have the shape (C,) with a scalar target, (N, C) with targets (N,), or (N, C, d1, …) with
    (N, d1, …). A subclass sees them as a matrix with one row per target.
    """

    weight = Option(or_none(check_weights))
    ignore_index = Option(integer())

    def __init__(self, *, weight: ArrayLike | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.weight, self.ignore_index = weight, ignore_index

    def _as_batch(self, x: Array, t: NDArray[Any]) -> tuple[Array, NDArray[Any]]:
        rows = _rows(x)
        return rows, t.reshape(-1) if t.shape != x.shape else _rows(t)

    def _terms_in_shape(self, terms: Array, shape: tuple[int, ...]) -> Array:
        return terms.reshape(_shape_of_rows(shape))

    def _slopes_in_shape(self, slopes: Array, shape: tuple[int, ...]) -> Array:
        if len(shape) <= 2:
            return slopes.reshape(shape)
        return np.moveaxis(slopes.reshape(*_shape_of_rows(shape), shape[1]), -1, 1)

    def _check_indices(self, targets: ArrayLike, x: Array) -> NDArray[Any]:
        return check_class_indices(targets, _shape_of_rows(x.shape), x.shape[class_axis(x)], self.ignore_index)

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        if targets.shape == predictions.shape:
            return predictions.size / predictions.shape[class_axis(predictions)]
        weight = self._row_weight(targets, predictions.shape[class_axis(predictions)])
        return targets.size if weight is None else float(weight.sum())

    def _row_weight(self, targets: NDArray[Any], classes: int) -> Array | None:
        """Return the weight of each row, its class's or 0 where it is ignored; None if all are 1."""
        of_class = per_class(self.weight, classes, "weight")
        kept = targets != self.ignore_index
        complete = np.logical_and.reduce(kept, axis=None)
        if of_class is None:
            return None if complete else kept.astype(np.float64)
        weights: Array = of_class.astype(np.float64)
        return weights[targets] if complete else np.where(kept, weights[np.where(kept, targets, 0)], 0)


class NLLLoss(ClassLoss):
    r"""Negative log-likelihood of the true class, from log-probabilities.

    Domain
        Predictions are log-probabilities, at most 0 (checked, with room for rounding).
    Formula
        :math:`\ell_n = -w_{y_n} x_{n, y_n}`. The mean divides by :math:`\sum_n w_{y_n}`, not by the number of rows.
    Gradient
        :math:`-w_{y_n}` at the true class, 0 elsewhere, divided as the value is.
    Model
        The categorical distribution: minimising the loss maximises the likelihood of the labels.
    Equivalent
        ``torch.nn.NLLLoss`` (same conventions; where every row is ignored its mean is NaN, here that is an error);
        ``sklearn.metrics.log_loss(y, p)`` takes probabilities and clips them;
        ``optax.softmax_cross_entropy_with_integer_labels`` and
        ``keras.losses.SparseCategoricalCrossentropy(from_logits=True)`` take logits.

    Parameters
    ----------
    weight : array_like, shape (C,), optional
        Weight of each class.
    ignore_index : int
        Rows with this target count for nothing.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a class index is no integer or out of range, or a prediction is NaN or above 0.

    Notes
    -----
    Shapes are PyTorch's: predictions (C,) with a scalar target, (N, C) with (N,), or (N, C, d1, …) with (N, d1, …).

    Examples
    --------
    >>> NLLLoss().loss(np.log([[0.01, 0.01, 0.98]]), [2]).round(4)
    np.float64(0.0202)
    """

    _facts = Facts(
        use="The model puts out log-probabilities already.",
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="categorical",
        proper=True, calibrated=True,
        paper="Fisher", year=1922, doi="10.1098/rsta.1922.0009",
    )  # fmt: skip
    _block = math.inf  # nothing is computed that would have to stay in the cache

    @property
    def facts(self) -> Facts:  # noqa: D102
        weight = np.ones(1) if self.weight is None else self.weight
        even = bool((weight == weight[0]).all())
        return replace(self._facts, lipschitz=float(weight.max()), proper=even, calibrated=even)

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = as_floats(predictions, "predictions")
        if x.ndim == 0 or x.size == 0:
            raise ValueError(f"predictions: expected rows of log-probabilities, got shape {x.shape}")
        # Log-probabilities come out of a subtraction and may lie a rounding error above 0.
        room = 1e-3 if x.dtype == np.float32 else 1e-6
        if not np.maximum.reduce(x, axis=None) <= room:
            raise ValueError(f"predictions: expected log-probabilities, at most 0, got {np.max(x)}; use log_softmax")
        return x, self._check_indices(targets, x)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        weight = self._row_weight(targets, predictions.shape[1])
        place = _places(predictions.shape, targets if weight is None else np.where(weight == 0, 0, targets))
        chosen, slopes = predictions.reshape(-1)[place], np.zeros(predictions.shape, predictions.dtype)
        slopes.reshape(-1)[place] = -1 if weight is None else 0 - weight
        return 0 - chosen if weight is None else times(weight.astype(chosen.dtype), 0 - chosen), slopes

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        if self._row_weight(t, x.shape[1]) is not None:
            return np.nan
        place = _places(x.shape, t)
        if slopes is not None:
            slopes[:] = 0
            slopes.reshape(-1)[place] = -1 / share
        return -x.reshape(-1)[place].sum()


class CrossEntropyLoss(ClassLoss):
    r"""Cross-entropy of logits: minus the log-probability of the true class after softmax.

    Domain
        Any real logits, and −∞ for a class that is masked out: it costs nothing where its target is 0, and ∞ else.
        Targets are class indices, or rows of probabilities of the shape of the logits.
    Formula
        With :math:`p = \operatorname{softmax}(x/T)`: :math:`\ell = -w_y \ln p_y` for a class index, and
        :math:`-\sum_k w_k t_k \ln p_k` for a row of probabilities.
    Gradient
        For one row, with :math:`a_k` the weight of :math:`-\ln p_k` in the loss:
        :math:`(p_j \sum_{k \ne j} a_k - a_j \sum_{i \ne j} p_i) / T`. Without weights this is
        :math:`(p - t)/T`; it is not computed so, since p − 1 loses all digits of a confident right answer.
    Model
        The categorical distribution.
    Equivalent
        ``torch.nn.CrossEntropyLoss`` (same conventions: with class indices a weighted mean divides by the sum of the
        weights, with probabilities by the number of rows); ``optax.softmax_cross_entropy``;
        ``keras.losses.CategoricalCrossentropy(from_logits=True)``; ``sklearn.metrics.log_loss`` takes probabilities.

    Parameters
    ----------
    weight : array_like, shape (C,), optional
        Weight of each class.
    ignore_index : int
        Rows with this target count for nothing; for class indices only.
    label_smoothing : float
        Share of the uniform distribution that is mixed into the targets, from 0 to 1.
    temperature : float
        What the logits are divided by, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a class index is out of range, a row of probabilities does not sum to 1, a logit is
        NaN or ∞, all logits of a row are −∞, or every row is ignored and a mean is asked for.

    Examples
    --------
    >>> CrossEntropyLoss(reduction="none").loss([[10, 0, -10], [8, 8, 8]], [0, 2]).round(9).tolist()
    [4.5401e-05, 1.098612289]
    """

    _facts = Facts(
        use="One of several classes: the first choice. Smoothed, weighted, with gaps.",
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="categorical",
        proper=True, calibrated=True,
        paper="Bridle", year=1990, doi="10.1007/978-3-642-76153-9_28",
    )  # fmt: skip

    label_smoothing = Option(between(0, 1))
    temperature = Option(check_positive)

    def __init__(
        self,
        *,
        weight: ArrayLike | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        temperature: float = 1.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight=weight, ignore_index=ignore_index, reduction=reduction)
        self.label_smoothing, self.temperature = label_smoothing, temperature

    @property
    def facts(self) -> Facts:  # noqa: D102
        weight = np.ones(1) if self.weight is None else self.weight
        even = bool((weight == weight[0]).all())
        steepest = float(weight.max()) / self.temperature
        plain = even and not self.label_smoothing and self.temperature == 1
        return replace(self._facts, lipschitz=steepest, proper=plain, calibrated=even and self.label_smoothing < 1)

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = check_logits(predictions)
        t = as_array(targets, "targets", "class indices or probabilities")
        if t.dtype.kind in "iu" and t.shape != x.shape or t.shape == _shape_of_rows(x.shape):
            return x, self._check_indices(t, x)
        t = as_floats(targets, "targets")
        if t.shape != x.shape:
            raise ValueError(f"targets: expected class indices, or probabilities of shape {x.shape}, got {t.shape}")
        check_distributions(t, "targets", class_axis(x))
        return x, t.astype(x.dtype, copy=False)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        if targets.ndim == 2 or self.label_smoothing:
            return self._of_probabilities(predictions, targets)
        weight = self._row_weight(targets, predictions.shape[1])
        if weight is None:
            return cross_entropy_of_indices(predictions, targets, self.temperature)
        kept = np.where(targets == self.ignore_index, 0, targets)
        terms, slopes = cross_entropy_of_indices(predictions, kept, self.temperature)
        return times(weight.astype(terms.dtype), terms), slopes * weight[:, None].astype(terms.dtype)

    def _evaluate_terms(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, None]:
        if targets.ndim == 2 or self.label_smoothing or self._row_weight(targets, predictions.shape[1]) is not None:
            return super()._evaluate_terms(predictions, targets)
        return _cost_of_indices(predictions, targets, self.temperature)[0], None

    def _of_probabilities(self, x: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        share = self._shares(targets, x.shape[1], x.dtype)
        z = np.ascontiguousarray(x.T)  # with the classes in front, a sum over them runs along all rows at once
        below, powers, rest = softmax_parts(z, z.max(axis=0, keepdims=True), 0, self.temperature)
        total = share.sum(axis=0)
        with np.errstate(invalid="ignore"):
            costs: Array = (share * below).sum(axis=0)
        if np.isnan(np.minimum.reduce(costs)):  # 0 · ∞: what is not asked costs nothing
            costs = times(share, below).sum(axis=0)
        terms = total * np.log1p(rest[0]) - costs
        # The slopes of a row sum to 0. That at the class with the largest share would be the difference of two numbers
        # near 1 where the answer is sure; it is minus the sum of the others.
        slopes = powers
        slopes *= total / (1 + rest[0])
        slopes -= share
        if targets.ndim == 1 and self.weight is None:
            rows, classes = np.arange(len(x)), np.where(targets == self.ignore_index, 0, targets)
        else:
            rows = np.flatnonzero(share.max(axis=0) > total / 2)
            classes = share[:, rows].argmax(axis=0)
        slopes[classes, rows] = 0
        slopes[classes, rows] = -sum_in_halves(slopes if len(rows) == len(x) else slopes[:, rows], 0)[0]
        if self.temperature != 1:
            slopes /= x.dtype.type(self.temperature)
        return terms, slopes.T

    def _shares(self, targets: NDArray[Any], classes: int, kind: Any) -> Array:
        """Return the share of each −ln p in the loss, with the classes in front."""
        weight = per_class(self.weight, classes, "weight")
        t: Array
        if targets.ndim == 2:
            t = np.array(targets.T, dtype=kind, order="C")
            if self.label_smoothing:
                t = smooth_labels(t.T, self.label_smoothing).astype(kind).T
        else:
            kept = targets != self.ignore_index
            t = np.full((classes, len(targets)), self.label_smoothing / classes, kind)
            t[np.where(kept, targets, 0), np.arange(len(targets))] += kind.type(1 - self.label_smoothing)
            if not kept.all():
                t *= kept  # a row that is ignored stays all zero
        return t if weight is None else t * weight.astype(kind)[:, None]


def cross_entropy_of_indices(x: Array, targets: NDArray[Any], temperature: float = 1.0) -> tuple[Array, Array]:
    """Return −ln p of each row's class, p = softmax(x / T), and the gradient; every sum is of one sign."""
    terms, powers, total, place = _cost_of_indices(x, targets, temperature)
    powers /= total
    # The slope at the class itself, p − 1, is minus the probability of all others.
    powers.reshape(-1)[place] = -sum_in_halves(powers, 0)[0]
    if temperature != 1:
        powers /= x.dtype.type(temperature)
    return terms, powers.T


def _cost_of_indices(x: Array, targets: NDArray[Any], temperature: float) -> tuple[Array, Array, Array, Any]:
    """Return −ln p of each row's class, the powers of the others, the sum of all, and where each row's class stands."""
    z = x.T.copy()  # with the classes in front, a sum over them runs along all rows at once
    z -= z.max(axis=0)
    if temperature != 1:
        z /= x.dtype.type(temperature)
    # One index into all numbers costs a third of a pair of them. Indices that come as bytes could not hold it.
    place = targets.astype(np.intp) * len(x) + np.arange(len(x))
    own = z.reshape(-1)[place]
    powers = np.exp(z, out=z)
    powers.reshape(-1)[place] = 0
    others = sum_in_halves(powers, 0)[0]
    power = np.exp(own)
    # The sum of all powers less 1. Where the own one is the largest, it is 1, and small others keep their digits;
    # else the others hold the 1, and the digits lost in taking it off are none of this sum with −own.
    terms = np.log1p(others + (power - 1)) - own
    return terms, powers, others + power, place


def _places(shape: tuple[int, ...], classes: NDArray[Any]) -> NDArray[Any]:
    """Return where the class of each row stands among all numbers of the rows."""
    return np.arange(0, shape[0] * shape[1], shape[1]) + classes.astype(np.intp)


def times(weight: Array, cost: Array) -> Array:
    """Return weight times cost; what has no weight costs nothing, however impossible it is."""
    return weight * np.where(weight == 0, 0, cost)


def per_class(weight: Array | None, classes: int, name: str) -> Array | None:
    """Return the weights, or raise ValueError if there is not one per class."""
    if weight is not None and weight.size != classes:
        raise ValueError(f"{name}: expected one weight per class, shape ({classes},), got {weight.shape}")
    return weight


def check_scores(x: ArrayLike, name: str = "predictions") -> Array:
    """Return finite scores of classes as an array, or raise ValueError."""
    return _check_scores(x, name, masked=False)


def check_logits(x: ArrayLike, name: str = "predictions") -> Array:
    """Return logits of classes as an array, or raise ValueError; −∞ masks a class out, but not a whole row."""
    return _check_scores(x, name, masked=True)


def _check_scores(x: ArrayLike, name: str, masked: bool) -> Array:
    logits = as_floats(x, name)
    if logits.ndim == 0 or logits.size == 0:
        raise ValueError(f"{name}: expected rows of logits, got shape {logits.shape}")
    finite = np.isfinite(logits)
    if np.logical_and.reduce(finite, axis=None):
        return logits
    wrong = ~(finite | (logits == -np.inf)) if masked else ~finite
    if wrong.any():
        raise ValueError(f"{name}: expected finite logits{', or −inf' * masked}, got {logits[wrong][0]}")
    if not finite.any(axis=class_axis(logits)).all():
        raise ValueError(f"{name}: expected a finite logit in every row, got a row of −inf alone")
    return logits


def _rows(x: Array) -> Array:
    """Return scores of classes as a matrix."""
    return x.reshape(-1, x.shape[-1]) if x.ndim <= 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def _shape_of_rows(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without its axis of classes."""
    return shape[:-1] if len(shape) <= 2 else (shape[0], *shape[2:])


def class_axis(x: Array) -> int:
    """Return the axis of the classes: the second, as in PyTorch, or the only one."""
    return 0 if x.ndim == 1 else 1
