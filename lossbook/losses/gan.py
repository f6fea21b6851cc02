"""Losses of the two players of a generative adversarial network.

A critic D gives each sample a score, any real number. (For the first two losses the score is the logit of the
probability that the sample is real.) The discriminator sees the scores of real samples and of made-up ones; the
generator sees those of its own samples. Each loss has two players, ``discriminator`` and ``generator``, each with
`loss`, `grad` and `loss_and_grad`:

>>> game = NonSaturatingGANLoss()
>>> float(game.discriminator.loss([2.0], [-2.0]).round(6))
0.253856
>>> game.generator.grad([-2.0]).round(6).tolist()
[-0.880797]
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lossbook.functions import Array, softplus_and_sigmoid

from .base import Facts, check_finite
from .options import Option, between, check_number, one_of

Terms = Callable[..., tuple[Array, ...]]


class Player:
    """One player's loss: a sum of averages over the batches of scores that the player sees.

    Parameters
    ----------
    evaluate : callable
        Takes the batches; returns for each its terms and their slopes.
    names : tuple of str
        What the batches are called in error messages.
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.
    """

    def __init__(self, evaluate: Terms, names: tuple[str, ...], reduction: str) -> None:
        self._evaluate, self._names, self.reduction = evaluate, names, reduction

    def loss(self, *scores: ArrayLike) -> Any:
        """Return the player's loss, a scalar."""
        return self.loss_and_grad(*scores)[0]

    def grad(self, *scores: ArrayLike) -> Any:
        """Return the gradient by the scores, in their shape: one array, or a tuple if the player sees several."""
        return self.loss_and_grad(*scores)[1]

    def loss_and_grad(self, *scores: ArrayLike) -> tuple[Any, Any]:
        """Return what `loss` and `grad` return, sharing the work."""
        if len(scores) != len(self._names):
            raise ValueError(
                f"scores: expected {len(self._names)} batches ({', '.join(self._names)}), got {len(scores)}"
            )
        batches = [check_finite(batch, name) for batch, name in zip(scores, self._names, strict=True)]
        with np.errstate(over="ignore", under="ignore"):
            parts = self._evaluate(*batches)
            value, slopes = parts[0].dtype.type(0), []
            for terms, slope in zip(parts[::2], parts[1::2], strict=True):
                count = terms.dtype.type(terms.size if self.reduction == "mean" else 1)
                value = value + (terms / count).sum()
                slopes.append(slope / count)
        return value, slopes[0] if len(slopes) == 1 else tuple(slopes)


class GANLoss(ABC):
    """The losses of both players.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        What is made of the terms of each batch. (Real and made-up samples may differ in number, so there is no
        ``"none"``.)

    Attributes
    ----------
    discriminator : Player
        Takes the scores of real samples and of made-up ones.
    generator : Player
        Takes the scores of made-up samples.
    facts : Facts
        What is known of the generator's loss.
    """

    _facts: ClassVar[Facts]
    _seen: ClassVar[tuple[str, ...]] = ("real", "fake")
    reduction = Option(one_of("mean", "sum"))

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = reduction

    @property
    def discriminator(self) -> Player:
        """The discriminator's loss."""
        return Player(self._discriminator, self._seen, self.reduction)

    @property
    def generator(self) -> Player:
        """The generator's loss."""
        return Player(self._generator, ("fake",), self.reduction)

    @property
    def facts(self) -> Facts:
        """What is known of the generator's loss, with the parameters it has."""
        return self._facts

    @abstractmethod
    def _discriminator(self, *batches: Array) -> tuple[Array, ...]:
        """Return the discriminator's terms for each batch, and their slopes."""

    @abstractmethod
    def _generator(self, s: Array) -> tuple[Array, Array]:
        """Return the generator's terms, and their slopes."""


class _ApartGANLoss(GANLoss):
    """A game whose discriminator has one loss for real samples and one for made-up ones."""

    def _discriminator(self, *batches: Array) -> tuple[Array, ...]:
        real, fake = batches
        return *self._real(real), *self._fake(fake)

    @abstractmethod
    def _real(self, s: Array) -> tuple[Array, Array]:
        """Return the discriminator's terms for real samples, and their slopes."""

    @abstractmethod
    def _fake(self, s: Array) -> tuple[Array, Array]:
        """Return the discriminator's terms for made-up samples, and their slopes."""


