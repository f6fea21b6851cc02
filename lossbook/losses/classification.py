"""Losses for classification."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats

from .base import Facts, Loss, check_class_indices, check_weight


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


def _class_axis(x: Array) -> int:
    return 0 if x.ndim == 1 else 1
