"""The table beside PyTorch: it must see every difference, and name what is wrong with what it is given."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lossbook.losses import L1Loss, MSELoss, NLLLoss
from lossbook.pages.crosscheck import crosscheck


class Altered(MSELoss):
    """A squared error that passes its terms through a function given to the class."""

    change = staticmethod(lambda terms, slopes: (terms, slopes))

    def _terms_and_slopes(self, predictions, targets):
        return self.change(*super()._terms_and_slopes(predictions, targets))


@pytest.mark.parametrize(
    "change, difference",
    [
        (lambda terms, slopes: (terms, slopes), 0.0),
        (lambda terms, slopes: (terms, slopes * 0.75), 0.25),
        (lambda terms, slopes: (terms * math.nan, slopes), math.inf),
        (lambda terms, slopes: (terms, slopes * math.nan), math.inf),
        (lambda terms, slopes: (terms + math.inf, slopes), math.inf),
    ],
)
def test_every_difference_is_seen(change, difference):
    loss = type("Altered", (Altered,), {"change": staticmethod(change)})()
    assert crosscheck(loss, [1.0, 2.0], [0.0, 5.0], torch.nn.MSELoss()).largest_relative_difference == difference


def test_a_zero_beside_a_small_value_is_no_agreement():
    found = crosscheck(L1Loss(), [1e-300], [0.0], lambda x, y: (x - y).abs().mean() * 0)
    assert found.largest_relative_difference == math.inf, "PyTorch's 0 against a value that is not"


def test_infinite_on_both_sides_agrees():
    assert crosscheck(NLLLoss(), [[-np.inf, 0.0]], [0]).largest_relative_difference == 0


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_class_indices_of_any_integer_type(dtype):
    x = [[-1.0, -0.5], [-0.25, -2.0]]
    assert crosscheck(NLLLoss(), x, np.array([1, 0], dtype)).largest_relative_difference == 0


@pytest.mark.parametrize("loss", [MSELoss(), L1Loss(reduction="none")])
def test_float32_is_compared_in_float64(loss):
    found = crosscheck(loss, np.float32([0.1, 0.7]), np.float32([0.3, 0.2]))
    assert found.ours[0].dtype == found.ours[1].dtype == np.float64
    assert found.largest_relative_difference == 0


def test_weights_of_any_type_reach_pytorch():
    x = [[-1.0, -0.5], [-0.25, -2.0]]
    for weight in ([1.0, 3.0], np.float32([0.1, 0.2]), np.array([1, 2])):
        assert crosscheck(NLLLoss(weight=weight), x, [0, 1]).largest_relative_difference < 1e-15


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: crosscheck("MSELoss", [1.0], [0.0]), "loss: expected a loss of lossbook.losses, got 'MSELoss'"),
        (lambda: crosscheck(MSELoss(), [1.0, 2.0], [0.0]), "targets: expected the shape of predictions"),
        (lambda: crosscheck(MSELoss(), ["a"], [0.0]), "predictions: expected real numbers"),
        (lambda: crosscheck(MSELoss(), [1.0], ["a"]), "targets: expected real numbers"),
        (
            lambda: crosscheck(MSELoss(reduction="none"), [1.0, 1.0], [0.0, 0.0], torch.nn.MSELoss()),
            r"torch_loss: expected a value of shape \(2,\), got \(\)",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
