"""The chapter on GAN losses: its derivations, their wrong cousins, and the networks on the ring."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Derivative, Eq, log

from lossbook import losses
from lossbook.derivations import gan as formulas
from lossbook.derivations.derivation import Derivation, DerivationError
from lossbook.experiments import Picture, ring
from lossbook.experiments.findings import ring as findings
from lossbook.experiments.pictures import strips
from lossbook.experiments.starts import Start
from lossbook.experiments.threads import one_thread
from lossbook.experiments.uncertainty import Share
from lossbook.symbolic import gan
from lossbook.symbolic.primitives import sigmoid
from lossbook.symbolic.probability import js_divergence, kl_divergence

TWINS = {
    "minimax": losses.MinimaxGANLoss,
    "non-saturating": losses.NonSaturatingGANLoss,
    "least squares": losses.LeastSquaresGANLoss,
    "hinge": losses.HingeGANLoss,
    "Wasserstein": losses.WassersteinGANLoss,
}


class TestWrongSteps:
    """What is said wrongly about this subject does not pass."""

    def refuses(self, start, wrong, domain=None):
        with pytest.raises(DerivationError, match="is wrong"):
            Derivation(start, domain=domain).step(wrong, "a slip")

    def test_saturation_near_one(self):
        start = -Derivative(gan.MinimaxGANLoss(formulas.s)[2], formulas.s)
        self.refuses(start, 1 - sigmoid(formulas.s), formulas._SCORE)

    def test_discriminator_of_the_ratio(self):
        cost = -formulas.p * log(formulas.D) - formulas.q * log(1 - formulas.D)
        start = Eq(Derivative(cost, formulas.D), 0)
        self.refuses(start, Eq(formulas.D, formulas.p / formulas.q), formulas._UNIT)

    def test_trick_with_js_added(self):
        derivation = formulas.trick_gradient()
        p, q, d = formulas.p, formulas.q, formulas.d
        total = kl_divergence([q], [p]) + 2 * js_divergence([p], [q])
        with pytest.raises(DerivationError, match="is wrong"):
            derivation.step(d * Derivative(total, q) - d * (1 - log(2)), "the sign of JS")

    def test_usual_labels_are_not_pearsons(self):
        derivation = formulas.pearson()
        p, q = formulas.p, formulas.q
        with pytest.raises(DerivationError, match="is wrong"):
            derivation.step((p - q) ** 2 / q, "the other χ²")


class TestQuality:
    def test_the_modes_themselves_are_good_and_covered(self):
        np.testing.assert_allclose(np.linalg.norm(ring.centres(), axis=1), ring.RADIUS)
        assert ring.quality(np.repeat(ring.centres(), 5, axis=0)) == (8, 1.0)

    def test_one_mode_and_nonsense(self):
        cloud = np.concatenate([np.tile(ring.centres()[3], (60, 1)), np.zeros((40, 2))])
        assert ring.quality(cloud) == (1, 0.6)

    def test_a_mode_needs_two_percent_and_a_sample_four_deviations(self):
        cloud = np.tile(ring.centres()[0], (100, 1))
        cloud[0] = ring.centres()[1]
        assert ring.quality(cloud) == (1, 1.0)
        cloud[1] = ring.centres()[1] * (1 + 3.9 * ring.DEVIATION / ring.RADIUS)
        assert ring.quality(cloud) == (2, 1.0)
        cloud[1] = ring.centres()[1] * (1 + 4.1 * ring.DEVIATION / ring.RADIUS)
        assert ring.quality(cloud) == (1, 0.99)


@pytest.mark.parametrize("name", TWINS)
def test_terms_are_those_of_the_package(name):
    scores = np.array([-30.0, -2.0, -1.0, 0.3, 1.0, 4.0])
    twin = TWINS[name]()
    real, fake, generator = (term(torch.tensor(scores)).numpy() for term in ring._TERMS[name])
    for k, score in enumerate(scores):
        assert twin.generator.loss([score]) == pytest.approx(generator[k], rel=1e-12)
        for other, at in enumerate(scores):
            assert twin.discriminator.loss([score], [at]) == pytest.approx(real[k] + fake[other], rel=1e-12)


class TestRing:
    def run(self, *setup, starts=(Start(0, 0), Start(1, 0)), snapshots=(4, 9), **options):
        return ring.train(ring.Setup(*(setup or ("non-saturating",)), **options), starts, snapshots=snapshots)

    def test_samples_of_each_snapshot_and_start(self):
        run = self.run()
        assert run.samples.shape == (2, 2, 1000, 2)
        assert run.modes.shape == run.good.shape == (2, 2)
        assert run.slope.shape == run.distance.shape == (2,) and (run.slope > 0).all()
        assert not np.array_equal(run.samples[0, 0], run.samples[0, 1])

    def test_the_same_start_is_the_same_run_whoever_trains_beside_it(self):
        run = self.run()
        np.testing.assert_array_equal(run.samples, self.run().samples)
        alone = self.run(starts=[Start(1, 0)])
        np.testing.assert_allclose(run.samples[:, 1], alone.samples[:, 0], atol=1e-4)
        np.testing.assert_allclose(run.slope[1], alone.slope[0], rtol=1e-4)

    def test_rounding_changes_the_run_a_little_at_first(self):
        run = self.run(starts=[Start(0, 0), Start(0, 1), Start(0, 2)])
        first, *others = run.samples[0]
        for other in others:
            gap = np.abs(other - first).max()
            assert 1e-8 < gap < 1e-3
        assert not np.array_equal(*others)

    @pytest.mark.parametrize("penalty", ring.PENALTIES[1:])
    def test_every_penalty_changes_what_is_learned(self, penalty):
        plain, held = (self.run("Wasserstein", which, 1e-2).samples for which in ("", penalty))
        assert np.isfinite(held).all() and not np.array_equal(plain, held)

    def test_clipping_bounds_the_slope_and_the_slope_is_that_of_finite_differences(self):
        clipped = self.run("Wasserstein", "clipping", 1e-2, snapshots=(30,))
        # Three layers of 2, 64 and 64 inputs whose weights are at most 0.1.
        assert (clipped.slope <= 0.1**3 * 2**0.5 * 64 * 64).all()
        critic = [torch.randn(1, *shape) for shape in ((2, 64), (1, 64), (64, 64), (1, 64), (64, 1), (1, 1))]
        critic, point = [layer.double() for layer in critic], torch.tensor([[[0.3, -0.8]]], dtype=torch.float64)
        slope = ring._slopes(critic, point.clone())[0, 0]
        for axis in (0, 1):
            step = torch.zeros_like(point)
            step[0, 0, axis] = 1e-7
            numeric = (ring._run(critic, point + step) - ring._run(critic, point - step)).item() / 2e-7
            assert slope[axis].item() == pytest.approx(numeric, rel=1e-5)

    def test_more_critic_steps_leave_fewer_for_the_generator(self):
        # With eight critic steps to one, the generator moves once only, in the ninth step.
        few = self.run(critic_steps=8, rate=0.1)
        assert not np.array_equal(few.samples[0], self.run(critic_steps=1, rate=0.1).samples[0])

    def test_findings_count_what_the_record_holds(self):
        found = findings.record()
        ends = [row[-1] for row in found.data["measured"]["Wasserstein"]["modes"]]
        assert findings.few_modes("Wasserstein") == Share(sum(n <= 2 for n in ends[:50]), 50)
        assert findings.few_modes_by_rounding("Wasserstein") == Share(sum(n <= 2 for n in ends[50:]), 50)
        assert findings.all_modes("Wasserstein").count == ends[:50].count(8)
        assert findings.all_modes_by_rounding("Wasserstein").count == ends[50:].count(8)
        slopes = found.data["measured"]["Wasserstein"]["slope"]
        assert findings.slopes("Wasserstein").ends == (min(slopes), max(slopes))
        rows = findings.table().splitlines()[2:]
        assert [row.split(" | ")[0].strip("| ") for row in rows] == list(ring.SETUPS)
        assert f"| {ends[:50].count(8)} | {sum(n <= 2 for n in ends[:50])} |" in rows[4]

    def test_pictures(self):
        picture = findings.draw(["hinge", "Wasserstein + gradient penalty"])
        assert isinstance(picture, Picture) and len(picture.drawing.axes) == 2 * len(ring.PICTURED)
        assert picture._repr_png_().startswith(b"\x89PNG")
        own = {"hinge": {"modes": [3.0], "slope": [1.5]}}
        cases = ["hinge", "Wasserstein"]
        picture = strips(findings.record(), {"modes": ("modes", -1), "slope": ("slope", None)}, cases=cases, own=own)
        left, right = picture.drawing.axes
        drawn = [line.get_xdata() for line in left.lines]
        # Counts stand in blocks beside their number; each is nearest to its own.
        np.testing.assert_array_equal(np.round(drawn[0]), findings.modes("hinge"))
        np.testing.assert_array_equal(np.round(drawn[4]), findings.modes_by_rounding("Wasserstein"))
        places = np.stack([drawn[0], left.lines[0].get_ydata()])
        assert len(np.unique(places, axis=1).T) == 50
        np.testing.assert_array_equal(right.lines[0].get_xdata(), findings.record().seeds("hinge", "slope"))
        assert drawn[2].tolist() == [3.0] and right.lines[2].get_xdata().tolist() == [1.5]
        # No point leaves its row.
        for panel in (left, right):
            for number, line in enumerate(panel.lines):
                assert (np.abs(line.get_ydata() - number // 3) < 0.5).all()


def test_penalties_of_a_critic_whose_slope_is_known():
    # One hidden unit of each layer is always on: the critic is 3 x + 4 y, of slope 5.
    critic = [torch.zeros(1, 2, 64), torch.full((1, 1, 64), 100.0), torch.zeros(1, 64, 64), torch.zeros(1, 1, 64),
              torch.zeros(1, 64, 1), torch.zeros(1, 1, 1)]  # fmt: skip
    critic[0][0, :, 0], critic[2][0, 0, 0], critic[4][0, 0, 0] = torch.tensor([3.0, 4.0]), 1.0, 1.0
    real, fake, share = torch.randn(1, 7, 2), torch.randn(1, 7, 2), torch.rand(1, 7, 1)
    penalty = ring._penalty("gradient penalty", critic, real, fake, share).item()
    assert penalty == pytest.approx(16 * ring.GRADIENT_PENALTY)
    assert ring._penalty("R1", critic, real, fake, share).item() == pytest.approx(ring.R1 / 2 * 25)
    assert ring._penalty("", critic, real, fake, share) == ring._penalty("clipping", critic, real, fake, share) == 0.0


def test_unknown_names_are_refused_and_the_caller_keeps_the_threads():
    threads = torch.get_num_threads()
    with pytest.raises(ValueError, match="loss: expected one of minimax, .*, got 'L2'"):
        ring.Setup("L2")
    with pytest.raises(ValueError, match="penalty: expected one of .*, got 'weight decay'"):
        ring.Setup("hinge", "weight decay")
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == threads
