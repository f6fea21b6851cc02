"""Reads a formula that a person types, in the style of Python or of a textbook, as a SymPy expression.

The grammar is that of `lossbook/live/formula.js`, which reads the same texts in a page, with the same messages.
What is typed is never run as code. Numbers are exact, but for those that only a floating-point number can hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

import numpy as np
import sympy
from sympy import Expr, Float, Piecewise, Rational, S
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from .. import functions
from . import primitives

#: A formula of more characters, or nested more deeply, is not read.
LONGEST, DEEPEST = 500, 60


class FormulaError(ValueError):
    """What cannot be read, and where it stands: from character `at` to before character `to`."""

    def __init__(self, message: str, at: int, to: int) -> None:
        super().__init__(message)
        self.message, self.at, self.to = message, at, to


def read(text: str, symbols: Sequence[str | sympy.Symbol]) -> Expr:
    """Read a formula in which the given symbols may occur.

    Parameters
    ----------
    text : str
        The formula, such as ``log(cosh(r))``, ``δ² (√(1 + (r/δ)²) - 1)`` or ``r**2/2 if |r| < 1 else |r| - 1/2``.
    symbols : sequence of str or sympy.Symbol
        What may occur; a name stands for a real number, and ``delta`` is δ.

    Returns
    -------
    sympy.Expr
        The formula. A comparison that stands for a number is 1 where it holds and 0 elsewhere.

    Raises
    ------
    FormulaError
        If the text is no formula; it says why, and in which place.
    """
    return _number(_Reader(text, symbols).read())


class _Part(NamedTuple):
    """What has been read of a formula, and its value where no symbol occurs in it."""

    expression: Any
    value: float | None
    simple: bool = False  # a number or a name


class _Token(NamedTuple):
    kind: str
    text: str
    at: int
    to: int


#: What is true or false; a symbol, which could be, is a number here.
_TESTS = (Relational, BooleanFunction, BooleanAtom)


def _number(part: Any) -> Any:
    expression = part.expression if isinstance(part, _Part) else part
    return Piecewise((1, expression), (0, True), evaluate=False) if isinstance(expression, _TESTS) else expression


def _condition(expression: Any) -> Any:
    return expression if isinstance(expression, _TESTS) else sympy.Ne(expression, 0)


def _where(condition: Any, one: Any, other: Any) -> Any:
    condition, one, other = _condition(condition), _number(one), _number(other)
    if condition in (S.true, S.false):
        return one if condition == S.true else other
    # SymPy would solve what is joined by "and" for the symbol, which may take for ever.
    return Piecewise((one, condition), (other, True), evaluate=isinstance(condition, Relational))


def _rounded(exponent: Any, base: Any) -> Any:
    """Return an exponent as a floating-point number where the power of `base` has numbers of thousands of digits."""
    bits = max((max(n.p.bit_length(), n.q.bit_length()) for n in base.atoms(Rational)), default=1)
    return Float(exponent) if exponent.is_Rational and abs(exponent) * bits > 4096 else exponent


def _power(base: Any, exponent: Any) -> Any:
    return base ** _rounded(exponent, base)


def _exp(x: Any) -> Any:
    """Return exp(x); SymPy makes a power of exp(k ln u)."""
    parts = [term.as_coeff_Mul() for term in sympy.Add.make_args(x)]
    return sympy.exp(sympy.Add(*(_rounded(factor, rest) * rest for factor, rest in parts)))


def _divide(one: Any, other: Any) -> Any:
    return one * S.Infinity if other == 0 else one / other


def _of_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *parts: function(*map(_number, parts))


#: Each operation in NumPy, and in SymPy. The order of those with a name is the one in formula.js.
_OPERATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sigmoid": (functions.sigmoid, _of_numbers(primitives.sigmoid)),
    "softplus": (functions.softplus, _of_numbers(primitives.softplus)),
    "abs": (np.abs, _of_numbers(sympy.Abs)),
    "sign": (np.sign, _of_numbers(sympy.sign)),
    "relu": (lambda x: np.maximum(0, x), _of_numbers(primitives.relu)),
    "max": (lambda *terms: np.max(terms), _of_numbers(sympy.Max)),
    "min": (lambda *terms: np.min(terms), _of_numbers(sympy.Min)),
    "logsumexp": (lambda *terms: functions.logsumexp(terms), _of_numbers(primitives.logsumexp)),
    "where": (lambda c, a, b: a if c else b, _where),
    "and": (lambda a, b: bool(a and b), lambda a, b: sympy.And(_condition(a), _condition(b))),
    "or": (lambda a, b: bool(a or b), lambda a, b: sympy.Or(_condition(a), _condition(b))),
    "not": (lambda a: not a, lambda a: sympy.Not(_condition(a))),
    "neg": (np.negative, _of_numbers(lambda a: -a)),
    "pi": (lambda: np.pi, lambda: S.Pi),
    "e": (lambda: np.e, lambda: S.Exp1),
    "inf": (lambda: np.inf, lambda: S.Infinity),
    "exp": (np.exp, _of_numbers(_exp)),
    "log": (np.log, _of_numbers(sympy.log)),
    "log2": (np.log2, _of_numbers(lambda x: sympy.log(x) / sympy.log(2))),
    "log10": (np.log10, _of_numbers(lambda x: sympy.log(x) / sympy.log(10))),
    **{
        name: (getattr(np, name), _of_numbers(getattr(sympy, name)))
        for name in ("sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")
    },
    "log1p": (np.log1p, _of_numbers(primitives.log1p)),
    "expm1": (np.expm1, _of_numbers(primitives.expm1)),
    "+": (np.add, _of_numbers(lambda a, b: a + b)),
    "-": (np.subtract, _of_numbers(lambda a, b: a - b)),
    "*": (np.multiply, _of_numbers(lambda a, b: a * b)),
    "/": (np.divide, _of_numbers(_divide)),
    "**": (np.power, _of_numbers(_power)),
    "<": (np.less, _of_numbers(sympy.Lt)),
    "<=": (np.less_equal, _of_numbers(sympy.Le)),
    ">": (np.greater, _of_numbers(sympy.Gt)),
    ">=": (np.greater_equal, _of_numbers(sympy.Ge)),
    "==": (np.equal, _of_numbers(sympy.Eq)),
    "!=": (np.not_equal, _of_numbers(sympy.Ne)),
}
#: How many arguments a function takes, at least and at most, if not one.
_ARITY = {
    "log": (1, 2), "max": (1, np.inf), "min": (1, np.inf), "logsumexp": (1, np.inf), "where": (3, 3), "and": (2, 2),
    "or": (2, 2), "==": (2, 2), "!=": (2, 2), "pi": (0, 0), "e": (0, 0), "inf": (0, 0),
}  # fmt: skip
_ALIASES = {
    "ln": "log", "Abs": "abs", "Max": "max", "Min": "min", "sigma": "sigmoid", "√": "sqrt", "∞": "inf",
    "maximum": "max", "minimum": "min", "logaddexp": "logsumexp", "logical_and": "and", "logical_or": "or",
    "logical_not": "not", "equal": "==", "not_equal": "!=",
}  # fmt: skip
_NAMES = [name for name in [*_OPERATIONS, *_ALIASES] if re.search("[A-Za-z]", name)]
_SIGNS = {
    "^": "**", "·": "*", "⋅": "*", "×": "*", "÷": "/", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!=", "√": "name",
    "∞": "name",
}  # fmt: skip
#: How strongly operators bind. A sign before a term (8) binds less than the term's power.
_RANK = {
    "if": 1, "or": 2, "and": 3, "<": 5, "<=": 5, ">": 5, ">=": 5, "==": 5, "!=": 5, "+": 6, "-": 6, "*": 7, "/": 7,
    "**": 9, "power": 10,
}  # fmt: skip
_WORDS = {"if", "else", "and", "or", "not"}
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon "
    "phi chi psi omega"
).split()

_DIGITS = "[0-9](?:_?[0-9])*"
_BLANK = re.compile("[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*")
_TOKENS = {
    "number": re.compile(rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+−]?{_DIGITS})?"),
    "power": re.compile("⁻?[⁰¹²³⁴-⁹]+"),
    "fraction": re.compile("[¼-¾⅐-⅞]"),
}
_MODULE = re.compile(r"(?:np|numpy|math|torch)\.")
_SIGN = re.compile(r"[*]{2}|[<>=!]=|.", re.DOTALL)


def _plain(name: str) -> str:
    """Return a name as it is looked up: the letters of formulas upright, Greek ones spelt."""
    spelt = re.sub("[α-ω]", lambda found: _GREEK[ord(found[0]) - ord("α")], unicodedata.normalize("NFKC", name))
    return re.sub("^lamda$", "lambda", spelt)


def _distance(a: str, b: str) -> int:
    """Count how many letters must change to make one name of another."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        following = [i + 1]
        for j, other in enumerate(b):
            following.append(min(following[j] + 1, row[j + 1] + 1, row[j] + (letter != other)))
        row = following
    return row[-1]


