"""Regression losses at work: derivations, the real data, fitted lines, learned shapes, bins."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import built
from matplotlib.figure import Figure as Drawing
from scipy.stats import norm
from sympy import symbols

from lossbook import losses
from lossbook.derivations import regression as formulas
from lossbook.derivations.derivation import Derivation, DerivationError
from lossbook.experiments import adaptive_shape, binned, robust_fits
from lossbook.experiments.data import belgian_calls
from lossbook.experiments.findings import adaptive_shape as shapes_found
from lossbook.experiments.findings import binned as bins_found
from lossbook.experiments.starts import Start
from lossbook.experiments.uncertainty import Share
from lossbook.symbolic.printing import numpy_function


def test_a_normaliser_without_tails_is_refused():
    first, *_, last = formulas.huber_partition().steps
    with pytest.raises(DerivationError, match="is wrong"):
        Derivation(first.expression).step(last.expression.args[0], "without its tails")


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
        a, b = robust_fits.fit_line(losses.QuantileLoss(q=q), self.x, self.y, steps=3000)
        exact_a, exact_b = robust_fits.quantile_lines(self.x, self.y, [q])[q]
        risk = losses.QuantileLoss(q=q)
        best = risk.loss(exact_a + exact_b * self.x, self.y)
        assert best * (1 - 1e-12) <= risk.loss(a + b * self.x, self.y) <= best * 1.001

    @pytest.mark.parametrize(
        "loss", [losses.HuberLoss(delta=0.2), losses.CauchyLoss(c=0.2), losses.TukeyBiweightLoss(c=1.0)]
    )
    def test_the_pulls_balance(self, loss):
        a, b = robust_fits.fit_line(loss, self.x, self.y)
        pulls = loss.grad(a + b * self.x, self.y)
        assert abs(pulls.sum()) < 1e-8 and abs((pulls * (self.x - self.x.mean())).sum()) < 1e-7

    def test_the_start_matters_for_tukey(self):
        x, y = np.arange(8.0), np.array([0.0, 0, 0, 0, 0, 9, 9, 9])
        low, high = (robust_fits.fit_line(losses.TukeyBiweightLoss(c=2.0), x, y, start=(h, 0.0))[0] for h in (0.0, 9.0))
        assert low == pytest.approx(0, abs=1e-6) and high == pytest.approx(9, abs=1e-6)


def test_quantile_lines_leave_their_share_below():
    x, y = robust_fits.fan()
    for q, (a, b) in robust_fits.quantile_lines(x, y, (0.1, 0.5, 0.9)).items():
        assert (y < a + b * x).mean() == pytest.approx(q, abs=0.015)


class TestShapes:
    def test_learned_shapes_are_in_the_order_of_the_tails(self):
        ends = [
            adaptive_shape.best_shape(adaptive_shape.residuals(noise, Start(4, 0))) for noise in adaptive_shape.NOISES
        ]
        (normal, _), (laplace, _), (cauchy, scale) = ends
        assert normal > 1.7 > 1.2 > laplace > 0.3 > cauchy
        assert scale == pytest.approx(1 / np.sqrt(2), rel=0.1)

    def test_descent_comes_to_the_shape_that_is_best(self):
        draws = np.random.default_rng(5).laplace(size=300)
        alpha, c = adaptive_shape.best_shape(draws)
        assert adaptive_shape.learn_shape(draws, steps=400)[-1] == pytest.approx([alpha, c], abs=1e-4)

    def test_from_normal_noise_descent_is_on_its_way_to_the_best_shape(self):
        draws = np.random.default_rng(6).normal(size=300)
        alpha, c = adaptive_shape.best_shape(draws)
        path = adaptive_shape.learn_shape(draws, steps=60)
        costs = np.array([adaptive_shape.cost(*state, draws) for state in path[::10]])
        assert (np.diff(costs) < 0).all() and costs[-1] > adaptive_shape.cost(alpha, c, draws) - 1e-9
        assert path[0][0] < path[30][0] < path[-1][0] < alpha

    @pytest.mark.parametrize("noise, low, high", [("normal", 1.0, 2.0), ("Cauchy", 0.0, 1.0)])
    def test_no_other_shape_is_better(self, noise, low, high):
        draws = adaptive_shape.residuals(noise, Start(2, 0))[:200]
        alpha, c = adaptive_shape.best_shape(draws)
        best = adaptive_shape.cost(alpha, c, draws)
        for other in np.linspace(low, high, 9):
            assert best <= adaptive_shape.cost(other, adaptive_shape.best_scale(other, draws), draws) + 2e-9
        for factor in (0.98, 1.02):
            assert best < adaptive_shape.cost(alpha, factor * c, draws)

    def test_learning_the_shape_lowers_the_loss(self):
        draws = np.random.default_rng(5).laplace(size=300)
        path = adaptive_shape.learn_shape(draws, steps=80)
        cost = [losses.AdaptiveRobustLoss(*state).loss(draws, np.zeros(300)) for state in path[::10]]
        assert (np.diff(cost) < 0).all() and path.shape == (81, 2)

    def test_starts(self):
        one, again, other, rounded = (
            adaptive_shape.residuals("Laplace", start) for start in (Start(1, 0), Start(1, 0), Start(2, 0), Start(1, 3))
        )
        np.testing.assert_array_equal(one, again)
        assert not np.array_equal(one, other) and one.size == adaptive_shape.SIZE
        gap = np.abs(rounded / one - 1)
        assert 0 < gap.max() < 1e-5 and gap.mean() == pytest.approx(1e-6 * np.sqrt(2 / np.pi), rel=0.1)
        with pytest.raises(ValueError, match="noise: expected one of normal, Laplace, Cauchy, got 'pink'"):
            adaptive_shape.residuals("pink", Start(0, 0))

    def test_what_is_measured_is_what_these_functions_say(self, monkeypatch):
        monkeypatch.setattr(adaptive_shape, "SNAPSHOTS", (3, 7))
        starts = [Start(1, 0), Start(2, 0)]
        both = adaptive_shape._measure("normal", starts)
        path = adaptive_shape.learn_shape(adaptive_shape.residuals("normal", starts[1]), steps=7)
        end = adaptive_shape.best_shape(adaptive_shape.residuals("normal", starts[1]))
        np.testing.assert_allclose(both["alpha"][1], [path[3][0], path[7][0], end[0]])
        np.testing.assert_allclose(both["c"][1], [path[3][1], path[7][1], end[1]])
        alone = adaptive_shape._measure("normal", starts[1:])
        for quantity, values in both.items():
            np.testing.assert_array_equal(values[1:], alone[quantity])
        assert (both["gain over squared"] > -1e-4).all()

    def test_findings_read_the_record(self):
        measured = shapes_found.record().data["measured"]
        ends = {noise: np.array([row[-1] for row in measured[noise]["alpha"][:30]]) for noise in adaptive_shape.NOISES}
        assert shapes_found.at_two() == Share(int((ends["normal"] == 2).sum()), 30)
        assert shapes_found.at_zero() == Share(int((ends["Cauchy"] == 0).sum()), 30)
        assert shapes_found.normal_shape().value == pytest.approx(ends["normal"].mean())
        early = [row[0] for row in measured["normal"]["alpha"][:30]]
        assert shapes_found.shape("normal", 300).value == pytest.approx(np.mean(early))
        rows = shapes_found.table().splitlines()
        assert len(rows) == 5 and f"{np.mean(early):.2f} ({min(early):.2f} to {max(early):.2f})" in rows[2]


class TestBins:
    def test_bins_find_both_values_and_squared_error_neither(self):
        x, y = binned.data(binned.TWO, Start(0, 0), 300)
        (fits,) = binned.train(x, y, (200,))
        lower, low, high = binned.heaps(fits)
        assert abs(fits.predict([0.0])[0][0]) < 0.6
        assert (low, high) == pytest.approx((-1, 1), abs=0.2) and 0.2 < lower < 0.8
        shares = fits.predict([0.0])[1][0]
        assert shares[np.abs(np.abs(binned.MIDDLES) - 1) < 0.35].sum() > 0.9

    def test_snapshots_are_of_one_descent(self):
        x, y = binned.data(binned.ONE, Start(0, 0), 100)
        few, many = binned.train(x, y, (5, 20))
        np.testing.assert_array_equal(few.logits, binned.train(x, y, (5,))[0].logits)
        np.testing.assert_array_equal(many.numbers, binned.train(x, y, (20,))[0].numbers)
        assert not np.array_equal(few.numbers, many.numbers)

    def test_costs_are_those_of_densities(self):
        x, y = binned.data(binned.ONE, Start(3, 0), 400)
        (fits,) = binned.train(x[:200], y[:200], (50,))
        normal, histogram = binned.costs(fits, x[:200], y[:200], x[200:], y[200:])
        width = np.sqrt(((fits.predict(x[:200])[0] - y[:200]) ** 2).mean())
        number, shares = fits.predict(x[200:])
        assert normal == pytest.approx(-norm.logpdf(y[200:], number, width).mean())
        one = [
            -np.log(row[np.flatnonzero((binned.EDGES[:-1] <= target) & (target < binned.EDGES[1:]))[0]] / 0.1)
            for row, target in zip(shares, y[200:], strict=True)
        ]
        assert histogram == pytest.approx(np.mean(one))

    @pytest.mark.parametrize("case", binned.EXPERIMENT.cases)
    def test_starts(self, case):
        one, again, other, rounded = (
            binned.data(case, start) for start in (Start(1, 0), Start(1, 0), Start(2, 0), Start(1, 3))
        )
        for mine, same, different, near in zip(one, again, other, rounded, strict=True):
            np.testing.assert_array_equal(mine, same)
            assert not np.array_equal(mine, different) and len(mine) == 2 * binned.SIZE
            assert 0 < np.abs(near / mine - 1).max() < 1e-5
        wanted = {binned.TWO: np.sign(one[1]) * (1 + one[0] / 2), binned.ONE: one[0] / 2}[case]
        assert np.std(one[1] - wanted) == pytest.approx({binned.TWO: 0.1, binned.ONE: 0.3}[case], rel=0.1)

    def test_what_is_measured_does_not_depend_on_neighbours(self, monkeypatch):
        monkeypatch.setattr(binned, "train", lambda x, y, train=binned.train: train(x, y, (2, 4)))
        starts = [Start(1, 0), Start(2, 0)]
        both, alone = binned._measure(binned.TWO, starts), binned._measure(binned.TWO, starts[1:])
        for quantity, values in both.items():
            assert values.shape == (2, 2)
            np.testing.assert_array_equal(values[1:], alone[quantity])
        assert not np.isclose(*both["histogram"]).any()

    def test_an_unknown_case_is_refused(self):
        with pytest.raises(ValueError, match="case: expected 'two values' or 'normal noise', got 'three'"):
            binned.data("three", Start(0, 0))

    def test_findings_read_the_record(self):
        measured = bins_found.record().data["measured"]
        two, one = (
            {key: np.array(values)[:30] for key, values in measured[case].items()} for case in binned.EXPERIMENT.cases
        )
        assert bins_found.gain().value == pytest.approx((two["normal"] - two["histogram"])[:, -1].mean())
        assert bins_found.price(100).value == pytest.approx((one["histogram"] - one["normal"])[:, 0].mean())
        assert bins_found.largest_prediction() == np.abs(two["prediction"][:, -1]).max()
        assert bins_found.near().value == pytest.approx(two["near"][:, -1].mean())
        assert len(bins_found.table().splitlines()) == 2 + 6


def test_the_gradient_that_training_uses_is_that_of_the_loss():
    x, y = binned.data(binned.TWO, Start(0, 0), 20)
    loss = losses.BinnedCrossEntropyLoss(binned.EDGES, sigma=0.1)
    logits = np.random.default_rng(0).normal(size=(20, 40))
    slope = binned.features(x).T @ loss.grad(logits, y)
    by_hand = binned.features(x).T @ (binned.softmax(logits) - loss.target_rows(y)) / 20
    np.testing.assert_allclose(slope, by_hand, rtol=1e-9, atol=1e-14)


def test_pictures():
    x, y = belgian_calls()
    lines = robust_fits.draw_lines(x, y, {"flat": (1.0, 0.0)}, labels=("year", "calls"), top=25)
    shapes = shapes_found.draw({"one": np.ones((5, 2))}, {"one": (1.5, 0.5)})
    x, y = binned.data(binned.TWO, Start(0, 0), 30)
    bins = bins_found.draw(x, y, binned.train(x, y, (2,))[0])
    for picture, panels in ((lines, 1), (shapes, 2), (bins, 2)):
        assert isinstance(picture.drawing, Drawing) and len(picture.drawing.axes) == panels
        assert picture._repr_png_().startswith(b"\x89PNG")


class TestFigures:
    def test_the_best_constant_balances_the_pulls(self):
        figure = built("regression.mean_to_median")
        points = np.array([getattr(figure, f"x{k}") for k in range(1, 6)])
        names = list(figure.program.names)
        for delta in (0.01, 0.5, 3.0, 100.0):
            best = figure.values(delta=delta)[names.index("best")]
            assert abs(np.clip(points - best, -delta, delta).sum()) < 1e-9

    def test_the_drawn_path_of_best_constants_is_near_the_exact_one(self):
        figure = built("regression.mean_to_median")
        names = list(figure.program.names)
        path = figure.path(figure.trajectories[1], figure.values())
        for delta, drawn in path[::8]:
            assert drawn == pytest.approx(figure.values(delta=delta)[names.index("best")], abs=0.15)

    @pytest.mark.parametrize(
        "name, loss, exact",
        [
            ("squared", losses.MSELoss(), 1e-4), ("absolute", losses.L1Loss(), 0.03),
            ("Huber", losses.HuberLoss(delta=0.7), 1e-3),
            ("pseudo-Huber", losses.PseudoHuberLoss(delta=0.7), 1e-3), ("Cauchy", losses.CauchyLoss(c=0.7), 1e-3),
            ("Geman–McClure", losses.GeneralRobustLoss(alpha=-2.0, c=0.35), 1e-3),
            ("Tukey", losses.TukeyBiweightLoss(c=3.0), 1e-3),
        ],
    )  # fmt: skip
    def test_the_live_line_is_the_fitted_one(self, name, loss, exact):
        figure = built("robustness.line_fit")
        x = np.arange(-3.0, 4.0)
        y = 0.5 * x + 0.3 * np.sin(5 * x + 1)
        y[0], y[-1] = -1.8, -4
        values = figure.values(loss=name, c=3.0 if name == "Tukey" else 0.7)
        names = list(figure.program.names)
        wanted = robust_fits.fit_line(loss, x, y)
        assert [values[names.index(k)] for k in "ab"] == pytest.approx(wanted, abs=exact)

    def test_descent_over_delta_ends_where_the_normalised_loss_is_lowest(self):
        figure = built("robustness.delta_descent")
        names = list(figure.program.names)
        values = figure.values(t=60)
        lowest = figure.panels[1].marks[0].y
        variable = figure.panels[1].marks[0].variable
        widths = np.geomspace(0.3, 1, 200)
        risk = numpy_function([variable, symbols("far", positive=True)], lowest)(widths, 8.0)
        assert values[names.index("fair")] == pytest.approx(widths[np.argmin(risk)], rel=0.02)
        assert values[names.index("plain")] < 0.1
