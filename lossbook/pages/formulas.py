"""How a function that an exercise asks for is typed in a page: as a formula in numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossbook.functions import Array


@dataclass(frozen=True)
class Formula:
    """What a reader types where no Python runs.

    Parameters
    ----------
    call : str
        What is asked for, as the exercise calls it, and the names that may occur in the formula: ``"kl(p, q)"``.
    total : bool
        Whether the formula is one term of a sum, and the page adds up the terms.
    columns : callable, optional
        From the arguments of the function, what each name stands for, in arrays that NumPy can broadcast; if not given,
        these are the arguments.
    note : str
        What the names stand for, where the question does not say it.

    Examples
    --------
    >>> term = Formula("kl(p, q)", total=True)
    >>> term.symbols
    ('p', 'q')
    >>> term.rows(([0.5, 0.5], [0.25, 0.75])).tolist()
    [[0.5, 0.25], [0.5, 0.75]]
    """

    call: str
    total: bool = False
    columns: Callable[..., Sequence[Any]] | None = None
    note: str = ""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names that may occur in the formula."""
        return tuple(re.findall(r"\w+", self.call.partition("(")[2]))

    def rows(self, arguments: tuple[Any, ...]) -> Array:
        """Return the points at which the formula is computed for these arguments, one in each row.

        Parameters
        ----------
        arguments : tuple
            As the function takes them.
        """
        columns = self.columns(*arguments) if self.columns else arguments
        return np.stack(np.broadcast_arrays(*columns), axis=-1).astype(float).reshape(-1, len(self.symbols))


__all__ = ["Formula"]
