"""Losses that carry parameters of their own: Barron's adaptive loss, bins, and what distillation and smoothing do."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from lossbook.functions import expm1_less_x, log1p_less_x, softplus_and_sigmoid
from lossbook.losses import AdaptiveRobustLoss, BinnedCrossEntropyLoss, DistillationLoss, LargeMarginSoftmaxLoss
from lossbook.losses.adaptive import partition, partition_slope


def rho(x, alpha):
    if alpha == 2:
        return x * x / 2
    if alpha == 0:
        return mpmath.log1p(x * x / 2)
    b = 2 - alpha
    return b / alpha * mpmath.expm1(alpha / 2 * mpmath.log1p(x * x / b))


def true_partition(alpha):
    """Integrate with Gauss–Legendre nodes over many pieces: another rule than the package's."""
    if alpha < 0.5:  # the tail is long: x = sinh(…) brings it in
        s = mpmath.pi / 2
        return 2 * mpmath.quad(
            lambda t: mpmath.exp(-rho(mpmath.sinh(s * mpmath.sinh(t)), alpha)) * s * mpmath.cosh(t)
            * mpmath.cosh(s * mpmath.sinh(t)), [0, 1, 2, 3, 4, 5],
        )  # fmt: skip
    ends = [0, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 6, 8, 10, 20, 50, 100, 1000, 1e5]
    return 2 * mpmath.quad(lambda x: mpmath.exp(-rho(x, alpha)), ends)


@pytest.mark.parametrize("alpha", [0.0, 1e-8, 0.1, 0.5, 1.0, 1.5, 1.9, 1.999, 2 - 1e-8, 2.0])
def test_the_partition_function_is_true(alpha):
    with mpmath.workdps(30):
        exact = true_partition(mpf(alpha))
        assert abs(mpf(partition(alpha)) - exact) < mpf("1e-14") * exact


def test_closed_forms_of_the_partition_function():
    assert partition(0.0) == pytest.approx(math.sqrt(2) * math.pi, rel=1e-15)
    assert partition(1.0) == pytest.approx(float(2 * mpmath.e * mpmath.besselk(1, 1)), rel=1e-15)
    assert partition(2.0) == pytest.approx(math.sqrt(2 * math.pi), rel=1e-15)


@pytest.mark.parametrize("alpha", [0.0, 1e-9, 0.1, 1.0, 1.7, 1.99])
@pytest.mark.parametrize("c", [0.5, 2.0])
def test_gradient_by_shape_and_scale(alpha, c):
    residuals = np.array([0.0, 1e-9, -0.3, 2.0, 50.0, -1e4])
    got = AdaptiveRobustLoss(alpha, c, reduction="sum").grad_parameters(residuals, np.zeros(6))
    with mpmath.workdps(40):

        def total(a, scale):
            terms = [rho(mpf(r) / scale, a) + mpmath.log(scale) for r in residuals]
            return mpmath.fsum(terms)

        a, s, h = mpf(alpha), mpf(c), mpf(10) ** -12
        if alpha == 0:  # one-sided, second order
            slope = (4 * total(h, s) - total(2 * h, s) - 3 * total(a, s)) / (2 * h)
        else:
            slope = (total(a + min(h, a / 10), s) - total(a - min(h, a / 10), s)) / (2 * min(h, a / 10))
        exact = slope + 6 * mpf(partition_slope(alpha)) / mpf(partition(alpha))
        assert got["alpha"] == pytest.approx(float(exact), rel=1e-9)
        by_c = (total(a, s + h) - total(a, s - h)) / (2 * h)
        assert got["c"] == pytest.approx(float(by_c), rel=1e-9)


@pytest.mark.parametrize("alpha", [1e-3, 0.25, 1.0, 1.5, 1.95])
def test_slope_of_the_partition_function(alpha):
    with mpmath.workdps(30):
        h = mpf("1e-7")
        exact = (true_partition(mpf(alpha) + h) - true_partition(mpf(alpha) - h)) / (2 * h)
        assert partition_slope(alpha) == pytest.approx(float(exact), rel=1e-10)


def test_the_density_is_normalised_and_learns_its_shape():
    chance = np.random.default_rng(0)
    found = {}
    for name, draws in {"normal": chance.normal(size=4000), "Cauchy": chance.standard_cauchy(4000)}.items():
        costs = {a: AdaptiveRobustLoss(a, c).loss(draws, np.zeros(4000)) for a in (0.0, 0.5, 1.0, 1.5, 2.0)
                 for c in [best_scale(a, draws)]}  # fmt: skip
        found[name] = min(costs, key=costs.get)
    assert found == {"normal": 2.0, "Cauchy": 0.0}


