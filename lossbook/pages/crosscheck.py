"""One loss beside PyTorch's: value and gradient in float64, as a small table."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.functions import as_floats
from lossbook.losses import Loss

_SHOWN_ENTRIES = 4


@dataclass(frozen=True)
class Crosscheck:
    """What `crosscheck` found.

    Attributes
    ----------
    name : str
        The loss.
    ours, theirs : tuple of (value, gradient)
        What lossbook and PyTorch computed.
    """

    name: str
    ours: tuple[Any, NDArray[Any]]
    theirs: tuple[Any, NDArray[Any]]

    @property
    def largest_relative_difference(self) -> float:
        """The largest difference of value and gradient entries, relative to PyTorch's.

        0 where both are equal, or both NaN; infinite where one is NaN, or PyTorch's is 0 and ours is not.
        """
        largest = 0.0
        for mine, torchs in zip(self.ours, self.theirs, strict=True):
            a, b = np.asarray(mine, float), np.asarray(torchs, float)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                difference = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b) / np.abs(b))
            # A NaN or an infinity on one side only is as different as can be; max() would pass over a NaN.
            largest = max(largest, float(np.nan_to_num(difference, nan=np.inf, posinf=np.inf).max(initial=0.0)))
        return largest

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the table: what, lossbook, PyTorch."""
        rows = []
        for what, mine, torchs in zip(("value", "gradient"), self.ours, self.theirs, strict=True):
            rows.append((what, _entries(mine), _entries(torchs)))
        return rows

    def __repr__(self) -> str:
        lines = [f"{self.name:<9} {'lossbook':<44} PyTorch"]
        lines += [f"{what:<9} {mine:<44} {torchs}" for what, mine, torchs in self.rows()]
        return "\n".join([*lines, f"largest relative difference {self.largest_relative_difference:.1e}"])

    def _repr_html_(self) -> str:
        head = f"<tr><th>{escape(self.name)}</th><th>lossbook</th><th>PyTorch</th></tr>"
        body = "".join(
            f"<tr><th scope='row'>{what}</th><td>{escape(mine)}</td><td>{escape(torchs)}</td></tr>"
            for what, mine, torchs in self.rows()
        )
        caption = f"Largest relative difference: {self.largest_relative_difference:.1e}"
        inside = f"<caption>{caption}</caption><thead>{head}</thead><tbody>{body}</tbody>"
        return f'<table class="table crosscheck">{inside}</table>'


def _entries(value: Any) -> str:
    flat = np.ravel(value)
    shown = ", ".join(f"{entry:.10g}" for entry in flat[:_SHOWN_ENTRIES])
    return shown + (f", … ({flat.size} in all)" if flat.size > _SHOWN_ENTRIES else "")


def _arguments(loss: Loss, twin: type) -> dict[str, Any]:
    """Return the constructor arguments of `loss` that PyTorch's class of the same name takes too."""
    import torch

    known = inspect.signature(twin).parameters
    arguments = {name: value for name, value in vars(loss).items() if name in known}
    ours = inspect.signature(type(loss)).parameters
    strange = [
        name
        for name, value in vars(loss).items()
        if name in ours and name not in known and not np.array_equal(value, ours[name].default)
    ]
    if strange:
        raise ValueError(f"loss: torch.nn.{twin.__name__} has no argument {strange[0]!r}; give torch_loss")
    for name in {"weight", "pos_weight"} & arguments.keys():
        if arguments[name] is not None:
            arguments[name] = torch.tensor(np.array(arguments[name], dtype=np.float64))
    return arguments


def crosscheck(loss: Loss, predictions: ArrayLike, targets: ArrayLike, torch_loss: Any = None) -> Crosscheck:
    """Compute a loss and its gradient here and in PyTorch, both in float64.

    Parameters
    ----------
    loss : Loss
        A loss of this package.
    predictions, targets : array_like
        What both are given, as float64. Integer targets stay integers, as PyTorch wants class indices.
    torch_loss : callable, optional
        PyTorch's loss; the class of the same name with the same arguments if not given.

    Returns
    -------
    Crosscheck
        Shows as a table.

    Raises
    ------
    ValueError
        If PyTorch has no class of that name, it lacks an argument that was set, or its value has another shape.

    Examples
    --------
    >>> from lossbook.losses import MSELoss
    >>> crosscheck(MSELoss(), [1.0, 2.0], [0.0, 4.0]).largest_relative_difference
    0.0
    """
    import torch

    if not isinstance(loss, Loss):
        raise ValueError(f"loss: expected a loss of lossbook.losses, got {loss!r}")
    name = type(loss).__name__
    if torch_loss is None:
        twin = getattr(torch.nn, name, None)
        if twin is None:
            raise ValueError(f"loss: PyTorch has no torch.nn.{name}; give torch_loss")
        torch_loss = twin(**_arguments(loss, twin))
    predicted = as_floats(predictions, "predictions").astype(np.float64)
    wanted = np.asarray(targets)
    wanted = wanted.astype(np.int64) if wanted.dtype.kind in "iu" else as_floats(wanted, "targets").astype(np.float64)
    ours = loss.loss_and_grad(predicted, wanted)  # first, since it names what is wrong with the input
    x = torch.tensor(predicted, requires_grad=True)
    value = torch_loss(x, torch.tensor(wanted))
    if np.shape(ours[0]) != tuple(value.shape):
        raise ValueError(f"torch_loss: expected a value of shape {np.shape(ours[0])}, got {tuple(value.shape)}")
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return Crosscheck(name, ours, (value.detach().numpy(), gradient.numpy()))
