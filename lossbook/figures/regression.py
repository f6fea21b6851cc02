"""Figures of the chapter on regression losses: their shapes, and what they make of points on a line."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Expr, Lambda, Max, Mod, Piecewise, Rational, Sum, ceiling, exp, log, oo, sign, symbols

from lossbook.live import (
    Action,
    Axis,
    Choice,
    Curve,
    Figure,
    Formula,
    Panel,
    Play,
    Point,
    Predict,
    Rule,
    Segment,
    Slider,
    Toggle,
    Trajectory,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812

r, u, m = symbols("r u m", real=True)
s, delta, tau, T = symbols("s delta tau T", positive=True)

_RESIDUAL = "residual r = ŷ − y"


def _never(holds: Any) -> Expr:
    """Return 1 where no factor makes the noise a density, else 0."""
    return Piecewise((1, holds), (0, True))


def _shapes(
    kinds: dict[str, Expr],
    chosen: str,
    scales: dict[str, str],
    names: str,
    *,
    name: str,
    caption: str,
    endless: dict[str, Any] | None = None,
) -> Figure:
    """Return a figure of loss, slope and density for a choice of losses, each beside the squared error.

    `scales` tells by what letter, in LaTeX, the scale of a loss is called, `endless` where the area below the noise of
    a loss is infinite.
    """
    loss, cost, pull = symbols("loss cost pull")
    value, slope = (
        Piecewise(*((kind.diff(r, order), Eq(loss, number)) for number, kind in enumerate(kinds.values())))
        for order in (0, 1)
    )
    usual = S.MSELoss(r, half=True)
    scaled = sum(Piecewise((1, Eq(loss, number)), (0, True)) for number, kind in enumerate(kinds) if kind in scales)
    formulas = [
        Formula(name=r"\ell(r)", value=value, show=Eq(loss, number), written={s: scales.get(kind, "s")})
        for number, (kind, value) in enumerate(kinds.items())
    ]
    panels = []
    for title, label, low, high, curve, squared, here in (
        ("What it costs", "loss ℓ(r)", 0, 8, value, usual, cost),
        ("How hard it pulls", "slope ℓ′(r)", -4, 4, slope, usual.diff(r), pull),
        ("What noise it expects", "exp(−ℓ/T)", 0, 1.05, exp(-value / T), exp(-usual / T), exp(-cost / T)),
    ):
        first = here == cost
        infinite = [_never(holds & Eq(loss, list(kinds).index(kind))) for kind, holds in (endless or {}).items()]
        panels.append(
            Panel(
                title=title,
                x=Axis(label=_RESIDUAL, minimum=-6, maximum=6),
                y=Axis(label=label, minimum=low, maximum=high),
                marks=[
                    Curve(y=squared.subs(r, u), variable=u, color=6, dashed=True, label="½r²" * first),
                    Curve(y=curve.subs(r, u), variable=u, color=0, label="chosen" * first),
                    Point(x=r, y=here, drag=(r, None), color=1, label=text("{v:.3f}", v=here)),
                    *(Rule(x=end, color=2, dashed=True, show=scaled) for end in (-s, s)),
                    *(
                        Curve(y=curve.subs(r, u), variable=u, color=3, dashed=True, label="not a density", show=show)
                        for show in infinite
                        if high == 1.05
                    ),
                ],
            )
        )
    return Figure(
        parameters=[
            Choice(symbol=loss, options={name: i for i, name in enumerate(kinds)}, value=chosen, label="loss"),
            Slider(symbol=s, minimum=0.2, maximum=5, value=1, scale="log", format=".2f", label=f"scale {names}",
                   color=2),
            Slider(symbol=r, minimum=-6, maximum=6, value=3, step=0.05, format=".2f", label="residual r", color=1),
            Slider(symbol=T, minimum=0.1, maximum=10, value=1, scale="log", format=".2f", label="temperature T"),
        ],
        panels=panels,
        formula=formulas,
        readout=[text("{loss}: the residual {r} costs {v:.4f} and pulls with {d:.4f}.", v=cost, d=pull)],
        name=name,
        caption=caption,
        description=text(
            "Loss, slope and density of {loss}, beside ½r²; the slider of the scale stands at {s}. At the residual "
            "{r} the loss is {v:.3f}, its slope {d:.3f}.", v=cost, d=pull,
        ),
        define={cost: value, pull: slope},
    )  # fmt: skip


def bounded() -> Figure:
    """Return losses whose pull is bounded: the absolute error and its smooth relatives."""
    return _shapes(
        {
            "absolute": S.L1Loss(r),
            "Huber": S.HuberLoss(r, s),
            "smooth L1": S.SmoothL1Loss(r, s),
            "pseudo-Huber": S.PseudoHuberLoss(r, s),
            "log-cosh": S.LogCoshLoss(r),
        },
        "Huber",
        {"Huber": r"\delta", "smooth L1": r"\beta", "pseudo-Huber": r"\delta"},
        "(δ or β)",
        name="bounded",
        caption=(
            "Squared error pulls without limit; Huber and pseudo-Huber pull with at most the scale, the other three "
            "with at most 1. Drag the residual outwards, then move scale (δ or β), which absolute and log-cosh do not "
            "have."
        ),
    )


def fading() -> Figure:
    """Return losses whose pull fades, beside Huber's, whose pull does not."""
    return _shapes(
        {"Huber": S.HuberLoss(r, s), "Cauchy": S.CauchyLoss(r, s), "Tukey": S.TukeyBiweightLoss(r, s)},
        "Cauchy",
        {"Huber": r"\delta", "Cauchy": "c", "Tukey": "c"},
        "(δ or c)",
        name="fading",
        caption=(
            "Beyond δ Huber's pull stays the same, Cauchy's fades, Tukey's is 0. Cauchy's noise is a density only for "
            "T below c², Tukey's never. Choose a loss, drag the residual outwards; then lower temperature T."
        ),
        # Far out Cauchy's noise falls like |r| to the power −c²/T, Tukey's not at all.
        endless={"Cauchy": s**2 <= T, "Tukey": s > 0},
    )


