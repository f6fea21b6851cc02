"""Cross-entropy against squared error: derivations, their wrong cousins, and the training runs."""

from __future__ import annotations

import matplotlib.figure
import numpy as np
import pytest
import sympy
import torch
from sympy import Derivative, log

from lossbook.experiments import saturation as experiment
from lossbook.functions import softmax
from lossbook.symbolic import saturation as formulas
from lossbook.symbolic.derivation import CHECKED, Derivation, DerivationError
from lossbook.symbolic.primitives import elementary, sigmoid

DERIVATIONS = [
    formulas.sigmoid_slope,
    formulas.squared_error_gradient,
    formulas.cross_entropy_gradient,
    formulas.log_slope,
    formulas.cross_entropy_curvature,
    formulas.squared_error_curvature,
    formulas.quadratic_form,
    formulas.softmax_squared_gradient,
    formulas.softmax_cross_entropy_gradient,
    formulas.tanh_matching,
    formulas.sigmoid_matching,
]


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_derivations_are_proved(derive):
    assert CHECKED not in [step.how for step in derive().steps]


class TestWrongSteps:
    """Slips that are made about this subject do not pass."""

    s = sigmoid(formulas.w * formulas.x + formulas.b)

    def refuses(self, start, wrong):
        with pytest.raises(DerivationError, match="is wrong"):
            Derivation(start, domain=formulas._NEURON).step(wrong, "a slip")

    def test_logarithm(self):
        self.refuses(Derivative(log(1 - self.s), formulas.w), Derivative(1 - log(self.s), formulas.w))

    def test_slope_of_the_sigmoid_left_out(self):
        squared = Derivative(formulas.squared_error(self.s, formulas.y), formulas.w)
        self.refuses(squared, (self.s - formulas.y) * formulas.x)

    def test_slope_of_the_sigmoid_left_in(self):
        cross = Derivative(formulas.cross_entropy(self.s, formulas.y), formulas.w)
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


class TestRuns:
    def test_curves_have_a_row_for_each_seed_and_end_at_the_last_step(self):
        run = experiment.train(experiment.CROSS_ENTROPY, 0.3, steps=12, seeds=3)
        assert run.steps.tolist() == [0, 5, 10, 12]
        assert run.test.shape == (3, 4) and run.validation.shape == (3,)
        assert run.final == (pytest.approx(run.test[:, -1].mean()), pytest.approx(run.test[:, -1].std(ddof=1)))
        assert run.test[:, -1].mean() > run.test[:, 0].mean() + 0.2

    def test_both_losses_start_from_the_same_networks(self):
        starts = [experiment.train(loss, 0.3, steps=1, seeds=2).test[:, 0] for loss in _LOSSES]
        np.testing.assert_array_equal(*starts)

    def test_seeds_do_not_meet(self):
        alone = experiment.train(experiment.SQUARED_ERROR, 0.3, steps=20, seeds=1, noise=0.2)
        one, two = (experiment.train(loss, 1.0, steps=20, seeds=2).test for loss in _LOSSES)
        assert not np.array_equal(one[0], one[1]) and not np.array_equal(one, two)
        assert alone.test.shape == (1, 5)

    def test_the_same_run_twice_and_the_caller_keeps_the_threads(self):
        threads = torch.get_num_threads()
        runs = [experiment.train(experiment.CROSS_ENTROPY, 0.3, steps=5, seeds=2, gain=2.0) for _ in range(2)]
        np.testing.assert_array_equal(runs[0].test, runs[1].test)
        assert torch.get_num_threads() == threads

    def test_losses_are_those_of_pytorch(self):
        logits, index = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]]), torch.tensor([0, 2])
        targets = torch.nn.functional.one_hot(index, 3).float()
        cross = torch.nn.functional.cross_entropy(logits, index, reduction="none")
        squared = torch.nn.functional.mse_loss(torch.softmax(logits, 1), targets, reduction="none").sum(1) / 2
        torch.testing.assert_close(experiment._rows(experiment.CROSS_ENTROPY, logits, targets), cross)
        torch.testing.assert_close(experiment._rows(experiment.SQUARED_ERROR, logits, targets), squared)
        with pytest.raises(ValueError, match="loss: expected 'cross-entropy' or 'squared error', got 'hinge'"):
            experiment._rows("hinge", logits, targets)

    def test_noise_changes_the_asked_share_of_labels_and_spares_the_test(self):
        _, clean, _, clean_val, _, clean_test = experiment._digits(0.0)
        _, noisy, _, noisy_val, _, noisy_test = experiment._digits(0.4)
        assert (clean != noisy).double().mean().item() == pytest.approx(0.4, abs=0.05)
        assert (clean_val != noisy_val).double().mean().item() == pytest.approx(0.4, abs=0.1)
        assert torch.equal(clean_test, noisy_test)

    def test_best_takes_the_rate_that_validates_best(self):
        best = experiment.best(experiment.CROSS_ENTROPY, (0.001, 0.3), steps=15, seeds=2)
        assert best.rate == 0.3

    def test_picture(self):
        runs = [experiment.train(loss, 0.3, steps=2, seeds=2) for loss in _LOSSES]
        drawing = experiment.draw({"one": runs, "two": runs}).drawing
        assert isinstance(drawing, matplotlib.figure.Figure)
        assert [axes.get_title(loc="left") for axes in drawing.axes] == ["one", "two"]
        assert len(drawing.axes[0].lines) == 2


_LOSSES = (experiment.CROSS_ENTROPY, experiment.SQUARED_ERROR)
