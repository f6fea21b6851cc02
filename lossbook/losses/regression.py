"""Losses for regression."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array

from .base import ElementwiseLoss, Facts, ResidualLoss
from .options import Option, between, check_flag, check_positive, check_share, one_of
from .sums import sum_huber, sum_log_cosh, sum_pseudo_huber, sum_sizes, sum_squares


class MSELoss(ResidualLoss):
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
        ``sklearn.metrics.mean_squared_error``; ``optax.losses.squared_error``; ``optax.losses.l2_loss`` has the
        half.

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

    _facts = Facts(
        use="The mean is wanted, and the noise has no wild values: the first choice.",
        task="regression", convex=True, smooth=True, lipschitz=math.inf, robust=False, model="normal",
        paper="Legendre; Gauss", year=1805,
    )  # fmt: skip

    half = Option(check_flag)

    def __init__(self, *, half: bool = False, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.half = half

    @property
    def _factor(self) -> float:  # type: ignore[override]
        return 1.0 if self.half else 2.0

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        return r * (r / 2) if self.half else r * r, r

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        total = sum_squares(x - t, slopes, share)
        return total if self.half else 2 * total


class RMSELoss(ElementwiseLoss):
    r"""Root of the mean squared error, in the units of the target.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = \sqrt{\frac{1}{N} \sum_n (\hat y_n - y_n)^2}`. The largest residual is taken out first, so that no
        square overflows. There is no term of a single prediction, hence no other reduction.
    Gradient
        :math:`(\hat y_n - y_n) / (N \ell)`: that of the mean squared error, rescaled by one factor for the whole
        batch. 0 where all predictions are perfect, where the loss has a kink.
    Model
        Normal noise of unknown width: both have their minimum in the same place.
    Equivalent
        ``torch.sqrt(torch.nn.MSELoss()(…))`` in PyTorch, whose gradient at perfect predictions is NaN;
        ``sklearn.metrics.root_mean_squared_error``; ``keras.metrics.RootMeanSquaredError``, a metric only;
        ``jnp.sqrt(optax.losses.squared_error(…).mean())`` with Optax.

    Parameters
    ----------
    reduction : {"mean"}
        The mean under the root.

    Examples
    --------
    >>> float(RMSELoss().loss([3.0, 4.0], [0.0, 0.0]).round(6))
    3.535534
    """

    _facts = Facts(
        use="To report an error in the target's units.",
        task="regression", convex=True, smooth=False, lipschitz=1.0, robust=False, model="normal",
        paper="Gauss", year=1823,
    )  # fmt: skip
    reduction = Option(one_of("mean"))

    def _reduced(self, predictions: ArrayLike, targets: ArrayLike, with_slopes: bool) -> tuple[Any, Array]:
        p, t = self._check(predictions, targets)
        if np.isinf(p).any() or np.isinf(t).any():
            raise ValueError("predictions, targets: expected finite numbers, got an infinity")
        half = p / 2 - t / 2  # the difference of two large numbers may overflow, that of their halves does not
        largest = np.abs(half).max()
        if largest == 0:
            return p.dtype.type(0), np.zeros_like(p)
        with np.errstate(over="ignore", under="ignore"):
            share = half / largest
            root = np.sqrt((share * share).mean())
            return 2 * (largest * root), share / (root * p.dtype.type(p.size))

    def _terms_and_slopes(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        raise NotImplementedError("the root is taken of the whole batch")


class L1Loss(ResidualLoss):
    r"""Absolute error.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = |\hat y - y|`.
    Gradient
        :math:`\operatorname{sign}(\hat y - y)`; 0 at the kink, which is PyTorch's choice of subgradient.
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

    _facts = Facts(
        use="The median is wanted, or some targets are wild.",
        task="regression", convex=True, smooth=False, lipschitz=1.0, robust=True, model="Laplace",
        paper="Boscovich; Laplace", year=1757,
    )  # fmt: skip

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        return np.abs(r), np.sign(r)

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_sizes(x - t, slopes, share)


