"""The experiment with a rare digit: its data, its losses, its training from many starts, and its record's findings."""

from __future__ import annotations

import matplotlib.figure
import numpy as np
import pytest
import torch

from lossbook import losses
from lossbook.experiments import imbalance as experiment
from lossbook.experiments.findings import imbalance as findings
from lossbook.experiments.imbalance import CROSS_ENTROPY, FOCAL, FOCAL_ALPHA, LONG, LOSSES, SHORT, SNAPSHOTS, WEIGHTED
from lossbook.experiments.starts import Start

ONE, OTHER = Start(3, 0), Start(4, 0)
QUANTITIES = ("found", "alarms", "moved", "precision", "share")


def few(loss, starts):
    return experiment.train(loss, starts, snapshots=(4, 8))


def test_every_digit_is_used_once():
    one = experiment.split(3)
    assert one.targets.sum() == 20 and len(one.targets) == 1020
    assert len(one.inputs) + len(one.test) == 1797 and one.targets.sum() + one.truth.sum() == 174
    both = np.concatenate([one.inputs, one.test])
    other = experiment.split(4)
    # The same digits, parted in another way.
    np.testing.assert_array_equal(np.sort(both, axis=0), np.sort(np.concatenate([other.inputs, other.test]), axis=0))
    assert not np.array_equal(one.inputs, other.inputs)


class TestLosses:
    logits, targets = np.array([2.0, -1.0, 0.5, 3.0]), np.array([1.0, 0.0, 0.0, 0.0])

    @pytest.mark.parametrize(
        ("loss", "ours"),
        [
            (CROSS_ENTROPY, losses.BCEWithLogitsLoss(reduction="none")),
            (WEIGHTED, losses.BCEWithLogitsLoss(pos_weight=3.0, reduction="none")),
            (FOCAL, losses.SigmoidFocalLoss(gamma=2.0, alpha=None, reduction="none")),
            (FOCAL_ALPHA, losses.SigmoidFocalLoss(gamma=2.0, alpha=0.25, reduction="none")),
        ],
    )
    def test_they_are_the_packages(self, loss, ours):
        logits, targets = torch.tensor(self.logits), torch.tensor(self.targets)
        found = experiment.terms(loss, logits, targets)
        np.testing.assert_allclose(found, ours.loss(self.logits, self.targets), rtol=1e-12)
        stacked = experiment.terms(loss, logits.expand(2, 4), targets.expand(2, 4))
        torch.testing.assert_close(stacked, found.expand(2, 4))

    def test_an_unknown_loss_is_refused(self):
        with pytest.raises(ValueError, match="loss: expected one of cross-entropy, weighted, focal"):
            experiment.terms("hinge", torch.zeros(2), torch.zeros(2))


class TestJudge:
    def test_by_hand(self):
        rare = np.array([True, True, True, *[False] * 200])
        # The others lie from −2.00 to −0.01; 1% of them, two, may lie above the moved threshold: that is −0.03.
        logits = np.array([0.5, -0.025, -0.035, *np.linspace(-2.0, -0.01, 200)])
        found, alarms, moved, precision, share = experiment.judge(logits, rare)
        assert (found, alarms, moved) == (pytest.approx(1 / 3), 0, pytest.approx(2 / 3))
        # In the ranking the eights are first, fourth and sixth.
        assert precision == pytest.approx((1 + 2 / 4 + 3 / 6) / 3)
        assert share == pytest.approx(np.mean(1 / (1 + np.exp(-logits[~rare]))))

    def test_false_alarms(self):
        logits = np.array([0.5, 0.1, -1.0, 2.0])
        assert experiment.judge(logits, np.array([True, False, False, False]))[1] == pytest.approx(2 / 3)


