"""Figures of the chapter on regression losses: a point with leverage, and a best line that is not the only one."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Sum, ceiling, piecewise_fold, symbols

from lossbook.live import Axis, Curve, Figure, Panel, Play, Point, Rule, Segment, Slider, Trajectory, text
from lossbook.symbolic import losses as S  # noqa: N812

from .robustness import _weighted_line

r, u, t = symbols("r u t", real=True)
c, far = symbols("c far", positive=True)
i = symbols("i", integer=True)

#: Places and heights of eight points around y = x/4. Those above the line have the places −7, −1, 3 and 5, those below
#: it −5, −3, 1 and 7: both sum up to 0.
_EIGHT = {-7: -0.35, -5: -2.15, -3: -1.75, -1: 0.25, 1: -0.35, 3: 1.65, 5: 2.25, 7: 0.55}


def turned() -> Figure:
    """Return lines through ten points on y = x and a wild one far to the right: what turns, and what does not."""
    wild = symbols("wild", real=True)
    # The ten points lie at x = y = 0 … 9. Each line keeps the five sums of its weights, and then follows from them.
    sums = ("w", "wx", "wxx", "wy", "wxy")

    def weighed(weight: Any, a: Any, b: Any) -> list[Expr]:
        near, off = weight(a + b * i - i), weight(a + b * far - wild)
        return [
            Sum(near * first, (i, 0, 9)) + off * last
            for first, last in ((1, 1), (i, far), (i**2, far**2), (i, wild), (i**2, far * wild))
        ]

    squares = _weighted_line(*weighed(lambda residual: 1, 0, 0))
    ways = (
        ("huber", "Huber, δ = 1", 0, S.HuberLoss(r, 1), squares),
        ("tukey", "Tukey, from least squares", 3, S.TukeyBiweightLoss(r, c), squares),
        # The line y = x leaves ten residuals at 0: no line has a smaller sum of its seven least squares.
        ("trimmed", "Tukey, from trimmed squares", 1, S.TukeyBiweightLoss(r, c), (0, 1)),
    )
    lines: list[Any] = []
    paths: list[Any] = []
    slopes = {}
    for name, label, color, loss, (a0, b0) in ways:
        a, b, n, *kept = symbols([f"{kind}_{name}" for kind in ("a", "b", "n", *sums)], real=True)
        pull = piecewise_fold(loss.diff(r) / r)

        # What pulls no more keeps a trace, so that there always is a line.
        def weight(residual: Any, pull: Expr = pull) -> Expr:
            return pull.subs(r, residual) + 1e-9

        step = dict(zip((a, b, *kept), (*_weighted_line(*kept), *weighed(weight, a, b)), strict=True))
        first = dict(zip(kept, weighed(weight, a0, b0), strict=True))
        dashed = name == "tukey"
        lines.append(Curve(y=a + b * u, variable=u, color=color, dashed=dashed, label=label))
        paths += [
            Trajectory(start={a: a0, b: b0, n: 0} | first, step=step | {n: n + 0.5}, steps=2 * t, x=ceiling(n), y=b,
                       color=color, dashed=dashed),
            Point(x=t, y=b, color=color, label=text("{v:.2f}", v=b)),
        ]  # fmt: skip
        slopes[name] = b
    return Figure(
        parameters=[
            Slider(symbol=far, minimum=5, maximum=60, value=60, step=0.5, format=".1f", label="its x", color=2),
            Slider(symbol=wild, minimum=-10, maximum=10, value=0, step=0.5, format=".1f", label="its y"),
            Slider(symbol=c, minimum=1, maximum=20, value=4.685, scale="log", format=".2f", label="Tukey's c"),
            Slider(symbol=t, minimum=0, maximum=40, value=40, integer=True, label="steps"),
            Play(symbol=t),
        ],
        panels=[
            Panel(
                title="Ten points on y = x, and one wild",
                x=Axis(label="x", minimum=-2, maximum=62),
                y=Axis(label="y", minimum=-12, maximum=14),
                marks=[
                    *lines,
                    *(Point(x=x, y=x, color=6) for x in range(10)),
                    Point(x=far, y=wild, color=2, drag=(far, wild), label="wild"),
                ],
            ),
            Panel(
                title="Slope, step by step",
                x=Axis(label="steps", minimum=0, maximum=40),
                y=Axis(label="slope", minimum=-0.5, maximum=1.4),
                marks=[*paths, Rule(y=1, dashed=True)],
            ),
        ],
        readout=[
            text("Slope: Huber {huber:.3f}, Tukey from least squares {tukey:.3f}, from trimmed squares {trimmed:.3f}.",
                 **slopes),
        ],
        caption=(
            "A point far to the right turns Huber's line, and with it Tukey's that starts from least squares; from "
            "trimmed squares Tukey's stays. Drag the wild point to the left until the dashed line lets go of it."
        ),
        description=text(
            "Ten points on y = x and a wild one at ({far}, {wild}). Steps: {t}. Huber's slope is {huber:.3f}, Tukey's "
            "from least squares {tukey:.3f}, from trimmed squares {trimmed:.3f}.", **slopes,
        ),
    )  # fmt: skip


def same_sum() -> Figure:
    """Return eight points through which many lines have the same least sum of absolute errors."""
    a, b = symbols("a b", real=True)

    def total(loss: Any, slope: Any) -> Expr:
        return sum(loss(a + slope * x - y) for x, y in _EIGHT.items())

    def halved(residual: Any) -> Expr:
        return S.MSELoss(residual, half=True)

    here, squared = total(S.L1Loss, b), total(halved, b)
    return Figure(
        parameters=[
            Slider(symbol=b, minimum=-0.25, maximum=0.75, value=0.25, step=0.01, format=".2f", label="slope b",
                   color=1),
            Slider(symbol=a, minimum=-1, maximum=1, value=0, step=0.05, format=".2f", label="height a"),
        ],
        panels=[
            Panel(
                title="Four points above, four below",
                x=Axis(label="x", minimum=-8, maximum=8),
                y=Axis(label="y", minimum=-5, maximum=5),
                marks=[
                    Curve(y=a + b * u, variable=u, color=0),
                    *(Segment(x1=x, y1=y, x2=x, y2=a + b * x, color=6) for x, y in _EIGHT.items()),
                    *(Point(x=x, y=y, color=6) for x, y in _EIGHT.items()),
                    Point(x=6, y=a + 6 * b, drag=(None, b), color=1),
                ],
            ),
            Panel(
                title="The sums, over the slope",
                x=Axis(label="slope b", minimum=-0.25, maximum=0.75),
                y=Axis(label="sum over the eight points", minimum=0, maximum=24),
                marks=[
                    Curve(y=total(S.L1Loss, u), variable=u, color=0, label="Σ |r|"),
                    Curve(y=total(halved, u), variable=u, color=3, dashed=True, label="Σ ½r²"),
                    Point(x=b, y=here, drag=(b, None), color=1, label=text("{v:.2f}", v=here)),
                ],
            ),
        ],
        readout=[text("Slope {b}: the absolute errors sum up to {v:.3f}, the halved squares to {q:.3f}.",
                      v=here, q=squared)],
        caption=(
            "As long as no point changes sides, the line may turn: what some residuals gain, others lose, so the sum "
            "of absolute errors is flat. The squares have one lowest place. Drag the slope, then move height a."
        ),
        description=text(
            "Eight points and a line of slope {b} and height {a}. The absolute errors sum up to {v:.2f}, halved "
            "squares to {q:.2f}.", v=here, q=squared,
        ),
    )  # fmt: skip
