"""The networks that enlarge digits: alike in all but the loss, and what is measured of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lossbook.experiments import enlarging, perceptual
from lossbook.experiments.findings import enlarging as findings
from lossbook.experiments.starts import Start

PLAIN, ROUNDED = Start(3, 0), Start(3, 7)


def networks(start):
    plain = perceptual.untrained(start)
    return {perceptual.TRAINED: plain, perceptual.UNTRAINED: plain}


def test_what_goes_in_is_the_mean_of_sixteen_pixels():
    images = perceptual.digits(0).images[:3]
    inside = enlarging.small(images)
    assert inside.shape == (3, 1, 5, 5)
    assert inside[1, 0, 2, 3].item() == pytest.approx(images[1, 0, 8:12, 12:16].mean().item())


def test_all_losses_begin_alike_and_part_by_their_loss_alone():
    first = enlarging._first_weights(PLAIN)
    assert all(torch.equal(layer[0], other) for layer in first for other in layer)
    assert not torch.equal(first[0], enlarging._first_weights(ROUNDED)[0])
    (made,) = enlarging.train(PLAIN, networks(PLAIN), snapshots=(2,)).values()
    # With the same network in both places, the two losses of features are one.
    torch.testing.assert_close(made[enlarging.FEATURES], made[enlarging.RANDOM])
    assert not torch.equal(made[enlarging.FEATURES], made[enlarging.PIXELS])
    (again,) = enlarging.train(PLAIN, networks(PLAIN), snapshots=(2,)).values()
    assert torch.equal(made[enlarging.BOTH], again[enlarging.BOTH])


def test_the_loss_is_that_of_the_chapter():
    from lossbook.losses import PerceptualLoss

    data, network = perceptual.digits(3), perceptual.untrained(PLAIN)
    both = {perceptual.TRAINED: network, perceptual.UNTRAINED: network}
    targets = enlarging._targets(both, data.images)
    rows = torch.arange(4)
    pictures = {enlarging.FEATURES: data.images[4:8]}
    ours = enlarging._losses(pictures, {perceptual.TRAINED: network}, {perceptual.TRAINED: targets["trained"]}, rows)
    scales = targets["trained"][1]
    weights = [w / scale for w, scale in zip(enlarging.LOSSES[enlarging.FEATURES][1:], scales[1:], strict=True)]
    maps = [[part.numpy() for part in network.features(data.images[a : a + 4])] for a in (4, 0)]
    assert ours.item() == pytest.approx(PerceptualLoss(weights=weights).loss(*maps), rel=1e-5)


def test_the_truth_is_without_fault():
    data, network = perceptual.digits(3), perceptual.untrained(PLAIN)
    numbers = enlarging.judged(data.new_images, PLAIN, network)
    assert (numbers["pixel error"], numbers["edges"]) == (0, 100)
    assert numbers["misread by another"] < 20 < numbers["misread"]


def test_numbers_are_those_of_the_record():
    measured = findings.record().data["measured"]
    ours, pixels = (np.array(measured[case]["misread"], dtype=float)[:30] for case in ("features", "pixels"))
    assert findings.misread("features").value == pytest.approx(ours[:, 0].mean())
    assert findings.more("features", "misread", findings.LATE).value == pytest.approx((ours - pixels)[:, 1].mean())
    assert len(findings.table().splitlines()) == 2 + 2 * len(enlarging.LOSSES)
