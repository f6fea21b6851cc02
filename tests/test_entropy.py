"""The chapter on entropy: its derivations are proved, and its figures compute what `lossbook.information` computes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawn import built
from sympy import Derivative, Eq

from lossbook import information
from lossbook.coding import huffman_lengths
from lossbook.derivations import entropy as formulas
from lossbook.derivations.derivation import Derivation, DerivationError

CHANCE = np.random.default_rng(5)


def marks_of(figure, panel, kind):
    """Return the declared marks of one kind."""
    return [mark for mark in figure.spec["panels"][panel]["marks"] if mark["kind"] == kind]


def area(figure, panel, values):
    """Return the area of all blocks of a panel; a block without width has none."""
    return sum(block_areas(figure, panel, values))


def block_areas(figure, panel, values):
    """Return the area of each block of a panel."""
    areas = []
    for mark in marks_of(figure, panel, "area"):
        low, high = (figure.number(end, values) for end in mark["range"])
        height = float(figure.number(mark["y"], values, 0.0)) - float(figure.number(mark["base"], values, 0.0))
        areas.append((high - low) * height if high > low else 0.0)
    return areas


@pytest.mark.parametrize(
    "wrong",
    [
        Eq(formulas.p * formulas.Slope(formulas.p * formulas.q), formulas.Slope(formulas.p)),
        Eq(formulas.q * formulas.Slope(formulas.q), formulas.Slope(formulas.p)),
        Eq(formulas.q * formulas.Slope(formulas.p * formulas.q), 2 * formulas.Slope(formulas.p)),
    ],
)
def test_a_wrong_slope_of_the_unknown_surprise_is_refused(wrong):
    p, q, surprise = formulas.p, formulas.q, formulas.Surprise
    start = Eq(Derivative(surprise(p * q), p), Derivative(surprise(p) + surprise(q), p), evaluate=False)
    with pytest.raises(DerivationError, match="do not have the same solutions"):
        Derivation(start).step(wrong, "chain rule")


@pytest.mark.parametrize("p", [0.0, 0.01, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("unit, base", [("bits", 2), ("nats", None)])
def test_blocks_of_a_coin_have_its_entropy(p, unit, base):
    figure = built("entropy.binary_entropy")
    values = figure.values(p=p, unit=unit)
    assert area(figure, 0, values) == pytest.approx(information.binary_entropy(p, base=base), rel=1e-12)


def test_blocks_of_the_weather_have_its_entropy():
    figure = built("entropy.outcomes")
    for _ in range(50):
        names = [name for name in figure.parameters if name != "unit"]
        days = dict(zip(names, CHANCE.integers(0, 30, 5) + [1, 0, 0, 0, 0], strict=True))
        values = figure.values(**days)
        bits = information.entropy(np.array(list(days.values())) / sum(days.values()), base=2)
        assert area(figure, 1, values) == pytest.approx(bits, rel=1e-12)
        assert f"Entropy {bits:.3f} bits, at most 2.322" in figure.text(figure.spec["readout"][0], values)


def test_the_hill_is_the_entropy_of_three_outcomes_and_ends_at_the_triangle():
    figure = built("entropy.triangle")
    (contour,) = marks_of(figure, 0, "contour")
    rows = CHANCE.dirichlet(np.ones(3), size=200)
    height = figure.number(contour["z"], figure.values(), rows[:, 0], rows[:, 1])
    np.testing.assert_allclose(height, information.entropy(rows, base=2), rtol=1e-12)
    assert np.isnan(figure.number(contour["z"], figure.values(), np.array([0.6]), np.array([0.5])))[0]


def test_the_figure_knows_every_best_code_of_four_letters():
    figure = built("coding.huffman")
    (bars,) = marks_of(figure, 1, "bars")
    grid = [*CHANCE.integers(1, 31, (300, 4)), *CHANCE.integers(1, 4, (300, 4)), [8, 4, 2, 2], [5, 5, 5, 5]]
    for counts in np.array(grid):
        values = figure.values(**dict(zip("ABCD", counts, strict=True)))
        lengths = np.array([figure.number(height, values) for height in bars["heights"]])
        assert counts @ lengths == counts @ huffman_lengths(counts)
        assert (0.5**lengths).sum() == 1
        mean = counts @ lengths / counts.sum()
        assert f"length {mean:.3f} bits" in figure.text(figure.spec["readout"][0], values)


def test_blocks_of_the_wrong_belief_have_its_cross_entropy():
    figure = built("coding.wrong_code")
    for weights in CHANCE.integers(1, 21, (50, 6)):
        values = figure.values(**dict(zip(figure.parameters, weights, strict=True)))
        p, q = weights[:3] / weights[:3].sum(), weights[3:] / weights[3:].sum()
        paid, lost, gained = (sum(block_areas(figure, 2, values)[k : k + 3]) for k in (0, 3, 6))
        assert paid + lost == pytest.approx(information.cross_entropy(p, q, base=2), rel=1e-12)
        assert paid + gained == pytest.approx(information.entropy(p, base=2), rel=1e-12)
        wasted = information.kl_divergence(p, q, base=2)
        assert f"{wasted:.3f} bits a day" in figure.text(figure.spec["readout"][0], values)


def test_two_tied_coins():
    figure = built("coding.mutual_information")
    joint_bars, answers = marks_of(figure, 0, "bars")[0], marks_of(figure, 1, "bars")[0]
    for a, b, tie in [*CHANCE.uniform(0.05, 0.95, (50, 3)), (0.5, 0.5, 1.0), (0.3, 0.8, 0.0), (0.05, 0.95, 1.0)]:
        values = figure.values(a=a, b=b, tie=tie)
        joint = np.array([figure.number(height, values) for height in joint_bars["heights"]]).reshape(2, 2)
        margins = [a, 1 - a], [b, 1 - b]
        np.testing.assert_allclose(joint.sum(axis=1), margins[0], rtol=1e-12)
        np.testing.assert_allclose(joint.sum(axis=0), margins[1], rtol=1e-12)
        assert joint.min() >= 0
        cross, mutual = (figure.number(height, values) for height in answers["heights"])
        assert cross == pytest.approx(information.cross_entropy(*margins, base=2), rel=1e-12)
        truth = information.kl_divergence(joint.ravel(), np.outer(*margins).ravel(), base=2)
        assert mutual == pytest.approx(truth, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("shape", ["uniform", "normal"])
@pytest.mark.parametrize("w, width", [(0.25, 0.1), (0.5, 0.25), (1.0, 4.0), (2.0, 0.1), (2.0, 1.0)])
def test_entropy_of_bins(shape, w, width):
    figure = built("entropy.continuous")
    values = figure.values(w=w, bin=width, shape=shape)
    edges = np.arange(-200, 201) * width
    if shape == "uniform":
        below, h = np.clip(edges / w, 0, 1), math.log(w)
    else:
        below = np.array([math.erf(x / (w * math.sqrt(2))) / 2 for x in edges])
        h = math.log(w * math.sqrt(2 * math.pi * math.e))
    bins = np.diff(below)
    *_, at_one, in_bins = marks_of(figure, 1, "point")
    assert figure.number(at_one["y"], values) == pytest.approx(h, rel=1e-12)
    assert figure.number(in_bins["y"], values) == pytest.approx(information.entropy(bins), rel=1e-7, abs=1e-12)
    steps, _ = marks_of(figure, 0, "area")
    middles = np.arange(-3.95, 4, 0.1)
    heights = bins[np.floor(middles / width).astype(int) + 200] / width
    seen = np.asarray(figure.number(steps["y"], values, middles))
    np.testing.assert_allclose(seen, heights, rtol=1e-9, atol=0.001 / w)
