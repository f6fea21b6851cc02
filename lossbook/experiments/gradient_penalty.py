"""The gradient penalty of a critic of any form, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import torch


def gradient_penalty(
    critic: Callable[[torch.Tensor], torch.Tensor], samples: torch.Tensor, weight: float = 10.0
) -> torch.Tensor:
    r"""Return :math:`\lambda\, \overline{(\|\nabla_x f(x_n)\| - 1)^2}`, differentiable by the critic's parameters.

    Parameters
    ----------
    critic : callable
        Takes samples, returns one score each.
    samples : torch.Tensor, shape (N, ...)
        Points between real and made-up samples.
    weight : float
        λ, at least 0.

    Raises
    ------
    ValueError
        If the critic does not return one score per sample, or the weight is negative.

    Notes
    -----
    Source: Gulrajani et al. 2017, arXiv:1704.00028. For critics that are linear or quadratic,
    `lossbook.losses.critic` has it in NumPy, with its gradient written out.
    """
    if weight < 0:
        raise ValueError(f"weight: expected a number, at least 0, got {weight!r}")
    points = samples.detach().requires_grad_(True)
    scores = critic(points)
    if scores.numel() != len(points):
        raise ValueError(f"critic: expected one score per sample, {len(points)}, got shape {tuple(scores.shape)}")
    (slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
    return weight * ((slopes.flatten(1).norm(dim=1) - 1) ** 2).mean()
