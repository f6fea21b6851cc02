"""Figures of the chapter on classification losses: what a proper score is made of, and what pairs of answers tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Eq, Expr, Piecewise, factor, symbols

from lossbook.live import Axis, Bars, Choice, Curve, Figure, Formula, Panel, Point, Rule, Segment, Slider, text
from lossbook.style import INK
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.probability import kl_divergence, logit

u, eta, q, kind = symbols("u eta q kind")


def _expected(cost: Callable[[Any, int], Expr], chance: Any, forecast: Any) -> Expr:
    """Return the expectation of a cost of the forecast where the answer is yes with a chance."""
    return chance * cost(forecast, 1) + (1 - chance) * cost(forecast, 0)


def _mistakes(forecast: Any, answer: int) -> Expr:
    """Return 1 where the side of ½ is the wrong one; at ½ itself it says no, so just one of both is wrong."""
    missed = S.ZeroOneLoss(2 * forecast - 1)
    return missed if answer else 1 - missed


_COSTS: dict[str, Callable[[Any, int], Expr]] = {
    "log loss": S.BCELoss,
    "Brier score": lambda forecast, answer: S.BrierLoss((forecast, 1 - forecast), (answer, 1 - answer)),
    "mistakes (0-1)": _mistakes,
}


def tangents() -> Figure:
    """A score as the tangent of its entropy: what a forecast costs above the best one is the gap between both."""

    def of(chance: Any, forecast: Any) -> Expr:
        return Piecewise(
            *((_expected(cost, chance, forecast), Eq(kind, k)) for k, cost in enumerate(_COSTS.values())), (0, True)
        )

    cost, best, gap = symbols("cost best gap")
    # Where nothing cancels: the forecast that equals the chance costs exactly 0 more.
    said, true = (q, 1 - q), (eta, 1 - eta)
    gaps = kl_divergence(true, said), factor(S.BrierLoss(said, true)), cost - best
    parts = {"a": cost, "b": best, "c": gap}
    return Figure(
        parameters=[
            Choice(symbol=kind, options={name: k for k, name in enumerate(_COSTS)}, label="score"),
            Slider(symbol=q, minimum=0.01, maximum=0.99, value=0.31, step=0.02, format=".2f", label="forecast q",
                   color=1),
            Slider(symbol=eta, minimum=0.02, maximum=0.98, value=0.7, step=0.01, format=".2f", label="chance η of yes",
                   color=2),
        ],
        panels=[
            Panel(
                title="Expected score",
                x=Axis(label="chance η of yes", minimum=0, maximum=1),
                y=Axis(label="expected cost", minimum=0, maximum=1.5),
                marks=[
                    Curve(y=of(u, u), variable=u, range=(0.001, 0.999), color=INK["entropy"],
                          label="of the best forecast"),
                    Curve(y=of(u, q), variable=u, range=(0, 1), color=1, label="of the forecast q"),
                    Rule(x=eta, color=2, dashed=True),
                    Segment(x1=eta, y1=best, x2=eta, y2=cost, color=3),
                    Point(x=q, y=of(q, q), color=1, drag=(q, None), label="q"),
                    Point(x=eta, y=cost, color=3, drag=(eta, None), label=text("{c:.3f}", c=gap)),
                    Point(x=eta, y=best, color=INK["entropy"]),
                ],
                wide=True,
            ),
        ],
        define={cost: of(eta, q), best: of(eta, eta),
                gap: Piecewise(*((value, Eq(kind, k)) for k, value in enumerate(gaps)), (0, True))},
        formula=[
            Formula(value=value, name=r"\text{gap}", show=Eq(kind, k), format=".4f")
            for k, value in enumerate(gaps[:2])
        ],
        readout=[
            text("The forecast q = {q} costs {a:.4f} where the chance is {eta}; the best forecast costs {b:.4f}. The "
                 "gap is {c:.4f}.", **parts),
        ],
        caption=(
            "What a forecast costs is a straight line over the chance, and it touches the curve of the best costs at "
            "q: the curve lies below all such lines. Drag q and η apart, and read the gap; then take mistakes (0-1), "
            "whose curve has a corner: between there and the end every q gives one line."
        ),
        description=text(
            "The {kind} expected of the best forecast, over the chance of a yes: a curve that bends downwards. The "
            "line of the forecast {q} touches it there and lies {c:.3f} above it at the chance {eta}.", **parts,
        ),
    )  # fmt: skip


def preferences() -> Figure:
    """Two answers and many judges: what pairs tell is how many prefer the first, not by how much."""
    d, more, less = symbols("d for_1 for_2")

    def mean(difference: Any) -> Expr:
        return eta * S.LogisticLoss(difference) + (1 - eta) * S.LogisticLoss(-difference)

    best, liking = symbols("best liking")
    facts = {"v": mean(d), "s": best, "m": liking}
    return Figure(
        parameters=[
            Slider(symbol=eta, minimum=0.05, maximum=0.95, value=0.6, step=0.05, format=".2f",
                   label="share η that prefers answer 1", color=2),
            Slider(symbol=more, minimum=0.5, maximum=8, value=1, step=0.5, format=".1f",
                   label="liking of those for 1"),
            Slider(symbol=less, minimum=0.5, maximum=8, value=5, step=0.5, format=".1f",
                   label="liking of those for 2"),
            Slider(symbol=d, minimum=-4, maximum=4, value=2, step=0.05, format=".2f", label="difference of scores d",
                   color=1),
        ],
        panels=[
            Panel(
                title="Loss of the pairs",
                x=Axis(label="difference of scores d = r₁ − r₂", minimum=-4, maximum=4),
                y=Axis(label="mean loss of a pair", minimum=0, maximum=4.2),
                marks=[
                    Curve(y=S.LogisticLoss(u), variable=u, color=2, dashed=True, label="1 was preferred"),
                    Curve(y=S.LogisticLoss(-u), variable=u, color=3, dashed=True, label="2 was preferred"),
                    Curve(y=mean(u), variable=u, color=0, label="their mix"),
                    Rule(x=best, color=6, dashed=True, label="best"),
                    Point(x=d, y=mean(d), color=1, drag=(d, None), label=text("{v:.3f}", v=mean(d))),
                ],
            ),
            Panel(
                title="Which answer is ahead?",
                x=Axis(label="above 0: answer 1"),
                y=Axis(label="answer 1 less answer 2", minimum=-8, maximum=8),
                marks=[
                    Bars(heights=[best, liking], names=["by pairs", "by mean liking"], color=4, values=".2f"),
                    Rule(y=0, color=6),
                ],
            ),
        ],
        define={best: logit(eta), liking: eta * more - (1 - eta) * less},
        formula=Formula(value=mean(d), name=r"\ell(d)"),
        readout=[
            text("At d = {d} a pair costs {v:.3f}; the loss is lowest at {s:.3f}. Mean liking of answer 1, less that "
                 "of answer 2: {m:.2f}.", **facts),
        ],
        caption=(
            "A pair says which answer was preferred, and not by how much: the best difference of scores is the logit "
            "of η, however strong the likings are. Set liking of those for 2 to 0.5, then to 8: the mean liking "
            "changes sides, the pairs do not move."
        ),
        description=text(
            "The mean logistic loss over the difference of two scores, where a share {eta} prefers the first answer. "
            "It is lowest at {s:.2f}; the mean liking is {m:.2f}.", **facts,
        ),
    )  # fmt: skip
