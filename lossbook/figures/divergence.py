"""Figures of the chapter on the Kullback–Leibler divergence."""

from __future__ import annotations

from sympy import Abs, Expr, Lambda, Max, Min, Piecewise, Rational, erf, exp, log, nan, oo, sqrt, symbols

from lossbook.live import (
    Area,
    Axis,
    Bars,
    Curve,
    Figure,
    Formula,
    Panel,
    Point,
    Predict,
    Rule,
    Segment,
    Slider,
    text,
)
from lossbook.style import INK
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.probability import (
    entropy,
    gaussian,
    js_divergence,
    kl_divergence,
    kl_normal,
    log_softmax,
    logit_of_share,
)

a, b, g, i, m, mu, p, q, s, sigma, t, u, w, x, y, z = symbols("a b g i m mu p q s sigma t u w x y z")


def both_directions() -> Figure:
    """Two sets of logits: D(p‖q) and D(q‖p), term by term."""
    first, second = symbols("a1:4"), symbols("b1:4")
    names = ("cat", "dog", "horse")
    forward, backward = symbols("there back")
    log_p, log_q = symbols("lp1:4"), symbols("lq1:4")
    logs = dict(zip((*log_p, *log_q), (*log_softmax(first), *log_softmax(second)), strict=True))
    there = [exp(lp) * (lp - lq) for lp, lq in zip(log_p, log_q, strict=True)]
    back = [exp(lq) * (lq - lp) for lp, lq in zip(log_p, log_q, strict=True)]

    def terms(heights: list[Expr], total: Expr, title: str) -> Panel:
        return Panel(
            title=title,
            x=Axis(label="term of each class, and their sum"),
            # No term is below −1/e: p ln(p/q) is at least −q/e.
            y=Axis(label="nats", minimum=-0.5, maximum=total * Rational(9, 8) + 0.5),
            marks=[Bars(heights=[*heights, total], names=[*names, "sum"], highlight=3, values=".3f", color=0)],
        )

    return Figure(
        parameters=[
            Slider(symbol=symbol, minimum=-5, maximum=5, value=value, step=0.05, format=".2f",
                   label=f"{who}: logit {name}", color=INK[who], cell=(name, f"logit of {who}"))
            for who, logits, values in (("p", first, (2, 1, -1.5)), ("q", second, (0, 0.5, 0.5)))
            for symbol, name, value in zip(logits, names, values, strict=True)
        ],
        panels=[
            Panel(
                title="What holds (p, left), what is believed (q, right)",
                x=Axis(label="class"),
                y=Axis(label="probability", minimum=0, maximum=1.1),
                marks=[
                    Bars(heights=[h for lp in log_p for h in (exp(lp), 0)], color=INK["p"], label="p",
                         names=[name for name in names for _ in "pq"]),
                    Bars(heights=[h for lq in log_q for h in (0, exp(lq))], color=INK["q"], label="q",
                         names=[name for name in names for _ in "pq"]),
                    *(
                        Point(x=2 * k + second_bar, y=exp(log_share), color=INK["pq"[second_bar]],
                              drag=(None, (logits[k], Lambda(u, logit_of_share(u, (*logits[:k], *logits[k + 1 :]))))),
                              label=text("{v:.2f}", v=exp(log_share)))
                        for second_bar, (logits, row) in enumerate(((first, log_p), (second, log_q)))
                        for k, log_share in enumerate(row)
                    ),
                ],
                wide=True,
            ),
            terms(there, forward, "D(p‖q): terms p ln(p/q)"),
            terms(back, backward, "D(q‖p): terms q ln(q/p)"),
        ],
        readout=[text("D(p‖q) = {f:.4f} nats, D(q‖p) = {r:.4f} nats.", f=forward, r=backward)],
        caption=(
            "A class with p below q has a negative term in D(p‖q) and a positive one in D(q‖p), yet neither sum is "
            "ever negative. Drag the tops of the bars: make p and q equal, then push one bar of q to 0, and compare "
            "the two sums."
        ),
        description=text(
            "Two distributions over cat, dog and horse. D(p‖q) is {f:.3f}, D(q‖p) is {r:.3f} nats.",
            f=forward, r=backward,
        ),
        define=logs | {forward: sum(there), backward: sum(back)},
    )  # fmt: skip


