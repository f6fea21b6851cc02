"""Figures of the chapter on regression losses: how many wild data a δ is for, and a width that is predicted, too."""

from __future__ import annotations

from sympy import Abs, exp, expand, log, pi, sqrt, symbols

from lossbook.derivations.regression import huber_normaliser
from lossbook.live import Axis, Curve, Figure, Formula, Panel, Point, Rule, Slider, text
from lossbook.symbolic import losses as S  # noqa: N812

r, u = symbols("r u", real=True)
delta, sigma = symbols("delta sigma", positive=True)


def contamination() -> Figure:
    """Return Huber's δ over the share of wild data that it is for, and the noise that is worst for it."""
    share = 1 - 1 / expand(huber_normaliser(delta) / sqrt(2 * pi))
    worst = exp(-S.HuberLoss(u, delta)) / huber_normaliser(delta)
    normal = (1 - share) * exp(-S.MSELoss(u, half=True)) / sqrt(2 * pi)
    return Figure(
        parameters=[
            Slider(symbol=delta, minimum=0.35, maximum=3, value=1.345, step=0.005, format=".3f", label="δ/σ", color=2),
        ],
        panels=[
            Panel(
                title="Which δ for how many wild data",
                x=Axis(label="share ε of wild data", minimum=0, maximum=0.6),
                y=Axis(label="δ/σ", minimum=0, maximum=3),
                marks=[
                    Curve(x=share.subs(delta, u), y=u, variable=u, range=(0.3, 3), color=0),
                    Point(x=share, y=delta, drag=(None, delta), color=2, label=text("ε = {v:.1%}", v=share)),
                ],
            ),
            Panel(
                title="The worst noise with that share",
                x=Axis(label="residual r = ŷ − y, in units of σ", minimum=-5, maximum=5),
                y=Axis(label="density", minimum=0, maximum=0.42),
                marks=[
                    Curve(y=worst, variable=u, color=0, label="worst"),
                    Curve(y=normal, variable=u, color=6, dashed=True, label="its normal part"),
                    *(Rule(x=end, color=2, dashed=True) for end in (-delta, delta)),
                ],
            ),
        ],
        readout=[text("δ = {delta} σ is for a share of {v:.2%} of wild data.", v=share)],
        formula=Formula(name=r"\varepsilon", value=share),
        caption=(
            "Each δ is the safest choice for one share ε of wild data; its worst noise is normal within δ and falls "
            "like a Laplace density beyond. Move δ: fewer wild data ask for a larger one."
        ),
        description=text(
            "Huber's δ over the share of wild data. At δ = {delta} the share is {v:.3f}; the worst noise with that "
            "share has exponential tails beyond δ.", v=share,
        ),
    )  # fmt: skip


def predicted_width() -> Figure:
    """Return the Gaussian negative log-likelihood of a residual over the width that is predicted for it."""

    def cost(residual: object, width: object) -> object:
        return S.GaussianNLLLoss(residual, 2 * log(width), 0)

    here = cost(r, sigma)
    price, saved = log(sigma), r**2 / (2 * sigma**2)
    return Figure(
        parameters=[
            Slider(symbol=r, minimum=0.2, maximum=6, value=4, step=0.05, format=".2f", label="residual r", color=1),
            Slider(symbol=sigma, minimum=0.25, maximum=8, value=1, scale="log", format=".2f", label="width σ", color=2),
        ],
        panels=[
            Panel(
                title="What a width costs",
                x=Axis(label="predicted width σ", minimum=0.25, maximum=8, scale="log"),
                y=Axis(label="loss", minimum=-2, maximum=10),
                marks=[
                    Curve(y=cost(r, u), variable=u, color=0, label="ln σ + r²/2σ²"),
                    Curve(y=log(u), variable=u, color=3, dashed=True, label="ln σ"),
                    Rule(x=Abs(r), color=1, dashed=True, label="σ = |r|"),
                    Point(x=sigma, y=here, drag=(sigma, None), color=2, label=text("{v:.3f}", v=here)),
                ],
            ),
            Panel(
                title="The same over the residual",
                x=Axis(label="residual r = ŷ − y", minimum=-6, maximum=6),
                y=Axis(label="loss", minimum=-2, maximum=10),
                marks=[
                    Curve(y=cost(u, sigma), variable=u, color=0, label="ln σ + r²/2σ²"),
                    Curve(y=cost(u, Abs(u)), variable=u, color=6, dashed=True, label="best σ for each r"),
                    Point(x=r, y=here, drag=(r, None), color=1),
                ],
            ),
        ],
        readout=[
            text("ln σ is {p:.3f}, r²/2σ² is {q:.3f}: the loss is {v:.3f}. With σ = |r| it would be {b:.3f}.",
                 p=price, q=saved, v=here, b=cost(r, Abs(r))),
        ],
        formula=Formula(name=r"\ell", value=price + saved, terms=(price, saved)),
        caption=(
            "A point far off may be paid for by a wide σ: that costs ln σ and saves r²/2σ². The best width is |r| "
            "itself. Move width σ to the lowest place, then the residual: a small one rewards a width near 0."
        ),
        description=text(
            "The Gaussian negative log-likelihood of a residual {r} at the width {sigma} is {v:.3f}; it is least at "
            "a width as large as the residual.", v=here,
        ),
    )  # fmt: skip
