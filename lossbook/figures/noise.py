"""Noise on a line: a fit stands for a bell at each point."""

from __future__ import annotations

from itertools import combinations

from sympy import Eq, Min, Piecewise, Rational, symbols

from lossbook.live import Axis, Choice, Curve, Figure, Panel, Point, Segment, Slider, text
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.probability import ROOT, gaussian, laplace

noise, last, t, x = symbols("noise last t x", real=True)
slope, level, width = symbols("slope level width")

# Close to the line 1 + x/2; the last one is the reader's.
_HEIGHTS = [Rational(k, 10) for k in (6, 21, 15, 32, 26)]
_PLACES = range(len(_HEIGHTS) + 1)


def fitted_line() -> Figure:
    """The line that makes the data likeliest, with the noise that it takes for granted standing on it."""
    heights = [*_HEIGHTS, last]
    count = len(heights)
    middle = Rational(sum(_PLACES), count)
    spread = sum((at - middle) ** 2 for at in _PLACES)
    mean = sum(heights) / count
    steepest = sum((at - middle) * y for at, y in zip(_PLACES, heights, strict=True)) / spread
    # A line with the smallest sum of distances goes through two of the points: all pairs are tried.
    pairs = [
        ((heights[j] - heights[i]) / (j - i), heights[i] - i * (heights[j] - heights[i]) / (j - i))
        for i, j in combinations(_PLACES, 2)
    ]
    costs, least = symbols(f"cost:{len(pairs)}"), symbols("least")
    define = {
        cost: sum(S.L1Loss(by * at + off - y) for at, y in zip(_PLACES, heights, strict=True))
        for cost, (by, off) in zip(costs, pairs, strict=True)
    }
    # Rounding must not decide that no pair is the best one.
    chosen = [cost <= least + Rational(1, 10**9) for cost in costs]
    robust = [Piecewise(*((pair[k], best) for pair, best in zip(pairs, chosen, strict=True))) for k in (0, 1)]
    squares = sum(S.MSELoss(slope * at + level - y) for at, y in zip(_PLACES, heights, strict=True)) / count
    sizes = sum(S.L1Loss(slope * at + level - y) for at, y in zip(_PLACES, heights, strict=True)) / count
    normal = Eq(noise, 0)
    define |= {
        least: Min(*costs),
        slope: Piecewise((steepest, normal), (robust[0], True)),
        level: Piecewise((mean - steepest * middle, normal), (robust[1], True)),
        width: Piecewise((squares ** Rational(1, 2), normal), (sizes, True)),
    }
    density = Piecewise((gaussian(t, width), normal), (laplace(t, width), True))
    top = Piecewise((1 / (ROOT * width), normal), (1 / (2 * width), True))
    # Half a unit of x stands for the density 1.
    bells = [
        Curve(x=at + density / 2, y=slope * at + level + t, variable=t,
              range=(-3 * width, 3 * width), color=0, label="" if at else "density of the noise")
        for at in _PLACES
    ]  # fmt: skip
    return Figure(
        parameters=[
            Choice(symbol=noise, options={"Gaussian": 0, "Laplace": 1}, label="noise"),
            Slider(symbol=last, minimum=-4, maximum=8, value=3.5, step=0.1, format=".1f", label="last point", color=2),
        ],
        panels=[
            Panel(
                x=Axis(label="x", minimum=-0.3, maximum=count - 0.3),
                y=Axis(label="y, and the prediction ŷ", minimum=-5, maximum=9),
                marks=[
                    *bells,
                    Curve(y=slope * x + level, variable=x, color=1, label="the likeliest line"),
                    *(Segment(x1=at, y1=y, x2=at, y2=slope * at + level, color=6, dashed=True)
                      for at, y in zip(_PLACES, heights, strict=True)),
                    *(Point(x=at, y=y, color=6) for at, y in zip(_PLACES, _HEIGHTS, strict=False)),
                    Point(x=count - 1, y=last, drag=(None, last), color=2, label="drag me"),
                ],
            )
        ],
        readout=[
            text("{noise} noise: the line has the slope {a:.3f} and the level {b:.3f}; on it the density is {d:.3f}.",
                 a=slope, b=level, d=top),
        ],
        caption=(
            "Gaussian noise would hardly ever send a point far off, so the line and the bells give way to it; Laplace "
            "noise may, so the line soon stays, and the bells alone give way. Drag the last point down to −4, switch "
            "noise, and watch the line."
        ),
        description=text(
            "Six points and the line that makes them likeliest under {noise} noise: slope {a:.3f}, level {b:.3f}. "
            "At each point the density of the noise stands on the line; its scale is {s:.3f}. The last point is at "
            "{last}.",
            a=slope, b=level, s=width,
        ),
        define=define,
    )  # fmt: skip
