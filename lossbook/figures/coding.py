"""Figures of the chapter on entropy: codes, right and wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sympy import Expr, Max, Min, Piecewise, Rational, Symbol, floor, log, symbols

from lossbook.live import (
    Action,
    Area,
    Axis,
    Bars,
    Figure,
    Formula,
    Panel,
    Play,
    Point,
    Segment,
    Slider,
    text,
)
from lossbook.style import INK
from lossbook.symbolic.primitives import xlogy
from lossbook.symbolic.probability import cross_entropy, entropy

from .entropy import _bars, total, x


def huffman() -> Figure:
    """The best prefix code for four symbols: its tree over the unit interval, and its lengths beside the surprises."""
    counts = symbols("A B C D")
    names = [str(count) for count in counts]
    a, b, c, d = counts
    shares = [count / total for count in counts]
    bits = entropy(shares) / log(2)
    # Lengths 1, 2, 3, 3 save one bit at the commonest letter and cost one at each of the two rarest.
    saved, merges = symbols("saved merges")
    second = Max(Min(Max(a, b), Max(c, d)), Min(a, b), Min(c, d))
    mean = 2 - saved / total
    # Counts are whole, so eighths break ties without changing any other order.
    order = [count - Rational(k, 8) for k, count in enumerate(counts)]
    ranks = symbols("rank1:5")
    rank = {
        at: sum(Piecewise((1, other > own), (0, True)) for other in order if other != own)
        for at, own in zip(ranks, order, strict=True)
    }
    lengths = [Piecewise((Min(1 + at, 3), saved > 0), (2, True)) for at in ranks]
    # From the commonest letter on, each word takes the next 2^−ℓ of the interval: so no branches cross.
    starts = [Piecewise((1 - 2**-at, saved > 0), (at / 4, True)) for at in ranks]

    def place(uneven: int, even: int) -> Piecewise:
        """Return a place in sixteenths, for the lengths 1, 2, 3, 3 and for 2, 2, 2, 2."""
        return Piecewise((Rational(uneven, 16), saved > 0), (Rational(even, 16), True))

    # A node stands in the middle of what its words claim, at the number of its merger.
    nodes = [(place(14, 12), 1), (place(12, 4), 2), (Rational(1, 2), 3)]
    children = [
        ((place(13, 10), 0), (place(15, 14), 0)),
        ((place(10, 2), 0), (place(14, 6), place(16, 0))),
        ((place(4, 4), place(0, 32)), (place(12, 12), place(32, 16))),
    ]
    rarest = total - Max(*counts) - second
    weights = [rarest, Piecewise((rarest + second, saved > 0), (total - rarest, True)), total]
    ideal = [-log(share) / log(2) for share in shares]
    return Figure(
        parameters=[
            *(
                Slider(symbol=count, minimum=1, maximum=30, value=value, integer=True, label=f"count of {n}", color=k)
                for k, (count, n, value) in enumerate(zip(counts, names, (16, 8, 5, 3), strict=True))
            ),
            Slider(symbol=merges, minimum=0, maximum=3, value=3, integer=True, label="mergers"),
            Play(symbol=merges, seconds=4),
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
                    Bars(heights=lengths, names=names, color=6),
                    *(Segment(x1=k - 0.45, y1=value, x2=k + 0.45, y2=value, color=1, label=text("{v:.2f}", v=value))
                      for k, value in enumerate(ideal)),
                ],
            ),
            Panel(
                title="The tree, and what each word claims",
                x=Axis(label="share claimed: ½, ¼ or ⅛ for 1, 2 or 3 digits", minimum=0, maximum=1),
                y=Axis(label="merger", minimum=-1, maximum=3.5, ticks=False),
                marks=[
                    *(Area(y=-0.1, base=-0.9, variable=x, range=(start, start + 2**-length), color=k)
                      for k, (start, length) in enumerate(zip(starts, lengths, strict=True))),
                    *(
                        Segment(x1=at, y1=height, x2=below, y2=level, color=6, label=digit,
                                show=Piecewise((1, merges >= number), (0, True)))
                        for number, ((at, height), pair) in enumerate(zip(nodes, children, strict=True), 1)
                        for digit, (below, level) in zip("01", pair, strict=True)
                    ),
                    *(Point(x=at, y=height, color=6, label=text("{w:d}", w=weight),
                            show=Piecewise((1, merges >= number), (0, True)))
                      for number, ((at, height), weight) in enumerate(zip(nodes, weights, strict=True), 1)),
                    *(Point(x=start + 2**-length / 2, y=-0.5, color=k, label=name)
                      for k, (start, length, name) in enumerate(zip(starts, lengths, names, strict=True))),
                ],
                wide=True,
            ),
        ],
        readout=[
            text("Mean code length {mean:.3f} bits a letter, entropy {h:.3f} bits. A plain code of equal lengths takes "
                 "2 bits.", mean=mean, h=bits),
        ],
        caption=(
            "A mean code length meets the entropy only where every share is a power of ½; elsewhere whole digits "
            "cost more. Set mergers to 0 and press Play. Then set the counts to 16, 8, 4, 4: each bar meets its line. "
            "Then lower count of A until all lengths jump to 2."
        ),
        description=text(
            "Four letters, counted {A}, {B}, {C} and {D} times. Huffman's code gives them {l0:d}, {l1:d}, {l2:d} and "
            "{l3:d} bits, on average {mean:.3f}; the entropy is {h:.3f} bits. {merges} mergers of the tree are drawn; "
            "its words claim all of the unit interval.",
            **{f"l{k}": length for k, length in enumerate(lengths)}, mean=mean, h=bits,
        ),
        define={total: sum(counts), saved: Max(0, 2 * Max(*counts) + second - sum(counts)), **rank},
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
    edges = [0, truth[0], truth[0] + truth[1], 1]
    stretches = list(zip(pairwise(edges), paid, fair, strict=True))
    gains, losses = INK["earth mover's"], INK["D(p‖q)"]
    lost = sum(share * Max(0, cost - best_cost) for share, cost, best_cost in zip(truth, paid, fair, strict=True))

    def panel(title: str, values: Sequence[Symbol], shares: Sequence[Expr], color: int) -> Panel:
        return Panel(
            title=title,
            x=Axis(label="weather"),
            y=Axis(label="weight", minimum=0, maximum=23),
            marks=[
                Bars(heights=values, names=names, color=color),
                *(
                    Point(x=k, y=value, drag=(None, value), color=color, label=text("{p:.0%}", p=share))
                    for k, (value, share) in enumerate(zip(values, shares, strict=True))
                ),
            ],
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
            panel("What holds: p", held, truth, INK["p"]),
            panel("What is believed: q", believed, belief, INK["q"]),
            Panel(
                title="Width p, height −log₂ q; dashed: −log₂ p",
                x=Axis(label="probability p: sun, rain, snow from left to right", minimum=0, maximum=1.3),
                y=Axis(label="bits", minimum=0, maximum=6),
                marks=[
                    *(Area(y=Min(cost, best_cost), variable=x, range=ends, color=6, label="" if k else "paid anyway")
                      for k, (ends, cost, best_cost) in enumerate(stretches)),
                    *(Area(y=Max(cost, best_cost), base=best_cost, variable=x, range=ends, color=losses,
                           label="" if k else "lost")
                      for k, (ends, cost, best_cost) in enumerate(stretches)),
                    *(Area(y=best_cost, base=Min(cost, best_cost), variable=x, range=ends, color=gains,
                           label="" if k else "gained")
                      for k, (ends, cost, best_cost) in enumerate(stretches)),
                    *(Segment(x1=low, y1=best_cost, x2=high, y2=best_cost, color=6, dashed=True)
                      for (low, high), _, best_cost in stretches),
                    Segment(x1=0, y1=cross, x2=1.08, y2=cross, color=INK["cross-entropy"]),
                    Segment(x1=0, y1=best, x2=1.08, y2=best, color=INK["entropy"]),
                    Segment(x1=1.06, y1=best, x2=1.06, y2=cross, color=losses, label=text("waste {v:.3f}", v=extra)),
                    Point(x=1.06, y=cross, color=INK["cross-entropy"], label=text("H(p, q) {v:.3f}", v=cross)),
                    Point(x=1.06, y=best, color=INK["entropy"], label=text("H(p) {v:.3f}", v=best)),
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
            text("The waste is D(p‖q): {l:.3f} bits lost, {g:.3f} gained.", l=lost, g=lost - extra),
        ],
        caption=(
            "What is missing below the dashed line is gained, what stands above it is lost, and the loss is larger, "
            "whatever the wrong belief: the waste is D(p‖q). Drag each bar of q to the height of p's and watch the "
            "wasted bits fall to 0."
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


def guess() -> Figure:
    """Guess a number: possibilities are divided, bits add up, whatever is asked."""
    left, low, asked, chance, k = symbols("left low asked chance k")
    most = 16

    told = log(most / left) / log(2)
    # The slider may give more possibilities than lie above the lowest.
    begin = Min(low, most + 1 - left)

    def ask(part: Expr) -> dict[Symbol, Expr]:
        """Return what becomes of the possibilities: the first `part` of them stay, or the others."""
        yes = chance < part / left
        return {
            low: Piecewise((begin, yes), (begin + part, True)),
            left: Piecewise((part, yes), (left - part, True)),
            asked: asked + Piecewise((1, left > 1), (0, True)),
        }

    half = Max(1, floor(left / 2))
    quarter = Max(1, floor(left / 4))
    one = left <= 1
    return Figure(
        parameters=[
            Slider(symbol=left, minimum=1, maximum=most, value=most, integer=True, label="possibilities left"),
            Slider(symbol=low, minimum=1, maximum=most, value=1, integer=True, visible=False, label="lowest"),
            Slider(symbol=asked, minimum=0, maximum=12, value=0, integer=True, visible=False, label="asked"),
            Action(label="Is it in the lower half?", sets=ask(Piecewise((1, one), (half, True))), chance=chance),
            Action(label="In the lowest quarter?", sets=ask(Piecewise((1, one), (quarter, True))), chance=chance),
        ],
        panels=[
            Panel(
                title="The number is one of these",
                x=Axis(label="number from 1 to 16"),
                y=Axis(label="still possible", minimum=0, maximum=1.2, ticks=False),
                marks=[
                    Bars(heights=Piecewise((1, (k >= begin) & (k < begin + left)), (0.05, True)), variable=k,
                         range=(1, most), color=0),
                ],
            ),
            Panel(
                title="Told so far, and still to be told",
                x=Axis(label="of the number's 4 bits"),
                y=Axis(label="bits", minimum=0, maximum=4.6),
                marks=[Bars(heights=[told, 4 - told], names=["told", "still open"], values=".2f", color=1)],
            ),
        ],
        readout=[
            text("Answers so far: {asked}. Of 16 possibilities {left} are left: {v:.3f} bits told, {w:.3f} to go.",
                 v=told, w=4 - told),
        ],
        caption=(
            "An answer that leaves half of the possibilities tells 1 bit; one that leaves a quarter tells 2, one that "
            "leaves three quarters only 0.415. Whatever you ask, the number takes 4 bits in all. Press the buttons "
            "until one number is left; then Reset, and ask otherwise: chance hides another number."
        ),
        description=text(
            "A number from 1 to 16 is hidden. {asked} questions were answered, {left} possibilities are left: {v:.3f} "
            "bits have been told, {w:.3f} are still open.", v=told, w=4 - told,
        ),
    )  # fmt: skip
