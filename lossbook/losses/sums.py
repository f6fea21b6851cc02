"""Sums of the terms of large batches in few passes over the memory, for the losses that are taken most.

A loss writes its terms one by one, plainly, and right at all inputs. Where only their sum is wanted, more is possible:
the logarithms of many numbers are one logarithm of their product, and no term is ever stored. What stands here is
for ordinary numbers. Where one of them is infinite, undefined or beyond what a product can hold, the sum comes out
infinite or NaN, and `Loss` takes the terms after all.

Every function returns the sum of the terms of a block, and writes the slopes of the terms over `share` into `slopes`,
unless that is None.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lossbook.functions import Array, log1p_by_log

# Products are added 256 at a time, and then these sums: rounding grows like it does in NumPy's own sums.
_WIDTH = 256
# The logarithm of 1 + x is taken of so many numbers at once.
_FOLDED = 32


def dot(a: Array, b: Array) -> Any:
    """Return the sum of the products."""
    whole = len(a) // _WIDTH * _WIDTH
    total = np.vecdot(a[:whole].reshape(-1, _WIDTH), b[:whole].reshape(-1, _WIDTH)).sum()
    return total + a[whole:] @ b[whole:]


def sum_log1p(x: Array) -> Any:
    r"""Return :math:`\sum \ln(1 + x_n)` of numbers that are not negative; infinite where a product overflows.

    Of two numbers it is :math:`\ln(1 + (a + b + ab))`, in which nothing cancels and no small number is lost beside 1.
    """
    folded = 1
    while folded < _FOLDED and len(x) > 1:
        half, odd = divmod(len(x), 2)
        product = x[:half] * x[half : 2 * half]
        product += x[:half]
        product += x[half : 2 * half]
        if odd:
            product[0] += x[-1] * (1 + product[0])
        x, folded = product, 2 * folded
    return np.log1p(x).sum()


def _unless_tiny(total: Any) -> Any:
    """Return a sum that was not so small that squares below the least float have taken digits from it; else NaN."""
    least = np.finfo(total.dtype)
    return total if total > least.tiny / least.eps**2 else np.nan


def sum_sizes(r: Array, slopes: Array | None, share: Any) -> Any:
    """Sum |r|, whose slope is the sign of r."""
    if slopes is not None:
        np.sign(r, out=slopes)
        slopes /= share
    return np.abs(r).sum()


def sum_squares(r: Array, slopes: Array | None, share: Any) -> Any:
    """Sum r²/2, whose slope is r."""
    if slopes is not None:
        np.divide(r, share, out=slopes)
    return dot(r, r) / 2


def sum_huber(r: Array, delta: float, slopes: Array | None, share: Any) -> Any:
    """Sum c (r − c/2) with c = clip(r), the slope; c r is at least c², so that little cancels."""
    clipped = np.clip(r, -delta, delta, out=slopes)
    total = _unless_tiny(dot(clipped, r) - dot(clipped, clipped) / 2)
    if slopes is not None:
        slopes /= share
    return total


def sum_pseudo_huber(r: Array, delta: float, slopes: Array | None, share: Any) -> Any:
    """Sum δ² (√(1 + u²) − 1) = r² / (1 + √(1 + u²)) with u = r/δ; infinite where u² is."""
    root = r / r.dtype.type(delta)
    np.multiply(root, root, out=root)
    root += 1
    np.sqrt(root, out=root)
    if slopes is not None:
        np.divide(r, root, out=slopes)
        slopes /= share
    root += 1
    largest = np.maximum.reduce(root)
    np.divide(r, root, out=root)
    return dot(r, root) if largest < np.inf else np.inf


def sum_cauchy(r: Array, c: float, slopes: Array | None, share: Any) -> Any:
    """Sum c²/2 ln(1 + u²) with u = r/c, whose slope is r / (1 + u²)."""
    square = r / r.dtype.type(c)
    np.multiply(square, square, out=square)
    total = _unless_tiny(sum_log1p(square))
    if slopes is not None:
        square += 1
        np.divide(r, square, out=slopes)
        slopes /= share
    return c * total * (c / 2)


def sum_log_cosh(r: Array, slopes: Array | None, share: Any) -> Any:
    """Sum ln cosh r = ln(1 + E² / (2 (1 + E))) with E = e^|r| − 1; the slope tanh r is ±E (E + 2) / (E (E + 2) + 2)."""
    power = np.abs(r)
    np.expm1(power, out=power)
    other = power + 2
    other *= power
    if slopes is not None:
        np.add(other, 2, out=slopes)
        np.divide(other, slopes, out=slopes)
        slopes /= share
        np.copysign(slopes, r, out=slopes)
    np.add(power, 1, out=other)
    other += other
    np.multiply(power, power, out=power)
    power /= other
    return _unless_tiny(sum_log1p(power))


def sum_logistic(m: Array, y: Array, slopes: Array | None, share: Any) -> Any:
    """Sum ln(1 + e^−m), whose slope is −y σ(−m): e^−|m| / (1 + e^−|m|) for m above 0, 1 / (1 + e^−|m|) else."""
    power = np.abs(m)
    np.negative(power, out=power)
    np.exp(power, out=power)
    total = sum_log1p(power) - np.minimum(m, 0).sum()
    if slopes is not None:
        np.maximum(power, m <= 0, out=slopes)  # the power is at most 1
        power += 1
        slopes /= power
        slopes /= -share
        slopes *= y
    return total


def sum_binary_cross_entropy(x: Array, t: Array, slopes: Array | None, share: Any) -> Any:
    """Sum a |x| + ln(1 + e^−|x|), where a, 1 − t for logits above 0 and t below, speaks against the side of x.

    The slope is ±(a − e^−|x| / (1 + e^−|x|)), with the sign of x.
    """
    side = np.copysign(1, x)
    against = np.subtract(side > 0, t, dtype=x.dtype)
    np.abs(against, out=against)
    size = np.abs(x)
    power = np.negative(size)
    np.exp(power, out=power)
    total = dot(against, size) + sum_log1p(power)
    if slopes is not None:
        np.add(power, 1, out=size)
        power /= size
        against -= power
        against /= share
        np.multiply(side, against, out=slopes)
    return total


def sum_weighted_cross_entropy(x: Array, t: Array, pos_weight: float, slopes: Array | None, share: Any) -> Any:
    """Sum n max(x, 0) + y max(−x, 0) + (n + y) ln(1 + e^−|x|), where n is 1 − t, and y is t times its weight.

    The slope is n σ(x) − y σ(−x).
    """
    no, yes = 1 - t, pos_weight * t
    above = np.maximum(x, 0)
    below = above - x
    total = dot(no, above) + dot(yes, below)
    power = np.add(above, below, out=above)
    np.negative(power, out=power)
    np.exp(power, out=power)
    if dot(no, t) == 0:  # every target is 0 or 1
        total += sum_log1p(no * power) + pos_weight * sum_log1p(t * power)
    else:
        total += dot(no + yes, log1p_by_log(power))
    if slopes is not None:
        # e^−|x| is at most 1, so that the larger of it and x ≥ 0 is e^min(x, 0), the numerator of σ(x).
        no *= np.maximum(power, x >= 0, out=below)
        yes *= np.maximum(power, x < 0, out=below)
        no -= yes
        power += 1
        no /= power
        np.divide(no, share, out=slopes)
    return total


def sum_cross_entropy_of_chances(p: Array, t: Array, slopes: Array | None, share: Any) -> Any:
    """Sum −t ln p − (1 − t) ln(1 − p), whose slope is (1 − t)/(1 − p) − t/p."""
    no, missing = 1 - t, 1 - p
    total = -dot(t, np.log(p)) - dot(no, log1p_by_log(-p))
    if slopes is not None:
        no /= missing
        np.divide(t, p, out=missing)
        no -= missing
        np.divide(no, share, out=slopes)
    return total


def sum_divergence(log_q: Array, p: Array, log_p: Array, slopes: Array | None, share: Any) -> Any:
    """Sum p (ln p − ln q), whose slope is −p."""
    if slopes is not None:
        np.divide(p, -share, out=slopes)
    return dot(p, log_p - log_q)