def gibbs() -> Figure:
    """The logarithm lies under its tangent at 1, and touches it there only."""
    gap = t - 1 - log(t)
    return Figure(
        parameters=[
            Slider(symbol=x, minimum=0.05, maximum=4, value=2.5, step=0.01, format=".2f", label="ratio x = q/p",
                   color=1),
        ],
        panels=[
            Panel(
                title="The logarithm and its tangent",
                x=Axis(label="x = q/p", minimum=0, maximum=4),
                y=Axis(label="value", minimum=-3, maximum=3),
                marks=[
                    Curve(y=t - 1, variable=t, dashed=True, color=2, label="x − 1"),
                    Curve(y=log(t), variable=t, range=(Rational(1, 50), 4), color=0, label="ln x"),
                    Segment(x1=x, y1=log(x), x2=x, y2=x - 1, color=1),
                    Point(x=x, y=log(x), color=0, drag=(x, None)),
                    Point(x=x, y=x - 1, drag=(x, None), color=2),
                ],
            ),
            Panel(
                title="The gap between them",
                x=Axis(label="x = q/p", minimum=0, maximum=4),
                y=Axis(label="x − 1 − ln x", minimum=0, maximum=3),
                marks=[
                    Curve(y=gap, variable=t, range=(Rational(1, 50), 4), color=1),
                    Point(x=x, y=gap.subs(t, x), color=1, drag=(x, None), label=text("{v:.3f}", v=gap.subs(t, x))),
                ],
            ),
        ],
        formula=Formula(name="g(x)", value=gap.subs(t, x)),
        readout=[text("ln {x} = {l:.4f}, {x} − 1 = {e:.2f}: a gap of {v:.4f}.", l=log(x), e=x - 1, v=gap.subs(t, x))],
        caption=(
            "The gap x − 1 − ln x is 0 at x = 1 alone; it grows without limit towards x = 0 and towards large x. "
            "Drag the point from 0.1 to 4 and watch the orange gap close and open again."
        ),
        description=text(
            "The curve ln x lies under the line x − 1 and touches it at x = 1. At x = {x} the gap is {v:.4f}.",
            v=gap.subs(t, x),
        ),
    )  # fmt: skip


