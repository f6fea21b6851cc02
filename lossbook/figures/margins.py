"""Figures of the chapter on classification losses: two classes, and what a loss makes of the margin."""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Eq, Expr, Max, Piecewise, Rational, factor, log, sign, sqrt, symbols

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
from lossbook.style import INK
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid, softplus
from lossbook.symbolic.probability import kl_divergence, logit

from .crossentropy import _HIDDEN, revealed

m, f, u, v, eta, gamma, p = symbols("m f u v eta gamma p")


def _dot(first: Any, second: Any) -> Expr:
    return sum(a * b for a, b in zip(first, second, strict=True))


def margins() -> Figure:
    """Seven losses over the margin, with their slopes."""
    losses: dict[str, tuple[Any, ...]] = {  # name: symbol, loss, colour, whether shown at first
        "0-1": (symbols("zero"), S.ZeroOneLoss(m), 6, True),
        "hinge": (symbols("hinge"), S.HingeLoss(m), INK["hinge"], True),
        "squared hinge": (symbols("square"), S.SquaredHingeLoss(m), INK["squared hinge"], False),
        "logistic": (symbols("logistic"), S.LogisticLoss(m), 0, True),
        "exponential": (symbols("power"), S.ExponentialLoss(m), 2, True),
        "squared": (symbols("quad"), S.MSELoss(1 - m), INK["squared error"], False),
        "focal, γ = 2": (symbols("focal"), S.SigmoidFocalLoss(m, 1, gamma=2), 5, False),
    }
    kinds = {name: (shown, loss, loss.diff(m), *rest) for name, (shown, loss, *rest) in losses.items()}
    panels = []
    for k, title, label, low, high in ((1, "Loss", "loss", 0, 5), (2, "Slope", "slope by the margin", -5, 3)):
        marks: list[Any] = []
        for name, kind in kinds.items():
            dashed = name in ("logistic", "squared")  # squared lies on squared hinge below 1
            marks.append(
                Curve(y=kind[k].subs(m, u), variable=u, color=kind[3], dashed=dashed, show=kind[0],
                      label=name * (k == 1))
            )  # fmt: skip
        panels.append(
            Panel(
                title=title,
                x=Axis(label="margin m = y·f", minimum=-3, maximum=3),
                y=Axis(label=label, minimum=low, maximum=high),
                marks=[
                    Rule(x=m, color=1),
                    *marks,
                    *(Point(x=m, y=kind[k], color=kind[3], show=kind[0], drag=(m, None)) for kind in kinds.values()),
                    Point(x=m, y=low, drag=(m, None), color=1),
                ],
            )
        )
    numbers = {f"{letter}{k}": kind[k] for letter, kind in zip("zhslpqf", kinds.values(), strict=True) for k in (1, 2)}
    said = ("0-1 {z1:.0f} (0)", "hinge {h1:.2f} ({h2:.2f})", "squared hinge {s1:.2f} ({s2:.2f})",
            "logistic {l1:.3f} ({l2:.3f})", "exponential {p1:.2f} ({p2:.2f})", "squared {q1:.2f} ({q2:.2f})",
            "focal {f1:.3f} ({f2:.3f})")  # fmt: skip
    used = {name: value for name, value in numbers.items() if name != "z2"}
    line = text("Loss (slope) at m = {m}: " + ", ".join(said) + ".", **used)
    return Figure(
        parameters=[
            Slider(symbol=m, minimum=-3, maximum=3, value=-1, step=0.05, format=".2f", label="margin m = y·f", color=1),
            *(Toggle(symbol=kind[0], value=kind[4], label=name) for name, kind in kinds.items()),
        ],
        panels=panels,
        readout=[line],
        caption=(
            "Hinge and logistic never pull harder than 1, however wrong the answer; the pull of the exponential loss"
            " has no bound. Switch on squared and drag the point past m = 1: its slope turns positive and pulls the "
            "score back."
        ),
        description=text(
            "Seven losses over the margin, and their slopes. At {m}: hinge {h1:.2f}, logistic {l1:.3f}.", **numbers
        ),
    )


