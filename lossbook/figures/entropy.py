"""Figures of the chapter on entropy."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import (
    Abs,
    Eq,
    Expr,
    Lambda,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    erf,
    exp,
    floor,
    log,
    nan,
    sqrt,
    symbols,
)

from lossbook.live import (
    Area,
    Axis,
    Bars,
    Choice,
    Contour,
    Curve,
    Figure,
    Formula,
    Panel,
    Point,
    Predict,
    Rule,
    Slider,
    text,
)
from lossbook.live.marks import Mark
from lossbook.symbolic.primitives import xlogy
from lossbook.symbolic.probability import ROOT, entropy, gaussian

p, q, unit, x, y = symbols("p q unit x y")
total, revealed = symbols("total revealed")

# Expressions see what one unit is in nats.
_UNIT = Choice(symbol=unit, options={"bits": float(log(2)), "nats": 1}, label="unit")
_IN_NATS = Eq(unit, 1)
_REVEALED = Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False)


def _by_unit(nats: Expr, name: str) -> list[Formula]:
    """Return a formula for each unit, of which the chosen one is shown."""
    return [
        Formula(name=name, value=value, show=Piecewise((1, chosen), (0, True)))
        for value, chosen in ((nats / log(2), unit < 1), (nats, _IN_NATS))
    ]


def _bars(symbols_: Sequence[Symbol], names: Sequence[str], shares: Sequence[Expr]) -> list[Mark]:
    """Return a bar for each symbol with a handle on top that drags it, in the colour of its block."""
    handles = [
        Point(x=k, y=symbol, drag=(None, symbol), color=k, label=text("{p:.0%}", p=shares[k]))
        for k, symbol in enumerate(symbols_)
    ]
    return [Bars(heights=symbols_, names=names, color=6), *handles]


def _blocks(widths: Sequence[Expr], heights: Sequence[Expr]) -> list[Mark]:
    """Return blocks side by side, whose areas add up to the mean height."""
    edges = [sum(widths[:k]) for k in range(len(widths))] + [1]
    return [Area(y=h, variable=x, range=(edges[k], edges[k + 1]), color=k) for k, h in enumerate(heights)]


def surprise() -> Figure:
    """How much news there is in something of probability p."""
    value = -log(p) / unit
    curve = Piecewise((value.subs(p, x), (x >= 0.1 - 1e-9) | (revealed > 0)), (nan, True))
    guess = symbols("guess")
    tenth = value.subs(p, Rational(1, 100))
    guessed = guess * log(2) / unit  # the slider is in bits
    meals, snow = (value.subs(p, at) for at in (Rational(99, 100), Rational(1, 10_000)))
    return Figure(
        parameters=[
            _UNIT,
            Slider(symbol=p, minimum=1e-5, maximum=1, value=0.1, scale="log", label="probability p", color=1),
            Slider(symbol=guess, minimum=0, maximum=18, value=12, step=0.01, format=".2f", visible=False,
                   label="guess for 0.01"),
            _REVEALED,
            Predict(
                question="You see the surprise of p = 0.1. Drag the grey point: how much is p = 0.01?",
                revealed=revealed,
                answer=text("Twice as much: {v:.2f} {unit}. A tenth of p adds {d:.2f}, always. "
                            "Your guess is {off:.2f} off.", v=tenth, d=tenth / 2, off=Abs(guessed - tenth)),
            ),
        ],
        panels=[
            Panel(
                title="Over an even axis",
                x=Axis(label="probability p", minimum=0, maximum=1),
                y=Axis(label="surprise, in bits or nats", minimum=0, maximum=Max(7, Rational(21, 20) * value)),
                marks=[
                    Curve(y=curve, variable=x, color=0),
                    Point(x=p, y=value, drag=(p, None), color=1, label=text("{v:.2f}", v=value)),
                ],
            ),
            Panel(
                title="The same curve, ten times rarer at each step",
                x=Axis(label="probability p", minimum=1e-5, maximum=1, scale="log"),
                y=Axis(label="surprise, in bits or nats", minimum=0, maximum=18),
                marks=[
                    Curve(y=curve, variable=x, color=0),
                    Point(x=0.99, y=meals, color=6, label="three meals", show=revealed),
                    Point(x=1e-4, y=snow, color=6, label=text("snow {v:.1f}", v=snow), show=revealed),
                    Point(x=0.01, y=tenth, color=0, label=text("{v:.2f}", v=tenth), show=revealed),
                    Point(x=0.01, y=guessed, drag=(None, (guess, Lambda(y, y * unit / log(2)))), color=6,
                          label=text("your guess {v:.2f}", v=guessed)),
                    Point(x=p, y=value, drag=(p, None), color=1, label=text("{v:.2f}", v=value)),
                ],
            ),
        ],
        formula=_by_unit(-log(p), "I(p)"),
        readout=[text("Something of probability {p} carries a surprise of {v:.4f} {unit}.", v=value)],
        caption=(
            "A tenth of the probability always adds the same surprise, 3.32 bits or 2.30 nats, so the right curve is"
            " straight. Drag the orange point there from 0.1 to 0.01; then switch unit from bits to nats: every "
            "height is multiplied by 0.693."
        ),
        description=text(
            "The surprise falls from infinity at probability 0 to zero at probability 1. At probability {p} it is "
            "{v:.3f} {unit}. Snow with probability 0.0001 surprises with {s:.2f}, three meals with probability 0.99 "
            "with {m:.4f}.",
            v=value, s=snow, m=meals,
        ),
    )  # fmt: skip


def additive() -> Figure:
    """Two independent events: only the logarithm makes their surprises add up."""
    measure = symbols("measure")

    def surprise_at(at: Expr) -> Expr:
        return Piecewise((-log(at) / log(2), Eq(measure, 0)), (1 - at, Eq(measure, 1)), (1 / at - 1, True))

    first, second, both = (surprise_at(at) for at in (p, q, p * q))
    return Figure(
        parameters=[
            Choice(symbol=measure, options={"−log₂ p": 0, "1 − p": 1, "1/p − 1": 2}, label="measure of surprise"),
            Slider(symbol=p, minimum=0.1, maximum=1, value=0.5, step=0.05, format=".2f", label="first event p",
                   color=0),
            Slider(symbol=q, minimum=0.1, maximum=1, value=0.25, step=0.05, format=".2f", label="second event q",
                   color=2),
        ],
        panels=[
            Panel(
                title="Both happen with probability pq",
                x=Axis(label="p, the first event", minimum=0, maximum=1),
                y=Axis(label="q, the second event", minimum=0, maximum=1),
                marks=[
                    Area(y=1, variable=x, range=(0, p), color=0, label="the first happens"),
                    Area(y=q, variable=x, range=(0, 1), color=2, label="the second happens"),
                    Point(x=p, y=q, drag=(p, q), label=text("both: {v:.3f}", v=p * q)),
                ],
            ),
            Panel(
                title="Does the surprise add up?",
                x=Axis(label="one event, the other, their sum, both"),
                y=Axis(label="surprise by the chosen measure", minimum=0,
                       maximum=1.15 * Max(first + second, both) + 0.1),
                marks=[
                    Bars(heights=[first, second, first + second, both], names=["I(p)", "I(q)", "sum", "I(pq)"],
                         highlight=3, values=".2f", color=0),
                ],
            ),
        ],
        readout=[
            text("By the measure {measure}: I(p) + I(q) = {sum:.3f}, and I(pq) = {both:.3f}.",
                 sum=first + second, both=both),
        ],
        caption=(
            "If p or q is 1, the bars sum and I(pq) agree by every measure: only two uncertain events put a measure "
            "to the test. Drag the point to p = 1 and back inside, under each measure of surprise, and compare the "
            "two bars."
        ),
        description=text(
            "Two independent events of probability {p} and {q}; both happen with probability {pq:.3f}. By the measure "
            "{measure} the two surprises sum to {sum:.3f}, and the surprise at both is {both:.3f}.",
            pq=p * q, sum=first + second, both=both,
        ),
    )  # fmt: skip


def binary_entropy() -> Figure:
    """The entropy of a coin: mean surprise, drawn as an area and as a curve."""
    shares = (p, 1 - p)
    mean = entropy(shares) / unit
    heads, tails = (-log(share) / unit for share in shares)
    return Figure(
        parameters=[
            _UNIT,
            Slider(symbol=p, minimum=0, maximum=1, value=0.8, step=0.01, format=".2f", label="probability of heads p",
                   color=1),
            _REVEALED,
            Predict(
                question="Rare tails would be a big surprise. Which coin surprises most on average?",
                revealed=revealed,
                options=["A fair coin, p = 0.5", "A nearly sure one, p = 0.99"],
                right=0,
                answer=text("The fair coin: {fair:.3g} {unit}. At p = 0.99 tails surprise by {tails:.3g}, but they are "
                            "so rare that the mean is {sure:.2g}.", fair=mean.subs(p, Rational(1, 2)),
                            tails=tails.subs(p, Rational(99, 100)), sure=mean.subs(p, Rational(99, 100))),
            ),
        ],
        panels=[
            Panel(
                title="The area is the mean surprise",
                x=Axis(label="probability: heads, then tails", minimum=0, maximum=1),
                y=Axis(label="surprise, in bits or nats", minimum=0, maximum=7),
                marks=[
                    Area(y=heads, variable=x, range=(0, p), color=0, label=text("heads {v:.2f}", v=heads)),
                    Area(y=tails, variable=x, range=(p, 1), color=2, label=text("tails {v:.2f}", v=tails)),
                    Rule(y=mean, color=1, dashed=True, label=text("mean {v:.3f}", v=mean)),
                ],
            ),
            Panel(
                title="The mean surprise of every coin",
                x=Axis(label="probability of heads p", minimum=0, maximum=1),
                y=Axis(label="entropy H(p), in bits or nats", minimum=0, maximum=1.1),
                marks=[
                    Curve(y=mean.subs(p, x), variable=x, color=1, show=revealed),
                    Point(x=p, y=mean, drag=(p, None), color=1, label=text("{v:.3f}", v=mean)),
                ],
            ),
        ],
        formula=_by_unit(entropy(shares), "H(p)"),
        readout=[text("Heads surprise by {heads:.3f}, tails by {tails:.3f}, on average by H = {v:.4f} {unit}.",
                      heads=heads, tails=tails, v=mean)],
        caption=(
            "The rarer side has the taller and narrower block; as its probability goes to 0 it grows without limit "
            "in height, but its area fades to nothing. Drag the point on the right and watch both blocks, and the "
            "dashed mean."
        ),
        description=text(
            "A coin with probability of heads {p}. Two blocks, as wide as their probability and as high as their "
            "surprise: heads {heads:.3f}, tails {tails:.3f} {unit}. Their area, the entropy, is {v:.3f}; beside it "
            "stands the entropy as a curve over p.", heads=heads, tails=tails, v=mean,
        ),
    )  # fmt: skip


def outcomes() -> Figure:
    """Entropy and perplexity of five outcomes whose bars can be dragged."""
    names = ("sun", "cloud", "rain", "fog", "snow")
    days = symbols(names)
    shares = [day / total for day in days]
    nats = entropy(shares)
    mean = nats / unit
    return Figure(
        parameters=[
            _UNIT,
            # One outcome must be left over when all the others are dragged to nothing.
            *(
                Slider(symbol=day, minimum=int(k == 0), maximum=30, value=value, integer=True, visible=False,
                       label=f"days of {name}")
                for k, (day, name, value) in enumerate(zip(days, names, (15, 8, 4, 2, 1), strict=True))
            ),
        ],
        panels=[
            Panel(
                title="Drag the bars",
                x=Axis(label="weather of the day"),
                y=Axis(label="days counted", minimum=0, maximum=35),
                marks=_bars(days, names, shares),
            ),
            Panel(
                title="The area is the entropy",
                x=Axis(label="probability", minimum=0, maximum=1),
                y=Axis(label="surprise, in bits or nats", minimum=0, maximum=7),
                marks=[
                    *_blocks(shares, [-log(share) / unit for share in shares]),
                    Rule(y=mean, color=6, dashed=True, label=text("mean {v:.3f}", v=mean)),
                ],
            ),
        ],
        readout=[
            text("Entropy {h:.3f} {unit}, at most {most:.3f}. Perplexity {v:.2f}: as uncertain as a fair die with "
                 "{v:.2f} faces.", h=mean, most=log(5) / unit, v=exp(nats)),
        ],
        caption=(
            "Perplexity runs from 1, if only one weather occurs, to 5, if all five are equally frequent; only the "
            "shares count. Drag the bars to one height, then all but sun to 0, and watch the dashed mean and the "
            "perplexity."
        ),
        description=text(
            "Five kinds of weather, counted in days: sun {sun}, cloud {cloud}, rain {rain}, fog {fog}, snow {snow}. "
            "The entropy of their shares is {h:.3f} {unit}, the perplexity {v:.2f}.", h=mean, v=exp(nats),
        ),
        define={total: sum(days)},
    )  # fmt: skip


def triangle() -> Figure:
    """The entropy of three outcomes over all distributions: one hill, its top where all are equal."""
    third = symbols("third")
    bits = entropy([p, q, third]) / log(2)
    hill = entropy([x, y, Max(0, 1 - x - y)]) / log(2)
    return Figure(
        parameters=[
            Slider(symbol=p, minimum=0, maximum=1, value=0.7, step=0.01, format=".2f", label="first outcome p₁"),
            Slider(symbol=q, minimum=0, maximum=1 - p, value=0.2, step=0.01, format=".2f", label="second outcome p₂"),
        ],
        panels=[
            Panel(
                title="Every distribution over three outcomes",
                x=Axis(label="p₁", minimum=0, maximum=1),
                y=Axis(label="p₂", minimum=0, maximum=1),
                marks=[
                    # Beyond the hypotenuse nothing is left for the third outcome.
                    Contour(z=Piecewise((hill, x + y <= 1 + 1e-9)), variables=(x, y),
                            levels=[Rational(k, 5) for k in range(8)] + [Rational(31, 20)]),
                    Point(x=Rational(1, 3), y=Rational(1, 3), color=2, label="all equal"),
                    Point(x=p, y=q, drag=(p, q), color=1, label=text("{v:.3f} bits", v=bits)),
                ],
            ),
            Panel(
                title="The distribution at the point",
                x=Axis(label="outcome"),
                y=Axis(label="probability", minimum=0, maximum=1.08),
                marks=[Bars(heights=[p, q, third], names=["first", "second", "third"], values=".2f", color=0)],
            ),
        ],
        formula=Formula(name="H", value=bits, written={p: "p_1", q: "p_2", third: "p_3"}),
        readout=[
            text("H = {v:.4f} bits; the top of the hill is log₂ 3 = 1.5850 bits. Perplexity {w:.3f} of at most 3.",
                 v=bits, w=2**bits),
        ],
        caption=(
            "A corner has 0 bits. On an edge one outcome never happens, so the entropy is a coin's, at most 1 bit; "
            "inside it rises to one top, log₂ 3 ≈ 1.585 bits. Drag the point along an edge, then inwards, and watch "
            "the bars level out."
        ),
        description=text(
            "Contour lines of the entropy over a triangle of all distributions over three outcomes. At {p}, {q} and "
            "{r:.2f} it is {v:.3f} bits. It is largest, 1.585 bits, where all three are one third, and zero in the "
            "three corners.", r=third, v=bits,
        ),
        define={third: Max(0, 1 - p - q)},
    )  # fmt: skip


def continuous() -> Figure:
    """Entropy of a density, and of the bins that it is cut into."""
    shape, w, bin_, u = symbols("shape w bin u")
    k = symbols("k", integer=True)
    normal = Eq(shape, 1)

    def below(at: Expr) -> Expr:
        """Return the probability below `at`, for the normal density less one half."""
        return Piecewise((erf(at / (sqrt(2) * w)) / 2, normal), (Max(0, Min(1, at / w)), True))

    def share(number: Expr) -> Expr:
        return below((number + 1) * bin_) - below(number * bin_)

    density = Piecewise((gaussian(x, w), normal), (1 / w, (x >= 0) & (x <= w)), (0, True))
    at = floor(x / bin_)
    # Far out a bin's share is a difference of two numbers near ½; what is left of it is not drawn.
    steps = Piecewise((share(at) / bin_, Min(Abs(at), Abs(at + 1)) * bin_ < 3.5 * w), (0, True))
    in_bins = -Sum(xlogy(Max(0, share(k)), Max(0, share(k))), (k, -125, 125))
    kinds = {"w": log(w), r"\sigma": log(w * ROOT) + Rational(1, 2)}
    h = Piecewise(*((kind, Eq(shape, number)) for number, kind in enumerate(kinds.values())))
    line = h - log(u)
    return Figure(
        parameters=[
            Choice(symbol=shape, options={"uniform": 0, "normal": 1}, label="density"),
            Slider(symbol=w, minimum=0.2, maximum=2, value=0.5, scale="log", format=".3f", label="width w (or σ)",
                   color=0),
            Slider(symbol=bin_, minimum=0.1, maximum=4, value=0.25, scale="log", format=".3f", label="bin width Δ",
                   color=2),
        ],
        panels=[
            Panel(
                title="A density, cut into bins (every second one darker)",
                x=Axis(label="x", minimum=-4, maximum=4),
                y=Axis(label="density", minimum=0),
                marks=[
                    Area(y=steps, variable=x, color=2, label="share of a bin / Δ"),
                    # Every second bin is drawn twice, so that its edges show.
                    Area(y=Piecewise((steps, Eq(at - 2 * floor(at / 2), 1)), (0, True)), variable=x, color=2),
                    Curve(y=density, variable=x, color=0, label="density"),
                ],
            ),
            Panel(
                title="Entropy of the bins",
                x=Axis(label="bin width Δ", minimum=0.05, maximum=5, scale="log"),
                y=Axis(label="nats", minimum=-2, maximum=5),
                marks=[
                    Curve(y=line, variable=u, color=0, dashed=True, label="h − ln Δ"),
                    Rule(y=0),
                    Point(x=1, y=h, drag=(None, (w, Lambda(y, w * exp(y - h)))), color=0,
                          label=text("h = {v:.2f}", v=h)),
                    Point(x=bin_, y=in_bins, drag=(bin_, None), color=2, label=text("bins {v:.2f}", v=in_bins)),
                ],
            ),
        ],
        formula=[
            Formula(name=r"h - \ln\Delta", value=kind - log(bin_), show=Eq(shape, number),
                    written={w: letter, bin_: r"\Delta"})
            for number, (letter, kind) in enumerate(kinds.items())
        ],
        readout=[
            text("Entropy of the {shape} density h = {h:.3f} nats; of its bins {v:.3f} nats; h − ln Δ = {l:.3f}.",
                 h=h, v=in_bins, l=line.subs(u, bin_)),
        ],
        caption=(
            "The entropy of the bins is never negative, though h may be; halving narrow bins adds about ln 2 ≈ 0.69 "
            "nats. Lower bin width Δ and watch the green dot follow the dashed line; raise it far beyond width w and"
            " watch the dot leave it."
        ),
        description=text(
            "A {shape} density of width {w}, cut into bins of width {bin}. The differential entropy is {h:.3f} nats, "
            "the entropy of the bins {v:.3f} nats, which h minus the logarithm of the bin width, {l:.3f}, approximates "
            "where the bins are narrow.", h=h, v=in_bins, l=line.subs(u, bin_),
        ),
    )  # fmt: skip
