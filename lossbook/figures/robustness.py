"""Figures of the chapter on regression losses: lines, wild points, and how to choose δ."""

from __future__ import annotations

from sympy import Eq, Expr, Piecewise, Rational, Sum, ceiling, erf, exp, log, pi, piecewise_fold, sin, sqrt, symbols

from lossbook.derivations.regression import huber_normaliser, huber_squared_pull
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
    Rule,
    Segment,
    Slider,
    Trajectory,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812

r, t = symbols("r t", real=True)
c, u, delta = symbols("c u delta", positive=True)

# Weights need no kink: the absolute error has a small corner in its place.
_LOSSES = {
    "squared": S.MSELoss(r, half=True),
    "absolute": S.HuberLoss(r, Rational(1, 100)),
    "Huber": S.HuberLoss(r, c),
    "pseudo-Huber": S.PseudoHuberLoss(r, c),
    "Cauchy": S.CauchyLoss(r, c),
    "Geman–McClure": c**2 / 4 * S.GeneralRobustLoss(r, -2, c / 2),
    "Tukey": S.TukeyBiweightLoss(r, c),
}


def _weighted_line(s0: Expr, s1: Expr, s2: Expr, t0: Expr, t1: Expr) -> tuple[Expr, Expr]:
    """Return height at 0 and slope of the weighted least-squares line, from the sums of w x^k and of w x^k y."""
    whole = s0 * s2 - s1**2
    return (s2 * t0 - s1 * t1) / whole, (s0 * t1 - s1 * t0) / whole


def line_fit() -> Figure:
    """Return a line through seven points by reweighted least squares; the two at the ends can be dragged."""
    loss, p, q, a, b, n = symbols("loss p q a b n", real=True)
    inner = [float(0.5 * x + 0.3 * sin(5 * x + 1)) for x in range(-2, 3)]
    points = list(zip(range(-3, 4), (p, *inner, q), strict=True))
    weights = symbols("w1:8", positive=True)
    # A weight is a pull over its residual. What pulls no more keeps a trace, so that there always is a line.
    kinds = [piecewise_fold(kind.diff(r) / r) for kind in _LOSSES.values()]
    weight = Piecewise(*((kind + 1e-7, Eq(loss, j)) for j, kind in enumerate(kinds)))
    scaled = Piecewise((1, loss >= 2), (0, True))
    weighted = {w: weight.subs(r, y - a - b * x) for w, (x, y) in zip(weights, points, strict=True)}
    s0, s1, s2 = (sum(w * x**k for w, (x, _) in zip(weights, points, strict=True)) for k in range(3))
    t0, t1 = (sum(w * x**k * y for w, (x, y) in zip(weights, points, strict=True)) for k in range(2))
    line = dict(zip((a, b), _weighted_line(s0, s1, s2, t0, t1), strict=True))
    first = {a: 0, b: 0}  # a level line
    return Figure(
        parameters=[
            Choice(symbol=loss, options={name: j for j, name in enumerate(_LOSSES)}, value="Huber", label="loss"),
            Slider(symbol=c, minimum=0.3, maximum=10, value=1, scale="log", format=".2f", label="scale δ or c",
                   color=2),
            Slider(symbol=p, minimum=-6, maximum=6, value=-1.8, step=0.1, format=".1f", label="first point"),
            Slider(symbol=q, minimum=-6, maximum=6, value=-4, step=0.1, format=".1f", label="last point"),
            Slider(symbol=t, minimum=0, maximum=30, value=30, integer=True, label="steps"),
            Play(symbol=t),
            Action(label="Last point: wild or true", sets={q: Piecewise((1.5, q < 0), (-4, True))}),
        ],
        panels=[
            Panel(
                title="Drag the orange points",
                x=Axis(label="x", minimum=-4, maximum=4),
                y=Axis(label="y", minimum=-6.5, maximum=6.5),
                marks=[
                    Curve(y=u / 2, variable=u, color=6, dashed=True),
                    Curve(y=a + b * u, variable=u, color=0),
                    *(Curve(y=a + b * u + end, variable=u, color=2, dashed=True, show=scaled) for end in (-c, c)),
                    Segment(x1=3, y1=a + 3 * b, x2=3, y2=q, color=1),
                    *(Point(x=x, y=y, color=6) for x, y in points[1:-1]),
                    *(Point(x=x, y=y, color=1, drag=(None, y)) for x, y in ((-3, p), (3, q))),
                ],
            ),
            Panel(
                title="Slope, step by step",
                x=Axis(label="steps", minimum=0, maximum=30),
                y=Axis(label="slope", minimum=-1, maximum=1.5),
                marks=[
                    # The line follows from the weights, then they follow from the line: two updates make one step.
                    Trajectory(
                        start=first | {n: 0} | {w: start.subs(first) for w, start in weighted.items()},
                        step=line | {n: n + 0.5} | weighted, steps=2 * t, x=ceiling(n), y=b, color=0,
                    ),
                    Point(x=t, y=b, color=0, label=text("{b:.3f}", b=b)),
                ],
            ),
        ],
        formula=[
            Formula(name=r"w(r) = \frac{\ell'(r)}{r}", value=kind, show=Eq(loss, j), colors={r: 1},
                    written={c: r"\delta" if "Huber" in name else "c"})
            for j, (name, kind) in enumerate(zip(_LOSSES, kinds, strict=True))
        ],
        readout=[
            text("y = a + b x with a = {a:.3f} and b = {b:.3f}", a=a, b=b),
            text("The last point has the residual r = {r:.2f}; w(r) is its weight."),
        ],
        caption=(
            "Under squared error the line follows a dragged point all the way; under Huber's loss it turns no "
            "further once that residual exceeds δ. Choose a loss, drag an orange point away and watch the slope."
        ),
        description=text("A line through seven points by the loss {loss}: slope {b:.3f}; steps: {t}.", b=b),
        define={r: a + 3 * b - q},
    )  # fmt: skip


