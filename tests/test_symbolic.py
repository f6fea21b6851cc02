"""Printing to NumPy and JavaScript, and derivations that refuse wrong steps."""

from __future__ import annotations

import inspect

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Derivative, Eq, Function, Piecewise, Sum, Symbol, cos, exp, log, oo, symbols

from lossbook.derivations import all_derivations, likelihood
from lossbook.derivations.derivation import CHECKED, PROVED, Derivation, DerivationError
from lossbook.symbolic import primitives
from lossbook.symbolic.primitives import elementary, logsumexp, sigmoid, softplus, xlogy
from lossbook.symbolic.printing import javascript, latex, numpy_function

x, y = symbols("x y", positive=True)
t = Symbol("t", real=True)
UNIT = {x: (sympy.Rational(1, 50), sympy.Rational(49, 50))}

PRIMITIVES = [
    f
    for _, f in inspect.getmembers(primitives, inspect.isclass)
    if issubclass(f, primitives.Primitive) and f is not primitives.Primitive
]
MODERATE = st.floats(0.01, 30)


def arity(primitive: type) -> int:
    return {"xlogy": 2, "logaddexp": 2, "logsumexp": 3}.get(primitive.__name__, 1)


@pytest.mark.parametrize("primitive", PRIMITIVES)
@given(data=st.data())
def test_primitives_are_their_definitions(primitive, data):
    values = [data.draw(MODERATE) for _ in range(arity(primitive))]
    arguments = symbols(f"a:{arity(primitive)}", positive=True)
    call = primitive(*arguments)
    exact = elementary(call).subs(dict(zip(arguments, map(sympy.Float, values), strict=True))).evalf(40)
    measured = numpy_function(arguments, call)(*values)
    assert float(measured) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_derivatives_of_primitives(primitive):
    arguments = symbols(f"a:{arity(primitive)}", positive=True)
    for argument in arguments:
        difference = sympy.diff(primitive(*arguments), argument) - sympy.diff(
            elementary(primitive(*arguments)), argument
        )
        assert sympy.simplify(elementary(difference)) == 0


class TestNumPy:
    def test_extremes(self):
        at = np.array([-745.0, -37.0, -1e-20, 0.0, 1e-20, 37.0, 710.0, 1e20])
        with mpmath.workdps(60):
            exact = [float(mpmath.log1p(mpmath.exp(mpmath.mpf(v)))) if v < 800 else v for v in at]
        np.testing.assert_allclose(numpy_function([t], softplus(t))(at), exact, rtol=1e-15)

    def test_leaving_the_reals_gives_nan_and_no_warning(self):
        result = numpy_function([t], log(t) + 1 / t)([-1.0, 0.0, 1.0])
        assert np.isnan(result[0]) and not np.isfinite(result[1]) and result[2] == 1.0

    def test_cases_of_scalars_and_arrays(self):
        cases = Piecewise((t, t > 1), (-t, t < 0))
        assert numpy_function([t], cases)([2.0, -3.0]).tolist() == [2.0, 3.0]
        assert np.isnan(numpy_function([t], cases)(0.5))
        assert numpy_function([t], sympy.Integer(3))([1.0, 2.0]).tolist() == [3.0, 3.0]


class TestJavaScript:
    @pytest.mark.parametrize(
        "expression, code",
        [
            (sigmoid(x) * 2, "2*sigmoid(u)"),
            (Piecewise((1, x > 2), (0, True)), "(((u) > (2)) ? 1 : 0)"),
            (Sum(x**2, (Symbol("i"), 1, 3)), "sum(1, 3, i1 => (Math.pow(u, 2)))"),
            (sympy.Rational(1, 3), "(1/3)"),
            (oo, "Infinity"),
            (xlogy(x, x), "xlogy(u, u)"),
        ],
    )
    def test_code(self, expression, code):
        assert javascript(expression, {x: "u"}) == code

    @pytest.mark.parametrize("odd", [Function("mystery")(x), sympy.zeta(x), Derivative(Function("g")(x), x)])
    def test_what_cannot_be_compiled_is_named(self, odd):
        with pytest.raises(ValueError, match="cannot be compiled|mystery|zeta"):
            javascript(1 + odd, {x: "u"})

    def test_unnamed_symbol(self):
        with pytest.raises(ValueError, match="'y' has no name"):
            javascript(x + y, {x: "u"})


