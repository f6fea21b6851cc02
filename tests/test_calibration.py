"""The calibration experiment: its measures on rows worked out by hand, its temperature against the loss itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lossbook.experiments import calibration
from lossbook.functions import softmax
from lossbook.losses import CrossEntropyLoss

ROWS = np.array([[0.95, 0.05], [0.85, 0.15], [0.1, 0.9], [0.4, 0.6]])
LABELS = np.array([0, 1, 1, 0])  # right, wrong, right, wrong


@pytest.fixture(scope="module")
def run() -> calibration.Run:
    return calibration.train(seed=0)


def test_reliability_by_hand():
    counts, confidence, accuracy = calibration.reliability(ROWS, LABELS, bins=10)
    # 0.9 belongs to the bin that ends there, 0.6 likewise.
    assert counts.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 2, 1]
    np.testing.assert_allclose(confidence[[5, 8, 9]], [0.6, 0.875, 0.95])
    assert accuracy[[5, 8, 9]].tolist() == [0, 0.5, 1]
    assert np.isnan(accuracy[0]) and np.isnan(confidence[0])


def test_calibration_error_by_hand():
    # (1 · 0.6 + 2 · 0.375 + 1 · 0.05) / 4
    assert calibration.expected_calibration_error(ROWS, LABELS, bins=10) == pytest.approx(0.35)
    assert calibration.expected_calibration_error(ROWS, LABELS, bins=1) == pytest.approx(0.825 - 0.5)
    assert calibration.expected_calibration_error([[1.0, 0.0], [0.0, 1.0]], [0, 1]) == 0


def test_the_temperature_is_where_the_loss_is_lowest():
    chance = np.random.default_rng(3)
    true = chance.normal(size=(4000, 5)) * 2
    labels = (softmax(true).cumsum(axis=1) > chance.random((4000, 1))).argmax(axis=1)
    found = calibration.fit_temperature(3 * true, labels)
    assert found == pytest.approx(3, rel=0.05)  # the labels were drawn at that temperature
    loss = [CrossEntropyLoss(temperature=t).loss(3 * true, labels) for t in (0.99 * found, found, 1.01 * found)]
    assert loss[1] < min(loss[0], loss[2])
    assert calibration.fit_temperature(3 * true + 1000, labels) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("labels", [[0, 1], [1, 0]], ids=["all right", "all wrong"])
def test_where_no_temperature_is_best_it_says_so(labels):
    with pytest.raises(ValueError, match="no temperature"):
        calibration.fit_temperature([[5.0, 0.0], [0.0, 5.0]], labels)


def test_a_run_is_the_same_again_and_disturbs_nobody(run):
    torch.manual_seed(11)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    again = calibration.train(seed=0)
    assert torch.equal(before, torch.get_rng_state()) and threads == torch.get_num_threads()
    np.testing.assert_array_equal(run.test[0], again.test[0])
    assert run.temperature == again.temperature


def test_no_picture_serves_twice(run):
    assert len(run.validation[1]) == calibration.VALIDATION
    assert len(run.test[1]) == 1797 - calibration.TRAINING - calibration.VALIDATION
    # In all, the labels are those of the data set.
    from sklearn.datasets import load_digits

    order = np.random.default_rng(0).permutation(1797)
    labels = load_digits(return_X_y=True)[1][order]
    np.testing.assert_array_equal(run.validation[1], labels[300:800])
    np.testing.assert_array_equal(run.test[1], labels[800:])


def test_a_network_that_knows_by_heart_is_too_sure_and_can_be_cooled(run):
    assert run.training_loss < 0.002 and 0.9 < run.accuracy() < 0.99
    assert run.temperature > 1.5
    assert run.loss(run.temperature) < run.loss()
    assert run.loss(1.0) == pytest.approx(
        torch.nn.functional.cross_entropy(*map(torch.tensor, run.test)).item(), rel=1e-12
    )


def test_the_error_by_chance_is_below_that_of_a_network_that_is_too_sure(run):
    assert 0.001 < run.error_by_chance() < run.error()


def test_the_picture_shows_both_sides(run):
    picture = calibration.draw_reliability([run])
    assert picture._repr_png_().startswith(b"\x89PNG")
    left, right = picture.drawing.axes
    assert left.get_title(loc="left").startswith("Before") and right.get_title(loc="left").startswith("After")
    drawn = [axes.lines[-1].get_xydata() for axes in (left, right)]
    assert all(len(points) >= 2 for points in drawn)
    # Before, it is right less often than it says.
    assert (drawn[0][:, 1] < drawn[0][:, 0]).all()
