"""Measures of information against truth at hundreds of digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from lossbook import information as info

# Below 1e-290 a probability times a small difference is beyond float64's normal numbers.
share = st.just(0.0) | st.floats(1e-290, 1)
weights = st.lists(share, min_size=2, max_size=6).filter(lambda w: sum(w) > 1e-3)


def row(w):
    w = np.array(w)
    return w / w.sum()


def truth_kl(p, q):
    total = mpf(0)
    for a, b in zip(map(mpf, p), map(mpf, q), strict=True):
        if a > 0:
            total += a * mpmath.log(a / b) if b > 0 else mpf("inf")
    return total


def transport_cost(p, q):
    """Move the mass by hand, from left to right: the cheapest way on a line."""
    here, wanted, cost = list(p), list(q), 0.0
    i = j = 0
    while i < len(here) and j < len(wanted):
        moved = min(here[i], wanted[j])
        cost += moved * abs(i - j)
        here[i] -= moved
        wanted[j] -= moved
        i, j = i + (here[i] <= 0), j + (wanted[j] <= 0)
    return cost


@st.composite
def pairs(draw):
    p = draw(weights)
    q = draw(st.lists(share, min_size=len(p), max_size=len(p)).filter(lambda w: sum(w) > 1e-3))
    return row(p), row(q)


@given(pairs())
def test_against_truth(pair):
    p, q = pair
    with mpmath.workdps(400):
        exact = truth_kl(p, q)
        largest = max(
            [abs(a * mpmath.log(a / b)) for a, b in zip(map(mpf, p), map(mpf, q), strict=True) if a * b > 0] + [mpf(0)]
        )
        got = float(info.kl_divergence(p, q))
        if mpmath.isinf(exact):
            assert got == math.inf
        else:
            assert abs(mpf(got) - exact) <= mpf("1e-13") * max(abs(exact), largest / 50)
        h = -mpmath.fsum(a * mpmath.log(a) for a in map(mpf, p) if a > 0)
        assert abs(mpf(float(info.entropy(p))) - h) <= mpf("1e-14") * max(h, mpf("1e-300"))


@given(weights, st.integers(0, 2**32))
def test_rows_that_differ_in_the_eighth_digit(w, seed):
    p = row(w)
    q = p * (1 + 1e-8 * np.random.default_rng(seed).uniform(-1, 1, p.size))
    q = q / q.sum()
    with mpmath.workdps(200):
        exact = truth_kl(p, q)
        # Rows sum to 1 only to the last digit, which here is as large as the divergence itself.
        surplus = mpmath.fsum(map(mpf, p)) - mpmath.fsum(map(mpf, q))
        size = max(abs(exact), abs(surplus), mpf("1e-300"))
        assert abs(mpf(float(info.kl_divergence(p, q))) - exact) <= mpf("1e-13") * size
        m = [(mpf(a) + mpf(b)) / 2 for a, b in zip(p, q, strict=True)]
        js = (truth_kl(p, m) + truth_kl(q, m)) / 2
        assert abs(mpf(float(info.js_divergence(p, q))) - js) <= mpf("1e-13") * js


@pytest.mark.parametrize("p", [0.0, 1e-300, 1e-17, 0.3, 0.5, 1 - 2**-53, 1.0])
def test_binary_entropy_and_self_information(p):
    with mpmath.workdps(400):
        x = mpf(p)
        exact = -sum((y * mpmath.log(y) for y in (x, 1 - x) if y > 0), mpf(0))
        surprise = -mpmath.log(x) if x > 0 else mpf("inf")
    assert float(info.binary_entropy(p)) == pytest.approx(float(exact), rel=1e-14, abs=0)
    assert float(info.self_information(p)) == pytest.approx(float(surprise), rel=1e-15, abs=0)


def test_known_values():
    assert float(info.kl_divergence([1, 0, 0, 0], [0.7, 0.1, 0.1, 0.1])) == pytest.approx(-math.log(0.7), rel=1e-15)
    assert float(info.entropy(np.full(8, 1 / 8), base=2)) == pytest.approx(3, rel=1e-15)
    assert float(info.js_divergence([1, 0], [0, 1])) == pytest.approx(math.log(2), rel=1e-15)
    assert float(info.kl_divergence([1, 0], [0, 1])) == math.inf
    assert float(info.cross_entropy([0.5, 0.5], [0.25, 0.75])) == pytest.approx(-0.5 * math.log(0.25 * 0.75))
    assert float(info.total_variation([0.5, 0.5], [0.1, 0.9])) == pytest.approx(0.4)
    assert float(info.wasserstein_1d([1, 0, 0], [0, 0, 1], [0, 1, 5])) == 5


@given(pairs())
def test_identities(pair):
    p, q = pair
    kl, cross = info.kl_divergence(p, q), info.cross_entropy(p, q)
    if np.isfinite(kl):
        assert kl == pytest.approx(cross - info.entropy(p), rel=1e-9, abs=1e-12)
        assert info.total_variation(p, q) <= math.sqrt(max(kl, 0) / 2) + 1e-9, "Pinsker's inequality"
    assert -1e-15 <= info.js_divergence(p, q) <= math.log(2) * (1 + 1e-12)
    assert info.js_divergence(p, q) == pytest.approx(info.js_divergence(q, p), rel=1e-12, abs=1e-15)
    assert info.wasserstein_1d(p, q) == pytest.approx(transport_cost(p, q), rel=1e-9, abs=1e-12)
    assert info.kl_divergence(p, p) == 0 == info.js_divergence(p, p)


MEAN = st.floats(-100, 100).filter(lambda mean: mean == 0 or abs(mean) > 1e-20)
DEVIATION = st.floats(-8, 8).map(lambda e: 10.0**e)


def truth_kl_normal(m, s, mu, sigma):
    m, s, mu, sigma = map(mpf, (m, s, mu, sigma))
    return mpmath.log(sigma / s) + (s**2 + (m - mu) ** 2) / (2 * sigma**2) - mpf(1) / 2


@given(MEAN, DEVIATION, MEAN, DEVIATION)
def test_normals_against_truth(m, s, mu, sigma):
    with mpmath.workdps(80):
        exact = truth_kl_normal(m, s, mu, sigma)
        assert abs(mpf(float(info.kl_normal(m, s, mu, sigma))) - exact) <= mpf("1e-14") * exact


@given(DEVIATION, st.floats(-12, -2), st.sampled_from([-1, 1]))
def test_normals_of_nearly_equal_width_keep_their_digits(s, power, sign):
    sigma = s * (1 + sign * 10.0**power)
    with mpmath.workdps(80):
        exact = truth_kl_normal(0, s, 0, sigma)
        assert abs(mpf(float(info.kl_normal(0, s, 0, sigma))) - exact) <= mpf("1e-14") * exact
    assert info.kl_normal(0, s, 0, s) == 0


def test_normals_against_the_integral():
    x = np.linspace(-40, 40, 200_001)
    for m, s, mu, sigma in ((0, 1, 1.5, 0.7), (-2, 3, 1, 4), (1, 0.5, 1, 2)):
        log_p = -(((x - m) / s) ** 2) / 2 - math.log(s * math.sqrt(2 * math.pi))
        log_q = -(((x - mu) / sigma) ** 2) / 2 - math.log(sigma * math.sqrt(2 * math.pi))
        integral = np.trapezoid(np.exp(log_p) * (log_p - log_q), x)
        assert info.kl_normal(m, s, mu, sigma) == pytest.approx(integral, rel=1e-9)


def test_normals_of_extreme_widths_and_many_at_once():
    assert info.kl_normal(0, 1e-200, 0, 1e200) == pytest.approx(400 * math.log(10) - 0.5, rel=1e-14)
    assert info.kl_normal(0, 1e200, 0, 1e-200) == math.inf
    got = info.kl_normal(np.float32([0, 1]), np.float32(1), np.float32(1), np.float32([1, 2]))
    assert got.dtype == np.float32 and got.shape == (2,)


def test_rows_and_types():
    p = np.array([[0.5, 0.5], [0.1, 0.9]], dtype=np.float32)
    for measure in (
        info.kl_divergence,
        info.js_divergence,
        info.total_variation,
        info.wasserstein_1d,
        info.cross_entropy,
    ):
        got = measure(p, p[::-1])
        assert got.shape == (2,) and got.dtype == np.float32, measure.__name__
    assert info.entropy(p).dtype == np.float32


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: info.entropy([0.5, 0.6]), "p: expected rows that sum to 1, got a sum of 1.1"),
        (lambda: info.entropy([-0.1, 1.1]), "p: expected probabilities from 0 to 1"),
        (lambda: info.entropy([math.nan, 1]), "p: expected probabilities from 0 to 1"),
        (lambda: info.entropy(0.5), "p: expected rows of probabilities"),
        (lambda: info.kl_divergence([0.5, 0.5], [0.2, 0.3, 0.5]), r"q: expected the shape of p, \(2,\), got \(3,\)"),
        (lambda: info.entropy([0.5, 0.5], base=1), "base: expected a finite positive number other than 1, got 1"),
        (lambda: info.self_information(1.5), "p: expected probabilities from 0 to 1, got 1.5"),
        (lambda: info.wasserstein_1d([0.5, 0.5], [1, 0], [1, 1]), "positions: expected 2 finite numbers that increase"),
        (lambda: info.kl_normal(0, 0, 0, 1), "sd_p: expected finite numbers above 0, got 0.0"),
        (lambda: info.kl_normal(0, 1, 0, [1, -2]), "sd_q: expected finite numbers above 0, got -2.0"),
        (lambda: info.kl_normal(0, 1, 0, math.inf), "sd_q: expected finite numbers above 0, got inf"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
