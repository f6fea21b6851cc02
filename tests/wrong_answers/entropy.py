"""Plausible wrong answers to the exercises of the chapter on entropy."""

from __future__ import annotations

import math

import numpy as np


def _bits(p):
    return -(p[p > 0] * np.log2(p[p > 0])).sum()


WRONG_ANSWERS = {
    "entropy.card": [52, math.log(52), math.log2(4) * math.log2(13), math.log2(17), -math.log2(1 / 13)],
    "entropy.bits": [
        lambda p: -(p * np.log2(p)).sum(),  # 0 · log 0
        lambda p: -(p * np.log2(p + 1e-12)).sum(),  # a fudge
        lambda p: -(p[p > 0] * np.log(p[p > 0])).sum(),  # nats
        lambda p: -np.log2(p[p > 0]).mean(),
        lambda p: np.log2(len(p)),
    ],
    "entropy.balance": [2, 4, 11, math.log2(24)],
    "entropy.perplexity": [
        lambda x: np.mean(np.exp(-x)),  # the mean of the perplexities
        lambda x: 2 ** -np.mean(x),  # takes nats for bits
        lambda x: np.exp(-np.sum(x)),
        lambda x: np.prod(np.exp(x)) ** (-1 / len(x)),  # underflows
    ],
    "entropy.huffman": [2.2016, 3, 2.4, 2],
    "entropy.mutual-information": [
        lambda j: -(j.sum(axis=1) * np.log2(j.sum(axis=0))).sum(),  # the cross-entropy of the margins
        lambda j: _bits(j.sum(axis=1)) + _bits(j.sum(axis=0)),
        lambda j: (_bits(j.sum(axis=1)) + _bits(j.sum(axis=0)) - _bits(j.ravel())) * math.log(2),  # nats
        lambda j: _bits(j.ravel()) - _bits(j.sum(axis=0)),  # what is left to learn of X, not what Y tells
        lambda j: (j * np.log2(j / np.outer(j.sum(axis=1), j.sum(axis=0)))).sum(),  # 0 · log 0
    ],
    "entropy.loaded-die": [
        lambda mean: np.full(6, 1 / 6),
        lambda mean: 1 / 6 + (mean - 3.5) / 17.5 * (np.arange(1, 7) - 3.5),  # the right mean, on a straight line
        lambda mean: np.array([(6 - mean) / 5, 0, 0, 0, 0, (mean - 1) / 5]),  # the right mean, all at the ends
    ],
    "entropy.waiting": [
        lambda r: 1 + math.log(r),  # takes the rate for the mean
        lambda r: -math.log(r),
        lambda r: max(1 - math.log(r), 0),  # cannot believe that it is negative
        lambda r: (1 - math.log(r)) / math.log(2),
    ],
}
