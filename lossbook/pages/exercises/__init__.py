"""Exercises that answer back: `check("name", answer)` says at once whether an answer is right, and if not, where."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import numpy as np

OPEN, RIGHT, WRONG = "open", "right", "wrong"
_SIGNS = {OPEN: "…", RIGHT: "✓", WRONG: "✗"}


@dataclass(frozen=True)
class Verdict:
    """What became of an answer; shows as one line.

    Attributes
    ----------
    exercise : str
        Name of the exercise.
    status : str
        ``"open"`` (not answered yet), ``"right"`` or ``"wrong"``.
    message : str
        What the reader is told.
    """

    exercise: str
    status: str
    message: str

    def __repr__(self) -> str:
        return f"{_SIGNS[self.status]} {self.exercise}: {self.message}"

    def _repr_html_(self) -> str:
        return f'<p class="lossbook-verdict lossbook-{self.status}">{escape(repr(self))}</p>'


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """A question whose answer can be checked by machine.

    Parameters
    ----------
    name : str
        Chapter and subject, as in ``"likelihood.fair-coin"``.
    expected : value or callable
        The right answer; for an answer that is a function, the right function.
    inputs : sequence of tuple
        For an answer that is a function: the arguments it is tried on, plain cases first.
    hint : str
        Where to look when the answer is wrong; it does not give the answer away.
    rtol : float
        How far numbers may lie apart, relative to the right one.
    """

    name: str
    expected: Any
    inputs: Sequence[tuple[Any, ...]] = ()
    hint: str
    rtol: float = 1e-9

    def check(self, answer: Any) -> Verdict:
        """Judge an answer; an error that it raises counts as wrong, never as an error of the page."""
        if answer is None or answer is Ellipsis:
            return Verdict(self.name, OPEN, "not answered yet.")
        if not self.inputs:
            return self._verdict(self._agrees(answer, self.expected), "", answer)
        if not callable(answer):
            return Verdict(self.name, WRONG, f"a function is asked for, this is a {type(answer).__name__}.")
        for arguments in self.inputs:
            said = ", ".join(_short(argument) for argument in arguments)
            try:
                got = answer(*_fresh(arguments))
            except Exception as error:  # noqa: BLE001 (the reader's code may raise anything)
                return Verdict(self.name, WRONG, f"for ({said}) it raises {type(error).__name__}: {error}. {self.hint}")
            if got is None or got is Ellipsis:
                return Verdict(self.name, OPEN, "not answered yet: the function returns nothing.")
            if not self._agrees(got, self.expected(*_fresh(arguments))):
                return self._verdict(False, f" for ({said})", got)
        return self._verdict(True, "", None)

    def _verdict(self, right: bool, where: str, got: Any) -> Verdict:
        if right:
            return Verdict(self.name, RIGHT, "right.")
        return Verdict(self.name, WRONG, f"{_short(got)} is not right{where}. {self.hint}")

    def _agrees(self, got: Any, wanted: Any) -> bool:
        try:
            a, b = np.asarray(got, dtype=float), np.asarray(wanted, dtype=float)
        except Exception:  # noqa: BLE001 (the reader's object may fail in any way to be a number)
            return False
        return a.shape == b.shape and bool(np.allclose(a, b, rtol=self.rtol, atol=0, equal_nan=False))


def check(name: str, answer: Any = None) -> Verdict:
    """Check an answer to an exercise of the book.

    Parameters
    ----------
    name : str
        Name of the exercise, as it stands beside it.
    answer : object
        A number or an array, or a function where one is asked for; None while there is no answer.

    Returns
    -------
    Verdict
        Shows as one line: right, or the first input on which the answer is wrong and a hint.

    Raises
    ------
    ValueError
        If there is no exercise of that name.

    Examples
    --------
    >>> check("likelihood.fair-coin")
    … likelihood.fair-coin: not answered yet.
    """
    exercises = all_exercises()
    if name not in exercises:
        raise ValueError(f"name: there is no exercise {name!r}; there are {', '.join(exercises)}")
    return exercises[name].check(answer)


@cache
def all_exercises() -> dict[str, Exercise]:
    """Return every exercise of the book by its name."""
    found: dict[str, Exercise] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name == "__main__":
            continue
        exercises: Sequence[Exercise] = importlib.import_module(f"{__name__}.{module.name}").EXERCISES
        found |= {exercise.name: exercise for exercise in exercises}
    return found


def _fresh(arguments: tuple[Any, ...]) -> list[Any]:
    """Copies, so that an answer that changes its input spoils nothing."""
    return [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]


def _short(value: Any) -> str:
    try:
        text = np.array2string(value, precision=4, threshold=8) if isinstance(value, np.ndarray) else repr(value)
    except Exception:  # noqa: BLE001 (the reader's object may fail in any way to be shown)
        text = f"this {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= 90 else text[:87] + "…"


__all__ = ["Exercise", "Verdict", "all_exercises", "check"]
