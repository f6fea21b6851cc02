"""Figures of the chapter on regression losses: lines, wild points, and how to choose δ."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Max, Min, Piecewise, Sum, erf, exp, log, pi, sin, sqrt, symbols

from lossbook.live import Axis, Choice, Curve, Figure, Panel, Play, Point, Rule, Slider, Trajectory, text

c, t, u, delta = symbols("c t u delta")

_LOSSES = ("squared", "absolute", "Huber", "pseudo-Huber", "Cauchy", "Geman–McClure", "Tukey")


def line_fit() -> Figure:
    """Return a line through seven points by reweighted least squares; the two at the ends can be dragged."""
    loss, p, q, a, b, n = symbols("loss p q a b n")
    kind = symbols("low offset bend power")
    low, offset, bend, power = kind
    sums = symbols("s0 s1 s2 t0 t1")
    i = symbols("i", integer=True)
    free = 0.5 * i + 0.3 * sin(5 * i + 1)
    others = [(x, round(float(free.subs(i, x)), 3)) for x in range(-2, 3)]
    # The points at the ends stand where the reader puts them.
    left, right = (round(float(free.subs(i, x)), 3) for x in (-3, 3))
    height = free + (p - left) * Max(0, -2 - i) + (q - right) * Max(0, i - 2)

    # Every weight is max(low, offset + bend r²) to a power. Squared and absolute error are Huber's with a δ
    # beyond all residuals, and with one below them.
    chosen = {
        low: Piecewise((1, loss < 6), (0.001, True)),
        offset: Piecewise((0, loss < 3), (1, True)),
        bend: Piecewise((1e-6, loss < 1), (1e4, loss < 2), (c**-2, loss < 6), (-(c**-2), True)),
        power: Piecewise((-0.5, loss < 4), (3 - loss, loss < 6), (2, True)),
    }
    weight = Max(low, offset + bend * (height - a - b * i) ** 2) ** power
    s0, s1, s2, t0, t1 = sums
    determinant = s0 * s2 - s1**2
    line = {a: (s2 * t0 - s1 * t1) / determinant, b: (s0 * t1 - s1 * t0) / determinant}
    terms = dict(zip(sums, (1, i, i**2, height, i * height), strict=True))
    first = {a: 0, b: 0, n: 0, s0: 1, s1: 0, s2: 1, t0: 0, t1: 0}  # a level line, and sums that give it again
    weighted = {symbol: Sum(weight * term, (i, -3, 3)) for symbol, term in terms.items()}
    return Figure(
        parameters=[
            Choice(symbol=loss, options={name: j for j, name in enumerate(_LOSSES)}, value="Huber", label="loss"),
            Slider(symbol=c, minimum=0.3, maximum=10, value=1, scale="log", format=".2f", label="scale δ or c"),
            Slider(symbol=p, minimum=-6, maximum=6, value=-1.8, step=0.1, format=".1f", label="first point"),
            Slider(symbol=q, minimum=-6, maximum=6, value=-4, step=0.1, format=".1f", label="last point"),
            Slider(symbol=t, minimum=0, maximum=30, value=30, integer=True, label="steps"),
            Play(symbol=t),
        ],
        panels=[
            Panel(
                title="Drag the orange points",
                x=Axis(label="x", minimum=-4, maximum=4),
                y=Axis(label="y", minimum=-6.5, maximum=6.5),
                marks=[
                    Curve(y=u / 2, variable=u, color=6, dashed=True),
                    Curve(y=a + b * u, variable=u, color=0),
                    *(Point(x=x, y=y, color=6) for x, y in others),
                    *(Point(x=x, y=y, color=1, drag=(None, y)) for x, y in ((-3, p), (3, q))),
                ],
            ),
            Panel(
                title="Slope, step by step",
                x=Axis(label="steps", minimum=0, maximum=30),
                y=Axis(label="slope", minimum=-1, maximum=1.5),
                marks=[
                    # The sums follow from the line, then the line from the sums: two updates make one step.
                    Trajectory(
                        start=first | chosen,
                        step=line | {n: n + 0.5} | weighted | {symbol: symbol for symbol in kind},
                        steps=2 * t, x=n, y=b, color=0,
                    ),
                    Point(x=t, y=b, color=0, label=text("{b:.3f}", b=b)),
                ],
            ),
        ],
        readout=[text("y = {a:.3f} + {b:.3f} x", a=a, b=b)],
        description=text("A line through seven points by the loss {loss}: slope {b:.3f} after {t} steps.", b=b),
    )  # fmt: skip


def delta_descent() -> Figure:
    """Return descent over Huber's δ: it runs to 0, unless the density is normalised."""
    eta, start, far, plain, fair = symbols("eta start far plain fair")
    i = symbols("i", integer=True)

    def mean_of(term: Callable[[Expr], Expr]) -> Expr:
        """Return the mean over the residuals ¼, ½, …, 1¾ and the wild one."""
        return (Sum(term(i / 4), (i, 1, 7)) + term(far)) / 8

    def mean(at: Expr) -> Expr:
        return mean_of(lambda r: Min(r, at) * (r - Min(r, at) / 2))

    def slope(at: Expr) -> Expr:
        return mean_of(lambda r: Max(0, r - at))

    def partition(at: Expr) -> Expr:
        return sqrt(2 * pi) * erf(at / sqrt(2)) + 2 * exp(-(at**2) / 2) / at

    def partition_slope(at: Expr) -> Expr:
        return -2 * exp(-(at**2) / 2) / at**2

    def fair_slope(at: Expr) -> Expr:
        return slope(at) + partition_slope(at) / partition(at)

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
                x=Axis(label="δ", minimum=0.05, maximum=10, scale="log"),
                y=Axis(label=label),
                marks=[
                    Curve(y=value(u), variable=u, range=(0.05, 10), color=color),
                    Trajectory(start={now: start}, step={now: now * exp(-eta * now * grow(now))}, steps=t,
                               x=now, y=value(now), color=color),
                    Point(x=now, y=value(now), color=color, label=text("δ = {d:.3f}", d=now)),
                ],
            )
            for title, label, value, grow, now, color in (
                ("Mean Huber loss", "mean loss", mean, slope, plain, 1),
                ("With the normaliser", "mean loss + ln Z(δ)", lambda at: mean(at) + log(partition(at)), fair_slope,
                 fair, 0),
            )
        ],
        readout=[
            text("After {t} steps the plain loss has δ = {a:.4f}, and it goes on falling; the normalised one has "
                 "δ = {b:.4f}.", a=plain, b=fair),
        ],
        description=text(
            "Mean Huber loss of eight residuals over δ, without and with the normaliser. Descent from δ = {start} has "
            "come to {a:.3f} without it and to {b:.3f} with it after {t} steps.", a=plain, b=fair,
        ),
    )  # fmt: skip


