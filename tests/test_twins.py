"""Every loss in NumPy against its twin in SymPy: value, and gradient against SymPy's own derivative."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from lossbook import losses
from lossbook.pages.crosscheck import crosscheck
from lossbook.symbolic import losses as formulas
from lossbook.symbolic.primitives import elementary
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


def formula(name, options):
    exact = {key: value if isinstance(value, bool) else sympy.nsimplify(value) for key, value in options.items()}
    return getattr(formulas, name)(r, **exact)


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
        self.same(
            losses.SmoothL1Loss(beta=width, reduction="none"),
            losses.HuberLoss(delta=width, reduction="none"),
            1 / width,
        )

    def test_barron_at_2_is_half_the_squared_error(self):
        self.same(losses.GeneralRobustLoss(alpha=2, reduction="none"), losses.MSELoss(half=True, reduction="none"))

    @pytest.mark.parametrize("width", [0.5, 2.0])
    def test_barron_at_1_is_pseudo_huber(self, width):
        barron = losses.GeneralRobustLoss(alpha=1, c=width, reduction="none")
        self.same(barron, losses.PseudoHuberLoss(delta=width, reduction="none"), 1 / width**2)

    def test_barron_is_continuous_in_alpha(self):
        zeros = np.zeros_like(self.residuals)
        for alpha in (2.0, 1.0, 0.0):
            at = losses.GeneralRobustLoss(alpha=alpha, reduction="none").loss(self.residuals, zeros)
            near = losses.GeneralRobustLoss(alpha=alpha + 1e-10, reduction="none").loss(self.residuals, zeros)
            np.testing.assert_allclose(near, at, rtol=1e-8)

    def test_barron_far_down_is_welsch(self):
        zeros = np.zeros_like(self.residuals)
        welsch = losses.GeneralRobustLoss(alpha=-math.inf, reduction="none").loss(self.residuals, zeros)
        np.testing.assert_allclose(
            losses.GeneralRobustLoss(alpha=-1e7, reduction="none").loss(self.residuals, zeros), welsch, rtol=1e-4
        )

    def test_log_cosh_far_away_is_the_absolute_error_less_ln_2(self):
        far = np.array([-1e6, -50.0, 50.0, 1e6])
        got = losses.LogCoshLoss(reduction="none").loss(far, np.zeros(4))
        np.testing.assert_allclose(got, np.abs(far) - math.log(2), rtol=1e-15)

    def test_half_the_absolute_error_is_the_loss_of_the_median(self):
        self.same(losses.QuantileLoss(q=0.5, reduction="none"), losses.L1Loss(reduction="none"), 0.5)

    def test_no_free_zone_is_the_absolute_error(self):
        self.same(losses.EpsilonInsensitiveLoss(epsilon=0, reduction="none"), losses.L1Loss(reduction="none"))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: losses.HuberLoss(delta=0), "delta: expected a finite number above 0, got 0"),
        (lambda: losses.HuberLoss(delta=math.inf), "delta: expected a finite number above 0, got inf"),
        (lambda: losses.SmoothL1Loss(beta=-1), "beta: expected a finite number, at least 0, got -1"),
        (lambda: losses.PseudoHuberLoss(delta="wide"), "delta: expected a finite number above 0, got 'wide'"),
        (lambda: losses.QuantileLoss(q=1), "q: expected a number strictly between 0 and 1, got 1"),
        (
            lambda: losses.EpsilonInsensitiveLoss(epsilon=-0.5),
            "epsilon: expected a finite number, at least 0, got -0.5",
        ),
        (lambda: losses.CauchyLoss(c=True), "c: expected a finite number above 0, got True"),
        (lambda: losses.TukeyBiweightLoss(c=math.nan), "c: expected a finite number above 0, got nan"),
        (lambda: losses.GeneralRobustLoss(alpha=math.nan), "alpha: expected a number, −inf and inf included, got nan"),
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


MARGINS = [
    ("ZeroOneLoss", {}),
    ("HingeLoss", {"margin": 1.5}),
    ("SquaredHingeLoss", {"margin": 0.5}),
    ("ExponentialLoss", {}),
    ("LogisticLoss", {}),
]
EXTREME = [0.0, 1e-300, 1e-20, 1e-8, 0.3, 1.0, 5.0, 37.0, 88.0, 300.0, 700.0, 1e3, 1e20]
EXTREME = sorted({sign * x for x in EXTREME for sign in (1.0, -1.0)})


def assert_true(got, exact, what):
    """Within 1e-13 of the truth; beyond float64, infinite; below its normal numbers, as small."""
    exact = sympy.Float(exact, 60) if not isinstance(exact, sympy.Expr) else exact
    if abs(exact) > sympy.Float("1.797e308"):
        assert got == math.inf * (1 if exact > 0 else -1), what
    elif abs(exact) < sympy.Float("2.3e-308"):
        assert abs(got) < 2.3e-308, what
    else:
        assert abs((sympy.Float(float(got), 60) - exact) / exact) < 1e-13, (what, got, exact)


def huge_exp(x):
    """Return exp(x) at 60 digits; SymPy would try to write e^(10^20) out."""
    if x > 1e4:
        return sympy.Float("1e400", 60)
    return sympy.Float(0) if x < -1e4 else sympy.exp(sympy.Float(x, 60)).evalf(60)


def true_softplus(x):
    return sympy.Float(x, 60) if x > 1e4 else sympy.log(1 + huge_exp(x).evalf(400)).evalf(60)


def true_sigmoid(x):
    return sympy.Float(1) if x > 1e4 else huge_exp(x) / (1 + huge_exp(x))


@pytest.mark.parametrize("m", EXTREME)
@pytest.mark.parametrize("label", [-1, 1])
def test_logistic_and_exponential_at_extremes(m, label):
    f = m * label
    value, gradient = losses.LogisticLoss(reduction="none").loss_and_grad([f], [label])
    at = sympy.Float(-m, 1000)
    exact = true_softplus(-m) if m < 1e4 and m > -1e4 else (huge_exp(-m) if m > 0 else at)
    if -1e4 < m < 1e4:
        exact = sympy.log(1 + sympy.exp(at)).evalf(60, maxn=2000)
    assert_true(value[0], exact, "logistic")
    assert_true(label * gradient[0], -true_sigmoid(-m), "slope of logistic")
    value, gradient = losses.ExponentialLoss(reduction="none").loss_and_grad([f], [label])
    assert_true(value[0], huge_exp(-m), "exponential")
    assert_true(-label * gradient[0], huge_exp(-m), "slope of exponential")


@pytest.mark.parametrize("name, options", MARGINS)
@given(f=st.floats(-30, 30), label=st.sampled_from([-1, 1]))
def test_margin_losses(name, options, f, label):
    loss = getattr(losses, name)(reduction="none", **options)
    value, gradient = loss.loss_and_grad([f], [label])
    twin = formula(name, options)
    assert value[0] == pytest.approx(float(numpy_function([r], twin)(label * f)), rel=1e-12, abs=1e-300)
    if abs(label * f - options.get("margin", 0)) > 1e-6:
        slope = float(sympy.diff(twin, r).subs(r, sympy.Float(label * f, 30)).doit().evalf(20))
        assert label * gradient[0] == pytest.approx(slope, rel=1e-12, abs=1e-300)


@given(x=st.floats(-40, 40), t=st.floats(0, 1), weight=st.floats(0.1, 9))
def test_binary_cross_entropy(x, t, weight):
    z = sympy.Symbol("z", real=True)
    twin = formulas.BCEWithLogitsLoss(z, sympy.Float(t, 40), sympy.Float(weight, 40))
    value, gradient = losses.BCEWithLogitsLoss(pos_weight=weight, reduction="none").loss_and_grad([x], [t])
    at = {z: sympy.Float(x, 40)}
    assert value[0] == pytest.approx(float(elementary(twin).subs(at).evalf(30)), rel=1e-13)
    size = weight * t / (1 + math.exp(x)) + (1 - t) / (1 + math.exp(-x))  # of the two terms that may cancel
    assert gradient[0] == pytest.approx(float(elementary(sympy.diff(twin, z)).subs(at).evalf(30)), abs=1e-13 * size)


@given(p=st.floats(1e-12, 1 - 1e-12), t=st.floats(0, 1))
def test_binary_cross_entropy_of_a_probability(p, t):
    q = sympy.Symbol("q", positive=True)
    twin = elementary(formulas.BCELoss(q, sympy.Float(t, 40)))
    value, gradient = losses.BCELoss(reduction="none").loss_and_grad([p], [t])
    at = {q: sympy.Float(p, 40)}
    assert value[0] == pytest.approx(float(twin.subs(at).evalf(30)), rel=1e-13)
    size = t / p + (1 - t) / (1 - p)
    assert gradient[0] == pytest.approx(float(sympy.diff(twin, q).subs(at).evalf(30)), abs=1e-13 * size)


def test_certainty():
    value, gradient = losses.BCELoss(reduction="none").loss_and_grad([0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0])
    assert value.tolist() == [0, 0, math.inf, math.inf]
    assert gradient.tolist() == [1, -1, -math.inf, math.inf]


logits = st.lists(st.floats(-300, 300), min_size=3, max_size=3)


@given(z=logits, target=st.integers(0, 2), temperature=st.sampled_from([1.0, 0.5, 4.0]))
def test_cross_entropy_of_a_class(z, target, temperature):
    symbols = sympy.symbols("z:3", real=True)
    hot = [int(k == target) for k in range(3)]
    twin = elementary(formulas.CrossEntropyLoss(symbols, hot, temperature=sympy.nsimplify(temperature)))
    loss = losses.CrossEntropyLoss(temperature=temperature)
    value, gradient = loss.loss_and_grad(z, target)
    at = dict(zip(symbols, (sympy.Float(x, 2600) for x in z), strict=True))
    assert_true(value, twin.subs(at).evalf(60, maxn=12000), "value")
    for k, symbol in enumerate(symbols):
        assert_true(gradient[k], sympy.diff(twin, symbol).subs(at).evalf(60, maxn=12000), f"slope by logit {k}")


@given(z=st.lists(st.floats(-20, 20), min_size=3, max_size=3), t=st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
def test_cross_entropy_of_probabilities(z, t):
    t = np.array(t) / np.sum(t)
    symbols = sympy.symbols("z:3", real=True)
    twin = elementary(formulas.CrossEntropyLoss(symbols, [sympy.Float(x, 40) for x in t]))
    value, gradient = losses.CrossEntropyLoss().loss_and_grad([z], [t])
    at = dict(zip(symbols, (sympy.Float(x, 60) for x in z), strict=True))
    assert value == pytest.approx(float(twin.subs(at).evalf(30)), rel=1e-13)
    for k, symbol in enumerate(symbols):
        assert gradient[0, k] == pytest.approx(float(sympy.diff(twin, symbol).subs(at).evalf(30)), abs=2e-15)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, [1.0, 2.0, 0.5, 4.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_beside_pytorch(reduction, weight, smoothing):
    chance = np.random.default_rng(3)
    x = chance.normal(size=(6, 4, 2)) * 3
    loss = losses.CrossEntropyLoss(weight=weight, label_smoothing=smoothing, reduction=reduction)
    assert crosscheck(loss, x, chance.integers(0, 4, (6, 2))).largest_relative_difference < 1e-11
    soft = np.moveaxis(chance.dirichlet(np.ones(4), (6, 2)), -1, 1)
    assert crosscheck(loss, x, soft).largest_relative_difference < 1e-10
    loss = losses.CrossEntropyLoss(weight=weight, ignore_index=2, label_smoothing=smoothing, reduction=reduction)
    assert crosscheck(loss, x, chance.integers(0, 4, (6, 2))).largest_relative_difference < 1e-11


def test_a_confident_right_answer_keeps_its_loss():
    value, gradient = losses.CrossEntropyLoss().loss_and_grad([[40.0, 0.0]], [0])
    assert value == pytest.approx(math.exp(-40), rel=1e-15)
    assert gradient[0] == pytest.approx([-math.exp(-40), math.exp(-40)], rel=1e-14)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: losses.HingeLoss().loss([1.0], [0]), "targets: expected labels −1 or 1, got 0"),
        (lambda: losses.BCELoss().loss([1.5], [1]), "predictions: expected numbers from 0 to 1, got 1.5"),
        (lambda: losses.BCEWithLogitsLoss().loss([1.5], [2]), "targets: expected numbers from 0 to 1, got 2"),
        (lambda: losses.CrossEntropyLoss(temperature=0), "temperature: expected a finite number above 0, got 0"),
        (
            lambda: losses.CrossEntropyLoss(label_smoothing=2),
            "label_smoothing: expected a finite number, from 0 to 1, got 2",
        ),
        (lambda: losses.CrossEntropyLoss().loss([[1.0, math.inf]], [0]), "predictions: expected finite logits"),
        (lambda: losses.CrossEntropyLoss().loss([[1.0, 2.0]], [[0.5, 0.6]]), "targets: expected rows of probabilities"),
        (
            lambda: losses.CrossEntropyLoss().loss([[1.0, 2.0]], [0.5]),
            r"targets: expected integer class indices, got dtype float64",
        ),
        (lambda: losses.CrossEntropyLoss(ignore_index=0).loss([[1.0, 2.0]], [0]), "every row is ignored"),
    ],
)
def test_bad_classification_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(
    x=st.floats(-300, 300),
    t=st.sampled_from([0, 1]),
    gamma=st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0]),
    alpha=st.sampled_from([None, 0.25]),
)
def test_focal(x, t, gamma, alpha):
    z = sympy.Symbol("z", real=True)
    exact = None if alpha is None else sympy.nsimplify(alpha)
    twin = elementary(formulas.SigmoidFocalLoss(z, t, sympy.nsimplify(gamma), exact))
    value, gradient = losses.SigmoidFocalLoss(gamma=gamma, alpha=alpha, reduction="none").loss_and_grad([x], [t])
    at = {z: sympy.Float(x, 900)}
    assert_true(value[0], twin.subs(at).evalf(60, maxn=4000), "value")
    assert_true(gradient[0], sympy.diff(twin, z).subs(at).evalf(60, maxn=4000), "slope")


def test_focal_without_discount_is_binary_cross_entropy():
    x, t = np.linspace(-50, 50, 41), (np.arange(41) % 2).astype(float)
    for a, b in zip(
        losses.SigmoidFocalLoss(gamma=0, alpha=None).loss_and_grad(x, t),
        losses.BCEWithLogitsLoss().loss_and_grad(x, t),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-14)


probabilities = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda w: np.array(w) / sum(w))


@given(p=probabilities, q=probabilities, log_target=st.booleans())
def test_kl_and_brier(p, q, log_target):
    exact = formulas.KLDivLoss([sympy.log(sympy.Float(x, 40)) for x in q], [sympy.Float(x, 40) for x in p]).doit()
    loss = losses.KLDivLoss(log_target=log_target, reduction="batchmean")
    value, gradient = loss.loss_and_grad([np.log(q)], [np.log(p) if log_target else p])
    assert value == pytest.approx(float(elementary(exact).evalf(30)), abs=2e-15)
    assert gradient[0] == pytest.approx(-p, rel=1e-14)
    value, gradient = losses.BrierLoss().loss_and_grad([p], [q])
    assert value == pytest.approx(float(formulas.BrierLoss([sympy.Float(x, 40) for x in p], list(q))), rel=1e-13)
    assert gradient[0] == pytest.approx(2 * (p - q), rel=1e-15)


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch warns of its own convention
@pytest.mark.parametrize("reduction", ["mean", "batchmean", "sum", "none"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_beside_pytorch(reduction, log_target):
    chance = np.random.default_rng(5)
    q, p = np.log(chance.dirichlet(np.ones(4), 6)), chance.dirichlet(np.ones(4), 6)
    loss = losses.KLDivLoss(log_target=log_target, reduction=reduction)
    assert crosscheck(loss, q, np.log(p) if log_target else p).largest_relative_difference < 1e-12


def test_what_never_happens_costs_nothing_and_the_impossible_everything():
    value, gradient = losses.KLDivLoss(reduction="none").loss_and_grad([-math.inf, 0.0, -math.inf], [0.0, 1.0, 0.5])
    assert value.tolist() == [0, 0, math.inf] and gradient.tolist() == [0, -1, -0.5]
    assert losses.BrierLoss(reduction="none").loss([[0, 1.0], [0.5, 0.5]], [0, 1]).tolist() == [2.0, 0.5]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: losses.KLDivLoss().loss([[0.5, 0.5]], [[1, 0]]), "predictions: expected log-probabilities"),
        (lambda: losses.KLDivLoss().loss([[-1.0, -1]], [[2, -1]]), "targets: expected probabilities from 0 to 1"),
        (
            lambda: losses.KLDivLoss(log_target=True).loss([[-1.0, -1]], [[2, -1]]),
            "targets: expected log-probabilities",
        ),
        (lambda: losses.KLDivLoss(reduction="row"), "reduction: expected one of mean, batchmean, sum, none, got 'row'"),
        (
            lambda: losses.BrierLoss().loss([[0.5, 0.6]], [0]),
            "predictions: expected rows of probabilities that sum to 1",
        ),
        (
            lambda: losses.BrierLoss().loss([0.5, 0.5], [0]),
            r"predictions: expected rows of probabilities, shape \(N, C\)",
        ),
        (lambda: losses.BrierLoss().loss([[0.5, 0.5]], [2]), "targets: expected class indices from 0 to 1, got 2"),
        (lambda: losses.SigmoidFocalLoss(gamma=-1), "gamma: expected a finite number, at least 0, got -1"),
        (lambda: losses.SigmoidFocalLoss(alpha=2), "alpha: expected a finite number, from 0 to 1, got 2"),
        (lambda: losses.SigmoidFocalLoss().loss([1.0], [0.5]), "targets: expected 0 or 1, got 0.5"),
    ],
)
def test_bad_input_of_divergences_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
