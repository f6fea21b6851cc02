"""Measures of information and of the distance between distributions.

Distributions are rows of probabilities along the last axis; natural logarithms (nats) unless `base` is given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossbook.functions import Array, as_floats, sum_in_halves, xlogy

# How far a row of probabilities may sum from 1: room for rounding in float32, for no mistake.
_ROW_TOLERANCE = 1e-5
# Numbers per block: a few temporaries of this size stay in the processor's cache.
_BLOCK = 16_384


def _rows(value: ArrayLike, name: str) -> Array:
    p = as_floats(value, name)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise ValueError(f"{name}: expected rows of probabilities, got shape {p.shape}")
    if p.size and not (np.minimum.reduce(p, axis=None) >= 0 and np.maximum.reduce(p, axis=None) <= 1 + _ROW_TOLERANCE):
        raise ValueError(f"{name}: expected probabilities from 0 to 1, got {p[~((p >= 0) & (p <= 1))].flat[0]}")
    total = p @ np.ones(p.shape[-1], p.dtype)  # the sum of short rows in a fifth of its time
    if not (np.abs(total - 1) <= _ROW_TOLERANCE).all():
        wrong = ~(np.abs(total - 1) <= _ROW_TOLERANCE)
        raise ValueError(f"{name}: expected rows that sum to 1, got a sum of {np.ravel(total)[np.ravel(wrong)][0]}")
    return p


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array]:
    p, q = _rows(p, "p"), _rows(q, "q")
    if p.shape != q.shape:
        raise ValueError(f"q: expected the shape of p, {p.shape}, got {q.shape}")
    return p, q


def _in_base(nats: Array, base: float | None) -> Any:
    if base is None:
        return nats
    if isinstance(base, bool) or not isinstance(base, int | float | np.number) or not 0 < base < math.inf or base == 1:
        raise ValueError(f"base: expected a finite positive number other than 1, got {base!r}")
    return nats / nats.dtype.type(math.log(base))


def self_information(p: ArrayLike, base: float | None = None) -> Any:
    r"""Return the surprise :math:`-\ln p` at something of probability p; infinite for the impossible.

    Parameters
    ----------
    p : array_like
        Probabilities from 0 to 1.
    base : float, optional
        Base of the logarithm: 2 for bits.

    Examples
    --------
    >>> float(self_information(0.125, base=2))
    3.0
    """
    p = as_floats(p, "p")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p: expected probabilities from 0 to 1, got {p[~((p >= 0) & (p <= 1))].flat[0]}")
    with np.errstate(divide="ignore"):
        return _in_base(0 - np.log(p), base)


def entropy(p: ArrayLike, base: float | None = None) -> Any:
    r"""Return the mean surprise :math:`-\sum_k p_k \ln p_k` of each row.

    Examples
    --------
    >>> float(entropy([0.5, 0.25, 0.25], base=2))
    1.5
    """
    p = _rows(p, "p")
    return _in_base(0 - xlogy(p, p).sum(axis=-1), base)


def binary_entropy(p: ArrayLike, base: float | None = None) -> Any:
    r"""Return the entropy of a coin, :math:`-p \ln p - (1 - p) \ln(1 - p)`."""
    p = as_floats(p, "p")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p: expected probabilities from 0 to 1, got {p[~((p >= 0) & (p <= 1))].flat[0]}")
    # log1p keeps the digits of ln(1 − p) for a small p; nothing is lost of a tail that has no probability.
    tails = np.where(p == 1, 0, (1 - p) * np.log1p(-np.where(p == 1, 0, p)))
    return _in_base(np.asarray(0 - xlogy(p, p) - tails), base)


def cross_entropy(p: ArrayLike, q: ArrayLike, base: float | None = None) -> Any:
    r"""Return :math:`-\sum_k p_k \ln q_k`: the mean surprise of who believes q where p holds.

    It is infinite where q excludes what p allows.
    """
    p, q = _pair(p, q)
    return _in_base(0 - xlogy(p, q).sum(axis=-1), base)


def kl_divergence(p: ArrayLike, q: ArrayLike, base: float | None = None) -> Any:
    r"""Return the Kullback–Leibler divergence :math:`D(p \| q) = \sum_k p_k \ln(p_k / q_k)` of each row.

    The terms are taken as :math:`p_k \ln(p_k/q_k) - p_k + q_k`, none of which is negative, so that rows which differ
    in the eighth digit keep their digits; what was added is taken off again exactly.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Rows of probabilities. Mind the order: p is what holds, q what is believed. PyTorch's
        ``kl_div(input, target)`` has ``input`` = ln q and ``target`` = p.
    base : float, optional
        Base of the logarithm.

    Returns
    -------
    ndarray
        Shape (...); infinite where q excludes what p allows.

    Examples
    --------
    >>> round(float(kl_divergence([1, 0, 0, 0], [0.7, 0.1, 0.1, 0.1])), 4)
    0.3567
    """
    p, q = _pair(p, q)
    return _in_base(_by_blocks(_divergence, p, q), base)


def _divergence(p: Array, q: Array) -> Array:
    """Return the divergence of distributions that stand in columns."""
    difference = q - p
    return sum_in_halves(_excess(p, q, difference), 0)[0] - _exact_sum(difference)


def _by_blocks(function: Callable[[Array, Array], Array], p: Array, q: Array) -> Array:
    """Return a function of columns for each row, for so many rows at a time as stay in the processor's cache.

    With the outcomes in front, a sum over them runs along all rows at once.
    """
    first, second = (rows.reshape(-1, rows.shape[-1]) for rows in (p, q))
    count = max(1, _BLOCK // p.shape[-1])
    found = np.empty(len(first), p.dtype)
    for start in range(0, len(first), count):
        block = slice(start, start + count)
        found[block] = function(np.ascontiguousarray(first[block].T), np.ascontiguousarray(second[block].T))
    return found.reshape(p.shape[:-1])


def js_divergence(p: ArrayLike, q: ArrayLike, base: float | None = None) -> Any:
    r"""Return the Jensen–Shannon divergence :math:`\frac12 D(p \| m) + \frac12 D(q \| m)`, :math:`m = (p + q)/2`.

    It is symmetric, and at most ln 2, which it reaches where p and q share nothing.
    """
    p, q = _pair(p, q)
    # In doubles of p, q and m, since half of the smallest float is 0; q − p is exact for close rows, p + q is not.
    both = _excess(2 * p, p + q, q - p) + _excess(2 * q, p + q, p - q)
    return _in_base(np.minimum((both / 4).sum(axis=-1), p.dtype.type(math.log(2))), base)


def total_variation(p: ArrayLike, q: ArrayLike) -> Any:
    r"""Return :math:`\frac12 \sum_k |p_k - q_k|`: the largest difference in probability of any event."""
    p, q = _pair(p, q)
    return np.abs(p - q).sum(axis=-1) / 2


def wasserstein_1d(p: ArrayLike, q: ArrayLike, positions: ArrayLike | None = None) -> Any:
    r"""Return the earth mover's distance of rows on a line: :math:`\sum_k |F_p(x_k) - F_q(x_k)| (x_{k+1} - x_k)`.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Rows of probabilities.
    positions : array_like, shape (K,), optional
        Where the K outcomes lie, increasing; 0, 1, 2, … if not given.
    """
    p, q = _pair(p, q)
    x = np.arange(p.shape[-1]) if positions is None else as_floats(positions, "positions")
    if x.shape != p.shape[-1:] or not np.isfinite(x).all() or not (np.diff(x) > 0).all():
        raise ValueError(f"positions: expected {p.shape[-1]} finite numbers that increase, got {positions}")
    moved = np.abs(np.cumsum(p - q, axis=-1)[..., :-1])
    return (moved * np.diff(x).astype(p.dtype)).sum(axis=-1)


def kl_normal(mean_p: ArrayLike, sd_p: ArrayLike, mean_q: ArrayLike, sd_q: ArrayLike) -> Any:
    r"""Return :math:`D(p \| q)` of two normals.

    It is :math:`\ln\frac{s_q}{s_p} + \frac{s_p^2 + (m_p - m_q)^2}{2 s_q^2} - \frac12`, computed without cancellation.

    Parameters
    ----------
    mean_p, mean_q : array_like
        Means.
    sd_p, sd_q : array_like
        Standard deviations, above 0.

    Raises
    ------
    ValueError
        If a mean is not finite, or a standard deviation not a finite number above 0.

    Examples
    --------
    >>> round(float(kl_normal(0, 1, 1, 1)), 4)
    0.5
    """
    m, s, mu, sigma = (
        as_floats(value, name)
        for value, name in ((mean_p, "mean_p"), (sd_p, "sd_p"), (mean_q, "mean_q"), (sd_q, "sd_q"))
    )
    for value, name in ((m, "mean_p"), (mu, "mean_q")):
        if not np.isfinite(value).all():
            raise ValueError(f"{name}: expected finite numbers, got {value[~np.isfinite(value)].flat[0]}")
    for value, name in ((s, "sd_p"), (sigma, "sd_q")):
        if not ((value > 0) & np.isfinite(value)).all():
            raise ValueError(
                f"{name}: expected finite numbers above 0, got {value[~((value > 0) & (value < np.inf))].flat[0]}"
            )
    # ½(r − 1 − ln r) with r = (s/σ)²; r − 1 from the difference of the deviations keeps the digits of close ones.
    with np.errstate(over="ignore"):  # a divergence beyond the largest float is infinite
        ratio = np.asarray(s / sigma)
        surplus = np.asarray((s - sigma) / sigma * (ratio + 1))
        near = np.abs(surplus) < 0.5
        d = np.where(near, surplus, 0)
        close = _excess(np.ones_like(d), 1 + d, d)
        held = (ratio > 0) & np.isfinite(ratio)
        logarithm = np.where(held, np.log(np.where(held, ratio, 1)), np.log(s) - np.log(sigma))
        shape = np.where(near, close, surplus - 2 * logarithm)
        return np.asarray((shape + ((m - mu) / sigma) ** 2) / 2)[()]


def _excess(p: Array, q: Array, difference: Array) -> Array:
    """Return p ln(p/q) − p + q, which is never negative, from q and q − p; close rows keep their digits."""
    likely = np.minimum(p, q) > 0
    whole = bool(np.all(likely))
    safe_p, safe_q = (p, q) if whole else (np.where(likely, p, 1), np.where(likely, q, 1))
    with np.errstate(over="ignore", under="ignore"):
        ratio = safe_p / safe_q
        held = (ratio > 0) & np.isfinite(ratio)
        if np.all(held):
            logarithm = np.log(ratio)
        else:
            logarithm = np.where(held, np.log(np.where(held, ratio, 1)), np.log(safe_p) - np.log(safe_q))
        found = np.asarray(safe_p * logarithm + (safe_q - safe_p))
        d = np.asarray(difference / safe_p)
        near = np.abs(d) < 0.5
        found[near] = _close_excess(np.asarray(safe_p)[near], d[near])
    # Where p is 0 the term is q; where q alone is 0 it is infinite.
    return found if whole else np.where(likely, found, np.where(p == 0, q, np.inf)).astype(p.dtype, copy=False)


def _close_excess(p: Array, d: Array) -> Array:
    """Return p (d − ln(1 + d)) for d between −½ and ½.

    With s = d/(2 + d): ln(1 + d) = 2 artanh s and d − 2s = d s, so d − ln(1 + d) = d s − 2 (s³/3 + s⁵/5 + …).
    """
    s = d / (2 + d)
    square = s * s
    series = np.zeros_like(s)
    for k in range(37, 1, -2):
        series += 1 / k
        series *= square
    return p * (d * s - 2 * s * series)


def _exact_sum(x: Array) -> Array:
    """Return the sums along the first axis as if they were rounded once: halves are added, and what rounding took."""
    lost: Any = 0
    while len(x) > 1:
        half, odd = divmod(len(x), 2)
        first, second = x[:half], x[half : 2 * half]
        total = first + second
        part = total - first
        lost = lost + ((first - (total - part)) + (second - part)).sum(axis=0)
        x = np.concatenate([total, x[2 * half :]]) if odd else total
    return np.asarray(x[0] + lost)
