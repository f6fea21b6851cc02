"""Elementary functions of the book, stable over the whole range of floating-point numbers.

Every function takes arrays, lists or scalars, leaves its input as it was, and keeps float32 as float32;
everything else is computed in float64.
"""

from __future__ import annotations

import math
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
    if isinstance(x, np.ma.MaskedArray):
        raise ValueError(f"{name}: expected an array of numbers, got a masked array, whose mask would be lost")
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
    return np.asarray(np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x))))


def softplus(x: ArrayLike) -> Array:
    r"""Return :math:`\ln(1 + e^x)`, computed as :math:`\max(x, 0) + \ln(1 + e^{-|x|})`."""
    x = as_floats(x)
    return np.asarray(np.maximum(x, 0) + log1p_by_log(np.exp(-np.abs(x))))


def softplus_and_sigmoid(x: ArrayLike) -> tuple[Array, Array, Array, Array]:
    r"""Return softplus and sigmoid of x and of −x, all four from one exponential.

    Returns
    -------
    tuple of ndarray
        :math:`\ln(1 + e^x)`, :math:`\sigma(x)`, :math:`\ln(1 + e^{-x})`, :math:`\sigma(-x)`.
    """
    x = as_floats(x)
    small = np.exp(-np.abs(x))
    total, logarithm = 1 + small, log1p_by_log(small)
    most, least = 1 / total, small / total  # σ(|x|) and σ(−|x|)
    above = x > 0
    return (
        np.maximum(x, 0) + logarithm,
        np.where(above, most, least),
        logarithm - np.minimum(x, 0),
        np.where(above, least, most),
    )


def log1p_by_log(x: Array) -> Array:
    r"""Return :math:`\ln(1 + x)` of numbers above −1 to a unit in the last place, in half the time of ``np.log1p``.

    With v the sum 1 + x as it is rounded, it is :math:`\ln v + (x - (v - 1)) / v`: the rounding is known exactly, and
    its square is nothing.
    """
    total = 1 + x
    return np.asarray(np.log(total) + (x - (total - 1)) / total)


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
    x = _logits(x, axis)
    largest = x.max(axis=axis, keepdims=True)
    # Where all terms are −∞, or one is +∞, that is the answer; 0 in its place keeps the difference defined.
    shift = np.where(np.isfinite(largest), largest, 0)
    _, _, rest = softmax_parts(np.where(np.isfinite(largest), x, 0), shift, axis)
    total = largest + np.where(np.isfinite(largest), np.log1p(rest), 0)
    return np.asarray(total if keepdims else np.squeeze(total, axis=axis))


def softmax(x: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`e^{x_k} / \sum_j e^{x_j}` along an axis: positive numbers that sum to one.

    Parameters
    ----------
    x : array_like
        Logits; −∞ stands for a class that cannot be.
    axis : int
        Axis of the classes.

    Raises
    ------
    ValueError
        If the largest logit of a row is infinite or NaN: such a row has no softmax.
    """
    x = _logits(x, axis)
    _, powers, rest = softmax_parts(x, _finite_largest(x, axis), axis)
    return np.asarray(powers / (1 + rest))


def log_softmax(x: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`x_k - \ln \sum_j e^{x_j}` along an axis.

    The largest entry's result is −log1p of the others' sum, which is right however small it is;
    subtracting two large numbers would leave 0. Parameters and errors are those of `softmax`.
    """
    x = _logits(x, axis)
    below, _, rest = softmax_parts(x, _finite_largest(x, axis), axis)
    return np.asarray(below - np.log1p(rest))


def softmax_parts(x: Array, largest: Array, axis: int, temperature: float = 1.0) -> tuple[Array, Array, Array]:
    r"""Return the pieces of a softmax: :math:`d_k = (x_k - m)/T`, :math:`e^{d_k}`, and the sum of the latter less 1.

    The term of the largest entry, m, is exactly 1. It is counted apart, so that the sum of the others keeps all its
    digits: :math:`\sum_k e^{x_k} = e^m (1 + \text{rest})`.

    Parameters
    ----------
    x : ndarray
        Logits.
    largest : ndarray
        Their largest along the axis, m, finite, with that axis of length one.
    axis : int
        Axis of the classes.
    temperature : float
        T, above 0.
    """
    with np.errstate(over="ignore", under="ignore"):  # a term further below than the largest float is absent
        below = x - largest
        if temperature != 1:
            below /= x.dtype.type(temperature)
        powers = np.exp(below)
    ones = powers == 1
    rest = sum_in_halves(powers - ones, axis)
    if np.count_nonzero(ones) != rest.size:  # the largest entry of a row stands there more than once
        rest += ones.sum(axis=axis, keepdims=True) - 1
    return below, powers, rest


def sum_in_halves(x: Array, axis: int) -> Array:
    """Return the sum along an axis that stays, halves added to halves: rounding grows like log K in place of K.

    NumPy does so by itself along the last axis only.
    """
    x = np.moveaxis(x, axis, 0)
    while len(x) > 16:
        half, odd = divmod(len(x), 2)
        first = x[:half] + x[half : 2 * half]
        if odd:
            first[0] += x[-1]
        x = first
    return np.expand_dims(x.sum(axis=0), axis)


def _logits(x: ArrayLike, axis: int) -> Array:
    x = as_floats(x)
    if not isinstance(axis, int | np.integer) or isinstance(axis, bool) or not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis: expected an axis of x, which has shape {x.shape}, got {axis!r}")
    if x.size == 0:
        raise ValueError(f"x: expected at least one term along axis {axis}, got shape {x.shape}")
    return x


def _finite_largest(x: Array, axis: int) -> Array:
    largest = x.max(axis=axis, keepdims=True)
    if not np.isfinite(largest).all():
        raise ValueError(f"x: expected a finite largest logit, got {largest[~np.isfinite(largest)].flat[0]}")
    return np.asarray(largest)


def xlogy(x: ArrayLike, y: ArrayLike) -> Array:
    """Return x ln y, with 0 ln 0 = 0: what never happens costs nothing. NaN where y is negative and x is not 0."""
    first, second = as_floats(x), as_floats(y, "y")
    # A plain number beside float32 takes its type, as it does in NumPy.
    if isinstance(x, int | float):
        first = first.astype(second.dtype)
    elif isinstance(y, int | float):
        second = second.astype(first.dtype)
    nothing = (first == 0) & ~np.isnan(second)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(np.where(nothing, 0, first * np.log(np.where(nothing, 1, second))))


def log1p_less_x(x: ArrayLike) -> Array:
    r"""Return :math:`\ln(1 + x) - x`, which is about −x²/2 near zero, where the difference would lose it.

    Parameters
    ----------
    x : array_like
        Numbers above −1; −1 itself gives −∞.
    """
    x = as_floats(x)
    near = np.abs(x) < 0.25
    # −x²/2 + x³/3 − x⁴/4 + …; the rest after 28 terms is below a quarter to the 29th power.
    series = np.zeros_like(x)
    small = np.where(near, x, 0)
    for k in range(29, 1, -1):
        series = series * small + (1 if k % 2 else -1) / k
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(near, series * small * small, np.log1p(np.where(near, 0, x)) - x))


