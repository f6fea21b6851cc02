"""Cross-entropy against squared error: derivations, their wrong cousins, and the training runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy
import torch
from sympy import Derivative, log

from lossbook.derivations import saturation as formulas
from lossbook.derivations.derivation import Derivation, DerivationError
from lossbook.experiments import saturation as experiment
from lossbook.experiments.findings import saturation as findings
from lossbook.experiments.record import Record
from lossbook.experiments.saturation import CROSS_ENTROPY, LOSSES, NOISY, ORDINARY, SQUARED_ERROR, SURE, case_of
from lossbook.experiments.starts import Start
from lossbook.functions import softmax
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import elementary, sigmoid


class TestWrongSteps:
    """Slips that are made about this subject do not pass."""

    s = sigmoid(formulas.w * formulas.x + formulas.b)

    def refuses(self, start, wrong):
        with pytest.raises(DerivationError, match="is wrong"):
            Derivation(start, domain=formulas._NEURON).step(wrong, "a slip")

    def test_logarithm(self):
        self.refuses(Derivative(log(1 - self.s), formulas.w), Derivative(1 - log(self.s), formulas.w))

    def test_slope_of_the_sigmoid_left_out(self):
        squared = Derivative(S.MSELoss(self.s - formulas.y, half=True), formulas.w)
        self.refuses(squared, (self.s - formulas.y) * formulas.x)

    def test_slope_of_the_sigmoid_left_in(self):
        cross = Derivative(S.BCELoss(self.s, formulas.y), formulas.w)
        self.refuses(cross, (self.s - formulas.y) * self.s * (1 - self.s) * formulas.x)


class TestPrimitives:
    def test_probability_is_softmax(self):
        logits = (formulas.z1, formulas.z2, formulas.z3)
        at = dict(zip(logits, (0.3, -1.2, 2.0), strict=True))
        measured = [float(formulas.probability(k, *logits).subs(at)) for k in (1, 2, 3)]
        np.testing.assert_allclose(measured, softmax(list(at.values())), rtol=1e-13)

    @pytest.mark.parametrize("k", [1, 2, 3])
    @pytest.mark.parametrize("j", [1, 2, 3])
    def test_slopes_of_probability(self, k, j):
        logits = (formulas.z1, formulas.z2, formulas.z3)
        p = formulas.probability(k, *logits)
        by_rule, by_definition = p.diff(logits[j - 1]), elementary(p).diff(logits[j - 1])
        assert sympy.simplify(elementary(by_rule) - by_definition) == 0

    def test_slope_of_output(self):
        a = formulas.output(formulas.z)
        assert sympy.simplify(elementary(a.diff(formulas.z)) - elementary(a).diff(formulas.z)) == 0


def train(loss=CROSS_ENTROPY, *starts: Start, steps=4, rates=(0.1, 0.5), condition=ORDINARY) -> experiment.Runs:
    given = starts or (Start(0, 0),)
    return experiment.train(loss, given, rates=rates, steps=steps, condition=experiment.CONDITIONS[condition])


class TestRuns:
    def test_curves_have_a_row_for_each_rate_and_start_and_end_at_the_last_step(self):
        runs = train(CROSS_ENTROPY, Start(0, 0), Start(1, 0), Start(2, 0), steps=22)
        assert runs.steps.tolist() == [0, 10, 20, 22]
        assert runs.test.shape == runs.validation.shape == runs.by_heart.shape == (2, 3, 4)
        assert runs.rates == (0.1, 0.5) and not runs.by_heart.any()

    def test_rates_are_those_of_the_loss_if_not_given(self):
        assert experiment.train(SQUARED_ERROR, [Start(0, 0)], steps=1).rates == experiment.RATES[SQUARED_ERROR]

    @pytest.mark.parametrize("loss", LOSSES)
    def test_a_network_follows_the_gradient_of_pytorch(self, loss):
        """One start at one rate, a step of torch.optim.SGD beside it."""
        images, labels, _ = experiment.digits(3, 0.0)
        x, y = images.T[: experiment.TRAINING], labels[: experiment.TRAINING]
        network = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10))
        with torch.no_grad():
            weights = experiment._network(Start(3, 0), experiment.Condition())
            for module, weight in zip(network[::2], weights, strict=True):
                module.weight.copy_(weight)
                module.bias.zero_()
        optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
        for _ in range(3):
            optimizer.zero_grad()
            if loss == CROSS_ENTROPY:
                value = torch.nn.functional.cross_entropy(network(x), y)
            else:
                targets = torch.nn.functional.one_hot(y, 10).float()
                value = 0.5 * (torch.softmax(network(x), 1) - targets).square().sum(1).mean()
            value.backward()
            optimizer.step()
        with torch.no_grad():
            right = (network(images.T[1300:]).argmax(1) == labels[1300:]).double().mean().item()
        found = train(loss, Start(3, 0), steps=3, rates=(0.5,))
        assert found.test[0, 0, -1] == pytest.approx(right, abs=0.005)

    def test_both_losses_start_from_the_same_networks(self):
        starts = [train(loss, Start(0, 0), Start(1, 0), steps=1).test[:, :, 0] for loss in LOSSES]
        np.testing.assert_array_equal(*starts)

    def test_the_same_start_twice_and_the_caller_keeps_the_threads(self):
        threads = torch.get_num_threads()
        one, two = (train(SQUARED_ERROR, Start(5, 0), condition=SURE) for _ in range(2))
        np.testing.assert_array_equal(one.test, two.test)
        assert torch.get_num_threads() == threads

    def test_a_start_does_not_depend_on_its_neighbours(self):
        alone = train(CROSS_ENTROPY, Start(1, 0), condition=NOISY)
        beside = train(CROSS_ENTROPY, Start(0, 0), Start(1, 0), Start(1, 3), rates=(0.1, 0.2, 0.5), condition=NOISY)
        for quantity in ("test", "validation", "by_heart"):
            few = getattr(beside, quantity)[[0, 2]]
            # A digit whose two best logits are equal to rounding may fall to either side.
            np.testing.assert_allclose(few[:, 1], getattr(alone, quantity)[:, 0], atol=0.005)
            np.testing.assert_allclose(few[:, 2], getattr(alone, quantity)[:, 0], atol=0.005)
        assert abs(beside.test[0, 0] - beside.test[0, 1]).max() > 0.005

    def test_slopes_are_those_of_pytorch(self):
        index = torch.tensor([0, 2])
        logits = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]], dtype=torch.float64, requires_grad=True)
        targets = torch.nn.functional.one_hot(index, 3).double()
        cross = torch.nn.functional.cross_entropy(logits, index, reduction="sum")
        squared = torch.nn.functional.mse_loss(torch.softmax(logits, 1), targets, reduction="sum") / 2
        for loss, value in zip(LOSSES, (cross, squared), strict=True):
            (slope,) = torch.autograd.grad(value, logits)
            torch.testing.assert_close(experiment._slopes(loss, logits.detach().T, targets.T), slope.T)
        with pytest.raises(ValueError, match="loss: expected 'cross-entropy' or 'squared error', got 'hinge'"):
            experiment._slopes("hinge", logits, targets)

    def test_rounding_moves_the_weights_a_little(self):
        plain, rounded = (experiment._network(Start(2, number), experiment.Condition()) for number in (0, 4))
        for before, after in zip(plain, rounded, strict=True):
            assert 1e-7 < ((after - before) / before).abs().mean() < 2e-6
        assert not torch.equal(plain[0], experiment._network(Start(3, 0), experiment.Condition())[0])
        sure = experiment._network(Start(2, 0), experiment.CONDITIONS[SURE])
        assert torch.equal(sure[0], plain[0])
        torch.testing.assert_close(sure[1], 10 * plain[1])

    def test_noise_changes_the_asked_share_of_labels_and_spares_the_test(self):
        images, clean, none = experiment.digits(6, 0.0)
        same, noisy, wrong = experiment.digits(6, 0.4)
        assert torch.equal(images, same) and not none.any()
        assert torch.equal(clean != noisy, wrong)
        known = experiment.TRAINING + experiment.VALIDATION
        assert wrong[:known].double().mean().item() == pytest.approx(0.4, abs=0.06)
        assert not wrong[known:].any() and len(wrong[known:]) == findings.TESTED
        other = experiment.digits(7, 0.4)
        assert not torch.equal(other[0], images) and not torch.equal(other[2], wrong)

    def test_choices_by_hand(self):
        steps = np.array([0, 5, 10])
        validation = np.array([[[0.1, 0.6, 0.5], [0.1, 0.3, 0.7]], [[0.1, 0.6, 0.8], [0.1, 0.4, 0.2]]])
        runs = experiment.Runs(CROSS_ENTROPY, (0.1, 0.5), steps, validation + 0.01, validation, 0 * validation)
        assert runs.chosen(5).tolist() == [0, 1]  # of equals the lower rate
        assert runs.chosen(10).tolist() == [1, 0]
        np.testing.assert_allclose(runs.curves(10), [[0.11, 0.61, 0.81], [0.11, 0.31, 0.71]])
        np.testing.assert_allclose(runs.stopped(), [0.81, 0.71])

    def test_what_is_measured(self, monkeypatch):
        monkeypatch.setattr(experiment, "SNAPSHOTS", (10, 20))
        monkeypatch.setattr(experiment, "RATED", (10, 20))
        starts = [Start(0, 0), Start(1, 0)]
        measured = experiment._measure(case_of(NOISY, SQUARED_ERROR), starts)
        rates = experiment.RATES[SQUARED_ERROR]
        assert measured["test"].shape == measured["rate"].shape == measured["by heart"].shape == (2, 2)
        assert measured["stopped"].shape == (2,) and set(measured["rate"].flat) <= set(rates)
        # What is read at the chosen rate is what the record keeps for this rate.
        for start, steps in np.ndindex(2, 2):
            right = measured[experiment.at_rate(measured["rate"][start, steps])][start, steps]
            assert measured["test"][start, steps] == pytest.approx(right / findings.TESTED, abs=5e-4)
        assert "by heart" not in experiment._measure(case_of(ORDINARY, SQUARED_ERROR), starts[:1])


@pytest.fixture
def recorded(monkeypatch):
    """Three seeds and two roundings of every case, made up."""
    chance = np.random.default_rng(4)
    measured = {}
    for case in experiment.EXPERIMENT.cases:
        loss = case.split(": ")[1]
        shape = (5, len(experiment.SNAPSHOTS))
        measured[case] = {
            "test": chance.uniform(size=shape),
            "rate": chance.choice(experiment.RATES[loss], size=shape),
            "stopped": chance.uniform(size=5),
            "by heart": chance.uniform(size=shape),
            **{experiment.at_rate(rate): chance.integers(0, 497, (5, 2)) for rate in experiment.RATES[loss]},
        }
    made = Record(replace(experiment.EXPERIMENT, seeds=3, roundings=2), {"measured": measured})
    monkeypatch.setattr(findings, "load", lambda experiment: made)
    return measured


class TestFindings:
    def test_by_hand(self, recorded):
        cross, squared = (recorded[case_of(NOISY, loss)] for loss in LOSSES)
        gap = squared["test"][:3] - cross["test"][:3]
        assert findings.noisy_ahead_early().value == pytest.approx(gap[:, 0].mean())
        assert findings.noisy_ahead().value == pytest.approx(gap[:, 1].mean())
        assert findings.noisy_ahead_late().error == pytest.approx(gap[:, 2].std(ddof=1) / 3**0.5)
        assert findings.noisy_seeds_ahead().count == (gap[:, 1] > 0).sum()
        stopped = squared["stopped"][:3] - cross["stopped"][:3]
        assert findings.noisy_stopped_ahead().value == pytest.approx(stopped.mean())
        right = cross["right at η = 0.5"][:3] / 497
        assert findings.lively_fall(CROSS_ENTROPY).value == pytest.approx((right[:, 0] - right[:, 1]).mean())
        assert findings.by_heart_squared_error().value == pytest.approx(squared["by heart"][:3, 2].mean())
        cross, squared = (recorded[case_of(ORDINARY, loss)] for loss in LOSSES)
        ratios = squared["rate"][:3, 1] / cross["rate"][:3, 1]
        assert findings.rate_ratio() == pytest.approx(np.median(ratios))
        assert findings.higher_rate().count == (ratios > 1).sum()
        cross, squared = (recorded[case_of(SURE, loss)]["test"][:3, 1] for loss in LOSSES)
        assert findings.sure_behind().value == pytest.approx((cross - squared).mean())
        assert findings.table().count("\n") == 1 + 3 * len(experiment.SNAPSHOTS)

    def test_pictures(self, recorded):
        assert findings.draw_rates()._repr_png_().startswith(b"\x89PNG")
        own = {ORDINARY: [train(loss, steps=5) for loss in LOSSES]}
        (axes,) = findings.draw_curves(own, steps=5).drawing.axes
        assert axes.get_title(loc="left") == ORDINARY and len(axes.lines) == 2
        assert len(axes.lines[0].get_xydata()) == 2
