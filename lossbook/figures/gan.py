"""Figures of the chapter on GAN losses: what each loss asks of its players."""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Eq,
    Expr,
    Piecewise,
    Rational,
    Sum,
    exp,
    log,
    nan,
    oo,
    piecewise_fold,
    sign,
    symbols,
)

from lossbook.live import (
    Area,
    Axis,
    Bars,
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
from lossbook.style import INK
from lossbook.symbolic import gan as formulas
from lossbook.symbolic.primitives import sigmoid, softplus
from lossbook.symbolic.probability import gaussian, js_divergence, kl_divergence, kl_normal

p, q, s, u, k, gap = symbols("p q s u k gap")

_GAMES = {
    "minimax": formulas.MinimaxGANLoss,
    "non-saturating": formulas.NonSaturatingGANLoss,
    "Wasserstein": formulas.WassersteinGANLoss,
    "least squares": formulas.LeastSquaresGANLoss,
    "hinge": formulas.HingeGANLoss,
}


def pointwise() -> Figure:
    """One place, p of real and q of made-up samples: which score is best for the discriminator."""
    loss = symbols("loss")
    # The two logarithmic games share a discriminator.
    games = {"logarithm": "minimax", "least squares": "least squares", "hinge": "hinge", "Wasserstein": "Wasserstein"}

    def parts(at: Any) -> list[tuple[Expr, Expr]]:
        return [(p * real, q * fake) for real, fake, _ in (_GAMES[name](at) for name in games.values())]

    def cost(at: Any) -> Expr:
        return Piecewise(*((real + fake, Eq(loss, i)) for i, (real, fake) in enumerate(parts(at))))

    best = Piecewise((log(p / q), Eq(loss, 0)), (p / (p + q), Eq(loss, 1)), (sign(p - q), True))
    # Where both densities are the same, hinge and Wasserstein have many best scores.
    several = Eq(p, q) & (loss >= 2)
    single = Piecewise((0, Eq(loss, 3) | several), (1, True))
    told = Piecewise((nan, several), (sign(p - q) * oo, Eq(loss, 3)), (best, True))
    return Figure(
        parameters=[
            Choice(symbol=loss, options={name: i for i, name in enumerate(games)}, label="loss"),
            Slider(symbol=p, minimum=0.05, maximum=1, value=0.6, step=0.01, format=".2f", label="real density p",
                   color=INK["real"]),
            Slider(symbol=q, minimum=0.05, maximum=1, value=0.2, step=0.01, format=".2f", label="made-up density q",
                   color=INK["made up"]),
            Slider(symbol=s, minimum=-4, maximum=4, value=-1, step=0.05, format=".2f", label="score s", color=1),
        ],
        panels=[
            Panel(
                title="What arrives at this place",
                x=Axis(label="kind of sample"),
                y=Axis(label="density", minimum=0, maximum=1.1),
                marks=[
                    Bars(heights=[p, q], names=["real", "made up"], values=".2f", color=6),
                    Point(x=0, y=p, drag=(None, p), color=INK["real"]),
                    Point(x=1, y=q, drag=(None, q), color=INK["made up"]),
                ],
            ),
            Panel(
                title="Cost of a score at this place",
                x=Axis(label="score s", minimum=-4, maximum=4),
                y=Axis(label="discriminator's cost", minimum=-4, maximum=5),
                marks=[
                    Curve(y=cost(u), variable=u, color=0),
                    Rule(x=best, show=single, dashed=True, color=0),
                    Point(x=best, y=cost(best), show=single, color=0, label=text("s* = {b:.2f}", b=best)),
                    Point(x=s, y=cost(s), drag=(s, None), color=1, label=text("{v:.3f}", v=cost(s))),
                ],
            ),
        ],
        readout=[
            text("D* = p/(p + q) = {d:.3f}. Best score under {loss}: {b:.3f}.", d=p / (p + q), b=told),
        ],
        formula=[
            Formula(name=r"\text{cost}", value=sum(terms), terms=terms, show=Eq(loss, i))
            for i, terms in enumerate(parts(s))
        ],
        caption=(
            "Only the ratio of the densities decides which score is best: halving both halves every cost and leaves "
            "s* where it is. Drag the score to the lowest cost, then the bars; choose another loss and watch s*."
        ),
        description=text(
            "At a place with real density {p} and made-up density {q} the share of real samples is {d:.3f}. The cost "
            "of a score under {loss} is lowest at {b:.3f}; at {s} it is {v:.3f}.",
            d=p / (p + q), b=told, v=cost(s),
        ),
    )  # fmt: skip


def _mean(function: Any, gap: Any) -> Expr:
    """Mean over made-up samples, from N(gap, 1), of a function of their logit, which is −gap times the place."""
    place = k / 10 - gap / 2  # in deviations from the made-up mean; k/10 is counted from the middle of both
    return Sum(exp(-(place**2) / 2) * 0.03989422804014327 * function(-gap * k / 10), (k, -90, 120))


def two_normals() -> Figure:
    """Real and made-up samples from two normals: distances, and the pull that each loss leaves for the generator."""

    def js(gap: Any) -> Expr:
        return log(2) - _mean(softplus, gap)

    def mean_pull(loss: Expr) -> Any:
        pull = -loss.diff(s)  # by the logit, whose slope is −gap
        return lambda g: g * _mean(lambda t: pull.subs(s, t), g)

    pulls = {
        "minimax": mean_pull(formulas.MinimaxGANLoss(s)[2]),
        "non-saturating": mean_pull(formulas.NonSaturatingGANLoss(s)[2]),
        "Wasserstein": lambda g: sign(g),
        # The critic is σ(logit) for the labels 0 and 1; with the labels −1 and 0 it is σ − 1 = −σ(−logit).
        "least squares": mean_pull(formulas.LeastSquaresGANLoss(-sigmoid(-s), a=-1, b=0, c=0)[2]),
        # Where the two coincide every score from −1 to 1 is best, the level one among them, which does not pull.
        "hinge": lambda g: Piecewise((0, Eq(g, 0)), (2 * gaussian(g / 2), True)),
    }
    here = {letter: pulls[name](gap) for letter, name in zip("ade", ("minimax", "least squares", "hinge"), strict=True)}
    # σ(s) + σ(−s) = 1, so the first two pulls add up to the gap.
    here |= {"b": gap - here["a"], "c": sign(gap)}
    return Figure(
        parameters=[
            Slider(symbol=gap, minimum=0, maximum=6, value=2, step=0.05, format=".2f", label="gap",
                   color=INK["made up"]),
        ],
        panels=[
            Panel(
                title="Real (left), made up (right), D*",
                x=Axis(label="x", minimum=-4, maximum=10),
                y=Axis(label="density; probability", minimum=0, maximum=1.05),
                marks=[
                    Area(y=gaussian(u), variable=u, color=INK["real"], label="real p"),
                    Area(y=gaussian(u - gap), variable=u, color=INK["made up"], label="made up q"),
                    Curve(y=sigmoid(gap * (gap / 2 - u)), variable=u, color=3, dashed=True, label="D*"),
                    Point(x=gap, y=0.4, drag=(gap, None), color=INK["made up"]),
                ],
                wide=True,
            ),
            Panel(
                title="Distances",
                x=Axis(label="gap", minimum=0, maximum=6),
                y=Axis(label="nats; for the mover, length", minimum=0, maximum=6),
                marks=[
                    Curve(y=kl_normal(u, 1, 0, 1), variable=u, color=INK["D(p‖q)"], label="KL"),
                    Curve(y=js(u), variable=u, color=INK["Jensen–Shannon"], dashed=True, label="JS"),
                    Curve(y=u, variable=u, color=INK["earth mover's"], label="earth mover's"),
                    Rule(y=log(2), dashed=True, label="ln 2"),
                    Point(x=gap, y=js(gap), drag=(gap, None), color=INK["Jensen–Shannon"]),
                ],
            ),
            Panel(
                title="Mean pull on made-up samples",
                x=Axis(label="gap", minimum=0, maximum=6),
                y=Axis(label="pull towards the real ones", minimum=1e-3, maximum=10, scale="log"),
                marks=[
                    *(
                        Curve(y=pull(u), variable=u, range=(Rational(1, 20), 6), color=INK[name], label=name,
                              dashed=name in ("minimax", "Wasserstein", "hinge"))
                        for name, pull in pulls.items()
                    ),
                    Rule(x=gap),
                ],
            ),
        ],
        readout=[
            text("KL {kl:.3f}, JS {js:.4f} of at most 0.6931, earth mover's {gap}.",
                 kl=kl_normal(gap, 1, 0, 1), js=js(gap)),
            text("Pull: minimax {a:.4f}, non-saturating {b:.3f}, Wasserstein {c:d}, least squares {d:.4f}, "
                 "hinge {e:.4f}.", **here),
        ],
        caption=(
            "At wide gaps JS is flat below ln 2, and minimax, least squares and hinge hardly pull; Wasserstein's "
            "pull stays 1. Minimax and non-saturating add up to the gap. Drag the made-up samples away and watch the"
            " pulls."
        ),
        description=text(
            "Two normals at a distance of {gap}: JS {js:.4f}. Mean pull: minimax {a:.4f}, non-saturating {b:.3f}.",
            js=js(gap), a=here["a"], b=here["b"],
        ),
    )  # fmt: skip


def parallel_lines() -> Figure:
    """Two parallel lines in the plane: the distances in closed form, and descent on them."""
    theta, t, a, b, m, n = symbols("theta t a b m n")
    apart = Piecewise((0, Eq(theta, 0)), (1, True))
    rate = Rational(1, 20)
    return Figure(
        parameters=[
            Slider(symbol=theta, minimum=-1, maximum=1, value=0.6, step=0.05, format=".2f", label="distance θ",
                   color=INK["made up"]),
            Slider(symbol=t, minimum=0, maximum=30, value=8, integer=True, label="steps"),
            Play(symbol=t, seconds=4),
        ],
        panels=[
            Panel(
                title="Real at 0, made up at θ",
                x=Axis(label="first coordinate", minimum=-1.2, maximum=1.2),
                y=Axis(label="second coordinate", minimum=-0.1, maximum=1.1),
                marks=[
                    Segment(x1=0, y1=0, x2=0, y2=1, color=INK["real"]),
                    Segment(x1=theta, y1=0, x2=theta, y2=1, color=INK["made up"]),
                    Segment(x1=b, y1=Rational(1, 2), x2=b - sign(b) * rate, y2=Rational(1, 2), arrow=True,
                            color=INK["earth mover's"]),
                    Point(x=theta, y=Rational(1, 2), drag=(theta, None), color=INK["made up"]),
                    Point(x=0, y=0, color=INK["real"], label="real"),
                ],
            ),
            Panel(
                title="Distances",
                x=Axis(label="θ", minimum=-1, maximum=1),
                y=Axis(label="distance", minimum=0, maximum=1.2),
                marks=[
                    Curve(y=1, variable=u, color=INK["total variation"], dashed=True, label="total variation"),
                    Curve(y=log(2), variable=u, color=0, label="JS"),
                    Curve(y=Abs(u), variable=u, color=INK["earth mover's"], label="earth mover's"),
                    Point(x=0, y=0, color=0, label="all 0 at θ = 0"),
                    Point(x=theta, y=log(2) * apart, drag=(theta, None), color=0),
                    Point(x=theta, y=Abs(theta), color=INK["earth mover's"], drag=(theta, None)),
                ],
            ),
            Panel(
                title="Descent on each, rate 0.05",
                x=Axis(label="steps", minimum=0, maximum=30),
                y=Axis(label="θ", minimum=-1.1, maximum=1.1),
                marks=[
                    Trajectory(start={a: theta, m: 0}, step={a: a, m: m + 1}, steps=t, x=m, y=a, color=0, label="JS"),
                    Trajectory(start={b: theta, n: 0}, step={b: b - rate * sign(b) * Piecewise(
                                   (1, Abs(b) >= rate / 2), (0, True)), n: n + 1},
                               steps=t, x=n, y=b, color=INK["earth mover's"], label="earth mover's"),
                    Rule(y=0),
                    Point(x=t, y=a, color=0),
                    Point(x=t, y=b, color=INK["earth mover's"]),
                ],
                wide=True,
            ),
        ],
        readout=[
            text("θ = {theta}: KL {kl:.2f}, JS {js:.4f}, total variation {tv:d}, earth mover's {em:.2f}.",
                 kl=Piecewise((0, Eq(theta, 0)), (oo, True)), js=log(2) * apart, tv=apart, em=Abs(theta)),
            text("Slope by θ: JS 0, earth mover's {g:d}. Steps: {t}. Descent is at {a:.2f} and {b:.2f}.",
                 g=sign(theta), a=a, b=b),
        ],
        formula=Formula(name=r"\text{JS}", value=piecewise_fold(log(2) * apart)),
        caption=(
            "Once the lines part, JS is ln 2 and total variation 1, near or far: neither has a slope. The earth "
            "mover's distance |θ| has one all the way. Drag the made-up line, press Play and watch which θ comes to "
            "0."
        ),
        description=text(
            "Two parallel lines {em:.2f} apart: JS {js:.3f}, total variation {tv:d}, earth mover's {em:.2f}. "
            "Steps: {t}. Descent on JS stands at {a:.2f}, on the earth mover's distance at {b:.2f}.",
            js=log(2) * apart, tv=apart, em=Abs(theta), a=a, b=b,
        ),
    )  # fmt: skip


def generator_pull() -> Figure:
    """The generator's five losses and their pulls, over the score of a made-up sample."""
    shown = {"minimax": 1, "non-saturating": 0, "Wasserstein, hinge": 2, "least squares": 3}
    losses = {name: _GAMES[name.split(",")[0]](u)[2] for name in shown}
    pulls = {name: (-loss.diff(u)).subs(u, s) for name, loss in losses.items()}
    here = dict(zip("abcd", pulls.values(), strict=True))
    style = {"minimax": False, "non-saturating": True, "Wasserstein, hinge": True, "least squares": False}
    return Figure(
        parameters=[Slider(symbol=s, minimum=-6, maximum=6, value=-4, step=0.05, format=".2f", label="score s")],
        panels=[
            Panel(
                title="The generator's loss",
                x=Axis(label="score s of a made-up sample", minimum=-6, maximum=6),
                y=Axis(label="loss", minimum=-6, maximum=8),
                marks=[
                    *(Curve(y=losses[name], variable=u, color=color, label=name, dashed=style[name])
                      for name, color in shown.items()),
                    Rule(x=s),
                ],
            ),
            Panel(
                title="Its pull on the score",
                x=Axis(label="score s of a made-up sample", minimum=-6, maximum=6),
                y=Axis(label="minus the slope", minimum=-3, maximum=3),
                marks=[
                    *(Curve(y=pull.subs(s, u), variable=u, color=shown[name], dashed=style[name])
                      for name, pull in pulls.items()),
                    Rule(x=s),
                    Point(x=s, y=here["a"], color=1, drag=(s, None), label=text("{v:.3f}", v=here["a"])),
                    Point(x=s, y=here["b"], color=0, drag=(s, None), label=text("{v:.3f}", v=here["b"])),
                ],
            ),
        ],
        formula=Formula(
            name=r"\text{minimax} + \text{non-saturating}", value=here["a"] + here["b"], terms=(here["a"], here["b"])
        ),
        readout=[
            text("D(G) = σ(s) = {D:.4f}. Pull: minimax {a:.4f}, non-saturating {b:.4f}, Wasserstein and hinge {c:d}, "
                 "least squares {d:.2f}.", D=sigmoid(s), **here),
        ],
        caption=(
            "Minimax pulls with D(G), the non-saturating loss with 1 − D(G): where one is silent, the other is loud."
            " Drag the score to the left; then drag it beyond 1, where least squares pulls back."
        ),
        description=text(
            "Generator losses over the score. At s = {s}, D = {D:.3f}, the pull is {a:.3f} under minimax, {b:.3f} "
            "non-saturating, 1 under Wasserstein and hinge, {d:.2f} under least squares.", D=sigmoid(s), **here,
        ),
    )  # fmt: skip


def unequal_errors() -> Figure:
    """A generator that drops a mode, and one that makes nonsense: what each objective charges."""
    missing, nonsense = symbols("missing nonsense")
    names = ["mode A", "mode B", "nonsense"]
    tiny = Rational(1, 1000)
    real = [(1 - tiny) / 2, (1 - tiny) / 2, tiny]
    fake = [(1 - nonsense) * (1 + missing) / 2, (1 - nonsense) * (1 - missing) / 2, nonsense]
    rows = list(zip(real, fake, strict=True))
    totals = {"f": kl_divergence(real, fake), "b": kl_divergence(fake, real), "j": 2 * js_divergence(real, fake)}
    # Place by place: what both have in common cancels before it is added up.
    totals["t"] = sum(kl_divergence([b], [a]) - 2 * js_divergence([a], [b]) for a, b in rows)
    return Figure(
        parameters=[
            Slider(symbol=missing, minimum=0, maximum=0.99, value=0.97, step=0.01, format=".0%", label="moved, B to A"),
            Slider(symbol=nonsense, minimum=0.001, maximum=0.6, value=0.001, step=0.001, format=".1%",
                   label="share of nonsense"),
        ],
        panels=[
            Panel(
                title="Real (left bar) and made up (right bar)",
                x=Axis(label="kind of sample"),
                y=Axis(label="share", minimum=0, maximum=1.05),
                marks=[
                    Bars(heights=[h for a in real for h in (a, 0)], names=[x for name in names for x in (name, "")],
                         color=INK["real"], label="real"),
                    Bars(heights=[h for b in fake for h in (0, b)], names=[x for name in names for x in (name, "")],
                         color=INK["made up"], label="made up"),
                ],
            ),
            Panel(
                title="What each objective charges",
                x=Axis(label="objective"),
                y=Axis(label="nats", minimum=0, maximum=4.5),
                marks=[
                    Bars(heights=list(totals.values()), values=".2f", color=2, highlight=3,
                         names=["KL(p‖q)", "KL(q‖p)", "2 JS", "trick"]),
                ],
            ),
        ],
        readout=[
            text("KL(p‖q) {f:.3f}, KL(q‖p) {b:.3f}, 2 JS {j:.3f}; the −ln D trick, KL(q‖p) − 2 JS: {t:.3f} nats.",
                 **totals),
        ],
        caption=(
            "With 99% of mode B lost the trick charges 0.26 nats, for half nonsense 2.34; KL(p‖q) charges 1.96 and "
            "0.69. Set moved, B to A to 0%, raise share of nonsense and watch the bar of the trick."
        ),
        description=text(
            "Real samples come from two modes; {missing} of mode B has moved to mode A, and {nonsense} are nonsense. "
            "KL from real {f:.2f}, KL from made up {b:.2f}, twice JS {j:.2f}, the −ln D trick {t:.2f}.", **totals,
        ),
    )  # fmt: skip
