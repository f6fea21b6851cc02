"""Cases beyond those of `cases`: parameters that other libraries fix, and kinds of input that are rare and matter.

Offsets common to all logits, subnormal numbers, rows that are ignored for a class that there is not, shapes |α| of
hundreds, and thousands of classes, whose truth needs no symbols.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache

import mpmath
import sympy
from mpmath import mpf

from .cases import (
    CASES,
    CLASS_ROWS,
    MARGIN_ROWS,
    RESIDUAL_ROWS,
    SCORES,
    UNTIED_ROWS,
    Case,
    L,
    Row,
    S,
    margin,
    residual,
)
from .truth import DIGITS

#: Shapes of Barron's loss far from the usual ones.
FAR_SHAPES = (-300.0, 300.0)
#: The same logits, each with one number added to all: no probability changes but by the rounding of the sum.
OFFSETS = (-1e6, 1e3, 1e8)
OFFSET_ROWS: list[Row] = [
    (tuple(score + offset for score in z), y) for offset in OFFSETS for z in SCORES[3:6] for y in range(3)
]
#: A class that none of the cases has: it marks a row that counts for nothing, as the border of a picture is marked.
BEYOND = 255
SUBNORMAL = 5e-324
SUBNORMAL_ROWS: list[Row] = [((sign * size,), 0.0) for size in (SUBNORMAL, 1e-310) for sign in (1.0, -1.0)]

#: With the margin 1, as the libraries have it whose hinge has no other.
FIXED = [
    margin("HingeLoss"),
    margin("SquaredHingeLoss"),
    replace(
        next(case for case in CASES if str(case).startswith("MultiMarginLoss")),
        loss=L.MultiMarginLoss(form="crammer-singer", reduction="none"),
        formula=lambda x, t: S.MultiMarginLoss(x, t, 1, 1, form="crammer-singer"),
        rows=UNTIED_ROWS,
        torch=None,
    ),
]
FAR = [residual("GeneralRobustLoss", alpha=alpha, c=0.5) for alpha in FAR_SHAPES]


def ignoring(case: Case) -> Case:
    """Return a case that ignores a class beyond its own, with rows of that class among its first ones."""
    loss = copy.copy(case.loss)
    loss.ignore_index = BEYOND
    rows: list[Row] = [(row, BEYOND) for row, _ in case.rows[::3]] + case.rows[:6]
    return replace(
        case, loss=loss, rows=rows, torch=None, formula=lambda x, t: sympy.S.Zero if t == BEYOND else case.formula(x, t)
    )


#: Every loss of class indices.
IGNORING = [ignoring(case) for case in CASES if case.kind in ("classes", "log classes")]


def _with(case: Case) -> Case:
    """Return a case with the further rows of its kind."""
    if case.rows is RESIDUAL_ROWS:
        return replace(case, rows=case.rows + SUBNORMAL_ROWS)
    if case.rows is CLASS_ROWS:
        return replace(case, rows=case.rows + OFFSET_ROWS)
    if case.rows is MARGIN_ROWS:
        return replace(case, rows=[*case.rows, ((SUBNORMAL,), 1.0), ((-SUBNORMAL,), -1.0)])
    return case


#: All cases with all rows, by what they call themselves.
WIDE = {str(case): case for case in map(_with, [*CASES, *FIXED, *FAR, *IGNORING])}


@cache
def many_classes(classes: int, gap: float, step: float) -> tuple[mpf, mpf]:
    """Return the cross-entropy of the first class among many, and its slope there.

    Parameters
    ----------
    classes : int
        How many there are.
    gap, step : float
        Class k has the logit −gap − step·k, and the first one 0.
    """
    with mpmath.workdps(DIGITS // 10):
        others = mpmath.fsum(mpmath.exp(-mpf(gap) - mpf(step) * k) for k in range(1, classes))
        return mpmath.log1p(others), -others / (1 + others)