class TestStarts:
    @pytest.mark.parametrize("loss", LOSSES)
    def test_the_same_again_and_independent_of_neighbours(self, loss):
        pair, again, alone = few(loss, [ONE, OTHER]), few(loss, [ONE, OTHER]), few(loss, [OTHER])
        for name in QUANTITIES:
            np.testing.assert_array_equal(getattr(pair, name), getattr(again, name))
            assert getattr(pair, name).shape == (2, 2)
            # After a few steps single digits may only change sides by rounding.
            np.testing.assert_allclose(getattr(pair, name)[1:], getattr(alone, name), atol=0.01)
        np.testing.assert_allclose(pair.share[1:], alone.share, rtol=1e-4)
        assert pair.share[0, 0] != pair.share[1, 0]

    def test_rounding_moves_weights_by_a_millionth_and_nothing_else(self):
        before, after = experiment.network(ONE), experiment.network(Start(ONE.seed, 7))
        moved = torch.cat([(b / a - 1).flatten() for a, b in zip(before, after, strict=True)]).std().item()
        assert 0.8e-6 < moved < 1.2e-6
        assert not torch.equal(before[0], experiment.network(OTHER)[0])

    def test_networks_start_as_pytorchs_do(self):
        w1, b1, w2, b2 = experiment.network(ONE)
        shapes = [tuple(layer.shape) for layer in (w1, b1, w2, b2)]
        assert shapes == [(64, 16), (1, 16), (16, 1), (1, 1)]
        assert 0.95 / 8 < w1.abs().max() <= 1 / 8 and w2.abs().max() <= 1 / 4
        assert w1.mean().abs() < 0.02

    def test_training_is_adam_on_one_network_as_pytorch_writes_it(self):
        split, (w1, b1, w2, b2) = experiment.split(ONE.seed), experiment.network(ONE)
        network = torch.nn.Sequential(torch.nn.Linear(64, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
        with torch.no_grad():
            for parameter, value in zip(network.parameters(), (w1.T, b1[0], w2.T, b2[0]), strict=True):
                parameter.copy_(value)
        descent = torch.optim.Adam(network.parameters(), lr=experiment.RATE)
        weight = torch.tensor(1000 / 20)
        for _ in range(8):
            descent.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(
                network(torch.from_numpy(split.inputs))[:, 0], torch.from_numpy(split.targets), pos_weight=weight
            ).backward()
            descent.step()
        with torch.no_grad():
            logits = network(torch.from_numpy(split.test))[:, 0].double().numpy()
        share = experiment.judge(logits, split.truth)[4]
        assert few(WEIGHTED, [ONE, OTHER]).share[0, 1] == pytest.approx(share, rel=1e-4)

    def test_all_losses_start_from_the_same_networks(self, monkeypatch):
        # Without a step to take, all that is left is the start.
        monkeypatch.setattr(experiment, "RATE", 0.0)
        shares = [few(loss, [ONE]).share for loss in LOSSES]
        for share in shares[1:]:
            np.testing.assert_array_equal(shares[0], share)


class TestRecord:
    def test_it_looks_closer_at_two_budgets(self, monkeypatch):
        table = np.arange(2.0 * len(SNAPSHOTS)).reshape(2, -1)
        monkeypatch.setattr(experiment, "train", lambda loss, starts: experiment.Run(*[table] * 5))
        measured = experiment.EXPERIMENT.measure(FOCAL, [ONE, OTHER])
        assert measured["found"].tolist() == table.tolist()
        assert measured["moved"].tolist() == table[:, [2, 6]].tolist()

    def test_findings_by_hand(self, made_up):
        assert str(findings.found(WEIGHTED, 200)) == "50% ± 10%"
        np.testing.assert_allclose(findings.more_found(WEIGHTED, 200).values, [0.3, 0.1])
        np.testing.assert_allclose(findings.more_found(WEIGHTED, 200, than=FOCAL).values, [0.3, 0.1])
        np.testing.assert_allclose(findings.more_moved(WEIGHTED, LONG).values, [0.3, 0.3])
        np.testing.assert_allclose(findings.share_ratio(SHORT).values, [1, 1])

    def test_table_and_picture(self, made_up):
        assert "| weighted | 50% ± 10% | 50% ± 10% | 40% ± 10% | 0.5 ± 0.1 | 40% ± 10% |" in findings.table(200)
        drawing = findings.curves({FOCAL: {"found": [0.2], "precision": [0.3]}}, steps=200).drawing
        assert isinstance(drawing, matplotlib.figure.Figure)
        assert len(drawing.axes) == 2


@pytest.fixture
def made_up(monkeypatch):
    """Put a small record in the place of the real one: two seeds, and weights alone differ from the other losses."""

    class Small:
        def seeds(self, loss, quantity):
            if quantity in ("moved", "share"):
                return np.array([[0.3, 0.6], [0.5, 0.7]] if loss == WEIGHTED else [[0.3, 0.3], [0.3, 0.4]])
            start = [0.6, 0.4] if loss == WEIGHTED else [0.3, 0.3]
            return np.array(start)[:, None] * np.ones(len(SNAPSHOTS))

    monkeypatch.setattr(findings, "load", lambda _: Small())