class SmoothL1Loss(ResidualLoss):
    r"""Squared near zero, absolute beyond β: the box loss of Fast R-CNN.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = r^2 / (2\beta)` for :math:`|r| < \beta`, else :math:`|r| - \beta/2`, with
        :math:`r = \hat y - y`. For β = 0 it is the absolute error.
    Gradient
        :math:`\max(-1, \min(1, r/\beta))`; 0 at the kink that β = 0 leaves.
    Model
        None that has a name: a normal centre with Laplace tails.
    Equivalent
        ``torch.nn.SmoothL1Loss(beta)``. It is ``HuberLoss(beta) / beta``: its slope at large residuals is 1. So with
        Keras and Optax it is their Huber loss over β; not in scikit-learn.

    Parameters
    ----------
    beta : float
        Where the square ends, at least 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> SmoothL1Loss(reduction="none").loss([0.5, 3.0], [0.0, 0.0]).tolist()
    [0.125, 2.5]
    """

    _facts = Facts(
        use="Boxes in detection: steady slope far off, smooth near the goal.",
        task="regression", convex=True, smooth=True, lipschitz=1.0, robust=True,
        paper="Girshick", year=2015, doi="10.1109/ICCV.2015.169",
    )  # fmt: skip

    beta = Option(between(0))

    def __init__(self, *, beta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.beta = beta

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, smooth=self.beta > 0)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        slope = (r / self.beta).clip(-1, 1) if self.beta else np.sign(r)
        # Near zero s = r/β, and s (r − β s/2) is r²/(2β); beyond β s = ±1, and it is |r| − β/2.
        return slope * (r - slope * (self.beta / 2)), slope

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        if not self.beta:
            return sum_sizes(x - t, slopes, share)
        total = sum_huber(x - t, self.beta, slopes, share)
        if slopes is not None:
            slopes /= x.dtype.type(self.beta)
        return total / self.beta


class HuberLoss(ResidualLoss):
    r"""Squared near zero, linear beyond δ.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = r^2 / 2` for :math:`|r| \le \delta`, else :math:`\delta (|r| - \delta/2)`, with
        :math:`r = \hat y - y`. δ is chosen beforehand, not trained; 1.345 σ keeps 95 % efficiency under normal noise.
    Gradient
        :math:`\max(-\delta, \min(\delta, r))`, the clipped residual.
    Model
        Huber's least favourable distribution: a normal centre with exponential tails.
    Equivalent
        ``torch.nn.HuberLoss(delta)``; ``keras.losses.Huber(delta)``; ``optax.losses.huber_loss(…, delta=…)``;
        ``scipy.optimize.least_squares(loss="huber", f_scale=delta)``, which takes the sum;
        ``sklearn.linear_model.HuberRegressor(epsilon)`` fits the scale as well.

    Parameters
    ----------
    delta : float
        Where the square ends, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> HuberLoss(delta=2.0, reduction="none").loss([1.0, 3.0], [0.0, 0.0]).tolist()
    [0.5, 4.0]
    """

    _facts = Facts(
        use="Regression with some wild targets: the first choice. δ near 1.345 σ of the noise.",
        task="regression", convex=True, smooth=True, lipschitz=1.0, robust=True, model="Huber",
        paper="Huber", year=1964, doi="10.1214/aoms/1177703732",
    )  # fmt: skip

    delta = Option(check_positive)

    def __init__(self, *, delta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, lipschitz=self.delta)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        clipped = r.clip(-self.delta, self.delta)
        # With c = clip(r) both cases are c (r − c/2): near zero c = r, and beyond δ c = ±δ.
        return clipped * (r - clipped / 2), clipped

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_huber(x - t, self.delta, slopes, share)


