"""Losses of a probability, or of its logit, against a target between 0 and 1."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.functions import Array, log1p_by_log, softplus_and_sigmoid

from .base import ElementwiseLoss, Facts, check_numbers
from .options import Option, between, check_positive, or_none
from .sums import sum_binary_cross_entropy, sum_cross_entropy_of_chances, sum_weighted_cross_entropy


def _between_0_and_1(array: NDArray[Any], name: str) -> None:
    if not (np.minimum.reduce(array, axis=None) >= 0 and np.maximum.reduce(array, axis=None) <= 1):
        check_numbers(array, name)
        wrong = (array < 0) | (array > 1)
        raise ValueError(f"{name}: expected numbers from 0 to 1, got {array[wrong].flat[0]}")


class BCEWithLogitsLoss(ElementwiseLoss):
    r"""Binary cross-entropy of a logit: one yes-or-no question per output.

    Domain
        Any real logit x; targets t from 0 to 1.
    Formula
        :math:`\ell = w\, t \ln(1 + e^{-x}) + (1 - t) \ln(1 + e^{x})`, with :math:`w` the weight of positives.
    Gradient
        :math:`(1 - t)\, \sigma(x) - w\, t\, \sigma(-x)`; for w = 1 this is :math:`\sigma(x) - t`.
    Model
        Bernoulli with probability :math:`\sigma(x)`.
    Equivalent
        ``torch.nn.BCEWithLogitsLoss(pos_weight)``; ``optax.losses.sigmoid_binary_cross_entropy`` and
        ``keras.losses.BinaryCrossentropy(from_logits=True)``, both without a weight of positives;
        ``sklearn.metrics.log_loss`` takes probabilities and clips them.

    Parameters
    ----------
    pos_weight : float, optional
        Weight of the positive answers, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> float(BCEWithLogitsLoss().loss([0.0], [1.0]).round(4))
    0.6931
    """

    _facts = Facts(
        use="Two classes, or several labels at once: the first choice. A weight for rare positives.",
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="Bernoulli",
        proper=True, calibrated=True,
        paper="Cox", year=1958, doi="10.1111/j.2517-6161.1958.tb00292.x",
    )  # fmt: skip

    pos_weight = Option(or_none(check_positive))

    def __init__(self, *, pos_weight: float | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.pos_weight = pos_weight

    @property
    def facts(self) -> Facts:  # noqa: D102
        weight = self.pos_weight or 1.0
        return replace(self._facts, lipschitz=max(1.0, weight), proper=weight == 1, calibrated=weight == 1)

    def _check_numbers(self, predictions: Array, targets: Array) -> None:
        check_numbers(predictions, "predictions")
        _between_0_and_1(targets, "targets")

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        weight = self.pos_weight
        yes, no = targets if weight is None else weight * targets, 1 - targets
        both = 1 if weight is None else yes + no
        # What speaks against the side that the logit takes costs |x| more than what speaks for it.
        side = np.copysign(1, predictions)
        against = np.where(side > 0, no, yes)
        size = np.abs(predictions)
        power = np.exp(-size)
        terms = both * log1p_by_log(power)
        with np.errstate(invalid="ignore"):
            terms += against * size
        if np.isnan(np.minimum.reduce(terms)):  # 0 · ∞: what is not asked costs nothing
            terms = both * np.log1p(power) + against * np.where(against == 0, 0, size)
        return terms, side * (against - both * power / (1 + power))

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        if self.pos_weight is None:
            return sum_binary_cross_entropy(x, t, slopes, share)
        return sum_weighted_cross_entropy(x, t, self.pos_weight, slopes, share)


class ProbabilityLoss(ElementwiseLoss):
    """An element-wise loss of the probability that was given to what happens: p for a target of 1, 1 − p for one of 0.

    A target t between is an outcome that happens with this chance: the loss is t ℓ(p) + (1 − t) ℓ(1 − p).
    """

    def _check_numbers(self, predictions: Array, targets: Array) -> None:
        _between_0_and_1(predictions, "predictions")
        _between_0_and_1(targets, "targets")

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            happens, missing = self._of_probability(predictions), self._of_complement(predictions)
            terms, slopes = (_share(targets, a) + _share(1 - targets, b) for a, b in zip(happens, missing, strict=True))
        return terms, slopes

    @abstractmethod
    def _of_probability(self, p: Array) -> tuple[Array, Array]:
        """Return ℓ(p) and its derivative."""

    @abstractmethod
    def _of_complement(self, p: Array) -> tuple[Array, Array]:
        """Return ℓ(1 − p) and its derivative by p; 1 − p itself may have lost its digits."""


def _share(share: Array, values: Array) -> Array:
    """Return the product; what never happens costs nothing, whatever probability it was given."""
    product = share * values
    if np.isnan(np.minimum.reduce(product)):  # 0 · ∞
        product[share == 0] = 0
    return product


class BCELoss(ProbabilityLoss):
    r"""Binary cross-entropy of a probability.

    Domain
        Probabilities p and targets t from 0 to 1. Infinite where certainty is wrong.
    Formula
        :math:`\ell = -t \ln p - (1 - t) \ln(1 - p)`.
    Gradient
        :math:`(1 - t)/(1 - p) - t/p`.
    Model
        Bernoulli with probability p.
    Equivalent
        ``torch.nn.BCELoss``, which cuts the logarithms off at −100 and so gives 100 in place of infinity;
        ``sklearn.metrics.log_loss`` and ``keras.losses.BinaryCrossentropy()`` clip p; not in Optax. Prefer
        `BCEWithLogitsLoss`: a p near 1 has lost its digits.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Only where a probability is all that one has; else take logits.",
        task="classification", convex=True, smooth=True, lipschitz=math.inf, robust=False, model="Bernoulli",
        proper=True, calibrated=True,
        paper="Good", year=1952, doi="10.1111/j.2517-6161.1952.tb00104.x",
    )  # fmt: skip

    def _of_probability(self, p: Array) -> tuple[Array, Array]:
        return -np.log(p), -1 / p

    def _of_complement(self, p: Array) -> tuple[Array, Array]:
        return -np.log1p(-p), 1 / (1 - p)

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_cross_entropy_of_chances(x, t, slopes, share)


