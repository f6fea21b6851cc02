"""The network that reads digits: its starts, what is done to pictures, what is measured, what the record says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lossbook.experiments import Picture, perceptual
from lossbook.experiments.findings import perceptual as findings
from lossbook.experiments.starts import Start
from lossbook.experiments.uncertainty import Share

PLAIN, OTHER, ROUNDED = Start(3, 0), Start(4, 0), Start(3, 7)


def weights(network):
    return [parameter.detach().numpy() for parameter in network.parameters()]


class TestStarts:
    def test_the_seed_cuts_the_digits(self):
        data, again, other = (perceptual.digits(seed) for seed in (3, 3, 4))
        assert torch.equal(data.images, again.images) and not torch.equal(data.images, other.images)
        assert len(data.images) == len(data.labels) == 1200 and len(data.new_images) == len(data.new_labels) == 597
        # No digit is in both parts, so together they are all there are.
        assert sorted(torch.cat([data.labels, data.new_labels]).tolist()) == sorted(
            torch.cat([other.labels, other.new_labels]).tolist()
        )
        images = torch.cat([data.images, data.new_images])
        assert images.shape[1:] == (1, 20, 20) and 0 <= images.min() < images.max() <= 1
        assert images[:, :, :2].max() == images[..., -2:].max() == 0
        assert data.one_of_each().shape == (10, 1, 20, 20)

    def test_random_weights_come_from_the_seed_and_have_the_size_of_he(self):
        one, again, other = (weights(perceptual.untrained(start)) for start in (PLAIN, Start(3, 0), OTHER))
        for mine, same, different in zip(one, again, other, strict=True):
            np.testing.assert_array_equal(mine, same)
            if mine.ndim > 1:
                assert not np.array_equal(mine, different)
                assert mine.std() == pytest.approx((2 / mine[0].size) ** 0.5, rel=0.25)
            else:
                assert not mine.any()

    def test_rounding_moves_weights_by_a_millionth_and_leaves_data_alone(self):
        for mine, near in zip(*(weights(perceptual.untrained(s)) for s in (PLAIN, ROUNDED)), strict=True):
            if mine.ndim > 1:
                assert 0 < np.abs(near / mine - 1).max() < 1e-5
        assert perceptual.digits(ROUNDED.seed).labels.tolist() == perceptual.digits(PLAIN.seed).labels.tolist()

    def test_the_same_start_trains_the_same_network(self):
        one, again, other, rounded = (
            weights(perceptual.train(start, epochs=1)) for start in (PLAIN, Start(3, 0), OTHER, ROUNDED)
        )
        begun = weights(perceptual.untrained(PLAIN))
        for mine, same, different, near, before in zip(one, again, other, rounded, begun, strict=True):
            np.testing.assert_array_equal(mine, same)
            assert not np.array_equal(mine, different) and not np.array_equal(mine, near)
            assert not np.array_equal(mine, before)

    def test_both_cases_begin_with_the_same_weights(self, monkeypatch):
        begun = []
        plain = perceptual.untrained

        def noted(start):
            begun.append(weights(plain(start)))
            return plain(start)

        monkeypatch.setattr(perceptual, "untrained", noted)
        perceptual.train(PLAIN, epochs=1)
        perceptual.untrained(PLAIN)
        for mine, same in zip(*begun, strict=True):
            np.testing.assert_array_equal(mine, same)


class TestPictures:
    images = perceptual.digits(0).new_images[:12]

    def test_a_shift_moves_every_column_by_one(self):
        shifted = perceptual.distorted(self.images, 0)["shift"]
        assert torch.equal(shifted[..., 1:], self.images[..., :-1])
        assert torch.equal(shifted[..., 0], self.images[..., 0])

    def test_blur_is_a_convolution_with_a_bell(self):
        point = torch.zeros(1, 1, 21, 21)
        point[..., 10, 10] = 1
        seen = perceptual.blurred(point, 1.5)[0, 0].numpy()
        place = np.arange(21) - 10
        bell = np.exp(-0.5 * (place / 1.5) ** 2)
        bell[np.abs(place) > 6] = 0
        np.testing.assert_allclose(seen, np.outer(bell, bell) / bell.sum() ** 2, atol=1e-7)

    def test_noise_comes_from_the_seed_and_has_its_size(self):
        one, again, other = (perceptual.distorted(self.images, seed)["noise"] for seed in (1, 1, 2))
        assert torch.equal(one, again) and not torch.equal(one, other)
        assert (one - self.images).std().item() == pytest.approx(perceptual.NOISE, rel=0.05)

    def test_equally_far_is_equally_far(self):
        far = [
            (version - self.images).square().mean((1, 2, 3))
            for version in perceptual.equally_far(self.images, 0).values()
        ]
        torch.testing.assert_close(far[1], far[0], rtol=1e-3, atol=0)
        torch.testing.assert_close(far[2], far[0], rtol=1e-4, atol=0)

    def test_squares_have_contrast(self):
        squares = perceptual.photographs()
        assert squares.shape[1:] == (1, 40, 40) and 20 < len(squares) < 100
        assert squares.std((1, 2, 3)).min() > perceptual.CONTRAST and 0 <= squares.min() < squares.max() <= 1


class TestMeasures:
    network = perceptual.untrained(PLAIN)
    images = perceptual.digits(3).new_images[:6]

    def test_distances_are_mean_squares_in_each_room(self):
        versions = perceptual.distorted(self.images, 3)
        measured = perceptual.distances(self.network, self.images, versions)
        assert measured.shape == (5, 3, 6)
        pixels = (versions["blur"] - self.images).square().mean((1, 2, 3))
        np.testing.assert_allclose(measured[0, 1], pixels, rtol=1e-5)
        with torch.no_grad():
            maps = [self.network.features(x)[2] for x in (self.images, versions["noise"])]
        np.testing.assert_allclose(measured[3, 2], (maps[0] - maps[1]).square().mean((1, 2, 3)), rtol=1e-5)

    def test_beside_the_blur_it_is_a_quotient_of_means(self):
        measured = np.array([[[1.0, 3.0], [4.0, 4.0], [6.0, 10.0]], [[1.0, 1.0], [2.0, 2.0], [1.0, 2.0]]])
        np.testing.assert_allclose(perceptual.beside_blur(measured), [[0.5, 2.0], [0.5, 0.75]])

    def test_matching_the_first_layer_finds_the_picture_and_each_start_is_its_own(self):
        targets = self.images[:2]
        found = perceptual.matched(self.network, targets, 1, 0, steps=60)
        grey = perceptual.matched(self.network, targets, 1, 0, steps=0)
        assert (found - targets).square().mean() < 0.1 * (grey - targets).square().mean()
        assert torch.equal(found, perceptual.matched(self.network, targets, 1, 0, steps=60))
        assert not torch.equal(grey, perceptual.matched(self.network, targets, 1, 1, steps=0))

    def test_what_is_measured_does_not_depend_on_neighbours(self, monkeypatch):
        monkeypatch.setattr(perceptual.matched.__wrapped__, "__kwdefaults__", {"steps": 2})
        monkeypatch.setattr(perceptual, "photographs", lambda: perceptual._all_digits()[0][:3])

        def few(seed, whole=perceptual.digits):
            data = whole(seed)
            return replace(data, new_images=data.new_images[:60], new_labels=data.new_labels[:60])

        monkeypatch.setattr(perceptual, "digits", few)
        starts = [PLAIN, OTHER]
        both = perceptual._measure(perceptual.UNTRAINED, starts)
        alone = perceptual._measure(perceptual.UNTRAINED, [OTHER])
        shapes = {"as they are": 10, "digits": 8, "photographs": 8, "read": 3, "found": 4, "kept": 4}
        for quantity, values in both.items():
            assert values.shape == ((2, shapes[quantity]) if quantity in shapes else (2,))
            np.testing.assert_allclose(values[1], alone[quantity][0], rtol=1e-6)
        assert not np.array_equal(both["digits"][0], both["digits"][1])


class TestFindings:
    def of_seeds(self, case, quantity):
        return np.array(findings.record().data["measured"][case][quantity], dtype=float)[:30]

    def test_numbers_are_those_of_the_record(self):
        digits = {case: self.of_seeds(case, "digits") for case in (perceptual.TRAINED, perceptual.UNTRAINED)}
        for case, values in digits.items():
            np.testing.assert_allclose(findings.blur_over_shift(case), 1 / values[:, 6])
            order = (values[:, 6] < values[:, 7]) & (values[:, 7] < 1)
            assert findings.ordered(case) == Share(int(order.sum()), 30)
            falls = [bool((np.diff(row[::2]) < 0).all()) for row in values]
            assert findings.falling(case) == Share(sum(falls), 30)
        trained, untrained = digits.values()
        assert findings.learning("digits", "noise").value == pytest.approx((trained - untrained)[:, 7].mean())
        assert findings.learning("digits", "shift", 2).value == pytest.approx((trained - untrained)[:, 2].mean())
        assert findings.reads_blurred().value == pytest.approx(self.of_seeds("trained", "read")[:, 1].mean())
        assert findings.kept(4).value == pytest.approx(self.of_seeds("trained", "kept")[:, 3].mean())

    def test_tables(self):
        rows = findings.table("photographs").splitlines()
        assert len(rows) == 6 and {row.count("|") for row in rows} == {6}
        first = self.of_seeds("trained", "photographs")[:, 0].mean()
        assert f"| layer 1 | {first:.2f}" in rows[2]
        matched = findings.matching_table().splitlines()
        assert [row.count("|") for row in matched] == [5] * 7
        # Grey noise is as far from trained networks' targets as from the others'.
        assert matched[2].startswith("| nothing yet: the noise | 192.9 ±") and matched[2].count("192.9") == 2
        ends = self.of_seeds("trained", "found")[:, 3]
        assert (ends > 0.196).sum() <= findings.farther_than_noise().count <= (ends > 0.190).sum()

    def test_pictures_in_a_table(self):
        pictures = [torch.zeros(1, 4, 4), torch.ones(1, 4, 4)]
        picture = findings.show({"one": pictures, "two": pictures}, ["a", "b"])
        assert isinstance(picture, Picture) and len(picture.drawing.axes) == 4
        assert picture._repr_png_().startswith(b"\x89PNG")
