"""Estimates that are repeated: how far they spread."""

from __future__ import annotations

from sympy import Max, Piecewise, Rational, binomial, sqrt, symbols

from lossbook.live import Action, Axis, Bars, Figure, Panel, Point, Rule, Segment, Slider, text

_TOSSES, _COIN = 20, Rational(3, 5)
# Fifty estimates, drawn once, so that the figure is not empty at first: how many had 0, 1, 2 … heads.
_DRAWN = (0, 0, 0, 0, 0, 0, 0, 1, 4, 1, 6, 7, 13, 9, 5, 2, 2, 0, 0, 0, 0)


def estimates() -> Figure:
    """Twenty tosses of one coin, again and again: the estimates pile up around it."""
    chance = symbols("chance")
    heads = range(_TOSSES + 1)
    counts = symbols(f"n0:{_TOSSES + 1}")
    chances = [binomial(_TOSSES, j) * _COIN**j * (1 - _COIN) ** (_TOSSES - j) for j in heads]
    total, inside = symbols("total inside")
    error = sqrt(_COIN * (1 - _COIN) / _TOSSES)
    near = [j for j in heads if abs(Rational(j, _TOSSES) - _COIN) <= error]

    below = [sum(chances[:j]) for j in heads] + [1]
    more = {
        count: count + Piecewise((1, (chance >= below[j]) & (chance < below[j + 1])), (0, True))
        for j, count in enumerate(counts)
    }
    expected = [total * share for share in chances]
    middle, reach = _TOSSES * _COIN, _TOSSES * error
    # Above every bar that is at all likely; the largest of 42 numbers would cost half a minute to write down.
    top = Max(12, total / 4 + 4)
    return Figure(
        parameters=[
            *(
                Slider(symbol=count, minimum=0, maximum=5000, value=_DRAWN[j], integer=True, visible=False,
                       label=f"{j} heads")
                for j, count in enumerate(counts)
            ),
            Action(label="Toss 20 times, once", sets=more, chance=chance),
            Action(label="And 100 times more", sets=more, chance=chance, times=100),
        ],
        panels=[
            Panel(
                x=Axis(label="heads in 20 tosses; the estimate is a twentieth of it"),
                y=Axis(label="how often", minimum=0, maximum=top),
                marks=[
                    Bars(heights=list(counts), names=[str(j) for j in heads], color=0),
                    *(Point(x=j, y=value, color=1, label="expected" if j == 15 else "")
                      for j, value in enumerate(expected)),
                    Rule(x=middle, dashed=True),
                    Segment(x1=middle - reach, y1=top * Rational(19, 20), x2=middle + reach,
                            y2=top * Rational(19, 20), color=2, label="± one standard error"),
                ],
            )
        ],
        readout=[
            text("{n:d} estimates, of which {m:d} lie within one standard error, {e:.3f}, of 0.6. "
                 "Expected: {share:.1%}.", n=total, m=inside, e=error, share=sum(chances[j] for j in near)),
        ],
        caption=(
            "Estimates from the same coin differ, and pile up under the green bar: within one standard error lie about "
            "three quarters of them. Fifty are there; toss once more, and again, then a hundred times, and watch the "
            "pile take the shape of the orange points."
        ),
        description=text(
            "A coin with probability 0.6 of heads was tossed 20 times, {n:d} times over. {m:d} of the estimates lie "
            "within one standard error, {e:.3f}, of 0.6.", n=total, m=inside, e=error,
        ),
        define={total: sum(counts), inside: sum(counts[j] for j in near)},
    )  # fmt: skip
