"""Figures of forward and reverse divergence: a normal is fitted to a mixture of two."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Lambda, Max, Rational, Sum, exp, log, pi, sqrt, symbols, tanh

from lossbook.live import Area, Axis, Contour, Curve, Figure, Panel, Play, Point, Slider, Trajectory, text
from lossbook.style import INK
from lossbook.symbolic.primitives import softplus

a, i, m, mu, s, sigma, t, w, x, y = symbols("a i m mu s sigma t w x y")

# 1/√(2π), the height of the standard normal; as a number it is shorter to send than its roots.
_PEAK = (1 / sqrt(2 * pi)).evalf(17)


def _mean(f: Callable[[Expr], Expr], per_unit: int = 24, nodes: int = 192) -> Expr:
    """Return E f(ξ) for a standard normal ξ, by the trapezoid rule: for such integrands it is right to many digits."""
    at = i / per_unit
    return _PEAK / per_unit * Sum(exp(-(at**2) / 2) * f(at), (i, -nodes, nodes))


# The mixture p = w N(−a, 1) + (1 − w) N(a, 1), as ln p(x) = −(x + a)²/2 + ln w − ½ ln 2π + _second(x).
def _second(at: Expr) -> Expr:
    return softplus(2 * a * at + log(1 / w - 1))


def _log_mixture(at: Expr) -> Expr:
    return _second(at) - (at + a) ** 2 / 2 + log(w * _PEAK)


def _normal(at: Expr, mean: Expr, deviation: Expr) -> Expr:
    return exp(-(((at - mean) / deviation) ** 2) / 2) * _PEAK / deviation


_MEAN = (1 - 2 * w) * a
_VARIANCE = 1 + 4 * w * (1 - w) * a**2


def _forward(mean: Expr, deviation: Expr) -> Expr:
    """Return D(p‖q) for the mixture p and a normal q: minus the entropy of p, plus the cross-entropy."""
    mass = w * _mean(lambda e: _second(e - a)) + (1 - w) * _mean(lambda e: _second(e + a))
    return (
        mass
        + log(w * deviation)
        - Rational(1, 2)
        - 2 * a**2 * (1 - w)
        + (_VARIANCE + (_MEAN - mean) ** 2) / deviation**2 / 2
    )


def _reverse(mean: Expr, deviation: Expr, per_unit: int = 24, nodes: int = 192) -> Expr:
    """Return D(q‖p) for a normal q and the mixture p."""
    known = ((mean + a) ** 2 + deviation**2 - 1) / 2 - log(w * deviation)
    return known - _mean(lambda e: _second(mean + deviation * e), per_unit, nodes)


def _mixture_sliders() -> list[Slider]:
    return [
        Slider(symbol=a, minimum=1, maximum=4, value=3, step=0.05, format=".2f", label="hills at ±a: a"),
        Slider(symbol=w, minimum=0.05, maximum=0.95, value=0.4, step=0.01, format=".2f", label="weight of the left"),
    ]


def by_hand() -> Figure:
    """Fit a normal to a mixture by hand, and see where each direction is paid."""
    log_p = _log_mixture(x)
    log_q = -(((x - mu) / sigma) ** 2) / 2 - log(sigma) - log(2 * pi) / 2
    forward, backward = _forward(mu, sigma), _reverse(mu, sigma)
    return Figure(
        parameters=[
            *_mixture_sliders(),
            Slider(symbol=mu, minimum=-5, maximum=5, value=-1, step=0.05, format=".2f", label="mean μ of q",
                   color=INK["q"]),
            Slider(symbol=sigma, minimum=0.4, maximum=5, value=2, step=0.05, format=".2f", label="deviation σ of q",
                   color=INK["q"]),
        ],
        panels=[
            Panel(
                title="What holds (p) and your normal (q)",
                x=Axis(label="x", minimum=-8, maximum=8),
                # While the top of q is dragged up, only its last stretch moves the axis.
                y=Axis(label="density", minimum=0, maximum=Max(0.45, 1.05 * _PEAK / sigma)),
                marks=[
                    Area(y=exp(log_p), variable=x, color=6, label="p"),
                    Curve(y=exp(log_q), variable=x, color=INK["q"], label="q"),
                    Point(x=mu, y=_PEAK / sigma, color=INK["q"], drag=(mu, (sigma, Lambda(y, _PEAK / y)))),
                ],
            ),
            Panel(
                title="Where each direction is paid",
                x=Axis(label="x", minimum=-8, maximum=8),
                y=Axis(label="nats per unit of x", minimum=0),
                marks=[
                    Area(y=exp(log_p) * (log_p - log_q) - exp(log_p) + exp(log_q), variable=x, color=INK["D(p‖q)"],
                         label="D(p‖q)"),
                    Area(y=exp(log_q) * (log_q - log_p) - exp(log_q) + exp(log_p), variable=x, color=INK["D(q‖p)"],
                         label="D(q‖p)"),
                ],
            ),
        ],
        readout=[text("D(p‖q) = {f:.4f} nats, D(q‖p) = {r:.4f} nats.", f=forward, r=backward)],
        caption=(
            "Both directions charge for every difference between p and q, but no single q makes both smallest. Drag "
            "the top of q sideways, and down to make q broad; write down your best q for D(p‖q) and your best for "
            "D(q‖p), and compare."
        ),
        description=text(
            "A mixture with hills at minus and plus {a} and a normal of mean {mu} and deviation {sigma}. "
            "D(p‖q) is {f:.3f}, D(q‖p) is {r:.3f} nats.", f=forward, r=backward,
        ),
    )  # fmt: skip


def two_modes() -> Figure:
    """The best normal for a mixture: by D(p‖q) in closed form, by D(q‖p) by descent."""
    start, broad = symbols("start broad")
    shift = log((1 - w) / w) / 2
    rate = Rational(3, 10)

    # (ln p)′ = −x + a tanh(a x + shift). The nodes ±e go together, so that what is odd cancels exactly.
    e, step = i / 16, _PEAK / 16
    right, left = tanh(a * (m + s * e) + shift), tanh(a * (m - s * e) + shift)
    pull = step * (tanh(a * m + shift) + Sum(exp(-(e**2) / 2) * (right + left), (i, 1, 96)))
    stretch = step * Sum(e * exp(-(e**2) / 2) * (right - left), (i, 1, 96))
    slope, log_slope = m - a * pull, s**2 - 1 - a * s * stretch
    wide = sqrt(_VARIANCE)
    return Figure(
        parameters=[
            *_mixture_sliders(),
            Slider(symbol=start, minimum=-5, maximum=5, value=-1, step=0.05, format=".2f", label="descent starts at μ"),
            Slider(symbol=broad, minimum=0.4, maximum=5, value=2, step=0.05, format=".2f", label="and at σ"),
            Slider(symbol=t, minimum=0, maximum=60, value=40, integer=True, label="steps"),
            Play(symbol=t, seconds=5),
        ],
        panels=[
            Panel(
                title="The two fits",
                x=Axis(label="x", minimum=-8, maximum=8),
                y=Axis(label="density", minimum=0),
                marks=[
                    Area(y=exp(_log_mixture(x)), variable=x, color=6, label="p"),
                    Curve(y=_normal(x, _MEAN, wide), variable=x, color=1, dashed=True, label="smallest D(p‖q)"),
                    Curve(y=_normal(x, m, s), variable=x, color=INK["D(q‖p)"], label="descent on D(q‖p)"),
                ],
            ),
            Panel(
                title="The landscape of D(q‖p)",
                x=Axis(label="mean μ of q", minimum=-5, maximum=5),
                y=Axis(label="deviation σ of q", minimum=0.4, maximum=5),
                marks=[
                    Contour(z=_reverse(x, y, 4, 20), variables=(x, y), color=6,
                            levels=[Rational(k, 20) for k in (2, 4, 8, 14, 20, 30, 50, 80, 120)], grid=28),
                    Trajectory(
                        start={m: start, s: broad},
                        step={m: m - rate * s**2 * slope, s: s * exp(-2 * rate * log_slope / (1 + s**2))},
                        steps=t, x=m, y=s, color=INK["D(q‖p)"],
                    ),
                    Point(x=_MEAN, y=wide, color=1, label="smallest D(p‖q)"),
                    Point(x=start, y=broad, color=6, drag=(start, broad), label="start"),
                ],
            ),
        ],
        readout=[
            text("Smallest D(p‖q): mean {fm:.3f}, deviation {fs:.3f}.", fm=_MEAN, fs=wide),
            text("Descent on D(q‖p): mean {m:.3f}, deviation {s:.3f}, D = {r:.4f} nats.", m=m, s=s, r=_reverse(m, s)),
        ],
        caption=(
            "D(p‖q) has one best normal, with the mean and variance of p; D(q‖p) can have several valleys, and the "
            "start decides which is reached: the fainter the ground, the lower D(q‖p). Set steps to 60 and the start's "
            "σ to 1, drag the start to −2, 0 and 2, and watch where the path ends."
        ),
        description=text(
            "A mixture with hills at minus and plus {a}. The normal with the smallest D(p‖q) has mean {fm:.2f} and "
            "deviation {fs:.2f} and covers both; descent on D(q‖p) has reached mean {m:.2f} and deviation {s:.2f}.",
            fm=_MEAN, fs=wide, m=m, s=s,
        ),
    )  # fmt: skip
