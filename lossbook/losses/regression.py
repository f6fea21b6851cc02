"""Losses for regression."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lossbook.functions import Array

from .base import ElementwiseLoss, Facts


class MSELoss(ElementwiseLoss):
    r"""Squared error.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = (\hat y - y)^2`, or half of it with ``half=True``.
    Gradient
        :math:`2(\hat y - y)`, or :math:`\hat y - y`.
    Model
        Normal noise of constant width: minus the log-likelihood is ℓ/(2σ²) plus a constant.
    Equivalent
        ``torch.nn.MSELoss`` and ``keras.losses.MeanSquaredError``, without the half;
        ``sklearn.metrics.mean_squared_error``; ``optax.squared_error``; ``optax.l2_loss`` has the half.

    Parameters
    ----------
    half : bool
        Whether the loss is halved, so that its gradient is the residual itself.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> MSELoss().loss([1.0, 3.0], [0.0, 1.0])
    np.float64(2.5)
    """

    facts: ClassVar[Facts] = Facts(
        task="regression", convex=True, smooth=True, lipschitz=math.inf, robust=False, model="normal",
        source="Legendre 1805; Gauss 1809",
    )  # fmt: skip

    def __init__(self, half: bool = False, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.half = half

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        residual = predictions - targets
        with np.errstate(over="ignore"):  # the square of 1e200 is beyond float64: infinity is the answer
            terms = residual * residual
        return (terms * 0.5, residual) if self.half else (terms, 2 * residual)


class L1Loss(ElementwiseLoss):
    r"""Absolute error.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = |\hat y - y|`.
    Gradient
        The sign of :math:`\hat y - y`; 0 at the kink, which is PyTorch's choice of subgradient.
    Model
        Laplace noise of constant scale b: minus the log-likelihood is ℓ/b plus a constant.
    Equivalent
        ``torch.nn.L1Loss``; ``sklearn.metrics.mean_absolute_error``; ``keras.losses.MeanAbsoluteError``;
        in Optax ``jnp.abs(predictions - targets)``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> L1Loss().loss_and_grad([1.0, 3.0], [2.0, 1.0])
    (np.float64(1.5), array([-0.5,  0.5]))
    """

    facts: ClassVar[Facts] = Facts(
        task="regression", convex=True, smooth=False, lipschitz=1.0, robust=True, model="Laplace",
        source="Boscovich 1757; Laplace 1774",
    )  # fmt: skip

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        residual = predictions - targets
        return np.abs(residual), np.sign(residual)
