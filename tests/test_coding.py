"""Huffman's lengths against every other prefix code, and codes that can be read back."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbook.coding import huffman_lengths, prefix_code
from lossbook.information import entropy

counts = st.lists(st.integers(0, 1000), min_size=2, max_size=40).filter(any)


def kraft(lengths):
    return sum(Fraction(1, 2 ** int(length)) for length in lengths)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=5))
def test_no_prefix_code_is_shorter(weights):
    mine = sum(w * int(length) for w, length in zip(weights, huffman_lengths(weights), strict=True))
    every = itertools.product(range(1, len(weights) + 1), repeat=len(weights))
    best = min(sum(w * n for w, n in zip(weights, lengths, strict=True)) for lengths in every if kraft(lengths) <= 1)
    assert mine == best


@given(counts)
def test_mean_length_lies_within_one_bit_of_the_entropy(weights):
    p = np.array(weights) / sum(weights)
    lengths = huffman_lengths(weights)
    mean, bits = float(p @ lengths), float(entropy(p, base=2))
    assert bits - 1e-12 <= mean <= bits + 1
    assert mean < bits + 1 or 0 in weights
    assert kraft(lengths) == 1, "no bit of the code is left unused"
    order = np.argsort(-p, kind="stable")
    assert all(lengths[a] <= lengths[b] for a, b in itertools.pairwise(order) if p[a] > p[b])


@given(counts)
def test_codes_can_be_read_back(weights):
    words = prefix_code(huffman_lengths(weights))
    assert [len(word) for word in words] == huffman_lengths(weights).tolist()
    for a, b in itertools.permutations(words, 2):
        assert not b.startswith(a)


def test_known_codes():
    assert huffman_lengths([1]).tolist() == [0]
    assert huffman_lengths([0.5, 0.5]).tolist() == [1, 1]
    assert huffman_lengths(np.full(8, 1 / 8)).tolist() == [3] * 8
    assert huffman_lengths([0, 0, 1]).tolist() == [2, 2, 1]
    assert huffman_lengths([2.0**-k for k in range(1, 60)] + [2.0**-59]).tolist() == [*range(1, 60), 59]
    assert prefix_code([2, 1, 3, 3]) == ["10", "0", "110", "111"]
    assert prefix_code([2, 2]) == ["00", "01"]
    assert prefix_code([]) == []


def test_many_symbols_at_once():
    lengths = huffman_lengths(np.arange(1, 20_001))
    assert kraft(lengths) == 1
    assert lengths.max() - lengths.min() <= math.log2(20_000) + 2


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: huffman_lengths([]), r"p: expected one row of probabilities, got shape \(0,\)"),
        (lambda: huffman_lengths([[0.5, 0.5]]), r"p: expected one row of probabilities, got shape \(1, 2\)"),
        (lambda: huffman_lengths([0.5, -0.5]), "p: expected finite numbers from 0 up, got -0.5"),
        (lambda: huffman_lengths([0.5, math.nan]), "p: expected finite numbers from 0 up, got nan"),
        (lambda: huffman_lengths([0, 0]), "p: expected a positive, finite sum, got 0.0"),
        (lambda: huffman_lengths(["a"]), "p: expected real numbers"),
        (lambda: prefix_code([1, 1, 2]), "lengths: the sum of 2.-length must not exceed 1, got 5/4"),
        (lambda: prefix_code([1, 0]), "lengths: expected whole numbers from 1 to 10000"),
        (lambda: prefix_code([1, 1.5]), "lengths: expected whole numbers from 1 to 10000"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
