"""Likelihoods of the models that losses come from: log-likelihood, its gradient, its maximum.

Every model has the same methods. `constant=False` drops what does not depend on the parameters (the number of
orders of the tosses, ln √(2π)): the maximum stays where it is. Gradients are those of the *negative* log-likelihood,
which is what a loss descends.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, xlogy


def _probability(value: ArrayLike, name: str = "theta") -> Array:
    array = as_floats(value, name)
    if not ((array >= 0) & (array <= 1)).all():
        raise ValueError(f"{name}: expected a probability from 0 to 1, got {value}")
    return array


def _probabilities(value: ArrayLike) -> Array:
    p = _probability(value, "p")
    if p.ndim != 1 or p.size < 2 or abs(p.sum() - 1) > 1e-6:
        raise ValueError(f"p: expected at least two probabilities that sum to 1, got {value}")
    return p


def _positive(value: float, name: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name}: expected a finite number above 0, got {value}")
    return float(value)


def _whole(value: ArrayLike, name: str, most: int | None = None) -> NDArray[np.int64]:
    array = as_floats(value, name)
    if array.size == 0 or (array != np.floor(array)).any() or (array < 0).any():
        raise ValueError(f"{name}: expected whole numbers, not negative, at least one, got {value}")
    if most is not None and (array > most).any():
        raise ValueError(f"{name}: expected at most {most}, got {value}")
    return array.astype(np.int64)


def _observations(value: ArrayLike) -> Array:
    data = as_floats(value, "data")
    if data.size == 0 or not np.isfinite(data).all():
        raise ValueError("data: expected at least one observation, all finite")
    return data


def _log_factorial(n: ArrayLike) -> float:
    return float(sum(math.lgamma(k + 1) for k in np.ravel(n)))


def _share(count: ArrayLike, probability: ArrayLike) -> Array:
    """Return count / probability, and 0 for a count of 0: what was not seen pulls nowhere."""
    count, probability = np.asarray(count, dtype=float), np.asarray(probability, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count == 0, 0.0, count / probability)


class Model(ABC):
    """What the models share."""

    @abstractmethod
    def log_likelihood(self, *args: Any, **kwargs: Any) -> float:
        """Return the logarithm of the probability of all observations together."""

    @abstractmethod
    def _count(self, data: ArrayLike) -> int:
        """Return how many observations the mean is taken over."""

    def negative_log_likelihood(self, *args: Any, data: ArrayLike, reduction: str = "mean", **kwargs: Any) -> float:
        """Return minus the log-likelihood, per observation or in sum.

        Parameters
        ----------
        *args, **kwargs
            As for `log_likelihood`.
        data : array_like
            The observations.
        reduction : {"mean", "sum"}
            Whether to divide by the number of observations.
        """
        return -self.log_likelihood(*args, data=data, **kwargs) / self._divisor(data, reduction) + 0.0

    def _divisor(self, data: ArrayLike, reduction: str) -> int:
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction: expected mean or sum, got {reduction!r}")
        return self._count(data) if reduction == "mean" else 1


class Bernoulli(Model):
    r"""A coin: one toss is heads (1) with probability θ and tails (0) otherwise.

    Formula
        :math:`\ln L(\theta) = N_1 \ln\theta + (N - N_1) \ln(1 - \theta)`.
    Maximum
        :math:`\hat\theta = N_1 / N`.
    Source
        Bernoulli 1713; Fisher 1922, doi:10.1098/rsta.1922.0009.

    Examples
    --------
    >>> Bernoulli().maximum([1, 0, 1, 1])
    0.75
    """

    def log_likelihood(self, theta: float, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood of a sequence of tosses; it has no constant to drop."""
        p, tosses = float(_probability(theta)), _whole(data, "data", most=1)
        heads = int(tosses.sum())
        return _coin(p, heads, tosses.size - heads)

    def gradient(self, theta: float, data: ArrayLike, reduction: str = "mean") -> float:
        """Return the derivative of the negative log-likelihood by θ: (N − N₁)/(1 − θ) − N₁/θ."""
        p, tosses = float(_probability(theta)), _whole(data, "data", most=1)
        heads = int(tosses.sum())
        return _coin_slope(p, heads, tosses.size - heads) / self._divisor(data, reduction)

    def maximum(self, data: ArrayLike) -> float:
        """Return the share of heads."""
        return float(_whole(data, "data", most=1).mean())

    def standard_error(self, theta: float, tosses: int) -> float:
        """Return √(θ(1 − θ)/N): one over the root of minus the curvature at the maximum."""
        p = float(_probability(theta))
        return math.sqrt(p * (1 - p) / _positive(tosses, "tosses"))

    def _count(self, data: ArrayLike) -> int:
        return int(np.size(data))


