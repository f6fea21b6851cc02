"""Formulas that a person types, read by Python. What the page's script makes of them: tests/browser/test_formula.py."""

import math
import random
import time

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_formulas import ALPHABET, FAULTS, FORMULAS, at_a_point, mutants

from lossbook.symbolic import losses
from lossbook.symbolic.reading import DEEPEST, LONGEST, FormulaError, read

r, m, delta = (sympy.Symbol(name, real=True) for name in ("r", "m", "delta"))


@pytest.mark.parametrize(("text", "expected"), FORMULAS)
def test_a_formula_is_what_python_makes_of_it(text, expected):
    """Held against Python's own reading of the text beside it, at some points."""
    formula = read(text, ["r", "delta"])
    for point in [(0.3, 2.0), (-1.25, 0.5), (2.5, 1.0)]:
        assert at_a_point(formula, *point) == pytest.approx(float(expected(*point)), rel=1e-12, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize(("text", "place", "words"), FAULTS)
def test_what_cannot_be_read_says_why_and_where(text, place, words):
    with pytest.raises(FormulaError) as caught:
        read(text, ["r", "delta"])
    fault = caught.value
    assert (fault.at, fault.to) == place
    assert words in fault.message == str(fault)


def test_length_and_depth_have_their_limits():
    assert read("r+" * (LONGEST // 2 - 1) + "r", ["r"]) == LONGEST // 2 * r
    nested = DEEPEST - 1
    assert read("(" * nested + "r" + ")" * nested, ["r"]) == r
    for text in ["-" * 60 + "r", "(" * 60 + "r" + ")" * 60, "r**" * 60 + "r", "not " * 60 + "r"]:
        with pytest.raises(FormulaError, match="nested more than 60"):
            read(text, ["r"])
    begun = time.perf_counter()
    with pytest.raises(FormulaError, match="at most 500 characters"):
        read("r" * 1_000_000, ["r"])
    assert time.perf_counter() - begun < 0.05


def test_symbols_may_be_given_as_they_are_wanted():
    positive = sympy.Symbol("delta", positive=True)
    assert read("δ²", [positive]) == positive**2
    assert read("sqrt(δ**2)", [positive]) == positive
    assert read("ŷ - y", ["ŷ", "y"]) == sympy.Symbol("ŷ", real=True) - sympy.Symbol("y", real=True)
    assert read("e", ["e"]) == sympy.Symbol("e", real=True) and read("e", ["r"]) == sympy.E


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log(cosh(r))", sympy.log(sympy.cosh(r))),
        ("r²/2 if |r| <= δ else δ (|r| - δ/2)", losses.HuberLoss(r, delta)),
        ("max(0, 1 - m)", sympy.Max(0, 1 - m)),
        ("softplus(-m)", losses.LogisticLoss(m)),
        ("1/3", sympy.Rational(1, 3)),
        ("0.1", sympy.Rational(1, 10)),
        ("½", sympy.S.Half),
        ("√(r²+1)", sympy.sqrt(r**2 + 1)),
        ("2π", 2 * sympy.pi),
    ],
)
def test_a_formula_is_the_one_of_the_book(text, expected):
    assert read(text, ["r", "m", "delta"]) == expected


@pytest.mark.parametrize("text", ["1e999", "9**9**9**9", "exp(exp(exp(exp(9))))", "2**(10**10)", "1/0", "-log(0)"])
def test_numbers_beyond_float64_are_infinite(text):
    begun = time.perf_counter()
    assert read(text, []) == sympy.oo
    assert read(f"{text} > 1", []) == 1
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    "text",
    [
        "(2r)**1e300",
        "1.0000000000001**1e15",
        "(r+1)**9999 r",
        "7**r**7**7",
        "1.1**5000",
        "exp(1e11 log(2r) + 1)",
        "((((2r)**999)**999)**999)**999",
    ],
)
def test_large_powers_are_not_written_out(text):
    begun = time.perf_counter()
    read(text, ["r"])
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("text", ["sqrt(-1)", "log(-1)", "sqrt(-1) + r", "max(sqrt(-r**2 - 1), 1)", "0/0"])
def test_what_is_no_real_number_is_undefined(text):
    assert math.isnan(at_a_point(read(text, ["r"]), 0.5, 1.0))


@settings(max_examples=3 * settings().max_examples)
@given(st.lists(st.sampled_from(ALPHABET) | st.characters(codec="utf-8"), max_size=40).map("".join))
def test_any_text_gives_a_formula_or_a_message(text):
    try:
        assert isinstance(read(text, ["r", "delta"]), sympy.Basic)
    except FormulaError as fault:
        assert 0 <= fault.at <= fault.to <= len(text) and fault.message.endswith(".")


def test_spoilt_formulas_give_a_formula_or_a_message():
    seed = random.randrange(2**32)
    for text in mutants(random.Random(seed), 400):
        begun = time.perf_counter()
        try:
            read(text, ["r", "delta"])
        except FormulaError as fault:
            assert 0 <= fault.at <= fault.to <= len(text), (seed, text)
        assert time.perf_counter() - begun < 5, (seed, text)


# Formulas built at random, printed with all brackets, against Python's own arithmetic.
numbers = st.floats(0, 100, allow_subnormal=False).map(lambda x: (repr(x), repr(x)))
leaves = st.sampled_from([("r", "r"), ("δ", "d"), ("π", "np.pi"), ("½", "0.5")]) | numbers


def larger(inner):
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda ab: (f"{ab[0][0]}+{ab[1][0]}", f"({ab[0][1]}+{ab[1][1]})")).map(lambda f: (f"({f[0]})", f[1])),
        two.map(lambda ab: (f"({ab[0][0]})({ab[1][0]})", f"({ab[0][1]}*{ab[1][1]})")),
        two.map(lambda ab: (f"max({ab[0][0]}, {ab[1][0]})", f"max({ab[0][1]}, {ab[1][1]})")),
        inner.map(lambda a: (f"|{a[0]}|", f"abs({a[1]})")),
        inner.map(lambda a: (f"(−{a[0]})", f"(-{a[1]})")),
        inner.map(lambda a: (f"({a[0]})²", f"({a[1]})**2")),
        inner.map(lambda a: (f"tanh({a[0]})", f"np.tanh({a[1]})")),
        inner.map(lambda a: (f"({a[0]} if r > δ else 1)", f"({a[1]} if r > d else 1)")),
    )


@given(st.recursive(leaves, larger, max_leaves=6), st.floats(-2, 2), st.floats(0.5, 2))
def test_random_formulas_agree_with_python(written, x, d):
    text, code = written
    try:
        formula = read(text, ["r", "delta"])
    except FormulaError as fault:
        assert "at most" in fault.message
        return
    expected = eval(code, {"np": np}, {"r": x, "d": d})
    assert at_a_point(formula, x, d) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
