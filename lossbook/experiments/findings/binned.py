"""What the record of the two-valued target says, and its picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import Picture
from ..binned import EDGES, MIDDLES, ONE, SNAPSHOTS, TWO, Fits
from ..binned import record as record
from ..robust_fits import panels
from ..uncertainty import Mean, difference, mean


def of_seeds(case: str, quantity: str, steps: int | None = None) -> NDArray[np.float64]:
    """Return a quantity of every seed after so many steps, the last if not given."""
    return record().seeds(case, quantity)[:, -1 if steps is None else SNAPSHOTS.index(steps)]


def largest_prediction() -> float:
    """Return the size of the number that lies farthest from 0, of those that squared error says at x = 0."""
    return float(np.abs(of_seeds(TWO, "prediction")).max())


def near() -> Mean:
    """Return the share of new two-valued targets near the prediction of squared error."""
    return mean(of_seeds(TWO, "near"), percent=True)


def lower_heap() -> Mean:
    """Return the centre of the lower half of the histogram at x = 0."""
    return mean(of_seeds(TWO, "lower heap"))


def upper_heap() -> Mean:
    """Return the centre of the upper half of the histogram at x = 0."""
    return mean(of_seeds(TWO, "upper heap"))


def lower_share() -> tuple[float, float]:
    """Return the least and the largest share that the histogram at x = 0 gives to its lower half."""
    shares = of_seeds(TWO, "lower share")
    return float(shares.min()), float(shares.max())


def gain(steps: int | None = None) -> Mean:
    """Return by how many nats the histogram is cheaper on new two-valued targets."""
    return difference(of_seeds(TWO, "normal", steps), of_seeds(TWO, "histogram", steps))


def price(steps: int | None = None) -> Mean:
    """Return by how many nats the histogram is dearer on new targets with normal noise."""
    return difference(of_seeds(ONE, "histogram", steps), of_seeds(ONE, "normal", steps))


def table() -> str:
    """Return what new data cost under both models after each number of steps, as a table in Markdown."""
    lines = ["| noise | steps | normal | histogram | normal − histogram |", "|---|---:|---:|---:|---:|"]
    for case in (TWO, ONE):
        for steps in SNAPSHOTS:
            both = [of_seeds(case, model, steps) for model in ("normal", "histogram")]
            cells = (str(cell) for cell in (*map(mean, both), difference(*both)))
            lines.append(f"| {case} | {steps:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(x: ArrayLike, y: ArrayLike, fits: Fits) -> Picture:
    """Draw the data with the predicted number, and the predicted histogram as shades."""
    from lossbook.style import PALETTE

    drawing, both = panels(2, 3.0)
    line = np.linspace(-1, 1, 81)
    numbers, shares = fits.predict(line)
    both[1].pcolormesh(line, MIDDLES, shares.T, cmap="Blues", shading="nearest")
    for axes, title in zip(both, ("Squared error: a number", "Cross-entropy: a histogram"), strict=True):
        axes.plot(x, y, ".", color=PALETTE[6], markersize=2)
        axes.set(xlabel="input x", ylabel="target y", ylim=(EDGES[0], EDGES[-1]))
        axes.set_title(title, fontsize=10, loc="left", weight="bold")
    both[0].plot(line, numbers, color=PALETTE[1], lw=2.5)
    return Picture(drawing)