def _literal(text: str) -> _Part:
    text = text.replace("_", "").replace("−", "-")
    value = float(text)
    if value in (0, np.inf):
        return _Part(S.Infinity if value else S.Zero, value, True)
    exact = Fraction(text)
    return _Part(Rational(exact.numerator, exact.denominator), value, True)


def _apply(op: str, *parts: _Part) -> _Part:
    """Combine parts of a formula; what has no symbols and no finite value is what it is in floating point."""
    compute, build = _OPERATIONS[op]
    value = None
    if all(part.value is not None for part in parts):
        with np.errstate(all="ignore"):
            value = float(compute(*(part.value for part in parts)))
        if not np.isfinite(value) or value == 0:
            return _Part(
                {0.0: S.Zero, np.inf: S.Infinity, -np.inf: S.NegativeInfinity}.get(value, S.NaN), value, not parts
            )
    try:
        return _Part(build(*(part.expression for part in parts)), value, not parts)
    except (TypeError, ValueError):  # no real number, or none that compares with others
        return _Part(S.NaN, value)


class _Reader:
    """Reads from left to right, operators by the strength with which they bind."""

    def __init__(self, text: str, symbols: Sequence[str | sympy.Symbol]) -> None:
        self.text = text
        self.symbols = [symbol if isinstance(symbol, str) else symbol.name for symbol in symbols]
        self.known = {
            _plain(name): sympy.Symbol(symbol, real=True) if isinstance(symbol, str) else symbol
            for name, symbol in zip(self.symbols, symbols, strict=True)
        }
        self.place = self.depth = self.bars = 0
        self.token = _Token("end", "", 0, 0)

    def read(self) -> _Part:
        whole = _Token("", "", 0, len(self.text))
        if len(self.text) > LONGEST:
            self.fail(f"A formula has at most {LONGEST} characters.", whole)
        self.take()
        if self.token.kind == "end":
            self.fail("Nothing is written here yet.", whole)
        part = self.expression(1)
        if self.token.kind != "end":
            self.misplaced()
        return part

    def fail(self, message: str, token: _Token) -> NoReturn:
        raise FormulaError(message, token.at, token.to)

    def take(self) -> _Token:
        """Go to the next token and return the one before."""
        taken, text = self.token, self.text
        blank = _BLANK.match(text, self.place)
        start = self.place = blank.end() if blank else self.place
        if start == len(text):
            self.token = _Token("end", "", taken.to, taken.to)
            return taken
        for kind, pattern in _TOKENS.items():
            if found := pattern.match(text, start):
                self.place = found.end()
                self.token = _Token(kind, found[0], start, self.place)
                return taken
        end = self.end_of_name(start)
        if (module := _MODULE.match(text, start)) and self.end_of_name(module.end()) > module.end():
            start = module.end()
            end = self.end_of_name(start)
        if end > start:
            name = text[start:end]
            self.token = _Token(name if name in _WORDS else "name", name, start, end)
        else:
            found = _SIGN.match(text, start)
            sign = found[0] if found else ""
            end = start + len(sign)
            self.token = _Token(_SIGNS.get(sign, sign), sign, start, end)
            if sign == "=":
                self.fail("One = gives a name a value: write == to compare.", self.token)
            if self.token.kind not in _RANK and sign not in tuple("()|,√∞"):
                self.fail(f"“{sign}” has no meaning in a formula.", self.token)
        self.place = end
        return taken

    def end_of_name(self, start: int) -> int:
        text, end = self.text, start
        while end < len(text) and (
            text[end].isalpha()
            or text[end] == "_"
            or (end > start and (text[end] in "0123456789₀₁₂₃₄₅₆₇₈₉" or unicodedata.category(text[end])[0] == "M"))
        ):
            end += 1
        return end

    def misplaced(self, opened: _Token | None = None) -> NoReturn:
        kind, text = self.token.kind, self.token.text
        if opened and (kind == "end" or (opened.kind == "|" and kind == ")")):
            self.fail("This bracket is not closed.", opened)
        if kind == ")":
            self.fail("This bracket was never opened.", self.token)
        if kind == ",":
            self.fail("A comma stands between arguments; a decimal number has a point: 0.5.", self.token)
        self.fail(f"“{text}” cannot stand here.", self.token)

    def inside(self, opened: _Token, call: bool = False) -> list[_Part]:
        """Read what stands in brackets, up to the closing one."""
        outer, close = self.bars, "|" if opened.kind == "|" else ")"
        self.bars = self.bars + 1 if close == "|" else 0
        self.take()
        parts: list[_Part] = []
        while self.token.kind != close or parts or not call:
            parts.append(self.expression(1))
            if self.token.kind != "," or not call:
                break
            self.take()
        if self.token.kind != close:
            self.misplaced(opened)
        self.bars = outer
        return parts

    def named(self, name: _Token) -> _Part:
        spelt = _plain(name.text)
        if spelt in self.known:
            return _Part(self.known[spelt], None, True)
        op = _ALIASES.get(spelt, spelt)
        if op not in _OPERATIONS:
            nearest = min([*self.symbols, *_NAMES], key=lambda other: _distance(spelt, _plain(other)))
            self.fail(f"“{name.text}” is not known here; the nearest name is “{nearest}”.", name)
        least, most = _ARITY.get(op, (1, 1))
        if not most:
            return _apply(op)
        if self.token.kind != "(":
            self.fail(f"Write {name.text}(…), with brackets.", name)
        parts = self.inside(self.token, call=True)
        closed = self.take()
        if not least <= len(parts) <= most:
            takes = f"{least}" if most == least else f"at least {least}" if most > 2 else f"{least} or {most}"
            message = f"The number of arguments of {name.text} is {takes}, not {len(parts)}."
            self.fail(message, name._replace(to=closed.to))
        if op == "log" and len(parts) == 2:
            return _apply("/", *(_apply(op, part) for part in parts))
        return _apply(op, *parts)

    def operand(self) -> _Part:
        first = self.token
        kind = first.kind
        if kind in ("(", "|"):
            [part] = self.inside(first)
            self.take()
            return _apply("abs", part) if kind == "|" else part
        if kind not in ("+", "-", "not", "number", "fraction", "name"):
            what = "The formula ends" if kind == "end" else f"“{first.text}” stands"
            self.fail(f"{what} where a number, a name or a bracket should be.", first)
        self.take()
        if kind == "number":
            return _literal(first.text)
        if kind == "fraction":
            return _apply("/", *map(_literal, unicodedata.normalize("NFKC", first.text).split("⁄")))
        if kind == "name":
            return self.named(first)
        part = self.expression(4 if kind == "not" else 8)
        return part if kind == "+" else _apply("neg" if kind == "-" else "not", part)

    def expression(self, least: int) -> _Part:
        """Read operators that bind at least as strongly as asked."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"Brackets and signs are nested more than {DEEPEST} deep here.", self.token)
        left, divided = self.operand(), False
        middle: _Part | None = None  # the right side of a comparison, which may be the left of the next
        while True:
            sign = self.token
            kind = sign.kind
            if kind in ("number", "fraction"):
                self.fail(f"A sign such as * is missing before “{sign.text}”.", sign)
            product = kind in ("name", "(") or (kind == "|" and not self.bars)
            rank = 7 if product else _RANK.get(kind, 0)
            if rank < least:
                break
            if not product:
                self.take()
            elif divided:
                self.fail("This reads in two ways, as in 1/(2 r) or (1/2) r: write the brackets.", sign)
            divided = kind == "/"
            if kind == "power":
                digits = _literal(unicodedata.normalize("NFKC", sign.text.replace("⁻", "")))
                left = _apply("**", left, _apply("neg", digits) if sign.text[0] == "⁻" else digits)
                continue
            right = self.expression(8 if kind == "**" else rank + 1)
            if kind == "if":
                if self.token.kind != "else":
                    self.fail("This if needs its else: a if r > 1 else b.", sign)
                self.take()
                left = _apply("where", right, left, self.expression(1))
            elif rank == 5:
                if middle and not middle.simple:
                    self.fail("Join comparisons by and: only a number or a name stands between two.", sign)
                test = _apply(kind, middle or left, right)
                left = _apply("and", left, test) if middle else test
                middle = right
            else:
                left = _apply("*" if product else kind, left, right)
        self.depth -= 1
        return left
