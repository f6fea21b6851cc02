"""What the record of the digits under cross-entropy and squared error says, and its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import Picture
from ..record import load
from ..saturation import (
    CONDITIONS,
    CROSS_ENTROPY,
    EXPERIMENT,
    LIVELY,
    LOSSES,
    NOISY,
    ORDINARY,
    RATED,
    RATES,
    SNAPSHOTS,
    SQUARED_ERROR,
    SURE,
    TRAINING,
    VALIDATION,
    Runs,
    at_rate,
    case_of,
)
from ..uncertainty import Mean, Share, difference, mean

#: The number of steps that the reader's own run takes, and that is meant where no other is named.
STEPS = 150
#: How many digits are left for the test.
TESTED = 1797 - TRAINING - VALIDATION
EARLY, LATE = SNAPSHOTS[0], SNAPSHOTS[-1]


def record() -> Any:
    """Return the record."""
    return load(EXPERIMENT)


def values(condition: str, loss: str, steps: int = STEPS, quantity: str = "test") -> NDArray[np.float64]:
    """Return a quantity of every seed after so many steps, at the rate that its validation digits choose."""
    return np.asarray(record().seeds(case_of(condition, loss), quantity)[:, SNAPSHOTS.index(steps)])


def read(condition: str, loss: str, steps: int = STEPS) -> Mean:
    """Share of test digits that is read rightly."""
    return mean(values(condition, loss, steps), percent=True)


def ahead(condition: str, steps: int = STEPS) -> Mean:
    """By how much more squared error reads than cross-entropy, seed by seed."""
    return difference(values(condition, SQUARED_ERROR, steps), values(condition, CROSS_ENTROPY, steps), percent=True)


def seeds_ahead(condition: str, steps: int = STEPS) -> Share:
    """Of the seeds: squared error reads more than cross-entropy."""
    return Share.of(values(condition, SQUARED_ERROR, steps) > values(condition, CROSS_ENTROPY, steps))


def table() -> str:
    """Return what both losses read, and by how much squared error is ahead, as a table in Markdown."""
    head = "| condition | steps | cross-entropy | squared error | ahead by, percentage points | in |"
    lines = [head, "|---" * 6 + "|"]
    for condition in CONDITIONS:
        for steps in SNAPSHOTS:
            both = " | ".join(str(read(condition, loss, steps)) for loss in LOSSES)
            found, share = ahead(condition, steps).number, seeds_ahead(condition, steps)
            lines.append(f"| {condition} | {steps} | {both} | {found} | {share.count} of {share.total} |")
    return "\n".join(lines)


def ordinary_cross_entropy() -> Mean:
    """Share that cross-entropy reads from an ordinary start."""
    return read(ORDINARY, CROSS_ENTROPY)


def ordinary_squared_error() -> Mean:
    """Share that squared error reads from an ordinary start."""
    return read(ORDINARY, SQUARED_ERROR)


def ordinary_ahead() -> Mean:
    """By how much more squared error reads from an ordinary start."""
    return ahead(ORDINARY)


def higher_rate() -> Share:
    """Of the seeds from an ordinary start: squared error chooses the higher rate."""
    chosen = [values(ORDINARY, loss, quantity="rate") for loss in LOSSES]
    return Share.of(chosen[1] > chosen[0])


def rate_ratios() -> NDArray[np.float64]:
    """How many times as high squared error's rate is, of every seed from an ordinary start."""
    chosen = [values(ORDINARY, loss, quantity="rate") for loss in LOSSES]
    return np.asarray(chosen[1] / chosen[0])


def rate_ratio() -> float:
    """How many times as high squared error's rate is in the median seed from an ordinary start."""
    return float(np.median(rate_ratios()))


def sure_behind(steps: int = STEPS) -> Mean:
    """By how much more cross-entropy reads from a start that is sure."""
    return difference(values(SURE, CROSS_ENTROPY, steps), values(SURE, SQUARED_ERROR, steps), percent=True)


def sure_behind_late() -> Mean:
    """By how much more cross-entropy still reads from such a start in the end."""
    return sure_behind(LATE)


def sure_cross_entropy() -> Mean:
    """Share that cross-entropy reads from a start that is sure."""
    return read(SURE, CROSS_ENTROPY)


def sure_squared_error() -> Mean:
    """Share that squared error reads from a start that is sure."""
    return read(SURE, SQUARED_ERROR)


def span(condition: str, loss: str, steps: int = STEPS) -> str:
    """Return the lowest and the highest share that a seed reads, as text."""
    shares = values(condition, loss, steps)
    return f"{shares.min():.0%} to {shares.max():.0%}"


def sure_span_cross_entropy() -> str:
    """Lowest and highest share that cross-entropy reads from a start that is sure."""
    return span(SURE, CROSS_ENTROPY)


def sure_span_squared_error() -> str:
    """Lowest and highest share that squared error reads from a start that is sure."""
    return span(SURE, SQUARED_ERROR)


def noisy_ahead_early() -> Mean:
    """By how much more squared error reads with wrong labels at the first snapshot."""
    return ahead(NOISY, EARLY)


def noisy_ahead() -> Mean:
    """By how much more squared error reads with wrong labels."""
    return ahead(NOISY)


def noisy_ahead_late() -> Mean:
    """By how much more squared error reads with wrong labels in the end."""
    return ahead(NOISY, LATE)


def noisy_seeds_ahead() -> Share:
    """Of the seeds with wrong labels: squared error reads more."""
    return seeds_ahead(NOISY)