class PseudoHuberLoss(ResidualLoss):
    r"""Huber's loss with its corner rounded off.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = \delta^2 (\sqrt{1 + (r/\delta)^2} - 1)`. The difference would lose small residuals; it is
        computed as :math:`r^2 / (1 + \sqrt{1 + (r/\delta)^2})`.
    Gradient
        :math:`r / \sqrt{1 + (r/\delta)^2}`.
    Model
        A hyperbolic distribution.
    Equivalent
        ``scipy.special.pseudo_huber(delta, r)``; ``scipy.optimize.least_squares(loss="soft_l1", f_scale=delta)``, which
        takes the sum; Barron's loss with α = 1 and c = δ, times δ²; not in PyTorch,
        scikit-learn, Optax or Keras.

    Parameters
    ----------
    delta : float
        Where the square gives way, above 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="As Huber's, for solvers that want second derivatives everywhere.",
        task="regression", convex=True, smooth=True, lipschitz=1.0, robust=True, model="hyperbolic",
        paper="Charbonnier et al.", year=1997, doi="10.1109/83.551699",
    )  # fmt: skip

    delta = Option(check_positive)

    def __init__(self, *, delta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, lipschitz=self.delta)

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        size = np.abs(r)
        far = size / self.delta > 1e8  # where the loss is a straight line to the last digit
        root = np.hypot(1, np.where(far, 0, r / self.delta)).astype(r.dtype, copy=False)
        near = np.where(far, 0, r)
        slope = np.where(far, self.delta * np.sign(r), near / root).astype(r.dtype, copy=False)
        # r² / (1 + root), without forming r²: root / (1 + root) lies between ½ and 1.
        terms = np.where(far, self.delta * (size - self.delta), near * (slope * (root / (1 + root))))
        return terms.astype(r.dtype, copy=False), slope

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_pseudo_huber(x - t, self.delta, slopes, share)


class LogCoshLoss(ResidualLoss):
    r"""The logarithm of the hyperbolic cosine: squared near zero, absolute far away, smooth everywhere.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = \ln\cosh r`, computed as :math:`-\ln(1 - \tanh^2 r) / 2` near zero and as
        :math:`|r| - \ln(1 + \tanh |r|)` elsewhere: cosh itself overflows at 711.
    Gradient
        :math:`\tanh r`.
    Model
        The hyperbolic secant distribution.
    Equivalent
        ``keras.losses.LogCosh``; ``optax.losses.log_cosh``; not in PyTorch or scikit-learn.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Examples
    --------
    >>> LogCoshLoss(reduction="none").loss([1000.0], [0.0]).round(4).tolist()
    [999.3069]
    """

    _facts = Facts(
        use="As Huber's, with nothing to choose, where residuals are of order 1.",
        task="regression", convex=True, smooth=True, lipschitz=1.0, robust=True, model="hyperbolic secant",
        paper="Green", year=1990, doi="10.1109/42.52985",
    )  # fmt: skip

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        slope, size = np.tanh(r), np.abs(r)
        near = size < 1
        # 1 − tanh² r is 1 / cosh² r, and 1 + tanh |r| is e^|r| / cosh r.
        logarithm = np.log1p(np.where(near, -slope * slope, np.abs(slope)))
        return np.where(near, -logarithm / 2, size - logarithm), slope

    def _sum_quickly(self, x: Array, t: NDArray[Any], slopes: Array | None, share: Any) -> Any:
        return sum_log_cosh(x - t, slopes, share)


class QuantileLoss(ResidualLoss):
    r"""Tilted absolute error, whose best constant is a quantile; also called pinball loss.

    Domain
        Any real numbers.
    Formula
        With :math:`u = y - \hat y`: :math:`\ell = q u` for :math:`u \ge 0`, else :math:`(q - 1) u`.
    Gradient
        :math:`-q` for :math:`u > 0`, else :math:`1 - q`: too low and too high a prediction; 0 at the kink.
    Model
        The asymmetric Laplace distribution.
    Equivalent
        ``sklearn.metrics.mean_pinball_loss(alpha=q)``; not in PyTorch, Keras or Optax.

    Parameters
    ----------
    q : float
        Which quantile, strictly between 0 and 1; ½ gives half the absolute error.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="A quantile is wanted, or an interval from two of them.",
        task="regression", convex=True, smooth=False, lipschitz=1.0, robust=True, model="asymmetric Laplace",
        paper="Koenker and Bassett", year=1978, doi="10.2307/1913643",
    )  # fmt: skip

    q = Option(check_share)

    def __init__(self, *, q: float = 0.5, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.q = q

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, lipschitz=max(self.q, 1 - self.q))

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        slope = np.where(r > 0, 1 - self.q, -self.q).astype(r.dtype) * np.abs(np.sign(r))
        return slope * np.where(slope == 0, 0, r), slope


class EpsilonInsensitiveLoss(ResidualLoss):
    r"""Absolute error with a free zone of ε to each side: the loss of support vector regression.

    Domain
        Any real numbers.
    Formula
        :math:`\ell = \max(0, |r| - \varepsilon)`.
    Gradient
        :math:`\operatorname{sign}(r)` for :math:`|r| > \varepsilon`, else 0, at the edges too.
    Model
        None that has a name.
    Equivalent
        ``sklearn.svm.SVR(epsilon)`` and ``SGDRegressor(loss="epsilon_insensitive")`` fit it; not in PyTorch,
        Optax or Keras.

    Parameters
    ----------
    epsilon : float
        Half the width of the free zone, at least 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        use="Errors below ε do not matter; few samples shall carry the fit.",
        task="regression", convex=True, smooth=False, lipschitz=1.0, robust=True,
        paper="Vapnik", year=1995, doi="10.1007/978-1-4757-2440-0",
    )  # fmt: skip

    epsilon = Option(between(0))

    def __init__(self, *, epsilon: float = 0.1, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.epsilon = epsilon

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        outside = np.maximum(np.abs(r) - self.epsilon, 0)
        return outside, np.where(outside > 0, np.sign(r), 0).astype(r.dtype)
