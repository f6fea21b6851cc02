"""Likelihoods: values against truth, gradients against differences and SymPy, maxima against the curve."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy
from drawn import built
from hypothesis import given
from hypothesis import strategies as st

from lossbook.derivations import likelihood as formulas
from lossbook.figures import repeated
from lossbook.likelihood import Bernoulli, Binomial, Categorical, Gaussian, Laplace, Multinomial
from lossbook.live.text import format_number

inside = st.floats(1e-6, 1 - 1e-6)
observations = st.lists(st.floats(-50, 50), min_size=2, max_size=6)


def slope(function, at, h=1e-3):
    """Return a derivative by fourth-order differences."""
    return (-function(at + 2 * h) + 8 * function(at + h) - 8 * function(at - h) + function(at - 2 * h)) / (12 * h)


def close_to_terms(got, exact, *terms):
    """Within 1e-13 of the larger term: a log-density may pass through zero."""
    return abs(got - exact) <= 1e-13 * max(map(abs, (exact, *terms)))


@given(theta=inside, tosses=st.integers(1, 500), data=st.data())
def test_binomial_against_truth_and_formula(theta, tosses, data):
    heads = data.draw(st.integers(0, tosses))
    with mpmath.workdps(60):
        p = mpmath.mpf(theta)
        kernel = heads * mpmath.log(p) + (tosses - heads) * mpmath.log(1 - p)
        exact = mpmath.log(mpmath.binomial(tosses, heads)) + kernel
    model = Binomial(tosses)
    size = math.lgamma(tosses + 1)
    assert close_to_terms(model.log_likelihood(theta, heads), float(exact), float(kernel), size)
    assert model.log_likelihood(theta, heads, constant=False) == pytest.approx(float(kernel), rel=1e-13)
    symbolic = sympy.N(formulas.coin_log(sympy.Float(theta, 50), tosses, heads), 40)
    assert float(kernel) == pytest.approx(float(symbolic), rel=1e-14)


@pytest.mark.parametrize("tosses, heads", [(10**9, 1), (10**9, 6 * 10**8), (10**6, 3), (2000, 1200)])
def test_many_tosses_keep_their_digits(tosses, heads):
    theta = heads / tosses
    with mpmath.workdps(60):
        p = mpmath.mpf(theta)
        kernel = heads * mpmath.log(p) + (tosses - heads) * mpmath.log1p(-p)
        orders = mpmath.loggamma(tosses + 1) - mpmath.loggamma(heads + 1) - mpmath.loggamma(tosses - heads + 1)
        difference = abs(mpmath.mpf(Binomial(tosses).log_likelihood(theta, heads)) - kernel - orders)
    assert difference <= 1e-15 * max(abs(kernel), orders)
    counts = Multinomial(tosses).log_likelihood([0.5, 0.5], [heads, tosses - heads])
    assert as_close(counts, mpmath.mpf(Binomial(tosses).log_likelihood(0.5, heads)), orders)


SPREADS = [5e-324, 1e-300, 1e-200, 1e-150, 1e-12, 0.3, 1.0, 7.0, 1e12, 1e150, 1e200, 1e300]
RESIDUALS = [0.0, 1e-300, 1e-160, 1e-12, 0.3, 1.0, 7.0, 1e12, 1e150, 1e200, 1e300]


def as_close(got, exact, *terms):
    """Within 1e-13 of the larger term, at any size; beyond the largest float infinite, below the least normal small."""
    if abs(exact) > mpmath.mpf(1.7976931348623157e308):
        return got == math.copysign(math.inf, exact)
    room = mpmath.mpf("1e-13") * max(map(abs, (exact, *terms)))
    return math.isfinite(got) and abs(mpmath.mpf(got) - exact) <= max(room, mpmath.mpf(2.3e-308))


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("residual", RESIDUALS)
def test_normal_and_laplace_at_any_size(spread, residual):
    with mpmath.workdps(60):
        v, r = mpmath.mpf(spread), mpmath.mpf(residual)
        half, log = r**2 / (2 * v), mpmath.log(v) / 2
        got = Gaussian().log_likelihood(residual, spread, [0.0], constant=False)
        assert as_close(got, -half - log, half, log)
        by_mean, by_variance = Gaussian().gradient(residual, spread, [0.0])
        assert as_close(by_mean, r / v)
        one, pull = 1 / (2 * v), r**2 / (2 * v**2)
        assert as_close(by_variance, one - pull, *(t for t in (one, pull) if t < 1e308))
        got = Laplace().log_likelihood(residual, spread, [0.0], constant=False)
        assert as_close(got, -r / v - 2 * log, r / v, log)
        by_location, by_scale = Laplace().gradient(residual, spread, [0.0])
        assert as_close(by_location, mpmath.sign(r) / v)
        assert as_close(by_scale, 1 / v - r / v**2, *(t for t in (1 / v, r / v**2) if t < 1e308))


def test_opposite_pulls_that_overflow_cancel():
    by_mean, _ = Gaussian().gradient(0.0, 1e-300, [1e10, -1e10])
    by_location, _ = Laplace().gradient(0.0, 5e-324, [1.0, -1.0])
    assert by_mean == by_location == 0


@pytest.mark.parametrize("unit", [1e-320, 1e-200, 1.0, 1e200, 1e307])
def test_maxima_at_any_size(unit):
    data = unit * np.array([1.0, 2.0, 9.0, 4.0])
    mean, variance = Gaussian().maximum(data)
    assert mean == pytest.approx(4 * unit, rel=1e-3 if unit < 1e-300 else 1e-15)
    assert variance == pytest.approx(9.5 * unit * unit, rel=1e-15)
    median, scale = Laplace().maximum(data)
    assert (median, scale) == pytest.approx((3 * unit, 2.5 * unit), rel=1e-3 if unit < 1e-300 else 1e-15)


def test_float32_stays_where_an_array_comes_back():
    x = np.array([1.0, 2.0], dtype=np.float32)
    for model in (Gaussian(), Laplace()):
        assert model.gradient(x, 2.0, x)[0].dtype == np.float32
    assert Gaussian().log_likelihood(0.0, 1.0, np.float32([1e30])) == pytest.approx(-5e59)


@pytest.mark.parametrize("theta", [0.0, 1e-300, 1e-17, 1 - 2**-53, 1.0])
def test_certain_and_nearly_certain_coins(theta):
    with mpmath.workdps(400):
        p = mpmath.mpf(theta)
        exact = [float(n * mpmath.log(q)) if q else -np.inf for n, q in ((3, p), (3, 1 - p))]
    assert Bernoulli().log_likelihood(theta, [1, 1, 1]) == pytest.approx(exact[0], rel=1e-15)
    assert Bernoulli().log_likelihood(theta, [0, 0, 0]) == pytest.approx(exact[1], rel=1e-15)


def test_what_was_not_seen_pulls_nowhere():
    assert Bernoulli().gradient(0.0, [0, 0]) == 1.0
    assert Bernoulli().gradient(1.0, [1, 1]) == -1.0
    assert Bernoulli().gradient(0.0, [1, 0]) == Bernoulli().gradient(1e-320, [1, 0]) == -np.inf


@given(theta=st.floats(0.05, 0.95), tosses=st.lists(st.integers(0, 1), min_size=1, max_size=30))
def test_coin_gradient_and_maximum(theta, tosses):
    model = Bernoulli()
    for reduction in ("mean", "sum"):
        measured = model.gradient(theta, tosses, reduction=reduction)
        wanted = slope(lambda t, r=reduction: model.negative_log_likelihood(t, data=tosses, reduction=r), theta)
        assert measured == pytest.approx(wanted, rel=1e-6, abs=1e-6)
    best = model.maximum(tosses)
    assert model.log_likelihood(best, tosses) >= model.log_likelihood(theta, tosses)
    assert Binomial(len(tosses)).maximum(sum(tosses)) == pytest.approx(best)


def test_standard_error_is_the_curvature():
    theta, N, N1 = formulas.theta, formulas.N, formulas.N1
    curvature = sympy.diff(formulas.coin_log(theta, N, N1), theta, 2).subs(
        {N1: 60, N: 100, theta: sympy.Rational(3, 5)}
    )
    assert Binomial(100).standard_error(0.6) == Binomial(25).standard_error(0.6, counts=4)
    assert Binomial(100).standard_error(0.6) == Bernoulli().standard_error(0.6, 100)
    assert Bernoulli().standard_error(5e-324, 10**6) == pytest.approx(2.2227587494850775e-165, rel=1e-15)
    assert Bernoulli().standard_error(0.6, 100) == pytest.approx(float(1 / sympy.sqrt(-curvature)), rel=1e-14)


def test_categorical_and_multinomial():
    p = [0.2, 0.3, 0.5]
    draws = [2, 2, 0, 1, 2]
    one_by_one = Categorical().log_likelihood(p, draws)
    assert one_by_one == pytest.approx(math.log(0.2 * 0.3 * 0.5**3))
    counts = np.bincount(draws)
    assert Multinomial(5).log_likelihood(p, counts, constant=False) == pytest.approx(one_by_one)
    assert Multinomial(5).log_likelihood(p, counts) == pytest.approx(math.log(20 * 0.2 * 0.3 * 0.125))
    assert Categorical().maximum(draws, classes=3) == pytest.approx([0.2, 0.2, 0.6])
    assert Multinomial(5).maximum(counts) == pytest.approx([0.2, 0.2, 0.6])
    assert Categorical().gradient(p, draws, reduction="sum") == pytest.approx([-5, -10 / 3, -6])
    assert Multinomial(5).gradient(p, counts, reduction="sum") == pytest.approx([-5, -10 / 3, -6])
    assert Categorical().negative_log_likelihood([0.01, 0.01, 0.98], data=[2]) == pytest.approx(0.020202707317519466)


@given(data=observations, centre=st.floats(-50, 50), width=st.floats(0.1, 20))
def test_normal_and_laplace(data, centre, width):
    x = np.array(data)
    formula = -((x - centre) ** 2) / (2 * width) - 0.5 * np.log(2 * np.pi * width)
    assert Gaussian().log_likelihood(centre, width, data) == pytest.approx(formula.sum(), rel=1e-12, abs=1e-12)
    by_mean, by_variance = Gaussian().gradient(centre, width, data)
    nll = Gaussian().negative_log_likelihood
    assert by_mean == pytest.approx(slope(lambda m: nll(m, width, data=data), centre), rel=1e-5, abs=1e-5)
    assert by_variance == pytest.approx(slope(lambda v: nll(centre, v, data=data), width), rel=1e-3, abs=1e-3)
    formula = -np.abs(x - centre) / width - np.log(2 * width)
    assert Laplace().log_likelihood(centre, width, data) == pytest.approx(formula.sum(), rel=1e-12, abs=1e-12)
    _, by_scale = Laplace().gradient(centre, width, data)
    nll = Laplace().negative_log_likelihood
    assert by_scale == pytest.approx(slope(lambda b: nll(centre, b, data=data), width), rel=1e-3, abs=1e-3)


@given(data=observations, centre=st.floats(-50, 50))
def test_maxima_of_normal_and_laplace(data, centre):
    mean, variance = Gaussian().maximum(data)
    if variance > 1e-6:
        assert (
            Gaussian().log_likelihood(mean, variance, data) >= Gaussian().log_likelihood(centre, variance, data) - 1e-9
        )
    median, scale = Laplace().maximum(data)
    if scale > 1e-6:
        assert Laplace().log_likelihood(median, scale, data) >= Laplace().log_likelihood(centre, scale, data) - 1e-9


def test_gradient_by_a_mean_for_each_observation():
    by_mean, _ = Gaussian().gradient([0.0, 1.0], 2.0, [1.0, 1.0], reduction="sum")
    assert by_mean.tolist() == [-0.5, 0.0]
    by_location, _ = Laplace().gradient([0.0, 1.0], 2.0, [1.0, 1.0], reduction="sum")
    assert by_location.tolist() == [-0.5, 0.0]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: Bernoulli().log_likelihood(1.5, [1]), "theta: expected a probability from 0 to 1, got 1.5"),
        (lambda: Bernoulli().log_likelihood(0.5, [2]), "data: expected at most 1"),
        (lambda: Bernoulli().log_likelihood(0.5, []), "data: expected whole numbers"),
        (lambda: Bernoulli().log_likelihood(0.5, [0.5]), "data: expected whole numbers"),
        (lambda: Bernoulli().log_likelihood([0.5, 0.6], [1]), r"theta: expected one probability, got shape \(2,\)"),
        (lambda: Bernoulli().standard_error(0.5, 2.5), "tosses: expected a whole number, at least 1, got 2.5"),
        (lambda: Binomial("many"), "tosses: expected a whole number, at least 1, got 'many'"),
        (lambda: Binomial(math.nan), "tosses: expected a whole number, at least 1, got nan"),
        (lambda: Binomial(math.inf), "tosses: expected a whole number, at least 1, got inf"),
        (lambda: Binomial(None), "tosses: expected a whole number, at least 1, got None"),
        (lambda: Categorical().maximum([0], classes=2.5), "classes: expected a whole number, at least 1, got 2.5"),
        (lambda: Multinomial(3).log_likelihood([0.5, 0.5], [math.inf, 1]), "data: expected whole numbers"),
        (lambda: Gaussian().log_likelihood(0, [1, 2], [1, 2]), r"variance: expected a finite number above 0, got \[1"),
        (lambda: Laplace().log_likelihood(0, "wide", [1]), "scale: expected a finite number above 0, got 'wide'"),
        (lambda: Binomial(0), "tosses: expected a whole number, at least 1, got 0"),
        (lambda: Binomial(3).log_likelihood(0.5, 4), "data: expected at most 3, got 4"),
        (lambda: Categorical().log_likelihood([0.5, 0.6], [0]), "p: expected at least two probabilities that sum to 1"),
        (lambda: Multinomial(3).log_likelihood([0.5, 0.5], [1, 1]), "data: expected one row of counts that sum to 3"),
        (lambda: Multinomial(2).log_likelihood([0.5, 0.5], [1, 1, 0]), "data: expected 2 counts"),
        (lambda: Multinomial(0), "trials: expected a whole number"),
        (lambda: Gaussian().log_likelihood(0, 0, [1]), "variance: expected a finite number above 0, got 0"),
        (lambda: Gaussian().log_likelihood([0, 1], 1, [1, 2, 3]), "mean: expected one number or the shape of data"),
        (lambda: Laplace().log_likelihood(math.nan, 1, [1]), "location: expected finite numbers"),
        (lambda: Laplace().maximum([math.inf]), "data: expected at least one observation, all finite"),
        (lambda: Bernoulli().gradient(0.5, [1], reduction="none"), "reduction: expected mean or sum, got 'none'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("last", [-4.0, -0.7, 3.5, 8.0])
def test_the_fitted_line_is_the_likeliest(last):
    figure = built("noise.fitted_line")
    places, heights = np.arange(6), np.array([0.6, 2.1, 1.5, 3.2, 2.6, last])
    said = figure.text(figure.spec["readout"][0], figure.values(last=last))
    slope_, level = np.polyfit(places, heights, 1)
    assert format_number(float(slope_), ".3f") in said
    assert format_number(float(level), ".3f") in said
    names = figure.program.names
    found = dict(zip(names, figure.values(last=last, noise="Laplace"), strict=True))

    def distance(by, off):
        return np.abs(heights - by * places - off).sum()

    here = distance(found["slope"], found["level"])
    # The cost is convex: what is lowest near by is lowest everywhere.
    for by, off in np.random.default_rng(0).normal(size=(300, 2)) * 0.1:
        assert distance(found["slope"] + by, found["level"] + off) >= here - 1e-9
    assert found["width"] == pytest.approx(here / 6)


def test_repeated_estimates_fall_where_chance_says():
    figure = repeated.estimates()
    counts = np.random.default_rng(2).multinomial(
        400, [math.exp(Binomial(20).log_likelihood(0.6, k)) for k in range(21)]
    )
    values = figure.values(**{f"n{k}": int(count) for k, count in enumerate(counts)})
    said = figure.text(figure.spec["readout"][0], values)
    share = sum(math.exp(Binomial(20).log_likelihood(0.6, k)) for k in range(10, 15))
    assert said == (
        f"400 estimates, of which {counts[10:15].sum()} lie within one standard error, 0.110, of 0.6. "
        f"Expected: {share:.1%}."
    )
