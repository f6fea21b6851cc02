"""Distance of two pictures as a network sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossbook.functions import Array, as_floats

from .base import Facts
from .options import Option, check_weights, one_of, or_none


class PerceptualLoss:
    r"""Squared distance of feature maps, layer by layer.

    Domain
        For each layer j a feature map :math:`\phi_j` of both pictures, shape (N, C, H, W) or (C, H, W).
    Formula
        :math:`\ell = \sum_j \frac{w_j}{C_j H_j W_j} \|\phi_j(\hat y) - \phi_j(y)\|^2`. Without the division a layer
        would count as often as it has numbers.
    Gradient
        By the features of the prediction: :math:`\frac{2 w_j}{C_j H_j W_j} (\phi_j(\hat y) - \phi_j(y))`. The way on
        from the features to the picture is the network's.
    Model
        Normal noise on every feature.
    Equivalent
        A weighted sum of ``torch.nn.MSELoss``, ``keras.losses.MeanSquaredError``, ``optax.losses.squared_error`` or
        ``sklearn.metrics.mean_squared_error`` over the layers; no class of that name in PyTorch, scikit-learn, Optax or
        Keras.

    Parameters
    ----------
    weights : sequence of float, optional
        One weight per layer, not negative; all 1 if not given.
    reduction : {"mean", "sum", "none"}
        What is made of the N pictures.

    Raises
    ------
    ValueError
        If the layers of both differ in number or shape, or a number is not finite.

    Examples
    --------
    >>> layer = np.zeros((1, 2, 2, 2))
    >>> float(PerceptualLoss().loss([layer + 3], [layer]))
    9.0
    """

    _facts = Facts(
        task="generation", convex=True, smooth=True, lipschitz=math.inf, robust=False, model="normal",
        paper="Johnson, Alahi and Fei-Fei", year=2016, doi="10.1007/978-3-319-46475-6_43",
        use="Pictures that shall look alike, not agree pixel by pixel.",
    )  # fmt: skip
    weights = Option(or_none(check_weights))
    reduction = Option(one_of("mean", "sum", "none"))

    def __init__(self, *, weights: Sequence[float] | None = None, reduction: str = "mean") -> None:
        self.weights, self.reduction = weights, reduction

    @property
    def facts(self) -> Facts:
        """What is known of the loss."""
        return self._facts

    def __call__(self, predictions: Sequence[ArrayLike], targets: Sequence[ArrayLike]) -> Any:
        """Return what `loss` returns."""
        return self.loss(predictions, targets)

    def loss(self, predictions: Sequence[ArrayLike], targets: Sequence[ArrayLike]) -> Any:
        """Return the reduced loss: a scalar, or with ``reduction="none"`` one number per picture."""
        return self.loss_and_grad(predictions, targets)[0]

    def grad(self, predictions: Sequence[ArrayLike], targets: Sequence[ArrayLike]) -> list[Array]:
        """Return the gradient by the features of the prediction: one array per layer, in its shape."""
        return self.loss_and_grad(predictions, targets)[1]

    def loss_and_grad(self, predictions: Sequence[ArrayLike], targets: Sequence[ArrayLike]) -> tuple[Any, list[Array]]:
        """Return what `loss` and `grad` return, sharing the work."""
        if len(predictions) == 0 or len(predictions) != len(targets):
            got = f"{len(predictions)} and {len(targets)}"
            raise ValueError(f"targets: expected as many layers as predictions, at least one, got {got}")
        weights = [1.0] * len(predictions) if self.weights is None else list(self.weights)
        if len(weights) != len(predictions):
            raise ValueError(f"weights: expected one per layer, {len(predictions)}, got {len(weights)}")
        terms: Any = 0.0
        slopes: list[Array] = []
        for j, (ours, theirs, weight) in enumerate(zip(predictions, targets, weights, strict=True)):
            first, second = _features(ours, f"predictions[{j}]"), _features(theirs, f"targets[{j}]")
            if first.shape != second.shape:
                raise ValueError(
                    f"targets[{j}]: expected the shape of its prediction, {first.shape}, got {second.shape}"
                )
            if j and (first.shape[:-3] != slopes[0].shape[:-3]):
                raise ValueError(f"predictions[{j}]: expected as many pictures as in layer 0, got {first.shape}")
            scale = float(weight) / math.prod(first.shape[-3:])
            with np.errstate(over="ignore", under="ignore"):
                distance = first - second
                largest = np.abs(distance).max() or distance.dtype.type(1)  # so that no square overflows
                squares = np.square(distance / largest).sum(axis=(-3, -2, -1))
                terms = terms + scale * largest * squares * largest
                slopes.append(2 * scale * distance)
        if self.reduction == "none":
            return terms, slopes
        count = np.size(terms) if self.reduction == "mean" else 1
        return np.sum(terms) / count, [slope / count for slope in slopes]


def _features(x: ArrayLike, name: str) -> Array:
    array = as_floats(x, name)
    if array.ndim not in (3, 4) or array.size == 0:
        raise ValueError(f"{name}: expected shape (N, C, H, W) or (C, H, W), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got {array[~np.isfinite(array)].flat[0]}")
    return array
