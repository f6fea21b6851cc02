"""Exercises of the chapter on entropy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossbook import information
from lossbook.coding import huffman_lengths
from lossbook.functions import softmax
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula

_LETTERS = np.array([0.35, 0.2, 0.2, 0.15, 0.1])


def _bits(p: Any) -> float:
    return float(information.entropy(p, base=2))


def _perplexity(log_p: Any) -> float:
    return math.exp(-float(np.mean(log_p)))


def _mutual_information(joint: Any) -> float:
    independent = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float(information.kl_divergence(joint.ravel(), independent.ravel(), base=2))


def _loaded_die(mean: float) -> Any:
    """Return the likeliest die: softmax of a straight line over the faces, whose slope bisection finds."""
    faces = np.arange(1, 7)
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        if softmax(middle * faces) @ faces < mean:
            low = middle
        else:
            high = middle
    return softmax(middle * faces)


EXERCISES = (
    Exercise(
        name="entropy.card",
        expected=math.log2(52),
        hint="Which of all the equally likely cards is it? News of the suit and news of the rank add up.",
    ),
    Exercise(
        name="entropy.bits",
        expected=_bits,
        inputs=[
            (np.array([0.5, 0.25, 0.25]),),
            (np.array([0.7, 0.2, 0.1]),),
            (np.array([1.0, 0.0, 0.0]),),
            (np.array([0.5, 0.0, 0.5]),),
            (np.array([1 - 1e-12, 1e-12]),),
            (np.full(1000, 0.001),),
        ],
        formula=Formula("bits(p)", total=True),
        hint="The logarithm to base 2; and what should an outcome of probability 0 add?",
    ),
    Exercise(
        name="entropy.balance",
        expected=3,
        exact=True,
        hint="How many cases are there, and how many answers can one weighing give? Compare their logarithms.",
    ),
    Exercise(
        name="entropy.perplexity",
        expected=_perplexity,
        inputs=[
            (np.log([0.25, 0.25, 0.25]),),
            (np.log([0.5, 0.1, 0.9, 0.02]),),
            (np.full(5000, -3.0),),
        ],
        hint="Average first, then exponentiate; and no product of thousands of probabilities.",
    ),
    Exercise(
        name="entropy.huffman",
        expected=float(_LETTERS @ huffman_lengths(_LETTERS)),
        hint="Merge the two rarest letters, then the two rarest of what is left, and so on; then weigh the lengths.",
    ),
    Exercise(
        name="entropy.mutual-information",
        expected=_mutual_information,
        inputs=[
            (np.array([[0.5, 0.0], [0.0, 0.5]]),),
            (np.array([[0.4, 0.1], [0.2, 0.3]]),),
            (np.array([[0.1, 0.2, 0.3], [0.3, 0.05, 0.05]]),),
        ],
        hint="H(X) + H(Y) − H(X, Y): the sums of the rows, the sums of the columns, and all cells; in bits.",
    ),
    Exercise(
        name="entropy.loaded-die",
        expected=_loaded_die,
        inputs=[(3.5,), (4.5,), (2.0,), (5.5,)],
        hint="A second multiplier, for the mean, makes ln p a straight line over the faces. Which slope has this mean?",
        rtol=1e-6,
    ),
    Exercise(
        name="entropy.waiting",
        expected=lambda rate: 1 - math.log(rate),
        inputs=[(1.0,), (2.0,), (math.e,), (0.1,), (50.0,)],
        formula=Formula("waiting(rate)"),
        hint="−ln p(x) = rate · x − ln rate. Take its mean; the mean waiting time is 1 / rate.",
    ),
)
