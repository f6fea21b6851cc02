"""Stable primitives: functions whose textbook formula loses digits or overflows, as SymPy functions.

SymPy simplifies and differentiates them, `lossbook.symbolic.printing` prints them as calls of the stable
NumPy and JavaScript functions of the same names. `elementary` writes an expression out in exp and log,
for proofs.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Function, S, cosh, exp, log, tanh
from sympy.core.function import ArgumentIndexError


class Primitive(Function):
    """A function with an elementary definition that SymPy can fall back on."""

    def _definition(self) -> sympy.Expr:
        raise TypeError(f"{type(self).__name__} has no definition")

    def doit(self, **hints: Any) -> sympy.Expr:
        """Keep the primitive: `elementary` writes it out."""
        return self.func(*(argument.doit(**hints) for argument in self.args))

    def _eval_evalf(self, precision: int) -> sympy.Expr:
        return self._definition()._eval_evalf(precision)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(argument.is_extended_real for argument in self.args) else None


class log1p(Primitive):  # noqa: N801
    """ln(1 + x)."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return S.Zero if x.is_zero else None

    def _definition(self) -> sympy.Expr:
        return log(1 + self.args[0])

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return 1 / (1 + self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _call(printer, r"\ln", f"1 + {printer._print(self.args[0])}", exp)


class expm1(Primitive):  # noqa: N801
    """exp(x) − 1."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return S.Zero if x.is_zero else None

    def _definition(self) -> sympy.Expr:
        return exp(self.args[0]) - 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return exp(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = rf"\left(e^{{{printer._print(self.args[0])}}} - 1\right)"
        return f"{power}^{{{exp}}}" if exp else power


class sigmoid(Primitive):  # noqa: N801
    """1 / (1 + exp(−x)), the logistic function σ."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return S.Half if x.is_zero else None

    def _definition(self) -> sympy.Expr:
        return 1 / (1 + exp(-self.args[0]))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return self * sigmoid(-self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _call(printer, r"\sigma", printer._print(self.args[0]), exp)


class softplus(Primitive):  # noqa: N801
    """ln(1 + exp(x))."""

    nargs = 1

    def _definition(self) -> sympy.Expr:
        return log(1 + exp(self.args[0]))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return sigmoid(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _call(printer, r"\operatorname{softplus}", printer._print(self.args[0]), exp)


class log_sigmoid(Primitive):  # noqa: N801
    """Logarithm of the sigmoid, −ln(1 + exp(−x))."""

    nargs = 1

    def _definition(self) -> sympy.Expr:
        return -log(1 + exp(-self.args[0]))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return sigmoid(-self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _call(printer, r"\ln\sigma", printer._print(self.args[0]), exp)


class logsumexp(Primitive):  # noqa: N801
    """ln Σ exp(x_k) of one or more arguments."""

    @classmethod
    def eval(cls, *terms: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        if not terms:
            return S.NegativeInfinity
        return terms[0] if len(terms) == 1 else None

    def _definition(self) -> sympy.Expr:
        return log(sympy.Add(*map(exp, self.args)))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        return exp(self.args[argindex - 1] - self)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        terms = " + ".join(f"e^{{{printer._print(x)}}}" if x != 0 else "1" for x in self.args)
        return _call(printer, r"\ln", terms, exp)


class logaddexp(logsumexp):  # noqa: N801
    """ln(exp(x) + exp(y))."""

    nargs = 2


class xlogy(Primitive):  # noqa: N801
    """X ln y, with 0 ln 0 = 0."""

    nargs = 2

    @classmethod
    def eval(cls, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return S.Zero if x.is_zero else log(y) if x == 1 else None

    def _definition(self) -> sympy.Expr:
        x, y = self.args
        return x * log(y)

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        x, y = self.args
        return log(y) if argindex == 1 else x / y

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        x, y = self.args
        product = rf"{printer.parenthesize(x, 50)} \ln {printer._print(y) if y.is_Atom else _round(printer._print(y))}"
        return f"{_round(product)}^{{{exp}}}" if exp else product


class logcosh(Primitive):  # noqa: N801
    """ln cosh x."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return S.Zero if x.is_zero else None

    def _definition(self) -> sympy.Expr:
        return log(cosh(self.args[0]))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return tanh(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _raised(_call(printer, r"\ln\cosh", printer._print(self.args[0]), None), exp)


class relu(Primitive):  # noqa: N801
    """max(0, x); its slope at the corner is 0."""

    nargs = 1

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return sympy.Max(0, x) if x.is_number else None

    def _definition(self) -> sympy.Expr:
        return sympy.Max(0, self.args[0])

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        return sympy.Piecewise((1, self.args[0] > 0), (0, True))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _call(printer, r"\max", f"0, {printer._print(self.args[0])}", exp)


class pow1pm1(Primitive):  # noqa: N801
    """(1 + x)^p − 1."""

    nargs = 2

    @classmethod
    def eval(cls, x: sympy.Expr, power: sympy.Expr) -> sympy.Expr | None:  # noqa: D102
        return S.Zero if x.is_zero or power.is_zero else None

    def _definition(self) -> sympy.Expr:
        x, power = self.args
        return (1 + x) ** power - 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: D102
        x, power = self.args
        return power * (1 + x) ** (power - 1) if argindex == 1 else (1 + x) ** power * log1p(x)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return _raised(rf"\left({printer._print(self._definition())}\right)", exp)


def _round(inside: str) -> str:
    # Brackets that grow are set wide apart: only what is taller than a letter needs them.
    return rf"\left({inside}\right)" if "\\frac" in inside or "^" in inside else f"({inside})"


def _raised(inside: str, power: str | None) -> str:
    return rf"\left({inside}\right)^{{{power}}}" if power else inside


def _call(printer: Any, name: str, inside: str, power: str | None) -> str:
    raised = f"{name}^{{{power}}}" if power else name
    return rf"{raised}{_round(inside)}"


def elementary(expression: Any) -> Any:
    """Return `expression` with every primitive written out in exp and log."""
    return sympy.sympify(expression).replace(lambda part: isinstance(part, Primitive), lambda part: part._definition())
