"""The losses of adversarial networks, gradient penalties, and the distance of feature maps."""

from __future__ import annotations

import math
import warnings

import mpmath
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mpmath import mpf

from lossbook import losses
from lossbook.experiments import gradient_penalty as in_torch
from lossbook.losses.critic import LinearCritic, QuadraticCritic, between, gradient_penalty
from lossbook.symbolic import gan as formulas
from lossbook.symbolic import losses as loss_formulas
from lossbook.symbolic.primitives import elementary

GAMES = [
    (losses.MinimaxGANLoss(), {}),
    (losses.NonSaturatingGANLoss(), {}),
    (losses.WassersteinGANLoss(), {}),
    (losses.LeastSquaresGANLoss(), {}),
    (losses.LeastSquaresGANLoss(a=-1.0, b=1.0, c=0.25), {"a": -1, "b": 1, "c": sympy.Rational(1, 4)}),
    (losses.HingeGANLoss(), {}),
]
every_game = pytest.mark.parametrize("game, options", GAMES, ids=lambda x: type(x).__name__)
SIZES = [0.0, 1e-300, 1e-20, 1e-8, 0.3, 2.0, 5.0, 37.0, 300.0, 700.0, 1e3, 1e20]
SCORES = sorted({sign * size for size in SIZES for sign in (1.0, -1.0)})
batches = arrays(float, st.integers(1, 5), elements=st.floats(allow_nan=False, allow_infinity=False))


def assert_true(got, exact, what):
    if abs(exact) < mpf("2.3e-308"):
        assert abs(got) < 2.3e-308, what
    else:
        assert abs(mpf(float(got)) - exact) <= mpf("1e-13") * abs(exact), (what, got, mpmath.nstr(exact, 20))


@every_game
def test_values_and_gradients_are_true(game, options):
    s = sympy.Symbol("s", real=True)
    terms = getattr(formulas, type(game).__name__)(s, **options)
    modules = [{"Heaviside": lambda x, at_zero=0: mpf(int(x > 0)), "Max": max}, "mpmath"]
    truth = [[sympy.lambdify(s, elementary(e), modules=modules) for e in (term, sympy.diff(term, s))] for term in terms]
    far = 1e30 if type(game).__name__ in ("WassersteinGANLoss", "HingeGANLoss") else 0.0
    with mpmath.workdps(950):
        for score in SCORES:
            at = mpf(score)
            real = game.discriminator.loss_and_grad([score], [0.0])
            fake = game.discriminator.loss_and_grad([0.0], [score])
            ours = game.generator.loss_and_grad([score])
            at_zero = [f(mpf(0)) for f, _ in truth]
            assert_true(real[0] - 0, truth[0][0](at) + at_zero[1], ("real", score)) if not far else None
            assert_true(real[1][0][0], truth[0][1](at), ("slope, real", score))
            assert_true(fake[1][1][0], truth[1][1](at), ("slope, fake", score))
            assert_true(ours[0], truth[2][0](at), ("generator", score))
            assert_true(ours[1][0], truth[2][1](at), ("slope, generator", score))


def bce(scores, label):
    return torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))


IN_TORCH = {
    "MinimaxGANLoss": (lambda r, f: bce(r, 1.0) + bce(f, 0.0), lambda f: -bce(f, 0.0)),
    "NonSaturatingGANLoss": (lambda r, f: bce(r, 1.0) + bce(f, 0.0), lambda f: bce(f, 1.0)),
    "WassersteinGANLoss": (lambda r, f: f.mean() - r.mean(), lambda f: -f.mean()),
    "HingeGANLoss": (lambda r, f: torch.relu(1 - r).mean() + torch.relu(1 + f).mean(), lambda f: -f.mean()),
}


