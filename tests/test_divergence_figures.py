"""The figures on divergence say what integrals and sums say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from drawn import built

from lossbook import information
from lossbook.live import Figure
from lossbook.live.text import format_number
from lossbook.symbolic import probability

LINE = np.linspace(-45, 45, 90_001)


def readout(figure: Figure, line: int = 0, **chosen: float) -> str:
    return figure.text(figure.spec["readout"][line], figure.values(**chosen))


def log_normal(mean, deviation):
    return -(((LINE - mean) / deviation) ** 2) / 2 - math.log(deviation * math.sqrt(2 * math.pi))


def log_mixture(a, w):
    return np.logaddexp(math.log(w) + log_normal(-a, 1), math.log(1 - w) + log_normal(a, 1))


def integral(log_first, log_second):
    return np.trapezoid(np.exp(log_first) * (log_first - log_second), LINE)


@pytest.mark.parametrize("a", [1.0, 2.5, 4.0])
@pytest.mark.parametrize("w", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("mu, sigma", [(-5.0, 0.4), (0.0, 5.0), (3.0, 1.0)])
def test_both_directions_of_the_fit_by_hand(a, w, mu, sigma):
    p, q = log_mixture(a, w), log_normal(mu, sigma)
    forward, backward = (format_number(v, ".4f") for v in (integral(p, q), integral(q, p)))
    assert (
        readout(built("divergence_fits.by_hand"), a=a, w=w, mu=mu, sigma=sigma)
        == f"D(p‖q) = {forward} nats, D(q‖p) = {backward} nats."
    )


@pytest.mark.parametrize(
    "a, w, start", [(3.0, 0.4, 2.0), (3.0, 0.4, 0.0), (3.0, 0.4, -2.0), (1.5, 0.2, 5.0), (4.0, 0.5, 1.0)]
)
def test_descent_ends_where_every_step_costs_more(a, w, start):
    *_, m, s = built("divergence_fits.two_modes").values(a=a, w=w, start=start, broad=1, t=60)
    p = log_mixture(a, w)
    here = integral(log_normal(m, s), p)
    for dm, ds in ((0.02, 0), (-0.02, 0), (0, 0.02), (0, -0.02)):
        assert integral(log_normal(m + dm, s + ds), p) > here


@pytest.mark.parametrize("p, q", [(0.1, 0.9), (0.3, 0.75), (0.5, 0.5), (0.9, 0.1), (0.62, 0.6)])
def test_the_family_gives_the_divergences_of_the_library(p, q):
    pair = [p, 1 - p], [q, 1 - q]
    wanted = {
        "D(p‖q)": information.kl_divergence(*pair),
        "D(q‖p)": information.kl_divergence(*reversed(pair)),
        "Jensen–Shannon": information.js_divergence(*pair),
        "total variation": information.total_variation(*pair),
        "χ²": sum((a - b) ** 2 / b for a, b in zip(*pair, strict=True)),
        "squared Hellinger": 1 - sum(math.sqrt(a * b) for a, b in zip(*pair, strict=True)),
    }
    for name, value in wanted.items():
        said = readout(built("fdivergences.family"), kind=name, p=p, q=q)
        assert said.startswith(f"{name} = {format_number(float(value) + 0.0, '.4f')}:")
    all_six = ", ".join(f"{name} {format_number(float(value) + 0.0, '.4f')}" for name, value in wanted.items())
    assert readout(built("fdivergences.family"), 1, p=p, q=q) == f"All six: {all_six}."


@pytest.mark.parametrize("name", probability.GENERATORS)
def test_a_generator_touches_zero_at_1_and_is_convex(name):
    f = sympy.lambdify(sympy.Symbol("t"), probability.GENERATORS[name](sympy.Symbol("t")), "numpy")
    t = np.linspace(0.01, 12, 5001)
    assert f(1.0) == pytest.approx(0, abs=1e-15)
    assert f(t).min() > -1e-15
    assert np.diff(f(t), 2).min() > -1e-12


def test_the_forward_fit_has_the_moments_of_the_mixture():
    p = np.exp(log_mixture(2.5, 0.3))
    mean = np.trapezoid(p * LINE, LINE)
    deviation = math.sqrt(np.trapezoid(p * (LINE - mean) ** 2, LINE))
    said = readout(built("divergence_fits.two_modes"), a=2.5, w=0.3)
    assert said == f"Smallest D(p‖q): mean {mean:.3f}, deviation {deviation:.3f}."


@pytest.mark.parametrize("begins", [-2.5, -1.25, -0.5, 0.0, 0.25, 0.75, 3.0])
@pytest.mark.parametrize("width", [0.5, 1.0, 1.5, 2.0])
def test_boxes_against_sums_over_cells(begins, width):
    places = np.arange(-3, 6, 1 / 200) + 1 / 400

    def box(start, wide):
        inside = (places > start) & (places < start + wide)
        return inside / inside.sum()

    p, q = box(0, 1), box(begins, width)
    f, r, j, v, e = (
        information.kl_divergence(p, q),
        information.kl_divergence(q, p),
        information.js_divergence(p, q),
        information.total_variation(p, q),
        information.wasserstein_1d(p, q, places),
    )
    figure = built("divergence.boxes")
    for number, expected, spec in zip(
        [part for part in figure.spec["readout"][0] if not isinstance(part, str)],
        (f, r, j, v, e),
        "frjve",
        strict=True,
    ):
        measured = figure.number(number[0], figure.values(g=begins, b=width))
        # Cells are 1/200 wide, and the earth mover is as coarse as they are.
        assert measured == pytest.approx(expected, abs=1e-4 if spec == "e" else 1e-12), spec


@pytest.mark.parametrize("low, high", [(-6.0, 6.0), (-1.5, 1.5), (0.5, 6.0), (1.0, 1.1)])
@pytest.mark.parametrize("mu, sigma", [(1.5, 0.7), (-3.0, 3.0), (0.0, 1.0)])
def test_part_of_the_line(low, high, mu, sigma):
    x = np.linspace(low, high, 200_001)
    log_p = -(x**2) / 2 - math.log(math.sqrt(2 * math.pi))
    log_q = -(((x - mu) / sigma) ** 2) / 2 - math.log(sigma * math.sqrt(2 * math.pi))
    part = np.trapezoid(np.exp(log_p) * (log_p - log_q), x)
    whole = information.kl_normal(0, 1, mu, sigma)
    figure = built("divergence.truncation")
    values = figure.values(mu=mu, sigma=sigma, low=low, high=high)
    numbers = [figure.number(n[0], values) for n in figure.spec["readout"][0] if not isinstance(n, str) and len(n) > 1]
    assert numbers == pytest.approx([part, whole], abs=1e-8)


def test_directions_of_logits():
    figure = built("divergence.both_directions")
    a, b = np.array([5.0, -5.0, 0.0]), np.array([1.0, 2.0, -3.0])
    p, q = (np.exp(z) / np.exp(z).sum() for z in (a, b))
    chosen = {f"a{k + 1}": float(a[k]) for k in range(3)} | {f"b{k + 1}": float(b[k]) for k in range(3)}
    f, r = information.kl_divergence(p, q), information.kl_divergence(q, p)
    assert readout(figure, **chosen) == f"D(p‖q) = {f:.4f} nats, D(q‖p) = {r:.4f} nats."


def test_coins():
    figure = built("divergence.two_coins")
    p, q = [0.3, 0.7], [0.85, 0.15]
    measures = (information.kl_divergence, lambda p, q: information.kl_divergence(q, p), information.js_divergence)
    f, r, j = (measure(p, q) for measure in measures)
    v = information.total_variation(p, q)
    said = readout(figure, p=0.3, q=0.85)
    assert said == f"D(p‖q) = {f:.4f}, D(q‖p) = {r:.4f}, Jensen–Shannon {j:.4f}, total variation {v:.2f}."


def test_smoothed_labels():
    figure = built("divergence.same_slope")
    s, z = 0.3, 1.25
    label = np.array([1 - 0.75 * s] + [s / 4] * 3)
    power = np.exp([z, 0, 0, 0])
    q = power / power.sum()
    c, h, k = information.cross_entropy(label, q), information.entropy(label), information.kl_divergence(label, q)
    said = readout(figure, s=s, z=z)
    slope = format_number(q[0] - label[0], ".4f")
    assert said == f"H(p, q) = {c:.4f} = H(p) + D(p‖q) = {h:.4f} + {k:.4f}. Slope of both {slope}."


def test_formulas_are_the_package_s_numbers():
    p, q = (0.2, 0.8), (0.5, 0.5)
    assert float(probability.kl_divergence(p, q)) == pytest.approx(float(information.kl_divergence(p, q)), rel=1e-14)
    exact = probability.kl_normal(*map(sympy.Rational, ("1/3", "2", "-1/5", "3/4")))
    assert float(exact) == pytest.approx(float(information.kl_normal(1 / 3, 2, -1 / 5, 3 / 4)), rel=1e-14)
