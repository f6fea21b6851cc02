"""Critics small enough for their gradient penalty to be written out, and the penalty itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lossbook.functions import Array, length_and_direction

from .base import check_finite
from .options import check_number


class LinearCritic:
    r"""A critic :math:`f(x) = w \cdot x + b`, small enough for its gradient penalty to be written out.

    Parameters
    ----------
    w : array_like, shape (D,)
        Weights.
    b : float
        Offset.
    """

    def __init__(self, w: ArrayLike, b: float = 0.0) -> None:
        self.w, self.b = _vector(w, "w"), check_number(b, "b")

    def scores(self, x: ArrayLike) -> Array:
        """Return the scores of samples, shape (N, D)."""
        return np.asarray(_samples(x, self.w.size) @ self.w + self.b)

    def slopes(self, x: ArrayLike) -> Array:
        """Return the gradient of each score by its sample: w, whatever the sample."""
        return np.broadcast_to(self.w, _samples(x, self.w.size).shape).copy()

    def penalty(self, x: ArrayLike, weight: float = 10.0) -> tuple[float, dict[str, Array]]:
        """Return the gradient penalty at samples, and its gradient by ``w``."""
        value, by_slopes = gradient_penalty(self.slopes(x), weight)
        return value, {"w": by_slopes.sum(axis=0)}


class QuadraticCritic:
    r"""A critic :math:`f(x) = \tfrac12 x^\top A x + w \cdot x + b` with a symmetric A.

    Parameters
    ----------
    A : array_like, shape (D, D)
        Curvature; its symmetric part is taken.
    w : array_like, shape (D,)
        Weights.
    b : float
        Offset.
    """

    def __init__(self, A: ArrayLike, w: ArrayLike, b: float = 0.0) -> None:  # noqa: N803
        self.w, self.b = _vector(w, "w"), check_number(b, "b")
        matrix = check_finite(A, "A")
        if matrix.shape != (self.w.size, self.w.size):
            raise ValueError(f"A: expected shape {(self.w.size, self.w.size)}, as long as w, got {matrix.shape}")
        self.A = (matrix + matrix.T) / 2

    def scores(self, x: ArrayLike) -> Array:
        """Return the scores of samples, shape (N, D)."""
        samples = _samples(x, self.w.size)
        return np.asarray(((samples @ self.A) * samples).sum(axis=1) / 2 + samples @ self.w + self.b)

    def slopes(self, x: ArrayLike) -> Array:
        """Return the gradient of each score by its sample, A x + w."""
        return np.asarray(_samples(x, self.w.size) @ self.A + self.w)

    def penalty(self, x: ArrayLike, weight: float = 10.0) -> tuple[float, dict[str, Array]]:
        """Return the gradient penalty at samples, and its gradient by ``A`` (symmetric) and ``w``."""
        samples = _samples(x, self.w.size)
        value, by_slopes = gradient_penalty(self.slopes(samples), weight)
        by_matrix = by_slopes.T @ samples
        return value, {"A": (by_matrix + by_matrix.T) / 2, "w": by_slopes.sum(axis=0)}


def gradient_penalty(slopes: ArrayLike, weight: float = 10.0) -> tuple[float, Array]:
    r"""Return :math:`\lambda\, \overline{(\|g_n\| - 1)^2}` and its gradient by the slopes g.

    Parameters
    ----------
    slopes : array_like, shape (N, D)
        Gradient of the critic's score by each of N samples, taken between real and made-up ones (`between`).
    weight : float
        λ, at least 0.

    Returns
    -------
    value : float
    gradient : ndarray, shape (N, D)
        :math:`\frac{2\lambda}{N} (\|g\| - 1)\, g / \|g\|`; 0 at g = 0, where the penalty has a kink.

    Notes
    -----
    The penalty of a critic in PyTorch, of any form, is in `lossbook.experiments.gradient_penalty`. Source: Gulrajani et
    al. 2017, arXiv:1704.00028.

    Examples
    --------
    >>> gradient_penalty([[3.0, 4.0]], weight=1.0)
    (16.0, array([[4.8, 6.4]]))
    """
    g = check_finite(slopes, "slopes")
    if g.ndim != 2:
        raise ValueError(f"slopes: expected shape (N, D), got {g.shape}")
    check_number(weight, "weight", minimum=0)
    length, unit = length_and_direction(g)
    with np.errstate(over="ignore", under="ignore"):
        surplus = length - 1
        return float(weight * (surplus * surplus).mean()), 2 * weight / len(g) * surplus[:, None] * unit


def between(real: ArrayLike, fake: ArrayLike, chance: np.random.Generator) -> Array:
    """Return one point between each real sample and its made-up one, anywhere on the straight line."""
    first, second = check_finite(real, "real"), check_finite(fake, "fake")
    if first.shape != second.shape or first.ndim != 2:
        raise ValueError(f"fake: expected the shape of real, (N, D), got {first.shape} and {second.shape}")
    share = chance.uniform(size=(len(first), 1))
    return np.asarray(share * first + (1 - share) * second)


def _vector(x: ArrayLike, name: str) -> Array:
    array = check_finite(x, name)
    if array.ndim != 1:
        raise ValueError(f"{name}: expected a vector, got shape {array.shape}")
    return array


def _samples(x: ArrayLike, wide: int) -> Array:
    array = check_finite(x, "x")
    if array.ndim != 2 or array.shape[1] != wide:
        raise ValueError(f"x: expected samples, shape (N, {wide}), got {array.shape}")
    return array
