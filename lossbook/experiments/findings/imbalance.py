"""What the record of the rare digit says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import Picture
from ..imbalance import BUDGETS, CROSS_ENTROPY, EXPERIMENT, FOCAL, FOCAL_ALPHA, LONG, LOSSES, SHORT, SNAPSHOTS, WEIGHTED
from ..record import load
from ..uncertainty import Mean, Share, difference, mean


def record() -> Any:
    """Return the record."""
    return load(EXPERIMENT)


def values(loss: str, quantity: str, steps: int) -> NDArray[np.float64]:
    """Return a quantity of every seed after so many steps."""
    measured = record().seeds(loss, quantity)
    budgets = SNAPSHOTS if measured.shape[1] == len(SNAPSHOTS) else BUDGETS
    return np.asarray(measured[:, budgets.index(steps)])


def found(loss: str, steps: int) -> Mean:
    """Share of the eights of the test that get a probability above ½."""
    return mean(values(loss, "found", steps), percent=True)


def found_none(loss: str, steps: int) -> Share:
    """Of the seeds: not a single eight is found."""
    return Share.of(values(loss, "found", steps) == 0)


def more_found(loss: str, steps: int, than: str = CROSS_ENTROPY) -> Mean:
    """By how much that share is larger than under cross-entropy, or another loss."""
    return difference(values(loss, "found", steps), values(than, "found", steps), percent=True)


def alarms(loss: str, steps: int) -> Mean:
    """Share of the other digits that are taken for an eight."""
    return mean(values(loss, "alarms", steps), percent=True)


def more_alarms(loss: str, steps: int) -> Mean:
    """By how much that share is larger than under cross-entropy."""
    return difference(values(loss, "alarms", steps), values(CROSS_ENTROPY, "alarms", steps), percent=True)


def moved(loss: str, steps: int) -> Mean:
    """Share of the eights that is found where the threshold lets one in a hundred of the others through."""
    return mean(values(loss, "moved", steps), percent=True)


def more_moved(loss: str, steps: int) -> Mean:
    """By how much that share is larger than under cross-entropy."""
    return difference(values(loss, "moved", steps), values(CROSS_ENTROPY, "moved", steps), percent=True)


def precision(loss: str, steps: int) -> Mean:
    """Average precision."""
    return mean(values(loss, "precision", steps))


def more_precision(loss: str, steps: int, than: str = CROSS_ENTROPY) -> Mean:
    """By how much average precision is larger than under cross-entropy, or another loss."""
    return difference(values(loss, "precision", steps), values(than, "precision", steps))


def share(loss: str, steps: int) -> Mean:
    """Mean predicted probability of an eight on the other digits."""
    return mean(values(loss, "share", steps), percent=True)


def share_ratio(steps: int) -> Mean:
    """How many times as large that is under the focal loss without α as under cross-entropy, seed by seed."""
    return mean(values(FOCAL, "share", steps) / values(CROSS_ENTROPY, "share", steps))


def spread_by_rounding() -> float:
    """By how much shares and precision of the first start differ at most, if only rounding differs."""
    quantities = ("found", "alarms", "moved", "precision")
    spreads = [np.ptp(record().roundings(loss, quantity), axis=0).max() for loss in LOSSES for quantity in quantities]
    return float(max(spreads))


def table(steps: int) -> str:
    """Return what each loss gives after so many steps, as a table in Markdown."""
    rows = [
        f"| {loss} | {found(loss, steps)} | {alarms(loss, steps)} | {moved(loss, steps)} "
        f"| {precision(loss, steps)} | {share(loss, steps)} |"
        for loss in LOSSES
    ]
    head = (
        f"| {steps:,} steps | eights found | false alarms | found at 1% false alarms | average precision "
        "| mean p of the others |\n|---|---|---|---|---|---|"
    )
    return "\n".join([head, *rows])


def found_early_plain() -> Mean:
    """Eights found by cross-entropy after the short budget."""
    return found(CROSS_ENTROPY, SHORT)


def found_late_plain() -> Mean:
    """Eights found by cross-entropy after the long budget."""
    return found(CROSS_ENTROPY, LONG)


def found_early_weighted() -> Mean:
    """Eights found with weights after the short budget."""
    return found(WEIGHTED, SHORT)


def found_late_weighted() -> Mean:
    """Eights found with weights after the long budget."""
    return found(WEIGHTED, LONG)


def found_early_focal() -> Mean:
    """Eights found by the focal loss without α after the short budget."""
    return found(FOCAL, SHORT)


def found_late_focal() -> Mean:
    """Eights found by the focal loss without α after the long budget."""
    return found(FOCAL, LONG)


def found_early_alpha() -> Mean:
    """Eights found by the focal loss with its default α after the short budget."""
    return found(FOCAL_ALPHA, SHORT)


def found_late_alpha() -> Mean:
    """Eights found by the focal loss with its default α after the long budget."""
    return found(FOCAL_ALPHA, LONG)


def ranking_plain() -> Mean:
    """Average precision of cross-entropy in the end."""
    return precision(CROSS_ENTROPY, LONG)


def ranking_weighted() -> Mean:
    """Average precision with weights in the end."""
    return precision(WEIGHTED, LONG)


def ranking_focal() -> Mean:
    """Average precision of the focal loss without α in the end."""
    return precision(FOCAL, LONG)


def ranking_alpha() -> Mean:
    """Average precision of the focal loss with its default α in the end."""
    return precision(FOCAL_ALPHA, LONG)


def curves(own: Mapping[str, Mapping[str, ArrayLike]] | None = None, steps: int | None = None) -> Picture:
    """Draw eights found and average precision against steps: means, and where the middle half of the seeds lies.

    Parameters
    ----------
    own : mapping, optional
        Loss → quantity → numbers of the reader's own starts.
    steps : int, optional
        After how many steps these were measured.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator, PercentFormatter

    from lossbook.style import PALETTE, STYLE

    colours = dict(zip(LOSSES, PALETTE, strict=False))
    dashes = dict(zip(LOSSES, ("-", "--", "-.", ":"), strict=True))
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(7.2, 3.3), layout="constrained")
        panels: Any = drawing.subplots(1, 2)
        for axes, quantity, title in zip(
            panels, ("found", "precision"), ("eights found, p > ½", "average precision"), strict=True
        ):
            for loss in LOSSES:
                seeds = record().seeds(loss, quantity)
                low, high = np.quantile(seeds, (0.25, 0.75), axis=0)
                axes.fill_between(SNAPSHOTS, low, high, color=colours[loss], alpha=0.15, lw=0)
                axes.plot(SNAPSHOTS, seeds.mean(0), dashes[loss], color=colours[loss], lw=1.8, label=loss)
                mine = np.atleast_1d(np.asarray((own or {}).get(loss, {}).get(quantity, []), dtype=float))
                axes.plot(np.full(mine.size, steps or 0), mine, "D", ms=5, color=colours[loss], mec="black", mew=0.6)
            axes.set_xscale("log")
            axes.set_xticks(SNAPSHOTS, [f"{count:,}" for count in SNAPSHOTS])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.tick_params(axis="x", labelsize=7)
            axes.set_title(title, loc="left", fontsize=9)
            axes.set(xlabel="steps", ylim=(-0.02, 1))
        panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        handles, names = panels[0].get_legend_handles_labels()
        if own:
            handles.append(matplotlib.lines.Line2D([], [], ls="", marker="D", color="white", mec="black"))
            names.append("your run")
        drawing.legend(handles, names, loc="outside upper right", ncols=len(names), fontsize=8, frameon=False)
    return Picture(drawing)
