"""Likelihoods of the models that losses come from: log-likelihood, its gradient, its maximum.

Every model has the same methods. `constant=False` drops what does not depend on the parameters (the number of
orders of the tosses, ln √(2π)): the maximum stays where it is. Gradients are those of the *negative* log-likelihood,
which is what a loss descends. Numbers come back as Python floats, computed in float64; arrays of gradient
keep float32.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, log_choose, xlogy


def _probability(value: ArrayLike, name: str = "theta") -> Array:
    array = as_floats(value, name)
    if not ((array >= 0) & (array <= 1)).all():
        raise ValueError(f"{name}: expected a probability from 0 to 1, got {value}")
    return array


def _theta(value: float) -> float:
    p = _probability(value)
    if p.ndim:
        raise ValueError(f"theta: expected one probability, got shape {p.shape}")
    return float(p)


def _probabilities(value: ArrayLike) -> Array:
    p = _probability(value, "p").astype(np.float64)
    if p.ndim != 1 or p.size < 2 or abs(p.sum() - 1) > 1e-6:
        raise ValueError(f"p: expected at least two probabilities that sum to 1, got {value}")
    return p


def _positive(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < math.inf:
        raise ValueError(f"{name}: expected a finite number above 0, got {value!r}")
    return float(value)


def _size(value: int, name: str) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.number)
        or not 1 <= value < 2**53
        or value != int(value)
    ):
        raise ValueError(f"{name}: expected a whole number, at least 1, got {value!r}")
    return int(value)


def _whole(value: ArrayLike, name: str, most: int | None = None) -> NDArray[np.int64]:
    array = as_floats(value, name)
    if array.size == 0 or not ((array == np.floor(array)) & (array >= 0) & (array < 2**53)).all():
        raise ValueError(f"{name}: expected whole numbers, not negative, at least one, got {value}")
    if most is not None and (array > most).any():
        raise ValueError(f"{name}: expected at most {most}, got {value}")
    return array.astype(np.int64)


def _observations(value: ArrayLike) -> Array:
    data = as_floats(value, "data").astype(np.float64, copy=False)
    if data.size == 0 or not np.isfinite(data).all():
        raise ValueError("data: expected at least one observation, all finite")
    return data


def _scaled(data: Array) -> tuple[Array, float]:
    """Return the data over a power of two, and that: neither their sum nor their squares overflow then."""
    unit = math.ldexp(1.0, math.frexp(float(np.abs(data).max()) or 1.0)[1] - 1)
    return data / unit, unit


def _share(count: ArrayLike, probability: ArrayLike) -> Array:
    """Return count / probability, and 0 for a count of 0: what was not seen pulls nowhere."""
    count, probability = np.asarray(count, dtype=float), np.asarray(probability, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(count == 0, 0.0, count / probability)


class Model(ABC):
    """What the models share."""

    @abstractmethod
    def log_likelihood(self, *args: Any, **kwargs: Any) -> float:
        """Return the logarithm of the probability of all observations together."""

    def _count(self, data: ArrayLike) -> int:
        """Return how many observations the mean is taken over."""
        return int(np.size(data))

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
        p, tosses = _theta(theta), _whole(data, "data", most=1)
        heads = int(tosses.sum())
        return _coin(p, heads, tosses.size - heads)

    def gradient(self, theta: float, data: ArrayLike, reduction: str = "mean") -> float:
        """Return the derivative of the negative log-likelihood by θ: (N − N₁)/(1 − θ) − N₁/θ."""
        p, tosses = _theta(theta), _whole(data, "data", most=1)
        heads = int(tosses.sum())
        return _coin_slope(p, heads, tosses.size - heads) / self._divisor(data, reduction)

    def maximum(self, data: ArrayLike) -> float:
        """Return the share of heads."""
        return float(_whole(data, "data", most=1).mean())

    def standard_error(self, theta: float, tosses: int) -> float:
        """Return √(θ(1 − θ)/N): one over the root of minus the curvature at the maximum."""
        return _standard_error(_theta(theta), _size(tosses, "tosses"))


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
        self.tosses = _size(tosses, "tosses")

    def log_likelihood(self, theta: float, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood of one count of heads, or of several independent ones."""
        p, heads = _theta(theta), np.ravel(_whole(data, "data", most=self.tosses))
        kernel = _coin(p, int(heads.sum()), int((self.tosses - heads).sum()))
        if not constant:
            return kernel
        return math.fsum(log_choose(self.tosses, k) for k in heads.tolist()) + kernel

    def gradient(self, theta: float, data: ArrayLike, reduction: str = "mean") -> float:
        """Return the derivative of the negative log-likelihood by θ."""
        p, heads = _theta(theta), np.ravel(_whole(data, "data", most=self.tosses))
        slope = _coin_slope(p, int(heads.sum()), int((self.tosses - heads).sum()))
        return slope / self._divisor(data, reduction)

    def maximum(self, data: ArrayLike) -> float:
        """Return the share of heads."""
        return float(np.mean(_whole(data, "data", most=self.tosses)) / self.tosses)

    def standard_error(self, theta: float, counts: int = 1) -> float:
        """Return √(θ(1 − θ)/N), with N all tosses of `counts` counts together."""
        return _standard_error(_theta(theta), self.tosses * _size(counts, "counts"))


