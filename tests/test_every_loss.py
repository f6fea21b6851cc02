"""One suite over every loss that takes predictions and targets."""

from __future__ import annotations

import inspect
import math
import re
import warnings

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lossbook import losses
from lossbook.functions import log_softmax
from lossbook.losses.base import Loss
from lossbook.losses.binary import ProbabilityLoss
from lossbook.pages.atlas import all_losses
from lossbook.symbolic import gan as game_formulas
from lossbook.symbolic import losses as formulas
from yardstick.cases import BINARY, CASES, CLASSES, REGRESSION, VECTORS
from yardstick.truth import relative_error, truth


def few_examples(percent: int) -> settings:
    """Return settings with so many examples for a hundred of the profile's, since every loss has its own."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=max(2, settings().max_examples * percent // 100), suppress_health_check=slow)


every_loss = pytest.mark.parametrize("case", CASES, ids=str)
CONCRETE = set(all_losses())
# Those with a way to the sum of a large batch that needs no terms.
SUMMED = [case for case in CASES if type(case.loss)._sum_quickly is not Loss._sum_quickly]


def test_every_loss_has_its_twin_and_its_case():
    twins = {
        name
        for module in (formulas, game_formulas)
        for name, f in inspect.getmembers(module, inspect.isfunction)
        if f.__module__ == module.__name__ and name.endswith("Loss")
    }
    assert twins == CONCRETE
    games = {name for name in CONCRETE if "GAN" in name}  # test_gan.py
    assert {type(case.loss).__name__ for case in CASES} | games | {"PerceptualLoss"} == CONCRETE


@pytest.mark.parametrize("name", sorted(CONCRETE))
def test_docstrings_say_what_a_reader_looks_for(name):
    text = inspect.getdoc(getattr(losses, name))
    for heading in ("Domain", "Formula", "Gradient", "Model", "Equivalent"):
        assert f"\n{heading}\n" in text, f"{name} says nothing under {heading}"
    equivalents = text[text.index("\nEquivalent\n") :].split("\n\n")[0]
    for library, words in {
        "PyTorch": "torch|PyTorch", "scikit-learn": "sklearn|scikit-learn", "Optax": "optax|Optax|jnp",
        "Keras": "keras|Keras",
    }.items():  # fmt: skip
        assert re.search(words, equivalents), f"{name} does not say what {library} has"


# Values and gradients against the formula.


@every_loss
def test_value_and_gradient_are_true(case):
    for row, target in case.rows:
        assert_true(case, row, target, *(case.scale(row, target) if case.scale else (0.0, [0.0] * len(row))))


@every_loss
@few_examples(5)
@given(seed=st.integers(0, 2**32 - 1))
def test_value_and_gradient_are_true_anywhere(case, seed):
    predictions, targets = ordinary(case, 4, seed)
    if case.kind == "batch":
        rows = [(tuple(predictions.tolist()), tuple(targets.tolist()))]
    else:
        rows = [(tuple(np.atleast_1d(x).tolist()), y.tolist()) for x, y in zip(predictions, targets, strict=True)]
    for row, target in rows:
        target = tuple(target) if isinstance(target, list) else target
        largest = max(map(abs, (*row, 1.0)))
        assert_true(case, row, target, largest, [largest] * len(row))


def assert_true(case, row, target, scale, slope_scales):
    """Assert that value and slopes are the truth to 1e-13 of it, or of the scale of what cancels."""
    exact = truth(case, row, target)
    value, slopes = evaluate(case, row, target)
    assert relative_error(value, exact[0], scale) <= 1e-13, ("value", row, target, value, float(exact[0]))
    for k, (got, wanted) in enumerate(zip(slopes, exact[1:], strict=True)):
        error = relative_error(got, wanted, slope_scales[k])
        assert error <= 1e-13, (f"slope {k}", row, target, got, float(wanted))


def evaluate(case, row, target):
    """Return the term and the slopes of one row."""
    if case.kind == "batch":
        return case.loss.loss_and_grad(row, target)
    batch = [row] if len(row) > 1 else row
    value, slopes = case.loss.loss_and_grad(batch, [target])
    return value[0], np.ravel(slopes)


# What holds for any input.


def index_rows(draw, x, classes_axis=1):
    return draw(arrays(np.int64, len(x), elements=st.integers(0, x.shape[1] - 1)))


def matrix(draw, columns=None, elements=None, least=1):
    shape = draw(st.tuples(st.integers(1, 5), st.just(columns) if columns else st.integers(max(2, least), 5)))
    anything = st.floats(allow_nan=False, allow_infinity=False)
    return draw(arrays(np.float64, shape, elements=anything if elements is None else elements))


def simplex(draw, shape):
    powers = draw(arrays(np.float64, shape, elements=st.floats(0, 1)))
    powers[:, 0] += 0.01
    return powers / powers.sum(axis=1, keepdims=True)


@st.composite
def inputs(draw, kind):
    """Draw a valid pair of predictions and targets: any numbers that the domain allows, the largest ones included."""
    finite = st.floats(allow_nan=False, allow_infinity=False)
    shape = draw(array_shapes(min_dims=0, max_dims=3, max_side=4))
    flat = {
        "residual": (finite, finite),
        "batch": (finite, finite),
        "margin": (finite, st.sampled_from([-1.0, 1.0])),
        "logit": (finite, st.floats(0, 1)),
        "hard logit": (finite, st.sampled_from([0.0, 1.0])),
        "chance": (st.floats(0, 1), st.floats(0, 1)),
        "log chance": (st.floats(max_value=0, allow_nan=False), st.floats(0, 1)),
    }
    if kind in flat:
        first, second = flat[kind]
        return draw(arrays(np.float64, shape, elements=first)), draw(arrays(np.float64, shape, elements=second))
    if kind == "width":
        x = matrix(draw, columns=2)
        return x, draw(arrays(np.float64, len(x), elements=finite))
    if kind == "bins":
        x = matrix(draw, columns=4)
        return x, draw(arrays(np.float64, len(x), elements=st.floats(-2, 4)))
    if kind == "features":
        x = matrix(draw, columns=2, elements=st.floats(-1e300, 1e300, allow_nan=False))
        return x, draw(arrays(np.int64, len(x), elements=st.integers(0, 2)))
    x = matrix(draw, columns=3)  # the cases with weights have three classes
    if kind == "simplex":
        x = simplex(draw, x.shape)
    if kind == "log classes":
        x = log_softmax(np.clip(x, -1e3, 1e3))
    if kind == "teacher":
        return x, draw(arrays(np.float64, x.shape, elements=finite))
    if kind == "soft classes":
        return x, simplex(draw, x.shape)
    return x, index_rows(draw, x)


@every_loss
@few_examples(40)
@given(data=st.data())
def test_valid_input_gives_numbers_and_no_warning(case, data):
    predictions, targets = data.draw(inputs(case.kind))
    kept = predictions.copy(), targets.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slopes = case.loss.loss_and_grad(predictions, targets)
        assert np.array_equal(case.loss.loss(predictions, targets), value)
        assert np.array_equal(case.loss.grad(predictions, targets), slopes)
    assert not np.isnan(value).any() and not np.isnan(slopes).any()
    assert slopes.shape == predictions.shape and slopes.dtype == np.float64
    assert np.array_equal(predictions, kept[0]) and np.array_equal(targets, kept[1]), "the input was changed"


@every_loss
@few_examples(20)
@given(data=st.data())
def test_reductions_agree(case, data):
    if case.kind == "batch":
        return  # the root has one reduction
    predictions, targets = data.draw(inputs(case.kind))
    predictions = np.clip(predictions, -1e3, 1e3)
    terms, slopes = case.loss.loss_and_grad(predictions, targets)
    weight = case.loss._weight(*case.loss._check(predictions, targets))
    with np.errstate(over="ignore", invalid="ignore"):
        for reduction, divisor in (("sum", 1.0), ("mean", weight)):
            value, gradient = with_reduction(case.loss, reduction).loss_and_grad(predictions, targets)
            np.testing.assert_allclose(
                value, (terms / divisor).sum(), rtol=1e-12, atol=1e-300 + 1e-13 * np.abs(terms).max()
            )
            held = np.isfinite(slopes)  # a mean's may be finite where that of a single term is not
            np.testing.assert_allclose(gradient[held], slopes[held] / divisor, rtol=1e-14, atol=1e-300)
            large = np.abs(slopes) > 1e-300  # the half of the smallest number is rounded to zero
            assert not np.isnan(gradient).any() and np.array_equal(np.sign(gradient[large]), np.sign(slopes[large]))


@every_loss
@few_examples(10)
@given(data=st.data())
def test_a_batch_without_rows_has_a_sum_and_no_mean(case, data):
    predictions, targets = data.draw(inputs(case.kind))
    if np.ndim(targets) == 0:
        return  # one row
    x, t = predictions[:0], targets[:0]
    with pytest.raises(ValueError, match="predictions: expected"):
        (case.loss if case.kind == "batch" else with_reduction(case.loss, "mean")).loss(x, t)
    if case.kind == "batch":
        return  # the root has one reduction
    terms = case.loss.loss(predictions, targets)
    for reduction, expected in (("sum", terms.dtype.type(0)), ("none", terms[:0])):
        value, slopes = with_reduction(case.loss, reduction).loss_and_grad(x, t)
        np.testing.assert_array_equal(value, expected, strict=True)
        np.testing.assert_array_equal(slopes, x, strict=True)


def with_reduction(loss, reduction):
    other = type(loss).__new__(type(loss))
    vars(other).update(vars(loss) | {"reduction": reduction})
    return other


SPOILS = {
    "NaN in predictions": lambda x, t: (spoiled(x, math.nan), t),
    "rows of different lengths": lambda x, t: ([[1.0, 2.0], [3.0]], t),
    "words": lambda x, t: (np.full(x.shape, "large"), t),
    "complex numbers": lambda x, t: (x.astype(complex), t),
    "nothing": lambda x, t: (None, t),
    "no entries": lambda x, t: (x[:0] if x.ndim else np.zeros(0), t[:0] if np.ndim(t) else np.zeros(0)),
    "targets of another shape": lambda x, t: (x, np.concatenate([np.ravel(t), np.ravel(t)[:1]])[:, None]),
    "words for targets": lambda x, t: (x, np.full(np.shape(t), "large")),
    "NaN in targets": lambda x, t: (x, spoiled(t.astype(float), math.nan)),
    "ragged targets": lambda x, t: (x, [[1], [2, 3]]),
    "complex targets": lambda x, t: (x, np.asarray(t) + 1j),
}
OUT_OF_RANGE = {
    "margin": lambda x, t: (x, spoiled(t, 0.5)),
    "logit": lambda x, t: (x, spoiled(t, 1.5)),
    "hard logit": lambda x, t: (x, spoiled(t, 0.5)),
    "chance": lambda x, t: (spoiled(x, -0.5), t),
    "log chance": lambda x, t: (spoiled(x, 0.5), t),
    "residual": lambda x, t: (spoiled(x, math.inf), spoiled(t, math.inf)),
    "batch": lambda x, t: (spoiled(x, -math.inf), t),
    "width": lambda x, t: (spoiled(x, math.inf), t),
    "bins": lambda x, t: (x, spoiled(t, 9.0)),
    "features": lambda x, t: (x, spoiled(t, 3)),
    "classes": lambda x, t: (x, spoiled(t, -1)),
    "log classes": lambda x, t: (spoiled(x, 0.5), t),
    "soft classes": lambda x, t: (x, 2 * t),
    "simplex": lambda x, t: (2 * x, t),
    "teacher": lambda x, t: (x, spoiled(t, math.inf)),
}


def spoiled(array, number):
    other = np.array(array)
    other.flat[other.size // 2] = number
    return other


@every_loss
@few_examples(50)
@given(data=st.data())
def test_invalid_input_is_named(case, data):
    predictions, targets = data.draw(inputs(case.kind))
    how = data.draw(st.sampled_from([*SPOILS, "out of range"]))
    spoil = OUT_OF_RANGE[case.kind] if how == "out of range" else SPOILS[how]
    # Without rows there is a sum; see above.
    loss = with_reduction(case.loss, "mean") if how == "no entries" else case.loss
    with pytest.raises(ValueError) as raised:
        loss.loss_and_grad(*spoil(predictions, targets))
    message = str(raised.value)
    assert re.match(r"(predictions|targets)\b.*: expected .*, got ", message, re.S), (how, message)


# Further properties, on ordinary input.


def ordinary(case, count, seed=0):
    """Return a batch of ordinary predictions and targets."""
    chance = np.random.default_rng(seed)
    kind = case.kind
    if kind in ("residual", "batch"):
        return 3 * chance.normal(size=count), chance.normal(size=count)
    if kind == "margin":
        return 3 * chance.normal(size=count), chance.choice([-1.0, 1.0], count)
    if kind in ("logit", "hard logit"):
        return 3 * chance.normal(size=count), chance.choice([0.0, 1.0], count)
    if kind == "chance":
        return chance.uniform(size=count), chance.choice([0.0, 1.0], count)
    if kind == "log chance":
        return -chance.exponential(size=count), chance.uniform(size=count)
    if kind == "width":
        return chance.normal(size=(count, 2)), chance.normal(size=count)
    if kind == "bins":
        return 3 * chance.normal(size=(count, 4)), chance.uniform(-2, 4, count)
    if kind == "features":
        return 3 * chance.normal(size=(count, 2)), chance.integers(0, 3, count)
    x = 3 * chance.normal(size=(count, 3))
    if kind == "simplex":
        x = np.exp(log_softmax(x))
    if kind == "log classes":
        x = log_softmax(x)
    if kind == "teacher":
        return x, x + chance.normal(size=x.shape)
    if kind == "soft classes":
        return x, np.exp(log_softmax(chance.normal(size=x.shape)))
    return x, chance.integers(0, 3, count)


@every_loss
def test_pytorch_agrees(case):
    if case.torch is None:
        return
    x, t = ordinary(case, 200)
    loss = case.loss if case.kind == "batch" else with_reduction(case.loss, "mean")
    value, slopes = loss.loss_and_grad(x, t)
    theirs = torch.tensor(x, requires_grad=True)
    wanted = case.torch(theirs, torch.tensor(t))
    if case.loss.__class__.__name__ == "CrossEntropyLoss" and getattr(case.loss, "weight", None) is not None:
        assert wanted.item() == pytest.approx(value, rel=1e-12), "a weighted mean divides by the weights"
    (gradient,) = torch.autograd.grad(wanted.sum(), theirs)
    assert value == pytest.approx(wanted.item(), rel=1e-12)
    np.testing.assert_allclose(slopes, gradient.numpy(), rtol=1e-11, atol=1e-15)


@every_loss
def test_large_batches_are_cut_into_blocks_without_a_trace(case, monkeypatch):
    monkeypatch.setattr(Loss, "_block", 15_000)
    count = 40_000 if np.ndim(ordinary(case, 2)[0]) == 1 else 15_000
    x, t = ordinary(case, count)
    if case.kind == "batch":
        return
    terms, slopes = case.loss.loss_and_grad(x, t)
    pieces = [case.loss.loss_and_grad(x[i : i + 1000], t[i : i + 1000]) for i in range(0, count, 1000)]
    assert np.array_equal(terms, np.concatenate([piece[0] for piece in pieces]))
    assert np.array_equal(slopes, np.concatenate([piece[1] for piece in pieces]))
    value, gradient = with_reduction(case.loss, "sum").loss_and_grad(x, t)
    assert value == pytest.approx(math.fsum(terms), rel=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=0 if case not in SUMMED else 1e-13, atol=0)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("case", SUMMED, ids=str)
def test_a_sum_without_terms_is_the_sum_of_the_terms(case, kind):
    """Each row many times over, so that it stands alone, and all of them together."""
    total, few = with_reduction(case.loss, "sum"), 8 * np.finfo(kind).eps
    with np.errstate(over="ignore"):
        columns = [np.array(column, dtype=kind) for column in zip(*case.rows, strict=True)]
    rows = [(np.resize(x, (5000, *x.shape)), np.resize(t, 5000)) for x, t in zip(*columns, strict=True)]
    rows.append(tuple(np.resize(column, (5001, *column.shape[1:])) for column in columns))
    if case.kind == "logit":
        rows.append((np.linspace(-9, 9, 5000, dtype=kind)[:, None], np.resize(np.array([0.1, 0.7, 1.0], kind), 5000)))
    for x, t in rows:
        if np.isinf(x).all():
            continue
        x, t = (x[:, 0] if case.kind in ("residual", "margin", "logit", "hard logit", "chance") else x), t
        try:
            terms, slopes = case.loss.loss_and_grad(x, t)
        except ValueError:
            continue
        value, gradient = total.loss_and_grad(x, t)
        alone = total.loss(x, t)
        if np.isfinite(terms).all():
            wanted = math.fsum(terms.tolist())
            assert abs(float(value) - wanted) <= few * math.fsum(np.abs(terms).tolist()) + np.finfo(kind).tiny
        else:
            assert value == terms.sum()
        assert alone == value
        # With a target between 0 and 1 a slope is the difference of two numbers of order one.
        cancels = case.kind == "logit" and bool((t * (1 - t)).any())
        np.testing.assert_allclose(gradient, slopes, rtol=few, atol=few if cancels else np.finfo(kind).tiny)


@pytest.mark.parametrize("size", [1e-200, 1e-160, 1.0, 1e160])
@pytest.mark.parametrize(
    "loss",
    [losses.CauchyLoss(c=1e180), losses.SmoothL1Loss(beta=1e-200), losses.SmoothL1Loss(beta=1e200),
     losses.HuberLoss(delta=1e-170), losses.PseudoHuberLoss(delta=1e180), losses.PseudoHuberLoss(delta=1e-180)],
    ids=str,
)  # fmt: skip
def test_no_square_beyond_the_floats_spoils_a_sum(loss, size):
    r = np.resize([size, -2 * size], 5000)
    terms, slopes = with_reduction(loss, "none").loss_and_grad(r, 0 * r)
    value, gradient = with_reduction(loss, "sum").loss_and_grad(r, 0 * r)
    assert value == pytest.approx(terms.sum(), rel=1e-14, abs=0)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-14)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint64])
@pytest.mark.parametrize(
    "case", [case for case in CASES if "classes" in case.kind and "soft" not in case.kind], ids=str
)
def test_class_indices_may_be_bytes(case, kind):
    x, t = ordinary(case, 2000)
    wanted, slopes = case.loss.loss_and_grad(x, t)
    value, gradient = case.loss.loss_and_grad(x, t.astype(kind))
    assert np.array_equal(value, wanted) and np.array_equal(gradient, slopes)
    total = with_reduction(case.loss, "mean")
    assert total.loss(x, t.astype(kind)) == total.loss(x, t)


@pytest.mark.parametrize("case", SUMMED, ids=str)
def test_ordinary_numbers_are_summed_without_terms(case):
    x, t = ordinary(case, 5000)
    assert np.isfinite(case.loss._sum_quickly(x, t, np.empty_like(x), 1.0))


def test_a_subclass_with_other_terms_has_another_sum():
    class Doubled(losses.HuberLoss):
        def _of_residual(self, r):
            return tuple(2 * part for part in super()._of_residual(r))

    x = np.linspace(-3, 3, 5000)
    assert Doubled().loss(x, 0 * x) == pytest.approx(2 * losses.HuberLoss().loss(x, 0 * x), rel=1e-14)


@every_loss
def test_float32_stays_float32(case):
    x, t = ordinary(case, 50)
    single = x.astype(np.float32)
    if case.kind == "simplex":
        single /= single.sum(axis=1, keepdims=True)
    short = case.loss.loss_and_grad(single, t)
    with np.errstate(over="ignore", invalid="ignore"):
        double = case.loss.loss_and_grad(single.astype(float), t if case.kind != "residual" else t.astype(np.float32))
        for ours, theirs in zip(short, double, strict=True):
            assert np.asarray(ours).dtype == np.float32
            finite = np.abs(theirs) < 1e30
            scale = 1e-5 * (1 + np.abs(theirs[finite]).max(initial=0) * 0.01) if np.ndim(theirs) else 1e-5
            np.testing.assert_allclose(np.asarray(ours)[finite], np.asarray(theirs)[finite], rtol=3e-5, atol=scale)


PERFECT = {
    "residual": ([0.0, 3.0, -1e20], [0.0, 3.0, -1e20]),
    "batch": ([0.0, 3.0], [0.0, 3.0]),
    "margin": ([1e4, -1e4], [1.0, -1.0]),
    "logit": ([1e4, -1e4], [1.0, 0.0]),
    "hard logit": ([1e4, -1e4], [1.0, 0.0]),
    "chance": ([0.0, 1.0], [0.0, 1.0]),
    "log chance": ([0.0, -5.0], [1.0, 0.0]),
    "classes": ([[1e4, 0.0, 0.0]], [0]),
    "log classes": ([[0.0, -900.0, -800.0]], [0]),
    "soft classes": ([[1e4, 0.0, 0.0]], [[1.0, 0.0, 0.0]]),
    "simplex": ([[0.0, 1.0, 0.0]], [1]),
    "teacher": ([[1.0, 2.0, -4.0]], [[2.0, 3.0, -3.0]]),
    "width": ([[3.0, 0.0]], [3.0]),
    "bins": ([[0.0, 0.0, 1e4, 0.0]], [0.5]),
    "features": ([[1e5, 2.5e4]], [0]),
}


@every_loss
def test_a_perfect_prediction_costs_nothing(case):
    value, slopes = case.loss.loss_and_grad(*PERFECT[case.kind])
    constant = isinstance(case.loss, losses.AdaptiveRobustLoss)
    soft = getattr(case.loss, "label_smoothing", 0) or getattr(case.loss, "sigma", 0)
    if soft:
        assert (np.asarray(value) > 1).all(), "certainty is punished where the target leaves room"
    elif not constant:
        assert (np.asarray(value) == 0).all()
    if not soft:
        moving = np.abs(slopes).max()
        assert moving == 0 or isinstance(
            case.loss, losses.NLLLoss | losses.KLDivLoss | ProbabilityLoss | losses.GaussianNLLLoss
        )


# The facts that can be checked by number.


def wild_line(case):
    """Return predictions from far wrong to far right, and targets, as a batch along one line."""
    at = np.linspace(-50, 50, 20_001)
    kind = case.kind
    if kind in ("residual",):
        return at, np.zeros_like(at)
    if kind in ("margin", "logit", "hard logit"):
        return at, np.ones_like(at)
    if kind == "chance":
        return np.linspace(0, 1, 20_001)[1:], np.ones(20_000)
    if kind == "log chance":
        return -np.abs(at), np.ones_like(at)
    if kind == "features":
        return at[:, None] * np.array([0.6, 0.8]) + np.array([0.3, -0.1]), np.zeros(at.size, int)
    if kind == "width":
        return at[:, None] * np.array([1.0, 0.0]), np.zeros_like(at)
    if kind == "bins":
        return at[:, None] * np.array([1.0, -0.5, 0.25, 0.0]), np.full(at.size, 0.5)
    if kind == "simplex":
        p = np.linspace(0, 1, 20_001)
        return np.stack([p, (1 - p) / 4, (1 - p) * 3 / 4], axis=1), np.zeros(p.size, int)
    x = at[:, None] * np.array([1.0, -0.5, 0.25]) + np.array([0.0, 0.1, -0.2])
    if kind == "log classes":
        return log_softmax(x), np.zeros(at.size, int)
    if kind == "teacher":
        return x, np.tile([3.0, 0.0, -1.0], (at.size, 1))
    if kind == "soft classes":
        return x, np.tile([0.5, 0.25, 0.25], (at.size, 1))
    return x, np.zeros(at.size, int)


@every_loss
def test_convexity(case):
    if case.kind == "batch":
        return
    chance = np.random.default_rng(1)
    worst = 0.0
    for seed in range(4):
        x, t = ordinary(case, 2000, seed)
        other = ordinary(case, 2000, seed + 10)[0] if case.kind != "log classes" else x
        spread = chance.choice([0.03, 0.3, 1.0, 4.0], 2000).reshape(-1, *[1] * (x.ndim - 1))
        if case.kind in ("chance", "simplex", "log chance", "log classes"):
            spread = 1.0
        first, second = spread * x, spread * other
        with np.errstate(over="ignore", invalid="ignore"):
            ends = case.loss.loss(first, t) / 2 + case.loss.loss(second, t) / 2
            middle = case.loss.loss(first / 2 + second / 2, t)
        held = np.isfinite(ends) & np.isfinite(middle)
        worst = max(worst, float(((middle[held] - ends[held]) / (1e-9 + np.abs(ends[held]))).max()))
    assert case.loss.facts.convex == (worst < 1e-7), f"the middle lies above the ends by {worst:.1e}"


@every_loss
def test_smoothness_and_steepness(case):
    facts = case.loss.facts
    if case.kind == "batch":
        return
    x, t = wild_line(case)
    with np.errstate(over="ignore", invalid="ignore"):
        terms, slopes = case.loss.loss_and_grad(x, t)
    held = np.isfinite(terms) & (np.abs(terms) < 1e6)
    size = np.abs(slopes.reshape(len(x), -1)[held]).max()
    if case.kind == "hard logit":
        size = max(size, np.abs(case.loss.grad(x, 1 - t)).max())
    if case.kind in ("residual", "margin"):  # far away, and where the loss jumps
        with np.errstate(over="ignore", invalid="ignore"):
            far = abs(case.loss.grad([-1e150], [1.0])[0])
        jumps = np.abs(np.diff(terms[held])).max() / 0.005 if not facts.smooth else 0
        size = max(size, far, jumps)
    if facts.lipschitz is not None and math.isfinite(facts.lipschitz):
        assert size <= facts.lipschitz * (1 + 1e-9)
    if case in STEEP:
        assert size >= 0.99 * facts.lipschitz, "the bound is reached"
    if facts.lipschitz == math.inf and not is_barely_steep(case):
        assert size > 30
    # The gradient jumps where the loss has a kink, however fine the grid.
    middle = FINE.get(case.kind)
    if middle is not None:
        low, high = (-1, 1) if np.array_equal(getattr(case.loss, "alpha", None), math.inf) else middle
        scale = np.linspace(low, high, 20_001)
        points, wanted = (
            (scale, t[:1].repeat(scale.size)) if x.ndim == 1
            else (scale[:, None] * np.array([1.0, -0.5, 0.25])[: x.shape[1]] + np.array([0.0, 0.1, -0.2])[: x.shape[1]],
                  t[:1].repeat(scale.size, axis=0))
        )  # fmt: skip
        if case.kind == "features":
            points = scale[:, None] * np.array([1.0, 0.5])
        terms, slopes = case.loss.loss_and_grad(points, wanted)
        jump = max(np.abs(np.diff(slopes, axis=0)).max(), np.abs(np.diff(terms)).max())
        assert facts.smooth == bool(jump < 0.05), f"largest jump {jump:.2g}"


def is_barely_steep(case):
    """Say whether the slope grows without bound, but so slowly that no float is large enough to see it."""
    return 1 < getattr(case.loss, "alpha", None) < 1.1 if isinstance(case.loss, losses.GeneralRobustLoss) else False


FINE = {kind: (-3, 3) for kind in ("residual", "margin", "logit", "hard logit", "classes", "teacher", "features")}
STEEP = [
    case for case in CASES
    if case.kind in ("residual", "margin", "logit", "hard logit")
    and case.loss.facts.lipschitz not in (None, math.inf) and not isinstance(case.loss, losses.ZeroOneLoss)
    and not isinstance(case.loss, losses.BCEWithLogitsLoss | losses.QuantileLoss)
]  # fmt: skip


@pytest.mark.parametrize("case", REGRESSION, ids=str)
def test_robust_losses_are_hardly_moved_by_one_wild_target(case):
    if case.kind not in ("residual", "batch") or is_barely_steep(case):
        return
    ordinary_targets = np.array([-1.0, -0.5, 0.0, 0.0, 0.25, 0.5, 1.0])
    guesses = np.linspace(-50, 50, 2001)
    wild = np.append(ordinary_targets, 1000.0)
    with np.errstate(over="ignore", invalid="ignore"):
        if case.kind == "batch":
            costs = np.array([case.loss.loss(np.full(wild.size, g), wild) for g in guesses])
        else:
            batches = np.broadcast_arrays(guesses[:, None], wild)
            costs = case.loss.loss(*batches).mean(axis=1)
        finite = np.isfinite(costs)
    moved = guesses[np.argmin(np.where(finite, costs, np.inf))] if finite.any() else 50.0
    assert case.loss.facts.robust == bool(abs(moved) < 5), f"the best constant is {moved}"


@pytest.mark.parametrize("case", BINARY, ids=str)
def test_which_binary_losses_are_proper_and_calibrated(case):
    at = np.linspace(1e-6, 1 - 1e-6, 400_001) if case.kind == "chance" else np.linspace(-12, 12, 400_001)
    yes = case.loss.loss(at, np.ones_like(at))
    no = case.loss.loss(at, np.full_like(at, -1.0 if case.kind == "margin" else 0.0))
    right, told = [], []
    for eta in (0.1, 0.3, 0.45, 0.55, 0.7, 0.9):
        risk = eta * yes + (1 - eta) * no
        best = at[risk <= risk.min() + 1e-12]
        decision = best > 0.5 if case.kind == "chance" else best > 0
        right.append(bool((decision == (eta > 0.5)).all()))
        unique = best.max() - best.min() < 0.05
        told.append(unique and case.link is not None and abs(case.link(best.mean()) - eta) < 2e-3)
    assert case.loss.facts.calibrated == all(right)
    assert case.loss.facts.proper == all(told)


@pytest.mark.parametrize("case", [case for case in CLASSES if case.kind == "classes"], ids=str)
def test_which_losses_of_classes_are_proper_and_calibrated(case):
    from scipy.optimize import minimize

    right, told = [], []
    for p in ([0.5, 0.3, 0.2], [0.42, 0.38, 0.2], [0.6, 0.25, 0.15], [0.2, 0.38, 0.42]):

        def risk(z, p=p):
            rows = np.tile(z, (3, 1))
            terms, slopes = case.loss.loss_and_grad(rows, [0, 1, 2])
            return p @ terms, p @ slopes

        if case.loss.facts.smooth:
            best = minimize(risk, np.zeros(3), jac=True, method="BFGS", options={"gtol": 1e-10}).x
        else:
            grid = np.linspace(-1.5, 1.5, 41)  # the corners of the hinges lie on it
            points = np.stack(np.meshgrid(grid, grid, [0.0], indexing="ij"), -1).reshape(-1, 3)
            costs = sum(w * case.loss.loss(points, np.full(len(points), k)) for k, w in enumerate(p))
            best = points[np.argmin(costs)]
        ordered = np.sort(best)
        right.append(int(np.argmax(best)) == int(np.argmax(p)) and ordered[-1] - ordered[-2] > 1e-4)
        told.append(case.link is not None and np.abs(case.link(best) - p).max() < 1e-4)
    assert case.loss.facts.calibrated == all(right)
    assert case.loss.facts.proper == all(told)


def test_large_margin_gradient_by_the_class_vectors():
    x, y = ordinary(CASES[[c.kind for c in CASES].index("features")], 20)
    for m in (1, 2, 4):
        vectors = np.array(VECTORS)
        got = losses.LargeMarginSoftmaxLoss(vectors, margin=m).grad_class_vectors(x, y)
        for index in np.ndindex(vectors.shape):
            up, down = vectors.copy(), vectors.copy()
            up[index] += 1e-6
            down[index] -= 1e-6
            slope = losses.LargeMarginSoftmaxLoss(up, margin=m).loss(x, y) - losses.LargeMarginSoftmaxLoss(
                down, margin=m
            ).loss(x, y)
            assert got[index] == pytest.approx(slope / 2e-6, rel=1e-6, abs=1e-8)
