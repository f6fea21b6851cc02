"""Elementary functions against truth at 60 digits, over the whole of float64."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbook import functions as f

EXTREME = [0.0, 1e-300, 1e-20, 1e-8, 0.3, 1.0, 5.0, 37.0, 88.0, 700.0, 708.0, 1e3, 1e20]
EXTREME = sorted({sign * x for x in EXTREME for sign in (1, -1)})
finite = st.floats(allow_nan=False, allow_infinity=False)

TRUTH = {
    f.sigmoid: lambda x: 1 / (1 + mpmath.exp(-x)),
    f.softplus: lambda x: mpmath.log1p(mpmath.exp(x)) if x < 1e4 else x,
    f.log_sigmoid: lambda x: -mpmath.log1p(mpmath.exp(-x)) if x > -1e4 else x,
}


def relative(got, exact):
    with mpmath.workdps(60):
        exact = mpmath.mpf(exact)
        if exact == 0:
            return 0.0 if got == 0 else np.inf
        return float(abs((mpmath.mpf(float(got)) - exact) / exact))


@pytest.mark.parametrize("function", TRUTH)
@pytest.mark.parametrize("x", EXTREME)
def test_scalar_functions(function, x):
    with mpmath.workdps(600):
        exact = TRUTH[function](mpmath.mpf(x))
    got = function(x)
    if abs(exact) < 1e-300:  # below the normal numbers digits are lost by the format itself
        assert abs(float(got) - float(exact)) <= 5e-324 * 4
    else:
        assert relative(got, exact) < 1e-15


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=6))
def test_softmax_family_against_truth(logits):
    with mpmath.workdps(950):  # e^-1000 beside 1
        powers = [mpmath.exp(x) for x in logits]
        total = mpmath.log(mpmath.fsum(powers))
        exact = [mpmath.log(p / mpmath.fsum(powers)) for p in powers]
        largest = max(map(abs, [*logits, total, 1e-300]))
        assert abs(mpmath.mpf(float(f.logsumexp(logits))) - total) <= 4e-16 * largest
        for got, want in zip(f.log_softmax(logits), exact, strict=True):
            assert (
                abs(mpmath.mpf(float(got)) - want) <= 1e-13 * abs(want) + mpmath.mpf(2) ** -1072
            )  # the last subnormals
    assert f.softmax(logits).sum() == pytest.approx(1, abs=1e-15)


def test_a_confident_log_softmax_keeps_its_digits():
    # The true value is −ln(1 + e^−40) = −4.2e-18; PyTorch and the naive difference say 0.
    with mpmath.workdps(50):
        exact = -mpmath.log1p(mpmath.exp(-40))
    assert relative(f.log_softmax([40.0, 0.0])[0], exact) < 1e-15


def test_logsumexp_edges():
    assert f.logsumexp([-np.inf, -np.inf]) == -np.inf
    assert f.logsumexp([np.inf, 1.0]) == np.inf
    assert f.logsumexp([[1.0, 2.0]], axis=0, keepdims=True).shape == (1, 2)
    with pytest.raises(ValueError, match="at least one term"):
        f.logsumexp([])


@pytest.mark.parametrize("function", [f.softmax, f.log_softmax, f.logsumexp])
def test_logits_further_apart_than_the_largest_float(function):
    exact = {f.softmax: [1.0, 0.0], f.log_softmax: [0.0, -np.inf], f.logsumexp: 1e308}[function]
    assert function([1e308, -1e308]).tolist() == exact


def test_softmax_of_a_class_that_cannot_be():
    assert f.softmax([0.0, -np.inf]).tolist() == [1.0, 0.0]
    assert f.log_softmax([0.0, -np.inf]).tolist() == [0.0, -np.inf]


@given(st.lists(st.floats(-745, 745), min_size=1, max_size=6))
def test_softmax_against_truth(logits):
    with mpmath.workdps(700):
        powers = [mpmath.exp(x) for x in logits]
        for got, power in zip(f.softmax(logits), powers, strict=True):
            exact = power / mpmath.fsum(powers)
            assert abs(mpmath.mpf(float(got)) - exact) <= 1e-13 * exact + mpmath.mpf(2) ** -1072


@pytest.mark.parametrize("n", [1, 2, 10, 999, 1000, 1001, 10**5, 10**9, 10**12, 2**53])
def test_log_choose_against_truth(n):
    for k in {0, 1, 2, 7, 15, 16, 17, n // 1000, n // 3, n // 2, n - 1, n}:
        if 0 <= k <= n:
            with mpmath.workdps(60):
                exact = mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)
                exact = exact if abs(exact) > 1e-40 else mpmath.mpf(0)
            assert relative(f.log_choose(n, k), exact) < 1e-15


def test_one_hot_of_many_classes_takes_no_square_table():
    assert f.one_hot([7], 300_000)[0, 7] == 1


def test_xlogy():
    assert f.xlogy([0.0, 0.0, 2.0], [0.0, np.inf, 1.0]).tolist() == [0.0, 0.0, 0.0]
    assert f.xlogy(1.0, 0.0) == -np.inf
    assert np.isnan(f.xlogy(0.0, np.nan)) and np.isnan(f.xlogy(1.0, -1.0))
    assert f.xlogy(1e308, 1e10) == np.inf


@pytest.mark.parametrize("function", [f.sigmoid, f.softplus, f.log_sigmoid, f.softmax, f.log_softmax, f.logsumexp])
def test_float32_stays_and_input_is_left_alone(function):
    x = np.array([-3.0, 0.5, 90.0], dtype=np.float32)
    before = x.copy()
    assert function(x).dtype == np.float32
    assert function([1, 2, 3]).dtype == np.float64
    assert (x == before).all()


def test_plain_numbers_leave_float32_as_it_is():
    x = np.array([0.25, 0.75], dtype=np.float32)
    results = f.xlogy(x, 2.0), f.xlogy(2, x), f.smooth_labels(x, 0.1), f.smooth_labels(x, np.float64(0.1))
    assert {result.dtype for result in results} == {np.dtype(np.float32)}
    assert f.xlogy(x, np.float64([2.0, 3.0])).dtype == np.float64


@given(st.lists(finite, min_size=1, max_size=5))
def test_no_warning_whatever_comes(x):
    for function in (f.sigmoid, f.softplus, f.log_sigmoid):
        assert np.isfinite(function(x)).all()


def test_one_hot_and_smoothing():
    assert f.one_hot([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert f.smooth_labels(f.one_hot([1], 4), 0.2).ravel() == pytest.approx([0.05, 0.85, 0.05, 0.05])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_sum_over_many_classes_keeps_its_digits(kind):
    x = np.random.default_rng(2).random((16_384, 3)).astype(kind)
    exact = np.array([math.fsum(column.tolist()) for column in x.T])

    def error(total):
        return np.abs(total / exact - 1).max() / np.finfo(kind).eps

    assert error(f.sum_in_halves(x, 0)[0]) <= 2
    assert error(x.sum(axis=0)) > 8  # one after the other, as NumPy adds along the first axis, would not do
    np.testing.assert_array_equal(f.sum_in_halves(x.T, 1)[:, 0], f.sum_in_halves(x, 0)[0])
    for rows in range(1, 40):
        np.testing.assert_array_equal(f.sum_in_halves(np.ones((rows, 2), kind), 0), [[rows, rows]])


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: f.one_hot([3], 3), "indices: expected classes from 0 to 2, got 3"),
        (lambda: f.one_hot([0.5], 3), "indices: expected integers"),
        (lambda: f.smooth_labels([1.0, 0.0], 1.5), "smoothing: expected a number from 0 to 1, got 1.5"),
        (lambda: f.sigmoid(["a"]), "x: expected real numbers"),
        (lambda: f.one_hot([[0], [1, 0]], 3), "indices: expected an array of integers"),
        (lambda: f.one_hot([0], 2.5), "num_classes: expected an integer, at least 1, got 2.5"),
        (lambda: f.one_hot([0], 0), "num_classes: expected an integer, at least 1, got 0"),
        (lambda: f.smooth_labels([1.0, 0.0], "much"), "smoothing: expected a number from 0 to 1, got 'much'"),
        (lambda: f.smooth_labels(np.zeros((2, 0)), 0.1), "targets: expected rows with at least one class"),
        (lambda: f.softmax(1.0), r"axis: expected an axis of x, which has shape \(\), got -1"),
        (lambda: f.log_softmax([1.0], axis=1), r"axis: expected an axis of x, which has shape \(1,\), got 1"),
        (lambda: f.softmax([]), "x: expected at least one term"),
        (lambda: f.softmax([-np.inf, -np.inf]), "x: expected a finite largest logit, got -inf"),
        (lambda: f.log_softmax([np.inf, 0.0]), "x: expected a finite largest logit, got inf"),
        (lambda: f.log_softmax([np.nan, 0.0]), "x: expected a finite largest logit, got nan"),
        (lambda: f.log_choose(3, 4), "k: expected an integer from 0 to 3, got 4"),
        (lambda: f.log_choose(3.5, 1), "n: expected an integer, got 3.5"),
        (lambda: f.sigmoid([[1], [1, 2]]), "x: expected an array of numbers"),
        (lambda: f.xlogy(1.0, 1j), "y: expected real numbers"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