def efficiency() -> Figure:
    """Return the variance of Huber's estimate over δ, under normal noise with a share of wild values."""
    share, wide = symbols("share wide")

    def parts(limit: Expr, width: Expr) -> tuple[Expr, Expr]:
        """Return the means of ψ′ and of ψ² under normal noise of that width."""
        v = limit / width
        inner = erf(v / sqrt(2))
        return inner, width**2 * (inner - v * sqrt(2 / pi) * exp(-(v**2) / 2)) + limit**2 * (1 - inner)

    def variance(limit: Expr) -> Expr:
        (d1, s1), (d2, s2) = parts(limit, 1), parts(limit, wide)
        return ((1 - share) * s1 + share * s2) / ((1 - share) * d1 + share * d2) ** 2

    mean = 1 - share + share * wide**2
    median = pi / 2 / (1 - share + share / wide) ** 2
    here = variance(delta)
    return Figure(
        parameters=[
            Slider(symbol=delta, minimum=0.05, maximum=10, value=1.345, scale="log", format=".3f", label="δ/σ"),
            Slider(symbol=share, minimum=0, maximum=0.3, value=0.05, step=0.01, format=".2f", label="share of wild"),
            Slider(symbol=wide, minimum=1, maximum=20, value=5, scale="log", format=".2f", label="their width / σ"),
        ],
        panels=[
            Panel(
                x=Axis(label="δ/σ", minimum=0.05, maximum=10, scale="log"),
                y=Axis(label="variance × N / σ²", minimum=0, maximum=4),
                marks=[
                    Curve(y=variance(u), variable=u, color=0, label="Huber"),
                    Rule(y=mean, show=Piecewise((1, mean < 4), (0, True)), color=1, dashed=True, label="mean"),
                    Rule(y=median, color=2, dashed=True, label="median"),
                    Point(x=delta, y=here, drag=(delta, None), color=0, label=text("{v:.3f}", v=here)),
                ],
                wide=True,
            )
        ],
        readout=[
            text("Variance: Huber {v:.3f}, mean {m:.3f}, median {k:.3f}. Under pure normal noise this δ has an "
                 "efficiency of {e:.1%}.", v=here, m=mean, k=median,
                 e=parts(delta, 1)[0] ** 2 / parts(delta, 1)[1]),
        ],
        description=text(
            "Variance of Huber's estimate over δ, with a share {share} of the noise {wide} times as wide. At δ = "
            "{delta} it is {v:.3f}; that of the mean is {m:.3f}, that of the median {k:.3f}.",
            v=here, m=mean, k=median,
        ),
    )  # fmt: skip