def best_scale(alpha, draws):
    scales = np.geomspace(0.1, 10, 60)
    return float(scales[np.argmin([AdaptiveRobustLoss(alpha, c).loss(draws, np.zeros(draws.size)) for c in scales])])


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: AdaptiveRobustLoss(2.5), "alpha: expected a finite number, from 0 to 2, got 2.5"),
        (lambda: AdaptiveRobustLoss(-0.5), "alpha: expected a finite number, from 0 to 2, got -0.5"),
        (lambda: partition(3.0), "alpha: expected a finite number, from 0 to 2, got 3.0"),
        (lambda: partition_slope(2.0), "alpha: expected a number from 0 to below 2, got 2.0"),
        (lambda: AdaptiveRobustLoss(2.0).grad_parameters([1.0], [0.0]), "alpha: expected a number below 2"),
        (lambda: AdaptiveRobustLoss(reduction="none").grad_parameters([1.0], [0.0]), "reduction: expected mean or sum"),
        (lambda: BinnedCrossEntropyLoss([0.0, 1.0]), "edges: expected at least three finite numbers that increase"),
        (lambda: BinnedCrossEntropyLoss([0.0, 2.0, 1.0]), "edges: expected at least three finite numbers"),
        (
            lambda: BinnedCrossEntropyLoss([0.0, 1.0, 2.0], sigma=-1),
            "sigma: expected a finite number, at least 0, got -1",
        ),
        (lambda: DistillationLoss(temperature=0), "temperature: expected a finite number above 0, got 0"),
        (
            lambda: DistillationLoss(temperature=2.0, scaled="mean"),
            "scaled: expected True or False, got 'mean'",
        ),
        (lambda: LargeMarginSoftmaxLoss([[0.0, 0.0]]), "class_vectors: expected shape"),
        (lambda: LargeMarginSoftmaxLoss([[1.0]], margin=1.5), "margin: expected an integer, at least 1, got 1.5"),
    ],
)
def test_bad_parameters_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_bins_far_from_the_target_keep_their_digits():
    rows = BinnedCrossEntropyLoss([-2.0, -1.0, 0.0, 1.0, 30.0], sigma=1.0).target_rows([12.0])
    with mpmath.workdps(120):
        z = [(mpf(e) - 12) / mpmath.sqrt(2) for e in (-2, -1, 0, 1, 30)]
        masses = [mpmath.erfc(a) - mpmath.erfc(b) for a, b in zip(z[:-1], z[1:], strict=True)]
        for got, mass in zip(rows[0], masses, strict=True):
            exact = mass / mpmath.fsum(masses)
            assert abs(mpf(float(got)) - exact) < mpf("1e-13") * exact


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-9, -1e-9, 0.2499, -0.2499, 0.2501, -0.2501, 0.4999, -0.5001, 3.0, -0.9])
def test_remainders_keep_their_digits(x):
    with mpmath.workdps(700):
        for got, exact in (
            (log1p_less_x(x), mpmath.log1p(mpf(x)) - mpf(x)),
            (expm1_less_x(x), mpmath.expm1(mpf(x)) - mpf(x)),
        ):
            assert abs(mpf(float(got)) - exact) <= max(mpf("1e-15") * abs(exact), mpf("1e-308"))


@pytest.mark.parametrize("x", [-1e3, -700.0, -37.0, -1e-20, 0.0, 0.3, 40.0, 800.0, math.inf, -math.inf])
def test_four_from_one_exponential(x):
    upper, p, lower, q = softplus_and_sigmoid(x)
    with mpmath.workdps(900):
        for got, exact in (
            (upper, mpmath.log1p(mpmath.exp(mpf(x)))), (p, 1 / (1 + mpmath.exp(-mpf(x)))),
            (lower, mpmath.log1p(mpmath.exp(-mpf(x)))), (q, 1 / (1 + mpmath.exp(mpf(x)))),
        ):  # fmt: skip
            if math.isinf(x):
                assert float(got) == (0.0 if exact == 0 else float(exact))
            else:
                assert abs(mpf(float(got)) - exact) <= max(mpf("1e-15") * abs(exact), mpf("1e-308"))
