"""Losses for regression that let wild targets pull ever less."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.functions import Array

from .base import Facts, ResidualLoss
from .options import Option, check_positive, check_shape
from .sums import sum_cauchy

# Beyond this the square of a number is its own 1 + square, and may overflow.
_LARGE = 1e8
# With α farther than this from 2, Barron's loss is its limit at ±∞ to the last digit.
_LIMIT = 1e30


class CauchyLoss(ResidualLoss):
    r"""Grows like a logarithm: the pull of a wild target fades.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = \frac{c^2}{2} \ln(1 + (r/c)^2)`.
    Gradient
        :math:`r / (1 + (r/c)^2)`: largest at :math:`|r| = c`, and zero far away.
    Model
        The Cauchy distribution of scale c: minus its log-likelihood is :math:`2\ell / c^2` plus a constant.
    Equivalent
        ``scipy.optimize.least_squares(loss="cauchy", f_scale=c)``, which takes the sum; Barron's loss with α = 0 uses
        :math:`\ln(1 + (r/c)^2/2)`; not in PyTorch, scikit-learn, Keras or Optax.

    Parameters
    ----------
    c : float
        Scale, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Heavy tails: a wild target shall hardly pull. Start near the answer.",
        task="regression", convex=False, smooth=True, lipschitz=0.5, robust=True, model="Cauchy",
        paper="Holland and Welsch", year=1977, doi="10.1080/03610927708827533",
    )  # fmt: skip

    c = Option(check_positive)

    def __init__(self, *, c: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.c = c

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, lipschitz=self.c / 2)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        u = r / self.c
        size = np.abs(u)
        inside = np.clip(size, 1 / _LARGE, _LARGE)
        logarithm = np.log1p(inside * inside)
        # ln(1 + u²) is 2 ln u far away, where u² may overflow.
        far = size > _LARGE
        logarithm = np.where(far, 2 * (np.log(np.where(far, np.abs(r), 1)) - math.log(self.c)), logarithm)
        # Near zero the loss is r²/2; the product with ln(1 + u²) would pass through numbers too small to hold.
        terms = np.where(size < 1 / _LARGE, r * (r / 2), self.c * logarithm * (self.c / 2))
        # r / (1 + u²) = c / (u + 1/u): no square that could overflow.
        slope = np.where(size > 1, self.c / (u + 1 / np.where(u == 0, 1, u)), r / (1 + inside * inside))
        return terms.astype(r.dtype), slope.astype(r.dtype)

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_cauchy(x - t, self.c, slopes, share)


class TukeyBiweightLoss(ResidualLoss):
    r"""Constant beyond c: what lies farther does not pull at all.

    Domain
        Any real numbers.
    Formula
        With :math:`u = r/c`: :math:`\ell = \frac{c^2}{6} (1 - (1 - u^2)^3)` for :math:`|u| \le 1`, else
        :math:`c^2/6`. The difference is multiplied out,
        :math:`1 - (1 - u^2)^3 = u^2 (3 - 3u^2 + u^4)`, so small residuals keep their digits.
    Gradient
        :math:`r (1 - u^2)^2` for :math:`|u| \le 1`, else 0.
    Model
        None: the density would not be integrable.
    Equivalent
        ``statsmodels.robust.norms.TukeyBiweight(c)``; not in PyTorch, scikit-learn, Keras or Optax.

    Parameters
    ----------
    c : float
        Where the pull ends, above 0; 4.685 σ keeps 95 % efficiency under normal noise.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Wild targets shall not pull at all. Start from a robust fit.",
        task="regression", convex=False, smooth=True, lipschitz=16 / (25 * math.sqrt(5)), robust=True,
        paper="Beaton and Tukey", year=1974, doi="10.1080/00401706.1974.10489171",
    )  # fmt: skip

    c = Option(check_positive)

    def __init__(self, *, c: float = 4.685, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.c = c

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, lipschitz=16 / (25 * math.sqrt(5)) * self.c)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        inner = np.clip(r, -self.c, self.c)
        u = inner / self.c
        square = u * u
        # 1 − u² near the edge: there c − |r| is exact, and 1 − |u| is not.
        inside = (self.c - np.abs(inner)) / self.c * (1 + np.abs(u))
        terms = inner * inner * (3 - 3 * square + square * square) / 6
        return terms.astype(r.dtype), (inner * inside * inside).astype(r.dtype)


class GeneralRobustLoss(ResidualLoss):
    r"""Barron's family: one parameter α leads from the squared error over Charbonnier and Cauchy to Welsch.

    Domain
        Any real numbers; α from −∞ to ∞.
    Formula
        With :math:`u = r/c` and :math:`b = |\alpha - 2|`:
        :math:`\ell = \frac{b}{\alpha} \left((u^2/b + 1)^{\alpha/2} - 1\right)`, and its limits
        :math:`u^2/2` at α = 2, :math:`\ln(1 + u^2/2)` at 0, :math:`1 - e^{-u^2/2}` at −∞,
        :math:`e^{u^2/2} - 1` at ∞. It is computed with expm1 and log1p, so that values of α near 2 and 0
        lose no digits.
    Gradient
        :math:`\frac{r}{c^2} (u^2/b + 1)^{\alpha/2 - 1}`.
    Model
        For α ≥ 0 a distribution that `AdaptiveRobustLoss` normalises.
    Equivalent
        ``robust_loss_pytorch.general.lossfun(r, alpha, scale=c)`` of the paper's author, which moves α away from
        2 and 0; not in PyTorch itself, scikit-learn, Optax or Keras.

    Parameters
    ----------
    alpha : float
        Shape: 2 squared, 1 Charbonnier (pseudo-Huber), 0 Cauchy, −2 Geman–McClure, −∞ Welsch.
    c : float
        Scale, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> [float(GeneralRobustLoss(alpha=alpha).loss([1.0], [0.0]).round(6)) for alpha in (2, 1, 0, -2, -math.inf)]
    [0.5, 0.414214, 0.405465, 0.4, 0.393469]
    """

    _facts = Facts(
        use="To try how robust a fit has to be, by one number.",
        task="regression", convex=True, smooth=True, lipschitz=1.0, robust=True,
        paper="Barron", year=2019, doi="10.1109/CVPR.2019.00446",
    )  # fmt: skip

    alpha = Option(check_shape)
    c = Option(check_positive)

    def __init__(self, *, alpha: float = 1.0, c: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.alpha, self.c = alpha, c

    @property
    def facts(self) -> Facts:  # noqa: D102
        alpha, c = self.alpha, self.c
        steepest = math.inf
        if alpha == -math.inf:
            steepest = math.exp(-0.5) / c
        elif alpha <= 1:  # the slope is largest at u² = b / (1 − α), which for α = 1 lies at infinity
            b, rest = 2 - alpha, 1 - alpha
            # (1 − α)^((1 − α)/2) b^((α − 1)/2): either power alone overflows for shapes of hundreds.
            steepest = (rest / b) ** (rest / 2) / c
        return replace(self._facts, convex=alpha >= 1, robust=alpha <= 1, lipschitz=steepest)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        alpha, u = self.alpha, r / self.c
        by_c = u / self.c
        if alpha == 2:
            return u * (u / 2), by_c
        b = abs(alpha - 2)  # never 0 here
        if b > _LIMIT:
            half = u * (u / 2)
            sign = 1.0 if alpha > 0 else -1.0
            slopes = np.where(sign * half < -800, 0, by_c * np.exp(sign * np.where(sign * half < -800, 0, half)))
            return sign * np.expm1(sign * half), slopes.astype(r.dtype)
        scaled = np.abs(u) / math.sqrt(b)
        far = scaled > _LARGE  # where 1 + u²/b is u²/b
        tiny = np.abs(u) < 1 / _LARGE  # where every member of the family is u²/2
        inside = np.where(far | tiny, 1, u)
        # ln |u| from r and c, since their quotient may overflow.
        log_size = np.log(np.where(far, np.abs(r), 1)) - math.log(self.c)
        logarithm = np.where(far, 2 * log_size - math.log(b), np.log1p(inside * inside / b))
        x = alpha / 2 * logarithm if alpha else np.zeros_like(logarithm)  # not 0 · ∞ for an infinite residual
        # (b/α) expm1(x) = (b/2) ln(1 + u²/b) · expm1(x)/x: right at α = 0, and near it, with no division by α.
        terms = b / 2 * logarithm * _expm1_over_x(np.where(np.abs(x) > 1, 0, x))
        # b (u²/b)^(α/2) is a power of |u|/√b for a large b, of |u| for a small one: neither overflows before its time.
        unit = max(1.0, math.sqrt(b))
        stretch, steepening = (b, unit) if b > 1 else (b ** (1 - alpha / 2),) * 2
        size, log_size = np.abs(u) / unit, log_size - math.log(unit)
        if alpha != 0:
            # Where x is large the power is taken directly, since exp would multiply the rounding of x.
            power = np.where(far, _power(size, log_size, alpha, far) * stretch, b * np.exp(np.where(far, 0, x)))
            terms = np.where(np.abs(x) > 1, (power - b) / alpha, terms)
        slopes = np.where(tiny | far, by_c, by_c * np.exp(np.where(far, 0, (alpha / 2 - 1) * logarithm)))
        steep = np.sign(u) * _power(size, log_size, alpha - 1, far) * (steepening / self.c)
        slopes = np.where(far, steep, slopes)
        return np.where(tiny, u * (u / 2), terms).astype(r.dtype), slopes.astype(r.dtype)


def _power(size: Array, log_size: Array, exponent: float, where: Array) -> Array:
    """Return a size to a power where asked, from its logarithm where it is beyond the largest float itself."""
    if exponent == 0:
        return np.ones_like(log_size)
    held = where & np.isfinite(size)
    return np.where(held, np.where(held, size, 1) ** exponent, np.exp(exponent * np.where(held, 0, log_size)))


def _expm1_over_x(x: Array) -> Array:
    """Return (eˣ − 1)/x, which is 1 at 0."""
    return np.where(x == 0, 1, np.expm1(x) / np.where(x == 0, 1, x))