def mean_to_median() -> Figure:
    """Return the best constant under Huber's loss, between the median and the mean of five points."""
    points = symbols("x1:6", real=True)
    best, half, now, width = symbols("best half now width", real=True)
    guess, revealed, chance = symbols("guess revealed chance", real=True)
    last = points[-1]
    slope = S.HuberLoss(r, delta).diff(r)

    def pull(at: Expr, limit: Expr) -> Expr:
        return sum(slope.subs({r: x - at, delta: limit}) for x in points)

    mean = sum(points) / 5
    risk = sum(S.HuberLoss(u - x, delta) for x in points) / 5
    least, guessed = risk.subs(u, best), risk.subs(u, guess)
    near = sum(Piecewise((1, Abs(x - now) <= width), (0, True)) for x in points)
    narrower = width * 0.8
    starts = (-4, -3, -2.2, -1, 3)
    # One chance gives all five points: its digits are shifted, and each point has a fifth of the axis to itself.
    drawn = {x: -9 + 3.6 * (n + Mod(chance * 10**n, 1)) for n, x in enumerate(points)}
    return Figure(
        parameters=[
            Predict(
                question="The orange point goes out to 7. Drag your guess of the best constant then.",
                revealed=revealed,
                sets={last: 7},
                answer=text(
                    "The best constant is {v:.2f}, with a mean Huber loss of {k:.3f}. Your guess, {guess}, has "
                    "{g:.3f}: {d:.3f} more.", v=best, k=least, g=guessed, d=guessed - least,
                ),
            ),
            Slider(symbol=delta, minimum=0.01, maximum=100, value=1, scale="log", label="δ", color=2),
            *(
                Slider(symbol=x, minimum=-9, maximum=9, value=start, step=0.1, format=".1f", visible=False)
                for x, start in zip(points, starts, strict=True)
            ),
            Slider(symbol=guess, minimum=-9, maximum=9, value=1, step=0.1, format=".1f", visible=False),
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
            Action(label="New points", sets=drawn, chance=chance),
        ],
        panels=[
            Panel(
                title="Mean Huber loss, divided by δ",
                x=Axis(label="predicted constant m", minimum=-9, maximum=9),
                y=Axis(label="risk / δ", minimum=0),
                marks=[
                    Curve(y=risk / delta, variable=u, color=0),
                    *(Point(x=x, y=0, drag=(x, None), color=1 if x == last else 6) for x in points),
                    Rule(x=mean, dashed=True, color=4, label="mean"),
                    Rule(x=best, color=0, label=text("best {v:.2f}", v=best)),
                    *(Rule(x=best + end, color=2, dashed=True) for end in (-delta, delta)),
                    Point(x=guess, y=guessed / delta, drag=(guess, None), color=1, label="your guess"),
                ],
            ),
            Panel(
                title="The best constant, from median to mean",
                x=Axis(label="δ", minimum=0.01, maximum=100, scale="log"),
                y=Axis(label="best constant"),
                marks=[
                    # Halve the step, forty-five times, towards the side that pulls harder.
                    Trajectory(start={best: 0, half: 4.5}, step={best: best + half * sign(pull(best, delta)),
                               half: half / 2}, steps=45, x=0, y=0, show=0),
                    Trajectory(
                        start={now: mean, width: 100},
                        step={now: now + pull(now, narrower) / Max(1, near), width: narrower},
                        steps=41, x=width, y=now, color=0,
                    ),
                    Rule(y=mean, dashed=True, color=4, label="mean"),
                    Point(x=delta, y=best, drag=(delta, None), color=2, label=text("{v:.2f}", v=best)),
                ],
            ),
        ],
        formula=Formula(name=r"\ell'(r)", value=slope, colors={r: 1}),
        readout=[
            text("δ = {delta}: the best constant is {v:.4f}; the mean is {mean:.4f}.", v=best, mean=mean),
            text("From there the orange point, at {x5}, has the residual r = {r:.2f}; ℓ′(r) is its pull."),
        ],
        caption=(
            "A point further than δ from the best constant may be dragged still further out: the best constant "
            "stays, the mean follows. Drag an outer point. Then drag δ: small gives the median, large the mean."
        ),
        description=text(
            "Mean Huber loss of a constant for five points. For δ = {delta} the best constant is {v:.3f}, between the "
            "median and the mean, {mean:.3f}.", v=best, mean=mean,
        ),
        define={r: best - last},
    )  # fmt: skip