def delta_descent() -> Figure:
    """Return descent over Huber's δ: it runs to 0, unless the density is normalised."""
    eta, start, far, plain, fair = symbols("eta start far plain fair", positive=True)
    i = symbols("i", integer=True)

    # The residuals are ¼, ½, …, 1¾ and the wild one.
    mean = (Sum(S.HuberLoss(i / 4, delta), (i, 1, 7)) + S.HuberLoss(far, delta)) / 8
    normalised = mean + log(huber_normaliser(delta))
    # Steps in ln δ, so that δ stays positive.
    return Figure(
        parameters=[
            Slider(symbol=far, minimum=2, maximum=30, value=8, scale="log", format=".1f", label="wild residual"),
            Slider(symbol=start, minimum=0.1, maximum=8, value=2, scale="log", format=".2f", label="first δ"),
            Slider(symbol=eta, minimum=0.05, maximum=0.5, value=0.2, scale="log", label="learning rate"),
            Slider(symbol=t, minimum=0, maximum=60, value=30, integer=True, label="steps"),
            Play(symbol=t, seconds=5),
        ],
        panels=[
            Panel(
                title=title,
                x=Axis(label="δ", minimum=0.005, maximum=10, scale="log"),
                y=Axis(label=label),
                marks=[
                    Curve(y=value, variable=delta, range=(0.005, 10), color=color),
                    Trajectory(start={now: start}, step={now: (delta * exp(-eta * delta * value.diff(delta))).subs(
                        delta, now)}, steps=t, x=now, y=value.subs(delta, now), color=color),
                    Point(x=start, y=value.subs(delta, start), drag=(start, None), color=color),
                    Point(x=now, y=value.subs(delta, now), color=color, label=text("δ = {d:.3f}", d=now)),
                ],
            )
            for title, label, value, now, color in (
                ("Mean Huber loss", "mean loss", mean, plain, 1),
                ("With the normaliser", "mean loss + ln Z(δ)", normalised, fair, 0),
            )
        ],
        readout=[
            text("Steps: {t}. The plain loss has δ = {a:.4f}, the normalised one δ = {b:.4f}.", a=plain, b=fair),
        ],
        formula=Formula(name=r"\ln Z(\delta)", value=log(huber_normaliser(fair)), written={fair: r"\delta"},
                        colors={fair: 0}),
        caption=(
            "As long as one residual lies beyond δ, the plain loss rewards a smaller δ; ln Z(δ) gives that a price. "
            "Press Play. Then raise wild residual and watch the normalised δ come to rest lower."
        ),
        description=text(
            "Mean Huber loss of eight residuals over δ, without and with the normaliser. Descent from δ = {start} has "
            "come to {a:.3f} without it and to {b:.3f} with it; steps: {t}.", a=plain, b=fair,
        ),
    )  # fmt: skip


