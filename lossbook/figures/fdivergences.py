"""The family of f-divergences: a convex curve for each."""

from __future__ import annotations

from sympy import Eq, Expr, Lambda, Max, Piecewise, Rational, Symbol, symbols

from lossbook.live import Axis, Choice, Curve, Figure, Formula, Panel, Point, Rule, Segment, Slider, text
from lossbook.style import INK
from lossbook.symbolic.probability import GENERATORS, f_divergence

p, q, kind, t, u, ratio = symbols("p q kind t u ratio")


def family() -> Figure:
    """One convex curve for each divergence: the chord between the ratios of two coins lies above the curve."""
    coins = (p, 1 - p), (q, 1 - q)
    other = (1 - p) / (1 - q)
    first, second, far = symbols("first second far")

    def chosen(at: Expr | Symbol) -> Piecewise:
        *curves, last = (f(at) for f in GENERATORS.values())
        return Piecewise(*((curve, Eq(kind, k)) for k, curve in enumerate(curves)), (last, True))

    # The chord passes over the mean of the two ratios, which is 1, at the height of the divergence.
    value = q * first + (1 - q) * second
    ends = (Rational(1, 500), far)
    numbers = {name: f_divergence(f, *coins) for name, f in zip("abcdeg", GENERATORS.values(), strict=True)}
    return Figure(
        parameters=[
            Choice(symbol=kind, options={name: k for k, name in enumerate(GENERATORS)}, label="divergence"),
            Slider(symbol=p, minimum=0.1, maximum=0.9, value=0.3, step=0.01, format=".2f", label="what holds: p",
                   color=INK["p"]),
            Slider(symbol=q, minimum=0.1, maximum=0.9, value=0.75, step=0.01, format=".2f",
                   label="what is believed: q", color=INK["q"]),
        ],
        panels=[
            Panel(
                x=Axis(label="ratio t = p/q of an outcome", minimum=0, maximum=far),
                y=Axis(label="f(t)", minimum=-0.1, maximum=Max(1, first, second) * Rational(6, 5)),
                marks=[
                    *(
                        Curve(y=f(t), variable=t, range=ends, color=6, dashed=True,
                              show=Piecewise((0, Eq(kind, k)), (1, True)))
                        for k, f in enumerate(GENERATORS.values())
                    ),
                    Curve(y=chosen(t), variable=t, range=ends, color=0, label="f of the chosen divergence"),
                    Segment(x1=ratio, y1=first, x2=other, y2=second, color=1),
                    Rule(x=1, dashed=True),
                    Point(x=ratio, y=first, color=0, label="heads", drag=((p, Lambda(u, u * q)), None)),
                    Point(x=other, y=second, color=0, label="tails", drag=((p, Lambda(u, 1 - u * (1 - q))), None)),
                    Point(x=1, y=value, color=1, label=text("mean {v:.3f}", v=value)),
                ],
            )
        ],
        formula=[
            Formula(name="f(t)", value=f(ratio), format="", show=Eq(kind, k), written={ratio: "t"})
            for k, f in enumerate(GENERATORS.values())
        ],
        readout=[
            text("{kind} = {v:.4f}: the mean of f at the ratios {r:.3f} and {s:.3f}, with the weights q and 1 − q.",
                 v=value, r=ratio, s=other),
            text("All six: D(p‖q) {a:.4f}, D(q‖p) {b:.4f}, Jensen–Shannon {c:.4f}, total variation {d:.4f}, "
                 "χ² {e:.4f}, squared Hellinger {g:.4f}.", **numbers),
        ],
        caption=(
            "Each divergence is the height of a chord of its own convex f above the ratio 1, where f is 0: so none is "
            "negative (dashed: the other five). Switch divergence to χ², and see how dear a large ratio is; then drag "
            "heads to the ratio 1, and watch the chord shrink to a point."
        ),
        description=text(
            "Six convex curves touch 0 at the ratio 1. For {kind} a chord joins the ratios {r:.3f} of heads and "
            "{s:.3f} of tails; above the ratio 1 it stands at {v:.4f}, the divergence.", v=value, r=ratio, s=other,
        ),
        define={
            ratio: p / q, far: Max(3, Rational(21, 20) * ratio, Rational(21, 20) * other),
            first: chosen(ratio), second: chosen(other),
        },
    )  # fmt: skip
