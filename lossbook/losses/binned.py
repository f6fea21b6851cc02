"""Regression as classification: cross-entropy over bins of the target."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, as_floats, softmax

from .base import Facts, Loss
from .classification import CrossEntropyLoss, check_logits
from .options import Option, between


def _check_edges(value: ArrayLike, name: str) -> Array:
    edges = as_floats(value, name).astype(np.float64)
    if edges.ndim != 1 or edges.size < 3 or not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
        raise ValueError(f"{name}: expected at least three finite numbers that increase, got {value!r}")
    edges.flags.writeable = False
    return edges


class BinnedCrossEntropyLoss(Loss):
    r"""Cross-entropy of a histogram over the target's range, for regression.

    Domain
        Predictions are logits of K bins; targets are real numbers between the outer edges.
    Formula
        :math:`\ell = -\sum_k t_k \ln p_k` with :math:`p = \operatorname{softmax}(x)`. For σ = 0, :math:`t_k` is 1 for
        the bin that holds the target (the upper one at an edge). For σ > 0 a normal distribution around the target has
        :math:`m_k = \Phi((e_{k+1} - y)/\sigma) - \Phi((e_k - y)/\sigma)` in the bin between two edges, and
        :math:`t_k = m_k / \sum_j m_j`: neighbouring bins share in it.
    Gradient
        :math:`p - t`.
    Model
        The categorical distribution over the bins: noise of any shape, several modes included, that fits into the
        range. Squared error is bound to one normal hump.
    Equivalent
        ``torch.nn.CrossEntropyLoss``, ``optax.losses.softmax_cross_entropy`` or
        ``keras.losses.CategoricalCrossentropy(from_logits=True)`` on the rows that `target_rows` makes; with PyTorch's
        and scikit-learn's help ``sklearn.preprocessing.KBinsDiscretizer`` makes those for σ = 0.

    Parameters
    ----------
    edges : array_like, shape (K + 1,)
        Edges of the bins, increasing.
    sigma : float
        Width of the normal distribution around each target, at least 0.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If the edges do not increase, a target lies outside of them, or shapes do not agree.

    Examples
    --------
    >>> loss = BinnedCrossEntropyLoss(edges=[0.0, 1.0, 2.0, 3.0])
    >>> float(loss.loss([[0.0, 0.0, 0.0]], [1.5]).round(6))
    1.098612
    >>> loss.expectation([[0.0, 50.0, 0.0]]).tolist()
    [1.5]
    """

    _facts = Facts(
        use="Noise of any shape, with several modes, in a known range.",
        task="regression", convex=True, smooth=True, lipschitz=1.0, robust=True, model="categorical over bins",
        paper="Imani and White", year=2018, doi="10.48550/arXiv.1806.04613",
    )  # fmt: skip

    edges = Option(_check_edges)
    sigma = Option(between(0))

    def __init__(self, edges: ArrayLike, *, sigma: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.edges, self.sigma = edges, sigma

    def target_rows(self, targets: ArrayLike) -> Array:
        """Return the probability of each bin for each target, shape (N, K)."""
        y = self._check_targets(targets).reshape(-1)
        bins = self.edges.size - 1
        if self.sigma == 0:
            at = np.minimum(np.searchsorted(self.edges, y, side="right") - 1, bins - 1)
            return (np.arange(bins) == at[:, None]).astype(np.float64)
        z = (self.edges - y[:, None]) / (self.sigma * math.sqrt(2))
        # Beyond the edges of a bin on one side of the target, the difference of two tails keeps the digits.
        upper, lower = _erfc(z), _erfc(-z)
        left, right = z[:, 1:] <= 0, z[:, :-1] >= 0
        masses = np.where(
            right, upper[:, :-1] - upper[:, 1:],
            np.where(left, lower[:, 1:] - lower[:, :-1], 2 - upper[:, 1:] - lower[:, :-1]),
        )  # fmt: skip
        return masses / masses.sum(axis=1, keepdims=True)

    def expectation(self, predictions: ArrayLike) -> Array:
        """Return the mean of each predicted histogram: the number that it stands for, if one is wanted."""
        x = self._check_predictions(predictions)
        return np.asarray(softmax(x) @ ((self.edges[1:] + self.edges[:-1]) / 2).astype(x.dtype))

    def _check_predictions(self, predictions: ArrayLike) -> Array:
        x = check_logits(predictions)
        bins = self.edges.size - 1
        if x.ndim > 2 or x.shape[-1] != bins:
            raise ValueError(f"predictions: expected logits of {bins} bins, shape (N, {bins}), got {x.shape}")
        return x

    def _check_targets(self, targets: ArrayLike) -> Array:
        y = as_floats(targets, "targets").astype(np.float64)
        inside = (y >= self.edges[0]) & (y <= self.edges[-1])
        if not inside.all():
            raise ValueError(
                f"targets: expected numbers from {self.edges[0]:g} to {self.edges[-1]:g}, got {y[~inside][0]}"
            )
        return y

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x, y = self._check_predictions(predictions), self._check_targets(targets)
        if y.shape != x.shape[:-1]:
            raise ValueError(f"targets: expected one number per row, shape {x.shape[:-1]}, got {y.shape}")
        return x, y

    def _weight(self, predictions: Array, targets: NDArray[Any]) -> float:
        return targets.size

    def _as_batch(self, x: Array, t: NDArray[Any]) -> tuple[Array, NDArray[Any]]:
        return x.reshape(-1, x.shape[-1]), t.reshape(-1)

    def _terms_in_shape(self, terms: Array, shape: tuple[int, ...]) -> Array:
        return terms.reshape(shape[:-1])

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        rows = self.target_rows(targets).astype(predictions.dtype)
        return CrossEntropyLoss()._of_probabilities(predictions, rows)


def _erfc(x: Array) -> Array:
    """Return the complementary error function of each entry; NumPy has none, Python's is exact."""
    return np.array([math.erfc(value) for value in x.ravel().tolist()]).reshape(x.shape)