def risks() -> Figure:
    """The expected loss where both labels occur, its minimum, and the probability that the minimum tells."""
    kind, d = symbols("kind d")
    power = Piecewise((1, Eq(kind, 5)), (2, Eq(kind, 6)), (5, True))
    plain = (S.LogisticLoss, S.ExponentialLoss, lambda at: S.MSELoss(1 - at), S.SquaredHingeLoss, S.HingeLoss)

    def of(at: Any) -> Expr:
        known = ((loss(at), Eq(kind, k)) for k, loss in enumerate(plain))
        return Piecewise(*known, (S.SigmoidFocalLoss(at, 1, power), True))

    def mixed(loss: Any, at: Any) -> Expr:
        return eta * loss(at) + (1 - eta) * loss(-at)

    def risk(at: Any) -> Expr:
        return mixed(of, at)

    # The focal loss has no closed form: halve an interval, to the side where the risk falls.
    focal_slope = S.SigmoidFocalLoss(f, 1, power).diff(f)
    slope = eta * focal_slope - (1 - eta) * focal_slope.subs(f, -f)
    best = Piecewise(
        (logit(eta), Eq(kind, 0)), (logit(eta) / 2, Eq(kind, 1)), (2 * eta - 1, Eq(kind, 2) | Eq(kind, 3)),
        (sign(eta - Rational(1, 2)), Eq(kind, 4)), (f, True),
    )  # fmt: skip
    told = Piecewise(
        (Piecewise((0, u < Rational(1, 2)), (1, True)), Eq(kind, 4)),
        (u, True),
    )
    b, said = symbols("b said")
    from_best = Piecewise(
        (sigmoid(2 * b), Eq(kind, 1)), ((1 + b) / 2, (kind > 1) & (kind < 5)), (sigmoid(b), True)
    )  # fmt: skip
    return Figure(
        parameters=[
            Choice(
                symbol=kind,
                options={name: k for k, name in enumerate(
                    ("logistic", "exponential", "squared", "squared hinge", "hinge", "focal, γ = 1", "focal, γ = 2",
                     "focal, γ = 5"))},
                label="loss",
            ),
            Slider(symbol=eta, minimum=0.02, maximum=0.98, value=0.7, step=0.01, format=".2f", label="chance η of yes",
                   color=1),
        ],
        panels=[
            Panel(
                title="η ℓ(f) + (1 − η) ℓ(−f)",
                x=Axis(label="score f", minimum=-4, maximum=6),
                y=Axis(label="expected loss", minimum=0, maximum=4),
                marks=[
                    Trajectory(start={f: 0, d: 8}, step={f: f - d * sign(slope), d: d / 2}, steps=45, x=0, y=0, show=0),
                    Curve(y=risk(u), variable=u, color=0),
                    Point(x=b, y=risk(b), color=1, label="f*"),
                ],
            ),
            Panel(
                title="What f* tells",
                x=Axis(label="chance η", minimum=0, maximum=1),
                y=Axis(label="probability read", minimum=0, maximum=1.05),
                marks=[
                    Curve(y=u, variable=u, color=6, dashed=True, label="truth"),
                    Curve(y=told, variable=u, color=0, show=kind < 5,
                          label="f*"),
                    # Where the risk is flat, η ℓ′(v) = (1 − η) ℓ′(−v).
                    Curve(x=focal_slope.subs(f, -v) / (focal_slope.subs(f, v) + focal_slope.subs(f, -v)), y=sigmoid(v),
                          variable=v, range=(-8, 8), color=0, show=kind > 4, label="f*"),
                    Point(x=eta, y=said, color=1, drag=(eta, None)),
                ],
            ),
        ],
        formula=[
            Formula(value=mixed(loss, b), name="R(f^*)", show=Eq(kind, k), written={b: "f^*"})
            for k, loss in enumerate(
                (*plain, *(partial(S.SigmoidFocalLoss, t=1, gamma=focus) for focus in (1, 2, 5)))
            )
        ],
        readout=[
            text("Best score f* = {b:.3f}; read as a probability it says {q:.3f}.",
                 b=b, q=said),
        ],
        caption=(
            "For every loss here f* has the right sign; with hinge it tells only which label is likelier, and focal "
            "losses draw the probability towards ½. Change the loss and drag the point: where it keeps to the dashed"
            " diagonal, f* tells η itself."
        ),
        description=text(
            "Expected {kind} loss, lowest at {b:.2f}, which says {q:.2f}.", b=b, q=said,
        ),
        define={b: best, said: from_best},
    )  # fmt: skip


