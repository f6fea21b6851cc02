"""Exercises that answer back: `check("name", answer)` says at once whether an answer is right, and if not, where."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from html import escape
from typing import Any

import numpy as np

from lossbook.functions import Array
from lossbook.pages.answers import NoNumber, agree, has_scale, numbers, right_digits, rounded, slip
from lossbook.pages.attempts import TooLong, attempt, described
from lossbook.pages.formulas import Formula

OPEN, RIGHT, WRONG = "open", "right", "wrong"
_SIGNS = {OPEN: "…", RIGHT: "✓", WRONG: "✗"}
# Seen on white and on black; the words keep the colour of the page's text.
_COLORS = {RIGHT: "#2f9e44", WRONG: "#e8590c"}
# For one call of an answer that is a function.
SECONDS = 5.0
# Of warnings: so many, and so long.
_MOST, _LONGEST = 3, 150


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
    warned : tuple of str
        What Python or NumPy warned of while the answer was tried; it stands below the verdict.
    """

    exercise: str
    status: str
    message: str
    warned: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([self._line, *(f"  (warned: {text})" for text in self.warned)])

    @property
    def _line(self) -> str:
        return f"{_SIGNS[self.status]} {self.exercise}: {self.message}"

    def _repr_html_(self) -> str:
        color = _COLORS.get(self.status)
        style = f' style="border-left: 5px solid {color}; padding-left: 0.6em"' if color else ""
        below = "".join(f"<br><small>warned: {escape(text)}</small>" for text in self.warned)
        return f'<p class="lossbook-verdict lossbook-{self.status}"{style}>{escape(self._line)}{below}</p>'


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
    exact : bool
        Whether the answer is a count: otherwise a number counts as right from three digits on.
    sizes : sequence of int
        What a sum may have been divided by, once too often or not at all; for a function its inputs tell.
    formula : Formula, optional
        How a function is typed in a page, where that can be done.
    """

    name: str
    expected: Any
    inputs: Sequence[tuple[Any, ...]] = ()
    hint: str
    rtol: float = 1e-9
    exact: bool = False
    sizes: Sequence[int] = ()
    formula: Formula | None = None

    @property
    def kind(self) -> str:
        """How a page takes the answer: as a ``"number"``, as a ``"formula"``, or not at all, since it is ``"code"``."""
        if not self.inputs:
            return "number"
        return "formula" if self.formula else "code"

    def sizes_for(self, arguments: tuple[Any, ...]) -> set[int]:
        """Return what a sum may have been divided by, for these arguments of a function, or for none of a number.

        Parameters
        ----------
        arguments : tuple
            One of the inputs.
        """
        return {*self.sizes, *(size for one in arguments for size in (*np.shape(one), np.size(one)))}

    def check(self, answer: Any) -> Verdict:
        """Judge an answer; whatever it raises counts as wrong, never as an error of the page."""
        if answer is None or answer is Ellipsis:
            return Verdict(self.name, OPEN, "not answered yet.")
        if not self.inputs:
            return self._judge(lambda: answer, self.expected, "", None if self.exact else self.sizes)
        if not callable(answer):
            return Verdict(self.name, WRONG, f"a function is asked for, this is a {type(answer).__name__}.")
        factor = True
        for number, arguments in enumerate(self.inputs):
            where = f"for ({', '.join(_short(argument) for argument in arguments)})"
            wanted = self.expected(*_fresh(arguments))
            sizes = self.sizes_for(arguments) if factor else None
            verdict = self._judge(partial(_called, answer, arguments), wanted, where, sizes)
            if verdict.status == OPEN and number:
                return replace(verdict, status=WRONG)
            if verdict.status != RIGHT:
                return verdict
            # Where one answer is right, no constant factor makes another wrong; unless it is 0 or infinite.
            factor &= not has_scale(np.asarray(wanted, dtype=float))
        return verdict

    def _judge(self, work: Callable[[], Any], wanted: Any, where: str, sizes: Iterable[int] | None) -> Verdict:
        """Turn one answer into a verdict; only here is it compared with the right one."""
        got, error = attempt(work, SECONDS)
        if error is not None:
            said = f"it still runs after {SECONDS:g} s: a loop without an end?"
            said = said if isinstance(error, TooLong) else f"it raises {described(error)}."
            return Verdict(self.name, WRONG, f"{where} {said} {self.hint}".lstrip())
        if got is Ellipsis:
            return Verdict(self.name, OPEN, "not answered yet: the function returns `...`.")
        if got is None:
            return Verdict(self.name, OPEN, f"{where} your function returned None; did you forget `return`?")
        found, error = attempt(partial(numbers, got), SECONDS)
        right = np.asarray(wanted, dtype=float)
        wrong = f"{_short(got)} is not right{where and ' ' + where}"
        if found is None:
            reason = str(error) if isinstance(error, NoNumber) else "it cannot be read as a number"
            return Verdict(self.name, WRONG, f"{wrong}: {reason}. {self.hint}")
        if self._close(found, right):
            exactly = agree(found, right, self.rtol)
            said = "right." if exactly else "right up to rounding; three digits are enough here."
            return Verdict(self.name, RIGHT, said)
        if found.shape != right.shape:
            return Verdict(self.name, WRONG, f"{wrong}: {self._form(found, right)}")
        digits, ends = right_digits(float(found), float(right)) if self._may_round(right) else (0, False)
        if digits == 2 and ends:
            return Verdict(self.name, WRONG, f"{_short(got)} is right to two digits; more digits, please.")
        if digits >= 3:
            return Verdict(self.name, WRONG, f"{wrong}: three digits are, those after them are not. {self.hint}")
        slipped = "" if sizes is None else slip(found, right, sizes, self._close)
        return Verdict(self.name, WRONG, f"{wrong}. {slipped and f'Your answer is {slipped} '}{self.hint}")

    def _may_round(self, wanted: Array) -> bool:
        return not (self.inputs or self.exact or wanted.shape)

    def _close(self, got: Array, wanted: Array) -> bool:
        return agree(got, wanted, self.rtol) or (self._may_round(wanted) and rounded(got, wanted))

    def _form(self, got: Array, wanted: Array) -> str:
        if wanted.shape:
            this = f"this has the shape {got.shape}" if got.shape else "this is a single number"
            return f"an array of the shape {wanted.shape} is asked for, {this}. {self.hint}"
        if got.size != 1:
            return f"a single number is asked for, this has the shape {got.shape}. {self.hint}"
        if self._close(got.reshape(()), wanted):
            return "a single number is asked for. The one in it is right."
        return f"a single number is asked for. The one in it is not right. {self.hint}"


def check(name: str, answer: Any = None) -> Verdict:
    """Check an answer to an exercise of the book.

    Parameters
    ----------
    name : str
        Name of the exercise, as it stands beside it.
    answer : object
        A number or an array of any library, or a function where one is asked for; None while there is no answer. Of a
        number that is computed three digits are enough. A function has five seconds for each of its inputs.

    Returns
    -------
    Verdict
        Shows as one line: right, or the first input on which the answer is wrong, the slip if it is a common one, and
        a hint.

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
    # What an answer warns of would else stand in red above the verdict.
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        verdict = exercises[name].check(answer)
    told = dict.fromkeys(" ".join(str(warning.message).split())[:_LONGEST] for warning in heard)
    return replace(verdict, warned=tuple(told)[:_MOST])


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


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return function(*_fresh(arguments))


def _short(value: Any) -> str:
    shown = partial(np.array2string, value, precision=4, threshold=8) if isinstance(value, np.ndarray) else None
    text, _ = attempt(lambda: " ".join((shown or partial(repr, value))().split()), SECONDS)
    if text is None:
        text = f"this {type(value).__name__}"
    return text if len(text) <= 90 else text[:87] + "…"


__all__ = ["Exercise", "Verdict", "all_exercises", "check"]
