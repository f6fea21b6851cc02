"""Figures of the chapter on entropy: codes, right and wrong ones."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Max, Min, Piecewise, Rational, Symbol, log, symbols

from lossbook.live import Axis, Bars, Curve, Figure, Formula, Panel, Rule, Segment, Slider, text
from lossbook.symbolic.primitives import xlogy
from lossbook.symbolic.probability import cross_entropy, entropy

from .entropy import _bars, _blocks, total, x


def huffman() -> Figure:
    """The best prefix code for four symbols, beside their surprises."""
    counts = symbols("A B C D")
    names = [str(count) for count in counts]
    a, b, c, d = counts
    shares = [count / total for count in counts]
    bits = entropy(shares) / log(2)
    # Lengths 1, 2, 3, 3 save one bit at the commonest letter and cost one at each of the two rarest.
    saved = symbols("saved")
    second = Max(Min(Max(a, b), Max(c, d)), Min(a, b), Min(c, d))
    define = {total: sum(counts), saved: Max(0, 2 * Max(*counts) + second - sum(counts))}
    mean = 2 - saved / total
    # Counts are whole, so eighths break ties without changing any other order.
    order = [count - Rational(k, 8) for k, count in enumerate(counts)]

    def length(k: int) -> Expr:
        rank = sum(Piecewise((1, other > order[k]), (0, True)) for other in order if other != order[k])
        return Piecewise((Min(1 + rank, 3), saved > 0), (2, True))

    ideal = [-log(share) / log(2) for share in shares]
    return Figure(
        parameters=[
            Slider(symbol=count, minimum=1, maximum=30, value=value, integer=True, label=f"count of {n}")
            for count, n, value in zip(counts, names, (16, 8, 5, 3), strict=True)
        ],
        panels=[
            Panel(
                title="Drag the bars: letters in a message",
                x=Axis(label="letter"),
                y=Axis(label="count", minimum=0, maximum=35),
                marks=_bars(counts, names, shares),
            ),
            Panel(
                title="Code length (bars), surprise (lines)",
                x=Axis(label="letter"),
                y=Axis(label="bits", minimum=0, maximum=7),
                marks=[
                    Bars(heights=[length(k) for k in range(4)], names=names, color=6),
                    *(Segment(x1=k - 0.45, y1=value, x2=k + 0.45, y2=value, color=1, label=text("{v:.2f}", v=value))
                      for k, value in enumerate(ideal)),
                ],
            ),
        ],
        readout=[
            text("Mean code length {mean:.3f} bits a letter, entropy {h:.3f} bits. A plain code of equal lengths takes "
                 "2 bits.", mean=mean, h=bits),
        ],
        caption=(
            "A mean code length meets the entropy only where every share is a power of ½; elsewhere whole digits "
            "cost more. Set the counts to 16, 8, 4, 4: each bar meets its line. Then lower count of A until all "
            "lengths jump to 2."
        ),
        description=text(
            "Four letters, counted {A}, {B}, {C} and {D} times. Huffman's code gives them {l0:d}, {l1:d}, {l2:d} and "
            "{l3:d} bits, in the mean {mean:.3f}; the entropy is {h:.3f} bits.",
            **{f"l{k}": length(k) for k in range(4)}, mean=mean, h=bits,
        ),
        define=define,
    )  # fmt: skip


def wrong_code() -> Figure:
    """Cross-entropy: the mean surprise of who believes q where p holds."""
    names = ("sun", "rain", "snow")
    held, believed = symbols("p0:3"), symbols("q0:3")
    totals = symbols("held believed")
    truth, belief = symbols("share1:4"), symbols("belief1:4")
    shares = {
        share: value / total
        for row, values, total in ((truth, held, totals[0]), (belief, believed, totals[1]))
        for share, value in zip(row, values, strict=True)
    }
    paid = [-log(share) / log(2) for share in belief]
    best = entropy(truth) / log(2)
    cross = cross_entropy(truth, belief) / log(2)
    # Whole numbers divided last: where both are in proportion, each logarithm is exactly 0.
    ratios = [(v * totals[1]) / (w * totals[0]) for v, w in zip(held, believed, strict=True)]
    extra = sum(share * log(ratio) for share, ratio in zip(truth, ratios, strict=True)) / log(2)
    fair = [-log(share) / log(2) for share in truth]
    surprises = Piecewise((fair[0], x < truth[0]), (fair[1], x < truth[0] + truth[1]), (fair[2], True))

    def panel(title: str, values: Sequence[Symbol], shares: Sequence[Expr]) -> Panel:
        return Panel(
            title=title,
            x=Axis(label="weather"),
            y=Axis(label="weight", minimum=0, maximum=23),
            marks=_bars(values, names, shares),
        )

    return Figure(
        parameters=[
            Slider(symbol=symbol, minimum=1, maximum=20, value=value, integer=True, visible=symbol in believed,
                   label=label)
            for symbol, value, label in zip(
                (*held, *believed), (2, 10, 4, 14, 4, 2),
                [f"{who}, {name}" for who in ("p", "q") for name in names], strict=True,
            )
        ],
        panels=[
            panel("What holds: p", held, truth),
            panel("What is believed: q", believed, belief),
            Panel(
                title="Width p, height −log₂ q; dashed: −log₂ p",
                x=Axis(label="probability p", minimum=0, maximum=1),
                y=Axis(label="bits", minimum=0, maximum=6),
                marks=[
                    *_blocks(truth, paid),
                    Curve(y=surprises, variable=x, color=6, dashed=True),
                    Rule(y=cross, color=6, label=text("cross-entropy {v:.3f}", v=cross)),
                ],
                wide=True,
            ),
        ],
        formula=Formula(
            name="H(p, q)",
            value=cross,
            written={
                share: f"{who}_{k}" for who, row in (("p", truth), ("q", belief)) for k, share in enumerate(row, 1)
            },
        ),
        readout=[
            text("Cross-entropy H(p, q) = {c:.3f} bits, entropy H(p) = {h:.3f} bits: {e:.3f} bits a day wasted.",
                 c=cross, h=best, e=extra),
        ],
        caption=(
            "Blocks lower than the dashed line save bits, but higher ones cost more than that, whatever the belief: "
            "only q = p wastes nothing. Drag each bar of q to the height of p's and watch the wasted bits fall to 0."
        ),
        description=text(
            "Three weathers of weight {p0}, {p1}, {p2}, believed to have {q0}, {q1}, {q2}: cross-entropy {c:.3f} bits, "
            "entropy {h:.3f} bits.", c=cross, h=best,
        ),
        define={totals[0]: sum(held), totals[1]: sum(believed), **shares},
    )  # fmt: skip


def mutual_information() -> Figure:
    """Two coins that depend on each other: mutual information moves with the tie, cross-entropy does not."""
    a, b, tie = symbols("a b tie")
    products = (a * b, a * (1 - b), (1 - a) * b, (1 - a) * (1 - b))
    moved = tie * Min(products[1], products[2])
    moves = (moved, -moved, -moved, moved)
    joint = [product + move for product, move in zip(products, moves, strict=True)]
    # The joint probability over the product is 1 + move/product, which is exactly 1 where nothing moved.
    mutual = sum(
        xlogy(cell, 1 + move / product) for cell, product, move in zip(joint, products, moves, strict=True)
    ) / log(2)
    cross = cross_entropy((a, 1 - a), (b, 1 - b)) / log(2)
    return Figure(
        parameters=[
            Slider(symbol=a, minimum=0.05, maximum=0.95, value=0.5, step=0.05, format=".2f", label="X shows heads a"),
            Slider(symbol=b, minimum=0.05, maximum=0.95, value=0.5, step=0.05, format=".2f", label="Y shows heads b"),
            Slider(symbol=tie, minimum=0, maximum=1, value=0.5, step=0.05, format=".2f", label="tie between X and Y"),
        ],
        panels=[
            Panel(
                title="The two coins together",
                x=Axis(label="X and Y"),
                y=Axis(label="joint probability", minimum=0, maximum=1),
                marks=[Bars(heights=joint, names=["h, h", "h, t", "t, h", "t, t"], values=".2f", color=0)],
            ),
            Panel(
                title="Two different quantities",
                x=Axis(label="from the two distributions, from the joint one"),
                y=Axis(label="bits", minimum=0, maximum=4.5),
                marks=[
                    Bars(heights=[cross, mutual], names=["cross-entropy", "mutual inf."], highlight=1, values=".3f",
                         color=0),
                ],
            ),
        ],
        readout=[
            text("Cross-entropy of the two distributions {c:.3f} bits; mutual information of the two coins {m:.3f} "
                 "bits.", c=cross, m=mutual),
        ],
        caption=(
            "Mutual information is 0 without a tie and rises with it; cross-entropy depends on a and b alone. Set a "
            "and b to one value and move tie between X and Y to 1: Y copies X, and both bars show the entropy of one"
            " coin."
        ),
        description=text(
            "Two coins show heads with probability {a} and {b}; the tie between them is {tie}. Their mutual "
            "information is {m:.3f} bits, the cross-entropy of their distributions {c:.3f} bits whatever the tie.",
            m=mutual, c=cross,
        ),
    )  # fmt: skip
