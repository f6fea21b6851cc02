"""Derivations whose every step is checked by machine."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sympy
from sympy import Eq, Expr, Symbol

from lossbook.symbolic.primitives import elementary
from lossbook.symbolic.printing import latex

#: What a page of the book takes a derivation from: its lines as JSON.
DERIVATION_MIMETYPE = "application/vnd.lossbook.derivation+json"
DIGITS = 50
POINTS = 24
# So many of them are tried before the proof.
_AT_ONCE = 4
PROVED = "proved"
CHECKED = "checked"
SUBSTITUTED = "substituted"

# How far from zero a difference may lie at 50 digits, relative to the terms: room for rounding, for no mistake.
_TOLERANCE = sympy.Float(10) ** (12 - DIGITS)
# Larger expressions are not handed to simplify, which may take minutes on them.
_MOST_OPERATIONS = 300
# MathJax, which sets it in Jupyter, has not this character: for ✓ or \checkmark it would load a font of 40 KB.
_MARKS = {PROVED: r"\text{✔}\ ", SUBSTITUTED: r"\text{✔}\ ", CHECKED: rf"\text{{✔}}_{{{DIGITS}}}\ "}


class DerivationError(ValueError):
    """A step does not follow from the one before it."""


@dataclass(frozen=True)
class Step:
    """One line of a derivation.

    Attributes
    ----------
    expression : sympy.Expr or sympy.Eq
        What stands on the line.
    reason : str
        Why it follows from the line before; empty for the first line.
    how : str
        ``"proved"`` by SymPy, ``"checked"`` at 50 digits on random points, ``"substituted"`` by SymPy;
        empty for the first line.
    """

    expression: Any
    reason: str = ""
    how: str = ""


class Derivation:
    """A chain of equal expressions, or of equivalent equations, each step verified when it is added.

    Parameters
    ----------
    start : sympy.Expr or sympy.Eq
        The first line. Unevaluated derivatives, sums and integrals may stand in it.
    title : str
        What is derived.
    domain : mapping of sympy.Symbol to (low, high)
        Where random points are taken from; symbols that are missing lie between ½ and 2.
        Ends may use the symbols that stand before. Integer symbols (by assumption) get whole numbers.

    Raises
    ------
    DerivationError
        From `step`, if the step is wrong. The message names the step and a point where the lines differ.

    Examples
    --------
    >>> x = sympy.Symbol("x", positive=True)
    >>> steps = Derivation(sympy.Derivative(x * sympy.log(x), x)).step(sympy.log(x) + 1, "product rule")
    >>> steps.steps[1].how
    'proved'
    >>> steps.step(sympy.log(x), "drop the constant")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    lossbook.derivations.derivation.DerivationError: step 2 (drop the constant) is wrong: at x = ...
    """

    def __init__(self, start: Any, title: str = "", domain: Mapping[Symbol, tuple[Any, Any]] | None = None) -> None:
        self.title = title
        self.domain = dict(domain or {})
        self.steps = [Step(sympy.sympify(start))]

    def step(self, expression: Any, reason: str) -> Derivation:
        """Add a line; return the derivation, so that steps can be chained.

        Parameters
        ----------
        expression : sympy.Expr or sympy.Eq
            The new line: equal to the last one, or an equation with the same solutions.
        reason : str
            Why, in a few words.
        """
        # An equation between equal sides would collapse to True: it must stay an equation.
        expression = expression if isinstance(expression, Eq) else sympy.sympify(expression)
        before = self.steps[-1].expression
        if isinstance(before, Eq) != isinstance(expression, Eq):
            raise self._wrong(reason, f"{before} and {expression}: an equation and an expression do not compare")
        same = self._same_solutions if isinstance(before, Eq) else self._equal
        self.steps.append(Step(expression, reason, same(before, expression, reason)))
        return self

    def substitute(self, values: Mapping[Symbol, Any], reason: str) -> Derivation:
        """Add the line in which SymPy has put `values` for symbols, as in "at the maximum, where N₁ = θ̂ N".

        Parameters
        ----------
        values : mapping of sympy.Symbol to sympy.Expr
            What is put in, all at once. The new symbols' domain must have been given.
        reason : str
            Why, in a few words.
        """
        before = self.steps[-1].expression
        absent = sorted(str(symbol) for symbol in values if symbol not in before.free_symbols)
        if absent:
            raise self._wrong(reason, f"{absent[0]} does not stand in {_line(before)}")
        self.steps.append(Step(before.subs(values, simultaneous=True), reason, SUBSTITUTED))
        return self

    def _wrong(self, reason: str, why: str) -> DerivationError:
        return DerivationError(f"step {len(self.steps)} ({reason}) is wrong: {why}")

    def _equal(self, before: Any, after: Any, reason: str) -> str:
        left, right = (elementary(side.doit()) for side in (before, after))
        points = self._points(left.free_symbols | right.free_symbols)
        # A few points show at once what is wrong; the others take long, and only what is not proved needs them.
        self._compare(left, right, islice(points, _AT_ONCE), reason)
        if self._is_zero(left - right):
            return PROVED
        self._compare(left, right, points, reason)
        return CHECKED

    def _compare(self, left: Expr, right: Expr, points: Iterable[Mapping[Symbol, Any]], reason: str) -> None:
        """Refuse two lines that differ at a point, or have no finite value there."""
        for point in points:
            a, b = (_evaluate(side, point) for side in (left, right))
            if a is None or b is None:
                raise self._wrong(reason, f"a line has no finite value at {_show(point)}")
            if abs(a - b) > _TOLERANCE * max(abs(a), abs(b), 1):
                raise self._wrong(
                    reason, f"at {_show(point)} the line before is {sympy.N(a, 8)}, this one {sympy.N(b, 8)}"
                )

    def _same_solutions(self, before: Eq, after: Eq, reason: str) -> str:
        """Equations are equivalent if one is the other times a factor that is finite and never zero."""
        first, second = (elementary((equation.lhs - equation.rhs).doit()) for equation in (before, after))
        if self._is_zero(first - second) or self._is_zero(first + second):
            return PROVED
        factors = sympy.fraction(sympy.cancel(sympy.together(sympy.expand(first) / sympy.expand(second))))
        for factor in factors:
            signs = set()
            for point in self._points(factor.free_symbols):
                value = _evaluate(factor, point)
                signs.add(None if value is None else sympy.sign(value))
            if len(signs) != 1 or not signs < {sympy.Integer(1), sympy.Integer(-1)}:
                raise self._wrong(reason, f"{_line(before)} and {_line(after)} do not have the same solutions")
        return PROVED if all(self._signed(sympy.factor(factor)).is_nonzero for factor in factors) else CHECKED

    def _signed(self, expression: Expr) -> Expr:
        """Put a positive symbol for each part such as 1 − θ that is linear and positive on the domain.

        SymPy knows that a symbol is positive, not that it is below 1. What holds for every positive number in
        place of 1 − θ holds for 1 − θ, so a proof with the symbol is a proof.
        """
        known = {}
        for part in expression.atoms(sympy.Add):
            symbol = next(iter(part.free_symbols), None)
            if len(part.free_symbols) != 1 or symbol not in self.domain or sympy.diff(part, symbol, 2) != 0:
                continue
            ends = [part.subs(symbol, end) for end in self.domain[symbol]]
            if all(end.is_positive for end in ends):
                known[part] = sympy.Dummy(positive=True)
            elif all(end.is_negative for end in ends):
                known[part] = -sympy.Dummy(positive=True)
        return expression.xreplace(known)

    def _is_zero(self, difference: Expr) -> bool:
        """Whether SymPy proves that an expression is zero, trying cheap ways first."""
        expression = self._signed(difference)
        for way in (sympy.expand, sympy.expand_log):
            expression = way(expression)
            if expression == 0:
                return True
        expression = sympy.cancel(sympy.together(sympy.expand(difference)))
        if expression == 0 or sympy.count_ops(expression) > _MOST_OPERATIONS:
            return bool(expression == 0)
        return bool(sympy.simplify(expression) == 0)

    def _points(self, symbols: set[Symbol]) -> Iterator[dict[Symbol, Any]]:
        chance = random.Random(20)  # the same points at every build
        wanted = [*self.domain, *sorted(symbols - set(self.domain), key=str)]
        for _ in range(POINTS if symbols else 1):
            point: dict[Symbol, Any] = {}
            for symbol in wanted:
                low, high = self.domain.get(symbol, (sympy.Rational(1, 2), 2))
                low, high = (_exact(sympy.sympify(end).subs(point)) for end in (low, high))
                if symbol.is_integer:
                    point[symbol] = sympy.Integer(chance.randint(int(low), int(high)))
                else:
                    share = sympy.Rational(chance.randint(1, 10**9 - 1), 10**9)
                    point[symbol] = low + share * (high - low)
            yield point

    def rows(self) -> list[dict[str, str]]:
        """Return each line: ``left`` and ``right`` side in LaTeX, the latter with its sign; ``how`` and ``reason``.

        An expression has no left side.
        """
        parts = []
        for number, step in enumerate(self.steps):
            sign = r"\to" if step.how == SUBSTITUTED else "="
            if isinstance(step.expression, Eq):
                left, right = latex(step.expression.lhs), f"{sign} {latex(step.expression.rhs)}"
            elif number:
                left, right = "", f"{sign} {latex(step.expression)}"
            else:
                left, right = "", latex(step.expression)
            parts.append({"left": left, "right": right, "how": step.how, "reason": step.reason})
        return parts

    def latex(self) -> str:
        """Return aligned LaTeX, as Jupyter shows it."""
        lines = []
        for row in self.rows():
            reason = rf" && {_MARKS[row['how']]}\text{{{row['reason']}}}" if row["how"] else ""
            lines.append(f"{row['left']} &{row['right']}{reason}")
        return "\\begin{aligned}\n" + " \\\\[4pt]\n".join(lines) + "\n\\end{aligned}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the derivation for Jupyter, and as rows for the book's pages."""
        return {
            "text/plain": repr(self),
            "text/latex": f"$$\n{self.latex()}\n$$",
            DERIVATION_MIMETYPE: {"title": self.title, "rows": self.rows()},
        }

    def __repr__(self) -> str:
        first, *rest = self.steps
        lines = [_line(first.expression)] + [f"= {_line(s.expression)}    [{s.how}: {s.reason}]" for s in rest]
        return "\n".join(([self.title] if self.title else []) + lines)


def _exact(number: Any) -> Any:
    return number if number.is_Rational else sympy.nsimplify(number)


def _evaluate(expression: Any, point: Mapping[Symbol, Any]) -> Any:
    number = sympy.N(sympy.sympify(expression).subs(point).doit(), DIGITS)
    return number if isinstance(number, Expr) and number.is_real and number.is_finite else None


def _line(expression: Any) -> str:
    return f"{expression.lhs} = {expression.rhs}" if isinstance(expression, Eq) else str(expression)


def _show(point: Mapping[Symbol, Any]) -> str:
    return ", ".join(f"{symbol} = {sympy.N(value, 6)}" for symbol, value in point.items()) or "every point"
