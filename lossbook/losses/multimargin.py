"""The hinge loss of several classes, in its two classical forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array

from .base import Facts
from .classification import ClassLoss, check_scores, times
from .options import Option, check_positive, one_of

WESTON_WATKINS, CRAMMER_SINGER = "weston-watkins", "crammer-singer"


class MultiMarginLoss(ClassLoss):
    r"""Hinge loss of several classes: the right score must lead every other by a margin.

    Domain
        Any finite scores; class indices.
    Formula
        With :math:`h_k = \max(0, \mu - x_y + x_k)^p` for :math:`k \ne y`: Weston and Watkins add up,
        :math:`\ell = \frac{w_y}{C} \sum_{k \ne y} h_k`, and PyTorch divides by the number C of classes; Crammer and
        Singer take the worst, :math:`\ell = w_y \max_{k \ne y} h_k`.
    Gradient
        By :math:`x_k`: :math:`\frac{w_y}{C}\, p \max(0, \mu - x_y + x_k)^{p-1}`, 0 at the kink and beyond the margin,
        and by :math:`x_y` minus the sum of these. In the second form only the worst class counts, the first of
        equals, without the C.
    Model
        None: it gives decisions, not probabilities, and with three classes not always the likeliest one.
    Equivalent
        ``torch.nn.MultiMarginLoss(p, margin, weight)`` is the first form; ``optax.losses.multiclass_hinge_loss`` and
        ``sklearn.metrics.hinge_loss`` are the second (p = 1, margin 1); ``keras.losses.CategoricalHinge`` too, on
        one-hot targets, where it takes the worst of the other scores for at least 0.

    Parameters
    ----------
    p : {1, 2}
        Power of the hinge.
    margin : float
        The lead that is asked for, above 0.
    weight : array_like, shape (C,), optional
        Weight of each class. As in PyTorch a mean divides by the number of rows.
    ignore_index : int
        Rows with this target count for nothing; PyTorch has no such argument here.
    form : {"weston-watkins", "crammer-singer"}
        Whether all classes count or the worst one.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a class index is out of range, a score is not finite, or a parameter is none of the
        above.

    Examples
    --------
    >>> scores, target = [[0.1, 0.2, 0.4, 0.8]], [3]
    >>> float(MultiMarginLoss().loss(scores, target).round(6))
    0.325
    >>> float(MultiMarginLoss(form="crammer-singer").loss(scores, target).round(6))
    0.6
    """

    _facts = Facts(
        use="Several classes, decisions only; no probabilities.",
        task="classification", convex=True, smooth=False, lipschitz=1.0, robust=True,
        proper=False, calibrated=False,
        paper="Weston and Watkins; Crammer and Singer", year=1998, doi="10.1162/15324430260185628",
    )  # fmt: skip

    p = Option(one_of(1, 2))
    margin = Option(check_positive)
    form = Option(one_of(WESTON_WATKINS, CRAMMER_SINGER))

    def __init__(
        self,
        *,
        p: int = 1,
        margin: float = 1.0,
        weight: ArrayLike | None = None,
        ignore_index: int = -100,
        form: str = WESTON_WATKINS,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight=weight, ignore_index=ignore_index, reduction=reduction)
        self.p, self.margin, self.form = p, margin, form

    @property
    def facts(self) -> Facts:  # noqa: D102
        weight = 1.0 if self.weight is None else float(np.max(self.weight))
        square = self.p == 2
        steepest = math.inf if square else weight
        # The squared sum decides rightly (Zhang 2004), the plain one and the worst class alone do not (Liu 2007).
        good = square and self.form == WESTON_WATKINS
        even = self.weight is None or bool(np.ptp(self.weight) == 0)
        return replace(
            self._facts, smooth=good, lipschitz=steepest, robust=not square, calibrated=good and even
        )  # fmt: skip

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = check_scores(predictions)
        return x, self._check_indices(targets, x)

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return float((targets != self.ignore_index).sum())

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        rows, classes = np.arange(len(predictions)), predictions.shape[1]
        weight = self._row_weight(targets, classes)
        at = targets if weight is None else np.where(targets == self.ignore_index, 0, targets)
        with np.errstate(over="ignore"):
            missing = predictions - predictions[rows, at][:, None]
            missing += self.margin
            np.maximum(missing, 0, out=missing)
            missing[rows, at] = 0
            if self.form == CRAMMER_SINGER:
                missing = np.where(np.arange(classes) == missing.argmax(axis=1)[:, None], missing, 0)
            slopes = (missing > 0).astype(missing.dtype) if self.p == 1 else 2 * missing
            ones = np.ones(
                classes, missing.dtype
            )  # the product with them is the sum of short rows in a fifth of its time
            terms = (missing if self.p == 1 else missing * missing) @ ones
            slopes[rows, at] = -(slopes @ ones)
            share = predictions.dtype.type(1 if self.form == CRAMMER_SINGER else 1 / classes)
            if weight is None:
                slopes *= share
                return terms * share, slopes
            weight = weight.astype(predictions.dtype) * share
            return times(weight, terms), times(weight[:, None], slopes)