def two_coins() -> Figure:
    """Four measures of how far coin q lies from coin p."""
    revealed = symbols("revealed")
    coins = (p, 1 - p), (q, 1 - q)
    measures = [
        ("D(p‖q)", kl_divergence(*coins)),
        ("D(q‖p)", kl_divergence(*reversed(coins))),
        ("Jensen–Shannon", js_divergence(*coins)),
        ("total variation", Abs(p - q)),
    ]
    values = {name: value for name, (_, value) in zip("frjv", measures, strict=True)}
    asked = ("D(p‖q)", "D(q‖p)")
    return Figure(
        parameters=[
            Slider(symbol=p, minimum=0.02, maximum=0.98, value=0.3, step=0.01, format=".2f", label="what holds: p"),
            Slider(symbol=q, minimum=0, maximum=1, value=0.85, step=0.01, format=".2f", label="what is believed: q"),
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
            Predict(
                question="You believe q = 0: never heads. Which divergence becomes infinite?",
                revealed=revealed,
                options=["D(p‖q)", "D(q‖p)", "Both"],
                right=0,
                answer=text("D(p‖q) alone: heads do come, and q calls them impossible. D(q‖p) stays at {v:.3f}: where "
                            "q holds, heads never come.", v=values["r"].subs(q, 0)),
                sets={q: 0},
            ),
        ],
        panels=[
            Panel(
                x=Axis(label="q, believed probability of heads", minimum=0, maximum=1),
                y=Axis(label="nats (total variation: probability)", minimum=0,
                       maximum=Max(2.5, Rational(21, 20) * values["r"])),
                marks=[
                    *(
                        Curve(y=value.subs(q, t), variable=t, color=INK[name], label=name, dashed=name not in asked,
                              show=revealed if name in asked else 1)
                        for name, value in measures
                    ),
                    Rule(x=p, dashed=True, label="q = p"),
                    *(
                        Point(x=q, y=value, color=INK[name], drag=(q, None), show=revealed if name in asked else 1)
                        for name, value in measures
                    ),
                ],
            )
        ],
        formula=Formula(name=r"D(p\,\|\,q)", value=measures[0][1], terms=measures[0][1].args),
        readout=[
            text("D(p‖q) = {f:.4f}, D(q‖p) = {r:.4f}, Jensen–Shannon {j:.4f}, total variation {v:.2f}.", **values),
            text("Pinsker: D(p‖q) is at least 2 · (total variation)² = {b:.4f}.", b=2 * values["v"] ** 2),
        ],
        caption=(
            "All four curves are 0 at q = p only. At q = 0 and q = 1, D(p‖q) alone is infinite: what was believed "
            "impossible happens. Drag a point to an end, then move what holds: p, and see that the other three "
            "numbers stay finite."
        ),
        description=text(
            "Distances of a coin q = {q} from a coin p = {p}: D(p‖q) {f:.3f}, D(q‖p) {r:.3f}, Jensen–Shannon {j:.3f}, "
            "total variation {v:.2f}. All four are zero at q = p only.", **values,
        ),
    )  # fmt: skip


def same_slope() -> Figure:
    """Cross-entropy and KL divergence of a smoothed label: one curve, shifted by the entropy."""
    target = (1 - 3 * s / 4, *[s / 4] * 3)  # four classes, the first of them true

    def ce(at: Expr) -> Expr:
        return S.CrossEntropyLoss((at, 0, 0, 0), target)

    h = entropy(target)
    slope = ce(z).diff(z)

    def tangent(height: Expr, color: int) -> Segment:
        return Segment(x1=z - 1, y1=height - slope, x2=z + 1, y2=height + slope, color=color)

    return Figure(
        parameters=[
            Slider(symbol=s, minimum=0, maximum=0.9, value=0.3, step=0.01, format=".2f", label="label smoothing s"),
            Slider(symbol=z, minimum=-3, maximum=7, value=0, step=0.05, format=".2f", label="logit z of true class"),
        ],
        panels=[
            Panel(
                title="Two losses",
                x=Axis(label="z; the other three logits are 0", minimum=-4, maximum=8),
                y=Axis(label="nats", minimum=-0.2, maximum=5),
                marks=[
                    Curve(y=ce(t), variable=t, color=0, label="cross-entropy H(p, q)"),
                    Curve(y=ce(t) - h, variable=t, color=1, dashed=True, label="divergence D(p‖q)"),
                    Curve(y=h, variable=t, color=6, dashed=True, label="entropy H(p)"),
                    tangent(ce(z), 0),
                    tangent(ce(z) - h, 1),
                    Point(x=z, y=ce(z), color=0, drag=(z, None)),
                    Point(x=z, y=ce(z) - h, color=1, drag=(z, None)),
                ],
            ),
            Panel(
                title="One slope",
                x=Axis(label="z; the other three logits are 0", minimum=-4, maximum=8),
                y=Axis(label="derivative by z", minimum=-1, maximum=1),
                marks=[
                    Curve(y=slope.subs(z, t), variable=t, color=2, label="of both"),
                    Rule(y=0, dashed=True),
                    Point(x=z, y=slope, color=2, drag=(z, None), label=text("{v:.3f}", v=slope)),
                ],
            ),
        ],
        readout=[
            text("H(p, q) = {c:.4f} = H(p) + D(p‖q) = {h:.4f} + {k:.4f}. Slope of both {v:.4f}.",
                 c=ce(z), h=h, k=ce(z) - h, v=slope),
        ],
        caption=(
            "The curves lie the label's entropy H(p) apart at every z, so their slopes agree. With label smoothing s"
            " above 0, drag a point to where the slope is 0: there the divergence is 0 and the cross-entropy is "
            "H(p)."
        ),
        description=text(
            "Cross-entropy {c:.3f} and divergence {k:.3f} over the logit of the true class. The curves differ by "
            "the entropy {h:.3f} of the label, so their slopes agree: {v:.3f} at z = {z}.",
            c=ce(z), h=h, k=ce(z) - h, v=slope,
        ),
    )  # fmt: skip


