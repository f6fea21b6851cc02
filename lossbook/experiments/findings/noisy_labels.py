"""What the record of the wrong labels says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import Picture
from ..noisy_labels import BOOSTED, EXPERIMENT, EXPONENTIAL, KEPT, LOGISTIC, MODELS, NOISES, RATES, STRAIGHT, case
from ..record import load
from ..uncertainty import Mean, difference, mean

#: What is called some wrong labels where no share is named.
SOME = 0.1


def record() -> Any:
    """Return the record."""
    return load(EXPERIMENT)


def _values(model: str, noise: float, loss: str, quantity: str) -> NDArray[np.float64]:
    return np.asarray(record().seeds(case(model, noise, loss), quantity))


def _gap(model: str, noise: float, quantity: str) -> Mean:
    pair = (_values(model, noise, loss, quantity) for loss in (EXPONENTIAL, LOGISTIC))
    return difference(*pair, percent=True)


def errors(model: str, noise: float, loss: str) -> Mean:
    """Share of clean test points that are misjudged."""
    return mean(_values(model, noise, loss, "errors"), percent=True)


def gap(model: str, noise: float) -> Mean:
    """Mistakes of the exponential loss minus those of the logistic loss, on the same data."""
    return _gap(model, noise, "errors")


def straight() -> Mean:
    """The gap of the straight boundary with a tenth of the labels wrong."""
    return gap(STRAIGHT, SOME)


def boosted() -> Mean:
    """The gap of boosted stumps with a tenth of the labels wrong."""
    return gap(BOOSTED, SOME)


def straight_clean() -> Mean:
    """The gap of the straight boundary with no label turned round."""
    return gap(STRAIGHT, 0.0)


def boosted_clean() -> Mean:
    """The gap of boosted stumps with no label turned round."""
    return gap(BOOSTED, 0.0)


def untuned(noise: float, rate: float, stumps: int) -> Mean:
    """The gap of boosted stumps where both losses get the same rate and number, and nothing is chosen."""
    column = RATES.index(rate) * len(KEPT) + KEPT.index(stumps)
    pair = (_values(BOOSTED, noise, loss, "grid")[:, column] for loss in (EXPONENTIAL, LOGISTIC))
    return difference(*pair, percent=True)


def wrong(model: str, noise: float, loss: str) -> Mean:
    """Share of the whole pull that wrongly labelled points have in the end."""
    return mean(_values(model, noise, loss, "wrong"), percent=True)


def hardest(model: str, noise: float, loss: str) -> Mean:
    """Share of the whole pull that the ten hardest points have in the end."""
    return mean(_values(model, noise, loss, "hardest"), percent=True)


def hardest_gap(model: str, noise: float) -> Mean:
    """By how much that share is larger under the exponential loss."""
    return _gap(model, noise, "hardest")


def spread_by_rounding() -> float:
    """By how much the mistakes on the first data set differ at most, if only rounding differs."""
    return float(max(np.ptp(record().roundings(name, "errors")) for name in EXPERIMENT.cases))


def table() -> str:
    """Return mistakes under both losses and their difference, as a table in Markdown."""
    rows = [
        f"| {model} | {noise:.0%} | {errors(model, noise, EXPONENTIAL)} | {errors(model, noise, LOGISTIC)} "
        f"| {gap(model, noise).number} | {gap(model, noise).between} |"
        for model in MODELS
        for noise in NOISES
    ]
    head = "| boundary | turned round | exponential | logistic | difference, percentage points | 95% interval |"
    return "\n".join([head, "|---" * 6 + "|", *rows])


def gaps(own: Mapping[tuple[str, float], ArrayLike] | None = None) -> Picture:
    """Draw for each model and noise by how many mistakes the losses differ: a point a seed, and the mean.

    Parameters
    ----------
    own : mapping, optional
        Model and noise → the reader's own differences.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    from lossbook.style import ACCENT, PALETTE, QUIET, STYLE

    rows = [(model, noise) for model in MODELS for noise in NOISES]
    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(7.2, 3.4), layout="constrained")
        axes: Any = drawing.subplots()
        axes.axvline(0, color=QUIET, lw=1)
        for row, (model, noise) in enumerate(rows):
            found = gap(model, noise)
            axes.plot(found.values, np.full(found.values.size, row - 0.18), ".", ms=5, color=PALETTE[0], alpha=0.6)
            low, high = found.interval
            axes.plot([low, high], [row + 0.12] * 2, color=ACCENT, lw=2.5)
            axes.plot(found.value, row + 0.12, "o", ms=5, color=ACCENT)
            mine = np.atleast_1d(np.asarray((own or {}).get((model, noise), []), dtype=float))
            axes.plot(mine, np.full(mine.size, row + 0.32), "D", ms=5, color=PALETTE[3], mec="white", mew=0.5)
        axes.set_yticks(range(len(rows)), [f"{model}, {noise:.0%} wrong" for model, noise in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("mistakes: exponential minus logistic")
        looks: Sequence[tuple[str, str, str]] = [
            (".", PALETTE[0], "one data set"),
            ("o", ACCENT, "mean, 95% interval"),
            ("D", PALETTE[3], "your run"),
        ][: 3 if own else 2]
        handles = [matplotlib.lines.Line2D([], [], ls="", marker=m, color=c, label=name) for m, c, name in looks]
        drawing.legend(handles=handles, loc="outside upper right", ncols=len(looks), fontsize=8, frameon=False)
    return Picture(drawing)