def tilted() -> Figure:
    """Return the quantile loss, its slope and noise, and its mean, which is lowest where a share τ lies below."""
    i = symbols("i", integer=True)

    def place(number: Any) -> Expr:
        return -3 * log((10 - number) / 10)

    def risk(at: Expr) -> Expr:
        return Sum(S.QuantileLoss(at - place(i), tau), (i, 1, 9)) / 9

    usual, tilt = S.QuantileLoss(u, Rational(1, 2)), S.QuantileLoss(u, tau)
    best = place(Max(1, ceiling(9 * tau - 1e-9)))
    # The wait in the middle stands for all nine: panels of the loss have a point at its residual.
    middle = place(5)
    costs = S.QuantileLoss(r, tau)
    below = Sum(Piecewise((1, place(i) < m), (0, True)), (i, 1, 9)) / 9
    return Figure(
        parameters=[
            Slider(symbol=tau, minimum=0.05, maximum=0.95, value=0.8, step=0.01, format=".2f", label="τ", color=2),
            Slider(symbol=m, minimum=0, maximum=8, value=1, step=0.02, format=".2f", label="prediction m", color=1),
        ],
        panels=[
            *(
                Panel(
                    title=title,
                    x=Axis(label=_RESIDUAL, minimum=-6, maximum=6),
                    y=Axis(label=label, minimum=low, maximum=high),
                    marks=[
                        Curve(y=grey, variable=u, color=6, dashed=True, label="τ = ½" * (low == 0 < high - 2)),
                        Curve(y=blue, variable=u, color=0, label="chosen τ" * (low == 0 < high - 2)),
                        Point(x=r, y=blue.subs(u, r), drag=((m, Lambda(u, u + middle)), None), color=1,
                              label=text("{v:.3f}", v=blue.subs(u, r))),
                    ],
                )
                for title, label, low, high, grey, blue in (
                    ("A tilted absolute error", "loss", 0, 4, usual, tilt),
                    ("Its slope", "slope", -1, 1, usual.diff(u), tilt.diff(u)),
                    ("Its noise", "exp(−loss)", 0, 1.05, exp(-usual), exp(-tilt)),
                )
            ),
            Panel(
                title="Mean loss over nine waiting times",
                x=Axis(label="predicted constant m, in minutes", minimum=0, maximum=8),
                y=Axis(label="risk", minimum=0, maximum=4),
                marks=[
                    Curve(y=risk(u), variable=u, color=0),
                    *(Point(x=place(n), y=0, color=6) for n in range(1, 10)),
                    Rule(x=best, dashed=True, color=2, label=text("best {v:.2f}", v=best)),
                    Segment(x1=middle, y1=0.2, x2=m, y2=0.2, color=1, arrow=True),
                    Point(x=m, y=risk(m), drag=(m, None), color=1, label=text("{v:.2f}", v=risk(m))),
                ],
                wide=True,
            ),
        ],
        readout=[
            text("At m = {m} a share of {b:.3f} lies below; the slope of the risk is {b:.3f} − {tau} = {d:.3f}. "
                 "The best constant is {v:.3f}.", b=below, d=below - tau, v=best),
            text("The wait in the middle, {y:.2f}, has the residual r = {r:.2f}.", y=middle),
        ],
        formula=Formula(name=r"\ell(r)", value=costs, colors={r: 1}),
        caption=(
            "Each waiting time is a corner of the mean loss, where its slope rises by 1/9; one of them is "
            "always best. Move prediction m past a corner and watch the share below. Then move τ: the best "
            "constant jumps."
        ),
        description=text(
            "The quantile loss for τ = {tau}, and its mean over nine waiting times. The best constant is {v:.2f}. At "
            "{m} the mean loss is {k:.3f}, and a share of {b:.2f} lies below.", v=best, k=risk(m), b=below,
        ),
        define={r: m - middle},
    )  # fmt: skip