def boxes() -> Figure:
    """Two boxes on a line: what each measure says while they part."""

    def shared(at: Expr) -> Expr:
        return Max(0, Min(1, at + b) - Max(0, at))

    def js(at: Expr) -> Expr:
        common = shared(at)
        apart = (1 - common) + (1 - common / b)
        return (apart * log(2) + common * log(2 * b / (1 + b)) + common / b * log(2 / (1 + b))) / 2

    def variation(at: Expr) -> Expr:
        common = shared(at)
        return (2 - common * (1 + 1 / b) + common * Abs(1 - 1 / b)) / 2

    def mover(at: Expr) -> Expr:  # |at + (b − 1) u| over u from 0 to 1: how far each grain travels
        last = at + b - 1
        return Piecewise((Abs(at + last) / 2, at * last >= 0), ((at**2 + last**2) / (2 * Abs(b - 1)), True))

    within, around = (g >= 0) & (g + b <= 1), (g <= 0) & (g + b >= 1)
    measures = [("Jensen–Shannon", js), ("total variation", variation), ("earth mover's", mover)]
    forward = Piecewise((log(b), around), (oo, True))
    backward = Piecewise((-log(b), within), (oo, True))
    numbers = {"f": forward, "r": backward, "j": js(g), "v": variation(g), "e": mover(g)}
    return Figure(
        parameters=[
            Slider(symbol=g, minimum=-2.5, maximum=3, value=1.5, step=0.05, format=".2f", label="q begins at", color=2),
            Slider(symbol=b, minimum=0.5, maximum=2, value=1, step=0.05, format=".2f", label="width of q", color=2),
        ],
        panels=[
            Panel(
                title="The two boxes",
                x=Axis(label="x", minimum=-3, maximum=5),
                y=Axis(label="density", minimum=0, maximum=2.2),
                marks=[
                    Area(y=Piecewise((1, (t >= 0) & (t <= 1)), (0, True)), variable=t, color=6, label="p"),
                    Area(y=Piecewise((1 / b, (t >= g) & (t <= g + b)), (0, True)), variable=t, color=2, label="q"),
                    Point(x=g, y=1 / b, drag=(g, None), color=2),
                    Point(x=g + b, y=1 / b, drag=((b, Lambda(u, u - g)), None), color=2),
                ],
            ),
            Panel(
                title="What each measure says",
                x=Axis(label="where q begins", minimum=-2.5, maximum=3),
                y=Axis(label="nats; probability; distance", minimum=-0.05, maximum=3.7),
                marks=[
                    *(
                        Curve(y=f(t), variable=t, color=INK[name], label=name, dashed=f is variation)
                        for name, f in measures
                    ),
                    Curve(y=Piecewise((log(b), (t <= 0) & (t + b >= 1)), (nan, True)), variable=t, color=INK["D(p‖q)"],
                          label="D(p‖q)"),
                    *(Point(x=g, y=f(g), color=INK[name], drag=(g, None)) for name, f in measures),
                    Point(x=g, y=forward, drag=(g, None), color=INK["D(p‖q)"]),
                ],
            ),
        ],
        readout=[
            text("D(p‖q) = {f:.4f}, D(q‖p) = {r:.4f}, Jensen–Shannon {j:.4f}, total variation {v:.3f}, "
                 "earth mover's distance {e:.3f}.", **numbers),
        ],
        caption=(
            "Once the boxes have parted, Jensen–Shannon stays at ln 2 and total variation at 1; the earth mover's "
            "distance still grows. Drag q away from p; then pull its right edge out and put q round p: D(p‖q) is "
            "finite only while q covers p."
        ),
        description=text(
            "A box p from 0 to 1 and a box q of width {b} from {g}. D(p‖q) {f:.3f}, D(q‖p) {r:.3f}, Jensen–Shannon "
            "{j:.3f}, total variation {v:.3f}, earth mover's distance {e:.3f}.", **numbers,
        ),
    )  # fmt: skip


