"""The expressions of one figure, compiled once to JavaScript and once to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import sympy

from lossbook.symbolic.printing import javascript, numpy_function

from .assets import primitives_used_by

# Names of the variables that a mark binds, in the order in which the engine passes them.
_BOUND = ("u", "v")


def as_expression(value: Any) -> sympy.Expr:
    """Return a number or expression as a SymPy expression."""
    expression = sympy.sympify(value)
    if not isinstance(expression, sympy.Expr):  # a condition counts as 1 or 0
        return sympy.Piecewise((1, expression), (0, True))
    return expression


def names_in(*values: Any) -> set[str]:
    """Return the names of the free symbols of numbers or expressions."""
    return {str(symbol.name) for value in values for symbol in as_expression(value).free_symbols}


class Program:
    """Collects the expressions of a figure and gives each one a number.

    Parameters
    ----------
    parameters : iterable of sympy.Symbol
        What the reader can move.
    computed : iterable of sympy.Symbol
        Definitions, and states of trajectories, which stand for the last state outside of them.
    """

    def __init__(self, parameters: Iterable[sympy.Symbol], computed: Iterable[sympy.Symbol] = ()) -> None:
        self.parameters = {str(symbol.name): symbol for symbol in parameters}
        # In the order in which the engine passes their values.
        self.names = self.parameters | {str(symbol.name): symbol for symbol in computed}
        self.symbols = list(self.names.values())
        self.functions: list[tuple[tuple[sympy.Symbol, ...], sympy.Expr]] = []
        self._index: dict[tuple[tuple[sympy.Symbol, ...], sympy.Expr], int] = {}
        self._code: list[str] = []
        self._compiled: dict[tuple[int, int], Callable[..., np.ndarray]] = {}

    def function(self, expression: Any, bound: Sequence[sympy.Symbol] = (), *, where: str) -> int:
        """Add a function of all `symbols` and of the `bound` symbols; return its number."""
        expression = as_expression(expression)
        key = (tuple(bound), expression)
        if key not in self._index:
            known = {*self.symbols, *bound}
            taken = [symbol for symbol in bound if str(symbol) in self.names]
            if taken:
                kind = "parameter" if str(taken[0]) in self.parameters else "definition or state"
                raise ValueError(f"{where}: it binds {taken[0]}, which is a {kind} of the figure; use another symbol")
            # Symbols are compared by name: symbols("N") and symbols("N", integer=True) are one parameter.
            names = {str(symbol.name): symbol for symbol in known}
            strangers = [symbol for symbol in expression.free_symbols if str(symbol) not in names]
            if strangers:
                raise ValueError(
                    f"{where}: symbol {min(map(str, strangers))!r} is neither a parameter or definition of the figure "
                    f"({', '.join(self.names) or 'it has none'}) nor bound by the mark"
                )
            # Those that differ alone: SymPy builds anew whatever holds a symbol to be replaced, be it by itself.
            renamed = {symbol: names[str(symbol)] for symbol in expression.free_symbols if symbol not in known}
            expression_here = expression.xreplace(renamed)
            try:
                code = self._javascript(expression_here, tuple(bound))
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from error
            self._index[key] = len(self.functions)
            self.functions.append((tuple(bound), expression_here))
            self._code.append(code)
        return self._index[key]

    def number(self, expression: Any, *, where: str, bound: Sequence[sympy.Symbol] = ()) -> float | dict[str, int]:
        """Return a constant as a JSON number, everything else as a reference to a compiled function."""
        expression = as_expression(expression)
        if expression.is_number and expression.is_finite and expression.is_real:
            value = float(expression)
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        return {"f": self.function(expression, bound, where=where)}

    def _javascript(self, expression: sympy.Expr, bound: tuple[sympy.Symbol, ...]) -> str:
        names = {symbol: f"p[{i}]" for i, symbol in enumerate(self.symbols)} | dict(zip(bound, _BOUND, strict=False))
        head = ", ".join(("p", *_BOUND[: len(bound)]))
        # Shared sub-expressions are computed once; a Sum binds its index, so its inside must stay where it is.
        shared: list[tuple[sympy.Symbol, sympy.Expr]] = []
        if not expression.has(sympy.Sum) and sympy.count_ops(expression) > 8:
            shared, (expression,) = sympy.cse([expression], symbols=sympy.numbered_symbols("t"), order="none")
        lines = []
        for symbol, part in shared:
            lines.append(f"const {symbol} = {javascript(part, names)};")
            names[symbol] = str(symbol)
        result = javascript(expression, names)
        if lines:
            return f"({head}) => {{{' '.join(lines)} return {result};}}"
        return f"({head}) => {result}"

    def javascript(self) -> str:
        """Return the body of a JavaScript function that returns the list of functions."""
        body = ",\n".join(self._code)
        return f"{primitives_used_by(body)}\nreturn [\n{body}\n];\n"

    def numpy(self, index: int) -> Callable[..., np.ndarray]:
        """Return function `index` for NumPy; it takes all `symbols`, then the bound variables."""
        key = index, len(self.symbols)
        if key not in self._compiled:  # a trajectory asks thousands of times
            bound, expression = self.functions[index]
            self._compiled[key] = numpy_function([*self.symbols, *bound], expression)
        return self._compiled[key]