def barron() -> Figure:
    """Return Barron's family: one parameter from the squared error to a loss that forgives everything."""
    alpha, welsch, revealed = symbols("alpha welsch revealed", real=True)
    c = symbols("c", positive=True)
    limit, general = S.GeneralRobustLoss(r, -oo, c), S.GeneralRobustLoss(r, alpha, c)
    # In the formula shapes that have a name are written as they are, all others by the last case.
    named = {"half the square": 2, "pseudo-Huber": 1, "Cauchy": 0, "Geman–McClure": -2}
    at = {shape: Piecewise((1 - welsch, Abs(alpha - shape) < 0.001), (0, True)) for shape in named.values()}
    value = Piecewise((limit, Eq(welsch, 1)), (general, True))
    slope = value.diff(r)
    panels = []
    for title, label, low, high, chosen in (
        ("Loss", "ρ(r)", 0, 6, value),
        ("Pull", "ρ′(r)", -3, 3, slope),
        ("What noise it expects", "exp(−ρ)", 0, 1.05, exp(-value)),
    ):
        endless = [_never((alpha < 0) | Eq(welsch, 1))] if high == 1.05 else []
        panels.append(
            Panel(
                title=title,
                x=Axis(label=_RESIDUAL, minimum=-6, maximum=6),
                y=Axis(label=label, minimum=low, maximum=high),
                marks=[
                    Curve(y=chosen.subs(r, u), variable=u, color=0),
                    Point(x=r, y=chosen, drag=(r, None), color=1, label=text("{v:.3f}", v=chosen)),
                    *(Rule(x=end, color=2, dashed=True) for end in (-c, c)),
                    *(
                        Curve(y=chosen.subs(r, u), variable=u, color=3, dashed=True, label="not a density", show=show)
                        for show in endless
                    ),
                ],
            )
        )
    return Figure(
        parameters=[
            Predict(
                question="At α = 1 far points all pull alike. What do they do at α = −2?",
                revealed=revealed,
                options=["The same", "The farther, the harder", "The farther, the less"],
                right=2,
                sets={alpha: -2, r: 5},
                answer=text(
                    "At α = {a:.2f} the point at r = {r} pulls with {d:.3f}; twice as far out it would pull with "
                    "{e:.3f}.",
                    a=Piecewise((-oo, Eq(welsch, 1)), (alpha, True)), d=slope, e=slope.subs(r, 2 * r),
                ),
            ),
            Slider(symbol=alpha, minimum=-8, maximum=2, value=1, step=0.05, format=".2f", label="α"),
            Toggle(symbol=welsch, label="α = −∞"),
            Slider(symbol=c, minimum=0.25, maximum=4, value=1, scale="log", format=".2f", label="scale c",
                   color=2),
            Slider(symbol=r, minimum=-6, maximum=6, value=3, step=0.05, format=".2f", label="residual r", color=1),
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
        ],
        formula=[
            *(
                Formula(name=rf"\text{{{name}: }}\rho(r)", value=general.subs(alpha, shape), show=at[shape])
                for name, shape in named.items()
            ),
            Formula(name=r"\rho(r)", value=general.args[-1].expr, show=1 - welsch - sum(at.values())),
            Formula(name=r"\text{Welsch: }\rho(r)", value=limit, show=welsch),
        ],
        panels=panels,
        readout=[text("α = {a:.2f}, c = {c}: ρ({r}) = {v:.3f}, slope {d:.4f}.", v=value, d=slope,
                      a=Piecewise((-oo, Eq(welsch, 1)), (alpha, True)))],
        caption=(
            "Far out the pull grows without limit for α above 1, levels off at 1 and fades below; for α below 0 even"
            " the loss has a ceiling. Move α down and watch the pull; scale c decides where far out begins."
        ),
        description=text(
            "Barron's loss for α = {a:.2f} and the scale {c}: loss, slope and density. At a residual of {r} the loss "
            "is {v:.3f}, the slope {d:.3f}.", v=value, d=slope,
            a=Piecewise((-oo, Eq(welsch, 1)), (alpha, True)),
        ),
    )  # fmt: skip


