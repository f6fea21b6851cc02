"""From SymPy expressions to code: JavaScript for the reader's browser, NumPy for everything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any

import numpy as np
import sympy
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.latex import LatexPrinter
from sympy.printing.numpy import NumPyPrinter

from lossbook import functions

from .primitives import Primitive

# SymPy function -> name of the JavaScript function. A bare name stands in lossbook/live/primitives.js.
_JAVASCRIPT_NAMES = {
    "log1p": "Math.log1p", "expm1": "Math.expm1", "Abs": "Math.abs", "ceiling": "Math.ceil", "floor": "Math.floor",
    "sign": "Math.sign", "sin": "Math.sin", "cos": "Math.cos", "tan": "Math.tan", "asin": "Math.asin",
    "acos": "Math.acos", "atan": "Math.atan", "atan2": "Math.atan2", "sinh": "Math.sinh", "cosh": "Math.cosh",
    "tanh": "Math.tanh", "exp": "Math.exp", "log": "Math.log", "Max": "Math.max", "Min": "Math.min",
    "sigmoid": "sigmoid", "softplus": "softplus", "log_sigmoid": "log_sigmoid", "logaddexp": "logsumexp",
    "logsumexp": "logsumexp", "xlogy": "xlogy", "logcosh": "logcosh", "relu": "relu", "pow1pm1": "pow1pm1",
    "loggamma": "loggamma", "gamma": "gamma", "erf": "erf",
}  # fmt: skip


class _JavaScriptPrinter(JavascriptCodePrinter):
    """SymPy's printer with our names for symbols, sums as loops and nothing that it does not know.

    Terms stand in the order in which SymPy keeps them: to sort them as a person would costs more than all the rest.
    """

    def __init__(self, names: Mapping[sympy.Symbol, str]) -> None:
        super().__init__({"human": False, "order": "none"})
        self.names = dict(names)

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:
        if symbol not in self.names:
            raise ValueError(f"symbol {str(symbol)!r} has no name in JavaScript")
        return self.names[symbol]

    _print_Dummy = _print_Symbol

    def _print_Function(self, call: sympy.Function) -> str:
        name = _JAVASCRIPT_NAMES.get(type(call).__name__)
        if name is None:
            rewritten = call.rewrite(sympy.Piecewise) if isinstance(call, sympy.Heaviside) else call
            if isinstance(call, sympy.binomial | sympy.factorial):
                rewritten = call.rewrite(sympy.gamma)
            if rewritten == call:
                raise ValueError(f"{call} cannot be compiled to JavaScript")
            return self._print(rewritten)
        return f"{name}({', '.join(self._print(argument) for argument in call.args)})"

    _print_Max = _print_Min = _print_Abs = _print_sign = _print_floor = _print_ceiling = _print_Function
    _print_loggamma = _print_gamma = _print_Heaviside = _print_factorial = _print_binomial = _print_Function
    _print_exp = _print_log = _print_log1p = _print_expm1 = _print_Function

    def _print_Piecewise(self, piecewise: sympy.Piecewise) -> str:
        code = "NaN"  # where no condition holds there is no value
        for value, condition in reversed(piecewise.args):
            if condition == True:  # noqa: E712 (a SymPy truth value)
                code = self._print(value)
            else:
                code = f"({self._print(condition)} ? {self._print(value)} : {code})"
        return code

    def _print_Relational(self, relation: Any) -> str:
        sign = {"==": "===", "!=": "!=="}.get(relation.rel_op, relation.rel_op)
        return f"(({self._print(relation.lhs)}) {sign} ({self._print(relation.rhs)}))"

    def _print_Mod(self, modulo: sympy.Mod) -> str:
        a, b = (self._print(argument) for argument in modulo.args)
        return f"((({a}) % ({b}) + ({b})) % ({b}))"

    def _print_Sum(self, total: sympy.Sum) -> str:
        body = total.function
        code = None
        for index, low, high in total.limits:
            self.names[index] = f"i{len(self.names)}"
            code = f"sum({self._print(low)}, {self._print(high)}, {self.names[index]} => "
            code += f"({self._print(body)}))"
            if len(total.limits) > 1:
                raise ValueError(f"{total}: write a sum over two indices as a sum of sums")
        assert code is not None
        return code

    def _print_Infinity(self, _: Any) -> str:
        return "Infinity"

    def _print_NegativeInfinity(self, _: Any) -> str:
        return "(-Infinity)"

    def _print_NaN(self, _: Any) -> str:
        return "NaN"

    def _print_Rational(self, number: sympy.Rational) -> str:
        return f"({number.p}/{number.q})"


def javascript(expression: Any, names: Mapping[sympy.Symbol, str]) -> str:
    """Return a JavaScript expression.

    Parameters
    ----------
    expression : sympy.Expr
        What to compute.
    names : mapping of sympy.Symbol to str
        The JavaScript name of each symbol.

    Raises
    ------
    ValueError
        If a part cannot be compiled; the message names it.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> javascript(x**2 + sympy.exp(x), {x: "u"})
    'Math.pow(u, 2) + Math.exp(u)'
    """
    _, unsupported, code = _JavaScriptPrinter(names).doprint(sympy.sympify(expression))
    if unsupported:
        raise ValueError(f"{min(map(str, unsupported))} cannot be compiled to JavaScript")
    return " ".join(code.split())


def _logsumexp(*terms: Any) -> Any:
    return reduce(np.logaddexp, terms)


def _logcosh(x: Any) -> Any:
    size = np.abs(x)
    near = np.sinh(np.minimum(size, 1) / 2)
    far = size + (np.log1p(np.exp(-2 * size)) - math.log(2))
    return np.where(size < 1, np.log1p(2 * near * near), far)


def _pow1pm1(x: Any, power: Any) -> Any:
    exponent = power * np.log1p(x)
    # Where the exponent is large the power is taken directly, since exp would multiply the exponent's rounding.
    return np.where(np.abs(exponent) > 1, (1 + x) ** power - 1, np.expm1(exponent))


_NUMPY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sigmoid": functions.sigmoid,
    "softplus": functions.softplus,
    "log_sigmoid": functions.log_sigmoid,
    "xlogy": functions.xlogy,
    "logaddexp": np.logaddexp,
    "logsumexp": _logsumexp,
    "logcosh": _logcosh,
    "relu": lambda x: np.maximum(0, x),
    "pow1pm1": _pow1pm1,
    "loggamma": np.vectorize(math.lgamma, otypes=[float]),
    "gamma": np.vectorize(math.gamma, otypes=[float]),
    "erf": np.vectorize(math.erf, otypes=[float]),
    "factorial": np.vectorize(lambda n: math.gamma(n + 1), otypes=[float]),
}


class _NumPyPrinter(NumPyPrinter):
    """SymPy's printer with calls of our functions, and cases as nested choices (numpy.select refuses scalars)."""

    def _print_Function(self, call: sympy.Function) -> str:
        name = type(call).__name__
        if name in _NUMPY_FUNCTIONS:
            return f"{name}({', '.join(self._print(argument) for argument in call.args)})"
        return str(super()._print_Function(call))

    _print_loggamma = _print_gamma = _print_erf = _print_factorial = _print_log1p = _print_expm1 = _print_Function
    _print_logaddexp = _print_Function

    def _print_Piecewise(self, piecewise: sympy.Piecewise) -> str:
        code = "nan"
        for value, condition in reversed(piecewise.args):
            if condition == True:  # noqa: E712 (a SymPy truth value)
                code = self._print(value)
            else:
                code = f"where({self._print(condition)}, {self._print(value)}, {code})"
        return code

    def _print_And(self, conditions: sympy.And) -> str:
        # SymPy's own logical_and.reduce refuses a scalar beside an array.
        return reduce(lambda a, b: f"logical_and({a}, {b})", map(self._print, conditions.args))

    def _print_Or(self, conditions: sympy.Or) -> str:
        return reduce(lambda a, b: f"logical_or({a}, {b})", map(self._print, conditions.args))