class SigmoidFocalLoss(ElementwiseLoss):
    r"""Binary cross-entropy that turns away from what is right already.

    Domain
        Any real logit x; targets 0 or 1.
    Formula
        With s = x for the target 1 and s = −x for 0: :math:`\ell = \alpha_t\, \sigma(-s)^\gamma \ln(1 + e^{-s})`,
        where :math:`\alpha_t` is α for the target 1 and 1 − α for 0.
    Gradient
        :math:`\mp \alpha_t\, \sigma(-s)^\gamma\, (\gamma\, \sigma(s) \ln(1 + e^{-s}) + \sigma(-s))`. The form with
        :math:`(1 - p)^{\gamma - 1}` would be infinite times zero for γ < 1 at p = 1.
    Model
        None; its minimiser is not the probability of the class unless γ = 0.
    Equivalent
        ``torchvision.ops.sigmoid_focal_loss(alpha, gamma)``, where α = −1 stands for no α;
        ``optax.losses.sigmoid_focal_loss``; ``keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True,
        from_logits=True)``; not in PyTorch itself or scikit-learn.

    Parameters
    ----------
    gamma : float
        How strongly right answers are discounted, at least 0.
    alpha : float, optional
        Weight of the target 1, from 0 to 1; no weights if None.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Detection with far more background than objects. Probabilities want calibrating afterwards.",
        task="classification", convex=False, smooth=True, lipschitz=math.inf, robust=True,
        proper=False, calibrated=False,
        paper="Lin et al.", year=2017, doi="10.1109/ICCV.2017.324",
    )  # fmt: skip

    gamma = Option(between(0))
    alpha = Option(or_none(between(0, 1)))

    def __init__(self, *, gamma: float = 2.0, alpha: float | None = 0.25, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.gamma, self.alpha = gamma, alpha

    @property
    def facts(self) -> Facts:  # noqa: D102
        weight = 1.0 if self.alpha is None else max(self.alpha, 1 - self.alpha)
        even, plain = self.alpha in (None, 0.5), self.gamma == 0
        steepest = weight * _steepest_focal(self.gamma)
        return replace(self._facts, convex=plain, lipschitz=steepest, proper=plain and even, calibrated=even)

    def _check_numbers(self, predictions: Array, targets: Array) -> None:
        super()._check_numbers(predictions, targets)
        wrong = (targets != 0) & (targets != 1)
        if wrong.any():
            raise ValueError(f"targets: expected 0 or 1, got {targets[wrong].flat[0]}")

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        side = 2 * targets - 1
        s = side * predictions
        weight = 1.0 if self.alpha is None else np.where(targets == 1, self.alpha, 1 - self.alpha)
        slope, cost = _focal(s, self.gamma)
        return (weight * cost).astype(predictions.dtype), (-side * weight * slope).astype(predictions.dtype)


def _focal(s: Array, gamma: float) -> tuple[Array, Array]:
    """Return minus the slope of the focal loss by s, and its value, without weights."""
    _, p, cost, q = softplus_and_sigmoid(s)
    with np.errstate(under="ignore"):
        discount = q**gamma  # 0 to the power 0 is 1; an infinite cost is discounted by 1
        return discount * (gamma * p * np.where(np.isinf(cost), 0, cost) + q), discount * cost


@cache
def _steepest_focal(gamma: float) -> float:
    """Return the largest slope; it has no closed form, and lies where the answer is wrong."""
    return float(_focal(np.linspace(-60, 10, 70_001), gamma)[0].max())
