"""The experiment with wrong labels: its data, its boosting against scikit-learn's, and what is read from its record."""

from __future__ import annotations

import matplotlib.figure
import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from lossbook import losses
from lossbook.experiments import noisy_labels as experiment
from lossbook.experiments.findings import noisy_labels as findings
from lossbook.experiments.noisy_labels import BOOSTED, EXPONENTIAL, LOGISTIC, LOSSES, STRAIGHT
from lossbook.experiments.starts import Start

ONE, OTHER = Start(3, 0), Start(4, 0)
#: scikit-learn's names.
NAMES = {EXPONENTIAL: "exponential", LOGISTIC: "log_loss"}


class TestData:
    @pytest.mark.parametrize("draw", [lambda start, noise: experiment.plane(start, noise), experiment.ball])
    def test_noise_turns_labels_and_nothing_else(self, draw):
        clean, noisy = (np.atleast_1d(draw(ONE, noise)) for noise in (0.0, 0.2))
        for one, other in zip(clean, noisy, strict=True):
            np.testing.assert_array_equal(one.x, other.x)
            np.testing.assert_array_equal(one.truth, other.truth)
            assert not one.wrong.any()
            np.testing.assert_array_equal(other.wrong, one.labels != other.labels)
            # Six standard deviations of a share of at least 200.
            assert other.wrong.mean() == pytest.approx(0.2, abs=0.17)

    def test_training_and_validation_points_differ(self):
        training, validation = experiment.ball(ONE, 0.1)
        assert training.x.shape == (500, 10) and validation.x.shape == (500, 10)
        assert not np.isin(training.x, validation.x).any()
        np.testing.assert_array_equal(training.truth, np.where((training.test**2).sum(1) > 9.34, 1, -1))

    @pytest.mark.parametrize("draw", [experiment.plane, lambda start, noise: experiment.ball(start, noise)[1]])
    def test_rounding_moves_training_points_by_a_millionth_and_no_label(self, draw):
        before, after = draw(ONE, 0.1), draw(Start(ONE.seed, 5), 0.1)
        moved = (after.x / before.x - 1).std()
        assert 0.8e-6 < moved < 1.2e-6
        np.testing.assert_array_equal(before.labels, after.labels)
        assert not np.array_equal(before.x, draw(OTHER, 0.1).x)


class TestPull:
    margins = np.array([-30.0, -1.0, 0.0, 2.5])

    @pytest.mark.parametrize(
        ("loss", "ours"),
        [(EXPONENTIAL, losses.ExponentialLoss(reduction="none")), (LOGISTIC, losses.LogisticLoss(reduction="none"))],
    )
    def test_it_is_the_slope_of_the_loss(self, loss, ours):
        slope = ours.grad(self.margins, np.ones(4))
        np.testing.assert_allclose(experiment.pull(loss, self.margins), -slope, rtol=1e-12)

    def test_an_unknown_loss_is_refused(self):
        with pytest.raises(ValueError, match="loss: expected one of exponential, logistic, got 'hinge'"):
            experiment.pull("hinge", self.margins)

    def test_concentration_by_hand(self):
        strength = np.array([[*[1.0] * 10, 0.5, 0.5], [*[0.0] * 11, 4.0]])
        wrong = np.array([[True, *[False] * 10, True], [False] * 12])
        of_wrong, of_hardest = experiment._concentration(strength, wrong)
        np.testing.assert_allclose(of_wrong, [1.5 / 11, 0])
        np.testing.assert_allclose(of_hardest, [10 / 11, 1])


class TestLine:
    @pytest.mark.parametrize("loss", LOSSES)
    def test_nothing_pulls_at_the_fitted_line(self, loss):
        data = experiment.plane(ONE, 0.1)
        w = experiment.fit_line(loss, data)
        x = np.column_stack([data.x, np.ones(len(data.x))])
        slope = -(experiment.pull(loss, data.labels * (x @ w)) * data.labels) @ x / len(x) + 2e-4 * w
        np.testing.assert_allclose(slope, 0, atol=1e-4)
        assert w[0] > 0 > w[1]

    def test_errors_are_those_of_the_line(self):
        data = experiment.plane(OTHER, 0.1)
        w = experiment.fit_line(LOGISTIC, data)
        missed = np.mean(np.sign(data.test @ w[:2] + w[2]) != data.truth)
        assert experiment.straight(LOGISTIC, 0.1, [ONE, OTHER]).errors[1] == pytest.approx(missed)