@every_game
def test_pytorch_agrees(game, options):
    chance = np.random.default_rng(0)
    real, fake = chance.normal(size=7), chance.normal(size=4)
    critic, maker = IN_TORCH.get(type(game).__name__) or (
        lambda r, f: (((r - game.b) ** 2).mean() + ((f - game.a) ** 2).mean()) / 2,
        lambda f: ((f - game.c) ** 2).mean() / 2,
    )
    r, f = (torch.tensor(x, requires_grad=True) for x in (real, fake))
    value, (by_real, by_fake) = game.discriminator.loss_and_grad(real, fake)
    wanted = critic(r, f)
    slopes = torch.autograd.grad(wanted, (r, f))
    assert value == pytest.approx(wanted.item(), rel=1e-13)
    np.testing.assert_allclose(by_real, slopes[0], rtol=1e-12)
    np.testing.assert_allclose(by_fake, slopes[1], rtol=1e-12)
    (slope,) = torch.autograd.grad(maker(f), f)
    np.testing.assert_allclose(game.generator.grad(fake), slope, rtol=1e-12)
    summed = type(game)(**{k: v for k, v in vars(game).items() if k in "abc"}, reduction="sum")
    assert summed.generator.loss(fake) == pytest.approx(4 * game.generator.loss(fake), rel=1e-13)


@every_game
@given(real=batches, fake=batches)
def test_valid_scores_give_numbers_and_no_warning(game, options, real, fake):
    kept = real.copy(), fake.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slopes = game.discriminator.loss_and_grad(real, fake)
        theirs, slope = game.generator.loss_and_grad(fake)
    assert not any(np.isnan(x).any() for x in (value, *slopes, theirs, slope))
    assert (real == kept[0]).all() and (fake == kept[1]).all()
    assert game.discriminator.loss(real, fake) == value and game.generator.loss(fake) == theirs


@every_game
@given(fake=batches, where=st.sampled_from([math.nan, math.inf, "words", "none", "ragged"]))
def test_invalid_scores_are_named(game, options, fake, where):
    spoiled = {"words": ["large"], "none": [], "ragged": [[1.0], [2.0, 3.0]]}.get(where, [*fake, where])
    with pytest.raises(ValueError, match="fake: expected .* got "):
        game.generator.loss(spoiled)
    with pytest.raises(ValueError, match="real: expected .* got "):
        game.discriminator.loss(spoiled, fake)
    with pytest.raises(ValueError, match="scores: expected 2 batches"):
        game.discriminator.loss(fake)


def test_the_minimax_generator_starves_where_the_other_is_fed():
    assert abs(losses.MinimaxGANLoss().generator.grad([-20.0])[0]) < 1e-8
    assert abs(losses.NonSaturatingGANLoss().generator.grad([-20.0])[0]) > 0.99


@given(
    pairs=arrays(float, (4, 2), elements=st.floats(-10, 10)), far=arrays(float, 4, elements=st.floats(0, 5)),
    weight=st.floats(0, 3),
)  # fmt: skip
def test_loss_sensitive(pairs, far, weight):
    real, fake = pairs.T
    loss = losses.LossSensitiveGANLoss(weight=weight)
    value, (by_real, by_fake) = loss.discriminator.loss_and_grad(real, fake, far)
    exact = [
        float(formulas.LossSensitiveGANLoss(*map(sympy.Float, row), sympy.Float(weight)))
        for row in zip(real, fake, far, strict=True)
    ]
    assert value == pytest.approx(np.mean(exact), rel=1e-12, abs=1e-12)
    missed = far + (real - fake) > 0
    np.testing.assert_allclose(by_real, (1 + weight * missed) / 4)
    np.testing.assert_allclose(by_fake, -weight * missed / 4)
    assert (loss.generator.grad(fake) == 0.25).all()


def test_bad_pairs_are_named():
    loss = losses.LossSensitiveGANLoss()
    with pytest.raises(ValueError, match=r"fake: expected the shape of real, \(2,\), got \(1,\)"):
        loss.discriminator.loss([1.0, 2.0], [1.0], [0.0, 0.0])
    with pytest.raises(ValueError, match="distances: expected numbers that are not negative, got -1.0"):
        loss.discriminator.loss([1.0], [1.0], [-1.0])
    with pytest.raises(ValueError, match="weight: expected a finite number, at least 0, got -1"):
        losses.LossSensitiveGANLoss(weight=-1)
    with pytest.raises(ValueError, match="reduction: expected one of mean, sum, got 'none'"):
        losses.HingeGANLoss(reduction="none")


