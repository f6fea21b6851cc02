"""Losses between distributions: Kullback–Leibler divergence and the Brier score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, xlogy

from .base import ElementwiseLoss, Facts, Loss, as_array, check_class_indices, check_distributions
from .options import Option, check_flag, one_of
from .sums import sum_divergence


class KLDivLoss(ElementwiseLoss):
    r"""Kullback–Leibler divergence of log-probabilities from target probabilities, entry by entry.

    Domain
        Predictions are log-probabilities :math:`\ln q`, targets probabilities p, or their logarithms with
        ``log_target=True``. Mind the order: it is :math:`D(p \| q)`, with the *target* in front.
    Formula
        :math:`\ell = p (\ln p - \ln q)`, and 0 where p = 0. Only the sum over a row is a divergence. It may lie a
        rounding error below 0, as PyTorch's does: an entry does not know its row. `lossbook.information.kl_divergence`
        takes whole rows, and is right to the last digits.
    Gradient
        :math:`-p`.
    Model
        The categorical distribution, shifted by the entropy of the targets.
    Equivalent
        ``torch.nn.KLDivLoss`` (same conventions; its ``"mean"`` divides by the number of entries and is therefore not
        a mean divergence: for a table of rows ``"batchmean"`` is); ``optax.losses.kl_divergence``, which sums each row;
        ``scipy.special.kl_div``, which takes q itself and adds q − p; ``keras.losses.KLDivergence``, which takes q
        itself and clips; not in scikit-learn.

    Parameters
    ----------
    log_target : bool
        Whether the targets are logarithms.
    reduction : {"mean", "batchmean", "sum", "none"}
        What is made of the entries; ``"batchmean"`` divides by the size of the first axis.

    Examples
    --------
    >>> KLDivLoss(reduction="batchmean").loss(np.log([[0.7, 0.1, 0.1, 0.1]]), [[1.0, 0, 0, 0]]).round(4)
    np.float64(0.3567)
    """

    _facts = Facts(
        use="Targets are distributions, and the model gives log-probabilities.",
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="categorical",
        proper=True, calibrated=True,
        paper="Kullback and Leibler", year=1951, doi="10.1214/aoms/1177729694",
    )  # fmt: skip
    reduction = Option(one_of("mean", "batchmean", "sum", "none"))
    log_target = Option(check_flag)

    def __init__(self, *, log_target: bool = False, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        log_q, t = super()._check(predictions, targets)
        room = 1e-3 if log_q.dtype == np.float32 else 1e-6
        if not np.maximum.reduce(log_q, axis=None) <= room:
            raise ValueError(
                f"predictions: expected log-probabilities, at most 0, got {np.max(log_q)}; use log_softmax"
            )
        largest = np.maximum.reduce(t, axis=None)
        if self.log_target and not largest <= room:
            raise ValueError(f"targets: expected log-probabilities, at most 0, got {largest}")
        if not self.log_target and not (np.minimum.reduce(t, axis=None) >= 0 and largest <= 1 + room):
            raise ValueError(f"targets: expected probabilities from 0 to 1, got {t[(t < 0) | (t > 1)].flat[0]}")
        return log_q, t

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return len(predictions) if self.reduction == "batchmean" and predictions.ndim else predictions.size

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        p = np.exp(targets) if self.log_target else targets
        some = p > 0
        log_q = np.where(some, predictions, 0)  # what never happens costs nothing, even where q = 0
        if self.log_target:
            terms = p * (np.where(some, targets, 0) - log_q)
        else:
            terms = xlogy(p, p) - p * log_q
        return np.asarray(terms, dtype=predictions.dtype), 0 - p

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        p, log_p = (np.exp(t), t) if self.log_target else (t, np.log(t))
        return sum_divergence(x, p, log_p, slopes, share)


class BrierLoss(Loss):
    r"""Squared distance between the predicted probabilities and what happened.

    Domain
        Predictions are rows of probabilities (N, C); targets class indices (N,) or rows of probabilities (N, C).
    Formula
        :math:`\ell = \sum_k (p_k - t_k)^2`, between 0 and 2.
    Gradient
        :math:`2 (p_k - t_k)`.
    Model
        None; a strictly proper scoring rule all the same.
    Equivalent
        ``sklearn.metrics.brier_score_loss`` for two classes has one term of the two, and so half the value;
        ``torch.nn.MSELoss`` and ``keras.losses.MeanSquaredError`` on one-hot targets divide by the number of classes
        as well; ``optax.losses.squared_error(p, one_hot).sum(-1)``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the rows.

    Examples
    --------
    >>> BrierLoss().loss([[0.75, 0.25]], [0])
    np.float64(0.125)
    """

    _facts = Facts(
        use="Scoring probabilities without infinite punishment for a sure mistake.",
        task="classification", convex=True, smooth=True, lipschitz=2.0, robust=True,
        proper=True, calibrated=True,
        paper="Brier", year=1950, doi="10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
    )  # fmt: skip
    _factor = 2.0

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        p = as_floats(predictions, "predictions")
        if p.ndim != 2 or p.size == 0:
            raise ValueError(f"predictions: expected rows of probabilities, shape (N, C), got {p.shape}")
        check_distributions(p, "predictions", 1)
        t = as_array(targets, "targets", "class indices or probabilities")
        if t.dtype.kind in "iu" and t.shape != p.shape or t.shape == p.shape[:1]:
            return p, check_class_indices(t, p.shape[:1], p.shape[1])
        t = as_floats(targets, "targets").astype(p.dtype, copy=False)
        if t.shape != p.shape:
            raise ValueError(f"targets: expected class indices, or probabilities of shape {p.shape}, got {t.shape}")
        check_distributions(t, "targets", 1)
        return p, t

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return len(predictions)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        if targets.ndim == 1:
            distance = predictions.copy()
            distance[np.arange(len(distance)), targets] -= 1
        else:
            distance = predictions - targets
        return np.einsum("ij,ij->i", distance, distance), distance
