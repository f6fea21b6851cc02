"""Elementary functions of the book, stable over the whole range of floating-point numbers.

Every function takes arrays, lists or scalars, leaves its input as it was, and keeps float32 as float32;
everything else is computed in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]


def as_floats(x: ArrayLike, name: str = "x") -> Array:
    """Return `x` as an array of float32 if it is one, of float64 otherwise.

    Raises
    ------
    ValueError
        If `x` is not made of real numbers; the message names the argument.
    """
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name}: expected an array of numbers, got rows of different lengths") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected real numbers, got dtype {array.dtype}")
    return array if array.dtype == np.float32 else array.astype(np.float64, copy=False)


def sigmoid(x: ArrayLike) -> Array:
    r"""Logistic function, :math:`\sigma(x) = 1 / (1 + e^{-x})`.

    The exponential is taken of −\|x\| only, so that nothing overflows and small results keep all their digits.

    Parameters
    ----------
    x : array_like
        Any real numbers.

    Returns
    -------
    ndarray
        Numbers from 0 to 1, of the shape of `x`.
    """
    x = as_floats(x)
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, small) / (1 + small))


def softplus(x: ArrayLike) -> Array:
    r"""Return :math:`\ln(1 + e^x)`, computed as :math:`\max(x, 0) + \ln(1 + e^{-|x|})`."""
    x = as_floats(x)
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def log_sigmoid(x: ArrayLike) -> Array:
    r"""Return :math:`\ln \sigma(x) = -\ln(1 + e^{-x})`."""
    return np.asarray(-softplus(-as_floats(x)))


def logsumexp(x: ArrayLike, axis: int = -1, keepdims: bool = False) -> Array:
    r"""Return :math:`\ln \sum_k e^{x_k}` along an axis.

    The largest term is taken out and the rest added by ``log1p``:
    :math:`m + \ln(1 + \sum_{k \ne m} e^{x_k - m})`. So a sum that is dominated by one term keeps the others' digits.

    Parameters
    ----------
    x : array_like
        Logits; −∞ stands for a term that is absent.
    axis : int
        Axis that is summed over.
    keepdims : bool
        Whether the axis stays, with length one.
    """
    x = as_floats(x)
    if x.ndim == 0 or x.shape[axis] == 0:
        raise ValueError(f"x: expected at least one term along axis {axis}, got shape {x.shape}")
    at = np.expand_dims(np.argmax(x, axis=axis), axis)
    largest = np.take_along_axis(x, at, axis=axis)
    # Where all terms are −∞, or one is +∞, that is the answer; 0 in its place keeps the difference defined.
    shift = np.where(np.isfinite(largest), largest, 0)
    others = np.exp(np.where(np.isfinite(largest), x - shift, -np.inf))
    np.put_along_axis(others, at, 0, axis=axis)
    total = largest + np.log1p(others.sum(axis=axis, keepdims=True))
    return np.asarray(total if keepdims else np.squeeze(total, axis=axis))


def softmax(x: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`e^{x_k} / \sum_j e^{x_j}` along an axis: positive numbers that sum to one."""
    x = as_floats(x)
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def log_softmax(x: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`x_k - \ln \sum_j e^{x_j}` along an axis.

    The largest entry's result is −log1p of the others' sum, which is right however small it is;
    subtracting two large numbers would leave 0.
    """
    x = as_floats(x)
    at = np.expand_dims(np.argmax(x, axis=axis), axis)
    differences = x - np.take_along_axis(x, at, axis=axis)
    others = np.exp(differences)
    np.put_along_axis(others, at, 0, axis=axis)
    return np.asarray(differences - np.log1p(others.sum(axis=axis, keepdims=True)))


def xlogy(x: ArrayLike, y: ArrayLike) -> Array:
    """Return x ln y, with 0 ln 0 = 0: what never happens costs nothing."""
    x, y = as_floats(x), as_floats(y, "y")
    nothing = (x == 0) & ~np.isnan(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(nothing, 0, x * np.log(np.where(nothing, 1, y))))


def one_hot(indices: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """Return rows that are 1 at the class index and 0 elsewhere.

    Parameters
    ----------
    indices : array_like of int
        Class indices from 0 to ``num_classes - 1``, of any shape.
    num_classes : int
        Number of classes.

    Returns
    -------
    ndarray
        Shape ``indices.shape + (num_classes,)``.

    Raises
    ------
    ValueError
        If an index is no integer or out of range.
    """
    index = np.asarray(indices)
    if index.dtype.kind not in "iu":
        raise ValueError(f"indices: expected integers, got dtype {index.dtype}")
    wrong = (index < 0) | (index >= num_classes)
    if wrong.any():
        raise ValueError(f"indices: expected classes from 0 to {num_classes - 1}, got {index[wrong].flat[0]}")
    return np.asarray(np.eye(num_classes)[index])


def smooth_labels(targets: ArrayLike, smoothing: float) -> Array:
    """Mix each row of class probabilities with the uniform distribution: (1 − s) p + s / K.

    Parameters
    ----------
    targets : array_like, shape (..., K)
        Rows of probabilities, such as one-hot labels.
    smoothing : float
        Share s of the uniform distribution, from 0 to 1.
    """
    targets = as_floats(targets, "targets")
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing: expected a number from 0 to 1, got {smoothing}")
    if targets.ndim == 0:
        raise ValueError("targets: expected at least one axis, that of the classes")
    return np.asarray((1 - smoothing) * targets + smoothing / targets.shape[-1])
