"""The calibration experiment: its measures on rows worked out by hand, its temperature against the loss itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from lossbook.experiments import calibration
from lossbook.experiments.findings import calibration as findings
from lossbook.experiments.record import Record
from lossbook.experiments.reliability import expected_calibration_error, fit_temperature, reliability
from lossbook.experiments.starts import Start
from lossbook.functions import softmax
from lossbook.losses import CrossEntropyLoss, SoftmaxFocalLoss

ROWS = np.array([[0.95, 0.05], [0.85, 0.15], [0.1, 0.9], [0.4, 0.6]])
LABELS = np.array([0, 1, 1, 0])  # right, wrong, right, wrong


def train(*starts: Start, steps: int = 3) -> list[calibration.Run]:
    return calibration.train(starts, snapshots=(steps,))[steps]


@pytest.fixture(scope="module")
def run() -> calibration.Run:
    return train(Start(0, 0))[0]


def test_reliability_by_hand():
    counts, confidence, accuracy = reliability(ROWS, LABELS, bins=10)
    # 0.9 belongs to the bin that ends there, 0.6 likewise.
    assert counts.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 2, 1]
    np.testing.assert_allclose(confidence[[5, 8, 9]], [0.6, 0.875, 0.95])
    assert accuracy[[5, 8, 9]].tolist() == [0, 0.5, 1]
    assert np.isnan(accuracy[0]) and np.isnan(confidence[0])


def test_calibration_error_by_hand():
    # (1 · 0.6 + 2 · 0.375 + 1 · 0.05) / 4
    assert expected_calibration_error(ROWS, LABELS, bins=10) == pytest.approx(0.35)
    assert expected_calibration_error(ROWS, LABELS, bins=1) == pytest.approx(0.825 - 0.5)
    assert expected_calibration_error([[1.0, 0.0], [0.0, 1.0]], [0, 1]) == 0


def test_the_temperature_is_where_the_loss_is_lowest():
    chance = np.random.default_rng(3)
    true = chance.normal(size=(4000, 5)) * 2
    labels = (softmax(true).cumsum(axis=1) > chance.random((4000, 1))).argmax(axis=1)
    found = fit_temperature(3 * true, labels)
    assert found == pytest.approx(3, rel=0.05)  # the labels were drawn at that temperature
    loss = [CrossEntropyLoss(temperature=t).loss(3 * true, labels) for t in (0.99 * found, found, 1.01 * found)]
    assert loss[1] < min(loss[0], loss[2])
    assert fit_temperature(3 * true + 1000, labels) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("labels", [[0, 1], [1, 0]], ids=["all right", "all wrong"])
def test_where_no_temperature_is_best_it_says_so(labels):
    with pytest.raises(ValueError, match="no temperature"):
        fit_temperature([[5.0, 0.0], [0.0, 5.0]], labels)


def test_a_start_is_the_same_again_and_disturbs_nobody(run):
    torch.manual_seed(11)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    (again,) = train(Start(0, 0))
    assert torch.equal(before, torch.get_rng_state()) and threads == torch.get_num_threads()
    np.testing.assert_array_equal(run.test[0], again.test[0])
    assert run.temperature == again.temperature and run.training_loss == again.training_loss


def test_a_start_does_not_depend_on_its_neighbours(run):
    _, other, beside = train(Start(4, 0), Start(0, 7), Start(0, 0))
    np.testing.assert_allclose(beside.test[0], run.test[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(beside.test[1], run.test[1])
    assert beside.training_loss == pytest.approx(run.training_loss, rel=1e-3)
    # Nor does rounding change much in so few steps.
    np.testing.assert_allclose(other.test[0], run.test[0], rtol=1e-3, atol=1e-3)


def test_rounding_moves_the_weights_a_little_and_nothing_else():
    plain, rounded = (calibration._network(Start(3, number)) for number in (0, 2))
    for before, after in zip(plain, rounded, strict=True):
        moved = (after - before) / before
        assert before.shape == after.shape and 1e-7 < moved.abs().mean() < 2e-6
    assert not torch.equal(plain[0], calibration._network(Start(4, 0))[0])
    for weights in plain[::2]:  # as torch.nn.Linear draws them
        assert weights.abs().max() <= weights.shape[0] ** -0.5
        assert weights.var().item() == pytest.approx(1 / (3 * weights.shape[0]), rel=0.1)


def test_another_seed_takes_other_pictures():
    (one, labels), (two, _) = (calibration._pictures(seed) for seed in (0, 1))
    assert not torch.equal(one, two) and torch.equal(one.sum(), two.sum())
    assert one.max() == 1 and labels.shape == (1797,)


def test_no_picture_serves_twice(run):
    assert len(run.validation[1]) == calibration.VALIDATION
    assert len(run.test[1]) == 1797 - calibration.TRAINING - calibration.VALIDATION
    # In all, the labels are those of the data set.
    order = np.random.default_rng(0).permutation(1797)
    labels = load_digits(return_X_y=True)[1][order]
    np.testing.assert_array_equal(run.validation[1], labels[300:800])
    np.testing.assert_array_equal(run.test[1], labels[800:])


def test_the_network_is_that_of_pytorch(run):
    """A step of Adam on the same weights, one network with torch.nn."""
    x, y = calibration._pictures(0)
    layers = calibration._network(Start(0, 0))
    linear = [torch.nn.Linear(64, 128), torch.nn.Linear(128, 128), torch.nn.Linear(128, 10)]
    with torch.no_grad():
        for module, weight, bias in zip(linear, layers[::2], layers[1::2], strict=True):
            module.weight.copy_(weight.T)
            module.bias.copy_(bias[0])
    network = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])
    optimizer = torch.optim.Adam(network.parameters(), lr=calibration.RATE)
    for _ in range(3):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x[:300]), y[:300]).backward()
        optimizer.step()
    with torch.no_grad():
        np.testing.assert_allclose(network(x[800:]).numpy(), run.test[0], rtol=1e-3, atol=1e-3)
        loss = torch.nn.functional.cross_entropy(network(x[:300]), y[:300]).item()
    assert run.training_loss == pytest.approx(loss, rel=1e-3)


def test_the_focal_loss_is_the_books():
    """Ten steps with the gradient of `SoftmaxFocalLoss` from the same weights."""
    x, y = calibration._pictures(0)
    layers = [layer[None].requires_grad_(True) for layer in calibration._network(Start(0, 0))]
    optimizer = torch.optim.Adam(layers, lr=calibration.RATE)
    focal = SoftmaxFocalLoss(gamma=2.0)
    for _ in range(10):
        optimizer.zero_grad()
        logits = calibration._logits(layers, x[None, :300])
        logits.backward(torch.tensor(focal.grad(logits[0].detach().double().numpy(), y[:300].numpy())[None]).float())
        optimizer.step()
    ours = calibration.train([Start(0, 0)], calibration.FOCAL, snapshots=(10,))[10][0]
    plain = train(Start(0, 0), steps=10)[0]
    with torch.no_grad():
        logits = calibration._logits(layers, x[None])[0]
        # What is looked at is cross-entropy, under either loss.
        loss = torch.nn.functional.cross_entropy(logits[:300], y[:300]).item()
    np.testing.assert_allclose(ours.test[0], logits[800:].numpy(), atol=0.02)
    assert np.abs(plain.test[0] - ours.test[0]).max() > 0.5
    assert ours.training_loss == pytest.approx(loss, rel=1e-2)


def test_the_numbers_of_a_run():
    logits = np.log([[0.75, 0.15, 0.1], [0.3, 0.65, 0.05], [0.1, 0.05, 0.85]])
    made = calibration.Run(0, 0.0, (logits, np.array([0, 0, 2])), (logits, np.array([0, 0, 2])), 1.0)
    assert made.accuracy() == pytest.approx(2 / 3)
    assert made.confidence() == pytest.approx(0.75)
    assert made.loss() == pytest.approx(-np.log([0.75, 0.3, 0.85]).mean())
    assert made.error() == pytest.approx((0.25 + 0.65 + 0.15) / 3)
    assert made.loss(2.0) == pytest.approx(
        torch.nn.functional.cross_entropy(torch.tensor(logits / 2), torch.tensor([0, 0, 2])).item(), rel=1e-12
    )
    # At T = 1/100 the answers are sure, so that chance has nothing to draw.
    assert made.error_by_chance(0.01) == pytest.approx(0, abs=1e-9)
    assert 0.1 < made.error_by_chance(100.0) < 0.6


def test_what_is_measured_has_a_row_for_each_start(monkeypatch):
    monkeypatch.setattr(calibration, "SNAPSHOTS", (2, 4))
    monkeypatch.setattr(calibration, "STEPS", 2)
    monkeypatch.setattr(calibration, "DRAWS", 2)
    measured = calibration._measure(calibration.CROSS_ENTROPY, [Start(0, 0), Start(1, 0), Start(2, 0)])
    once = {"training loss", "confidence before", "confidence after"}
    assert {name: values.shape for name, values in measured.items()} == {
        name: (3, 1) if name in once else (3, 2) for name in measured
    }
    focal = calibration._measure(calibration.FOCAL, [Start(0, 0), Start(1, 0)])
    assert {values.shape for values in focal.values()} == {(2, 1)} and focal.keys() == measured.keys()
    early = train(Start(1, 0), steps=2)[0]
    T = early.temperature
    here = {name: values[1, 0] for name, values in measured.items()}
    assert here["accuracy"] == pytest.approx(early.accuracy(), abs=0.005)
    assert here["temperature"] == pytest.approx(T, rel=1e-3)
    for when, temperature in (("before", 1.0), ("after", T)):
        assert here[f"loss {when}"] == pytest.approx(early.loss(temperature), rel=1e-3)
        assert here[f"confidence {when}"] == pytest.approx(early.confidence(temperature), rel=1e-3)
        # An answer at the edge of a bin may fall to either side.
        assert here[f"ECE {when}"] == pytest.approx(early.error(temperature), abs=0.005)
    assert abs(early.loss(T) / early.loss() - 1) > 0.01


@pytest.fixture
def recorded(monkeypatch) -> dict[str, np.ndarray]:
    """Three seeds and two roundings, made up."""
    chance = np.random.default_rng(8)
    names = "training loss", "accuracy", "temperature", "confidence before", "confidence after", "loss before"
    names = *names, "loss after", "ECE before", "ECE after", "ECE by chance"
    measured = {name: chance.uniform(0.1, 0.9, size=(5, len(calibration.SNAPSHOTS))) for name in names}
    counts = np.full((3, 10), 30.0)
    counts[:, 0] = 2
    sums = np.stack([counts, counts * np.linspace(0.05, 0.95, 10), counts * np.linspace(0, 0.9, 10)], axis=1)
    data = {
        "measured": {
            calibration.CROSS_ENTROPY: {
                name: (values[:, 1:2] if name in calibration.ONCE else values).tolist()
                for name, values in measured.items()
            },
            calibration.FOCAL: {name: (0.5 * values[:, 1:2]).tolist() for name, values in measured.items()},
        },
        "extra": {"before": sums.tolist(), "after": sums.tolist()},
    }
    made = Record(replace(calibration.EXPERIMENT, seeds=3, roundings=2), data)
    monkeypatch.setattr(findings, "load", lambda experiment: made)
    return measured


def test_findings_by_hand(recorded):
    def at(name: str, place: int = 1) -> np.ndarray:
        return recorded[name][:3, place]  # a hundred steps

    assert findings.temperature().value == pytest.approx(at("temperature").mean())
    assert findings.error_falls().count == (at("ECE after") < at("ECE before")).sum()
    assert findings.loss_falls().count == (at("loss after") < at("loss before")).sum()
    assert findings.loss_fall().value == pytest.approx((1 - at("loss after") / at("loss before")).mean())
    fall = at("ECE before") - at("ECE after")
    assert findings.error_fall().value == pytest.approx(fall.mean())
    assert findings.error_fall().error == pytest.approx(fall.std(ddof=1) / 3**0.5)
    assert findings.error_above_chance().value == pytest.approx((at("ECE after") - at("ECE by chance")).mean())
    assert findings.too_sure_before().value == pytest.approx((at("confidence before") - at("accuracy")).mean())
    later = recorded["accuracy"][:3, 3] - recorded["accuracy"][:3, 0]
    assert findings.right_later().value == pytest.approx(later.mean())
    assert findings.hotter_later().count == (at("temperature", 3) > at("temperature", 0)).sum()
    assert findings.lower_under_focal("ECE before").value == pytest.approx(0.5 * at("ECE before").mean())
    assert findings.fewer_right_under_focal().value == pytest.approx(0.5 * at("accuracy").mean())
    assert findings.moved_by_rounding() == pytest.approx(np.ptp(recorded["temperature"][3:, 1]))
    assert findings.table().count("\n") == 1 + len(calibration.SNAPSHOTS)
    # Nine bins have answers enough, and in each 5% fewer are right than said.
    np.testing.assert_allclose(findings.gap("before"), -0.05)
    assert findings.in_the_top_bin() == pytest.approx(90 / (9 * 90 + 6))


def test_the_pictures_show_record_and_own_run(recorded, run):
    picture = findings.draw_reliability([run])
    assert picture._repr_png_().startswith(b"\x89PNG")
    left, right, *shares = picture.drawing.axes
    assert [sum(bar.get_height() for bar in axes.patches) for axes in shares] == pytest.approx([1, 1])
    assert max(bar.get_height() for bar in shares[0].patches) == pytest.approx(findings.in_the_top_bin())
    assert left.get_title(loc="left").startswith("Before") and right.get_title(loc="left").startswith("After")
    assert "your run" in [line.get_label() for line in left.lines]
    pairs = findings.draw_pairs([run]).drawing.axes
    assert [axes.lines[-1].get_xydata().tolist() for axes in pairs] == [
        [[pytest.approx(run.loss()), pytest.approx(run.loss(run.temperature))]],
        [[pytest.approx(run.error()), pytest.approx(run.error(run.temperature))]],
    ]
    assert findings.draw_pairs().drawing.axes[0].lines[-1].get_xydata().shape == (3, 2)