@cache
def _lambdify(arguments: tuple[sympy.Symbol, ...], expression: sympy.Expr) -> Callable[..., Any]:
    settings = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True, "order": "none"}
    printer = _NumPyPrinter(settings)
    # A docstring of the formula, which nobody reads, would take half of the time.
    compiled: Callable[..., Any] = sympy.lambdify(
        arguments, expression, modules=[_NUMPY_FUNCTIONS, "numpy"], printer=printer, docstring_limit=0
    )
    return compiled


def numpy_function(arguments: Sequence[sympy.Symbol], expression: Any) -> Callable[..., np.ndarray]:
    """Return a function of NumPy arrays that evaluates the expression in float64.

    Parameters
    ----------
    arguments : sequence of sympy.Symbol
        The function's arguments, in order; they broadcast against each other.
    expression : sympy.Expr
        What to compute.

    Returns
    -------
    callable
        It warns of nothing: where a formula leaves the real numbers the result is NaN or infinite.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> numpy_function([x], x**2)([1.0, 2.0]).tolist()
    [1.0, 4.0]
    """
    compiled = _lambdify(tuple(arguments), sympy.sympify(expression))

    def evaluate(*values: Any) -> np.ndarray:
        arrays = [np.asarray(value, dtype=np.float64) for value in values]
        with np.errstate(all="ignore"):
            result = np.asarray(compiled(*arrays), dtype=np.float64)
        shape = np.broadcast(*arrays).shape if arrays else ()
        return result if result.shape == shape else np.broadcast_to(result, shape)

    return evaluate


class _LatexPrinter(LatexPrinter):
    """SymPy's printer with the book's habits: ln θ without brackets, θ − f, not −f + θ, |r| ≤ δ, not δ ≥ |r|."""

    def _as_ordered_terms(self, expression: sympy.Expr, order: Any = None) -> list[sympy.Expr]:
        terms: list[sympy.Expr] = super()._as_ordered_terms(expression, order)
        # The sort is stable: terms with a minus go behind the others.
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))

    def _print_Symbol(self, symbol: sympy.Symbol, **style: Any) -> str:
        return str(super()._print_Symbol(symbol, **style)).replace(r"\epsilon", r"\varepsilon")  # sliders: ε

    def _print_Relational(self, relation: Any) -> str:
        turned = relation.lhs.is_Atom and not relation.rhs.is_Atom and relation.rel_op not in ("==", "!=")
        return str(super()._print_Relational(relation.reversed if turned else relation))

    def _print_log(self, call: sympy.log, exp: str | None = None) -> str:
        (argument,) = call.args
        inside = self._print(argument)
        name = rf"\ln^{{{exp}}}" if exp else r"\ln"
        return f"{name} {inside}" if argument.is_Atom else rf"{name}\left({inside}\right)"


def latex(expression: Any, names: Mapping[sympy.Symbol, str] | None = None) -> str:
    """Return LaTeX as the book sets it: ln for the natural logarithm; `names` is LaTeX of symbols."""
    return str(_LatexPrinter({"ln_notation": True, "symbol_names": dict(names or {})}).doprint(expression))


__all__ = ["Primitive", "javascript", "latex", "numpy_function"]
