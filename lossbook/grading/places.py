"""Says where in a notebook an error is: by the exercise, since Jupyter shows no numbers of cells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from .reading import Cell

_LONGEST = 60


class Places:
    """Where the exercises of a notebook stand.

    Parameters
    ----------
    cells : sequence of Cell
        Its code.
    known : iterable of str
        Names of all exercises.
    """

    def __init__(self, cells: Sequence[Cell], known: Iterable[str]) -> None:
        known = list(known)
        self._exercises = {
            cell.number: [name for name in cell.named if name in known]
            or list(dict.fromkeys(name for node in cell.body for name in exercises_in(node, known)))
            for cell in cells
        }

    def only(self, cell: int) -> list[str]:
        """Return the exercise of a cell in a list; an empty one, if it has none, or several.

        Parameters
        ----------
        cell : int
            Number of the cell.
        """
        found = self._exercises[cell]
        return found if len(found) == 1 else []

    def described(self, cell: int, node: ast.stmt | None, said: str) -> str:
        """Return a message that says where an error is.

        Parameters
        ----------
        cell : int
            Number of its cell.
        node : ast.stmt or None
            The statement, if it is one.
        said : str
            The error.
        """
        before = [name for number, names in self._exercises.items() if number <= cell for name in names]
        after = [name for number, names in self._exercises.items() if number > cell for name in names]
        if self._exercises[cell]:
            where = f"in the cell of {', '.join(self._exercises[cell])}"
        elif after:
            where = f"before the cell of {after[0]}"
        else:
            where = f"after the cell of {before[-1]}" if before else "in a notebook without exercises"
        return f"{where}{_quoted(node)}: {said}"


def exercises_in(node: ast.stmt, known: Iterable[str]) -> list[str]:
    """Return the exercises that stand in a statement by name.

    Parameters
    ----------
    node : ast.stmt
        The statement.
    known : iterable of str
        Names of all exercises.
    """
    texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return [name for name in known if name in texts]


def _quoted(node: ast.stmt | None) -> str:
    if node is None:
        return ""
    try:
        line = ast.unparse(node).partition("\n")[0]
    except (RecursionError, MemoryError, ValueError):
        return ""
    return f", at “{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}”"
