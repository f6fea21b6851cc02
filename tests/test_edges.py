"""The edges of the losses' domain: odd arguments, masked classes, ignored rows, extreme parameters, copies."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import tracemalloc
import warnings

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mpmath import mpf
from torch.nn import functional as F  # noqa: N812

from lossbook import losses
from lossbook.coding import prefix_code
from lossbook.functions import as_floats, log_softmax, logsumexp, softmax
from lossbook.information import entropy, js_divergence, kl_divergence, kl_normal, wasserstein_1d
from lossbook.likelihood import Categorical
from lossbook.losses.critic import gradient_penalty
from lossbook.losses.options import Option

GIVEN = {"edges": [0.0, 1.0, 2.0], "class_vectors": [[1.0, 0.0], [0.0, 1.0]]}
CONCRETE = [
    thing for name, thing in inspect.getmembers(losses, inspect.isclass)
    if name.endswith("Loss") and not inspect.isabstract(thing)
]  # fmt: skip


def made(kind):
    """Return a loss with its defaults."""
    return kind(**{name: GIVEN[name] for name in inspect.signature(kind).parameters if name in GIVEN})


# Arguments.


@pytest.mark.parametrize("kind", CONCRETE)
def test_arguments_are_given_by_name(kind):
    by_position = [name for name, p in inspect.signature(kind).parameters.items() if p.kind is not p.KEYWORD_ONLY]
    # What must be given may come first; a recorded experiment gives Barron's two.
    recorded = ["alpha", "c"] if kind is losses.AdaptiveRobustLoss else []
    assert by_position == (recorded or [name for name in inspect.signature(kind).parameters if name in GIVEN])


@pytest.mark.parametrize("kind", CONCRETE)
def test_arguments_are_checked_whenever_they_are_set(kind):
    for name in inspect.signature(kind).parameters:
        assert isinstance(getattr(kind, name), Option), f"{name} is not checked"
        for odd in ("x", object(), math.nan, [1.0, -1.0], 1 + 2j, -math.inf, np.ma.masked_array(1.0, mask=True)):
            if isinstance(odd, float) and name == "alpha" and odd == -math.inf and kind is losses.GeneralRobustLoss:
                continue
            with pytest.raises(ValueError, match=rf"^{name}: expected .*, got "):
                kind(**({key: GIVEN[key] for key in inspect.signature(kind).parameters if key in GIVEN} | {name: odd}))
            loss = made(kind)
            before = repr(loss) if isinstance(loss, losses.Loss) else str(vars(loss))
            with pytest.raises(ValueError, match=rf"^{name}: expected .*, got "):
                setattr(loss, name, odd)
            assert before == (repr(loss) if isinstance(loss, losses.Loss) else str(vars(loss)))
        if name not in ("half", "scaled", "log_target"):
            with pytest.raises(ValueError, match=f"^{name}: expected"):
                setattr(made(kind), name, True)


def test_numbers_of_any_type_are_arguments():
    for two in (2, 2.0, np.float32(2), np.int64(2), np.array(2.0), torch.tensor(2.0), torch.tensor(2)):
        loss = losses.HuberLoss(delta=two)
        assert loss.delta == 2 and type(loss.delta) is float
        assert losses.CrossEntropyLoss(ignore_index=int(two)).ignore_index == 2
    loss.delta = np.array(0.5)
    assert loss.loss([1.0], [0.0]) == 0.375, "what is set later counts"
    game = losses.LeastSquaresGANLoss()
    game.b, game.reduction = 3, "sum"
    assert game.discriminator.loss([1.0, 1.0], [0.0]) == 4


def test_a_loss_can_be_called():
    assert losses.MSELoss()([1.0, 3.0], [0.0, 1.0]) == 2.5
    assert losses.PerceptualLoss()([np.ones((1, 2, 2))], [np.zeros((1, 2, 2))]) == 1


def test_weights_cannot_be_changed_behind_the_check():
    given_ = np.array([1.0, 2.0])
    loss = losses.NLLLoss(weight=given_)
    given_[0] = -1
    assert loss.weight.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        loss.weight[0] = -1


@pytest.mark.parametrize("kind", CONCRETE)
def test_copies_are_independent(kind):
    loss = made(kind)
    for other in (copy.copy(loss), copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert type(other) is kind and str(vars(other)) == str(vars(loss))
    game = losses.LeastSquaresGANLoss()
    player = game.discriminator
    other = copy.deepcopy(game)
    other.b = 5
    assert other.discriminator.loss([5.0], [0.0]) == 0 and game.discriminator.loss([1.0], [0.0]) == 0
    assert pickle.loads(pickle.dumps(player)).loss([1.0], [0.0]) == 0


# Classes that are masked out.

SOFTMAX = [
    losses.CrossEntropyLoss(), losses.CrossEntropyLoss(temperature=2.5), losses.SoftmaxFocalLoss(),
    losses.SoftmaxFocalLoss(gamma=0.5), losses.Poly1Loss(), losses.Poly1Loss(epsilon=-1),
    losses.Poly1Loss(epsilon=-0.5),
]  # fmt: skip
some_logits = arrays(np.float64, (4, 6), elements=st.floats(-30, 30))


def masked(x, out):
    other = x.copy()
    other[:, out] = -np.inf
    return other


@pytest.mark.parametrize("loss", SOFTMAX, ids=repr)
@given(x=some_logits, out=st.lists(st.integers(1, 5), max_size=4), soft=st.booleans())
def test_masked_classes_are_as_if_they_were_not_there(loss, x, out, soft):
    left = [k for k in range(6) if k not in out]
    y = np.zeros(4, int)
    t = softmax(x[::-1, left] / 10)
    whole = np.zeros_like(x)
    whole[:, left] = t
    soft = soft and isinstance(loss, losses.CrossEntropyLoss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slopes = loss.loss_and_grad(masked(x, out), whole if soft else y)
    expected, steep = loss.loss_and_grad(x[:, left], t if soft else y)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(slopes[:, left], steep, rtol=1e-12, atol=1e-16)
    assert (slopes[:, sorted(set(out))] == 0).all()
    if type(loss) is losses.CrossEntropyLoss and not soft:
        z = torch.tensor(masked(x, out), requires_grad=True)
        theirs = F.cross_entropy(z / loss.temperature, torch.tensor(y))
        theirs.backward()
        assert value == pytest.approx(theirs.item(), rel=1e-12, abs=1e-15)
        np.testing.assert_allclose(slopes, z.grad.numpy(), rtol=1e-9, atol=1e-15)


@given(x=some_logits, b=some_logits, out=st.lists(st.integers(1, 5), max_size=4), temperature=st.sampled_from([1, 4]))
def test_masked_classes_of_student_and_teacher(x, b, out, temperature):
    left = [k for k in range(6) if k not in out]
    loss = losses.DistillationLoss(temperature=temperature)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slopes = loss.loss_and_grad(masked(x, out), masked(b, out))
        of_teacher, steep = loss.loss_and_grad(x, masked(b, out))
    expected, wanted = loss.loss_and_grad(x[:, left], b[:, left])
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-28)
    np.testing.assert_allclose(slopes[:, left], wanted, rtol=1e-11, atol=1e-15)
    assert (slopes[:, sorted(set(out))] == 0).all()
    # Where the teacher alone rules a class out, the student pays for what it gives that class.
    t, log_s = softmax(masked(b, out) / temperature), log_softmax(x / temperature)
    log_t = log_softmax(b[:, left] / temperature)
    direct = temperature**2 * (t[:, left] * (log_t - log_s[:, left])).sum() / 4
    assert of_teacher == pytest.approx(direct, rel=1e-10, abs=1e-11)
    np.testing.assert_allclose(steep, temperature * (np.exp(log_s) - t) / 4, rtol=1e-9, atol=1e-13)


def test_a_masked_target_is_infinitely_wrong():
    x = np.array([[-np.inf, 1.0, 0.0], [2.0, 0.0, 1.0]])
    p = softmax(x)
    for loss in SOFTMAX:
        value, slopes = loss.loss_and_grad(x, [0, 0])
        assert value == np.inf and np.isfinite(slopes).all() and slopes[0, 0] < 0
        ignoring = copy.copy(loss)
        ignoring.ignore_index, ignoring.reduction = 0, "sum"
        assert np.isfinite(ignoring.loss(x, [0, 1]))
    soft = losses.CrossEntropyLoss(reduction="none").loss(x, [[0.5, 0.25, 0.25], [0, 0, 1]])
    assert soft[0] == np.inf and soft[1] == pytest.approx(-math.log(p[1, 2]))
    assert losses.CrossEntropyLoss(label_smoothing=0.1).loss(x, [1, 1]) == np.inf, "as in PyTorch"
    assert F.cross_entropy(torch.tensor(x), torch.tensor([1, 1]), label_smoothing=0.1).item() == np.inf
    value, slopes = losses.DistillationLoss(reduction="none").loss_and_grad(x, [[0.0, 0, 0], [2, 0, 1]])
    assert value.tolist() == [np.inf, 0] and slopes[0].tolist() == pytest.approx((p[0] - 1 / 3).tolist())
    binned = losses.BinnedCrossEntropyLoss([0.0, 1.0, 2.0, 3.0], reduction="none")
    assert binned.loss(x, [1.5, 0.5])[0] == pytest.approx(-math.log(p[0, 1])) and binned.loss(x, [0.5, 1])[0] == np.inf


@pytest.mark.parametrize(
    "loss", [*SOFTMAX, losses.DistillationLoss(), losses.BinnedCrossEntropyLoss([0, 1, 2])], ids=repr
)
def test_a_row_that_is_masked_as_a_whole_is_named(loss):
    x = np.full((2, 2), -np.inf)
    x[0] = 1
    targets = np.zeros((2, 2)) if isinstance(loss, losses.DistillationLoss) else [0, 1]
    with pytest.raises(ValueError, match="predictions: expected a finite logit in every row, got a row of −inf alone"):
        loss.loss(x, targets)
    with pytest.raises(ValueError, match="predictions: expected finite logits, or −inf, got inf"):
        loss.loss(-x, targets)


# Rows that are ignored.

IGNORING = [
    losses.CrossEntropyLoss, losses.NLLLoss, losses.SoftmaxFocalLoss, losses.Poly1Loss, losses.MultiMarginLoss,
    lambda **options: losses.CrossEntropyLoss(label_smoothing=0.1, **options),
    lambda **options: losses.CrossEntropyLoss(weight=[1.0, 2.0, 0.5], **options),
    lambda **options: losses.CrossEntropyLoss(weight=[1.0, 2.0, 0.5], label_smoothing=0.3, **options),
]  # fmt: skip


@pytest.mark.parametrize("make", IGNORING)
@pytest.mark.parametrize("ignored", [-100, -1, 0, 2, 3, 255])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_ignored_rows_count_for_nothing(make, ignored, reduction):
    chance = np.random.default_rng(0)
    x = log_softmax(chance.normal(size=(8, 3)))
    y = np.array([0, ignored, 1, 2, ignored, 1, ignored, 0])
    kept = y != ignored
    loss = make(ignore_index=ignored, reduction=reduction)
    value, slopes = loss.loss_and_grad(x, y)
    expected, wanted = loss.loss_and_grad(x[kept], y[kept])
    np.testing.assert_allclose(value[kept] if reduction == "none" else value, expected, rtol=1e-14)
    np.testing.assert_allclose(slopes[kept], wanted, rtol=1e-14)
    assert (slopes[~kept] == 0).all() and (reduction != "none" or (value[~kept] == 0).all())
    if reduction == "mean":
        with pytest.raises(ValueError, match="every row is ignored"):
            loss.loss(x, np.full(8, ignored))


# Accuracy at the edges.


def test_offsets_of_both_nets_cancel():
    with mpmath.workdps(60):
        for offset in (0.0, 1e6, 1e15):
            x, b = [offset + 1, offset + 2, offset + 3], [3.0, 1.0, 0.2]
            t = [mpmath.exp(mpf(v)) for v in b]
            s = [mpmath.exp(mpf(v) - mpf(offset)) for v in x]
            t, s = [v / mpmath.fsum(t) for v in t], [v / mpmath.fsum(s) for v in s]
            exact = mpmath.fsum(p * mpmath.log(p / q) for p, q in zip(t, s, strict=True))
            got = losses.DistillationLoss().loss([x], [b])
            assert abs(got - exact) <= 1e-15 * exact
    short = losses.DistillationLoss().loss(np.float32([[10001, 10002, 10003]]), np.float32([[3, 1, 0.2]]))
    assert short == pytest.approx(1.6450491576483013, rel=1e-6)
    slopes = losses.DistillationLoss().grad([[0.0, 1e17, 1.0]], [[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(slopes, softmax([[0.0, 1e17, 1.0]]) - softmax([[1.0, 2.0, 3.0]]), rtol=1e-15)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("classes", [1000, 16_384])
@pytest.mark.parametrize("make", [losses.CrossEntropyLoss, losses.SoftmaxFocalLoss])
def test_many_classes_with_one_that_dominates(make, classes, kind):
    chance = np.random.default_rng(3)
    x = chance.normal(size=(2, classes)).astype(kind)
    x[:, 7] = 40 if kind is np.float64 else 12
    y = np.array([7, 11])
    got = make(reduction="sum").grad(x, y)
    if make is losses.CrossEntropyLoss:
        with mpmath.workdps(40):
            powers = [mpmath.exp(mpf(float(v))) for v in x[0]]
            total = mpmath.fsum(powers)
            own = -(total - powers[7]) / total
            assert abs(mpf(float(got[0, 7])) / own - 1) <= 20 * np.finfo(kind).eps
    assert abs(math.fsum(got[0].tolist())) <= 20 * np.finfo(kind).eps * abs(got[0, 7])


def test_tukey_near_its_edge():
    with mpmath.workdps(60):
        for c in (3.0, 4.685, 0.1):
            for below in (1e-2, 1e-3, 1e-6, 1e-9, 1e-12):
                r = c * (1 - below)
                exact = mpf(r) * (1 - (mpf(r) / mpf(c)) ** 2) ** 2
                got = losses.TukeyBiweightLoss(c=c).grad([r], [0.0])[0]
                assert abs(got / exact - 1) <= 1e-15


EXTREME = [1e-300, 1e-160, 1e-20, 0.7, 1.0, 1e20, 1e158, 1e300]
WITH_SCALE = {
    losses.HuberLoss: "delta", losses.SmoothL1Loss: "beta", losses.PseudoHuberLoss: "delta", losses.CauchyLoss: "c",
    losses.TukeyBiweightLoss: "c", losses.GeneralRobustLoss: "c", losses.EpsilonInsensitiveLoss: "epsilon",
}  # fmt: skip


@pytest.mark.parametrize("kind", WITH_SCALE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_no_scale_is_too_extreme(kind, dtype):
    sizes = [1e-300, 1e-150, 1e-30, 0.0, 1.0, 1e10, 1e30, 1e150, 1e190, 1e300, math.inf]
    sizes = sizes if dtype is np.float64 else [1e-40, 1e-30, 0.0, 1.0, 1e10, 1e38, math.inf]
    r = np.array([sign * size for size in sizes for sign in (1, -1)], dtype)
    alphas = [2.0, 1.0, 0.5, 0.0, -2.0, -math.inf, math.inf] if kind is losses.GeneralRobustLoss else [None]
    for scale in EXTREME:
        for alpha in alphas:
            options = {WITH_SCALE[kind]: scale} | ({} if alpha is None else {"alpha": alpha})
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                terms, slopes = kind(reduction="none", **options).loss_and_grad(r, np.zeros_like(r))
            assert not np.isnan(terms).any() and not np.isnan(slopes).any(), (options, r[np.isnan(terms + slopes)])
            assert terms.dtype == slopes.dtype == dtype
            assert (terms >= 0).all() and (slopes * np.sign(r) >= 0).all()


def test_values_with_extreme_scales():
    assert losses.CauchyLoss(c=1e-300).loss([1e10], [0.0]) == 0
    assert losses.CauchyLoss(c=1e158).loss([1e150], [0.0]) == pytest.approx(5e299, rel=1e-15)
    assert losses.SmoothL1Loss(beta=1e50).loss(np.float32([1e10]), np.float32([0])) == np.float32(5e-31)
    assert losses.Poly1Loss(epsilon=-1).loss([[1e308, -1e308]], [1]) == np.inf


@pytest.mark.parametrize("size", [1e-199, 1e-320, 1e-3, 1.0, 1e160, 1e300])
def test_the_norm_of_a_critics_slope_neither_overflows_nor_vanishes(size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradient = gradient_penalty([[3 * size, 4 * size]], weight=1.0)
    np.testing.assert_allclose(
        gradient, 2 * (5 * size - 1) * np.array([[0.6, 0.8]]), rtol=1e-14 if size > 1e-300 else 0.1
    )
    assert value == (pytest.approx((5 * size - 1) ** 2) if size < 1e150 else np.inf)


def test_the_brier_score_needs_room_for_its_rows_only():
    p = np.full((2, 50_000), 1 / 50_000)
    tracemalloc.start()
    value = losses.BrierLoss().loss(p, [0, 49_999])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert value == pytest.approx(1 - 1 / 50_000) and peak < 10 * p.nbytes


# Divergences.

rows_of_odds = arrays(
    np.float64, (3, 5), elements=st.sampled_from([0.0, 5e-324, 1e-320, 1e-310, 1e-50, 1e-45, 1e-9, 0.3, 1.0])
)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@given(p=rows_of_odds, q=rows_of_odds)
def test_divergences_of_the_rarest_events(kind, p, q):
    p[:, 0] += 0.1
    q[:, 4] += 0.1
    p, q = ((x / x.sum(axis=1, keepdims=True)).astype(kind) for x in (p, q))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        js, kl = js_divergence(p, q), kl_divergence(p, q)
        assert (js >= 0).all() and (js <= np.log(kind(2))).all() and js.dtype == kind
        assert (kl >= -2 * np.finfo(kind).eps).all() and not np.isnan(kl).any() and kl.dtype == kind
        assert (js_divergence(p, p) == 0).all() and (kl_divergence(p, p) == 0).all()
    held = ((q > 0) | (p == 0)).all(axis=1)
    assert (np.isinf(kl) == ~held).all()


def test_divergence_of_long_rows_is_exact():
    chance = np.random.default_rng(5)
    p = softmax(chance.normal(size=(3, 1001)))
    q = softmax(np.log(p) + 1e-9 * chance.normal(size=p.shape))
    with mpmath.workdps(50):
        for a, b, got in zip(p, q, kl_divergence(p, q), strict=True):
            exact = mpmath.fsum(mpf(x) * mpmath.log(mpf(x) / mpf(y)) for x, y in zip(a, b, strict=True))
            assert abs(got - exact) <= 1e-13 * abs(exact)


def test_float32_probabilities_are_computed_in_float64():
    p = np.float32([0.1, 0.2, 0.7])
    assert Categorical().log_likelihood(p, [0, 1, 2]) == Categorical().log_likelihood(p.astype(float), [0, 1, 2])


# What is said where the input is wrong.

MASKED = np.ma.masked_array([0.5, 0.5], mask=[True, False])


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: entropy([[0.5, 0.5], [0.5, 0.6]]), "p: expected rows that sum to 1, got a sum of 1.1"),
        (lambda: losses.NLLLoss(weight=[np.inf, 1]), "weight: expected finite weights that are not negative, got inf"),
        (
            lambda: losses.NLLLoss(weight=[1e308, 1e308]).loss(np.log([[0.5, 0.5]] * 2), [0, 1]),
            "weight: expected weights whose sum over all rows is finite, got inf",
        ),
        (
            lambda: losses.CrossEntropyLoss().loss([[1.0, 2]], [0.0]),
            "expected integer class indices, got dtype float64",
        ),
        (lambda: losses.CrossEntropyLoss().loss([[1.0, 2]], [True]), "expected integer class indices, got dtype bool"),
        (lambda: losses.BrierLoss().loss([[0.5, 0.5]], [1.0]), "expected integer class indices, got dtype float64"),
        (lambda: entropy([0.5, 0.5], base="two"), "base: expected a finite positive number other than 1, got 'two'"),
        (lambda: entropy([0.5, 0.5], base=math.inf), "base: expected a finite positive number other than 1, got inf"),
        (lambda: logsumexp([1.0], axis="rows"), "axis: expected an axis of x"),
        (lambda: softmax([1.0], axis=0.0), "axis: expected an axis of x"),
        (lambda: wasserstein_1d([0.5, 0.5], [0.5, 0.5], [0, math.inf]), "positions: expected 2 finite numbers"),
        (lambda: kl_normal(math.nan, 1, 0, 1), "mean_p: expected finite numbers, got nan"),
        (lambda: kl_normal(0, 1, math.inf, 1), "mean_q: expected finite numbers, got inf"),
        (lambda: prefix_code([1e308]), "lengths: expected whole numbers from 1 to 10000"),
        (lambda: as_floats(MASKED, "x"), "x: expected an array of numbers, got a masked array"),
        (lambda: losses.MSELoss().loss([0.5, 0.5], MASKED), "targets: expected .*, got a masked array"),
        (lambda: losses.CrossEntropyLoss().loss([[1.0, 2.0]], np.ma.masked_array([0])), "targets: .*masked array"),
        (lambda: losses.HingeGANLoss().generator.loss(MASKED), "fake: expected .*, got a masked array"),
        (lambda: entropy(MASKED), "p: expected .*, got a masked array"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("weight", [[1e-12, 1.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1e12, 1.0]])
@pytest.mark.parametrize("logits", [[-30.0, 1.0, 2.0], [0.0, 40.0, 1.0], [3.0, 1.0, 2.0]])
def test_a_slope_keeps_its_digits_where_the_weights_tell_against_the_target(weight, logits):
    loss = losses.CrossEntropyLoss(weight=weight, label_smoothing=0.1, reduction="sum")
    with mpmath.workdps(60):
        powers = [mpmath.exp(mpf(z)) for z in logits]
        shares = [mpf(w) * ((1 - mpf(0.1)) * (k == 0) + mpf(0.1) / 3) for k, w in enumerate(weight)]
        p = [power / sum(powers) for power in powers]
        wanted = [float(p[k] * sum(shares) - share) for k, share in enumerate(shares)]
        room = [4e-16 * float(p[k] * sum(shares) + share) for k, share in enumerate(shares)]
    slopes = loss.grad([logits], [0])[0]
    assert (np.abs(slopes - wanted) <= room).all()