def test_latex_reads_like_a_book():
    theta = Symbol("theta", positive=True)
    assert latex(log(theta)) == r"\ln \theta"
    assert latex(sigmoid(theta)) == r"\sigma(\theta)"
    assert latex(Symbol("N1")) == "N_{1}"


class TestDerivation:
    def test_right_steps_are_proved(self):
        steps = Derivation(Derivative(x * log(x), x)).step(log(x) + 1, "product rule").steps
        assert [step.how for step in steps] == ["", PROVED]

    @pytest.mark.parametrize(
        "start, wrong",
        [
            (Derivative(log(1 - x), x), 1 / (1 - x)),  # the chain rule's sign forgotten
            (Derivative(log(1 - x), x), Derivative(1 - log(x), x)),  # a slip that a source of this book makes
            (Derivative(sigmoid(x), x), sigmoid(x) * (1 + sigmoid(x))),
            (log(x * y), log(x) * log(y)),
            ((x + y) ** 2 / 2, (x + y) ** 2),  # the ½ lost
            (exp(x), exp(x) + sympy.Float("1e-30", 40)),  # too small for float64 to see
            (logsumexp(x, y), sympy.Max(x, y)),
        ],
    )
    def test_wrong_steps_are_refused_and_named(self, start, wrong):
        with pytest.raises(DerivationError, match=r"step 1 \(by magic\) is wrong: at x = "):
            Derivation(start, domain=UNIT).step(wrong, "by magic")

    def test_the_number_of_the_step_is_right(self):
        right = Derivation(x + x, domain=UNIT).step(2 * x, "add")
        with pytest.raises(DerivationError, match=r"step 2 \(halve\)"):
            right.step(x, "halve")
        assert len(right.steps) == 2, "a refused step is not kept"

    def test_equations(self):
        quadratic = Eq(x**2 - x / 2, 0)
        assert (
            Derivation(quadratic, domain=UNIT).step(Eq(x, sympy.Rational(1, 2)), "x is not zero").steps[1].how == PROVED
        )
        with pytest.raises(DerivationError, match="do not have the same solutions"):
            Derivation(quadratic, domain=UNIT).step(Eq(x, sympy.Rational(1, 3)), "guess")
        theta, N, N1 = likelihood.theta, likelihood.N, likelihood.N1
        before = Derivation(Eq(N1 / theta - (N - N1) / (1 - theta), 0), domain=likelihood._COIN)
        with pytest.raises(DerivationError, match="do not have the same solutions"):
            before.step(Eq(theta, N1 / (N + 1)), "nearly right")
        with pytest.raises(DerivationError, match="an equation and an expression"):
            before.step(theta, "drop the right side")

    def test_what_sympy_cannot_prove_is_checked_at_50_digits(self):
        # An identity of Machin's kind, hidden from simplify by a size that it is not given.
        hidden = sum(cos(k * t) ** 2 + sympy.sin(k * t) ** 2 for k in range(1, 60))
        steps = Derivation(hidden, domain={t: (0, 1)}).step(sympy.Integer(59), "Pythagoras, 59 times").steps
        assert steps[1].how in (PROVED, CHECKED)

    def test_substitution(self):
        steps = (
            Derivation(x**2, domain={x: (1, 2), y: (1, 2)})
            .substitute({x: y + 1}, "shift")
            .step(y**2 + 2 * y + 1, "expand")
        )
        assert steps.steps[-1].how == PROVED
        with pytest.raises(DerivationError, match="y does not stand in"):
            Derivation(x**2).substitute({y: 1}, "nothing to do")

    def test_latex_has_a_line_and_a_reason_per_step(self):
        derived = likelihood.coin_maximum()
        assert derived.latex().count(r"\\[4pt]") == len(derived.steps) - 1
        assert "solve for" in derived.latex() and "solve for" not in derived.latex(upto=2)


@pytest.mark.parametrize("derive", all_derivations().values(), ids=all_derivations())
def test_the_derivations_of_the_chapters_are_proved(derive):
    assert CHECKED not in [step.how for step in derive().steps]