class Binomial(Model):
    r"""The number of heads among `tosses` tosses, in whatever order.

    Formula
        :math:`\ln L(\theta) = \ln\binom{N}{N_1} + N_1 \ln\theta + (N - N_1) \ln(1 - \theta)`.
    Maximum
        :math:`\hat\theta = N_1 / N`; for several counts their mean in place of :math:`N_1`.

    Parameters
    ----------
    tosses : int
        N, at least 1.

    Examples
    --------
    >>> round(Binomial(100).log_likelihood(theta=0.6, data=60, constant=False), 4)
    -67.3012
    """

    def __init__(self, tosses: int) -> None:
        if tosses != int(tosses) or tosses < 1:
            raise ValueError(f"tosses: expected a whole number, at least 1, got {tosses}")
        self.tosses = int(tosses)

    def log_likelihood(self, theta: float, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood of one count of heads, or of several independent ones."""
        p, heads = float(_probability(theta)), np.atleast_1d(_whole(data, "data", most=self.tosses))
        kernel = _coin(p, int(heads.sum()), int((self.tosses - heads).sum()))
        if not constant:
            return kernel
        orders = heads.size * _log_factorial(self.tosses) - _log_factorial(heads) - _log_factorial(self.tosses - heads)
        return orders + kernel

    def gradient(self, theta: float, data: ArrayLike, reduction: str = "mean") -> float:
        """Return the derivative of the negative log-likelihood by θ."""
        p, heads = float(_probability(theta)), np.atleast_1d(_whole(data, "data", most=self.tosses))
        slope = _coin_slope(p, int(heads.sum()), int((self.tosses - heads).sum()))
        return slope / self._divisor(data, reduction)

    def maximum(self, data: ArrayLike) -> float:
        """Return the share of heads."""
        return float(np.mean(_whole(data, "data", most=self.tosses)) / self.tosses)

    def _count(self, data: ArrayLike) -> int:
        return int(np.size(data))


def _coin(theta: float, heads: int, tails: int) -> float:
    # log1p keeps the digits of ln(1 − θ) for the rarest heads; no tails cost nothing even at θ = 1.
    with np.errstate(divide="ignore"):
        return float(xlogy(heads, theta) + (tails * np.log1p(-theta) if tails else 0.0))


def _coin_slope(theta: float, heads: int, tails: int) -> float:
    return float(_share(tails, 1 - theta) - _share(heads, theta))


class Categorical(Model):
    r"""One of K classes, class k with probability :math:`p_k`; what a classifier's softmax describes.

    Formula
        :math:`\ln L(p) = \sum_k n_k \ln p_k`, with :math:`n_k` the number of observations of class k.
    Maximum
        :math:`\hat p_k = n_k / N`.

    Examples
    --------
    >>> round(Categorical().negative_log_likelihood([0.01, 0.01, 0.98], data=[2]), 4)
    0.0202
    """

    def log_likelihood(self, p: ArrayLike, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood of class indices; it has no constant to drop."""
        p = _probabilities(p)
        return float(xlogy(self._counts(data, p.size), p).sum())

    def gradient(self, p: ArrayLike, data: ArrayLike, reduction: str = "mean") -> Array:
        """Return the partial derivatives of the negative log-likelihood: −n_k / p_k."""
        p = _probabilities(p)
        return -_share(self._counts(data, p.size), p) / self._divisor(data, reduction) + 0.0

    def maximum(self, data: ArrayLike, classes: int) -> Array:
        """Return the share of each class."""
        counts = self._counts(data, classes)
        return counts / counts.sum()

    @staticmethod
    def _counts(data: ArrayLike, classes: int) -> NDArray[np.int64]:
        return np.bincount(np.ravel(_whole(data, "data", most=classes - 1)), minlength=classes)

    def _count(self, data: ArrayLike) -> int:
        return int(np.size(data))


class Multinomial(Model):
    r"""How often each of K classes came up in `trials` trials.

    Formula
        :math:`\ln L(p) = \ln\frac{n!}{n_1! \cdots n_K!} + \sum_k n_k \ln p_k`.
    Maximum
        :math:`\hat p_k = n_k / n`.

    Parameters
    ----------
    trials : int
        n, at least 1.
    """

    def __init__(self, trials: int) -> None:
        if trials != int(trials) or trials < 1:
            raise ValueError(f"trials: expected a whole number, at least 1, got {trials}")
        self.trials = int(trials)

    def log_likelihood(self, p: ArrayLike, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood of the counts of the classes."""
        p = _probabilities(p)
        counts = self._counts(data)
        if counts.size != p.size:
            raise ValueError(f"data: expected {p.size} counts, one per class, got {counts.size}")
        orders = _log_factorial(self.trials) - _log_factorial(counts) if constant else 0.0
        return orders + float(xlogy(counts, p).sum())

    def gradient(self, p: ArrayLike, data: ArrayLike, reduction: str = "mean") -> Array:
        """Return the partial derivatives of the negative log-likelihood: −n_k / p_k."""
        p = _probabilities(p)
        return -_share(self._counts(data), p) / self._divisor(data, reduction) + 0.0

    def maximum(self, data: ArrayLike) -> Array:
        """Return the share of each class."""
        return self._counts(data) / self.trials

    def _counts(self, data: ArrayLike) -> NDArray[np.int64]:
        counts = _whole(data, "data")
        if counts.ndim != 1 or counts.sum() != self.trials:
            raise ValueError(f"data: expected one row of counts that sum to {self.trials}, got {data}")
        return counts

    def _count(self, data: ArrayLike) -> int:
        return 1


class Gaussian(Model):
    r"""Normal noise around a mean.

    Formula
        :math:`\ln L(\mu, \sigma^2) = -\sum_n \frac{(x_n - \mu)^2}{2\sigma^2} - \frac{N}{2}\ln\sigma^2
        - \frac{N}{2}\ln 2\pi`.
    Maximum
        The mean of the data, and the mean squared distance from it.

    Examples
    --------
    >>> Gaussian().maximum([1.0, 2.0, 6.0])
    (3.0, 4.666666666666667)
    """

    def log_likelihood(self, mean: ArrayLike, variance: float, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood; `mean` is one number, or one for each observation."""
        x, scale = _observations(data), _positive(variance, "variance")
        residual = x - _centre(mean, x, "mean")
        total = -float((residual**2).sum()) / (2 * scale) - 0.5 * x.size * math.log(scale)
        return total - 0.5 * x.size * math.log(2 * math.pi) if constant else total

    def gradient(
        self, mean: ArrayLike, variance: float, data: ArrayLike, reduction: str = "mean"
    ) -> tuple[Array | float, float]:
        """Return the derivatives of the negative log-likelihood by the mean and by the variance."""
        x, scale = _observations(data), _positive(variance, "variance")
        residual = _centre(mean, x, "mean") - x
        by_mean = residual / scale / self._divisor(data, reduction)
        by_variance = (0.5 * x.size / scale - float((residual**2).sum()) / (2 * scale**2)) / self._divisor(
            data, reduction
        )
        return (float(by_mean.sum()) if np.ndim(mean) == 0 else by_mean), by_variance

    def maximum(self, data: ArrayLike) -> tuple[float, float]:
        """Return mean and variance (divided by N, not N − 1)."""
        x = _observations(data)
        return float(x.mean()), float(x.var())

    def _count(self, data: ArrayLike) -> int:
        return int(np.size(data))


class Laplace(Model):
    r"""Laplace noise around a location: sharper at the centre and heavier in the tails than the normal.

    Formula
        :math:`\ln L(\mu, b) = -\sum_n \frac{|x_n - \mu|}{b} - N \ln b - N \ln 2`.
    Maximum
        The median of the data, and the mean absolute distance from it.

    Examples
    --------
    >>> Laplace().maximum([1.0, 2.0, 6.0])
    (2.0, 1.6666666666666667)
    """

    def log_likelihood(self, location: ArrayLike, scale: float, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood; `location` is one number, or one for each observation."""
        x, b = _observations(data), _positive(scale, "scale")
        total = -float(np.abs(x - _centre(location, x, "location")).sum()) / b - x.size * math.log(b)
        return total - x.size * math.log(2) if constant else total

    def gradient(
        self, location: ArrayLike, scale: float, data: ArrayLike, reduction: str = "mean"
    ) -> tuple[Array | float, float]:
        """Return the derivatives of the negative log-likelihood by location (0 at the kink) and by scale."""
        x, b = _observations(data), _positive(scale, "scale")
        residual = _centre(location, x, "location") - x
        by_location = np.sign(residual) / b / self._divisor(data, reduction)
        by_scale = (x.size / b - float(np.abs(residual).sum()) / b**2) / self._divisor(data, reduction)
        return (float(by_location.sum()) if np.ndim(location) == 0 else by_location), by_scale

    def maximum(self, data: ArrayLike) -> tuple[float, float]:
        """Return median and mean absolute deviation from it."""
        x = _observations(data)
        centre = float(np.median(x))
        return centre, float(np.abs(x - centre).mean())

    def _count(self, data: ArrayLike) -> int:
        return int(np.size(data))


def _centre(value: ArrayLike, data: Array, name: str) -> Array:
    centre = as_floats(value, name)
    if centre.shape not in ((), data.shape):
        raise ValueError(f"{name}: expected one number or the shape of data, {data.shape}, got {centre.shape}")
    if not np.isfinite(centre).all():
        raise ValueError(f"{name}: expected finite numbers, got {value}")
    return centre
