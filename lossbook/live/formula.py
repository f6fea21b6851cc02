"""A formula that stands below the drawings of a live figure and follows its controls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import sympy

from lossbook.style import check_color
from lossbook.symbolic.mathml import mathml
from lossbook.symbolic.primitives import log1p, softplus
from lossbook.symbolic.printing import latex

from .program import Program, as_expression
from .text import check_format, format_number

# A number in LaTeX and MathML, until it is filled in.
_PLACE = re.compile(r"@(\d+)@")
#: Classes of the parts that the engine fills, lights and fades.
NUMBER, CASE, FADED = "lb-number", "lb-case", "lb-faded"
# Heights in pixels at a type of 17: of a line, of what a fraction adds, and what a brace with a number below it.
_LINE, _FRACTION, _BRACE = 26, 18, 26


@dataclass(frozen=True, kw_only=True)
class Formula:
    r"""An expression as it is written in a book, with its present value.

    Of a `sympy.Piecewise` the branch that holds is lit; the others are faint.

    Parameters
    ----------
    value : sympy.Expr
        What is written, in parameters and definitions of the figure.
    name : str
        LaTeX of the left side, such as ``r"\ell(r)"``.
    format : str
        How the value is shown; nothing is shown if it is empty.
    terms : sequence of sympy.Expr
        Parts of `value`, as SymPy holds them, that have a brace with their present value below.
    written : dict of sympy.Symbol to str
        LaTeX of symbols that are not written as they are called.
    colors : dict of sympy.Symbol to int
        Numbers in the palette; a slider's own colour needs no mention.
    show : sympy expression
        Where it is zero the formula is left out: a figure with a choice of losses has a formula for each, of which one
        is shown at a time, all in the same place.

    Raises
    ------
    ValueError
        If a term is no part of the value.

    Examples
    --------
    >>> from sympy import symbols
    >>> a, x = symbols("a x")
    >>> Formula(value=a * x**2, name="y").tex()
    'y = a x^{2} = \\text{@0@}'
    """

    value: Any
    name: str = ""
    format: str = ".3f"
    terms: Sequence[Any] = ()
    written: Mapping[sympy.Symbol, str] = field(default_factory=dict)
    colors: Mapping[sympy.Symbol, int] = field(default_factory=dict)
    show: Any = 1

    def __post_init__(self) -> None:
        if self.format:
            check_format(self.format, self.where)
        for color in self.colors.values():
            check_color(color, self.where)
        for term in self.terms:
            if not as_expression(self.value).has(term):
                raise ValueError(f"{self.where}: {term} is no part of {self.value}")

    @property
    def where(self) -> str:
        """The formula's name in error messages."""
        return f"formula {self.name or self.value}"

    def tex(self) -> str:
        """Return LaTeX, with a place for each number."""
        names = dict(self.written)
        value = _spelt_out(self.value)
        for number, term in enumerate(map(_spelt_out, self.terms)):
            place = sympy.Dummy()
            names[place] = rf"\underbrace{{{latex(term, self.written)}}}_{{\text{{@{number}@}}}}"
            value = value.xreplace({term: place})
        sides = [self.name] if self.name else []
        sides.append(latex(value, names))
        if self.format:
            sides.append(rf"\text{{@{len(self.terms)}@}}")
        return " = ".join(sides)

    def spec(self, program: Program, colors: Mapping[str, int]) -> dict[str, Any]:
        """Return the declaration that the engine reads; `colors` are those of the figure's sliders by name."""
        value = as_expression(self.value)
        said = [*((term, ".3g") for term in self.terms), *([(value, self.format)] if self.format else [])]
        branches = value.args if isinstance(value, sympy.Piecewise) else ()
        colors = {**colors, **{str(symbol.name): color for symbol, color in self.colors.items()}}
        written = {latex(symbol, self.written): colors[str(symbol.name)] for symbol in value.free_symbols
                   if str(symbol.name) in colors}  # fmt: skip
        markup, places, tall = _markup(self.tex(), len(branches), written)
        spec: dict[str, Any] = {
            "mathml": markup,
            # In the order in which they stand: SymPy has its own, and a term may stand in two places.
            "numbers": [[program.number(said[place][0], where=self.where), said[place][1]] for place in places],
            "tall": tall,
        }
        if branches:
            spec["cases"] = [program.number(holds, where=self.where) for _, holds in branches]
        if self.show != 1:
            spec["show"] = program.number(self.show, where=self.where)
        return spec


def _spelt_out(value: Any) -> sympy.Expr:
    """Return an expression without the stable function whose name only programmers know."""
    return as_expression(value).replace(softplus, lambda x: log1p(sympy.exp(x)))


def _markup(tex: str, branches: int, colors: Mapping[str, int]) -> tuple[str, list[int], int]:
    """Return MathML with classes for its numbers, branches and coloured symbols; its numbers in order; its height."""
    tree = ElementTree.fromstring(mathml(tex, displayed=True))
    glyphs = {ElementTree.fromstring(mathml(symbol))[0].text: color for symbol, color in colors.items()}
    places = []
    for part in tree.iter():
        if part.tag == "mtext" and (place := _PLACE.fullmatch(part.text or "")):
            places.append(int(place[1]))
            part.tag, part.text = "mn", ""
            part.set("class", NUMBER)
        elif part.tag == "mi" and part.text in glyphs:
            part.set("class", f"lb-ink lb-c{glyphs[part.text]}")
    rows = list(tree.iter("mtr"))[:branches]
    for row in rows:
        row.set("class", CASE)
    tall = sum(_tall(row) for row in rows) if rows else _tall(tree)
    return ElementTree.tostring(tree, encoding="unicode"), places, tall


def _tall(part: ElementTree.Element) -> int:
    braces = _BRACE * any(True for _ in part.iter("munder"))
    return _LINE + _FRACTION * _fractions(part) + braces


def _fractions(part: ElementTree.Element) -> int:
    """Return how many fractions stand within one another."""
    return (part.tag == "mfrac") + max(map(_fractions, part), default=0)


def filled(spec: dict[str, Any], number: Any) -> str:
    """Return the MathML of a formula with its numbers filled in and the branches that do not hold faint.

    Parameters
    ----------
    spec : dict
        The declaration that the engine reads.
    number : callable
        Gives the number that a reference of the declaration stands for.
    """
    tree = ElementTree.fromstring(spec["mathml"])
    places = (part for part in tree.iter() if part.get("class") == NUMBER)
    for place, (reference, form) in zip(places, spec["numbers"], strict=True):
        place.text = format_number(number(reference), form)
    holds = [number(case) != 0 for case in spec.get("cases", ())]
    rows = [part for part in tree.iter("mtr") if part.get("class") == CASE]
    for number_of_row, row in enumerate(rows):
        if True in holds and number_of_row != holds.index(True):
            row.set("class", f"{CASE} {FADED}")
    return ElementTree.tostring(tree, encoding="unicode")