def support_vectors() -> Figure:
    """Hinge loss and a penalty on the weights, by subgradient descent; two points can be dragged."""
    t, lam, n, w1, w2, b, odd, d1, d2 = symbols("t lam n w1 w2 b odd d1 d2")
    a1, a2, b1, b2 = symbols("a1 a2 b1 b2")
    places = ((a1, a2, 1), (2, 2, 1), (b1, b2, -1), (-3, -1, -1))
    kept = symbols(f"m:{len(places)}")  # the margins
    # Margins and weights take turns: odd steps move the weights, even ones count the margins anew.
    rate = odd / (4 + n**2 * Max(1, 4 * lam) / 1200)
    short = [-y * S.HingeLoss(own).diff(own) for (*_, y), own in zip(places, kept, strict=True)]
    marks: list[Any] = []
    for (x1, x2, y), own in zip(places, kept, strict=True):
        marks += [
            Segment(x1=x1, y1=x2, x2=x1 - d1 * own * y, y2=x2 - d2 * own * y, color=3, show=own < 1.03),
            Point(x=x1, y=x2, color=int(y < 0), drag=(x1, x2) if x1 in (a1, b1) else (None, None),
                  label="+" if y == 1 else "−"),
        ]  # fmt: skip
    facts = {"k": sum(Piecewise((1, own < 1.03), (0, True)) for own in kept), "d": 2 * sqrt(d1**2 + d2**2)}
    return Figure(
        parameters=[
            Slider(symbol=lam, minimum=0.05, maximum=2, value=0.05, scale="log", label="penalty λ"),
            Slider(symbol=t, minimum=0, maximum=300, value=300, integer=True, label="steps"),
            Play(symbol=t, seconds=6),
            *(
                Slider(symbol=at, minimum=-3, maximum=3, value=value, step=0.05, visible=False)
                for at, value in ((a1, 1), (a2, 0.5), (b1, -1), (b2, -0.5))
            ),
        ],
        panels=[
            Panel(
                title="Drag the inner + and the inner −",
                x=Axis(label="x₁", minimum=-6, maximum=6),
                y=Axis(label="x₂", minimum=-3, maximum=3),
                marks=[
                    Trajectory(
                        start=dict.fromkeys((w1, w2, b, n, odd, d1, d2, *kept), 0),
                        step={
                            w1: w1 - rate * (4 * lam * w1 - _dot(short, [x for x, *_ in places])),
                            w2: w2 - rate * (4 * lam * w2 - _dot(short, [x for _, x, _ in places])),
                            b: b + rate * sum(short),
                            n: n + 1,
                            odd: 1 - odd,
                            d1: w1 / (w1**2 + w2**2 + 1e-12),
                            d2: w2 / (w1**2 + w2**2 + 1e-12),
                            **{own: y * (w1 * x1 + w2 * x2 + b) for (x1, x2, y), own in zip(places, kept, strict=True)},
                        },
                        steps=2 * t + 1, x=0, y=0, show=0,
                    ),
                    Contour(z=w1 * u + w2 * v + b, variables=(u, v), levels=[-1, 0, 1], color=5, grid=24),
                    *marks,
                ],
                wide=True,
                equal=True,
            ),
        ],
        readout=[
            text("w = ({w1:.2f}, {w2:.2f}), b = {b:.2f}; the street is {d:.2f} wide; "
                 "{k:.0f} of 4 points are support vectors.", **facts),
        ],
        caption=(
            "Only points with a margin of at most 1, those with a line to the boundary, pull (1.03 here, since descent "
            "only comes near). Drag an "
            "inner point and watch the street turn; raise penalty λ to 2: the weights shrink, and the street widens "
            "over the points."
        ),
        description=text(
            "Four points of two classes and a street {d:.2f} wide; {k:.0f} support vectors.", **facts,
        ),
    )  # fmt: skip


