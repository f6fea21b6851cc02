"""Exercises of the chapter on classification losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossbook.functions import softmax
from lossbook.losses import DistillationLoss, ExponentialLoss, LogisticLoss, SigmoidFocalLoss
from lossbook.losses.large_margin import lowered_cosine
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _reweigh(weights: Any, margins: Any) -> Any:
    return softmax(np.log(weights) - margins)


def _focal_pull(z: float, gamma: float) -> float:
    return float(-SigmoidFocalLoss(gamma=gamma, alpha=None).grad([z], [1.0])[0])


def _distil(z: Any, b: Any, temperature: float) -> Any:
    return DistillationLoss(temperature=temperature).grad([z], [b])[0]


def _psi(theta: float, m: int) -> float:
    return float(lowered_cosine(np.array([np.cos(theta)]), m)[0][0])


def _dpo(model: Any, reference: Any, beta: float) -> float:
    gained = np.subtract(model, reference)
    return float(LogisticLoss().loss([beta * (gained[0] - gained[1])], [1.0]))


def _from_entropy(q: float, y: int) -> float:
    # Of the exponential loss, read through σ(2f): half of it has this entropy.
    f = np.log(q / (1 - q)) / 2
    return float(ExponentialLoss().loss([f], [2.0 * y - 1]) / 2)


_STUDENT, _TEACHER = np.array([1.0, -0.5, 2.0]), np.array([3.0, 0.0, -1.0])

EXERCISES = (
    Exercise(
        name="margins.best-score",
        expected=0.5 * np.log(9),
        hint="Under the exponential loss σ(2f) is the chance of the label 1, not σ(f).",
        rtol=5e-3,
    ),
    Exercise(
        name="margins.logistic",
        expected=lambda m: LogisticLoss(reduction="none").loss(m, np.ones_like(m)),
        inputs=[(np.array([0.0, 1.0, -2.0]),), (np.array([40.0]),), (np.array([-800.0, 800.0]),)],
        formula=Formula("logistic(m)"),
        hint="For m < 0 take e^−m out of the logarithm; for large m, 1 + e^−m has lost its digits: there is log1p.",
    ),
    Exercise(
        name="margins.hinge-risk",
        expected=0.6,
        hint="Put both ends, f = −1 and f = 1, into η·max(0, 1 − f) + (1 − η)·max(0, 1 + f).",
    ),
    Exercise(
        name="margins.adaboost",
        expected=0.5 * np.log(4),
        hint="e^(2α) = (1 − ε)/ε.",
        rtol=5e-3,
    ),
    Exercise(
        name="margins.reweigh",
        expected=_reweigh,
        inputs=[
            (np.array([0.5, 0.5]), np.array([1.0, -1.0])),
            (np.array([0.1, 0.2, 0.7]), np.array([0.3, 0.3, -0.3])),
            (np.array([0.25, 0.75]), np.array([-1000.0, -1001.0])),
        ],
        hint="Multiply by e^−m and divide by the sum; before the exponential, add the smallest margin.",
    ),
    Exercise(
        name="margins.focal",
        expected=_focal_pull,
        inputs=[(0.0, 2.0), (1.5, 0.5), (-3.0, 5.0), (40.0, 0.5), (2.0, 0.0)],
        formula=Formula("pull(z, gamma)"),
        hint="It is (1 − p)^γ (1 − p − γ p ln p) with p = σ(z); take 1 − p as σ(−z) and −ln p as ln(1 + e^−z).",
        rtol=1e-8,
    ),
    Exercise(
        name="margins.distillation",
        expected=_distil,
        inputs=[(_STUDENT, _TEACHER, 1.0), (_STUDENT, _TEACHER, 4.0), (1000 * _STUDENT, _TEACHER, 2.0)],
        hint="With the factor T² in front the gradient is T times the difference of both softened answers.",
    ),
    Exercise(
        name="margins.psi",
        expected=_psi,
        inputs=[(0.3, 1), (0.3, 2), (1.8, 2), (3.0, 4), (1.0, 3)],
        hint="j counts how many whole steps of π fit into mθ.",
    ),
    Exercise(
        name="margins.brier",
        expected=0.08,
        hint="The expected score is 2(q − η)² and a rest that does not depend on q.",
    ),
    Exercise(
        name="margins.pairs",
        expected=np.log(4),
        hint="The best margin of the logistic loss has the sigmoid η.",
        rtol=5e-3,
    ),
    Exercise(
        name="margins.dpo",
        expected=_dpo,
        inputs=[
            (np.array([-1.0, -2.0]), np.array([-1.5, -1.5]), 1.0),
            (np.array([-20.0, -12.0]), np.array([-18.0, -13.0]), 0.1),
            (np.array([-2000.0, -500.0]), np.array([-1000.0, -600.0]), 1.0),
        ],
        formula=Formula(
            "dpo(m1, m2, r1, r2, beta)",
            columns=lambda model, reference, beta: (*model, *reference, beta),
            note="m1 and m2 are the logarithms of the model, r1 and r2 those of the reference.",
        ),
        hint="Take the reference off each logarithm, the rejected off the chosen, times β: a margin of logistic loss.",
    ),
    Exercise(
        name="margins.score-of-entropy",
        expected=_from_entropy,
        inputs=[(0.5, 1), (0.9, 1), (0.9, 0), (0.02, 1), (0.02, 0)],
        formula=Formula("score(q, y)"),
        hint="The tangent at q is G(q) + G′(q)(η − q); a certain yes is the chance 1, a certain no the chance 0.",
    ),
)
