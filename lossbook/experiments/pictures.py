"""Pictures of records: every start is a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import Picture
from .record import Record

#: Points of one row that fall into one of so many cells are moved across by a step, within a reach, in row heights.
_CELLS, _STEP, _REACH = 60, 0.05, 0.25
#: How far the first points of a row lie from its middle.
_GAP = 0.14
#: Counts stand in blocks: so many points deep, and so far aside of each other.
_DEEP, _ASIDE = 5, 0.07


def strips(
    record: Record,
    panels: Mapping[str, tuple[str, int | None]],
    *,
    cases: Sequence[str] | None = None,
    own: Mapping[str, Mapping[str, ArrayLike]] | None = None,
    symlog: Mapping[str, float] | None = None,
    percent: Sequence[str] = (),
) -> Picture:
    """Draw every recorded start as a point: a row for each case, a panel for each quantity.

    Full points are seeds; rings are the first seed with other rounding; diamonds are the reader's own starts.

    Parameters
    ----------
    record : Record
        What is drawn.
    panels : mapping
        Label of the abscissa → the quantity, and which number of steps (None where it was measured once).
    cases : sequence of str, optional
        Rows from above; all cases if not given.
    own : mapping, optional
        Case → quantity → numbers of the reader's own starts.
    symlog : mapping, optional
        Label → up to which size the abscissa is linear; it is logarithmic beyond, to both sides.
    percent : sequence of str
        Labels of panels whose numbers are shares.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator, PercentFormatter

    from lossbook.style import PALETTE, STYLE

    rows = list(cases or record.experiment.cases)
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(7.2, 0.42 * len(rows) + 1.1), layout="constrained")
        axes: Any = drawing.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, (label, (quantity, at)) in zip(axes, panels.items(), strict=True):
            shown = np.concatenate([record.all(case, quantity) for case in rows])
            counts = label not in percent and bool((shown == shown.round()).all())
            if symlog and label in symlog:
                panel.set_xscale("symlog", linthresh=symlog[label])
                panel.set_xticks(_powers(float(shown.min()), float(shown.max()), symlog[label]))
                panel.xaxis.set_minor_locator(NullLocator())
            for row, case in enumerate(rows):
                both = (record.seeds(case, quantity), record.roundings(case, quantity))
                looks = ((".", 4, PALETTE[0], PALETTE[0], -1), ("o", 3, "none", PALETTE[1], 1))
                for values, (marker, size, inside, color, side) in zip(both, looks, strict=True):
                    values = values if at is None else values[:, at]
                    along, across = _apart(values, counts=counts)
                    heights = row + side * (_GAP + across)
                    panel.plot(values + along, heights, marker, ms=size, mfc=inside, color=color, mew=0.7, alpha=0.9)
                mine = np.atleast_1d(np.asarray((own or {}).get(case, {}).get(quantity, []), dtype=float))
                panel.plot(mine, np.full(mine.shape, float(row)), "D", ms=5, color=PALETTE[3], mec="white", mew=0.5)
            if label in percent:
                panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
                panel.set_xticks([place for place in panel.get_xticks() if 0 <= place <= 1])
            panel.set(xlabel=label, ylim=(len(rows) - 0.4, -0.6))
            panel.grid(axis="y", visible=False)
        axes[0].set_yticks(range(len(rows)), rows)
        names = ["seeds", "first seed, other rounding", *(["your run"] if own else [])]
        signs = ((".", PALETTE[0], PALETTE[0]), ("o", PALETTE[1], "none"), ("D", PALETTE[3], PALETTE[3]))
        handles = [
            matplotlib.lines.Line2D([], [], ls="", marker=marker, ms=4, color=color, mfc=inside)
            for _, (marker, color, inside) in zip(names, signs, strict=False)
        ]
        drawing.legend(handles, names, loc="outside upper right", ncols=len(names), fontsize=8, frameon=False)
    return Picture(drawing)


def _apart(values: NDArray[np.float64], *, counts: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by how much each point is moved along and across, so that none hides another or leaves its row.

    Equal counts stand as a block beside their number; what else is equal is moved across only.
    """
    width = float(np.ptp(values)) or 1.0
    cells = values.astype(int) if counts else np.round(values / width * _CELLS).astype(int)
    along, across = np.zeros(len(values)), np.zeros(len(values))
    for cell in np.unique(cells):
        inside = np.flatnonzero(cells == cell)
        number = np.arange(len(inside))
        if counts:
            columns, across[inside] = number // _DEEP, number % _DEEP * _STEP
            along[inside] = (columns - columns.mean()) * _ASIDE
        else:
            across[inside] = number * min(_STEP, _REACH / max(len(inside) - 1, 1))
    return along, across


def _powers(low: float, high: float, threshold: float) -> list[float]:
    """Return few round places for an abscissa that is linear up to a threshold and logarithmic beyond."""
    sides = []
    for sign, end in ((-1, -low), (1, high)):
        exponents = np.arange(np.ceil(np.log10(threshold)), np.floor(np.log10(max(end, threshold))) + 1)
        sides += [sign * 10.0**exponent for exponent in exponents[:: max(1, int(np.ceil(len(exponents) / 3)))]]
    return sorted({0.0, *(place for place in sides if low <= place <= high)})
