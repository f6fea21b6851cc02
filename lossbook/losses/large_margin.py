"""Softmax with a margin in the angle."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, length_and_direction

from .base import Facts, check_class_indices
from .classification import ClassLoss, check_scores, cross_entropy_of_indices
from .options import Option, integer


def _check_vectors(value: ArrayLike, name: str) -> Array:
    vectors = as_floats(value, name).copy()
    if vectors.ndim != 2 or not np.isfinite(vectors).all() or not vectors.any(axis=-1).all() or vectors.size == 0:
        raise ValueError(
            f"{name}: expected shape (C, D), one finite vector per class, none zero, "
            f"got {np.array2string(vectors, threshold=8)}"
        )
    vectors.flags.writeable = False
    return vectors


class LargeMarginSoftmaxLoss(ClassLoss):
    r"""Cross-entropy that asks the angle to the right class to be m times as small.

    Domain
        Features :math:`x_n` of D numbers each, and one vector :math:`W_k` per class; class indices.
    Formula
        The logit of class k is :math:`W_k \cdot x = \|W_k\| \|x\| \cos\theta_k`. For the right class
        :math:`\cos\theta_y` is replaced by :math:`\psi = (-1)^j \cos(m\theta_y) - 2j` for
        :math:`j\pi \le m\theta_y \le (j + 1)\pi`, which is smaller and falls from 1 to 1 − 2m. Then comes
        cross-entropy.
    Gradient
        Of the logits :math:`g_k = p_k - [k = y]`; by the features :math:`\sum_k g_k\, \partial z_k / \partial x` with
        :math:`\partial z_k / \partial x = W_k`, and for the right class
        :math:`\|W_y\| ((\psi - c\psi') x/\|x\| + \psi' W_y/\|W_y\|)` where :math:`c = \cos\theta_y` and
        :math:`\psi' = d\psi/dc`. At x = 0, where there is no angle, it is that of plain softmax.
    Model
        None.
    Equivalent
        Not in PyTorch, scikit-learn, Optax or Keras.

    Parameters
    ----------
    class_vectors : array_like, shape (C, D)
        One vector per class, none of them zero.
    margin : int
        How many times smaller the angle must be; 1 gives plain softmax.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a class index is out of range, a number is not finite, or the margin no integer
        above 0.

    Notes
    -----
    Predictions are the features, shape (N, D) with targets (N,), or (D,) with one target. The gradient is by the
    features; `grad_class_vectors` gives that by the class vectors.

    Examples
    --------
    >>> loss = LargeMarginSoftmaxLoss([[1.0, 0.0], [0.0, 1.0]], margin=2)
    >>> float(loss.loss([[1.0, 1.0]], [0]).round(6))
    1.313262
    """

    _facts = Facts(
        use="Features that shall lie apart by angle, as for faces.",
        task="classification", convex=False, smooth=False, lipschitz=None, robust=True,
        proper=False,
        paper="Liu et al.", year=2016, doi="10.48550/arXiv.1612.02295",
    )  # fmt: skip

    class_vectors = Option(_check_vectors)
    margin = Option(integer(1))

    def __init__(self, class_vectors: ArrayLike, *, margin: int = 2, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.class_vectors, self.margin = class_vectors, margin

    @property
    def facts(self) -> Facts:  # noqa: D102
        plain = self.margin == 1
        return replace(self._facts, convex=plain, smooth=plain, proper=plain)

    def grad_class_vectors(self, predictions: ArrayLike, targets: ArrayLike) -> Array:
        """Return the gradient of the reduced loss by the class vectors, shape (C, D)."""
        x, t = self._check(predictions, targets)
        rows, index = self._as_batch(x, t)
        weight = 1.0 if self.reduction != "mean" else self._weight(x, t)
        angle = self._angle(rows, index)
        _, slopes = self._of_logits(rows, index, angle)
        # ∂/∂W of ‖W‖ ‖x‖ ψ(c) is ‖x‖ ((ψ − c ψ′) W/‖W‖ + ψ′ x/‖x‖).
        along = (angle.psi - angle.cosine * angle.slope) * angle.length
        own = along[:, None] * angle.unit + angle.slope[:, None] * rows
        at = np.arange(len(self.class_vectors)) == index[:, None]
        gradient = np.where(at, 0, slopes).T @ rows
        np.add.at(gradient, index, (slopes * at).sum(axis=1)[:, None] * own)
        return gradient / weight

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = check_scores(predictions)
        wide = self.class_vectors.shape[1]
        if x.ndim > 2 or x.shape[-1] != wide:
            raise ValueError(f"predictions: expected features, shape (N, {wide}), got {x.shape}")
        return x, check_class_indices(targets, x.shape[:-1], len(self.class_vectors))

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return targets.size

    def _angle(self, x: Array, targets: NDArray[Any]) -> _Angle:
        vectors = self.class_vectors.astype(x.dtype)[targets]
        size, unit = length_and_direction(vectors)
        length, direction = length_and_direction(x)
        cosine = np.clip((direction * unit).sum(axis=1), -1, 1)
        return _Angle(size, unit, length, direction, cosine, *lowered_cosine(cosine, self.margin))

    def _of_logits(self, x: Array, targets: NDArray[Any], angle: _Angle) -> tuple[Array, Array]:
        """Return the terms, and their gradient by the logits."""
        with np.errstate(over="ignore", invalid="ignore"):
            logits = x @ self.class_vectors.astype(x.dtype).T
            logits[np.arange(len(x)), targets] = angle.size * angle.length * angle.psi
        wild = ~np.isfinite(logits).all(axis=1)
        if wild.any():
            raise ValueError(f"predictions: expected features whose scores are finite, got {x[wild][0]}")
        return cross_entropy_of_indices(logits, targets)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        angle = self._angle(predictions, targets)
        terms, slopes = self._of_logits(predictions, targets, angle)
        still = angle.length == 0
        along = np.where(still, 0, angle.psi - angle.cosine * angle.slope)[:, None]
        across = np.where(still, 1, angle.slope)[:, None]
        own = angle.size[:, None] * (along * angle.direction + across * angle.unit)
        at = np.arange(len(self.class_vectors)) == targets[:, None]
        others = np.where(at, 0, slopes) @ self.class_vectors.astype(predictions.dtype)
        return terms, others + (slopes * at).sum(axis=1)[:, None] * own


class _Angle(NamedTuple):
    """Of each row and the vector of its class: lengths, directions, cos θ, ψ and dψ/dcos θ."""

    size: Array
    unit: Array
    length: Array
    direction: Array
    cosine: Array
    psi: Array
    slope: Array


def lowered_cosine(cosine: Array, margin: int) -> tuple[Array, Array]:
    r"""Return what large-margin softmax has in place of :math:`\cos\theta`, and its slope by :math:`\cos\theta`.

    It is :math:`\psi = (-1)^j \cos m\theta - 2j` for :math:`j\pi \le m\theta \le (j + 1)\pi`, from Chebyshev's
    polynomials: :math:`\cos m\theta = T_m(\cos\theta)`, and :math:`T_m' = m U_{m-1}`.

    Parameters
    ----------
    cosine : ndarray
        From −1 to 1.
    margin : int
        m, at least 1.
    """
    before, now = np.ones_like(cosine), cosine  # T_0, T_1
    second_before, second = np.zeros_like(cosine), np.ones_like(cosine)  # U_−1, U_0
    for _ in range(margin - 1):
        before, now = now, 2 * cosine * now - before
        second_before, second = second, 2 * cosine * second - second_before
    piece = sum((cosine < math.cos(j * math.pi / margin)).astype(cosine.dtype) for j in range(1, margin))
    piece = np.zeros_like(cosine) + piece
    sign = 1 - 2 * (piece % 2)
    return sign * now - 2 * piece, sign * margin * second