def efficiency() -> Figure:
    """Return the variance of Huber's estimate over δ, under normal noise with a share of wild values."""
    share, wide, square, within = symbols("share wide square within", positive=True)

    def parts(limit: Expr, width: Expr) -> tuple[Expr, Expr]:
        """Return the means of ψ′ and of ψ² under normal noise of that width."""
        return erf(limit / width / sqrt(2)), width**2 * huber_squared_pull(limit / width)

    def mixed(limit: Expr) -> tuple[Expr, Expr]:
        """Return the same means, where a share of the noise is wild."""
        (d1, s1), (d2, s2) = parts(limit, 1), parts(limit, wide)
        return (1 - share) * d1 + share * d2, (1 - share) * s1 + share * s2

    variance = square / within**2

    mean = 1 - share + share * wide**2
    median = pi / 2 / (1 - share + share / wide) ** 2
    here, squared = mixed(delta)
    return Figure(
        parameters=[
            Slider(symbol=delta, minimum=0.05, maximum=10, value=1.345, scale="log", format=".3f", label="δ/σ",
                   color=1),
            Slider(symbol=share, minimum=0, maximum=0.3, value=0.05, step=0.01, format=".2f", label="share of wild"),
            Slider(symbol=wide, minimum=1, maximum=20, value=5, scale="log", format=".2f", label="their width / σ"),
        ],
        panels=[
            Panel(
                x=Axis(label="δ/σ", minimum=0.05, maximum=10, scale="log"),
                y=Axis(label="variance × N / σ²", minimum=0, maximum=4),
                marks=[
                    Curve(y=variance.subs(dict(zip((within, square), mixed(u), strict=True))), variable=u, color=0,
                          label="Huber"),
                    Rule(y=mean, show=Piecewise((1, mean < 4), (0, True)), color=4, dashed=True, label="mean"),
                    Rule(y=median, color=2, dashed=True, label="median"),
                    Point(x=delta, y=variance, drag=(delta, None), color=1, label=text("{v:.3f}", v=variance)),
                ],
                wide=True,
            )
        ],
        readout=[
            text("Variance: Huber {v:.3f}, mean {m:.3f}, median {k:.3f}. Under pure normal noise this δ has an "
                 "efficiency of {e:.1%}.", v=variance, m=mean, k=median,
                 e=parts(delta, 1)[0] ** 2 / parts(delta, 1)[1]),
        ],
        formula=Formula(
            name=r"\text{variance}", value=variance, terms=(square, within),
            written={square: r"\mathrm{E}\,\psi^2", within: r"(\mathrm{E}\,\psi')"},
        ),
        caption=(
            "A small δ comes near the variance of the median, a large one near that of the mean. Under pure normal "
            "noise a large one is best. Raise share of wild: the lowest point of the curve moves to smaller δ."
        ),
        description=text(
            "Variance of Huber's estimate over δ, with a share {share} of the noise {wide} times as wide. At δ = "
            "{delta} it is {v:.3f}; that of the mean is {m:.3f}, that of the median {k:.3f}.",
            v=variance, m=mean, k=median,
        ),
        define={within: here, square: squared},
    )  # fmt: skip
