"""Where one loss becomes another, what is certain or impossible, and parameters that no loss takes."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from lossbook import losses
from lossbook.functions import log1p_by_log
from lossbook.losses.softmax import _divergence_of_close_rows
from lossbook.pages.crosscheck import crosscheck


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


def test_certainty():
    value, gradient = losses.BCELoss(reduction="none").loss_and_grad([0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0])
    assert value.tolist() == [0, 0, math.inf, math.inf]
    assert gradient.tolist() == [1, -1, -math.inf, math.inf]


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


def test_focal_without_discount_is_binary_cross_entropy():
    x, t = np.linspace(-50, 50, 41), (np.arange(41) % 2).astype(float)
    for a, b in zip(
        losses.SigmoidFocalLoss(gamma=0, alpha=None).loss_and_grad(x, t),
        losses.BCEWithLogitsLoss().loss_and_grad(x, t),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-14)


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


class TestFormsThatAreFast:
    """What is computed in another way than it is written, because that takes less time, is as right."""

    @pytest.mark.parametrize("loss", [losses.MSELoss(), losses.SquaredHingeLoss()])
    def test_a_mean_gradient_is_finite_where_twice_a_residual_is_not(self, loss):
        _, slopes = loss.loss_and_grad([-1.5e308, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0])
        assert slopes[0] == -7.5e307

    def test_log1p_by_log(self):
        chance = np.random.default_rng(0)
        x = np.concatenate([10.0 ** -chance.uniform(0, 320, 300), -chance.uniform(0, 1, 100), [0.0, 1.0, 2.0**-53]])
        with mpmath.workdps(50):
            for number, got in zip(x, log1p_by_log(x), strict=True):
                exact = mpmath.log1p(mpmath.mpf(number))
                assert abs(mpmath.mpf(got) - exact) <= abs(exact) * 2.0**-51 + 5e-324, number

    @pytest.mark.parametrize("place", [(0, 0), (3, 9_000)])
    def test_nan_is_found_wherever_it_stands(self, place):
        x = np.zeros((4, 10_000))
        x[place] = math.nan
        for loss in (losses.HuberLoss(), losses.HuberLoss(reduction="none"), losses.LogisticLoss()):
            for pair, name in (((x, np.ones_like(x)), "predictions"), ((np.ones_like(x), x), "targets")):
                with pytest.raises(
                    ValueError, match=rf"{name}: expected numbers, got NaN at index \({place[0]}, {place[1]}\)"
                ):
                    loss.loss(*pair)

    def test_a_sure_answer_as_a_row_of_probabilities_keeps_its_digits(self):
        for weight in (None, [3.0, 1.0, 2.0]):
            loss = losses.CrossEntropyLoss(reduction="none", weight=weight)
            hard, soft = (loss.loss_and_grad([[50.0, 0.0, 0.0]], t) for t in ([0], [[1.0, 0.0, 0.0]]))
            np.testing.assert_allclose(soft[0], hard[0], rtol=1e-15)
            np.testing.assert_allclose(soft[1], hard[1], rtol=1e-15)

    @pytest.mark.parametrize("temperature", [1.0, 4.0])
    def test_distillation_is_one_at_any_distance(self, temperature):
        # Far rows are computed from the logarithms, close ones without cancellation: on both sides of the border.
        loss = losses.DistillationLoss(temperature=temperature, reduction="none")
        base, move = np.array([2.0, -1.0, 0.5]), np.array([1.0, -2.0, 0.25])
        steps = np.geomspace(1e-9, 40, 200)
        x, b = base + steps[:, None] * move, np.tile(base, (200, 1))
        terms, slopes = loss.loss_and_grad(x, b)
        close_terms, close_slopes = _divergence_of_close_rows(x, b, temperature)
        np.testing.assert_allclose(terms, temperature**2 * close_terms, rtol=2e-14)
        np.testing.assert_allclose(slopes, temperature * close_slopes, rtol=1e-12, atol=1e-15 * temperature)

    def test_distillation_of_the_largest_numbers_is_infinite(self):
        x = [[6e293, -np.finfo(float).max, 0.0]]  # two differ by more than the largest float
        terms, slopes = losses.DistillationLoss(temperature=4.0, reduction="none").loss_and_grad(
            x, [[-2977.0, 0.0, 0.0]]
        )
        assert terms == [math.inf] and slopes.tolist() == [[4.0, -2.0, -2.0]]