class MinimaxGANLoss(_ApartGANLoss):
    r"""The original game: the generator minimises what the discriminator maximises.

    Domain
        Scores are logits: :math:`D = \sigma(s)`.
    Formula
        Discriminator: :math:`-\ln D(\text{real}) - \ln(1 - D(\text{fake}))`. Generator:
        :math:`\ln(1 - D(\text{fake})) = -\ln(1 + e^{s_\text{fake}})`.
    Gradient
        Discriminator: :math:`-\sigma(-s_\text{real})` and :math:`\sigma(s_\text{fake})`. Generator:
        :math:`-\sigma(s_\text{fake})`, which vanishes where D is sure that the sample is made up, which is where the
        generator needs it most.
    Model
        Bernoulli, real or made up. Against the best discriminator the generator minimises 2 JS − ln 4.
    Equivalent
        ``torch.nn.BCEWithLogitsLoss`` or ``keras.losses.BinaryCrossentropy(from_logits=True)`` or
        ``optax.losses.sigmoid_binary_cross_entropy`` on labels 1 and 0 for the discriminator, and minus the part of
        the made-up samples for the generator; not in scikit-learn.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.
    """

    _facts = Facts(
        use="To understand the game; to train, take the next one.",
        task="generation", convex=False, smooth=True, lipschitz=1.0, robust=True, model="Bernoulli",
        paper="Goodfellow et al.", year=2014, doi="10.48550/arXiv.1406.2661",
    )  # fmt: skip

    def _real(self, s: Array) -> tuple[Array, Array]:
        _, _, cost, doubt = softplus_and_sigmoid(s)
        return cost, -doubt

    def _fake(self, s: Array) -> tuple[Array, Array]:
        cost, belief, _, _ = softplus_and_sigmoid(s)
        return cost, belief

    def _generator(self, s: Array) -> tuple[Array, Array]:
        cost, belief, _, _ = softplus_and_sigmoid(s)
        return -cost, -belief


class NonSaturatingGANLoss(MinimaxGANLoss):
    r"""The trick of the same paper: the generator maximises ln D in place of minimising ln(1 − D).

    Domain
        Scores are logits: :math:`D = \sigma(s)`.
    Formula
        Discriminator as in the minimax game. Generator:
        :math:`-\ln D(\text{fake}) = \ln(1 + e^{-s_\text{fake}})`.
    Gradient
        Generator: :math:`-\sigma(-s_\text{fake})`, which is largest where D is sure that the sample is made up.
    Model
        Against the best discriminator the gradient is that of KL(fake ‖ real) − 2 JS.
    Equivalent
        ``torch.nn.BCEWithLogitsLoss``, ``keras.losses.BinaryCrossentropy(from_logits=True)`` or
        ``optax.losses.sigmoid_binary_cross_entropy`` with the label 1 for made-up samples; not in scikit-learn.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.
    """

    _facts = replace(
        MinimaxGANLoss._facts, convex=True, use="The usual start for a GAN: it learns while its samples are bad."
    )

    def _generator(self, s: Array) -> tuple[Array, Array]:
        return self._real(s)


class WassersteinGANLoss(_ApartGANLoss):
    r"""The difference of the critic's means: with a critic of slope 1 at most, the earth mover's distance.

    Domain
        Any real score.
    Formula
        Critic: :math:`-f(\text{real}) + f(\text{fake})`. Generator: :math:`-f(\text{fake})`. Dropping the logarithm is
        not enough: without a bound on the critic's slope the difference can be made as large as one likes. The
        bound is what `gradient_penalty` (in `lossbook.losses.critic`) is for.
    Gradient
        :math:`-1` for real samples, :math:`1` for made-up ones; :math:`-1` for the generator.
    Model
        None.
    Equivalent
        No class in PyTorch, scikit-learn, Optax or Keras: in each it is a difference of two means.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.
    """

    _facts = Facts(
        use="A loss that falls as samples get better; the critic needs a bound on its slope.",
        task="generation", convex=True, smooth=True, lipschitz=1.0, robust=True,
        paper="Arjovsky, Chintala and Bottou", year=2017, doi="10.48550/arXiv.1701.07875",
    )  # fmt: skip

    def _real(self, s: Array) -> tuple[Array, Array]:
        return -s, -np.ones_like(s)

    def _fake(self, s: Array) -> tuple[Array, Array]:
        return s.copy(), np.ones_like(s)

    def _generator(self, s: Array) -> tuple[Array, Array]:
        return -s, -np.ones_like(s)


