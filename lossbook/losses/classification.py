"""Losses for classification."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, log_softmax, smooth_labels, softmax

from .base import Facts, Loss, check_class_indices, check_positive, check_weight


class NLLLoss(Loss):
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

    facts: ClassVar[Facts] = Facts(
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="categorical",
        source="Fisher 1922, doi:10.1098/rsta.1922.0009",
    )  # fmt: skip

    def __init__(self, weight: ArrayLike | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = weight
        self.ignore_index = ignore_index

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = as_floats(predictions, "predictions")
        if x.ndim == 0 or x.size == 0:
            raise ValueError(f"predictions: expected rows of log-probabilities, got shape {x.shape}")
        # Log-probabilities come out of a subtraction and may lie a rounding error above 0.
        room = 1e-3 if x.dtype == np.float32 else 1e-6
        if not (x <= room).all():
            raise ValueError(f"predictions: expected log-probabilities, at most 0, got {np.max(x)}; use log_softmax")
        classes = x.shape[_class_axis(x)]
        rows = x.shape[:0] if x.ndim == 1 else (x.shape[0], *x.shape[2:])
        y = check_class_indices(targets, rows, classes, self.ignore_index)
        return x, y

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array, float]:
        axis = _class_axis(predictions)
        classes = check_weight(self.weight, predictions.shape[axis])
        kept = targets != self.ignore_index
        at = np.where(kept, targets, 0)  # an ignored row still needs an index that exists
        weight = (kept if classes is None else np.where(kept, classes[at], 0)).astype(predictions.dtype)
        places = np.expand_dims(at, axis)
        chosen = np.squeeze(np.take_along_axis(predictions, places, axis=axis), axis=axis)
        # A row without weight adds 0 even where its log-probability is −∞; the sum with 0 makes −0 a plain 0.
        terms = -weight * np.where(weight == 0, 0, chosen) + 0
        slopes = np.zeros_like(predictions)
        np.put_along_axis(slopes, places, np.expand_dims(0 - weight, axis), axis=axis)
        return np.asarray(terms), slopes, float(weight.sum())


class CrossEntropyLoss(Loss):
    r"""Cross-entropy of logits: minus the log-probability of the true class after softmax.

    Domain
        Any real logits; targets are class indices, or rows of probabilities of the shape of the logits.
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
        not finite, or every row is ignored and a mean is asked for.

    Examples
    --------
    >>> CrossEntropyLoss(reduction="none").loss([[10, 0, -10], [8, 8, 8]], [0, 2]).round(9).tolist()
    [4.5401e-05, 1.098612289]
    """

    facts: ClassVar[Facts] = Facts(
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="categorical",
        source="Bridle 1990, doi:10.1007/978-3-642-76153-9_28",
    )  # fmt: skip

    def __init__(
        self,
        weight: ArrayLike | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        temperature: float = 1.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.weight = weight
        self.ignore_index = ignore_index
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"label_smoothing: expected a number from 0 to 1, got {label_smoothing!r}")
        self.label_smoothing = float(label_smoothing)
        self.temperature = check_positive(temperature, "temperature")

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = as_floats(predictions, "predictions")
        if x.ndim == 0 or x.size == 0:
            raise ValueError(f"predictions: expected rows of logits, got shape {x.shape}")
        if not np.isfinite(x).all():
            raise ValueError("predictions: expected finite logits")
        axis = _class_axis(x)
        t = np.asarray(targets)
        if t.dtype.kind in "iu" and t.shape != x.shape:
            rows = x.shape[:0] if x.ndim == 1 else (x.shape[0], *x.shape[2:])
            return x, check_class_indices(t, rows, x.shape[axis], self.ignore_index)
        t = as_floats(targets, "targets")
        if t.shape != x.shape:
            raise ValueError(f"targets: expected class indices, or probabilities of shape {x.shape}, got {t.shape}")
        if not ((t >= 0) & (np.abs(t.sum(axis=axis, keepdims=True) - 1) < 1e-5)).all():
            raise ValueError("targets: expected rows of probabilities that sum to 1")
        return x, t.astype(x.dtype, copy=False)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array, float]:
        axis = _class_axis(predictions)
        classes = predictions.shape[axis]
        x = np.moveaxis(predictions, axis, -1) / predictions.dtype.type(self.temperature)
        weight = check_weight(self.weight, classes)
        weight = np.ones(classes, x.dtype) if weight is None else weight.astype(x.dtype)
        if targets.shape == predictions.shape:
            t, total = np.moveaxis(targets, axis, -1), targets.size / classes
        else:
            kept = targets != self.ignore_index
            at = np.where(kept, targets, 0)
            t = (np.arange(classes) == at[..., None]) * kept[..., None].astype(x.dtype)
            total = float((weight[at] * kept).sum())
        if self.label_smoothing:
            # A row that is ignored stays all zero.
            t = smooth_labels(t, self.label_smoothing).astype(x.dtype) * t.any(axis=-1, keepdims=True)
        share = t * weight  # of −ln p_k in the loss
        log_p = log_softmax(x)
        p = softmax(x)  # not exp(log_p), which would carry the rounding of log_p as well
        terms = (share * -np.where(share == 0, 0, log_p)).sum(axis=-1) + 0
        slopes = p * _sum_of_others(share) - share * _sum_of_others(p)
        slopes = np.moveaxis(slopes / x.dtype.type(self.temperature), -1, axis)
        return np.asarray(terms), slopes.astype(predictions.dtype, copy=False), total


def _sum_of_others(x: Array) -> Array:
    """Return, for each entry of a row of numbers that are not negative, the sum of all others.

    The row's sum less the entry is right but where the entry is most of the sum: there the others are added.
    """
    at = np.expand_dims(np.argmax(x, axis=-1), -1)
    others = x.copy()
    np.put_along_axis(others, at, 0, axis=-1)
    rest = others.sum(axis=-1, keepdims=True)
    result = rest + np.take_along_axis(x, at, axis=-1) - others
    np.put_along_axis(result, at, rest, axis=-1)
    return result


def _class_axis(x: Array) -> int:
    return 0 if x.ndim == 1 else 1
