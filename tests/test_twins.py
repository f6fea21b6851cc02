"""Every loss in NumPy against its twin in SymPy: value, and gradient against SymPy's own derivative."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from lossbook import losses
from lossbook.symbolic import losses as formulas
from lossbook.symbolic.printing import numpy_function

r = sympy.Symbol("r", real=True)
VARIANTS = [
    ("L1Loss", {}),
    ("MSELoss", {}),
    ("MSELoss", {"half": True}),
    ("SmoothL1Loss", {"beta": 0.5}),
    ("SmoothL1Loss", {"beta": 0}),
    ("HuberLoss", {"delta": 1.5}),
    ("PseudoHuberLoss", {"delta": 0.75}),
    ("LogCoshLoss", {}),
    ("QuantileLoss", {"q": 0.25}),
    ("EpsilonInsensitiveLoss", {"epsilon": 0.5}),
    ("CauchyLoss", {"c": 2.0}),
    ("TukeyBiweightLoss", {"c": 3.0}),
    *(("GeneralRobustLoss", {"alpha": a, "c": 0.5}) for a in (2, 1, 0, -2, 0.5, 3, -math.inf, math.inf)),
]
CONCRETE = {
    name
    for name, thing in inspect.getmembers(losses, inspect.isclass)
    if not inspect.isabstract(thing) and name != "Facts"
}


def formula(name, options):
    exact = {key: value if isinstance(value, bool) else sympy.nsimplify(value) for key, value in options.items()}
    return getattr(formulas, name)(r, **exact)


def test_every_loss_has_its_twin_and_is_tested_here():
    twins = {name for name, f in inspect.getmembers(formulas, inspect.isfunction) if f.__module__ == formulas.__name__}
    assert twins == CONCRETE
    assert {name for name, _ in VARIANTS} | {"NLLLoss"} == CONCRETE


@pytest.mark.parametrize("name, options", VARIANTS)
@given(residual=st.floats(-6, 6).filter(lambda x: abs(x) > 1e-3))
def test_values_and_gradients(name, options, residual):
    loss = getattr(losses, name)(reduction="none", **options)
    value, gradient = loss.loss_and_grad([residual], [0.0])
    twin = formula(name, options)
    assert value[0] == pytest.approx(float(numpy_function([r], twin)(residual)), rel=1e-9, abs=1e-12)
    kinks = [abs(residual) - options.get(key, 0) for key in ("beta", "delta", "epsilon", "c")]
    if min(map(abs, kinks)) > 1e-6:
        slope = float(sympy.diff(twin, r).subs(r, sympy.Float(residual, 30)).evalf(20))
        assert gradient[0] == pytest.approx(slope, rel=1e-9, abs=1e-12)


@given(
    st.lists(st.floats(-20, 0), min_size=3, max_size=3),
    st.integers(0, 2),
    st.lists(st.floats(0.1, 5), min_size=3, max_size=3),
)
def test_nll(log_p, target, weight):
    exact = formulas.NLLLoss(log_p, target, weight)
    assert losses.NLLLoss(weight=weight, reduction="sum").loss(log_p, target) == pytest.approx(float(exact), rel=1e-14)


class TestLimitsBetweenLosses:
    residuals = np.linspace(-8, 8, 101)

    def same(self, one, other, factor=1.0):
        zeros = np.zeros_like(self.residuals)
        for a, b in zip(
            one.loss_and_grad(self.residuals, zeros), other.loss_and_grad(self.residuals, zeros), strict=True
        ):
            np.testing.assert_allclose(a, factor * b, rtol=1e-13, atol=1e-300)

    @pytest.mark.parametrize("width", [0.25, 1.0, 3.0])
    def test_smooth_l1_is_huber_over_beta(self, width):
        self.same(losses.SmoothL1Loss(width, "none"), losses.HuberLoss(width, "none"), 1 / width)

    def test_barron_at_2_is_half_the_squared_error(self):
        self.same(losses.GeneralRobustLoss(2, reduction="none"), losses.MSELoss(half=True, reduction="none"))

    @pytest.mark.parametrize("width", [0.5, 2.0])
    def test_barron_at_1_is_pseudo_huber(self, width):
        barron = losses.GeneralRobustLoss(1, width, "none")
        self.same(barron, losses.PseudoHuberLoss(width, "none"), 1 / width**2)

    def test_barron_is_continuous_in_alpha(self):
        zeros = np.zeros_like(self.residuals)
        for alpha in (2.0, 1.0, 0.0):
            at = losses.GeneralRobustLoss(alpha, reduction="none").loss(self.residuals, zeros)
            near = losses.GeneralRobustLoss(alpha + 1e-10, reduction="none").loss(self.residuals, zeros)
            np.testing.assert_allclose(near, at, rtol=1e-8)

    def test_barron_far_down_is_welsch(self):
        zeros = np.zeros_like(self.residuals)
        welsch = losses.GeneralRobustLoss(-math.inf, reduction="none").loss(self.residuals, zeros)
        np.testing.assert_allclose(
            losses.GeneralRobustLoss(-1e7, reduction="none").loss(self.residuals, zeros), welsch, rtol=1e-4
        )

    def test_log_cosh_far_away_is_the_absolute_error_less_ln_2(self):
        far = np.array([-1e6, -50.0, 50.0, 1e6])
        got = losses.LogCoshLoss(reduction="none").loss(far, np.zeros(4))
        np.testing.assert_allclose(got, np.abs(far) - math.log(2), rtol=1e-15)

    def test_half_the_absolute_error_is_the_loss_of_the_median(self):
        self.same(losses.QuantileLoss(0.5, "none"), losses.L1Loss("none"), 0.5)

    def test_no_free_zone_is_the_absolute_error(self):
        self.same(losses.EpsilonInsensitiveLoss(0, "none"), losses.L1Loss("none"))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: losses.HuberLoss(0), "delta: expected a finite number above 0, got 0"),
        (lambda: losses.HuberLoss(math.inf), "delta: expected a finite number above 0, got inf"),
        (lambda: losses.SmoothL1Loss(-1), "beta: expected a finite number above 0, got -1"),
        (lambda: losses.PseudoHuberLoss("wide"), "delta: expected a finite number above 0, got 'wide'"),
        (lambda: losses.QuantileLoss(1), "q: expected a number strictly between 0 and 1, got 1"),
        (lambda: losses.EpsilonInsensitiveLoss(-0.5), "epsilon: expected a finite number above 0, got -0.5"),
        (lambda: losses.CauchyLoss(True), "c: expected a finite number above 0, got True"),
        (lambda: losses.TukeyBiweightLoss(math.nan), "c: expected a finite number above 0, got nan"),
        (lambda: losses.GeneralRobustLoss(math.nan), "alpha: expected a number, −inf and inf included, got nan"),
    ],
)
def test_bad_parameters_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name, options", VARIANTS)
@given(st.lists(st.tuples(*[st.floats(allow_nan=False)] * 2), min_size=1, max_size=4))
def test_no_warning_and_no_nan_but_for_infinity_against_itself(name, options, pairs):
    predictions, targets = np.array(pairs).T
    loss = getattr(losses, name)(reduction="none", **options)
    with np.errstate(all="ignore"):
        defined = ~np.isnan(predictions - targets)
    value, gradient = (
        loss.loss_and_grad(predictions[defined], targets[defined]) if defined.any() else (np.zeros(1),) * 2
    )
    assert not np.isnan(value).any() and (value >= 0).all()
    assert not np.isnan(gradient).any()


@pytest.mark.parametrize("name, options", VARIANTS)
def test_float32(name, options):
    loss = getattr(losses, name)(reduction="none", **options)
    at = np.array([-30.0, -1.25, -0.125, 0.0, 0.375, 2.5], dtype=np.float32)
    single = loss.loss_and_grad(at, np.zeros_like(at))
    double = loss.loss_and_grad(at.astype(float), np.zeros(at.size))
    for short, long in zip(single, double, strict=True):
        assert short.dtype == np.float32
        with np.errstate(over="ignore"):
            np.testing.assert_allclose(short, long.astype(np.float32), rtol=4e-6)