def reductions() -> Figure:
    """Return descent on one number under four reductions of the same squared error."""
    eta, N, t, spread = symbols("eta N t spread", positive=True)
    marks: list[Any] = []
    ends = {}
    steps = []
    # The root of the mean of (e ± spread)² stands for all rows.
    for number, (label, loss) in enumerate(
        {
            "½ mean": S.MSELoss(r, half=True),
            "mean": S.MSELoss(r),
            "sum": N * S.MSELoss(r),
            "RMSE": S.RMSELoss((r + spread, r - spread)),
        }.items()
    ):
        error, count = symbols(f"e{number} n{number}")
        ends[f"e{number}"] = error
        slope = loss.diff(r).subs(r, error)
        steps.append((error, error - eta * slope))
        marks += [
            Trajectory(start={error: 4, count: 0}, step={error: steps[-1][1], count: count + 1},
                       steps=t, x=count, y=error, color=number, dashed=number % 2 == 1, label=label),
            Point(x=t, y=error, color=number),
        ]  # fmt: skip
    total, after = steps[2]
    return Figure(
        parameters=[
            Slider(symbol=eta, minimum=0.001, maximum=1.2, value=0.05, scale="log", label="learning rate η"),
            Slider(symbol=N, minimum=1, maximum=100, value=4, scale="log", integer=True, label="batch size N", color=2),
            Slider(symbol=spread, minimum=0.1, maximum=5, value=1, scale="log", format=".2f", label="spread of y"),
            Slider(symbol=t, minimum=0, maximum=40, value=20, integer=True, label="steps"),
            Play(symbol=t, seconds=4),
        ],
        panels=[
            Panel(
                x=Axis(label="steps of gradient descent", minimum=0, maximum=40),
                y=Axis(label="prediction − best constant", minimum=-5, maximum=5),
                marks=[*marks, Rule(y=0)],
                wide=True,
            )
        ],
        formula=Formula(name=r"\text{next } e \text{ of the sum}", value=after, format=".3g", written={total: "e"}),
        readout=[text("Steps: {t}. ½ mean {e0:.4f}, mean {e1:.4f}, sum {e2:.3g}, RMSE {e3:.4f}.", **ends)],
        caption=(
            "All four have the same minimum and differ in their steps. Those of the sum are N times those of the "
            "mean, so it flies apart once η times N exceeds 1. Raise batch size N and watch the sum."
        ),
        description=text(
            "Distance to the best constant; steps: {t}, learning rate {eta}, batch {N}. It ends at "
            "{e0:.3f} for half the mean of squares, {e1:.3f} for the mean, {e2:.3g} for the sum, {e3:.3f} for the root "
            "of the mean.", **ends,
        ),
    )  # fmt: skip
