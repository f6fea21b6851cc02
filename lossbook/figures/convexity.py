"""Figures of the chapter on cross-entropy against squared error: the shape of a loss, and what it believes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr, Sum, Symbol, exp, log, pi, sqrt, symbols

from lossbook.figures.saturation import _RATE, _steps, eta, t, u
from lossbook.live import (
    Axis,
    Bars,
    Contour,
    Curve,
    Figure,
    Formula,
    Panel,
    Play,
    Point,
    Rule,
    Slider,
    Toggle,
    Trajectory,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import expm1, sigmoid, xlogy

v = symbols("v")
# The losses of an example over its logit, which counts towards the wrong side: σ is then the error of the output.
_WRONG = Symbol("wrong", real=True)
_SQUARED, _CROSS = S.MSELoss(sigmoid(_WRONG), half=True), S.BCEWithLogitsLoss(_WRONG, 0)


def _at(logit: Any, curve: Expr = _SQUARED, slopes: int = 0) -> Expr:
    """Return a loss, or one of its derivatives, at a logit."""
    return curve.diff(_WRONG, slopes).subs(_WRONG, logit)


def valleys() -> Figure:
    """One weight, two examples: squared error has a second valley, cross-entropy has one."""
    far, start, r, q = symbols("far start r q")
    curvature = _at(-r, slopes=2) + far**2 * _at(far * r, slopes=2)
    panels = []
    costs = []
    for title, curve, state, high, color in (
        ("Squared error", _SQUARED, r, 0.7, 1),
        ("Cross-entropy", _CROSS, q, 12, 0),
    ):
        cost = _at(-state, curve) + _at(far * state, curve)
        costs.append(cost)
        panels.append(
            Panel(
                title=title,
                x=Axis(label="weight w", minimum=-2, maximum=5),
                y=Axis(label="loss of both examples", minimum=0, maximum=high),
                marks=[
                    Curve(y=cost.subs(state, u), variable=u, color=6),
                    Trajectory(start={state: start}, step={state: state - eta * cost.diff(state)}, steps=t,
                               x=state, y=cost, color=color),
                    Point(x=start, y=cost.subs(state, start), drag=(start, None), color=6),
                    Point(x=state, y=cost, color=color, label=text("w = {w:.2f}", w=state)),
                ],
            )
        )  # fmt: skip
    return Figure(
        parameters=[
            Slider(symbol=far, minimum=1, maximum=10, value=8, step=0.5, format=".1f", label="second example x₂"),
            Slider(symbol=start, minimum=-2, maximum=4, value=1.2, step=0.05, format=".2f", label="start w₀"),
            Slider(symbol=eta, minimum=0.002, maximum=0.5, value=0.02, scale="log", label=_RATE),
            _steps(200, 100),
            Play(symbol=t, seconds=6),
        ],
        panels=panels,
        formula=Formula(value=costs[0], name=r"\text{squared error: } C(w)", terms=costs[0].args,
                        written={r: "w", far: "x_2"}),
        readout=[
            text("After step {t}: squared error at w = {r:.3f} with loss {a:.3f}, cross-entropy at w = {q:.3f} "
                 "with loss {c:.3f}.", r=r, a=costs[0], q=q, c=costs[1]),
            text("Curvature of the squared error where it stands: {k:.4f}.", k=curvature),
        ],
        caption=(
            "Cross-entropy has one valley, wherever the second example lies; squared error also has a hill once that"
            " example lies more than twice as far out as the first. Drag the start to either side of the hill, press"
            " Play, and watch where w goes."
        ),
        description=text(
            "Losses over one weight for the examples x = 1, y = 1 and x = {far}, y = 0. From w = {start}, step {t} "
            "finds squared error at w = {r:.3f}, loss {a:.3f}, and cross-entropy at w = {q:.3f}, loss {c:.3f}.",
            r=r, a=costs[0], q=q, c=costs[1],
        ),
    )  # fmt: skip


def surfaces() -> Figure:
    """Both losses over weight and bias, for four examples that a threshold may part, with paths of descent."""
    first, last, parted = symbols("x1 x4 parted")
    places = (first, 0, 1, last)
    labels = (0, 1 - parted, parted, 1)  # a threshold parts them, or none does
    w0, b0 = symbols("w0 b0")
    sides = [1 - 2 * label for label in labels]  # times the logit: how far it lies on the wrong side

    def wrong(weight: Any, bias: Any) -> list[Expr]:
        return [side * (weight * place + bias) for side, place in zip(sides, places, strict=True)]

    def path(kind: str, curve: Expr, color: int) -> tuple[Any, Expr, Expr]:
        weight, bias = symbols(f"w_{kind} b_{kind}")
        pulls = [side * _at(s, curve, 1) for side, s in zip(sides, wrong(weight, bias), strict=True)]
        step = {
            weight: weight - eta * sum(pull * at for pull, at in zip(pulls, places, strict=True)),
            bias: bias - eta * sum(pulls),
        }
        start = {weight: w0, bias: b0}
        return Trajectory(start=start, step=step, steps=t, x=weight, y=bias, color=color), weight, bias

    def panel(title: str, z: Expr, levels: list[float], trajectory: Trajectory) -> Panel:
        return Panel(
            title=title,
            x=Axis(label="weight w", minimum=-8, maximum=8),
            y=Axis(label="bias b", minimum=-8, maximum=8),
            marks=[
                Contour(z=z, variables=(u, v), levels=levels, color=5, grid=40),
                trajectory,
                Point(x=w0, y=b0, drag=(w0, b0), color=6),
            ],
            equal=True,
        )

    squared, ws, bs = path("s", _SQUARED, 1)
    cross, wc, bc = path("c", _CROSS, 0)
    there = wrong(u, v)
    at_end = {"w": ws, "b": bs, "v": wc, "d": bc}
    return Figure(
        parameters=[
            Slider(symbol=w0, minimum=-8, maximum=8, value=-5, step=0.1, format=".1f", label="start w"),
            Slider(symbol=b0, minimum=-8, maximum=8, value=6, step=0.1, format=".1f", label="start b"),
            Toggle(symbol=parted, value=False, label="a threshold parts the labels"),
            *(
                # The outer examples stay outside: so the switch alone says whether cross-entropy has a minimum.
                Slider(symbol=at, minimum=low, maximum=high, value=value, step=0.1, visible=False)
                for at, low, high, value in ((first, -3, 0, -1.5), (last, 1, 5, 2.5))
            ),
            Slider(symbol=eta, minimum=0.02, maximum=1, value=0.25, scale="log", label=_RATE),
            _steps(200, 60),
            Play(symbol=t, seconds=6),
        ],
        panels=[
            panel("Squared error", 2 * sum(_at(s) for s in there),
                  [0.02, 0.1, 0.3, 0.7, 0.9, 1.2, 1.5, 1.8, 2.2, 2.7], squared),
            panel("Cross-entropy", sum(_at(s, _CROSS) for s in there),
                  [0.2, 0.6, 1.5, 2.5, 3, 4, 6, 9, 13, 18, 25, 35], cross),
            Panel(
                title="Four examples, and what was learnt",
                x=Axis(label="input x (drag the outer examples)", minimum=-3, maximum=5),
                y=Axis(label="output σ(w x + b)", minimum=-0.08, maximum=1.08),
                marks=[
                    Curve(y=sigmoid(wc * u + bc), variable=u, color=0, dashed=True, label="cross-entropy"),
                    Curve(y=sigmoid(ws * u + bs), variable=u, color=1, label="squared error"),
                    *(
                        Point(x=at, y=label, drag=(at if at in (first, last) else None, None), color=6)
                        for at, label in zip(places, labels, strict=True)
                    ),
                ],
                wide=True,
            ),
        ],
        readout=[
            text("After step {t}: squared error at w = {w:.2f}, b = {b:.2f}; cross-entropy at w = {v:.2f}, "
                 "b = {d:.2f}.", **at_end),
        ],
        caption=(
            "Cross-entropy is convex for any four examples and has no trap; squared error is bounded and flattens "
            "far out, so descent can get stuck in a flat arm. Drag the start to the edges of a map, press Play, and "
            "compare the curves below. Switch on \"a threshold parts the labels\": then no centre is left."
        ),
        description=text(
            "Level lines over weight and bias. From ({w0}, {b0}), step {t} ends at ({w:.2f}, {b:.2f}) on squared "
            "error, at ({v:.2f}, {d:.2f}) on cross-entropy.", **at_end,
        ),
    )  # fmt: skip


def fair_scores() -> Figure:
    """What each loss makes a forecaster say, with right labels and with flipped ones."""
    theta, flip, p = symbols("theta flip p", real=True)
    corrected = symbols("corrected")
    share = symbols("share", real=True)
    seen = theta * (1 - flip) + (1 - theta) * flip

    def expected(loss: Callable[[Expr], Expr]) -> Expr:
        """Return the expectation of a loss of the error that a forecast makes on the side of the label."""
        return seen * loss(1 - p) + (1 - seen) * loss(p)

    cross, brier, absolute = S.BCELoss(p, seen), expected(S.MSELoss), expected(S.L1Loss)
    # Of each label its own loss, less what flipped ones have put into it; see derivations.saturation.corrected_loss.
    own, other = S.BCELoss(p, 1), S.BCELoss(p, 0)
    repaired = (seen * ((1 - flip) * own - flip * other) + (1 - seen) * ((1 - flip) * other - flip * own)) / (
        1 - 2 * flip
    )

    def curve(loss: Expr, color: int, label: str, dashed: bool = False) -> Curve:
        return Curve(y=loss.subs(p, u), variable=u, range=(0.001, 0.999), color=color, label=label, dashed=dashed)

    return Figure(
        parameters=[
            Slider(symbol=theta, minimum=0, maximum=1, value=0.8, step=0.01, format=".2f", label="truth θ"),
            Slider(symbol=flip, minimum=0, maximum=0.45, value=0, step=0.01, format=".2f", label="flipped labels"),
            Slider(symbol=p, minimum=0.01, maximum=0.99, value=0.5, step=0.01, format=".2f", label="forecast p"),
            Toggle(symbol=corrected, value=False, label="correct cross-entropy for the flips"),
        ],
        panels=[
            Panel(
                x=Axis(label="forecast p", minimum=0, maximum=1),
                y=Axis(label="expected loss", minimum=0, maximum=2),
                marks=[
                    curve(cross, 0, "cross-entropy", dashed=True),
                    curve(brier, 1, "squared error (p − y)²"),
                    curve(absolute, 2, "absolute error"),
                    Curve(y=repaired.subs(p, u), variable=u, range=(0.001, 0.999), color=3, label="corrected",
                          show=corrected),
                    Rule(x=seen, dashed=True, label="what is seen"),
                    Rule(x=theta, color=3, dashed=True, label="θ", show=corrected),
                    Point(x=p, y=cross, color=0, drag=(p, None)),
                    Point(x=p, y=brier, color=1, drag=(p, None)),
                    Point(x=p, y=absolute, color=2, drag=(p, None)),
                ],
            )
        ],
        define={share: seen},
        formula=Formula(value=S.BCELoss(p, share), name=r"\text{cross-entropy}", written={share: "s"}),
        readout=[
            text("A share s = {s:.2f} of the labels says yes. At p = {p}: cross-entropy {c:.3f}, squared error "
                 "{b:.3f}, absolute error {a:.3f}.", s=seen, c=cross, b=brier, a=absolute),
            text("At p = {s:.2f}, where the first two are lowest: {c:.3f}, {b:.3f}.",
                 s=seen, c=cross.subs(p, seen), b=brier.subs(p, seen)),
        ],
        caption=(
            "Cross-entropy and squared error are lowest at the share of yes among the labels, absolute error at an "
            "end. Raise flipped labels: the dashed line moves from θ towards ½ and takes both minima along; absolute"
            " error keeps to its end. Correct cross-entropy for the flips, and it is lowest at θ again."
        ),
        description=text(
            "Expected losses over the forecast when {s:.2f} of the labels say yes. Cross-entropy and squared error are "
            "lowest there, absolute error at an end. At p = {p} they are {c:.3f}, {b:.3f} and {a:.3f}.",
            s=seen, c=cross, b=brier, a=absolute,
        ),
    )  # fmt: skip


def two_answers() -> Figure:
    """A target with two likely values: one Gaussian, and a histogram of bins."""
    d, share, s, i = symbols("d share s i")
    half = sigmoid(u / s) * sigmoid(-u / s) / s
    density = share * half.subs(u, u - d) + (1 - share) * half.subs(u, u + d)

    def mass(at: Expr, centre: Expr) -> Expr:
        """Chance of the bin of width 1 around `at`: a difference of two sigmoids, without cancellation."""
        left, right = (at - 0.5 - centre) / s, (at + 0.5 - centre) / s
        return -expm1(-1 / s) * sigmoid(right) * sigmoid(-left)

    binned = share * mass(i, d) + (1 - share) * mass(i, -d)
    mean = (2 * share - 1) * d
    variance = 4 * share * (1 - share) * d**2 + (s * pi) ** 2 / 3
    bell = exp(-((u - mean) ** 2) / (2 * variance)) / sqrt(2 * pi * variance)
    gaussian, categorical = log(2 * pi * variance) / 2 + 0.5, -Sum(xlogy(binned, binned), (i, -6, 6))
    return Figure(
        parameters=[
            Slider(symbol=d, minimum=0, maximum=4, value=3, step=0.1, format=".1f", label="answers at ± d"),
            Slider(symbol=share, minimum=0.05, maximum=0.95, value=0.6, step=0.05, format=".2f", label="share of + d"),
            Slider(symbol=s, minimum=0.2, maximum=0.8, value=0.3, step=0.05, format=".2f", label="width of the noise"),
        ],
        panels=[
            Panel(
                x=Axis(label="target y", minimum=-6.5, maximum=6.5),
                y=Axis(label="density", minimum=0),
                marks=[
                    Bars(heights=binned, variable=i, range=(-6, 6), color=0, label="13 bins"),
                    Curve(y=density, variable=u, color=6, dashed=True, label="the truth"),
                    Curve(y=bell, variable=u, color=1, label="best Gaussian"),
                    Rule(x=mean, color=1, label="mean"),
                    Point(x=d, y=0, drag=(d, None), color=6),
                ],
            )
        ],
        readout=[
            text("Squared error predicts {m:.2f}. Nats per example: Gaussian {g:.3f}, bins {c:.3f}.",
                 m=mean, g=gaussian, c=categorical),
        ],
        caption=(
            "Squared error predicts the mean, which may lie where hardly any answer does; the bins keep both "
            "answers. Move answers at ± d towards 0 and compare the nats per example: at 0 one Gaussian costs no "
            "more than the bins."
        ),
        description=text(
            "A target that is near +{d} or −{d}. The best Gaussian sits at {m:.2f} and costs {g:.3f} nats per example; "
            "thirteen bins show both answers and cost {c:.3f}.", m=mean, g=gaussian, c=categorical,
        ),
    )  # fmt: skip
