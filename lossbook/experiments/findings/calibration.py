"""What the record of calibration says, and its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import Picture
from ..calibration import CROSS_ENTROPY, EXPERIMENT, FOCAL, ONCE, SNAPSHOTS, STEPS, Run, bins_of
from ..record import load
from ..uncertainty import Mean, Share, difference, mean

#: Below this training loss a network is said to know its pictures by heart.
HEART = 0.002
#: A temperature above this is called a marked correction.
HOT = 2.0
#: A bin with fewer answers is not drawn: its share of right answers says nothing.
FEWEST = 20


def record() -> Any:
    """Return the record."""
    return load(EXPERIMENT)


def values(quantity: str, steps: int = STEPS) -> NDArray[np.float64]:
    """Return a quantity of every seed under cross-entropy after so many steps."""
    return np.asarray(record().seeds(CROSS_ENTROPY, quantity)[:, place(quantity, steps)])


def place(quantity: str, steps: int = STEPS) -> int:
    """Return which of its recorded numbers a quantity has after so many steps."""
    return ((STEPS,) if quantity in ONCE else SNAPSHOTS).index(steps)


def focal(quantity: str) -> NDArray[np.float64]:
    """Return a quantity of every seed under the focal loss after `STEPS` steps."""
    return np.asarray(record().seeds(FOCAL, quantity)[:, 0])


def lower_under_focal(quantity: str) -> Mean:
    """By how much a quantity is smaller under the focal loss than under cross-entropy, seed by seed."""
    return difference(values(quantity), focal(quantity))


def fewer_right_under_focal() -> Mean:
    """By how much the share of right answers is smaller under the focal loss than under cross-entropy."""
    return difference(values("accuracy"), focal("accuracy"), percent=True)


def by_heart() -> Share:
    """Of the seeds: the training loss is below `HEART`."""
    return Share.of(values("training loss") < HEART)


def accuracy() -> Mean:
    """Share of right answers on new pictures, before and after."""
    return mean(values("accuracy"), percent=True)


def temperature(steps: int = STEPS) -> Mean:
    """The best temperature on the validation pictures."""
    return mean(values("temperature", steps))


def hot() -> Share:
    """Of the seeds: the best temperature is above `HOT`."""
    return Share.of(values("temperature") > HOT)


def hotter_later() -> Share:
    """Of the seeds: the best temperature is higher at the last snapshot than at the first."""
    return Share.of(values("temperature", SNAPSHOTS[-1]) > values("temperature", SNAPSHOTS[0]))


def too_sure_before() -> Mean:
    """By how much confidence exceeds the share of right answers, before."""
    return difference(values("confidence before"), values("accuracy"), percent=True)


def too_modest_after() -> Mean:
    """By how much the share of right answers exceeds confidence, after."""
    return difference(values("accuracy"), values("confidence after"), percent=True)


def loss_before() -> Mean:
    """Mean loss on new pictures, before."""
    return mean(values("loss before"))


def loss_after() -> Mean:
    """Mean loss on new pictures, after."""
    return mean(values("loss after"))


def loss_falls() -> Share:
    """Of the seeds: the temperature lowers the loss on new pictures."""
    return Share.of(values("loss after") < values("loss before"))


def loss_fall() -> Mean:
    """By which part of it the loss falls, seed by seed."""
    return mean(1 - values("loss after") / values("loss before"), percent=True)


def loss_grows_later() -> Mean:
    """By how much the loss before the temperature is larger at the last snapshot than at the first."""
    return difference(values("loss before", SNAPSHOTS[-1]), values("loss before", SNAPSHOTS[0]))


def loss_after_falls_later() -> Mean:
    """By how much the loss with the best temperature is smaller at the last snapshot than at the first."""
    return difference(values("loss after", SNAPSHOTS[0]), values("loss after", SNAPSHOTS[-1]))


def right_later() -> Mean:
    """By how much the share of right answers is larger at the last snapshot than at the first."""
    return difference(values("accuracy", SNAPSHOTS[-1]), values("accuracy", SNAPSHOTS[0]), percent=True)


def error_before() -> Mean:
    """Calibration error on new pictures, before."""
    return mean(values("ECE before"))


def error_after() -> Mean:
    """Calibration error on new pictures, after."""
    return mean(values("ECE after"))


def error_by_chance() -> Mean:
    """Calibration error of a perfectly calibrated network with these confidences."""
    return mean(values("ECE by chance"))


def error_fall() -> Mean:
    """By how much the calibration error falls, seed by seed."""
    return difference(values("ECE before"), values("ECE after"))


def error_falls() -> Share:
    """Of the seeds: the temperature lowers the calibration error."""
    return Share.of(values("ECE after") < values("ECE before"))


def error_above_chance() -> Mean:
    """By how much the error that is left exceeds what chance alone makes."""
    return difference(values("ECE after"), values("ECE by chance"))


def moved_by_rounding(quantity: str = "temperature", steps: int = STEPS) -> float:
    """How far apart rounding alone drives the runs of one seed: largest less smallest."""
    return float(np.ptp(record().roundings(CROSS_ENTROPY, quantity)[:, place(quantity, steps)]))


def moved_by_seeds(quantity: str = "temperature", steps: int = STEPS) -> float:
    """How far apart the seeds lie: largest less smallest."""
    return float(np.ptp(values(quantity, steps)))


def table() -> str:
    """Return the record by numbers of steps, as a table in Markdown."""
    columns = {
        "best $T$": "temperature",
        "loss before": "loss before",
        "after": "loss after",
        "ECE before": "ECE before",
        "after ": "ECE after",
        "by chance": "ECE by chance",
    }
    lines = ["| steps | right | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
    for steps in SNAPSHOTS:
        right = mean(values("accuracy", steps), percent=True)
        cells = [str(mean(values(quantity, steps))) for quantity in columns.values()]
        lines.append(f"| {steps} | {right} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def bins(when: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return answers, mean confidence and share of right answers in each bin, of all seeds together.

    Parameters
    ----------
    when : {"before", "after"}
        Without the temperature, or with it.
    """
    return _ratios(np.array(record().extra[when]).sum(0))


