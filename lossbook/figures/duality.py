"""Figures of the chapter on GAN losses: the earth mover's distance from both sides, and a game on a line."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Expr, Piecewise, Sum, symbols

from lossbook.live import (
    Area,
    Axis,
    Bars,
    Choice,
    Curve,
    Figure,
    Panel,
    Play,
    Point,
    Rule,
    Segment,
    Slider,
    Trajectory,
    text,
)
from lossbook.style import INK
from lossbook.symbolic import gan as games
from lossbook.symbolic.primitives import sigmoid
from lossbook.symbolic.probability import gaussian

u, s = symbols("u s", real=True)
_PLACES = (0, 1, 2, 3)


def two_sides() -> Figure:
    """Four real and four made-up samples: what a plan carries, and what a critic with a bounded slope claims."""
    gap, w, plan = symbols("gap w plan")
    real, made_up, _ = games.WassersteinGANLoss(s)

    def score(x: Any) -> Expr:
        return -w * x

    # The critic's claim is minus its cost.
    claim = -sum(real.subs(s, score(x)) + made_up.subs(s, score(gap + x)) for x in _PLACES) / 4
    aims = [Piecewise((x, Eq(plan, 0)), (3 - x, True)) for x in _PLACES]
    carried = sum(Abs(gap + x - aim) for x, aim in zip(_PLACES, aims, strict=True)) / 4
    return Figure(
        parameters=[
            Slider(symbol=gap, minimum=0, maximum=5, value=2, step=0.05, format=".2f", label="gap",
                   color=INK["made up"]),
            Choice(symbol=plan, options={"in order": 0, "crosswise": 1}, value="crosswise", label="plan"),
            Slider(symbol=w, minimum=0, maximum=1, value=0.4, step=0.05, format=".2f", label="critic's fall w",
                   color=3),
        ],
        panels=[
            Panel(
                title="Earth that is moved",
                x=Axis(label="x", minimum=-0.5, maximum=8.5),
                y=Axis(label="load", minimum=-0.5, maximum=3.5, ticks=False),
                marks=[
                    *(Segment(x1=gap + x, y1=x, x2=aim, y2=x, color=INK["earth mover's"], arrow=True)
                      for x, aim in zip(_PLACES, aims, strict=True)),
                    *(Point(x=aim, y=x, color=INK["real"]) for x, aim in zip(_PLACES, aims, strict=True)),
                    *(Point(x=gap + x, y=x, color=INK["made up"]) for x in _PLACES),
                ],
            ),
            Panel(
                title="A critic",
                x=Axis(label="x", minimum=-0.5, maximum=8.5),
                y=Axis(label="score f(x)", minimum=-8.5, maximum=1),
                marks=[
                    Curve(y=-u, variable=u, color=6, dashed=True, label="steepest, slope −1"),
                    Curve(y=score(u), variable=u, color=3),
                    *(Point(x=x, y=score(x), color=INK["real"]) for x in _PLACES),
                    *(Point(x=gap + x, y=score(gap + x), color=INK["made up"]) for x in _PLACES),
                    Point(x=8, y=score(8), drag=(None, w), color=3),
                ],
            ),
            Panel(
                title="Claimed, and carried",
                x=Axis(label="side"),
                y=Axis(label="distance", minimum=0, maximum=6),
                marks=[
                    Bars(heights=[claim, gap, carried], names=["critic", "W", "plan"], values=".2f", color=2,
                         highlight=1),
                ],
                wide=True,
            ),
        ],
        readout=[
            text("The critic claims {k:.2f}, the plan carries {m:.2f} on average; the earth mover's distance is {gap}.",
                 k=claim, m=carried),
        ],
        caption=(
            "No critic whose slope is at most 1 claims more than any plan carries; the best of both meet at the "
            "distance. Choose the plan in order, and raise critic's fall w to 1."
        ),
        description=text(
            "Four real samples and four made-up ones, {gap} further right. A critic that falls by {w} claims the "
            "distance {k:.2f}; the plan, {plan}, carries {m:.2f} on average.", k=claim, m=carried,
        ),
    )  # fmt: skip


_LINE_GAMES = {
    "minimax": games.MinimaxGANLoss(s),
    "non-saturating": games.NonSaturatingGANLoss(s),
    "Wasserstein": games.WassersteinGANLoss(s),
}


def line_game() -> Figure:
    """A whole game on a line: made-up samples that move, and a discriminator with a slope and a height."""
    loss, first, eta, gamma, t = symbols("loss first eta gamma t")
    theta, w, b, n = symbols("theta w b n", real=True)
    k = symbols("k", integer=True)

    def mean(term: Expr, centre: Any) -> Any:
        """Return a function of a factor: the mean of the term of the score, times the factor of the place."""
        place = k / 2

        def of(factor: Any) -> Expr:
            return Sum(gaussian(place) / 2 * term.subs(s, w * (centre + place) + b) * factor(centre + place),
                       (k, -7, 7))  # fmt: skip

        return of

    def chosen(part: int) -> Expr:
        return Piecewise(*((terms[part].diff(s), Eq(loss, i)) for i, terms in enumerate(_LINE_GAMES.values())))

    real, made_up, back = mean(chosen(0), 0), mean(chosen(1), theta), mean(chosen(2), theta)
    step = {
        w: w - eta * (real(lambda x: x) + made_up(lambda x: x) + gamma * w),
        b: b - eta * (real(lambda x: 1) + made_up(lambda x: 1)),
        theta: theta - eta * back(lambda x: w),
        n: n + 1,
    }
    return Figure(
        parameters=[
            Choice(symbol=loss, options={name: i for i, name in enumerate(_LINE_GAMES)}, value="non-saturating",
                   label="loss"),
            Slider(symbol=first, minimum=-5, maximum=5, value=4, step=0.1, format=".1f", label="first θ"),
            Slider(symbol=eta, minimum=0.05, maximum=0.5, value=0.2, scale="log", format=".3f", label="step η"),
            Slider(symbol=gamma, minimum=0, maximum=1, value=0, step=0.05, format=".2f", label="R1 weight γ"),
            Slider(symbol=t, minimum=0, maximum=150, value=20, integer=True, label="steps"),
            Play(symbol=t, seconds=10),
        ],
        panels=[
            Panel(
                title="Real, made up, and D",
                x=Axis(label="x", minimum=-8, maximum=8),
                y=Axis(label="density; probability", minimum=0, maximum=1.05),
                marks=[
                    Area(y=gaussian(u), variable=u, color=INK["real"], label="real"),
                    Area(y=gaussian(u - theta), variable=u, color=INK["made up"], label="made up"),
                    Curve(y=sigmoid(w * u + b), variable=u, color=3, dashed=True, label="σ(s)"),
                ],
            ),
            Panel(
                title="Where the made-up samples are",
                x=Axis(label="steps", minimum=0, maximum=150),
                y=Axis(label="their centre θ", minimum=-8, maximum=8),
                marks=[
                    Trajectory(start={theta: first, w: 0, b: 0, n: 0}, step=step, steps=t, x=n, y=theta,
                               color=INK["made up"]),
                    Point(x=t, y=theta, color=INK["made up"], label=text("{v:.2f}", v=theta)),
                    Rule(y=0, dashed=True, color=INK["real"], label="real"),
                ],
            ),
        ],
        readout=[text("Steps: {t}. The made-up samples are at {v:.3f}; the score is s = {w:.3f} x + {b:.3f}.",
                      v=theta, w=w, b=b)],
        caption=(
            "Minimax starts late: against a sure discriminator it hardly pulls. All overshoot, as the discriminator "
            "learns where the samples were; Wasserstein's spiral out. Press Play, choose each loss, then raise R1 "
            "weight γ."
        ),
        description=text(
            "A game on a line under {loss}, R1 weight {gamma}. Steps: {t}. The made-up samples are centred at {v:.2f}, "
            "the real ones at 0.", v=theta,
        ),
    )  # fmt: skip
