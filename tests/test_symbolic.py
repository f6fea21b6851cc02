"""Printing to NumPy and JavaScript, and derivations that refuse wrong steps."""

from __future__ import annotations

import inspect
import json

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Derivative, Eq, Function, Piecewise, Sum, Symbol, cos, exp, log, oo, symbols

from lossbook.derivations import all_derivations, likelihood
from lossbook.derivations.derivation import CHECKED, DERIVATION_MIMETYPE, PROVED, Derivation, DerivationError
from lossbook.symbolic import losses, primitives
from lossbook.symbolic.primitives import elementary, logcosh, logsumexp, pow1pm1, sigmoid, softplus, xlogy
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
    return {"xlogy": 2, "logaddexp": 2, "logsumexp": 3, "pow1pm1": 2}.get(primitive.__name__, 1)


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


delta, alpha = Symbol("delta", positive=True), Symbol("alpha", real=True)
SHAPES = [-8, -2, -1e-12, 0, 1e-12, 1e-3, 0.5, 1, 1.5, 1.99, 2 - 1e-6, 2]
STABLE = [
    (losses.LogCoshLoss(t), [{}]),
    *(
        (loss(t, delta), [{delta: width} for width in (0.3, 1, 2.7)])
        for loss in (losses.PseudoHuberLoss, losses.CauchyLoss)
    ),
    (losses.GeneralRobustLoss(t, alpha, delta), [{alpha: shape, delta: 0.7} for shape in SHAPES]),
]


@pytest.mark.parametrize("loss, at", [(loss, at) for loss, places in STABLE for at in places])
@pytest.mark.parametrize("order", [0, 1], ids=["value", "slope"])
def test_formulas_keep_their_digits_as_they_are(loss, at, order):
    # Near zero the textbook formulas lose all digits; both the formula and SymPy's derivative of it have theirs.
    residuals = np.geomspace(1e-12, 1e6, 200)
    exact = {symbol: sympy.Rational(value) for symbol, value in at.items()}
    textbook = elementary(loss.subs(exact)).diff(t, order)
    truth = sympy.lambdify(t, textbook, "mpmath")
    measured = numpy_function([t, *at], loss.diff(t, order))(residuals, *at.values())
    with mpmath.workdps(80):
        for residual, got in zip(residuals, measured, strict=True):
            right = truth(mpmath.mpf(float(residual)))
            assert abs(mpmath.mpf(float(got)) - right) <= 2.6e-15 * right, residual


def test_tukey_keeps_its_digits_near_zero_and_quantile_rests_at_its_kink():
    small = numpy_function([t], losses.TukeyBiweightLoss(t, 3))(1e-9)
    assert float(small) == pytest.approx(5e-19, rel=1e-15)
    slope = numpy_function([t], losses.QuantileLoss(t, sympy.Rational(1, 4)).diff(t))
    assert slope([-1.0, 0.0, 1.0]).tolist() == [-0.25, 0.0, 0.75]


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
            (pow1pm1(logcosh(x), 2), "pow1pm1(logcosh(u), 2)"),
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
    assert latex(logcosh(theta) ** 2) == r"\left(\ln\cosh(\theta)\right)^{2}"
    assert latex(theta * pow1pm1(x, sympy.S.Half)) == r"\theta \left(\sqrt{x + 1} - 1\right)"


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
        assert "solve for" in derived.latex()

    def test_a_page_is_given_its_rows(self):
        derived = likelihood.coin_maximum()
        shown = derived._repr_mimebundle_()
        assert shown["text/latex"] == f"$$\n{derived.latex()}\n$$"
        rows = shown[DERIVATION_MIMETYPE]["rows"]
        assert [row["reason"] for row in rows] == [step.reason for step in derived.steps]
        assert all(row["right"].startswith("=") for row in rows[1:]) and json.loads(json.dumps(rows)) == rows


@pytest.mark.parametrize("derive", all_derivations().values(), ids=all_derivations())
def test_the_derivations_of_the_chapters_are_proved(derive):
    assert CHECKED not in [step.how for step in derive().steps]
