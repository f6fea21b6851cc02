"""What the record of the ring says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import Picture
from ..record import Record, load
from ..ring import EXPERIMENT, MODES, PICTURED, SETUPS, centres
from ..uncertainty import Mean, Range, Share, difference, mean

UNBOUNDED, CLIPPED, PENALISED = "Wasserstein", "Wasserstein + clipping", "Wasserstein + gradient penalty"
MINIMAX, PLAIN, R1 = "minimax", "non-saturating", "non-saturating + R1"
SQUARES, HINGE = "least squares", "hinge"
SLOW_PLAIN, SLOW_CLIPPED = "non-saturating, slower", "Wasserstein + clipping, slower"
#: The games at one setting, and the two at another.
FIRST, SLOWER = list(SETUPS)[:8], list(SETUPS)[8:]
#: At most so many modes are called a collapse.
FEW = 2


def record() -> Record:
    """Return what 50 seeds, and one seed with 50 roundings, gave in every game."""
    return load(EXPERIMENT)


def modes(case: str, snapshot: int = -1) -> NDArray[np.float64]:
    """Return how many modes each seed covers, in the end if no other snapshot is named."""
    return record().seeds(case, "modes")[:, snapshot]


def modes_by_rounding(case: str, snapshot: int = -1) -> NDArray[np.float64]:
    """Return how many modes the first seed covers, with other rounding each time."""
    return record().roundings(case, "modes")[:, snapshot]


def few_modes(case: str) -> Share:
    """Of the seeds of a game: at most two modes in the end."""
    return Share.of(modes(case) <= FEW)


def few_modes_by_rounding(case: str) -> Share:
    """Of one seed with other rounding each time: at most two modes in the end."""
    return Share.of(modes_by_rounding(case) <= FEW)


def all_modes(case: str, snapshot: int = -1) -> Share:
    """Of the seeds of a game: all eight modes."""
    return Share.of(modes(case, snapshot) == MODES)


def all_modes_by_rounding(case: str) -> Share:
    """Of one seed with other rounding each time: all eight modes in the end."""
    return Share.of(modes_by_rounding(case) == MODES)


def mean_modes(case: str) -> Mean:
    """How many modes the seeds of a game cover on average."""
    return mean(modes(case))


def more_modes(first: str, second: str) -> Mean:
    """How many more modes the seeds cover in the first game than in the second, on average."""
    return difference(modes(first), modes(second))


def good(case: str) -> Mean:
    """Which share of the samples is good in the end, on average over the seeds of a game."""
    return mean(record().seeds(case, "good")[:, -1], percent=True)


def slopes(case: str) -> Range:
    """Over all starts of a game: the critic's mean slope at real samples."""
    return Range(record().all(case, "slope"))


def distances(case: str) -> Range:
    """Over all starts of a game: the difference of mean scores, which a Wasserstein critic calls the distance."""
    return Range(record().all(case, "distance"))


def table() -> str:
    """Return a table in Markdown: how many seeds cover all modes, how many two or fewer, mean modes, good samples."""
    lines = ["| game, 50 seeds | all 8 modes | at most 2 | modes | good samples |", "|---|--:|--:|--:|--:|"]
    for case in SETUPS:
        cells = (all_modes(case).count, few_modes(case).count, mean_modes(case), good(case))
        lines.append(f"| {case} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def draw(cases: Sequence[str]) -> Picture:
    """Draw the recorded samples of the first seed as training goes on: a column for each game, a row for each moment.

    Parameters
    ----------
    cases : sequence of str
        Which games stand side by side.
    """
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(1.9 * len(cases), 1.9 * len(PICTURED) + 0.3), layout="constrained")
        panels: Any = drawing.subplots(len(PICTURED), len(cases), squeeze=False)
        for column, case in enumerate(cases):
            panels[0, column].set_title(case.replace(" + ", "\n+ "), fontsize=10, weight="bold")
            for row, (count, cloud) in enumerate(zip(PICTURED, record().extra[case], strict=True)):
                axes = panels[row, column]
                axes.plot(*centres().T, "o", ms=11, mfc="none", mec=PALETTE[0], mew=1.2)
                axes.plot(*np.array(cloud).T, ".", ms=2.6, color=PALETTE[1], alpha=0.7)
                axes.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal")
                if column == 0:
                    axes.set_ylabel(f"step {count:,}", fontsize=10)
    return Picture(drawing)
