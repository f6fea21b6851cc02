"""Losses on the margin y·f of a binary classifier: the label y is −1 or 1, the prediction f any real number."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.functions import Array, log1p_by_log, softplus

from .base import ElementwiseLoss, Facts, check_numbers
from .options import Option, check_positive
from .sums import sum_logistic


class MarginLoss(ElementwiseLoss):
    """An element-wise loss of the margin m = y·f, with labels −1 and 1."""

    def _check_numbers(self, predictions: Array, targets: Array) -> None:
        check_numbers(predictions, "predictions")
        if not np.logical_and.reduce(np.abs(targets) == 1, axis=None):
            check_numbers(targets, "targets")
            raise ValueError(f"targets: expected labels −1 or 1, got {targets[np.abs(targets) != 1].flat[0]}")

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        terms, slopes = self._of_margin(targets * predictions)
        slopes *= targets
        return terms, slopes

    @abstractmethod
    def _of_margin(self, m: Array) -> tuple[Array, Array]:
        """Return the loss of each margin and its derivative by the margin."""


class ZeroOneLoss(MarginLoss):
    r"""One for a wrong answer, zero for a right one: what one would like to minimise, and cannot train.

    Domain
        Any real prediction; a margin of 0 counts as wrong.
    Formula
        :math:`\ell = 1` for :math:`y f \le 0`, else 0.
    Gradient
        :math:`0` wherever it exists, which is why it cannot be trained; 0 at the jump by convention.
    Model
        None.
    Equivalent
        ``sklearn.metrics.zero_one_loss`` on labels; not a loss in PyTorch, Keras or Optax.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="To report errors. Never to train: its slope is 0.",
        task="classification", convex=False, smooth=False, lipschitz=math.inf, robust=True,
        proper=False, calibrated=True,
        paper="Vapnik", year=1995, doi="10.1007/978-1-4757-2440-0",
    )  # fmt: skip

    def _of_margin(self, m: Array) -> tuple[Array, Array]:
        return (m <= 0).astype(m.dtype), np.zeros_like(m)


class HingeLoss(MarginLoss):
    r"""Zero beyond the margin, a straight line before it: the loss of the support vector machine.

    Domain
        Any real prediction.
    Formula
        :math:`\ell = \max(0, \mu - y f)`, with the margin :math:`\mu`, usually 1.
    Gradient
        :math:`-y` for :math:`y f < \mu`, else 0, at the kink too.
    Model
        None: it gives decisions, not probabilities.
    Equivalent
        ``sklearn.metrics.hinge_loss``; ``optax.losses.hinge_loss``; ``keras.losses.Hinge``. PyTorch's
        ``HingeEmbeddingLoss`` is another loss.

    Parameters
    ----------
    margin : float
        Where the loss ends, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Only the decision counts, and few samples shall carry it, as in support vector machines.",
        task="classification", convex=True, smooth=False, lipschitz=1.0, robust=True,
        proper=False, calibrated=True,
        paper="Cortes and Vapnik", year=1995, doi="10.1007/BF00994018",
    )  # fmt: skip

    margin = Option(check_positive)

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def _of_margin(self, m: Array) -> tuple[Array, Array]:
        missing = np.maximum(self.margin - m, 0)
        return missing, -(missing > 0).astype(m.dtype)


class SquaredHingeLoss(MarginLoss):
    r"""The square of the hinge: smooth at the margin, and steeper for gross mistakes.

    Domain
        Any real prediction.
    Formula
        :math:`\ell = \max(0, \mu - y f)^2`.
    Gradient
        :math:`-2 y \max(0, \mu - y f)`.
    Model
        None.
    Equivalent
        ``keras.losses.SquaredHinge``; ``sklearn.svm.LinearSVC(loss="squared_hinge")``; not in PyTorch or
        Optax.

    Parameters
    ----------
    margin : float
        Where the loss ends, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="As the hinge, for solvers that want a smooth loss.",
        task="classification", convex=True, smooth=True, lipschitz=math.inf, robust=False,
        proper=True, calibrated=True,
        paper="Cortes and Vapnik", year=1995, doi="10.1007/BF00994018",
    )  # fmt: skip

    margin = Option(check_positive)
    _factor = 2.0

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def _of_margin(self, m: Array) -> tuple[Array, Array]:
        missing = np.maximum(self.margin - m, 0)
        return missing * missing, -missing


class ExponentialLoss(MarginLoss):
    r"""The loss that AdaBoost descends: gross mistakes cost exponentially much.

    Domain
        Any real prediction; infinite beyond a margin of −709.
    Formula
        :math:`\ell = e^{-y f}`.
    Gradient
        :math:`-y e^{-y f}`.
    Model
        None that is normalised; its best prediction is half the log-odds.
    Equivalent
        ``sklearn.ensemble.GradientBoostingClassifier(loss="exponential")``; not in PyTorch, Keras
        or Optax.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Boosting on clean labels; one wrong label can outweigh all others.",
        task="classification", convex=True, smooth=True, lipschitz=math.inf, robust=False,
        proper=True, calibrated=True,
        paper="Freund and Schapire", year=1997, doi="10.1006/jcss.1997.1504",
    )  # fmt: skip

    def _of_margin(self, m: Array) -> tuple[Array, Array]:
        powers = np.exp(-m)
        return powers, -powers


class LogisticLoss(MarginLoss):
    r"""Logistic regression's loss on labels −1 and 1.

    Domain
        Any real prediction, read as a logit.
    Formula
        :math:`\ell = \ln(1 + e^{-y f})`, in nats.
    Gradient
        :math:`-y\, \sigma(-y f)`.
    Model
        Bernoulli with probability :math:`\sigma(f)` of the label 1.
    Equivalent
        ``torch.nn.SoftMarginLoss``, which overflows for margins below −709;
        ``optax.losses.sigmoid_binary_cross_entropy`` and
        ``keras.losses.BinaryCrossentropy(from_logits=True)`` on labels 0 and 1;
        ``sklearn.linear_model.LogisticRegression`` fits it.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Two classes with labels −1 and 1, where probabilities are wanted.",
        task="classification", convex=True, smooth=True, lipschitz=1.0, robust=True, model="Bernoulli",
        proper=True, calibrated=True,
        paper="Cox", year=1958, doi="10.1111/j.2517-6161.1958.tb00292.x",
    )  # fmt: skip

    def _of_margin(self, m: Array) -> tuple[Array, Array]:
        power = np.exp(-np.abs(m))
        slopes = np.where(m > 0, -power, -1) / (1 + power)
        return log1p_by_log(power) - np.minimum(m, 0), slopes

    def _evaluate_terms(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, None]:
        return softplus(-targets * predictions), None

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_logistic(t * x, t, slopes, share)
