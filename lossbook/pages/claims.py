"""Statements of the book, checked when the book is built.

What happens to a statement that does not hold depends on the environment. A reader sees it in red, with both values,
and the rest of the page as well; the build lists it at its end. Where ``LOSSBOOK_STRICT=1`` is set, as tests and the
workflow do, `claim` raises `ClaimError`, and there is no book.
"""

from __future__ import annotations

import html
import math
import operator
import os
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

#: The class of what shows a claim that does not hold.
FALSE = "lossbook-claim-false"
# Jupyter's own red, which follows its dark mode; elsewhere one that is read on white and on black.
_RED = "var(--jp-error-color1, #d93025)"
#: The key under which a claim travels in a notebook's outputs, to be collected into the ledger of claims.
CLAIM_MIMETYPE = "application/vnd.lossbook.claim+json"

_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def strict() -> bool:
    """Tell whether a false claim is an error: where ``LOSSBOOK_STRICT=1`` is set in the environment."""
    return os.environ.get("LOSSBOOK_STRICT") == "1"


class ClaimError(AssertionError):
    """A statement of the book does not hold, and ``LOSSBOOK_STRICT=1`` is set."""


@dataclass(frozen=True, eq=False)
class Claim:
    """A statement with its values; made by `claim`."""

    statement: str
    measured: Any
    expected: Any
    relation: str = "=="
    rtol: float = 0.0
    atol: float = 0.0

    @property
    def tolerance(self) -> str:
        """How far the measured value may lie from the expected one, in words."""
        parts = [f"{value:g} {kind}" for value, kind in ((self.rtol, "relative"), (self.atol, "absolute")) if value]
        return " + ".join(parts) or ("exact" if self.relation == "==" else "")

    @property
    def expectation(self) -> str:
        """The expected value with its relation, such as ``< 1e-12``."""
        relation = {"==": "", "!=": "≠ ", "<=": "≤ ", ">=": "≥ "}.get(self.relation, f"{self.relation} ")
        return relation + _shown(self.expected)

    def holds(self) -> bool:
        """Compare the measured value with the expected one."""
        if self.relation == "==" and (self.rtol or self.atol):
            measured, expected = np.asarray(self.measured, float), np.asarray(self.expected, float)
            # Equal infinities differ by nan, so plain equality is asked first.
            with np.errstate(invalid="ignore"):
                near = np.abs(measured - expected) <= self.atol + self.rtol * np.abs(expected)
            return bool(np.all((measured == expected) | (near & np.isfinite(expected))))
        return bool(np.all(_COMPARISONS[self.relation](_plain(self.measured), _plain(self.expected))))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        holds = self.holds()
        values = {
            "statement": self.statement,
            "measured": _shown(self.measured),
            "expected": self.expectation,
            "tolerance": self.tolerance,
            "holds": holds,
        }
        line = claim_line(values)
        opening = '<p class="lossbook-claim">' if holds else f'<p class="lossbook-claim {FALSE}" style="color: {_RED}">'
        return {
            "text/plain": line,
            "text/html": f"{opening}<small>{html.escape(line)}</small></p>",
            CLAIM_MIMETYPE: values,
        }

    def _ipython_display_(self) -> None:
        """Show nothing: `claim` has shown the line already, also where it is not the last of its cell."""


def claim_line(values: dict[str, Any]) -> str:
    """Return the line that shows a claim.

    Parameters
    ----------
    values : dict
        As they travel in a notebook's outputs.

    Examples
    --------
    >>> claim_line({"statement": "Two and two are five", "measured": "4", "expected": "5", "holds": False})
    '✗ does not hold here: Two and two are five (measured: 4, expected: 5)'
    """
    if values["holds"]:
        return f"✓ checked: {values['statement']}"
    return f"✗ does not hold here: {values['statement']} ({compared(values)})"


