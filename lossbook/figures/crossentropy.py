"""Figures of the chapter on cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Abs, Eq, Expr, Lambda, Piecewise, Rational, Symbol, exp, floor, log, symbols

from lossbook.live import (
    Axis,
    Bars,
    Choice,
    Curve,
    Figure,
    Formula,
    Panel,
    Point,
    Predict,
    Rule,
    Segment,
    Slider,
    Toggle,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import log1p, logsumexp
from lossbook.symbolic.probability import logit_of_share
from lossbook.symbolic.probability import softmax as probabilities

K, T, u, x, z, revealed = symbols("K T u x z revealed")
#: Whether the answer to a figure's question is shown.
_HIDDEN = Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False)
_ANIMALS = ("cat", "dog", "horse")
_LOGITS = symbols("cat dog horse")
_PROBABILITY = Axis(label="probability", minimum=0, maximum=1.1)


def _sliders(values: tuple[float, ...], ends: float) -> list[Slider]:
    return [
        Slider(
            symbol=logit,
            minimum=-ends,
            maximum=ends,
            value=value,
            step=0.1,
            format=".1f",
            label=f"logit {logit}",
            cell=(str(logit), "logit"),
        )
        for logit, value in zip(_LOGITS, values, strict=True)
    ]


def _tops(
    logits: Sequence[Symbol], heights: Sequence[Expr], temperature: Any = 1, together: bool = True
) -> list[Point]:
    """Return points on bars of probabilities that can be dragged: each moves its logit, the other logits stay."""
    points = []
    for i, (one, height) in enumerate(zip(logits, heights, strict=True)):
        others = [other / temperature for other in logits if other != one] if together else ()
        meant = temperature * logit_of_share(u, others)
        points.append(Point(x=i, y=height, drag=(None, (one, Lambda(u, meant))), color=1))
    return points


def _pick(label: Expr, values: list[Expr]) -> Expr:
    return Piecewise((values[0], Eq(label, 0)), (values[1], Eq(label, 1)), (values[2], True))


def softmax() -> Figure:
    """Logits become probabilities; arrows show where descent moves each logit."""
    label, c = symbols("label c")
    p = probabilities([logit / T for logit in _LOGITS])
    targets = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    losses = [S.CrossEntropyLoss(_LOGITS, target, temperature=T) for target in targets]
    loss = _pick(label, losses)
    slopes = [loss.diff(logit) for logit in _LOGITS]
    arrows = [
        Segment(x1=i, y1=logit + c, x2=i, y2=logit + c - 3 * slope, arrow=True, color=3, show=revealed)
        for i, (logit, slope) in enumerate(zip(_LOGITS, slopes, strict=True))
    ]
    return Figure(
        parameters=[
            Predict(
                question="Where does a step of descent move the three logits?",
                options=["true up, others stay", "true up, others down alike", "true up, likelier down more"],
                right=2,
                revealed=revealed,
                answer=text("The arrows say it: minus three times the gradient, which is p − target, over T: {a:.3f}, "
                            "{b:.3f}, {d:.3f}. What the true class gains, the others lose, each by its share.",
                            a=slopes[0], b=slopes[1], d=slopes[2]),
            ),
            _HIDDEN,
            Choice(symbol=label, options={"cat": 0, "dog": 1, "horse": 2}, value="dog", label="true class"),
            *_sliders((2, 1, -1), 5),
            Slider(symbol=T, minimum=0.5, maximum=10, value=1, scale="log", format=".2f", label="temperature T"),
            Slider(symbol=c, minimum=-4, maximum=4, value=0, step=0.1, format=".1f", label="added to every logit"),
        ],
        panels=[
            Panel(
                title="Logits, and where descent moves them",
                x=Axis(label="class"),
                y=Axis(label="logit", minimum=-10, maximum=10),
                marks=[
                    Bars(heights=[logit + c for logit in _LOGITS], names=_ANIMALS, highlight=label),
                    *arrows,
                    *(Point(x=i, y=logit + c, drag=(None, (logit, Lambda(u, u - c))), color=1)
                      for i, logit in enumerate(_LOGITS)),
                ],
            ),
            Panel(
                title="Probabilities",
                x=Axis(label="class"),
                y=_PROBABILITY,
                marks=[Bars(heights=p, names=_ANIMALS, highlight=label, values=".3f"), *_tops(_LOGITS, p, T)],
            ),
        ],
        readout=[
            text("The true class is {label}: p = {p:.4f}, loss −ln p = {loss:.4f} nats.", p=exp(-loss), loss=loss),
        ],
        formula=[
            Formula(value=one, name=rf"-\ln p_{{\text{{{animal}}}}}", show=Eq(label, k),
                    written={logit: f"z_{n}" for n, logit in enumerate(_LOGITS, 1)})
            for k, (one, animal) in enumerate(zip(losses, _ANIMALS, strict=True))
        ],
        caption=(
            "Descent pushes the true class up and each other class down, hardest the one believed in most. Drag the "
            "top of any bar, set another true class and watch the arrows turn; then move temperature T: the "
            "probabilities even out or sharpen, but keep their order."
        ),
        description=text(
            "Logits of cat {cat}, dog {dog} and horse {horse}, each shifted by {c}, at temperature {T} give the "
            "probabilities {a:.3f}, {b:.3f} and {d:.3f}. The true class is {label}; the loss is {loss:.3f}.",
            a=p[0], b=p[1], d=p[2], loss=loss,
        ),
    )  # fmt: skip


def overflow() -> Figure:
    """The naive softmax of two logits in three formats: e^z may be beyond the largest number."""
    bits, safe = symbols("bits safe")  # the format holds numbers up to 2 to the power `bits`
    digits = Piecewise((25, Eq(bits, 16)), (150, Eq(bits, 128)), (1075, True))  # below 2^−digits all is rounded to 0
    top, bottom = bits * log(2), -digits * log(2)
    below = (0, 1)
    largest = (1 - safe) * z  # after subtraction of the maximum: 0
    exponents = [largest - d for d in below]
    total = largest + logsumexp(*(-d for d in below))
    exact = probabilities([-d for d in below])
    # ∞/∞ and 0/0 are not a number; a finite number over ∞ is 0, and so is 0 over a finite number.
    defined = [(e <= top) & (largest >= bottom) for e in exponents]
    # Where the smaller power is rounded to 0, the larger one is the whole sum.
    shares = (Piecewise((1, exponents[1] < bottom), (exact[0], True)), exact[1])
    result = [
        Piecewise((p, ok & (total <= top) & (e >= bottom)), (0, ok))
        for e, ok, p in zip(exponents, defined, shares, strict=True)
    ]
    failed = [Piecewise((0, ok), (1, True)) for ok in defined]
    name = ("z₁", "z₂")
    return Figure(
        parameters=[
            Choice(symbol=bits, options={"float16": 16, "float32": 128, "float64": 1024}, value="float32",
                   label="format"),
            Slider(symbol=z, minimum=-1.25 * bits, maximum=1.25 * bits, value=89.5, step=0.5, format=".1f",
                   label="logit z₁"),
            Toggle(symbol=safe, label="subtract the largest logit first"),
        ],
        panels=[
            Panel(
                title="Size of the powers",
                x=Axis(label="power of e"),
                y=Axis(label="log₁₀ of the power", minimum=-1.35 * bits / log(10), maximum=1.35 * bits / log(10)),
                marks=[
                    Bars(heights=[e / log(10) for e in exponents], names=[f"exp {n}" for n in name]),
                    Rule(y=top / log(10), color=1, label="largest number"),
                    Rule(y=bottom / log(10), color=3, dashed=True, label="rounded to 0 below"),
                    Point(x=0, y=z / log(10), drag=(None, (z, Lambda(u, u * log(10)))), color=1, show=1 - safe),
                ],
            ),
            Panel(
                title="The softmax that comes out",
                x=Axis(label="logit (z₂ = z₁ − 1)"),
                y=_PROBABILITY,
                marks=[
                    Bars(heights=result, names=name, color=2, values=".3f"),
                    *(Point(x=i, y=0.1, color=1, label="NaN", show=f) for i, f in enumerate(failed)),
                ],
            ),
        ],
        readout=[
            text("In {bits} e to the power {e:.1f} is {said:.3g} times the largest number. "
                 "Entries that are not a number: {n:d} of 2; the right answer is {a:.3f}, {b:.3f}.",
                 e=largest, said=exp(largest - top), n=sum(failed), a=exact[0], b=exact[1]),
        ],
        caption=(
            "Where a power of e passes the largest number, its entry is NaN; an entry beside it that still fits "
            "becomes 0, just as wrong. Move logit z₁ to both ends; then switch on \"subtract the largest logit first\""
            " and both entries stay right."
        ),
        description=text(
            "Softmax of the logits {z} and one less in {bits}. Power of ten of the largest exponential: "
            "{e:.1f}; that of the largest number: {top:.1f}. Entries that are not a number: {n:d} of 2.",
            e=largest / log(10), top=top / log(10), n=sum(failed),
        ),
    )  # fmt: skip


def small_losses() -> Figure:
    """The loss of a sure and right answer, and how the usual formula rounds it away."""
    m = symbols("m")

    def stored(lead: Expr, bits: int) -> Expr:
        # 1 + exp(−lead) as the format keeps it: a multiple of 2^−bits.
        return log1p(floor(exp(-lead) * 2**bits + Rational(1, 2)) / 2**bits)

    loss = S.LogisticLoss(m)
    single, double = (stored(x, bits) for bits in (23, 52))
    return Figure(
        parameters=[
            Slider(symbol=m, minimum=0, maximum=60, value=40, step=0.1, format=".1f", label="lead m of the true logit"),
        ],
        panels=[
            Panel(
                x=Axis(label="lead m of the true class over the other", minimum=0, maximum=60),
                y=Axis(label="loss ln(1 + exp(−m)), in nats", minimum=1e-27, maximum=10, scale="log"),
                marks=[
                    Curve(y=S.LogisticLoss(x), variable=x, color=0, label="the loss"),
                    Curve(y=double, variable=x, range=(0, 38), color=3, dashed=True, label="usual formula, float64"),
                    Curve(y=single, variable=x, range=(0, 18), color=1, dashed=True, label="usual formula, float32"),
                    Rule(x=24 * log(2), color=1, dashed=True, label="float32"),
                    Rule(x=53 * log(2), color=3, dashed=True, label="float64"),
                    Point(x=m, y=loss, drag=(m, None), color=0, label=text("{v:.2e}", v=loss)),
                ],
                wide=True,
            )
        ],
        readout=[
            text("At a lead of {m} the loss is {v:.4e}. From the rounded 1 + exp(−m) comes {a:.4g} in float32 and "
                 "{b:.4g} in float64.", v=loss, a=single.subs(x, m), b=double.subs(x, m)),
        ],
        formula=Formula(value=loss, name=r"\ell(m)", format=".3g"),
        caption=(
            "The loss never reaches 0, yet the usual formula rounds it to exactly 0, beyond a lead of 16.6 in "
            "float32 and of 36.7 in float64. Drag the point past each dashed upright line and read the line below."
        ),
        description=text(
            "Loss of the true class over its lead in the logits, on a logarithmic axis: a line that falls for ever. "
            "At a lead of {m} it is {v:.2e}; the usual formula gives {a:.3g} in float32 and {b:.3g} in float64.",
            v=loss, a=single.subs(x, m), b=double.subs(x, m),
        ),
    )  # fmt: skip


def double_softmax() -> Figure:
    """A loss that applies softmax, given the output of a softmax: it cannot come down."""

    def among(logit: Expr, other: Expr) -> tuple[Expr, Expr]:
        """Return the logits of the true class and of all others taken together."""
        return logit, other + log(K - 1)

    def cost(logit: Expr, other: Expr) -> Expr:
        return S.CrossEntropyLoss(among(logit, other), (1, 0))

    p = probabilities(among(x, 0))[0]
    once, twice = cost(x, 0), cost(p, (1 - p) / (K - 1))
    pull, slow = -once.diff(x), -twice.diff(x)
    bottom, guess = cost(1, 0), symbols("guess")
    at = {"p": p.subs(x, z), "a": once.subs(x, z), "b": twice.subs(x, z), "c": bottom}
    return Figure(
        parameters=[
            Predict(
                question="Softmax, taken twice by mistake: where does the loss stop? Drag your guess.",
                revealed=revealed,
                answer=text("It stops at ln(e + K − 1) − 1 = {c:.4f}; your guess is {off:.2f} nats off. Taken "
                            "twice at p = {p:.4f}, it costs {b:.4f}.", off=Abs(guess - bottom),
                            **{key: at[key] for key in "pbc"}),
            ),
            _HIDDEN,
            Slider(symbol=guess, minimum=0, maximum=7, value=0.5, step=0.05, format=".2f", visible=False,
                   label="your guess"),
            Slider(symbol=K, minimum=2, maximum=1000, value=10, scale="log", integer=True, label="classes K"),
            Slider(symbol=z, minimum=-5, maximum=20, value=8, step=0.1, format=".1f", label="logit of the true class"),
        ],
        panels=[
            Panel(
                title="Loss",
                x=Axis(label="logit of the true class, the others 0", minimum=-5, maximum=20),
                y=Axis(label="loss, in nats", minimum=0, maximum=log(K - 1) + 5.2),
                marks=[
                    Curve(y=once, variable=x, color=0, label="softmax once"),
                    Curve(y=twice, variable=x, color=1, label="softmax twice", show=revealed),
                    Rule(y=bottom, color=1, dashed=True, show=revealed),
                    Rule(y=guess, color=6, dashed=True),
                    Point(x=14, y=guess, drag=(None, guess), color=6, label="your guess"),
                    Point(x=z, y=at["a"], drag=(z, None), color=0),
                    Point(x=z, y=at["b"], drag=(z, None), color=1, label=text("{v:.3f}", v=at["b"]), show=revealed),
                ],
            ),
            Panel(
                title="Pull on the true logit",
                x=Axis(label="logit of the true class, the others 0", minimum=-5, maximum=20),
                y=Axis(label="minus the slope of the loss", minimum=0, maximum=1.05),
                marks=[
                    Curve(y=pull, variable=x, color=0),
                    Curve(y=slow, variable=x, color=1, show=revealed),
                    Point(x=z, y=pull.subs(x, z), drag=(z, None), color=0),
                    Point(x=z, y=slow.subs(x, z), drag=(z, None), color=1, label=text("{v:.3f}", v=slow.subs(x, z)),
                          show=revealed),
                ],
            ),
        ],
        readout=[
            text("p = {p:.4f}. Loss with one softmax {a:.4f} nats.", **{key: at[key] for key in "pa"}),
        ],
        caption=(
            "With softmax taken twice the loss cannot fall below the dashed line, and it hardly pulls where the true "
            "class gets next to nothing. Move logit of the true class to −5 and compare the two pulls; then raise "
            "classes K and watch the floor rise."
        ),
        description=text(
            "Cross-entropy over the true class's logit for {K} classes, with softmax taken once and twice. At {z} "
            "one softmax costs {a:.3f} nats. The reader's guess of where two stop is {guess}.", a=at["a"],
        ),
    )  # fmt: skip
