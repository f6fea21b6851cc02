"""Barron's loss as a probability: its normalised negative log-likelihood, from which shape and scale can be learned."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from lossbook.functions import Array

from .base import Facts, ResidualLoss, check_numbers
from .options import Option, between, check_number, check_positive
from .robust import GeneralRobustLoss

# Nodes of the double-exponential rule on the real line: x = sinh(π/2 sinh t), even steps in t. The integrand falls at
# least like 1/x², so what lies beyond the last node, x ≈ 10²⁷, is lost in the last digit. The step is so fine because ρ
# has branch points at ±i√(2 − α), which come close to the real line where α is near 2.
_STEP = 1 / 256
_T = np.arange(-4.4, 4.4, _STEP)
_X = np.sinh(math.pi / 2 * np.sinh(_T))
_DX = _STEP * math.pi / 2 * np.cosh(_T) * np.cosh(math.pi / 2 * np.sinh(_T))


class AdaptiveRobustLoss(ResidualLoss):
    r"""Negative log-likelihood of the distribution behind Barron's family: it can learn its own shape.

    Domain
        Any real numbers; α from 0 to 2.
    Formula
        With :math:`\rho` of `GeneralRobustLoss`: :math:`\ell = \rho(r, \alpha, c) + \ln c + \ln Z(\alpha)`, where
        :math:`Z(\alpha) = \int e^{-\rho(x, \alpha, 1)}\, dx` makes the density integrate to one. Without it the best α
        would always be the smallest: every residual costs less. It can be negative, as any density can exceed 1.
    Gradient
        By the prediction that of ρ. By the parameters (`grad_parameters`):
        :math:`\partial\rho/\partial\alpha + Z'(\alpha)/Z(\alpha)`, and :math:`(1 - r\, \partial\rho/\partial r)/c`.
    Model
        Its own: normal at α = 2, a Cauchy distribution at α = 0.
    Equivalent
        ``robust_loss_pytorch.AdaptiveLossFunction`` of the paper's author, where Z is a spline; not in PyTorch itself,
        scikit-learn, Optax or Keras.

    Parameters
    ----------
    alpha : float
        Shape, from 0 to 2. (For negative α there is no Z.)
    c : float
        Scale, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If α lies outside of 0 to 2, c is not above 0, or shapes do not agree.

    Examples
    --------
    >>> normal = AdaptiveRobustLoss(alpha=2.0, c=1.0)
    >>> float(normal.loss([0.0], [0.0]).round(6))  # ½ ln 2π
    0.918939
    """

    _facts = Facts(
        use="How robust the fit has to be shall be learned from the data.",
        task="regression", convex=False, smooth=True, lipschitz=math.inf, robust=False, model="Barron",
        paper="Barron", year=2019, doi="10.1109/CVPR.2019.00446",
    )  # fmt: skip

    alpha = Option(between(0, 2))
    c = Option(check_positive)

    # The two may be given by position, unlike other losses' arguments: a recorded experiment does so.
    def __init__(self, alpha: float = 1.0, c: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.alpha, self.c = alpha, c

    @property
    def facts(self) -> Facts:  # noqa: D102
        of_rho = GeneralRobustLoss(alpha=self.alpha, c=self.c).facts
        return replace(self._facts, convex=of_rho.convex, lipschitz=of_rho.lipschitz, robust=of_rho.robust)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        terms, slopes = GeneralRobustLoss(alpha=self.alpha, c=self.c)._of_residual(r)
        constant = math.log(self.c) + math.log(partition(self.alpha))
        return terms + r.dtype.type(constant), slopes

    def grad_parameters(self, predictions: ArrayLike, targets: ArrayLike) -> dict[str, float]:
        """Return the derivatives of the reduced loss by ``alpha`` and ``c``.

        Raises
        ------
        ValueError
            If the reduction is ``"none"``, or α = 2, where the derivative is infinite: it grows like the logarithm of
            2 − α.
        """
        if self.reduction == "none":
            raise ValueError("reduction: expected mean or sum, got 'none'")
        if self.alpha == 2:
            raise ValueError("alpha: expected a number below 2, where the derivative exists, got 2")
        predicted, wanted = self._check(predictions, targets)
        check_numbers(predicted, "predictions")
        check_numbers(wanted, "targets")
        r = (predicted - wanted).astype(np.float64).reshape(-1)
        _, slopes = GeneralRobustLoss(alpha=self.alpha, c=self.c)._of_residual(r)
        by_alpha = _rho_by_alpha(r / self.c, self.alpha) + partition_slope(self.alpha) / partition(self.alpha)
        by_c = (1 - r * slopes) / self.c
        whole = np.mean if self.reduction == "mean" else np.sum
        return {"alpha": float(whole(by_alpha)), "c": float(whole(by_c))}


@lru_cache(maxsize=256)
def partition(alpha: float) -> float:
    r"""Return :math:`Z(\alpha) = \int e^{-\rho(x, \alpha, 1)} dx` for α from 0 to 2.

    It has a closed form at few places only: :math:`\sqrt2\, \pi` at 0, :math:`2 e K_1(1)` at 1, :math:`\sqrt{2\pi}` at
    2. In between it is integrated by the double-exponential rule, which is right to the last digits.

    Examples
    --------
    >>> round(partition(2.0), 12) == round(math.sqrt(2 * math.pi), 12)
    True
    """
    check_number(alpha, "alpha", 0, 2)
    with np.errstate(over="ignore", under="ignore"):
        rho, _ = GeneralRobustLoss(alpha=alpha)._of_residual(_X)
        return math.fsum(np.exp(-rho) * _DX)


@lru_cache(maxsize=256)
def partition_slope(alpha: float) -> float:
    r"""Return :math:`dZ/d\alpha = -\int \frac{\partial\rho}{\partial\alpha} e^{-\rho}\, dx` for 0 ≤ α < 2."""
    if not 0 <= alpha < 2:
        raise ValueError(f"alpha: expected a number from 0 to below 2, got {alpha!r}")
    with np.errstate(over="ignore", under="ignore"):
        rho, _ = GeneralRobustLoss(alpha=alpha)._of_residual(_X)
        weight = np.exp(-rho)
        held = weight > 0
        return -math.fsum(_rho_by_alpha(np.where(held, _X, 0), alpha) * weight * _DX)


def _rho_by_alpha(u: Array, alpha: float) -> Array:
    """Return ∂ρ/∂α at scale 1, for 0 ≤ α < 2.

    With b = 2 − α, L = ln(1 + u²/b), x = αL/2 and φ(x) = (eˣ − 1)/x, ρ is (b/2) L φ(x).
    """
    b = 2 - alpha
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        s = u * u / b
        log = np.log1p(s)
        log_slope = np.where(np.isinf(s), 1, s / (1 + s)) / b
        x = alpha / 2 * log
        near = np.abs(x) < 1e-3
        safe = np.where(near, 1, x)
        phi = np.where(near, 1 + x / 2 * (1 + x / 3 * (1 + x / 4)), np.expm1(safe) / safe)
        phi_slope = np.where(
            near, 0.5 + x / 3 * (1 + 3 * x / 8 * (1 + 4 * x / 15)), (np.exp(safe) * (safe - 1) + 1) / (safe * safe)
        )
        x_slope = log / 2 + alpha / 2 * log_slope
        return -log * phi / 2 + b / 2 * (log_slope * phi + log * phi_slope * x_slope)
