"""Figures of the chapter on cross-entropy against squared error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Eq, Expr, Lambda, Max, Piecewise, Rational, log, symbols, tanh

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
    Predict,
    Rule,
    Segment,
    Slider,
    Trajectory,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid
from lossbook.symbolic.probability import logit, softmax, softmax_errors

from .crossentropy import _HIDDEN, _tops, revealed

z, y, x, eta, t, u = symbols("z y x eta t u")

_RATE = "learning rate η"
_OUTPUT = "output a = σ(z)"


# Both losses of a neuron that should say 0, by its logit.
_SQUARED = S.MSELoss(sigmoid(z), half=True)
_CROSS = S.BCEWithLogitsLoss(z, 0)


def _slope(loss: Expr, at: Any) -> Expr:
    """Return dC/dz at a logit."""
    return loss.diff(z).subs(z, at)


def _steps(most: int, value: int) -> Slider:
    return Slider(symbol=t, minimum=0, maximum=most, value=value, integer=True, label="steps")


def race() -> Figure:
    """Two neurons that should say 0, under squared error and under cross-entropy."""
    worse, better = symbols("worse better")
    panels, ends = [], {}
    for title, kind, loss in (
        ("Squared error ½(a − y)²", "s", _SQUARED),
        ("Cross-entropy −ln(1 − a)", "c", _CROSS),
    ):
        marks: list[Any] = []
        asked = revealed if kind == "s" else 1
        for name, start, color in (("worse", worse, 1), ("better", better, 0)):
            now, count = symbols(f"{kind}_{name} n_{kind}_{name}")
            ends[f"{kind}_{name}"] = now
            marks += [
                Trajectory(
                    start={now: logit(start), count: 0},
                    step={now: now - eta * (1 + x**2) * _slope(loss, now), count: count + 1},
                    steps=t,
                    x=count,
                    y=sigmoid(now),
                    color=color,
                    dashed=name == "better",
                    label=f"starts {name}" * (kind == "c"),
                    show=asked,
                ),
                Point(
                    x=t, y=sigmoid(now), drag=(t, None), color=color, label=text("{a:.2f}", a=sigmoid(now)), show=asked
                ),
                Point(x=0, y=start, drag=(None, start), color=color),
            ]
        panels.append(
            Panel(
                title=title,
                x=Axis(label="steps of gradient descent", minimum=0, maximum=300),
                y=Axis(label=_OUTPUT + ", target 0", minimum=0, maximum=1.05),
                marks=marks,
            )
        )
    slopes = {
        "a": _slope(_SQUARED, ends["s_worse"]), "b": _slope(_SQUARED, ends["s_better"]),
        "c": _slope(_CROSS, ends["c_worse"]), "d": _slope(_CROSS, ends["c_better"]),
    }  # fmt: skip
    by_weight = {f"{name}x": x * slope for name, slope in slopes.items()}
    return Figure(
        parameters=[
            Predict(
                question="Squared error, on the left: which neuron learns faster at first?",
                options=["the worse one", "the better one", "both alike"],
                right=1,
                revealed=revealed,
                answer=text(
                    "The better one, from 0.982 and 0.818. After step {t} the worse and the better say {a:.2f} and "
                    "{b:.2f} under squared error, {c:.2f} and {d:.2f} under cross-entropy. Squared error has "
                    "dC/dz worse {e:.4f}, better {f:.4f}; dC/dw {g:.4f}, {h:.4f}.",
                    a=sigmoid(ends["s_worse"]), b=sigmoid(ends["s_better"]),
                    c=sigmoid(ends["c_worse"]), d=sigmoid(ends["c_better"]),
                    e=slopes["a"], f=slopes["b"], g=by_weight["ax"], h=by_weight["bx"],
                ),
                sets={t: 100, worse: 0.982, better: 0.818},
            ),
            _HIDDEN,
            Slider(symbol=eta, minimum=0.01, maximum=2, value=0.15, scale="log", label=_RATE),
            Slider(symbol=worse, minimum=0.9, maximum=0.999, value=0.982, step=0.001, format=".3f",
                   label="worse start"),
            Slider(symbol=better, minimum=0.1, maximum=0.88, value=0.818, step=0.001, format=".3f",
                   label="better start"),
            Slider(symbol=x, minimum=0.2, maximum=2, value=1, step=0.05, format=".2f", label="input x"),
            _steps(300, 0),
            Play(symbol=t, seconds=6),
        ],
        panels=panels,
        readout=[
            text("Cross-entropy: dC/dz worse {c:.4f}, better {d:.4f}; dC/dw {cx:.4f}, {dx:.4f}.",
                 **{name: (slopes | by_weight)[name] for name in ("c", "d", "cx", "dx")}),
        ],
        caption=(
            "Within a panel the two neurons differ only in their start. Under cross-entropy the slope dC/dz is the "
            "output itself, under squared error at most 0.15. Guess, press Play; then set steps to 0, drag a start, "
            "and read the slopes."
        ),
        description=text(
            "Outputs that should be 0, started at {worse} and {better}, after step {t} at learning rate {eta}: "
            "cross-entropy has brought them to {c:.2f} and {d:.2f}.",
            c=sigmoid(ends["c_worse"]), d=sigmoid(ends["c_better"]),
        ),
    )  # fmt: skip


def gradients() -> Figure:
    """Loss, slope and curvature of both losses over the logit."""
    # (σ(z) − 1)² is σ(−z)²: for both targets the square of a sigmoid, from which nothing is subtracted.
    squared, cross = (
        (loss, loss.diff(z), loss.diff(z, 2))
        for loss in (S.MSELoss(sigmoid((1 - 2 * y) * z), half=True), S.BCEWithLogitsLoss(z, y))
    )
    panels = []
    for title, label, low, high, one, other in zip(
        ("Loss", "Slope: what descent follows", "Curvature"),
        ("C", "dC/dz", "d²C/dz²"),
        (0, -1.1, -0.15), (5, 1.1, 0.3), squared, cross, strict=True,
    ):  # fmt: skip
        over, under = one.subs(z, u), other.subs(z, u)
        shade = Piecewise((high, sigmoid(u).diff(u) < Rational(1, 20)), (low, True))
        panels.append(
            Panel(
                title=title,
                x=Axis(label="logit z", minimum=-8, maximum=8),
                y=Axis(label=label, minimum=low, maximum=high),
                marks=[
                    Area(y=shade, base=low, variable=u, color=6, label="σ′(z) < 1/20" * (label == "C")),
                    Curve(y=under, variable=u, color=0, dashed=True, label="cross-entropy" * (label == "C")),
                    Curve(y=over, variable=u, color=1, label="squared error" * (label == "C")),
                    Rule(x=z, color=1),
                    Point(x=z, y=other, color=0, drag=(z, None)),
                    Point(x=z, y=one, color=1, drag=(z, None), label=text("{v:.3f}", v=one)),
                ],
            )
        )  # fmt: skip
    # The slope of squared error as that of cross-entropy, in a brace, times σ′(z).
    flat = symbols("flat")
    formulas = []
    for target in (0, 1):
        product = squared[1].subs(y, target).subs(sigmoid(z) * sigmoid(-z), flat)
        formulas.append(
            Formula(value=product, name=r"\text{squared error: } \frac{dC}{dz}", show=Eq(y, target), format=".4f",
                    terms=(flat, sigmoid((1 - 2 * target) * z)), written={flat: r"\sigma'(z)"})
        )  # fmt: skip
    return Figure(
        parameters=[
            Choice(symbol=y, options={"0": 0, "1": 1}, label="target y"),
            Slider(symbol=z, minimum=-8, maximum=8, value=4, step=0.05, format=".2f", label="logit z", color=1),
        ],
        panels=panels,
        define={flat: sigmoid(z).diff(z)},
        formula=formulas,
        readout=[
            text("Output {a:.4f}, target {y}. Slope: squared error {d:.5f}, cross-entropy {e:.4f}; "
                 "the first is σ′(z) = {f:.5f} times the second.",
                 a=sigmoid(z), d=squared[1], e=cross[1], f=sigmoid(z).diff(z)),
            text("Curvature: squared error {d:.4f}, cross-entropy {e:.4f}.", d=squared[2], e=cross[2]),
        ],
        caption=(
            "The slope of squared error is σ′(z) times that of cross-entropy: at most a quarter of it, and less than"
            " a twentieth in the grey. Drag the point into the grey on the wrong side: there the curvature of "
            "squared error is negative."
        ),
        description=text(
            "Loss, slope and curvature over the logit for the target {y}. At z = {z} the output is {a:.3f}; the slope "
            "of squared error is {d:.4f}, that of cross-entropy {e:.3f}; the curvatures are {f:.4f} and {g:.4f}.",
            a=sigmoid(z), d=squared[1], e=cross[1], f=squared[2], g=cross[2],
        ),
    )  # fmt: skip


def wrong_derivative() -> Figure:
    """Cross-entropy descent that steps by dC/da where dC/dz is due."""
    start, begun, right, wrong, m, n = symbols("start begun right wrong m n")
    z0 = logit(start)
    times = 1 / sigmoid(z).diff(z)
    factor = times.subs(z, z0)
    by_output = _CROSS.diff(z) * times  # dC/da: no 1 − a that may round to 0
    return Figure(
        parameters=[
            Slider(symbol=eta, minimum=0.001, maximum=0.2, value=0.005, scale="log", label=_RATE),
            Slider(symbol=start, minimum=0.5, maximum=0.995, value=0.982, step=0.001, format=".3f", label="start"),
            _steps(300, 60),
            Play(symbol=t, seconds=6),
        ],
        panels=[
            Panel(
                title="How many times too far",
                x=Axis(label="logit z", minimum=-6, maximum=6),
                y=Axis(label="1/σ′(z)", minimum=1, maximum=1000, scale="log"),
                marks=[
                    Curve(y=times.subs(z, u), variable=u, color=3, label="1/σ′(z)"),
                    Rule(y=4, dashed=True, label="4, the least"),
                    Point(x=z0, y=factor, drag=((start, Lambda(u, sigmoid(u))), None), color=1,
                          label=text("{f:.1f}", f=factor)),
                ],
            ),
            Panel(
                title="Cross-entropy, both ways",
                x=Axis(label="steps of gradient descent", minimum=0, maximum=300),
                y=Axis(label=_OUTPUT + ", target 0", minimum=0, maximum=1.05),
                marks=[
                    Trajectory(start={right: z0, m: 0}, step={right: right - 2 * eta * _slope(_CROSS, right), m: m + 1},
                               steps=t, x=m, y=sigmoid(right), color=0, label="by dC/dz = a"),
                    Trajectory(start={wrong: z0, n: 0},
                               step={wrong: wrong - 2 * eta * by_output.subs(z, wrong), n: n + 1},
                               steps=t, x=n, y=sigmoid(wrong), color=1, dashed=True, label="by dC/da = 1/(1 − a)"),
                    Point(x=t, y=sigmoid(right), drag=(t, None), color=0, label=text("{a:.2f}", a=sigmoid(right))),
                    Point(x=t, y=sigmoid(wrong), drag=(t, None), color=1, label=text("{a:.2f}", a=sigmoid(wrong))),
                    Point(x=0, y=start, color=6, drag=(None, start)),
                ],
            ),
        ],
        define={begun: z0},
        formula=Formula(value=times.subs(z, begun), name=r"\frac{dC/da}{dC/dz} = \frac{1}{\sigma'(z)}", format=".1f",
                        written={begun: "z"}),
        readout=[
            text("At the start a = {start}, z = {z:.2f}: dC/dz = {start}, dC/da = {d:.1f}, {f:.1f} times as much.",
                 z=z0, d=S.BCELoss(start, 0).diff(start), f=factor),
            text("After step {t}: right {a:.3f}, wrong {b:.2e}.", a=sigmoid(right), b=sigmoid(wrong)),
        ],
        caption=(
            "A step by dC/da is 1/σ′(z) times too long: four times where the output is ½, and more the surer the "
            "neuron is. Drag the start and watch this factor; then raise learning rate η and see where the first "
            "wrong step lands."
        ),
        description=text(
            "Left, the factor 1/σ′(z) over the logit: {f:.1f} at the start. Right, a neuron under cross-entropy that "
            "starts at {start}: after step {t} by dC/dz it has come to {a:.3f}, by dC/da to {b:.2e}.",
            f=factor, a=sigmoid(right), b=sigmoid(wrong),
        ),
    )  # fmt: skip


def _squares(errors: Sequence[Expr]) -> Expr:
    return sum(S.MSELoss(error, half=True) for error in errors)


def softmax_pull() -> Figure:
    """Three classes: how hard each loss pulls at the logits."""
    names = ["cat", "dog", "horse"]
    logits = symbols(names)
    p0, p1, p2 = softmax(logits)
    cross = [-S.CrossEntropyLoss(logits, (1, 0, 0)).diff(logit) for logit in logits]
    # The chain rule through softmax, with the slopes by the probabilities subtracted first: SymPy's own derivative
    # adds terms near 1 that cancel.
    slopes = [S.MSELoss(u, half=True).diff(u).subs(u, error) for error in softmax_errors(logits, 0)]

    def pull(j: int, p: Sequence[Expr], slopes: Sequence[Expr]) -> Expr:
        return -p[j] * sum(p[k] * (slopes[j] - slopes[k]) for k in range(3) if k != j)

    squared = [pull(j, (p0, p1, p2), slopes) for j in range(3)]
    said = symbols("p1 p2 p3")

    def bars(title: str, heights: list[Expr], low: float, high: float, color: int, label: str) -> Panel:
        return Panel(
            title=title,
            x=Axis(label="class"),
            y=Axis(label=label, minimum=low, maximum=high),
            marks=[
                Bars(heights=heights, names=names, values=".3f", color=color),
                *(Segment(x1=i, y1=0, x2=i, y2=height, arrow=True) for i, height in enumerate(heights) if low < 0),
                *(_tops(logits, heights) if low == 0 else ()),
            ],
        )

    return Figure(
        parameters=[
            Slider(symbol=logit, minimum=-8, maximum=8, value=value, step=0.05, format=".2f", label=f"logit {logit}",
                   cell=(str(logit), "logit"))
            for logit, value in zip(logits, (-1, 5, 0), strict=True)
        ],
        panels=[
            bars("What the network says", [p0, p1, p2], 0, 1.12, 6, "probability"),
            bars("Pull of cross-entropy, −dC/dz", cross, -1.2, 1.2, 0, "pull on the logit"),
            bars("Pull of squared error, −dC/dz", squared, -1.2, 1.2, 1, "pull on the logit"),
        ],
        define=dict(zip(said, (p0, p1, p2), strict=True)),
        formula=Formula(value=pull(0, said, [said[0] - 1, *said[1:]]), name=r"\text{squared error: } -\frac{dC}{dz_1}",
                        written={one: f"p_{n}" for n, one in enumerate(said, 1)}),
        readout=[
            text("The true class is cat, p = {p:.4f}. Cross-entropy pulls its logit up by {c:.4f}, "
                 "squared error by {s:.5f}.", p=p0, c=cross[0], s=squared[0]),
        ],
        caption=(
            "The true class is cat, its probability p. Cross-entropy pulls its logit up by 1 − p; squared error "
            "hardly pulls it where p is near 0. Move logit cat, or the top of its bar, from end to end: squared error "
            "pulls it hardest at p = ⅓."
        ),
        description=text(
            "Probabilities of cat {p:.3f}, dog {d:.3f}, horse {h:.3f}; the truth is cat. Cross-entropy pulls the logit "
            "of cat up by {c:.4f}, squared error by {s:.5f}.", p=p0, d=p1, h=p2, c=cross[0], s=squared[0],
        ),
    )  # fmt: skip


def softmax_race() -> Figure:
    """A softmax that is sure of a wrong class, under both losses."""
    start, K, rest = symbols("start K rest")
    panels_marks, ends = [], {}
    for kind, color, label in (("c", 0, "cross-entropy"), ("s", 1, "squared error")):
        true, false, n = symbols(f"true_{kind} false_{kind} n_{kind}")  # logits above those of the other classes
        logits = (true, false, rest + log(K - 2))  # the other K − 2 classes, at the logit `rest`, taken together
        if kind == "c":
            loss = S.CrossEntropyLoss(logits, (1, 0, 0))
        else:
            *errors, others = softmax_errors(logits, 0)
            loss = _squares(errors) + S.MSELoss(others, half=True) / (K - 2)
        pulls = [-loss.diff(logit).subs(rest, 0) for logit in (true, false, rest)]
        pulls[2] /= K - 2  # of each
        p = softmax(logits)[0].subs(rest, 0)
        ends[kind] = p
        panels_marks += [
            Trajectory(
                start={true: 0, false: start, n: 0},
                step={
                    true: true + eta * (pulls[0] - pulls[2]),
                    false: false + eta * (pulls[1] - pulls[2]),
                    n: n + 1,
                },
                steps=t, x=n, y=p, color=color, dashed=kind == "c", label=label,
            ),
            Point(x=t, y=p, drag=(t, None), color=color, label=text("{p:.3f}", p=p)),
        ]  # fmt: skip
    first = softmax((0, start, log(K - 2)))[1]
    return Figure(
        parameters=[
            Slider(symbol=start, minimum=0.5, maximum=10, value=5, step=0.1, format=".1f", label="wrong class leads"),
            Slider(symbol=K, minimum=3, maximum=100, value=10, integer=True, scale="log", label="classes K"),
            Slider(symbol=eta, minimum=0.02, maximum=2, value=0.2, scale="log", label=_RATE),
            _steps(200, 80),
            Play(symbol=t, seconds=6),
        ],
        panels=[
            Panel(
                x=Axis(label="steps of gradient descent on the logits", minimum=0, maximum=200),
                y=Axis(label="probability of the true class", minimum=0, maximum=1.05),
                marks=panels_marks,
            )
        ],
        readout=[
            text("The network starts {q:.1%} sure of a wrong class. After step {t} the true class has {c:.4f} under "
                 "cross-entropy and {s:.4f} under squared error.", q=first, c=ends["c"], s=ends["s"]),
        ],
        caption=(
            "The more the start believes in a wrong class, the longer squared error creeps; the pull of cross-"
            "entropy on the true class is 1 − p, largest where p is smallest. Raise \"wrong class leads\", press Play,"
            " and compare how long each waits."
        ),
        description=text(
            "Probability of the true class among {K}, started with {q:.1%} on a wrong one. After step {t} it is "
            "{c:.3f} under cross-entropy and {s:.3f} under squared error.", q=first, c=ends["c"], s=ends["s"],
        ),
    )  # fmt: skip


def outputs() -> Figure:
    """Squared error and the matching loss on four kinds of output, target 1."""
    out = symbols("out")
    # Output and matching loss; tanh(z) = 2 σ(2z) − 1.
    kinds = {
        "linear": (z, S.MSELoss(z - 1, half=True)),
        "sigmoid": (sigmoid(z), S.BCEWithLogitsLoss(z, 1)),
        "tanh": (tanh(z), S.BCEWithLogitsLoss(2 * z, 1)),
        "ReLU": (Max(z, 0), Piecewise((S.MSELoss(z - 1, half=True), z > 0), (Rational(1, 2) - z, True))),
    }
    # The slope of a matching loss is output − target, here without a subtraction from 1.
    errors = [matching.diff(z) for _, matching in kinds.values()]
    squares = [S.MSELoss(error, half=True) for error in errors]

    def by_output(values: Sequence[Expr]) -> Expr:
        return Piecewise(*((value, Eq(out, i)) for i, value in enumerate(values)))

    output, matched = map(by_output, zip(*kinds.values(), strict=True))
    error, squared, squared_slope = map(by_output, (errors, squares, [square.diff(z) for square in squares]))

    def panel(title: str, label: str, low: float, high: float, *curves: tuple[Expr, int, str]) -> Panel:
        marks: list[Any] = [Rule(y=1, dashed=True, label="target")] if title == "Output" else []
        for expression, color, name in curves:
            marks += [
                Curve(y=expression.subs(z, u), variable=u, color=color, dashed=color == 0, label=name),
                Point(x=z, y=expression, color=color, drag=(z, None)),
            ]
        return Panel(
            title=title,
            x=Axis(label="z", minimum=-4, maximum=3),
            y=Axis(label=label, minimum=low, maximum=high),
            marks=marks,
        )

    return Figure(
        parameters=[
            Choice(symbol=out, options={name: i for i, name in enumerate(kinds)}, value="tanh", label="output"),
            Slider(symbol=z, minimum=-4, maximum=3, value=-3, step=0.05, format=".2f", label="z", color=1),
        ],
        panels=[
            panel("Output", "a = φ(z)", -4.2, 3.2, (output, 6, "")),
            panel("Loss", "C, target 1", 0, 13, (matched, 0, "matching loss"), (squared, 1, "squared error")),
            panel("Slope", "dC/dz", -5.2, 2.2, (error, 0, "matching loss"), (squared_slope, 1, "squared error")),
        ],
        formula=[
            Formula(value=matching, name=r"\text{matching loss: } C(z)", show=Eq(out, i))
            for i, (_, matching) in enumerate(kinds.values())
        ],
        readout=[
            text("Output {out}: a = {a:.4f}. Slope of the matching loss a − 1 = {e:.4f}, of squared error {d:.5f}.",
                 a=output, e=error, d=squared_slope),
        ],
        caption=(
            "The matching loss has the slope a − 1, output less target, for every output; squared error multiplies "
            "it by the slope of the output. Set output to ReLU and drag z below 0: squared error stops pulling, the "
            "matching loss pulls on."
        ),
        description=text(
            "Output, losses and slopes for the output {out} and the target 1. At z = {z} the output is {a:.3f}, the "
            "slope of the matching loss {e:.3f}, of squared error {d:.4f}.", a=output, e=error, d=squared_slope,
        ),
    )  # fmt: skip