def compared(values: dict[str, Any]) -> str:
    """Return the values of a claim in words.

    Parameters
    ----------
    values : dict
        As they travel in a notebook's outputs.
    """
    tolerance = values.get("tolerance", "")
    tolerance = f" ± {tolerance}" if tolerance not in ("", "exact") else ""
    return f"measured: {values['measured']}, expected: {values['expected']}{tolerance}"


def claim(
    statement: str,
    measured: Any,
    expected: Any = True,
    *,
    relation: str = "==",
    rtol: float = 0.0,
    atol: float = 0.0,
) -> Claim:
    """Check a statement of the book, and show whether it holds.

    Parameters
    ----------
    statement : str
        What the book says, as one sentence.
    measured : object
        The value as it was computed: a number, an array, a truth value, a string, a SymPy expression.
    expected : object
        The value that the statement promises; a scalar is compared with every entry of an array.
    relation : {"==", "!=", "<", "<=", ">", ">="}
        How the measured value stands to the expected one.
    rtol, atol : float
        With ``"=="``: both values agree if they differ by at most ``atol + rtol * abs(expected)``.

    Returns
    -------
    Claim
        The statement with its values. It shows as one small line when it is made, in red if it does not hold.

    Raises
    ------
    ClaimError
        If the statement does not hold and ``LOSSBOOK_STRICT=1`` is set in the environment.
    ValueError
        If the claim cannot be checked as it stands: an unknown relation, a tolerance that is negative or goes
        with a relation other than ``"=="``, shapes that do not agree.

    Examples
    --------
    >>> claim("Six tenths of 100 tosses are 60", 0.6 * 100, 60, rtol=1e-15).measured
    60.0
    """
    if not isinstance(statement, str) or not statement.strip():
        raise ValueError(f"statement must be a sentence, got {statement!r}")
    if relation not in _COMPARISONS:
        raise ValueError(f"relation must be one of {', '.join(_COMPARISONS)}, got {relation!r}")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not (isinstance(value, (int, float)) and math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a finite number that is not negative, got {value!r}")
        if value and relation != "==":
            raise ValueError(f"{name} goes with relation '==' only, got {name}={value!r} with {relation!r}")
    if isinstance(expected, bool) and not _is_truth_value(measured):
        raise ValueError(f"measured must be a truth value where {expected} is expected, got {measured!r}")
    _check_shapes(measured, expected)
    made = Claim(" ".join(statement.split()), measured, expected, relation, rtol, atol)
    if strict() and not made.holds():
        raise ClaimError(
            f"this claim does not hold: {made.statement}\n"
            f"  measured: {_shown(measured)}\n"
            f"  expected: {made.expectation}" + (f" ({made.tolerance})" if made.tolerance else "")
        )
    _display(made)
    return made


def _display(made: Claim) -> None:
    """Show the line in a notebook; elsewhere do nothing, and load nothing."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display

        display(made._repr_mimebundle_(), raw=True)


def _is_truth_value(value: Any) -> bool:
    # SymPy's own true and false are known by name: this module must not load SymPy.
    return isinstance(value, (bool, np.bool_)) or type(value).__name__ in ("BooleanTrue", "BooleanFalse")


def _plain(value: Any) -> Any:
    """Sequences are compared entry by entry."""
    return np.asarray(value) if isinstance(value, (list, tuple)) else value


def _check_shapes(measured: Any, expected: Any) -> None:
    shapes = [getattr(_plain(value), "shape", ()) for value in (measured, expected)]
    if tuple(shapes[1]) not in ((), tuple(shapes[0])):
        raise ValueError(f"measured has shape {tuple(shapes[0])}, but expected has {tuple(shapes[1])}: they must agree")


def _shown(value: Any) -> str:
    """Write a value shortly: the ledger is a table."""
    if _is_truth_value(value):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(value)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.10g}"
    if isinstance(value, (list, tuple, np.ndarray)):
        with np.printoptions(precision=6, threshold=8, edgeitems=3, linewidth=10_000):
            return str(np.asarray(value))
    return str(value)