def focal() -> Figure:
    """Focal loss and its pull over the probability of the true class, and who pulls most."""
    alpha, easy, n = symbols("alpha easy n")

    z = symbols("z")
    losses = S.BCEWithLogitsLoss(z, 1), S.SigmoidFocalLoss(z, 1, gamma, alpha)

    def of_yes(function: Any, q: Any) -> Expr:
        return function.subs(z, logit(q))

    def of_no(function: Any, q: Any) -> Expr:
        """Return the same of an example of the other class; q is the probability of that class."""
        return of_yes(function, q).subs(alpha, 1 - alpha)

    pulls = [-loss.diff(z) for loss in losses]
    plain, focused = (n * of_no(pull, easy) / (n * of_no(pull, easy) + of_yes(pull, p)) for pull in pulls)
    panels = []
    for title, label, high, (one, two) in (
        ("Loss of a yes", "loss", 5, (of_yes(loss, u) for loss in losses)),
        ("Pull on its logit", "pull", 1.25, (of_yes(pull, u) for pull in pulls)),
    ):
        panels.append(
            Panel(
                title=title,
                x=Axis(label="probability p of the true class", minimum=0, maximum=1),
                y=Axis(label=label, minimum=0, maximum=high),
                marks=[
                    Curve(y=one, variable=u, range=(0.001, 1), color=0, dashed=True,
                          label="cross-entropy" * (high == 5)),
                    Curve(y=two, variable=u, range=(0.001, 1), color=1, label="focal" * (high == 5)),
                    Point(x=p, y=one.subs(u, p), color=0, drag=(p, None)),
                    Point(x=p, y=two.subs(u, p), color=1, drag=(p, None), label=text("{v:.3f}", v=two.subs(u, p))),
                ],
            )
        )  # fmt: skip
    facts = {"c": of_yes(pulls[0], p), "d": of_yes(pulls[1], p), "e": plain}
    by_chance = losses[1].subs({sigmoid(-z): 1 - p, softplus(-z): -log(p)})
    numbers = {gamma: 2, alpha: Rational(1, 4), p: Rational(1, 5), n: 1000, easy: Rational(99, 100)}
    crowd, missed = "a thousand easy no's", "the one hard yes"
    return Figure(
        parameters=[
            Predict(
                question="Under focal loss with γ = 2, who pulls more in all?",
                options=[crowd, missed],
                right=1,
                revealed=revealed,
                answer=text("The one yes, with α = 0.25. Now the easy no's have {e:.1%} of the pull under "
                            "cross-entropy and {g:.1%} under focal loss.", e=plain, g=focused),
                sets=numbers,
            ),
            _HIDDEN,
            Slider(symbol=gamma, minimum=0, maximum=5, value=2, step=0.1, format=".1f", label="focus γ", color=1),
            Slider(symbol=alpha, minimum=0.05, maximum=0.95, value=0.25, step=0.05, format=".2f", label="yes weighs α"),
            Slider(symbol=p, minimum=0.01, maximum=0.99, value=0.2, step=0.01, format=".2f", label="p of the rare yes"),
            Slider(symbol=n, minimum=1, maximum=10000, value=1000, scale="log", label="easy no's for each yes"),
            Slider(symbol=easy, minimum=0.8, maximum=0.999, value=0.99, step=0.001, format=".3f", label="p of a no"),
        ],
        panels=[
            *panels,
            Panel(
                title="Who pulls?",
                x=Axis(label="loss"),
                y=Axis(label="share of the pull that easy no's have", minimum=0, maximum=1.1),
                marks=[
                    Bars(heights=[plain, focused], names=["cross-entropy", "focal"], values=".3f", color=4,
                         show=revealed),
                    Bars(heights=[plain], names=["cross-entropy"], values=".3f", color=4, show=1 - revealed),
                    Rule(y=Rational(1, 2), dashed=True, label="half"),
                ],
            ),
        ],
        formula=Formula(value=by_chance, name=r"\ell(p)"),
        readout=[
            text("A yes with p = {p}: cross-entropy pulls with {c:.3f}, focal with {d:.4f}. Under cross-entropy the "
                 "easy no's have {e:.1%} of the pull.", **{key: facts[key] for key in "cde"}),
        ],
        caption=(
            "1 − p to the power γ takes away the pull of what is right already. Guess, then set focus γ to 0 and "
            "\"yes weighs α\" to 0.50: both bars are equal. Raise γ again: the focal bar falls as long as the yes has"
            " a smaller p than the no's."
        ),
        description=text(
            "Loss and pull of cross-entropy and of the focal loss with γ = {gamma} and α = {alpha} over the "
            "probability of the true class. At {p} the pulls are {c:.3f} and {d:.4f}. {n} easy examples have {e:.1%} "
            "of the pull under cross-entropy.", **{key: facts[key] for key in "cde"},
        ),
    )  # fmt: skip


