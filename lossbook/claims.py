"""Statements of the book, checked when the book is built."""

from __future__ import annotations

import html
import math
import operator
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

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


class ClaimError(AssertionError):
    """A statement of the book does not hold."""


@dataclass(frozen=True, eq=False)
class Claim:
    """A statement that was checked and holds; made by `claim`."""

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
        return {
            "text/plain": f"✓ checked: {self.statement}",
            "text/html": f'<p class="lossbook-claim"><small>✓ checked: {html.escape(self.statement)}</small></p>',
            CLAIM_MIMETYPE: {
                "statement": self.statement,
                "measured": _shown(self.measured),
                "expected": self.expectation,
                "tolerance": self.tolerance,
            },
        }

    def _ipython_display_(self) -> None:
        """Show nothing: `claim` has shown the line already, also where it is not the last of its cell."""


def claim(
    statement: str,
    measured: Any,
    expected: Any = True,
    *,
    relation: str = "==",
    rtol: float = 0.0,
    atol: float = 0.0,
) -> Claim:
    """Check a statement of the book, and show that it was checked.

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
        The statement with its values. It shows as one small line when it is made.

    Raises
    ------
    ClaimError
        If the statement does not hold. This stops the build of the book.
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
    if not made.holds():
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