def stopped(condition: str, loss: str) -> Mean:
    """Share that is read where the validation digits choose the number of steps as well."""
    return mean(record().seeds(case_of(condition, loss), "stopped"), percent=True)


def noisy_stopped_ahead() -> Mean:
    """By how much more squared error reads with wrong labels if the number of steps is chosen as well."""
    both = [record().seeds(case_of(NOISY, loss), "stopped") for loss in LOSSES]
    return difference(both[1], both[0], percent=True)


def at_fixed_rate(condition: str, loss: str, rate: float, steps: int) -> NDArray[np.float64]:
    """Return the share of every seed at one rate after so many steps."""
    right = record().seeds(case_of(condition, loss), at_rate(rate))[:, RATED.index(steps)]
    return np.asarray(right / TESTED)


def best_rate(condition: str, loss: str, steps: int = LATE) -> NDArray[np.float64]:
    """Return the share of every seed at the one rate that suits the mean seed best."""
    each = [at_fixed_rate(condition, loss, rate, steps) for rate in RATES[loss]]
    return max(each, key=lambda shares: float(shares.mean()))


def sure_behind_at_best_rate() -> Mean:
    """By how much more cross-entropy reads in the end from a start that is sure, each at its best rate."""
    return difference(best_rate(SURE, CROSS_ENTROPY), best_rate(SURE, SQUARED_ERROR), percent=True)


def moved_by_rounding(condition: str, loss: str, steps: int = STEPS) -> float:
    """How far apart rounding alone drives what the first seed reads: largest less smallest."""
    return float(np.ptp(record().roundings(case_of(condition, loss), "test")[:, SNAPSHOTS.index(steps)]))


def lively_fall(loss: str) -> Mean:
    """By how much less a loss reads with wrong labels, from the first snapshot to the last, at its lively rate."""
    first, last = (at_fixed_rate(NOISY, loss, LIVELY[loss], steps) for steps in (EARLY, LATE))
    return difference(first, last, percent=True)


def lively_fall_cross_entropy() -> Mean:
    """By how much less cross-entropy reads in the end with wrong labels, at its lively rate."""
    return lively_fall(CROSS_ENTROPY)


def lively_fall_squared_error() -> Mean:
    """By how much less squared error reads in the end with wrong labels, at its lively rate."""
    return lively_fall(SQUARED_ERROR)


def by_heart(loss: str, steps: int = LATE) -> Mean:
    """Share of the wrong labels that is learnt by heart at the lively rate."""
    return mean(values(NOISY, loss, steps, "by heart"), percent=True)


def by_heart_cross_entropy() -> Mean:
    """Share of the wrong labels that cross-entropy learns by heart in the end."""
    return by_heart(CROSS_ENTROPY)


def by_heart_squared_error() -> Mean:
    """Share of the wrong labels that squared error learns by heart in the end."""
    return by_heart(SQUARED_ERROR)


def draw_rates() -> Picture:
    """Draw what the mean seed reads at each learning rate after each number of steps, a panel for each condition."""
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(8.6, 2.9), layout="constrained")
        panels: Any = drawing.subplots(1, len(CONDITIONS), sharey=True)
        for axes, condition in zip(panels, CONDITIONS, strict=True):
            for loss, color, style in ((CROSS_ENTROPY, PALETTE[0], "--"), (SQUARED_ERROR, PALETTE[1], "-")):
                for steps, alpha in zip(RATED, (0.45, 1.0), strict=True):
                    shares = [at_fixed_rate(condition, loss, rate, steps).mean() for rate in RATES[loss]]
                    label = f"{loss}, {steps} steps" if condition == ORDINARY else None
                    axes.plot(RATES[loss], shares, style, marker=".", color=color, alpha=alpha, lw=1.3, label=label)
            axes.set_xscale("log")
            axes.set(xlabel="learning rate η", ylim=(0, 1.02))
            axes.set_title(condition, fontsize=10, loc="left", weight="bold")
        panels[0].set_ylabel("share of test digits read rightly")
        drawing.legend(loc="outside lower center", ncols=4, fontsize=7.5, frameon=False)
    return Picture(drawing)


def draw_curves(own: Mapping[str, Sequence[Runs]], steps: int = STEPS) -> Picture:
    """Draw the reader's own learning curves over what the record found: bars from the lowest seed to the highest.

    Parameters
    ----------
    own : mapping of str to sequence of Runs
        For each condition the runs of both losses; the first start is drawn, at the rate that it chose.
    steps : int
        The number of steps that the rate was chosen for.
    """
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(8.6, 2.9), layout="constrained")
        panels: Any = drawing.subplots(1, len(own), sharey=True, squeeze=False)[0]
        for axes, (condition, both) in zip(panels, own.items(), strict=True):
            for runs in both:
                color, style = (PALETTE[0], "--") if runs.loss == CROSS_ENTROPY else (PALETTE[1], "-")
                rate = runs.rates[runs.chosen(steps)[0]]
                axes.plot(runs.steps, runs.curves(steps)[0], style, color=color, label=f"{runs.loss}, η = {rate:g}")
                for at in (shot for shot in SNAPSHOTS if shot <= steps):
                    shares = values(condition, runs.loss, at)
                    x = at + (-2 if runs.loss == CROSS_ENTROPY else 2)
                    axes.vlines(x, shares.min(), shares.max(), color=color, alpha=0.35, lw=4)
            axes.set_title(condition, fontsize=10, loc="left", weight="bold")
            axes.set(xlabel="steps of gradient descent", ylim=(0, 1.02))
            axes.legend(fontsize=8, loc="lower right")
        panels[0].set_ylabel("share of test digits read rightly")
    return Picture(drawing)