class LeastSquaresGANLoss(_ApartGANLoss):
    r"""Squared error of the score: samples far on the right side of the boundary are pulled back too.

    Domain
        Any real score.
    Formula
        Discriminator: :math:`\frac12 (s_\text{real} - b)^2 + \frac12 (s_\text{fake} - a)^2`. Generator:
        :math:`\frac12 (s_\text{fake} - c)^2`. With b − c = 1 and b − a = 2 the generator minimises Pearson's χ².
    Gradient
        Discriminator: :math:`s_\text{real} - b` and :math:`s_\text{fake} - a`. Generator:
        :math:`s_\text{fake} - c`.
    Model
        Normal noise around the labels.
    Equivalent
        Half of ``torch.nn.MSELoss``, ``keras.losses.MeanSquaredError`` or
        ``sklearn.metrics.mean_squared_error`` on the labels; ``optax.losses.l2_loss``, which has the half.

    Parameters
    ----------
    a : float
        Label of made-up samples.
    b : float
        Label of real samples.
    c : float
        What the generator wants to be taken for.
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.
    """

    _facts = Facts(
        use="A GAN whose slopes shall not fade; little to tune.",
        task="generation", convex=True, smooth=True, lipschitz=math.inf, robust=False, model="normal",
        paper="Mao et al.", year=2017, doi="10.1109/ICCV.2017.304",
    )  # fmt: skip

    a, b, c = Option(check_number), Option(check_number), Option(check_number)

    def __init__(self, *, a: float = 0.0, b: float = 1.0, c: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.a, self.b, self.c = a, b, c

    def _real(self, s: Array) -> tuple[Array, Array]:
        return _half_square(s - self.b)

    def _fake(self, s: Array) -> tuple[Array, Array]:
        return _half_square(s - self.a)

    def _generator(self, s: Array) -> tuple[Array, Array]:
        return _half_square(s - self.c)


class HingeGANLoss(WassersteinGANLoss):
    r"""Wasserstein's game with a critic that stops caring beyond a margin.

    Domain
        Any real score.
    Formula
        Discriminator: :math:`\max(0, 1 - s_\text{real}) + \max(0, 1 + s_\text{fake})`. Generator:
        :math:`-s_\text{fake}`.
    Gradient
        Discriminator: :math:`-[s_\text{real} < 1]` and :math:`[s_\text{fake} > -1]`, where [ ] is 1 if true, else 0.
        Generator: :math:`-1`.
    Model
        None.
    Equivalent
        ``keras.losses.Hinge`` and ``optax.losses.hinge_loss`` on the labels 1 and −1 for the discriminator,
        ``sklearn.metrics.hinge_loss`` likewise; not in PyTorch.

    Parameters
    ----------
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.
    """

    _facts = replace(
        WassersteinGANLoss._facts, paper="Lim and Ye", year=2017, doi="10.48550/arXiv.1705.02894",
        use="Large GANs, with spectral normalisation.",
    )  # fmt: skip

    def _real(self, s: Array) -> tuple[Array, Array]:
        missing = np.maximum(1 - s, 0)
        return missing, -(missing > 0).astype(s.dtype)

    def _fake(self, s: Array) -> tuple[Array, Array]:
        missing = np.maximum(1 + s, 0)
        return missing, (missing > 0).astype(s.dtype)


class LossSensitiveGANLoss(GANLoss):
    r"""A real sample must cost less than a made-up one, by a margin that grows with the distance of the two.

    Domain
        Scores are losses L, any real numbers: small for what looks real. Real and made-up samples come in pairs, with
        the distance Δ ≥ 0 of each pair.
    Formula
        Critic: :math:`L_\text{real} + \lambda \max(0, \Delta + L_\text{real} - L_\text{fake})`. Generator:
        :math:`L_\text{fake}`.
    Gradient
        With :math:`m = \Delta + L_\text{real} - L_\text{fake}`, what is missing from the margin: :math:`1 + \lambda`
        for :math:`m > 0`, else 1, and :math:`-\lambda` for :math:`m > 0`, else 0. Generator: :math:`1`.
    Model
        None.
    Equivalent
        Not in PyTorch, scikit-learn, Optax or Keras; its second part is ``torch.nn.MarginRankingLoss`` with a margin
        per pair.

    Parameters
    ----------
    weight : float
        λ, at least 0: how much a missed margin counts.
    reduction : {"mean", "sum"}
        What is made of the terms of each batch.

    Attributes
    ----------
    discriminator : Player
        Takes losses of real samples, of made-up ones, and their distances; its gradient is by the first two.
    generator : Player
        Takes losses of made-up samples.
    """

    _facts = Facts(
        use="A distance between samples says how far apart their costs should be.",
        task="generation", convex=True, smooth=True, lipschitz=1.0, robust=True,
        paper="Qi", year=2020, doi="10.1007/s11263-019-01265-2",
    )  # fmt: skip

    _seen = ("real", "fake", "distances")
    weight = Option(between(0))

    def __init__(self, *, weight: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.weight = weight

    def _generator(self, s: Array) -> tuple[Array, Array]:
        return s.copy(), np.ones_like(s)

    def _discriminator(self, *batches: Array) -> tuple[Array, ...]:
        real, fake, distances = batches
        for name, array in (("fake", fake), ("distances", distances)):
            if array.shape != real.shape:
                raise ValueError(f"{name}: expected the shape of real, {real.shape}, got {array.shape}")
        if (distances < 0).any():
            raise ValueError(f"distances: expected numbers that are not negative, got {distances.min()}")
        missing = np.maximum(distances + (real - fake), 0)
        missed = (missing > 0).astype(real.dtype) * real.dtype.type(self.weight)
        return real + self.weight * missing, 1 + missed, np.zeros_like(fake), -missed


def _half_square(r: Array) -> tuple[Array, Array]:
    return r * (r / 2), r
