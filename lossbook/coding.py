"""Prefix codes: how many bits a message takes when likely symbols get short words."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import as_floats

# More bits than any word needs, and few enough to write down.
_LONGEST = 10_000


def huffman_lengths(p: ArrayLike) -> NDArray[np.int64]:
    r"""Return the word lengths of a best prefix code for symbols with probabilities `p`.

    Huffman's rule: put the two rarest symbols under one branch, treat the branch as a symbol, and begin again.
    Each merger makes the words below it one bit longer. No prefix code has a smaller mean length
    :math:`\sum_k p_k \ell_k`, which lies between the entropy in bits and one bit above it.

    Parameters
    ----------
    p : array_like, shape (K,)
        Probabilities, or counts: only their ratios matter. A symbol that never comes gets a word, too.

    Returns
    -------
    ndarray of int, shape (K,)
        Length of each symbol's word in bits; 0 for a single symbol, which needs no words.

    Raises
    ------
    ValueError
        If `p` is not a row of finite numbers from 0 up, or all of them are 0.

    References
    ----------
    D. A. Huffman, A method for the construction of minimum-redundancy codes, 1952, doi:10.1109/JRPROC.1952.273898.

    Examples
    --------
    >>> huffman_lengths([0.5, 0.25, 0.125, 0.125]).tolist()
    [1, 2, 3, 3]
    """
    weights = as_floats(p, "p").astype(np.float64)
    if weights.ndim != 1 or weights.size == 0:
        raise ValueError(f"p: expected one row of probabilities, got shape {weights.shape}")
    good = np.isfinite(weights) & (weights >= 0)
    if not good.all():
        raise ValueError(f"p: expected finite numbers from 0 up, got {weights[~good][0]}")
    if not 0 < weights.sum() < math.inf:
        raise ValueError(f"p: expected a positive, finite sum, got {weights.sum()}")
    # A node is its weight and its number; symbols come first, so among equals the heap takes symbols before branches.
    heap = [(weight, number) for number, weight in enumerate(weights.tolist())]
    heapq.heapify(heap)
    parent: dict[int, int] = {}
    for branch in range(weights.size, 2 * weights.size - 1):
        first, second = heapq.heappop(heap), heapq.heappop(heap)
        parent[first[1]] = parent[second[1]] = branch
        heapq.heappush(heap, (first[0] + second[0], branch))
    # Parents have larger numbers than their children: from the root down, each depth is known when it is needed.
    depth = {2 * weights.size - 2: 0}
    for node in range(2 * weights.size - 3, -1, -1):
        depth[node] = depth[parent[node]] + 1
    return np.array([depth[symbol] for symbol in range(weights.size)], dtype=np.int64)


def prefix_code(lengths: Sequence[int] | NDArray[np.int64]) -> list[str]:
    r"""Return words of zeros and ones with the given lengths, none of which begins with another.

    There are such words exactly if :math:`\sum_k 2^{-\ell_k} \le 1` (Kraft's inequality): a word of length ℓ
    uses up a share of :math:`2^{-\ell}` of all that can follow.

    Parameters
    ----------
    lengths : sequence of int
        Length of each word, at least 1.

    Returns
    -------
    list of str
        The words, in the order of the lengths. Read as numbers, shorter words come first.

    Raises
    ------
    ValueError
        If a length is no whole number from 1 to 10,000, or no prefix code has these lengths.

    Examples
    --------
    >>> prefix_code([1, 2, 3, 3])
    ['0', '10', '110', '111']
    """
    if not all(1 <= length <= _LONGEST and length == int(length) for length in lengths):
        raise ValueError(f"lengths: expected whole numbers from 1 to {_LONGEST}, got {list(lengths)}")
    wanted = [int(length) for length in lengths]
    used = sum((Fraction(1, 2**length) for length in wanted), Fraction(0))
    if used > 1:
        raise ValueError(f"lengths: the sum of 2^-length must not exceed 1, got {used}")
    words = [""] * len(wanted)
    value = previous = 0
    for symbol in sorted(range(len(wanted)), key=lambda k: wanted[k]):
        value <<= wanted[symbol] - previous
        previous = wanted[symbol]
        words[symbol] = f"{value:0{previous}b}"
        value += 1
    return words
