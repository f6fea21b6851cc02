"""Losses: values, gradients, reductions, types, input."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lossbook.functions import log_softmax
from lossbook.losses import CrossEntropyLoss, L1Loss, MSELoss, NLLLoss
from lossbook.pages.crosscheck import crosscheck

REGRESSION = [L1Loss, MSELoss]
numbers = st.floats(-1e6, 1e6)


@st.composite
def batches(draw):
    shape = draw(array_shapes(max_dims=3, max_side=4))
    return draw(arrays(float, shape, elements=numbers)), draw(arrays(float, shape, elements=numbers))


@st.composite
def rows(draw):
    shape = draw(st.sampled_from([(3,), (1, 2), (4, 3), (2, 5, 3)]))
    x = log_softmax(draw(arrays(float, shape, elements=st.floats(-30, 30))), axis=0 if len(shape) == 1 else 1)
    classes = shape[0] if len(shape) == 1 else shape[1]
    targets = shape[:0] if len(shape) == 1 else (shape[0], *shape[2:])
    return x, draw(arrays(np.int64, targets, elements=st.integers(0, classes - 1)))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
class TestAgainstPyTorch:
    @pytest.mark.parametrize("loss", REGRESSION)
    @given(batch=batches())
    def test_regression(self, loss, reduction, batch):
        assert crosscheck(loss(reduction=reduction), *batch).largest_relative_difference < 1e-14

    @given(batch=rows(), data=st.data())
    def test_nll(self, reduction, batch, data):
        x, y = batch
        classes = x.shape[0] if x.ndim == 1 else x.shape[1]
        weight = data.draw(st.none() | arrays(float, classes, elements=st.floats(0.1, 9)))
        ignored = data.draw(st.sampled_from([-100, 0]))
        if reduction == "mean" and (y == ignored).all():
            with pytest.raises(ValueError, match="every row is ignored"):
                NLLLoss(weight=weight, ignore_index=ignored, reduction=reduction).loss(x, y)
        else:
            assert (
                crosscheck(
                    NLLLoss(weight=weight, ignore_index=ignored, reduction=reduction), x, y
                ).largest_relative_difference
                < 1e-13
            )


@pytest.mark.parametrize("loss", [*REGRESSION, lambda **options: MSELoss(half=True, **options)])
@given(batch=batches())
def test_gradient_is_the_slope(loss, batch):
    predictions, targets = batch
    total = loss(reduction="sum")
    h = 1e-3
    for index in np.ndindex(predictions.shape):
        if abs(predictions[index] - targets[index]) < 10 * h:
            continue  # at the kink of the absolute error there is no slope
        up, down = predictions.copy(), predictions.copy()
        up[index] += h
        down[index] -= h
        difference = loss(reduction="none").loss(up, targets)[index] - loss(reduction="none").loss(down, targets)[index]
        scale = max(1.0, abs(predictions[index]) + abs(targets[index]))
        assert total.grad(predictions, targets)[index] == pytest.approx(
            difference / (2 * h), rel=1e-6, abs=1e-9 * scale**2
        )


def test_values():
    assert MSELoss().loss([1.0, 3.0], [0.0, 1.0]) == 2.5
    assert MSELoss(half=True, reduction="none").loss([1.0, 3.0], [0.0, 1.0]).tolist() == [0.5, 2.0]
    assert L1Loss(reduction="sum").loss([1.0, 3.0], [0.0, 1.0]) == 3.0
    assert L1Loss().grad([1.0], [1.0]).tolist() == [0.0], "the subgradient at the kink is PyTorch's"
    assert NLLLoss().loss([-0.5, -1.0], 1) == 1.0


def test_a_mean_may_be_finite_where_the_sum_is_not():
    large, zero = [1e154, 1.2e154, 1e154], [0.0] * 3
    assert MSELoss().loss(large, zero) == pytest.approx(1e308 / 3 * 3.44, rel=1e-15)
    assert MSELoss(reduction="sum").loss(large, zero) == np.inf
    assert L1Loss().loss([1e308, 1e308], [0.0, 0.0]) == 1e308


def test_slopes_of_a_class_far_below_carry_one_rounding_only():
    logits = [216.0, 216.0, -296.20095268022766]
    with mpmath.workdps(300):
        powers = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        exact = powers[2] / mpmath.fsum(powers)
        assert abs(mpmath.mpf(CrossEntropyLoss().grad(logits, 0)[2]) - exact) <= 1e-13 * exact


def test_targets_beyond_float32_are_infinitely_far():
    assert L1Loss().loss(np.float32([1.0]), [1e300]) == np.inf


def test_repr_shows_what_was_set():
    assert repr(MSELoss()) == "MSELoss()" and repr(L1Loss(reduction="sum")) == "L1Loss(reduction='sum')"
    assert repr(NLLLoss(weight=np.array([1.0, 2.0]))) == "NLLLoss(weight=array([1., 2.]))"


def test_a_weighted_mean_divides_by_the_weights():
    x = np.log([[0.5, 0.5], [0.25, 0.75]])
    loss = NLLLoss(weight=[1.0, 3.0])
    assert loss.loss(x, [0, 1]) == pytest.approx((np.log(2) + 3 * np.log(4 / 3)) / 4)


def test_impossible_rows_without_weight_count_for_nothing():
    x = np.array([[-np.inf, 0.0], [-1.0, -0.5]])
    assert NLLLoss(ignore_index=0).loss(x, [0, 1]) == 0.5
    assert NLLLoss(weight=[0.0, 1.0]).loss(x, [0, 1]) == 0.5
    assert NLLLoss().loss(x, [0, 1]) == np.inf


@pytest.mark.parametrize(
    "loss, batch", [(MSELoss(), ([1.5], [0.0])), (L1Loss(), ([1.5], [0.0])), (NLLLoss(), ([[-0.5, -1]], [0]))]
)
def test_float32_stays_and_input_is_left_alone(loss, batch):
    x = np.array(batch[0], dtype=np.float32)
    y = np.array(batch[1])
    kept = x.copy(), y.copy()
    value, gradient = loss.loss_and_grad(x, y)
    assert value.dtype == gradient.dtype == np.float32
    assert loss.loss(x, y) == value and (loss.grad(x, y) == gradient).all()
    assert (x == kept[0]).all() and (y == kept[1]).all()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: MSELoss(reduction="median"), "reduction: expected one of mean, sum, none, got 'median'"),
        (
            lambda: MSELoss().loss([1.0, 2.0], [[1.0], [2.0]]),
            r"targets: expected the shape of predictions, \(2,\), got \(2, 1\)",
        ),
        (lambda: MSELoss().loss([np.nan], [1.0]), r"predictions: expected numbers, got NaN at index \(0,\)"),
        (lambda: L1Loss().loss([[1.0, 2.0]], [[1.0, np.nan]]), r"targets: expected numbers, got NaN at index \(0, 1\)"),
        (lambda: L1Loss().loss([], []), "predictions: expected at least one"),
        (lambda: MSELoss(half="sum"), "half: expected True or False, got 'sum'"),
        (lambda: NLLLoss().loss([[0.2, 0.8]], [1]), "predictions: expected log-probabilities, at most 0, got 0.8"),
        (lambda: NLLLoss().loss([[np.nan, -1]], [1]), "predictions: expected log-probabilities"),
        (
            lambda: NLLLoss().loss([[-1.0, -1.0]], [2]),
            r"targets: expected class indices from 0 to 1, got 2 at index \(0,\)",
        ),
        (lambda: NLLLoss().loss([[-1.0, -1.0]], [0.5]), "targets: expected integer class indices"),
        (lambda: NLLLoss().loss([[-1, -1], [-1, -1]], [[0], [1, 2]]), "targets: expected class indices, got rows of"),
        (lambda: NLLLoss().loss([[-1.0, -1.0]], [[0]]), r"targets: expected shape \(1,\)"),
        (lambda: NLLLoss(weight=[1.0]).loss([[-1.0, -1.0]], [0]), "weight: expected one weight per class"),
        (lambda: NLLLoss(weight=[1.0, -1.0]).loss([[-1.0, -1.0]], [0]), "weight: expected finite weights"),
        (lambda: NLLLoss().loss(-1.0, 0), "predictions: expected rows of log-probabilities"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class TestCrosscheck:
    def test_it_sees_a_wrong_gradient(self):
        class Wrong(MSELoss):
            def _terms_and_slopes(self, predictions, targets):
                terms, slopes = super()._terms_and_slopes(predictions, targets)
                return terms, slopes / 2

        found = crosscheck(Wrong(), [1.0, 2.0], [0.0, 5.0], torch.nn.MSELoss())
        assert found.largest_relative_difference == 0.5

    def test_table(self):
        found = crosscheck(MSELoss(), [1.0, 2.0, 3.0, 4.0, 5.0], [0.0] * 5)
        assert f"largest relative difference {found.largest_relative_difference:.1e}" in repr(found)
        assert "… (5 in all)" in repr(found) and "<caption>" in found._repr_html_()

    def test_errors(self):
        class Unheard(MSELoss):
            pass

        with pytest.raises(ValueError, match="PyTorch has no torch.nn.Unheard"):
            crosscheck(Unheard(), [1.0], [0.0])
        with pytest.raises(ValueError, match="torch.nn.MSELoss has no argument 'half'"):
            crosscheck(MSELoss(half=True), [1.0], [0.0])


def test_import_needs_numpy_alone():
    import subprocess
    import sys

    heavy = ("sympy", "matplotlib", "ipywidgets", "anywidget", "torch", "IPython", "scipy")
    code = f"import sys, lossbook; print([m for m in {heavy!r} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
