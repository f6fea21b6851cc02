"""The true term and gradient of a loss's row, from its formula in SymPy, evaluated by mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath
import sympy
from mpmath import mpf
from sympy.printing.pycode import MpmathPrinter

from lossbook.symbolic.primitives import elementary

from .cases import Case

#: Enough for 1 + e^−2000, and for what is left after a cancellation.
DIGITS = 950
LARGEST, SMALLEST = mpf("1.7976931348623157e308"), mpf("2.2250738585072014e-308")
_LIMITS = {
    "float64": (LARGEST, SMALLEST),
    "float32": ((2 - mpf(2) ** -23) * mpf(2) ** 127, mpf(2) ** -126),
}
# Kinds whose target selects the formula; any other target is a number in it.
_CHOOSING = ("classes", "log classes", "simplex", "features", "hard logit", "bins", "soft classes")


@cache
def _besselk(order: int, x: int) -> mpf:
    """Return K_n(x), half the integral of exp(−x cosh t) cosh(nt) over the real line; mpmath's own takes 8 s.

    The trapezoid rule is exact to exp(−π²/step) for a function that is analytic up to a distance of π/2.
    """
    nats = mpmath.mp.dps * mpmath.log(10)
    step = mpmath.pi**2 / (nats + 10)
    total, power, factor = mpmath.exp(-x) / 2, mpf(1), mpmath.exp(step)  # the power is e^t
    for _ in range(int(mpmath.acosh((nats + 10) / x) / step) + 1):
        power *= factor
        total += mpmath.exp(-x * (power + 1 / power) / 2) * (power**order + power**-order) / 2
    return step * total


# What costs time at so many digits; the formulas have the same few arguments again and again, and always at DIGITS.
_COSTLY = {"besselk": _besselk, **{name: cache(getattr(mpmath, name)) for name in ("erfc", "exp", "log")}}


def truth(case: Case, row: Sequence[float], target: Any) -> list[mpf]:
    """Return the term of a row and its derivatives by the row's predictions."""
    wanted = tuple(target) if isinstance(target, list | tuple) else target
    choosing = case.kind in _CHOOSING
    shape = wanted if choosing else len(wanted) if isinstance(wanted, tuple) else None
    numbers = () if choosing else wanted if isinstance(wanted, tuple) else (wanted,)
    with mpmath.workdps(DIGITS):
        values = [mpf(v) for v in (*row, *numbers)]
        return [mpf(f(*values)) for f in _functions(case, len(row), shape)]


@cache
def _functions(case: Case, size: int, shape: Any) -> list[Callable[..., Any]]:
    x = sympy.symbols(f"x:{size}", real=True)
    if case.kind in _CHOOSING:
        t: Any = ()
        expression = case.formula(list(x), shape)
    else:
        t = sympy.symbols(f"t:{shape or 1}", real=True)
        expression = case.formula(list(x), t if shape else t[0])
    # At a kink every loss of the book takes the slope 0 of the side that costs nothing.
    own = {"Heaviside": lambda at, _=0: mpf(int(at > 0)), "Max": max, "DiracDelta": lambda at: mpf(0)}
    modules = [own | _COSTLY, "mpmath"]
    # As lambdify has it, but for the order: sorting terms takes longer than all else.
    printer = MpmathPrinter(
        {
            "fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True,
            "user_functions": {name: name for name in modules[0]}, "order": "none",
        }
    )  # fmt: skip
    parts = [expression, *(sympy.diff(expression, symbol) for symbol in x)]
    return [
        sympy.lambdify([*x, *t], elementary(part), modules=modules, printer=printer, docstring_limit=0)
        for part in parts
    ]


def relative_error(got: float, exact: mpf, scale: float = 0.0, kind: str = "float64") -> float:
    """Return how far a float is from the truth, relative to it, or to the larger terms that it is a difference of.

    Where the truth lies beyond the largest float of its kind, infinity is right; below the smallest normal one,
    anything as small.
    """
    largest, smallest = _LIMITS[kind]
    if abs(exact) > largest:
        return 0.0 if got == math.copysign(math.inf, exact) else math.inf
    if math.isnan(got) or math.isinf(got):
        return math.inf
    with mpmath.workdps(DIGITS):
        distance = abs(mpf(float(got)) - exact)
        if distance <= smallest:
            return 0.0
        return float(distance / max(abs(exact), mpf(scale), smallest))
