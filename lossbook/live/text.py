"""Texts with live numbers in them, and how numbers are written."""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .program import Program

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FORMAT = re.compile(r"(?:\.(\d+))?([fge%d])")
# As in engine.js: every small Greek letter, and a Latin one by itself that is not an article or "I".
_SYMBOL = re.compile(
    r"([α-ωϕϵµ]\u0302?|y\u0302|(?<![^\W_])(?<![’'])"
    r"(?:[b-zB-HJ-Z]|A(?! [a-zα-ω])|a(?= ?[=−+·²^):‖])|(?:(?<=[±(=·])|(?<=[±(=·] ))a)"
    r"(?![^\W\d_²³¹\u2070-\u209f])(?![\d’']))"
)


def split_symbols(text: str) -> list[str]:
    """Return the parts of a text: words and, at every second place, letters that stand for a number.

    Examples
    --------
    >>> split_symbols("residual r at a scale δ")
    ['residual ', 'r', ' at a scale ', 'δ', '']
    """
    return _SYMBOL.split(unicodedata.normalize("NFD", text))


def split_names(text: str, names: Iterable[str]) -> list[str]:
    """Return the parts of a text: words and, at every second place, one of the names, which may open a sentence.

    Examples
    --------
    >>> split_names("Squared error is steep", ["error", "squared error"])
    ['', 'Squared error', ' is steep']
    """
    longest_first = sorted(names, key=len, reverse=True)
    if not longest_first:
        return [text]
    first = (f"[{name[0]}{name[0].upper()}]" if len(name) > 1 and name[0].islower() else "" for name in longest_first)
    either = "|".join(a + re.escape(name[bool(a) :]) for a, name in zip(first, longest_first, strict=True))
    return re.split(rf"(?<![\w‖])({either})(?![\w‖])", text)


def check_format(spec: str, where: str) -> str:
    """Return `spec` if it is a number format that engine and Python share, else raise ValueError."""
    if not _FORMAT.fullmatch(spec):
        raise ValueError(f"{where}: number format {spec!r} is not of the form 'd', '.2f', '.3g', '.2e' or '.1%'")
    return spec


def format_number(value: float, spec: str) -> str:
    """Write a number for the reader: a real minus sign, powers of ten as superscripts.

    Parameters
    ----------
    value : float
        The number.
    spec : str
        ``"d"``, ``".2f"``, ``".3g"``, ``".2e"`` or ``".1%"``.
    """
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    plain = f"{round(value):d}" if spec == "d" else f"{_away_from_ties(value, spec):{spec}}"
    mantissa, _, exponent = plain.partition("e")
    if re.fullmatch(r"-[0.]*%?", mantissa):  # no "−0.00"
        mantissa = mantissa[1:]
    text = mantissa.replace("-", "−")
    return f"{text} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}" if exponent else text


def _away_from_ties(value: float, spec: str) -> float:
    """Return the number, or its neighbour farther from 0 where it lies exactly between two numbers of so many digits.

    Python rounds such a one to the even digit, JavaScript away from 0; they must say the same.
    """
    found = _FORMAT.fullmatch(spec)
    if value == 0 or found is None:
        return value
    digits = int(found[1] or 6)
    exact = Fraction(100 * value if found[2] == "%" else value)
    if found[2] in "ge":
        digits = max(digits, 1) - (found[2] == "g") - Decimal(value).adjusted()
    twice = 2 * exact * Fraction(10) ** digits
    tie = twice.denominator == 1 and twice.numerator % 2 == 1
    return math.nextafter(value, math.copysign(math.inf, value)) if tie else value


@dataclass(frozen=True)
class Text:
    """A template such as ``"θ̂ = {a:.2f}"`` whose braces name expressions or parameters.

    Parameters
    ----------
    template : str
        Text with fields ``{name:format}`` as in `str.format`; the format is one that `format_number` takes.
    values : dict
        Expression of each name that is no parameter or definition of the figure.
    """

    template: str
    values: dict[str, Any] = field(default_factory=dict)

    def fields(self) -> list[tuple[str, str, str]]:
        """Return (literal before, name, format) for each field; name is empty after the last literal."""
        return [(literal, name or "", spec or "") for literal, name, spec, _ in string.Formatter().parse(self.template)]

    def spec(self, program: Program, where: str) -> list[Any]:
        """Return the parts that the engine joins: strings, and [number, format] or [parameter]."""
        parts: list[Any] = []
        for literal, name, spec in self.fields():
            if literal:
                parts.append(literal)
            if not name:
                continue
            if name in self.values:
                parts.append(
                    [
                        program.number(self.values[name], where=f"{where}, {{{name}}}"),
                        check_format(spec or ".3g", where),
                    ]
                )
            elif name in program.parameters and not spec:
                parts.append([name])
            elif name in program.names:
                symbol = program.names[name]
                parts.append([program.number(symbol, where=where), check_format(spec or ".3g", where)])
            else:
                raise ValueError(
                    f"{where}: {{{name}}} is neither given as a value nor a parameter or definition of the figure"
                )
        return parts


def text(template: str, **values: Any) -> Text:
    """Return a text with live numbers: ``text("θ̂ = {a:.2f}", a=N1/N)``."""
    return Text(template, values)


def as_text(value: str | Text) -> Text:
    """Return a plain string or a Text as a Text; in a plain string braces name parameters."""
    return value if isinstance(value, Text) else Text(str(value))
