"""Figures of the chapter on perceptual loss: rows of pixels, what features see of them, and what features forget."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Eq, Expr, Lambda, Piecewise, Rational, Sum, exp, floor, sin, sqrt, symbols

from lossbook.live import (
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
    Slider,
    Toggle,
    Trajectory,
    text,
)
from lossbook.style import INK
from lossbook.symbolic import losses as S  # noqa: N812

u, v, i, j, k = symbols("u v i j k")
d, b, n = symbols("d b n")
#: Pixels in a row, in windows of four; bright strokes in it.
_WINDOWS, _WINDOW = 6, 4
_STROKES = (11,)


def _stroke(at: Any, width: Any) -> Expr:
    return exp(-((at / width) ** 2) / 2)


def _row(at: Any, blur: Any = 0) -> Expr:
    """Return the brightness at a place; a blur widens the strokes and keeps their light."""
    width = sqrt(1 + blur**2)
    return sum(_stroke(at - place, width) for place in _STROKES) / width


def _noise(at: Any) -> Expr:
    """Return a fixed, irregular sequence, one number for each pixel."""
    return sin(at**2 * 5 + at)


def _versions(at: Any) -> tuple[Expr, ...]:
    """Return the shifted, the blurred and the noisy row."""
    return _row(at - d), _row(at, b), _row(at) + n * _noise(at)


def distortions() -> Figure:
    """A row of pixels shifted, blurred or with noise: how far it moves in pixels, and in a simple feature."""
    names = ("shift", "blur", "noise")

    def pixels(other: int) -> Expr:
        return Sum(S.MSELoss(_versions(i)[other] - _row(i)), (i, 0, _WINDOWS * _WINDOW - 1)) / (_WINDOWS * _WINDOW)

    def energy(of: Any) -> Expr:
        here = _WINDOW * k + j
        return Sum((of(here + 1) - of(here)) ** 2, (j, 0, _WINDOW - 1))

    def features(other: int) -> Expr:
        apart = energy(lambda at: _versions(at)[other]) - energy(_row)
        return Sum(S.MSELoss(apart), (k, 0, _WINDOWS - 1)) / _WINDOWS

    near, far = symbols("p:3"), symbols("q:3")
    define = dict(zip((*near, *far), (*map(pixels, range(3)), *map(features, range(3))), strict=True))
    which = symbols("which")
    # Noise belongs to pixels: between two of them it is drawn as a straight line.
    pixel = floor(u)
    drawn = (*_versions(u)[:2], _row(u) + n * (_noise(pixel) + (u - pixel) * (_noise(pixel + 1) - _noise(pixel))))
    shown = Piecewise(*((version, Eq(which, number)) for number, version in enumerate(drawn)))
    return Figure(
        parameters=[
            Choice(symbol=which, options={name: number for number, name in enumerate(names)}, label="show"),
            Slider(symbol=d, minimum=0, maximum=4, value=1, step=0.05, format=".2f", label="shift in pixels"),
            Slider(symbol=b, minimum=0, maximum=4, value=1, step=0.05, format=".2f", label="blur in pixels"),
            Slider(symbol=n, minimum=0, maximum=0.6, value=0.2, step=0.01, format=".2f", label="strength of noise"),
        ],
        panels=[
            Panel(
                title="A row of 24 pixels",
                x=Axis(label="pixel", minimum=0, maximum=24),
                y=Axis(label="brightness", minimum=-0.6, maximum=1.7),
                marks=[
                    Curve(y=_row(u), variable=u, color=6, dashed=True, label="original"),
                    Curve(y=shown, variable=u, color=0, label="distorted"),
                ],
                wide=True,
            ),
            *(
                Panel(
                    title=title,
                    x=Axis(label="distortion"),
                    y=Axis(label="squared distance", minimum=0),
                    marks=[Bars(heights=list(heights), names=names, values=".4f", color=color)],
                )
                for title, heights, color in (
                    ("In pixels", near, 6), ("In features: roughness by window", far, 1)
                )
            ),
        ],
        readout=[
            text("In pixels: shift {a:.4f}, blur {b0:.4f}, noise {c:.4f}. In features: {e:.4f}, {f:.4f}, {g:.4f}.",
                 a=near[0], b0=near[1], c=near[2], e=far[0], f=far[1], g=far[2]),
        ],
        caption=(
            "Pixels are compared place by place, features window by window. At the start the shift is farthest in "
            "pixels and nearest in features. Raise shift in pixels to 3: the roughness changes windows, and features"
            " mind it, too."
        ),
        description=text(
            "A stroke in a row of pixels, shifted, blurred or with noise. Squared distance in pixels {a:.3f}, "
            "{b0:.3f}, {c:.3f}; in features {e:.3f}, {f:.3f}, {g:.3f}.",
            a=near[0], b0=near[1], c=near[2], e=far[0], f=far[1], g=far[2],
        ),
        define=define,
    )  # fmt: skip


def shift() -> Figure:
    """The squared pixel distance of a stroke from itself, moved: it soon stops growing."""
    width, pool = symbols("width pool")

    def distance(at: Any, extent: Any) -> Expr:
        return 1 - exp(-((at / extent) ** 2) / 4)

    wide = sqrt(width**2 + pool**2)
    now = {"p": distance(d, width), "q": distance(d, wide)}
    return Figure(
        parameters=[
            Slider(symbol=d, minimum=0, maximum=8, value=1.5, step=0.05, format=".2f", label="shift d",
                   color=INK["moved"]),
            Slider(symbol=width, minimum=0.3, maximum=2, value=0.6, step=0.05, format=".2f", label="width w"),
            Slider(symbol=pool, minimum=0, maximum=4, value=2, step=0.05, format=".2f", label="pooled over σ"),
        ],
        panels=[
            Panel(
                title="A stroke, and the same stroke moved",
                x=Axis(label="pixel", minimum=-6, maximum=12),
                y=Axis(label="brightness", minimum=0, maximum=1.1),
                marks=[
                    Curve(y=_stroke(u, width), variable=u, color=6, dashed=True, label="original"),
                    Curve(y=_stroke(u - d, width), variable=u, color=INK["moved"], label="moved"),
                    Point(x=d, y=1, drag=(d, None), color=INK["moved"]),
                ],
            ),
            Panel(
                title="How far it is",
                x=Axis(label="shift in pixels", minimum=0, maximum=8),
                y=Axis(label="share of the largest distance", minimum=0, maximum=1.1),
                marks=[
                    Curve(y=distance(u, width), variable=u, color=0, label="in pixels"),
                    Curve(y=distance(u, wide), variable=u, color=2, dashed=True, label="pooled"),
                    Point(x=d, y=now["p"], drag=(d, None), color=0),
                    Point(x=d, y=now["q"], drag=(d, None), color=2),
                ],
            ),
        ],
        formula=Formula(name=r"\text{in pixels}", value=now["p"], format=".1%", written={width: "w"}),
        readout=[text("Moved by {d}: {p:.1%} of the largest distance in pixels, {q:.1%} after pooling.", **now)],
        caption=(
            "Only the shift in widths counts: at d = 1.67 w the stroke has half of its largest distance, at 4 w "
            "nearly all. Drag the moved stroke, then raise pooled over σ: the wider stroke needs a longer shift."
        ),
        description=text(
            "A bright stroke moved by {d} pixels. Its squared distance from the original is {p:.1%} of the largest in "
            "pixels, and {q:.1%} after pooling.", **now,
        ),
    )  # fmt: skip


def layers() -> Figure:
    """Two layers of different size in one loss, with and without the division by C·H·W."""
    divided, first, last, weight = symbols("divided first last weight")
    sizes = (16 * 20 * 20, 64)
    parts = [
        factor * S.MSELoss(step) * Piecewise((1, divided > 0), (size, True))
        for factor, step, size in zip((1, weight), (first, last), sizes, strict=True)
    ]
    total = sum(parts)
    shares = [part / total for part in parts]
    return Figure(
        parameters=[
            Slider(symbol=first, minimum=0.01, maximum=1, value=0.1, scale="log", label="difference d₁, first layer"),
            Slider(symbol=last, minimum=0.01, maximum=1, value=0.3, scale="log", label="difference d₂, last layer"),
            Slider(symbol=weight, minimum=0.1, maximum=10, value=1, scale="log", label="weight w of the last layer"),
            Toggle(symbol=divided, value=True, label="divide by C·H·W"),
        ],
        panels=[
            Panel(
                title="Who decides?",
                x=Axis(label="layer"),
                y=Axis(label="share of the loss", minimum=0, maximum=1.1),
                marks=[
                    Bars(heights=shares, names=("first: 16·20·20", "last: 64·1·1"), values=".1%", color=0),
                    Rule(y=Rational(1, 2), dashed=True),
                ],
            ),
        ],
        formula=[
            Formula(
                name=r"\text{loss}", value=total.subs(divided, on), format=".4f", show=1 - abs(on - divided),
                terms=[part.subs(divided, on) for part in parts],
                written={first: r"d_1", last: r"d_2", weight: "w"},
            )
            for on in (1, 0)
        ],
        caption=(
            "Undivided, the first layer counts with 6,400 features and the last with 64. Untick divide by C·H·W and "
            "watch the shares: the last layer would need 100 times its weight to keep its share."
        ),
        description=text(
            "Shares of two layers in a perceptual loss: the first, of 6,400 features, has {a:.1%}; the last, of 64, "
            "has {b0:.1%}.", a=shares[0], b0=shares[1],
        ),
    )  # fmt: skip


def matching() -> Figure:
    """A picture of two pixels, moved until its feature is the wanted one: what the feature ignores stays as it was."""
    feature, x0, y0, t, x, y = symbols("feature x0 y0 t x y")
    target = (Rational(3, 2), Rational(1, 2))

    def kinds(p: Any, q: Any) -> list[Expr]:
        features = ((p, q), ((p + q) / sqrt(2),), ((p**2 + q**2) / 2,))
        wanted = (target, (sum(target) / sqrt(2),), (sum(part**2 for part in target) / 2,))
        pairs = zip(features, wanted, strict=True)
        # The sum over the features of a layer, halved.
        return [S.PerceptualLoss((ours,), (theirs,), (Rational(len(ours), 2),)) for ours, theirs in pairs]

    def loss(p: Any, q: Any) -> Expr:
        return Piecewise(*((kind, Eq(feature, number)) for number, kind in enumerate(kinds(p, q))))

    slopes = [sympy.diff(loss(x, y), symbol) for symbol in (x, y)]
    return Figure(
        parameters=[
            Choice(
                symbol=feature, options={"both pixels": 0, "their sum": 1, "their energy x₁² + x₂²": 2},
                value="their sum", label="feature",
            ),
            Slider(symbol=t, minimum=0, maximum=60, value=60, integer=True, label="steps"),
            Play(symbol=t, seconds=4),
            Slider(symbol=x0, minimum=-2, maximum=2, value=-1, step=0.05, visible=False),
            Slider(symbol=y0, minimum=-2, maximum=2, value=0.5, step=0.05, visible=False),
        ],
        panels=[
            Panel(
                title="Drag the start",
                x=Axis(label="pixel x₁", minimum=-2, maximum=2),
                y=Axis(label="pixel x₂", minimum=-2, maximum=2),
                equal=True,
                marks=[
                    Contour(z=loss(u, v), variables=(u, v), levels=[0.02, 0.1, 0.3, 0.8, 1.6, 3], color=6, grid=40),
                    Trajectory(
                        start={x: x0, y: y0}, step={x: x - 0.15 * slopes[0], y: y - 0.15 * slopes[1]}, steps=t, x=x,
                        y=y, color=0,
                    ),
                    Point(x=target[0], y=target[1], color=2, label="target"),
                    Point(x=x0, y=y0, drag=(x0, y0), color=0, label="start"),
                    Point(x=x, y=y, color=1),
                ],
            ),
        ],
        formula=[
            Formula(name=r"\ell", value=kind, show=Eq(feature, number), written={x: "x_1", y: "x_2"})
            for number, kind in enumerate(kinds(x, y))
        ],
        readout=[text("Steps: {t}. The end is ({x:.2f}, {y:.2f}), feature loss {l:.3f}.", x=x, y=y, l=loss(x, y))],
        caption=(
            "Descent changes only what the feature sees; the rest stays as it was at the start. So a feature loss of"
            " 0 need not mean the target's picture. Choose a feature, drag the start and watch where the path ends."
        ),
        description=text(
            "A picture of two pixels descends from ({x0}, {y0}) until a feature of it equals that of the target "
            "(1.5, 0.5). It ends at ({x:.2f}, {y:.2f}) with loss {l:.3f}.", x=x, y=y, l=loss(x, y),
        ),
    )  # fmt: skip


def average() -> Figure:
    """Two equally good answers, and the one that squared pixel error likes best: both at half strength."""
    chance, gap, revealed = symbols("chance gap revealed")

    def answers(at: Any) -> tuple[Expr, Expr]:
        return _stroke(at + gap / 2, 1), _stroke(at - gap / 2, 1)

    left, right = answers(u)
    overlap = exp(-(gap**2) / 4)  # of two strokes, with that of a stroke with itself as 1
    facts = {"g": 2 * (1 - chance) * (1 - overlap), "m": 2 * chance * (1 - chance) * (1 - overlap)}
    return Figure(
        parameters=[
            Predict(
                question="Left or right, at even chances. What has the least expected squared pixel error?",
                revealed=revealed,
                options=["One of the two", "Both, at half strength", "One stroke in the middle"],
                right=1,
                sets={chance: 0.5},
                answer=text(
                    "The mixture, with both strokes: an expected error of {m:.3f}, against {g:.3f} for \"left\" alone. "
                    "No such picture ever occurs.", **facts,
                ),
            ),
            Slider(symbol=chance, minimum=0, maximum=1, value=0.5, step=0.01, format=".2f", label="chance of left",
                   color=1),
            Slider(symbol=gap, minimum=0, maximum=8, value=5, step=0.1, format=".1f", label="distance of the two"),
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
        ],
        panels=[
            Panel(
                x=Axis(label="pixel", minimum=-8, maximum=8),
                y=Axis(label="brightness", minimum=0, maximum=1.2),
                marks=[
                    Curve(y=left, variable=u, color=6, dashed=True, label="possible answer: left"),
                    Curve(y=right, variable=u, color=4, dashed=True, label="possible answer: right"),
                    Curve(y=chance * left + (1 - chance) * right, variable=u, color=1,
                          label="best by squared pixel error", show=revealed),
                    Point(x=-gap / 2, y=1, drag=((gap, Lambda(u, -2 * u)), None), color=6,
                          label=text("{p:.0%}", p=chance)),
                    Point(x=gap / 2, y=1, drag=((gap, Lambda(u, 2 * u)), None), color=4,
                          label=text("{p:.0%}", p=1 - chance)),
                ],
                wide=True,
            ),
        ],
        readout=[
            text("Expected squared error, with the energy of a stroke as 1: of the crisp answer \"left\" {g:.3f}, of "
                 "the best answer {m:.3f}.", **facts),
        ],
        formula=Formula(name=r"\text{least error}", value=facts["m"], written={chance: "P", gap: "d"}),
        caption=(
            "Unless the strokes coincide or the side is certain, even the best answer has an expected error, "
            "greatest at even chances. Move chance of left from 0 to 1; watch the solid curve and the numbers below."
        ),
        description=text(
            "Two possible pictures, a stroke on the left with chance {chance} and one on the right. By squared pixel "
            "error the best answer has the expected error {m:.3f}, the crisp answer left {g:.3f}.", **facts,
        ),
    )  # fmt: skip
