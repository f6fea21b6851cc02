"""What people may type as formulas, right and wrong, for both readers of it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy

#: A text, and what it means in Python for r and delta.
FORMULAS = [
    ("0.5**10", lambda r, d: 0.5**10),
    ("2^3", lambda r, d: 8),
    ("2**3**2", lambda r, d: 512),
    ("-2**2", lambda r, d: -4),
    ("2**-1", lambda r, d: 0.5),
    ("−r**2", lambda r, d: -(r**2)),
    ("--r", lambda r, d: r),
    ("+r - -r", lambda r, d: 2 * r),
    ("2 - 3 - 4", lambda r, d: -5),
    ("8/4/2", lambda r, d: 1),
    ("8÷4·3×2", lambda r, d: 12),
    ("log(52, 2)", lambda r, d: math.log2(52)),
    ("log(8, 2) + log(1000, 10) + log(81, 3)", lambda r, d: 10),
    ("ln(e) + log2(8) + log10(100)", lambda r, d: 6),
    ("log(cosh(r))", lambda r, d: math.log(math.cosh(r))),
    ("r**2/2", lambda r, d: r**2 / 2),
    ("abs(r)**1.5", lambda r, d: abs(r) ** 1.5),
    ("|r|", lambda r, d: abs(r)),
    ("||r| - δ| + 2|r|", lambda r, d: abs(abs(r) - d) + 2 * abs(r)),
    ("|r||δ|", lambda r, d: abs(r) * d),
    ("|(2|r|)|", lambda r, d: 2 * abs(r)),
    ("1 - exp(-r**2/2)", lambda r, d: 1 - math.exp(-(r**2) / 2)),
    ("delta**2*(sqrt(1+(r/delta)**2)-1)", lambda r, d: d**2 * (math.sqrt(1 + (r / d) ** 2) - 1)),
    ("δ² (√(1 + (r/δ)²) - 1)", lambda r, d: d**2 * (math.sqrt(1 + (r / d) ** 2) - 1)),
    ("max(0.3*r, (0.3-1)*r)", lambda r, d: max(0.3 * r, -0.7 * r)),
    ("log(1+exp(-r))", lambda r, d: math.log(1 + math.exp(-r))),
    ("max(0, 1-r)**2", lambda r, d: max(0, 1 - r) ** 2),
    ("-(1-r)**2*log(r)", lambda r, d: -((1 - r) ** 2) * math.log(r) if r > 0 else math.nan),
    ("sqrt(abs(r))", lambda r, d: math.sqrt(abs(r))),
    ("r**3", lambda r, d: r**3),
    ("1/r", lambda r, d: 1 / r),
    ("r⁻¹ + r²", lambda r, d: 1 / r + r**2),
    ("e^r²", lambda r, d: math.exp(r**2)),
    ("sin(r) + cos(r) tan(r)", lambda r, d: 2 * math.sin(r)),
    ("log(r)", lambda r, d: math.log(r) if r > 0 else math.nan),
    ("2r + 2(r+1) + (r+1)(r-1)", lambda r, d: 4 * r + 2 + r**2 - 1),
    ("r exp(r)", lambda r, d: r * math.exp(r)),
    ("½r² + ¼ + ¾δ + ⅓", lambda r, d: r**2 / 2 + 0.25 + 0.75 * d + 1 / 3),
    ("2π r + π/2", lambda r, d: 2 * math.pi * r + math.pi / 2),
    ("min(r, δ, 1) + max(r)", lambda r, d: min(r, d, 1) + r),
    ("sign(r) + relu(r)", lambda r, d: np.sign(r) + max(0, r)),
    ("where(r > 1, r, δ)", lambda r, d: r if r > 1 else d),
    ("r if r > 1 else -r if r < -1 else 0", lambda r, d: r if r > 1 else -r if r < -1 else 0),
    ("r**2/2 if |r| ≤ δ else δ(|r| - δ/2)", lambda r, d: r**2 / 2 if abs(r) <= d else d * (abs(r) - d / 2)),
    ("(r > 0) r", lambda r, d: max(r, 0)),
    ("0 < r <= 1", lambda r, d: 0 < r <= 1),
    ("-1 < r and r < 1 or r >= 2", lambda r, d: -1 < r < 1 or r >= 2),
    ("not r > 0 or δ == 2", lambda r, d: r <= 0 or d == 2),
    ("(r != 2.5) + (δ ≠ 2)", lambda r, d: (r != 2.5) + (d != 2)),
    ("tanh(r) + sinh(r) + cosh(r)", lambda r, d: math.tanh(r) + math.exp(r)),
    ("log1p(r**2) + expm1(r)", lambda r, d: math.log1p(r**2) + math.expm1(r)),
    ("sigmoid(r) + σ(-r)", lambda r, d: 1),
    ("softplus(r) - softplus(-r)", lambda r, d: r),
    ("logsumexp(r, δ, 0)", lambda r, d: math.log(math.exp(r) + math.exp(d) + 1)),
    ("exp(-∞) + exp(-inf)", lambda r, d: 0),
    ("1_000 + .5 + 5. + 1e-3 + 2.5E+2 + 1e−1", lambda r, d: 1255.601),
    ("np.exp(r) + math.sqrt(4) + numpy.maximum(r, 0)", lambda r, d: math.exp(r) + 2 + max(r, 0)),
    ("𝑟 + 𝛿", lambda r, d: r + d),
    ("\tr \u00a0+\u2009δ ", lambda r, d: r + d),
    ("r**δ", lambda r, d: r**d if r > 0 else math.nan if d != int(d) else r**d),
    ("2**r", lambda r, d: 2**r),
]  # fmt: skip

#: A text with its fault: the place, and words of the message.
FAULTS = [
    ("", (0, 0), "Nothing is written"),
    ("  ", (0, 2), "Nothing is written"),
    ("r +", (3, 3), "The formula ends where"),
    ("r +  ", (3, 3), "The formula ends where"),
    ("r * / 2", (4, 5), "“/” stands where"),
    ("()", (1, 2), "“)” stands where"),
    ("max(r,)", (6, 7), "“)” stands where"),
    ("² r", (0, 1), "“²” stands where"),
    ("(r + 1", (0, 1), "bracket is not closed"),
    ("exp(r", (3, 4), "bracket is not closed"),
    ("|r + 1", (0, 1), "bracket is not closed"),
    ("(|r)", (1, 2), "bracket is not closed"),
    ("r + 1)", (5, 6), "never opened"),
    ("lgo(r)", (0, 3), "nearest name is “log”"),
    ("1 + dleta", (4, 9), "nearest name is “delta”"),
    ("x", (0, 1), "nearest name is “r”"),
    ("rr", (0, 2), "“rr” is not known here"),
    ('__import__("os")', (0, 10), "“__import__” is not known"),
    ("constructor", (0, 11), "not known"),
    ("toString(r)", (0, 8), "not known"),
    ("__proto__", (0, 9), "not known"),
    ("𝑟 + 𝑥", (4, 5), "“𝑥” is not known"),
    ("log(1, 2, 3)", (0, 12), "The number of arguments of log is 1 or 2, not 3."),
    ("1 + exp()", (4, 9), "The number of arguments of exp is 1, not 0."),
    ("where(r, 1)", (0, 11), "The number of arguments of where is 3, not 2."),
    ("min()", (0, 5), "at least 1, not 0"),
    ("sin r", (0, 3), "Write sin(…), with"),
    ("√r", (0, 1), "Write √(…), with"),
    ("0,5", (1, 2), "0.5"),
    ("(r, 2)", (2, 3), "A comma"),
    ("max(|r, 2|)", (6, 7), "A comma"),
    ("r ∧ r", (2, 3), "“∧” has no meaning"),
    ("if r", (0, 2), "“if” stands where"),
    ("exp(r ** )", (9, 10), "“)” stands where"),
    ("r = 2", (2, 3), "write =="),
    ("r 2", (2, 3), "missing before “2”"),
    ("2 ½", (2, 3), "missing before “½”"),
    ("1.2.3", (3, 5), "missing before “.3”"),
    ("1/2r", (3, 4), "two ways"),
    ("1/2 (r)", (4, 5), "two ways"),
    ("r if r > 1", (2, 4), "needs its else"),
    ("r else 1", (2, 6), "“else” cannot stand"),
    ("0 < r + 1 < 2", (10, 11), "Join comparisons"),
    ("r $ 2", (2, 3), "“$” has no meaning"),
    ("[r]", (0, 1), "“[” has no meaning"),
    ("r.real", (1, 2), "“.” has no meaning"),
    ("r // 2", (3, 4), "“/” stands where"),
    ("(" * 100, (60, 61), "more than 60 deep"),
    ("-" * 100 + "r", (60, 61), "more than 60 deep"),
    ("r" * 501, (0, 501), "at most 500 characters"),
]  # fmt: skip

#: The signs of the grammar, words included, and some that it lacks.
ALPHABET = [
    *"rδ0123456789.()()()|,+-*/^·×÷−≤≥≠<>=½¼²³⁻√∞π_ ee", "**", "<=", "==", "!=", " if ", " else ", " and ", " or ",
    " not ", "exp(", "log(", "max(", "where(", "abs", "delta", "sqrt(", "1e5", "$", "[", "x", "𝑟",
]  # fmt: skip


def mutants(chance: random.Random, count: int) -> Iterator[str]:
    """Return random strings over the alphabet, and right formulas in which a few signs were changed."""
    for i in range(count):
        if i % 3 == 0:
            yield "".join(chance.choices(ALPHABET, k=chance.randrange(60)))
            continue
        text = list(chance.choice(FORMULAS)[0])
        for _ in range(chance.randrange(1, 3)):
            place = chance.randrange(len(text) + 1)
            text[place : place + chance.randrange(3)] = chance.choices(ALPHABET, k=chance.randrange(3))
        yield "".join(text)


def at_a_point(formula: Any, r: float, delta: float) -> float:
    """Return the number that a formula is at a point, NaN where that is not real."""
    names = {"r": r, "m": r, "p": r, "delta": delta}
    number = formula.subs({s: sympy.Float(names[s.name], 30) for s in formula.free_symbols}).evalf(25)
    try:
        return float(number)
    except TypeError:
        return math.nan