def truncation() -> Figure:
    """A divergence of two normals, integrated over part of the line only."""
    low, high = symbols("low high")
    integrand = gaussian(t) * (log(sigma) - t**2 / 2 + ((t - mu) / sigma) ** 2 / 2)
    whole = kl_normal(0, 1, mu, sigma)
    # Mass, mean and second moment of the standard normal between the ends.
    mass = (erf(high / sqrt(2)) - erf(low / sqrt(2))) / 2
    lower, upper = gaussian(low), gaussian(high)
    second = mass + low * lower - high * upper
    constant = log(sigma) + mu**2 / (2 * sigma**2)
    part = constant * mass - mu / sigma**2 * (lower - upper) + (1 / sigma**2 - 1) * second / 2
    return Figure(
        parameters=[
            Slider(symbol=mu, minimum=-3, maximum=3, value=1.5, step=0.05, format=".2f", label="mean μ of q"),
            Slider(symbol=sigma, minimum=0.4, maximum=3, value=0.7, step=0.05, format=".2f", label="deviation σ of q"),
            Slider(symbol=low, minimum=-6, maximum=1, value=-1.5, step=0.05, format=".2f", label="integrate from"),
            Slider(symbol=high, minimum=low + Rational(1, 10), maximum=6, value=1.5, step=0.05, format=".2f",
                   label="integrate to"),
        ],
        panels=[
            Panel(
                title="p = N(0, 1) and q = N(μ, σ²)",
                x=Axis(label="x", minimum=-6, maximum=6),
                y=Axis(label="density", minimum=0, maximum=1.05),
                marks=[
                    Area(y=gaussian(t), variable=t, color=6, label="p"),
                    Curve(y=gaussian(t - mu, sigma), variable=t, color=INK["q"], label="q"),
                    Rule(x=low, dashed=True),
                    Rule(x=high, dashed=True),
                ],
            ),
            Panel(
                title="p ln(p/q), and the part that is added up",
                x=Axis(label="x", minimum=-6, maximum=6),
                y=Axis(label="nats per unit of x"),
                marks=[
                    Curve(y=integrand, variable=t, color=1),
                    Area(y=integrand, variable=t, range=(low, high), color=1),
                    Point(x=low, y=integrand.subs(t, low), drag=(low, None), color=6),
                    Point(x=high, y=integrand.subs(t, high), drag=(high, None), color=6),
                ],
            ),
        ],
        formula=Formula(name=r"D(p\,\|\,q)", value=whole),
        readout=[text("From {low} to {high}: {part:.4f} nats. Over the whole line: {whole:.4f} nats.",
                      part=part, whole=whole)],
        caption=(
            "Where q is higher than p, p ln(p/q) is negative; so a part of the line may give less than 0, or more "
            "than the whole. With μ = 1.5 and σ = 0.7, drag the ends to 0.9 and 6, then to −6 and 0.9."
        ),
        description=text(
            "The integrand of D(p‖q) for a standard normal p and a normal q of mean {mu} and deviation {sigma}. "
            "From {low} to {high} it adds up to {part:.3f}, over the whole line to {whole:.3f} nats.",
            part=part, whole=whole,
        ),
    )  # fmt: skip