def test_facts_of_the_generators():
    """Along a line: convex or not, and the largest slope."""
    at = np.linspace(-40, 40, 4001)
    for game in (*(game for game, _ in GAMES), losses.LossSensitiveGANLoss()):
        values, slopes = (
            np.array(both).ravel() for both in zip(*(game.generator.loss_and_grad([s]) for s in at), strict=True)
        )
        assert game.facts.convex == bool((np.diff(values, 2) > -1e-9).all()), game
        if math.isfinite(game.facts.lipschitz):
            assert 0.99 * game.facts.lipschitz <= np.abs(slopes).max() <= game.facts.lipschitz
        else:
            assert np.abs(slopes).max() > 30


class TestGradientPenalty:
    chance = np.random.default_rng(3)
    x = chance.normal(size=(6, 3))

    def test_of_a_linear_critic(self):
        critic = LinearCritic([0.5, -2.0, 1.0], 0.25)
        value, slopes = critic.penalty(self.x, weight=7.0)
        w = torch.tensor(critic.w, requires_grad=True)
        wanted = in_torch.gradient_penalty(lambda x: x @ w + critic.b, torch.tensor(self.x), 7.0)
        (by_w,) = torch.autograd.grad(wanted, w)
        assert value == pytest.approx(wanted.item(), rel=1e-13) == 7 * (math.sqrt(5.25) - 1) ** 2
        np.testing.assert_allclose(slopes["w"], by_w, rtol=1e-13)

    def test_of_a_quadratic_critic(self):
        A, w = self.chance.normal(size=(3, 3)), self.chance.normal(size=3)  # noqa: N806
        critic = QuadraticCritic(A, w)
        matrix, vector = (torch.tensor(v, requires_grad=True) for v in (critic.A, w))

        def score(x):
            return ((x @ matrix) * x).sum(1) / 2 + x @ vector

        np.testing.assert_allclose(critic.scores(self.x), score(torch.tensor(self.x)).detach(), rtol=1e-13)
        value, slopes = critic.penalty(self.x)
        wanted = in_torch.gradient_penalty(score, torch.tensor(self.x))
        by_matrix, by_vector = torch.autograd.grad(wanted, (matrix, vector))
        assert value == pytest.approx(wanted.item(), rel=1e-13)
        np.testing.assert_allclose(slopes["A"], (by_matrix + by_matrix.T) / 2, rtol=1e-12)
        np.testing.assert_allclose(slopes["w"], by_vector, rtol=1e-12)

    def test_slopes_are_those_of_the_scores(self):
        for critic in (LinearCritic([1.0, 2.0, 3.0]), QuadraticCritic(np.diag([1.0, 2.0, -1.0]), [0.5, 0.0, 1.0])):
            for k in range(3):
                h = np.zeros(3)
                h[k] = 1e-5
                slope = (critic.scores(self.x + h) - critic.scores(self.x - h)) / 2e-5
                np.testing.assert_allclose(critic.slopes(self.x)[:, k], slope, rtol=1e-8, atol=1e-9)

    def test_no_slope_and_unit_slope(self):
        value, slopes = gradient_penalty([[0.0, 0.0], [0.6, 0.8]], weight=1.0)
        assert value == pytest.approx(0.5) and np.abs(slopes).max() < 1e-15

    def test_points_between(self):
        real, fake = np.zeros((50, 2)), np.ones((50, 2))
        points = between(real, fake, np.random.default_rng(0))
        assert (points[:, 0] == points[:, 1]).all() and 0 < points.min() < 0.2 < 0.8 < points.max() < 1

    @pytest.mark.parametrize(
        "call, message",
        [
            (lambda: gradient_penalty([1.0, 2.0]), r"slopes: expected shape \(N, D\), got \(2,\)"),
            (lambda: gradient_penalty([[1.0]], -1), "weight: expected a finite number, at least 0, got -1"),
            (lambda: LinearCritic([[1.0]]), "w: expected a vector"),
            (lambda: LinearCritic([1.0]).scores([[1.0, 2.0]]), r"x: expected samples, shape \(N, 1\), got \(1, 2\)"),
            (lambda: QuadraticCritic([[1.0]], [1.0, 2.0]), r"A: expected shape \(2, 2\)"),
            (lambda: between([[1.0]], [[1.0, 2.0]], np.random.default_rng(0)), "fake: expected the shape of real"),
            (lambda: in_torch.gradient_penalty(lambda x: x, torch.ones(2, 3)), "critic: expected one score per sample"),
            (lambda: in_torch.gradient_penalty(lambda x: x, torch.ones(2, 1), -1), "weight: expected a number, at"),
        ],
    )
    def test_bad_input_is_named(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()


class TestPerceptual:
    def test_against_the_formula_and_pytorch(self):
        chance = np.random.default_rng(4)
        shapes, weights = [(2, 3, 4, 4), (2, 5, 2, 2)], [1.0, 0.25]
        ours, theirs = ([chance.normal(size=shape) for shape in shapes] for _ in range(2))
        loss = losses.PerceptualLoss(weights=weights, reduction="none")
        terms, slopes = loss.loss_and_grad(ours, theirs)
        for n in range(2):
            flat = [[list(map(sympy.Float, layer[n].ravel())) for layer in side] for side in (ours, theirs)]
            assert terms[n] == pytest.approx(float(loss_formulas.PerceptualLoss(*flat, weights)), rel=1e-13)
        tensors = [torch.tensor(layer, requires_grad=True) for layer in ours]
        wanted = sum(
            w * torch.nn.functional.mse_loss(a, torch.tensor(b))
            for w, a, b in zip(weights, tensors, theirs, strict=True)
        )
        mean = losses.PerceptualLoss(weights=weights)
        assert mean.loss(ours, theirs) == pytest.approx(wanted.item(), rel=1e-13)
        for got, exact in zip(mean.grad(ours, theirs), torch.autograd.grad(wanted, tensors), strict=True):
            np.testing.assert_allclose(got, exact, rtol=1e-12)
        assert losses.PerceptualLoss(weights=weights, reduction="sum").loss(ours, theirs) == pytest.approx(terms.sum())
        single = losses.PerceptualLoss(weights=weights).loss(
            [layer[0] for layer in ours], [layer[0] for layer in theirs]
        )
        assert single == pytest.approx(terms[0]) and slopes[0].shape == shapes[0]

    @given(arrays(float, (2, 1, 2, 2), elements=st.floats(allow_nan=False, allow_infinity=False)))
    def test_any_numbers(self, features):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            value, (slopes,) = losses.PerceptualLoss().loss_and_grad([features], [np.zeros_like(features)])
        assert not np.isnan(value) and not np.isnan(slopes).any()

    @pytest.mark.parametrize(
        "ours, theirs, message",
        [
            ([], [], "targets: expected as many layers as predictions"),
            ([np.zeros((1, 1, 2, 2))], [], "targets: expected as many layers as predictions"),
            ([np.zeros((1, 1, 2, 2))], [np.zeros((1, 1, 2, 3))], r"targets\[0\]: expected the shape of its prediction"),
            ([np.zeros((2, 2))], [np.zeros((2, 2))], r"predictions\[0\]: expected shape \(N, C, H, W\)"),
            ([np.full((1, 2, 2), np.nan)], [np.zeros((1, 2, 2))], r"predictions\[0\]: expected finite numbers"),
            (
                [np.zeros((1, 1, 2, 2)), np.zeros((2, 1, 2, 2))], [np.zeros((1, 1, 2, 2)), np.zeros((2, 1, 2, 2))],
                r"predictions\[1\]: expected as many pictures as in layer 0",
            ),
        ],
    )  # fmt: skip
    def test_bad_input_is_named(self, ours, theirs, message):
        with pytest.raises(ValueError, match=message):
            losses.PerceptualLoss().loss(ours, theirs)

    def test_bad_parameters_are_named(self):
        with pytest.raises(ValueError, match="weights: expected one per layer, 1, got 2"):
            losses.PerceptualLoss(weights=[1.0, 2.0]).loss([np.zeros((1, 2, 2))], [np.zeros((1, 2, 2))])
        with pytest.raises(ValueError, match="weights: expected finite weights that are not negative, got -1.0"):
            losses.PerceptualLoss(weights=[-1.0])
        with pytest.raises(ValueError, match="reduction: expected one of mean, sum, none, got 'median'"):
            losses.PerceptualLoss(reduction="median")