def _coin(theta: float, heads: int, tails: int) -> float:
    # log1p keeps the digits of ln(1 − θ) for the rarest heads; no tails cost nothing even at θ = 1.
    with np.errstate(divide="ignore"):
        return float(xlogy(heads, theta) + (tails * np.log1p(-theta) if tails else 0.0))


def _standard_error(theta: float, tosses: int) -> float:
    # The root of each factor, since the product of the smallest probabilities with 1/N would vanish.
    return math.sqrt(theta) * math.sqrt((1 - theta) / tosses)


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
        counts = self._counts(data, _size(classes, "classes"))
        return counts / counts.sum()

    @staticmethod
    def _counts(data: ArrayLike, classes: int) -> NDArray[np.int64]:
        return np.bincount(np.ravel(_whole(data, "data", most=classes - 1)), minlength=classes)


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
        self.trials = _size(trials, "trials")

    def log_likelihood(self, p: ArrayLike, data: ArrayLike, constant: bool = True) -> float:
        """Return the log-likelihood of the counts of the classes."""
        p = _probabilities(p)
        counts = self._counts(data)
        if counts.size != p.size:
            raise ValueError(f"data: expected {p.size} counts, one per class, got {counts.size}")
        kernel = float(xlogy(counts, p).sum())
        if not constant:
            return kernel
        # n! / (n₁! ⋯ n_K!) is a product of binomial coefficients, one class after another.
        upto = np.cumsum(counts).tolist()
        return math.fsum(log_choose(n, k) for n, k in zip(upto, counts.tolist(), strict=True)) + kernel

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
        - \frac{N}{2}\ln(2\pi)`.
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
        with np.errstate(over="ignore"):
            # In standard deviations, so that the square of a large residual does not overflow before its time.
            z = _residual(mean, x, "mean") / math.sqrt(scale)
            total = -0.5 * float((z * z).sum()) - 0.5 * x.size * math.log(scale)
        return total - 0.5 * x.size * math.log(2 * math.pi) if constant else total

    def gradient(
        self, mean: ArrayLike, variance: float, data: ArrayLike, reduction: str = "mean"
    ) -> tuple[Array | float, float]:
        """Return the derivatives of the negative log-likelihood by the mean and by the variance."""
        x, scale, n = _observations(data), _positive(variance, "variance"), self._divisor(data, reduction)
        with np.errstate(over="ignore"):
            residual = _residual(mean, x, "mean")
            pull, one = residual / scale, 1 / math.sqrt(scale)
            # 1/σ² − r²/σ⁴ as a product, with no square in it that could overflow or vanish before its time.
            by_variance = float(((one - pull) * (one + pull) / (2 * n)).sum())
            return _as_given(_gathered(residual, mean) / scale / n, data), by_variance

    def maximum(self, data: ArrayLike) -> tuple[float, float]:
        """Return mean and variance (divided by N, not N − 1)."""
        x, unit = _scaled(_observations(data))
        return float(x.mean()) * unit, float(x.var()) * unit * unit


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
        with np.errstate(over="ignore"):
            total = -float((np.abs(_residual(location, x, "location")) / b).sum()) - x.size * math.log(b)
        return total - x.size * math.log(2) if constant else total

    def gradient(
        self, location: ArrayLike, scale: float, data: ArrayLike, reduction: str = "mean"
    ) -> tuple[Array | float, float]:
        """Return the derivatives of the negative log-likelihood by location (0 at the kink) and by scale."""
        x, b, n = _observations(data), _positive(scale, "scale"), self._divisor(data, reduction)
        with np.errstate(over="ignore"):
            residual = _residual(location, x, "location")
            by_scale = float(((1 - np.abs(residual) / b) / n).sum() / b)
            return _as_given(_gathered(np.sign(residual), location) / b / n, data), by_scale

    def maximum(self, data: ArrayLike) -> tuple[float, float]:
        """Return median and mean absolute deviation from it."""
        x, unit = _scaled(_observations(data))
        centre = float(np.median(x))
        return centre * unit, float(np.abs(x - centre).mean()) * unit


def _residual(value: ArrayLike, data: Array, name: str) -> Array:
    centre = as_floats(value, name)
    if centre.shape not in ((), data.shape):
        raise ValueError(f"{name}: expected one number or the shape of data, {data.shape}, got {centre.shape}")
    if not np.isfinite(centre).all():
        raise ValueError(f"{name}: expected finite numbers, got {value}")
    return np.asarray(centre - data)


def _gathered(slopes: Array, centre: ArrayLike) -> Array:
    """Return the sum of the slopes where all observations share one centre."""
    return np.asarray(slopes.sum()) if np.ndim(centre) == 0 else slopes


def _as_given(slopes: Array, data: ArrayLike) -> Array | float:
    return float(slopes) if np.ndim(slopes) == 0 else slopes.astype(as_floats(data).dtype)