class TestBoosting:
    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("rate", [0.3, 1.0])
    def test_it_is_scikit_learns(self, loss, rate):
        data = experiment.ball(ONE, 0.1)[0]
        learnt, judged = experiment.boost(loss, rate, [data], data.test[None], 40)
        model = GradientBoostingClassifier(
            loss=NAMES[loss], n_estimators=40, learning_rate=rate, max_depth=1, random_state=0
        ).fit(data.x, data.labels)
        assert learnt.shape == (2, 1, 500) and judged.shape == (2, 1, 4000)
        np.testing.assert_allclose(judged[-1, 0], model.decision_function(data.test), atol=1e-9)
        np.testing.assert_allclose(learnt[-1, 0], model.decision_function(data.x), atol=1e-9)

    def test_a_stump_cuts_between_the_classes(self):
        x = np.array([[[0.0, 3.0], [1.0, 1.0], [2.0, 2.0], [5.0, 0.0]]])
        model = experiment.Stumps(EXPONENTIAL, 0.5, x, np.array([[-1.0, -1.0, 1.0, 1.0]]))
        coordinate, cut, below, above = (float(part[0]) for part in model.grow())
        # All pulls are 1 at first, so the step of Newton goes to −1 and 1, and half of it is taken.
        assert (coordinate, cut, below, above) == (0, 1.5, -0.5, 0.5)
        np.testing.assert_allclose(model.scores, [[-0.5, -0.5, 0.5, 0.5]])

    def test_where_nothing_pulls_nothing_is_added(self):
        model = experiment.Stumps(LOGISTIC, 1.0, np.array([[[0.0], [1.0]]]), np.array([[-1.0, 1.0]]))
        model.scores = np.array([[-2000.0, 2000.0]])
        model.grow()
        np.testing.assert_array_equal(model.scores, [[-2000.0, 2000.0]])

    def test_the_choice_is_made_by_validation_points(self, monkeypatch):
        """Feed made-up scores: the second rate is right about the validation labels, and wrong about the test."""
        validation = experiment.ball(ONE, 0.1)[1]

        def boost(loss, rate, data, others, stumps):
            side = 1 if rate == experiment.RATES[1] else -1
            judged = np.concatenate([side * validation.labels, -side * validation.truth])
            return np.zeros((stumps // 20, 1, 500)), np.tile(judged, (stumps // 20, 1, 1))

        monkeypatch.setattr(experiment, "boost", boost)
        run = experiment.boosted(LOGISTIC, 0.1, [ONE], stumps=100)
        assert (run.rate[0], run.stumps[0], run.errors[0]) == (experiment.RATES[1], 20, 1)
        assert run.grid.tolist() == [[0, 0, 1, 1, 0, 0]]

    def test_the_same_again_and_independent_of_neighbours(self):
        pair = experiment.boosted(LOGISTIC, 0.1, [ONE, OTHER], stumps=40)
        again = experiment.boosted(LOGISTIC, 0.1, [ONE, OTHER], stumps=40)
        alone = experiment.boosted(LOGISTIC, 0.1, [OTHER], stumps=40)
        for name, value in vars(pair).items():
            np.testing.assert_array_equal(value, getattr(again, name))
            np.testing.assert_allclose(value[1:], getattr(alone, name), rtol=1e-9)
        assert pair.errors[0] != pair.errors[1]


class TestRecord:
    def test_every_case_is_measured(self):
        name = experiment.case(STRAIGHT, 0.1, EXPONENTIAL)
        measured = experiment.EXPERIMENT.measure(name, [ONE, OTHER])
        assert {key: value.shape for key, value in measured.items()} == dict.fromkeys(
            ("errors", "wrong", "hardest"), (2,)
        )
        np.testing.assert_allclose(
            measured["errors"], experiment.straight(EXPONENTIAL, 0.1, [ONE, OTHER]).errors, atol=1e-4
        )
        assert len(experiment.EXPERIMENT.cases) == 12

    def test_findings_by_hand(self, made_up):
        # Errors: 0.3 and 0.5 under the exponential loss, 0.2 and 0.3 under the logistic loss.
        found = findings.straight()
        np.testing.assert_allclose(found.values, [0.1, 0.2])
        assert (found.value, found.error) == (pytest.approx(0.15), pytest.approx(0.05))
        assert str(findings.errors(STRAIGHT, 0.1, EXPONENTIAL)) == "40% ± 10%"
        np.testing.assert_allclose(findings.untuned(0.1, 0.3, 600).values, [0.03, 0.03])
        np.testing.assert_allclose(findings.hardest_gap(BOOSTED, 0.1).values, [0.1, 0.2])

    def test_table_and_picture(self, made_up):
        assert findings.table().count("\n") == 7
        assert "| boosted | 20% | 40% ± 10% | 25% ± 5% | 15 ± 5 | −49 to 79 |" in findings.table()
        drawing = findings.gaps({(STRAIGHT, 0.1): [0.12]}).drawing
        assert isinstance(drawing, matplotlib.figure.Figure)
        assert [label.get_text() for label in drawing.axes[0].get_yticklabels()][4] == "boosted, 10% wrong"


@pytest.fixture
def made_up(monkeypatch):
    """Put a small record in the place of the real one: two seeds, the same numbers at every noise."""
    one = {EXPONENTIAL: [0.3, 0.5], LOGISTIC: [0.2, 0.3]}
    grid = {EXPONENTIAL: [[0.1, 0.2, 0.3, 0.43, 0.5, 0.6]] * 2, LOGISTIC: [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]] * 2}

    class Small:
        def seeds(self, case, quantity):
            loss = case.rpartition(" ")[2]
            return np.array((grid if quantity == "grid" else one)[loss])

    monkeypatch.setattr(findings, "load", lambda _: Small())
