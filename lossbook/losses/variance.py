"""Regression with two outputs: a number, and how far off it may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats

from .base import Facts, Loss


class GaussianNLLLoss(Loss):
    r"""Negative log-likelihood of a normal distribution whose mean and width are both predicted.

    Domain
        Predictions are rows of two numbers, the mean :math:`\hat y` and the logarithm :math:`s` of the variance, so
        that any number is allowed; targets are real.
    Formula
        :math:`\ell = \frac12 \bigl(s + (\hat y - y)^2 e^{-s}\bigr)`. With :math:`\sigma = e^{s/2}` this is
        :math:`\ln\sigma + (\hat y - y)^2 / (2\sigma^2)`: a wider noise makes the residual cheaper, and has its price.
        It can be negative, as any density can exceed 1; the normal density's constant is left out, as in PyTorch.
    Gradient
        By the mean :math:`(\hat y - y)\, e^{-s}`, by s :math:`\frac12 \bigl(1 - (\hat y - y)^2 e^{-s}\bigr)`.
    Model
        Normal noise whose width may differ from place to place.
    Equivalent
        ``torch.nn.GaussianNLLLoss()(mean, targets, s.exp())``, which takes the variance itself and holds it above
        ``eps``; not in scikit-learn, Optax or Keras.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If rows do not have two numbers, a number is not finite, or there is not one target for each row.

    Examples
    --------
    >>> loss = GaussianNLLLoss()
    >>> float(loss.loss([[3.0, 0.0]], [0.0]))
    4.5
    >>> float(loss.loss([[3.0, 2 * math.log(3)]], [0.0]).round(6))  # the best width: ln 3 + ½
    1.598612
    """

    _facts = Facts(
        use="The width of the noise differs from place to place, and is wanted too.",
        task="regression", convex=False, smooth=True, lipschitz=math.inf, robust=False, model="normal",
        paper="Nix and Weigend", year=1994, doi="10.1109/ICNN.1994.374138",
    )  # fmt: skip

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x, y = as_floats(predictions, "predictions"), as_floats(targets, "targets")
        if x.ndim == 0 or x.shape[-1] != 2 or x.size == 0:
            raise ValueError(f"predictions: expected rows of mean and log-variance, shape (N, 2), got {x.shape}")
        if y.shape != x.shape[:-1]:
            raise ValueError(f"targets: expected one number per row, shape {x.shape[:-1]}, got {y.shape}")
        for name, array in (("predictions", x), ("targets", y)):
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite numbers, got {array[~np.isfinite(array)].flat[0]}")
        with np.errstate(over="ignore"):  # a target beyond the largest float32 lies at infinity
            return x, y.astype(x.dtype, copy=False)

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return targets.size

    def _as_batch(self, x: Array, t: NDArray[Any]) -> tuple[Array, NDArray[Any]]:
        return x.reshape(-1, 2), t.reshape(-1)

    def _terms_in_shape(self, terms: Array, shape: tuple[int, ...]) -> Array:
        return terms.reshape(shape[:-1])

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        mean, s = predictions[:, 0], predictions[:, 1]
        # Half the residual is always finite. e^(−s/2) may overflow where its product with a small residual does not,
        # so it is multiplied in two parts.
        half, root = mean / 2 - targets / 2, np.exp(-s / 4)
        with np.errstate(invalid="ignore"):
            z = 2 * (half * root * root)
            pull = z * root * root
        exact = half == 0  # also where the width is so small that its inverse is infinite
        z[exact], pull[exact] = 0, 0
        slopes = np.stack([pull, (1 - z) * ((1 + z) / 2)], axis=1)
        return s / 2 + z * (z / 2), slopes
