"""What the record of the networks that enlarge pictures says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..enlarging import LOSSES, PIXELS, SNAPSHOTS
from ..enlarging import record as record
from ..uncertainty import Mean, Share, difference, mean

#: The two numbers of steps at which the text looks.
EARLY, LATE = SNAPSHOTS


def values(case: str, quantity: str, steps: int = EARLY) -> NDArray[np.float64]:
    """Return a quantity of every seed under a loss after so many steps."""
    return record().seeds(case, quantity)[:, SNAPSHOTS.index(steps)]


def pixel_error(case: str, steps: int = EARLY) -> Mean:
    """Mean squared error of the pixels, in thousandths."""
    return mean(values(case, "pixel error", steps))


def edges(case: str, steps: int = EARLY) -> Mean:
    """How strong edges are, in percent of those of the true pictures."""
    return mean(values(case, "edges", steps) / 100, percent=True)


def misread(case: str, steps: int = EARLY) -> Mean:
    """How many of the new digits the network misreads whose features were compared."""
    return mean(values(case, "misread", steps))


def misread_by_another(case: str, steps: int = EARLY) -> Mean:
    """How many of the new digits the other reader misreads."""
    return mean(values(case, "misread by another", steps))


def misread_later(case: str) -> Mean:
    """How many of the new digits the network misreads after the larger number of steps."""
    return misread(case, LATE)


def misread_by_another_later(case: str) -> Mean:
    """How many of the new digits the other reader misreads after the larger number of steps."""
    return misread_by_another(case, LATE)


def more(case: str, quantity: str, steps: int = EARLY) -> Mean:
    """By how much a quantity is larger than under the pixels' loss, from the same starts."""
    return difference(values(case, quantity, steps), values(PIXELS, quantity, steps))


def larger(case: str, quantity: str, steps: int = EARLY) -> Share:
    """Of the seeds: a quantity is larger than under the pixels' loss."""
    return Share.of(values(case, quantity, steps) > values(PIXELS, quantity, steps))


def smaller(case: str, quantity: str, steps: int = EARLY) -> Share:
    """Of the seeds: a quantity is smaller than under the pixels' loss."""
    return Share.of(values(case, quantity, steps) < values(PIXELS, quantity, steps))


def times(case: str, quantity: str, steps: int = EARLY) -> Mean:
    """How many times as large a quantity is as under the pixels' loss, from the same starts."""
    return mean(values(case, quantity, steps) / values(PIXELS, quantity, steps))


def table() -> str:
    """Return all means with their standard errors, as a table in Markdown."""
    heads = ("pixel error", "edges", "misread by the network", "misread by another")
    lines = [f"| steps, loss | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for steps in SNAPSHOTS:
        for case in LOSSES:
            cells = [measure(case, steps) for measure in (pixel_error, edges, misread, misread_by_another)]
            lines.append(f"| {steps}, {case} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