def scores() -> Figure:
    """Log loss and Brier score: what an answer costs, and what it costs to be off the truth."""
    truth, forecast = (eta, 1 - eta), (u, 1 - u)
    gap, square = kl_divergence(truth, forecast), S.BrierLoss(forecast, truth)
    log_loss, brier = S.BCELoss(u, 1), S.BrierLoss(forecast, (1, 0))
    at = {"a": gap.subs(u, p), "b": square.subs(u, p)}
    return Figure(
        parameters=[
            Slider(symbol=eta, minimum=0.02, maximum=0.98, value=0.7, step=0.01, format=".2f", label="chance η of yes",
                   color=2),
            Slider(symbol=p, minimum=0.005, maximum=0.995, value=0.9, step=0.005, format=".3f", label="forecast q"),
        ],
        panels=[
            Panel(
                title="If the answer is yes",
                x=Axis(label="forecast q", minimum=0, maximum=1),
                y=Axis(label="cost", minimum=0, maximum=5),
                marks=[
                    Curve(y=log_loss, variable=u, range=(0.003, 1), color=0, dashed=True, label="log loss"),
                    Curve(y=brier, variable=u, color=1, label="Brier score"),
                    *(Point(x=p, y=cost.subs(u, p), drag=(p, None), color=color,
                            label=text("{v:.2f}", v=cost.subs(u, p)))
                      for color, cost in enumerate((log_loss, brier))),
                ],
            ),
            Panel(
                title="On average, above the best",
                x=Axis(label="forecast q", minimum=0, maximum=1),
                y=Axis(label="extra cost", minimum=0, maximum=2),
                marks=[
                    Rule(x=eta, color=2, dashed=True, label="η"),
                    Curve(y=gap, variable=u, range=(0.001, 0.999), color=0, dashed=True),
                    Area(y=square, variable=u, color=1),
                    Point(x=p, y=at["a"], color=0, drag=(p, None), label=text("{a:.3f}", a=at["a"])),
                    Point(x=p, y=at["b"], color=1, drag=(p, None)),
                ],
            ),
        ],
        formula=Formula(value=factor(at["b"]), name=r"\text{extra Brier score}", format=".4f", written={p: "q"}),
        readout=[
            text("Truth η = {eta}, forecast q = {p}: on average {a:.4f} nats more log loss than the best forecast, "
                 "and {b:.4f} more Brier score.", **at),
        ],
        caption=(
            "A sure and wrong forecast costs at most 2 in Brier score and has no limit in log loss; on average both "
            "are lowest at q = η. Drag the point away from η: the extra Brier score is 2(q − η)² exactly."
        ),
        description=text(
            "Costs of a forecast. Left, where the answer is yes. Right, the expected cost above that of the best "
            "forecast, {eta}: zero there for both. At {p} it is {a:.3f} for log loss and {b:.3f} for the Brier score.",
            **at,
        ),
    )  # fmt: skip
