"""Regression losses at work: derivations, the real data, fitted lines, learned shapes, bins."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure as Drawing

from lossbook import losses
from lossbook.data import belgian_calls
from lossbook.experiments import binned, robust_fits
from lossbook.figures import regression, robustness
from lossbook.symbolic import regression as formulas
from lossbook.symbolic.derivation import CHECKED, Derivation, DerivationError


@pytest.mark.parametrize(
    "derive",
    [
        formulas.mean_minimum, formulas.quantile_slope, formulas.weighted_mean, formulas.smooth_l1_is_huber,
        formulas.cosh_far, formulas.log_cosh_slope, formulas.cauchy_noise, formulas.barron_at_zero,
        formulas.huber_by_delta, formulas.huber_partition, formulas.huber_efficiency, formulas.root_slope,
    ],
)  # fmt: skip
def test_derivations_are_proved(derive):
    assert CHECKED not in [step.how for step in derive().steps]


def test_a_normaliser_without_tails_is_refused():
    right = formulas.huber_partition().steps[-1].expression
    with pytest.raises(DerivationError, match="is wrong"):
        Derivation(formulas.huber_partition().steps[0].expression).step(right.args[0], "without its tails")


def test_the_calls_are_those_of_the_table():
    years, calls = belgian_calls()
    assert (years[0], years[-1], len(calls)) == (1950, 1973, 24)
    assert calls.sum() == pytest.approx(13.88 + 93.8 + 12.3)
    assert years[calls > 10].tolist() == [1964, 1965, 1966, 1967, 1968, 1969]


class TestLines:
    x, y = belgian_calls()

    def test_squared_error_is_least_squares(self):
        a, b = robust_fits.fit_line(losses.MSELoss(), self.x, self.y)
        assert (b, a) == pytest.approx(np.polyfit(self.x, self.y, 1), rel=1e-9)

    @pytest.mark.parametrize("q", [0.25, 0.5])
    def test_absolute_and_tilted_errors_reach_the_exact_minimum(self, q):
        a, b = robust_fits.fit_line(losses.QuantileLoss(q), self.x, self.y, steps=3000)
        exact_a, exact_b = robust_fits.quantile_lines(self.x, self.y, [q])[q]
        risk = losses.QuantileLoss(q)
        best = risk.loss(exact_a + exact_b * self.x, self.y)
        assert best * (1 - 1e-12) <= risk.loss(a + b * self.x, self.y) <= best * 1.001

    @pytest.mark.parametrize("loss", [losses.HuberLoss(0.2), losses.CauchyLoss(0.2), losses.TukeyBiweightLoss(1.0)])
    def test_the_pulls_balance(self, loss):
        a, b = robust_fits.fit_line(loss, self.x, self.y)
        pulls = loss.grad(a + b * self.x, self.y)
        assert abs(pulls.sum()) < 1e-8 and abs((pulls * (self.x - self.x.mean())).sum()) < 1e-7

    def test_the_start_matters_for_tukey(self):
        x, y = np.arange(8.0), np.array([0.0, 0, 0, 0, 0, 9, 9, 9])
        low, high = (robust_fits.fit_line(losses.TukeyBiweightLoss(2.0), x, y, start=(h, 0.0))[0] for h in (0.0, 9.0))
        assert low == pytest.approx(0, abs=1e-6) and high == pytest.approx(9, abs=1e-6)


def test_quantile_lines_leave_their_share_below():
    x, y = robust_fits.fan()
    for q, (a, b) in robust_fits.quantile_lines(x, y, (0.1, 0.5, 0.9)).items():
        assert (y < a + b * x).mean() == pytest.approx(q, abs=0.015)


def test_learned_shapes_are_in_the_order_of_the_tails():
    chance = np.random.default_rng(4)
    ends = [
        robust_fits.learn_shape(draws, steps=200)[-1]
        for draws in (chance.normal(size=800), chance.laplace(size=800), chance.standard_cauchy(800))
    ]
    alphas = [end[0] for end in ends]
    assert alphas[0] > 1.4 > 1.2 > alphas[1] > 0.3 > 0.1 > alphas[2]
    assert ends[2][1] == pytest.approx(1 / np.sqrt(2), rel=0.1)


def test_learning_the_shape_lowers_the_loss():
    draws = np.random.default_rng(5).laplace(size=300)
    path = robust_fits.learn_shape(draws, steps=80)
    cost = [losses.AdaptiveRobustLoss(*state).loss(draws, np.zeros(300)) for state in path[::10]]
    assert (np.diff(cost) < 0).all() and path.shape == (81, 2)


def test_bins_find_both_values_and_squared_error_neither():
    x, y = binned.two_valued(300)
    fits = binned.train(x, y, steps=200)
    number, shares = fits.predict([0.0])
    centres = (binned.EDGES[1:] + binned.EDGES[:-1]) / 2
    assert abs(number[0]) < 0.25
    assert shares[0][np.abs(np.abs(centres) - 1) < 0.35].sum() > 0.9


def test_the_gradient_that_training_uses_is_that_of_the_loss():
    x, y = binned.two_valued(20)
    loss = losses.BinnedCrossEntropyLoss(binned.EDGES, sigma=0.1)
    logits = np.random.default_rng(0).normal(size=(20, 40))
    slope = binned.features(x).T @ loss.grad(logits, y)
    by_hand = binned.features(x).T @ (binned.softmax(logits) - loss.target_rows(y)) / 20
    np.testing.assert_allclose(slope, by_hand, rtol=1e-9, atol=1e-14)


def test_pictures():
    x, y = belgian_calls()
    lines = robust_fits.draw_lines(x, y, {"flat": (1.0, 0.0)}, labels=("year", "calls"), top=25)
    shapes = robust_fits.draw_shapes({"one": np.ones((5, 2))})
    bins = binned.draw(*binned.two_valued(30), binned.train(*binned.two_valued(30), steps=2))
    for picture, panels in ((lines, 1), (shapes, 2), (bins, 2)):
        assert isinstance(picture.drawing, Drawing) and len(picture.drawing.axes) == panels
        assert picture._repr_png_().startswith(b"\x89PNG")


class TestFigures:
    def test_the_best_constant_balances_the_pulls(self):
        figure = regression.mean_to_median()
        points = np.array([getattr(figure, f"x{k}") for k in range(1, 6)])
        names = list(figure.program.parameters)
        for delta in (0.01, 0.5, 3.0, 100.0):
            best = figure.values(delta=delta)[names.index("best")]
            assert abs(np.clip(points - best, -delta, delta).sum()) < 1e-9

    def test_the_drawn_path_of_best_constants_is_near_the_exact_one(self):
        figure = regression.mean_to_median()
        names = list(figure.program.parameters)
        path = figure.path(figure.trajectories[1], figure.values())
        for delta, drawn in path[::8]:
            assert drawn == pytest.approx(figure.values(delta=delta)[names.index("best")], abs=0.15)

    @pytest.mark.parametrize(
        "name, loss, exact",
        [
            ("squared", losses.MSELoss(), 1e-4), ("absolute", losses.L1Loss(), 0.03),
            ("Huber", losses.HuberLoss(0.7), 1e-3),
            ("pseudo-Huber", losses.PseudoHuberLoss(0.7), 1e-3), ("Cauchy", losses.CauchyLoss(0.7), 1e-3),
            ("Geman–McClure", losses.GeneralRobustLoss(-2.0, 0.35), 1e-3),
            ("Tukey", losses.TukeyBiweightLoss(3.0), 1e-3),
        ],
    )  # fmt: skip
    def test_the_live_line_is_the_fitted_one(self, name, loss, exact):
        figure = robustness.line_fit()
        x = np.arange(-3.0, 4.0)
        y = 0.5 * x + 0.3 * np.sin(5 * x + 1)
        y[0], y[-1] = -1.8, -4
        values = figure.values(loss=name, c=3.0 if name == "Tukey" else 0.7)
        names = list(figure.program.parameters)
        wanted = robust_fits.fit_line(loss, x, y)
        assert [values[names.index(k)] for k in "ab"] == pytest.approx(wanted, abs=exact)

    def test_descent_over_delta_ends_where_the_normalised_loss_is_lowest(self):
        figure = robustness.delta_descent()
        names = list(figure.program.parameters)
        values = figure.values(t=60)
        lowest = figure.panels[1].marks[0].y
        variable = figure.panels[1].marks[0].variable
        risk = [float(lowest.subs({variable: d, "far": 8}).doit()) for d in np.geomspace(0.3, 1, 200)]
        assert values[names.index("fair")] == pytest.approx(np.geomspace(0.3, 1, 200)[np.argmin(risk)], rel=0.02)
        assert values[names.index("plain")] < 0.1
