"""Figures of the chapter on classification losses: counting mistakes, several classes, a teacher."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Expr, Max, Min, Piecewise, Rational, acos, cos, pi, sin, sqrt, symbols

from lossbook.live import (
    Axis,
    Bars,
    Choice,
    Contour,
    Curve,
    Figure,
    Formula,
    Panel,
    Point,
    Rule,
    Segment,
    Slider,
    Toggle,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import expm1, log1p, sigmoid
from lossbook.symbolic.probability import kl_divergence, softmax

from .crossentropy import _tops

u, v, T = symbols("u v T")
_ANIMALS = ("cat", "dog", "horse")


def staircase() -> Figure:
    """Mistakes and logistic loss over the threshold between two classes on a line."""
    b = symbols("b")
    no, yes = (-3, -2, -1, Rational(1, 2)), (Rational(-1, 2), 1, 2, 3)
    cost, slope = symbols("cost slope")

    def mistakes(at: Any) -> Expr:
        # A point on the threshold counts as no, so what is no there is right.
        return sum(1 - S.ZeroOneLoss(x - at) for x in no) + sum(S.ZeroOneLoss(x - at) for x in yes)

    def logistic(at: Any) -> Expr:
        return sum(S.LogisticLoss(at - x) for x in no) + sum(S.LogisticLoss(x - at) for x in yes)

    define = {cost: logistic(b), slope: logistic(b).diff(b)}
    flat = Axis(label="feature x", minimum=-4, maximum=4)
    return Figure(
        parameters=[
            Slider(symbol=b, minimum=-4, maximum=4, value=-2.6, step=0.05, format=".2f", label="threshold b"),
        ],
        panels=[
            Panel(
                title="Say yes to the right of b",
                x=flat,
                y=Axis(label="label", minimum=-0.5, maximum=1.5, ticks=False),
                marks=[
                    *(Point(x=x, y=0, color=1) for x in no),
                    *(Point(x=x, y=1, color=0) for x in yes),
                    Rule(x=b, label="b"),
                    Point(x=b, y=Rational(1, 2), drag=(b, None), color=6),
                ],
            ),
            Panel(
                title="What it costs",
                x=Axis(label="threshold b", minimum=-4, maximum=4),
                y=Axis(label="loss of all eight points", minimum=0, maximum=12),
                marks=[
                    Curve(y=mistakes(u), variable=u, color=6, label="mistakes (0-1)"),
                    Curve(y=logistic(u), variable=u, color=0, dashed=True, label="logistic"),
                    Point(x=b, y=mistakes(b), drag=(b, None), color=6),
                    Segment(x1=b - 1, y1=cost - slope, x2=b + 1, y2=cost + slope, color=1),
                    Point(x=b, y=cost, drag=(b, None), color=0),
                ],
            ),
        ],
        readout=[
            text("At b = {b}: {k:.0f} of 8 wrong, slope 0. Logistic loss {l:.3f}, slope {s:.3f}.",
                 k=mistakes(b), l=cost, s=slope),
        ],
        caption=(
            "The mistakes change in whole steps and are flat between them; the logistic loss has a slope everywhere "
            "except at its lowest point. Drag b to 0, where the logistic loss is lowest, then to 0.75: one mistake "
            "fewer."
        ),
        description=text(
            "Eight points of two classes on a line and a threshold at {b}. The mistakes are a staircase over the "
            "threshold, here {k:.0f}; the logistic loss is smooth, here {l:.3f} with slope {s:.3f}.",
            k=mistakes(b), l=cost, s=slope,
        ),
        define=define,
    )  # fmt: skip


def large_margin() -> Figure:
    """Two class vectors in the plane, and where large-margin softmax accepts a feature for each."""
    m, phi, x, y = symbols("m phi x y")
    c, d, r, a, b = symbols("c d r a b")

    def psi(cosine: Any) -> Expr:
        return Piecewise(*((S.lowered_cosine(cosine, margin), Eq(m, margin)) for margin in (1, 2, 4)))

    size = sqrt(u**2 + v**2) + Rational(1, 10**6)
    first, second = ((u * cos(phi) + sign * v * sin(phi)) / size for sign in (1, -1))
    # The same numbers at the feature that the reader drags.
    here = {u: x, v: y}
    define = {r: size.subs(here), c: first.subs(here), d: second.subs(here), a: psi(c), b: d}
    plain, lower = sigmoid(r * (c - d)), sigmoid(r * (a - b))
    facts = {"p": plain, "q": lower, "g": 180 / pi * phi}
    facts |= {"l": S.CrossEntropyLoss((r * c, r * d), (1, 0)), "k": S.CrossEntropyLoss((r * a, r * b), (1, 0))}
    return Figure(
        parameters=[
            Choice(symbol=m, options={"1 (plain softmax)": 1, "2": 2, "4": 4}, value="2", label="margin m"),
            Slider(symbol=phi, minimum=0.2, maximum=1.4, value=0.8, step=0.02, format=".2f",
                   label="angle of each vector to the axis"),
            Slider(symbol=x, minimum=-3, maximum=3, value=2.2, step=0.1, format=".1f", visible=False),
            Slider(symbol=y, minimum=-3, maximum=3, value=0.5, step=0.1, format=".1f", visible=False),
        ],
        panels=[
            Panel(
                title="Shaded: accepted for class 1 or 2",
                x=Axis(label="feature x₁", minimum=-3, maximum=3),
                y=Axis(label="feature x₂", minimum=-3, maximum=3),
                marks=[
                    Contour(z=size * (psi(first) - second), variables=(u, v), levels=[0], color=0, grid=64),
                    Contour(z=size * (psi(second) - first), variables=(u, v), levels=[0], color=1, grid=64),
                    Segment(x1=0, y1=0, x2=2 * cos(phi), y2=2 * sin(phi), arrow=True, color=0),
                    Segment(x1=0, y1=0, x2=2 * cos(phi), y2=-2 * sin(phi), arrow=True, color=1),
                    Point(x=2 * cos(phi), y=2 * sin(phi), color=0, label="W₁"),
                    Point(x=2 * cos(phi), y=-2 * sin(phi), color=1, label="W₂"),
                    Point(x=x, y=y, drag=(x, y), color=3, label=text("p = {q:.2f}", q=lower)),
                ],
                equal=True,
            ),
            Panel(
                title="What becomes of the cosine",
                x=Axis(label="angle θ to the right class (radians)", minimum=0, maximum=3.14),
                y=Axis(label="value", minimum=-7, maximum=1.2),
                marks=[
                    Curve(y=cos(u), variable=u, color=6, dashed=True, label="cos θ"),
                    Curve(y=psi(cos(u)), variable=u, color=0, label="ψ(θ)"),
                    Point(x=acos(Max(-1, Min(1, c))), y=a, color=3),
                ],
            ),
        ],
        formula=[
            Formula(value=S.lowered_cosine(c, margin), name=r"c = \cos\theta: \quad \psi(\theta)", show=Eq(m, margin))
            for margin in (1, 2, 4)
        ],
        readout=[
            text("A feature of class 1 at ({x}, {y}): plain softmax gives p = {p:.3f} and loss {l:.3f}; with m = {m} "
                 "p = {q:.3f} and loss {k:.3f}.", **{key: facts[key] for key in "plqk"}),
        ],
        caption=(
            "The larger the margin m, the narrower the regions round W₁ and W₂, and between them neither class "
            "accepts. With the vectors 2φ apart the first ends, towards W₂, at the angle 2φ/(m + 1) from W₁. Set "
            "margin m, drag the feature over that edge, and watch p pass ½."
        ),
        description=text(
            "Two class vectors, each {g:.0f} degrees off the axis, and the regions whose features margin {m} accepts "
            "for each class. The feature ({x}, {y}) has probability {p:.3f} under plain softmax, {q:.3f} here.",
            **{key: facts[key] for key in "gpq"},
        ),
        define=define,
    )  # fmt: skip


def distillation() -> Figure:
    """A teacher's answer at a temperature, the student's, and the pull of the loss on the student's logits."""
    squared = symbols("squared")
    given, learned = symbols("t_cat t_dog t_horse"), symbols("cat dog horse")
    teacher, student = (softmax([z / T for z in logits]) for logits in (given, learned))
    factor = Piecewise((T**2, squared > 0), (1, True))
    # T² D(t ‖ s) with u = (x − b)/T less its mean under t: nothing cancels where both nearly agree.
    first = learned[0] - given[0]
    apart = [(x - b - first) / T for x, b in zip(learned, given, strict=True)]
    mean = sum(t * w for t, w in zip(teacher, apart, strict=True))
    rest, *chances = symbols("rest t1:4 p1:4")
    says, learns = chances[:3], chances[3:]
    loss = factor * log1p(rest)
    unscaled = S.DistillationLoss(learned, given, T, scaled=False)
    slopes = [factor * unscaled.diff(z) for z in learned]
    return Figure(
        parameters=[
            Slider(symbol=T, minimum=0.5, maximum=20, value=4, scale="log", format=".2f", label="temperature T"),
            *(
                Slider(symbol=z, minimum=low, maximum=high, value=value, step=0.1, format=".1f",
                       label=f"{who}: {name}", cell=(name, f"{who}'s logit"))
                for who, logits, values, lows, high in (
                    ("teacher", given, (8, 5, -4), (-6, -6, -6), 12),
                    ("student", learned, (3, 1, 2), (-5.3, -4.1, -3.7), 10.6),
                )
                for z, name, value, low in zip(logits, _ANIMALS, values, lows, strict=True)
            ),
            Toggle(symbol=squared, value=True, label="times T²"),
        ],
        panels=[
            Panel(
                title=title,
                x=Axis(label="class"),
                y=Axis(label=label, minimum=low, maximum=high),
                marks=[
                    Bars(heights=heights, names=_ANIMALS, values=".3f", color=color),
                    *(_tops(logits, heights, T) if logits else ()),
                ],
            )
            for title, label, low, high, heights, color, logits in (
                ("Teacher, softened", "probability", 0, 1.1, teacher, 6, given),
                ("Student, softened", "probability", 0, 1.1, student, 0, learned),
                ("Gradient, student's logits", "gradient", -3, 3, slopes, 1, ()),
            )
        ],
        readout=[
            text("At T = {T} the loss is {l:.4f}; its gradient is {a:.4f}, {b:.4f}, {c:.4f}.",
                 l=loss, a=slopes[0], b=slopes[1], c=slopes[2]),
        ],
        caption=(
            "A higher temperature T evens out both answers and makes the small probabilities of the teacher visible."
            " Switch \"times T²\" off, raise T and watch the gradient vanish; switch it on again, and the gradient is "
            "T² times as large."
        ),
        description=text(
            "Teacher and student over cat, dog and horse at temperature {T}: the teacher says {t0:.3f}, {t1:.3f}, "
            "{t2:.3f}, the student {s0:.3f}, {s1:.3f}, {s2:.3f}.",
            **{f"t{i}": t for i, t in enumerate(teacher)}, **{f"s{i}": s for i, s in enumerate(student)},
        ),
        formula=[
            Formula(value=scale * kl_divergence(says, learns), name=r"\ell", show=Eq(squared, on), format=".4f")
            for on, scale in enumerate((1, T**2))
        ],
        define={
            **dict(zip(chances, (*teacher, *student), strict=True)),
            rest: sum(t * (expm1(w - mean) - (w - mean)) for t, w in zip(teacher, apart, strict=True)),
        },
    )  # fmt: skip