def _ratios(sums: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    counts, confidence, right = sums
    with np.errstate(invalid="ignore"):
        return counts, confidence / counts, right / counts


def gap(when: str) -> NDArray[np.float64]:
    """Return share of right answers less confidence, in each bin with at least `FEWEST` answers of all seeds."""
    counts, confidence, right = bins(when)
    return np.asarray((right - confidence)[counts >= FEWEST])


def in_the_top_bin() -> float:
    """Return which share of all answers lies in the top bin of confidence, before."""
    counts, _, _ = bins("before")
    return float(counts[-1] / counts.sum())


def draw_reliability(own: Sequence[Run] = ()) -> Picture:
    """Draw the reliability of the recorded seeds before and after: each one's bins, all together, and the reader's own.

    Underneath stands which share of all answers each bin has.

    Parameters
    ----------
    own : sequence of Run
        The reader's own runs, drawn together as diamonds.
    """
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(8.6, 4.6), layout="constrained")
        both, shares = drawing.subplots(2, 2, sharex=True, sharey="row", height_ratios=(3, 1))
        titles = {"before": "Before: T = 1", "after": "After: T from the validation pictures"}
        for axes, (when, title), color in zip(both, titles.items(), (PALETTE[1], PALETTE[0]), strict=True):
            axes.plot([0, 1], [0, 1], "--", color=PALETTE[6], lw=1.2, label="calibrated")
            for seed in np.array(record().extra[when]):
                counts, confidence, right = _ratios(seed)
                some = counts >= FEWEST
                axes.plot(confidence[some], right[some], ".", color=color, alpha=0.35, ms=5, mew=0)
            counts, confidence, right = bins(when)
            some = counts >= FEWEST
            label = f"{EXPERIMENT.seeds} seeds together"
            axes.plot(confidence[some], right[some], "o-", color=color, lw=1.5, ms=5, label=label)
            if own:
                sums = [bins_of(run, run.temperature if when == "after" else 1.0) for run in own]
                counts, confidence, right = _ratios(np.sum(sums, axis=0))
                some = counts >= FEWEST
                looks = {"ms": 6, "mec": "white", "mew": 0.5, "color": PALETTE[3]}
                axes.plot(confidence[some], right[some], "D", label="your run", **looks)
            axes.set(xlim=(0.2, 1.01), ylim=(0, 1.01))
            axes.set_title(title, fontsize=10, loc="left", weight="bold")
        for axes, when, color in zip(shares, titles, (PALETTE[1], PALETTE[0]), strict=True):
            counts, _, _ = bins(when)
            width = 1 / len(counts)
            axes.bar((np.arange(len(counts)) + 0.5) * width, counts / counts.sum(), 0.9 * width, color=color)
            axes.set(ylim=(0, 1.01), xlabel="confidence")
        both[0].set_ylabel("share of right answers")
        shares[0].set_ylabel("share of answers")
        both[0].legend(fontsize=8)
    return Picture(drawing)


def draw_pairs(own: Sequence[Run] = ()) -> Picture:
    """Draw loss and calibration error of every recorded start, after over before: below the diagonal it fell."""
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import PALETTE, STYLE

    at = place("loss before")
    mine = {
        "loss": [(run.loss(), run.loss(run.temperature)) for run in own],
        "ECE": [(run.error(), run.error(run.temperature)) for run in own],
    }
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(8.6, 3.4), layout="constrained")
        both: Any = drawing.subplots(1, 2)
        names = {"loss": "loss on new pictures", "ECE": "calibration error (ECE)"}
        for axes, (quantity, name) in zip(both, names.items(), strict=True):
            starts = [
                np.array([each(CROSS_ENTROPY, f"{quantity} {when}")[:, at] for when in ("before", "after")])
                for each in (record().roundings, record().seeds)
            ]
            points = np.concatenate([*starts, np.array(mine[quantity]).reshape(-1, 2).T], axis=1)
            top = 1.08 * points.max()
            axes.plot([0, top], [0, top], "--", color=PALETTE[6], lw=1.2, label="unchanged")
            if quantity == "ECE":
                axes.axhline(error_by_chance().value, color=PALETTE[6], lw=1, ls=":", label="by chance alone")
            looks = {"ms": 5, "mfc": "none", "mew": 0.8, "color": PALETTE[1]}
            axes.plot(*starts[0], "o", label="first seed, other rounding", **looks)
            axes.plot(*starts[1], ".", ms=6, color=PALETTE[0], label="seeds")
            if own:
                axes.plot(
                    *np.array(mine[quantity]).T, "D", ms=6, mec="white", mew=0.5, color=PALETTE[3], label="your run"
                )
            axes.set(xlim=(0, top), ylim=(0, top), xlabel=f"{name}, before", ylabel="after")
            axes.legend(fontsize=7.5, loc="upper left")
    return Picture(drawing)
