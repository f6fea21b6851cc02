"""Variants of the softmax loss: focal, polynomial, distillation."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import Array, expm1_less_x, log1p_less_x, softmax_parts, sum_in_halves

from .base import Facts
from .classification import ClassLoss, check_logits, per_class, times
from .options import Option, between, check_flag, check_positive, check_weights, or_none

# Exponents up to here are safe from overflow, in float32 too.
_FAR = 80.0
# From this divergence on, what cancels in it costs no more than a digit.
_CLOSE = 0.25


class SoftmaxFocalLoss(ClassLoss):
    r"""Cross-entropy of logits that turns away from what is right already.

    Domain
        Any real logits, and −∞ for a class that is masked out; class indices.
    Formula
        With :math:`p = \operatorname{softmax}(x)`: :math:`\ell = -\alpha_y (1 - p_y)^\gamma \ln p_y`. The factor
        :math:`1 - p_y` is computed as the probability of all other classes.
    Gradient
        With :math:`s = (1 - p_y)^\gamma (1 - p_y - \gamma p_y \ln p_y)`: :math:`-\alpha_y s` at the class, and
        :math:`\alpha_y s\, p_k / (1 - p_y)` at any other.
    Model
        None; its minimiser is not the probability of the class unless γ = 0.
    Equivalent
        ``keras.losses.CategoricalFocalCrossentropy(alpha, gamma, from_logits=True)`` on one-hot targets; not in
        PyTorch, scikit-learn or Optax, which have the sigmoid form at most.

    Parameters
    ----------
    gamma : float
        How strongly right answers are discounted, at least 0.
    alpha : array_like, shape (C,), optional
        Weight of each class. A mean divides by the number of rows, not by the weights.
    ignore_index : int
        Rows with this target count for nothing.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a class index is out of range, a logit is NaN or ∞, or all logits of a row are −∞.

    Examples
    --------
    >>> float(SoftmaxFocalLoss(gamma=2.0).loss([[2.0, 0.0]], [0]).round(6))
    0.001804
    """

    _facts = Facts(
        use="Several classes, most samples easy; measure beside cross-entropy.",
        task="classification", convex=False, smooth=True, lipschitz=math.inf, robust=True,
        proper=False, calibrated=True,
        paper="Lin et al.", year=2017, doi="10.1109/ICCV.2017.324",
    )  # fmt: skip

    gamma = Option(between(0))
    alpha = Option(or_none(check_weights))

    def __init__(
        self, *, gamma: float = 2.0, alpha: ArrayLike | None = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(ignore_index=ignore_index, reduction=reduction)
        self.gamma, self.alpha = gamma, alpha

    @property
    def facts(self) -> Facts:  # noqa: D102
        alpha = np.ones(1) if self.alpha is None else self.alpha
        even, plain = bool((alpha == alpha[0]).all()), self.gamma == 0
        q = np.linspace(0, 1, 20_001)[1:-1]
        steepest = float(alpha.max() * (q**self.gamma * (q - self.gamma * (1 - q) * np.log1p(-q))).max())
        return replace(
            self._facts, convex=plain, lipschitz=max(steepest, float(alpha.max())), proper=plain and even,
            calibrated=even,
        )  # fmt: skip

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = check_logits(predictions)
        return x, self._check_indices(targets, x)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        alpha = per_class(self.alpha, predictions.shape[1], "alpha")
        chosen, powers, total, others, cost = _of_class(predictions, targets)
        p, q = np.where(chosen, powers, 0).sum(axis=0) / total, others / total
        discount = q**self.gamma  # 0 to the power 0 is 1
        slope = discount * (q + self.gamma * p * np.where(p == 0, 0, cost))
        share = np.where(chosen, 0, powers) / np.where(others > 0, others, 1)  # of the other classes in 1 − p
        return _weighted(discount * cost, np.where(chosen, -slope, slope * share), alpha, targets, self.ignore_index)


class Poly1Loss(ClassLoss):
    r"""Cross-entropy with the first term of its expansion in 1 − p made larger or smaller.

    Domain
        Any real logits, and −∞ for a class that is masked out; class indices.
    Formula
        With :math:`p = \operatorname{softmax}(x)`: :math:`\ell = -\ln p_y + \varepsilon (1 - p_y)`.
    Gradient
        :math:`(1 + \varepsilon p_y) (p_k - [k = y])`, that of cross-entropy times a factor.
    Model
        None unless ε = 0.
    Equivalent
        ``optax.losses.poly_loss_cross_entropy(logits, one_hot, epsilon)``, whose default is ε = 2; not in PyTorch,
        scikit-learn or Keras.

    Parameters
    ----------
    epsilon : float
        What is added to the first coefficient, at least −1.
    weight : array_like, shape (C,), optional
        Weight of each class; a weighted mean divides by the sum of the weights.
    ignore_index : int
        Rows with this target count for nothing.
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a class index is out of range, a logit is NaN or ∞, or all logits of a row are −∞.

    Examples
    --------
    >>> float(Poly1Loss(epsilon=1.0).loss([[0.0, 0.0]], [0]).round(6))
    1.193147
    """

    _facts = Facts(
        use="Cross-entropy with one more number to tune.",
        task="classification", convex=False, smooth=True, lipschitz=math.inf, robust=True,
        proper=False, calibrated=True,
        paper="Leng et al.", year=2022, doi="10.48550/arXiv.2204.12511",
    )  # fmt: skip

    epsilon = Option(between(-1))

    def __init__(
        self, *, epsilon: float = 1.0, weight: ArrayLike | None = None, ignore_index: int = -100,
        reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(weight=weight, ignore_index=ignore_index, reduction=reduction)
        self.epsilon = epsilon

    @property
    def facts(self) -> Facts:  # noqa: D102
        weight = np.ones(1) if self.weight is None else self.weight
        even, e = bool((weight == weight[0]).all()), self.epsilon
        # (1 − p)(1 + ε p) is largest at p = 0, or for ε > 1 at p = (ε − 1)/(2ε).
        steepest = (1 + e) ** 2 / (4 * e) if e > 1 else 1.0
        return replace(
            self._facts, convex=e <= 1, lipschitz=steepest * float(weight.max()), proper=e == 0 and even,
            calibrated=even,
        )  # fmt: skip

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x = check_logits(predictions)
        return x, self._check_indices(targets, x)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        chosen, powers, total, others, cost = _of_class(predictions, targets)
        p, q = np.where(chosen, powers, 0).sum(axis=0) / total, others / total
        if self.epsilon >= 0:
            terms = cost + self.epsilon * q
        else:
            # −ln p − q is small against both where the answer is right; it is taken whole, so nothing cancels.
            excess = np.where(q < 0.5, -log1p_less_x(-np.minimum(q, 0.5)), cost - q)
            terms = -self.epsilon * excess
            if self.epsilon > -1:  # 0 · ∞ for a class that is out of reach
                terms += (1 + self.epsilon) * cost
        steeper = (1 + self.epsilon * p if self.epsilon >= 0 else 1 + self.epsilon + -self.epsilon * q) / total
        slopes = np.where(chosen, -others, powers) * steeper
        return _weighted(terms, slopes, None, targets, self.ignore_index, self._row_weight(targets, len(chosen)))


class DistillationLoss(ClassLoss):
    r"""Kullback–Leibler divergence of a teacher's softened answer from its student's.

    Domain
        Logits of both, of one shape; −∞ for a class that is masked out.
    Formula
        With :math:`t = \operatorname{softmax}(b/T)` and :math:`s = \operatorname{softmax}(x/T)`, b the teacher's
        logits: :math:`\ell = T^2 \sum_k t_k \ln(t_k/s_k)`. With :math:`d = (x - b)/T`, and less its mean
        :math:`u = d - \sum_k t_k d_k`, it is :math:`T^2 \ln(1 + \sum_k t_k (e^{u_k} - 1 - u_k))`, in which nothing
        cancels where both nearly agree.
    Gradient
        :math:`T (s - t)`: the divergence alone would give :math:`(s - t)/T`, and as both grow alike in T, about 1/T²;
        the factor T² keeps the pull the same when T changes.
    Model
        The categorical distribution, with the teacher's probabilities as targets.
    Equivalent
        ``T**2 * torch.nn.KLDivLoss(reduction="batchmean")(log_softmax(x / T), softmax(b / T))`` in PyTorch;
        ``T**2 * optax.losses.kl_divergence``; ``keras.losses.KLDivergence`` on probabilities; not in scikit-learn.

    Parameters
    ----------
    temperature : float
        T, above 0: what the logits of both are divided by.
    scaled : bool
        Whether the factor T² is there.
    reduction : {"mean", "sum", "none"}
        What is made of the rows of a batch.

    Raises
    ------
    ValueError
        If shapes do not agree, a logit is NaN or ∞, or all logits of a row are −∞.

    Examples
    --------
    >>> float(DistillationLoss(temperature=2.0).loss([[1.0, 0.0]], [[3.0, 0.0]]).round(6))
    0.360953
    """

    _facts = Facts(
        use="A small model learns from a large one's probabilities.",
        task="classification", convex=True, smooth=True, lipschitz=math.inf, robust=True, model="categorical",
        proper=True, calibrated=True,
        paper="Hinton, Vinyals and Dean", year=2015, doi="10.48550/arXiv.1503.02531",
    )  # fmt: skip

    temperature = Option(check_positive)
    scaled = Option(check_flag)

    def __init__(self, *, temperature: float = 1.0, scaled: bool = True, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.temperature, self.scaled = temperature, scaled

    @property
    def facts(self) -> Facts:  # noqa: D102
        return replace(self._facts, lipschitz=self.temperature if self.scaled else 1 / self.temperature)

    def _check(self, predictions: ArrayLike, targets: ArrayLike) -> tuple[Array, NDArray[Any]]:
        x, b = check_logits(predictions), check_logits(targets, "targets")
        if x.shape != b.shape:
            raise ValueError(f"targets: expected the teacher's logits, shape {x.shape}, got {b.shape}")
        return x, b.astype(x.dtype, copy=False)

    def _evaluate(self, predictions: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
        terms, slopes = _divergence_of_rows(predictions, targets, self.temperature)
        # Where both nearly agree, nearly all of a difference of logarithms cancels.
        close = ~((terms > _CLOSE) & (terms < np.inf))
        if close.any():
            terms[close], slopes[close] = _divergence_of_close_rows(
                predictions[close], targets[close], self.temperature
            )
        temperature = predictions.dtype.type(self.temperature)
        if self.scaled:
            terms *= temperature * temperature
            slopes *= temperature
        else:
            slopes /= temperature
        return terms, slopes


def _divergence_of_rows(x: Array, b: Array, temperature: float) -> tuple[Array, Array]:
    """Return D(t ‖ s) of the softmax t of b from s of x, and s − t, from the logarithms of both; maybe NaN."""
    z = np.ascontiguousarray(x.T), np.ascontiguousarray(b.T)  # with the classes in front, sums run along all rows
    (of_s, s, rest_s), (of_t, t, rest_t) = (softmax_parts(y, y.max(axis=0, keepdims=True), 0, temperature) for y in z)
    t /= 1 + rest_t
    s /= 1 + rest_s
    with np.errstate(invalid="ignore"):  # the logarithms of what both rule out
        of_t -= of_s
        of_t *= t
    s -= t
    return of_t.sum(axis=0) + (np.log1p(rest_s) - np.log1p(rest_t))[0], s.T


def _divergence_of_close_rows(x: Array, b: Array, temperature: float) -> tuple[Array, Array]:
    """Return the same without cancellation, at any distance, in three times the time."""
    x, b = np.ascontiguousarray(x.T), np.ascontiguousarray(b.T)
    below, powers, rest = softmax_parts(b, b.max(axis=0, keepdims=True), 0, temperature)
    t, log_t = powers / (1 + rest), below - np.log1p(rest)
    _, powers, rest = softmax_parts(x, x.max(axis=0, keepdims=True), 0, temperature)
    s = powers / (1 + rest)
    at = np.argmax(t, axis=0)[None]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        u = _apart(x, b, at) / x.dtype.type(temperature)
        # A class that the teacher rules out has no u, but its power counts: e^w, from the class at `at`.
        out = t == 0
        lost = ((x == -np.inf) & ~out).any(axis=0, keepdims=True)
        u = np.where(out | lost, 0, u)
        u = u - sum_in_halves(t * u, 0)
        u = u - sum_in_halves(t * u, 0)  # what rounding left of the mean
        own = np.take_along_axis(log_t + u, at, axis=0)
        w = np.where(out, own + (x - np.take_along_axis(x, at, axis=0)) / x.dtype.type(temperature), log_t + u)
        w = np.where(lost, log_t, np.minimum(w, np.finfo(x.dtype).max))  # what is beyond is as good as infinite
        # Where e^u is taken together with t, since one may overflow while the other vanishes.
        far = out | (u > _FAR)
        powers = t * expm1_less_x(np.where(far, 0, u))
        if far.any():
            powers = np.where(far, np.exp(w), powers)
        total = sum_in_halves(powers, 0)
        largest = w.max(axis=0, keepdims=True)
        divergence = np.log1p(total)
        if not (largest < _FAR).all():
            divergence = np.where(largest < _FAR, divergence, largest + np.log1p(softmax_parts(w, largest, 0)[2]))
        apart = u - divergence  # ln s − ln t
        # s − t itself where u is so large that their logarithms' difference has lost more
        near = (np.abs(apart) < 0.5) & (np.abs(u) < 1) & ~out & ~lost
        slopes = np.where(near, t * np.expm1(np.where(near, apart, 0)), s - t)
        return np.where(lost, np.inf, divergence)[0], slopes.T


def _apart(x: Array, b: Array, at: NDArray[Any]) -> Array:
    """Return x − b less its value at one class: what both nets add to all their logits cancels exactly."""
    most = np.finfo(x.dtype).max / 8  # what is beyond is as good as infinite, but has a mean
    difference = np.clip(x - b, -most, most)
    # What rounding took from the difference (Knuth's two-sum).
    part = difference - x
    rounding = (x - (difference - part)) - (b + part)
    rounding = np.where(np.isfinite(rounding) & (np.abs(difference) < most), rounding, 0)
    return (difference - np.take_along_axis(difference, at, axis=0)) + (
        rounding - np.take_along_axis(rounding, at, axis=0)
    )


def _of_class(x: Array, targets: NDArray[Any]) -> tuple[NDArray[np.bool_], Array, Array, Array, Array]:
    """Return, with the classes in front: which is each row's, the powers, their sum, that of the others, and −ln p."""
    z = np.ascontiguousarray(x.T)
    below, powers, rest = softmax_parts(z, z.max(axis=0, keepdims=True), 0)
    chosen = np.arange(len(z))[:, None] == targets
    others = sum_in_halves(np.where(chosen, 0, powers), 0)[0]
    return chosen, powers, 1 + rest[0], others, np.log1p(rest[0]) - np.where(chosen, below, 0).sum(axis=0)


def _weighted(
    terms: Array, slopes: Array, of_class: Array | None, targets: NDArray[Any], ignored: int, row: Array | None = None
) -> tuple[Array, Array]:
    """Return terms, and slopes with the rows in front again, times the weight of each row."""
    kept = targets != ignored
    if of_class is not None:
        row = np.where(kept, of_class[np.where(kept, targets, 0)], 0)
    elif row is None and not kept.all():
        row = kept
    if row is None:
        return terms, slopes.T
    row = row.astype(terms.dtype)
    return times(row, terms), (slopes * row).T