def expm1_less_x(x: ArrayLike) -> Array:
    r"""Return :math:`e^x - 1 - x`, which is about x²/2 near zero, where the difference would lose it."""
    x = as_floats(x)
    near = np.abs(x) < 0.5
    series = np.zeros_like(x)
    small = np.where(near, x, 0)
    for k in range(18, 1, -1):  # x²/2 (1 + x/3 (1 + x/4 (…)))
        series = (1 + series * small) / k
    if near.all():
        return np.asarray(series * small * small)
    with np.errstate(over="ignore"):
        return np.asarray(np.where(near, series * small * small, np.expm1(x) - x))


def length_and_direction(x: ArrayLike) -> tuple[Array, Array]:
    """Return the Euclidean length of each row, and the row over it, 0 for a row of zeros. No square overflows.

    Examples
    --------
    >>> length, direction = length_and_direction([[3e200, 4e200]])
    >>> float(f"{length[0]:.6g}"), direction.tolist()
    (5e+200, [[0.6, 0.8]])
    """
    x = as_floats(x)
    if x.ndim != 2:
        raise ValueError(f"x: expected rows, shape (N, D), got {x.shape}")
    largest = np.abs(x).max(axis=1, keepdims=True)
    unit = x / np.where(largest == 0, 1, largest)
    length = np.linalg.norm(unit, axis=1, keepdims=True)
    with np.errstate(over="ignore", under="ignore"):
        return (largest * length)[:, 0], unit / np.where(length == 0, 1, length)


def log_choose(n: int, k: int) -> float:
    """Return the logarithm of the binomial coefficient, n over k, to its last digits.

    The difference of three logarithms of factorials would lose them where n is large: for n = 10⁹ and k = 1
    it is right to six digits. Here all large terms have one sign.

    Parameters
    ----------
    n, k : int
        Whole numbers with 0 ≤ k ≤ n.

    Raises
    ------
    ValueError
        If they are not.

    Examples
    --------
    >>> round(log_choose(10**9, 1), 12)
    20.723265836946
    """
    for value, name in ((n, "n"), (k, "k")):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise ValueError(f"{name}: expected an integer, got {value!r}")
    if not 0 <= k <= n:
        raise ValueError(f"k: expected an integer from 0 to {n}, got {k}")
    few, many = sorted((int(k), int(n) - int(k)))
    if few == 0 or n < 1000:
        return math.log(math.comb(int(n), few))
    spread = few * math.log(n / few) - many * math.log1p(-few / n)
    rest = _stirling_rest(n) - _stirling_rest(few) - _stirling_rest(many)
    return spread + 0.5 * math.log(n / many / (2 * math.pi * few)) + rest


def _stirling_rest(n: int) -> float:
    """Return what Stirling's formula leaves: ln n! − (n + ½) ln n + n − ½ ln 2π."""
    if n < 16:
        return math.log(math.factorial(n)) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = 1 / n**2
    return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / n


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
        If an index is no integer or out of range, or `num_classes` is no positive integer.
    """
    if isinstance(num_classes, bool) or not isinstance(num_classes, int | np.integer) or num_classes < 1:
        raise ValueError(f"num_classes: expected an integer, at least 1, got {num_classes!r}")
    try:
        index = np.asarray(indices)
    except ValueError as error:
        raise ValueError("indices: expected an array of integers, got rows of different lengths") from error
    if index.dtype.kind not in "iu":
        raise ValueError(f"indices: expected integers, got dtype {index.dtype}")
    wrong = (index < 0) | (index >= num_classes)
    if wrong.any():
        raise ValueError(f"indices: expected classes from 0 to {num_classes - 1}, got {index[wrong].flat[0]}")
    rows = np.zeros((*index.shape, num_classes))
    np.put_along_axis(rows, index[..., None].astype(np.intp), 1, axis=-1)
    return rows


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
    if not isinstance(smoothing, int | float | np.number) or not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing: expected a number from 0 to 1, got {smoothing!r}")
    if targets.ndim == 0 or targets.shape[-1] == 0:
        raise ValueError(f"targets: expected rows with at least one class, got shape {targets.shape}")
    share = float(smoothing)  # a plain number leaves float32 as it is
    return np.asarray((1 - share) * targets + share / targets.shape[-1])
