"""What the record of learned shapes says, and the picture of their descent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lossbook.functions import Array

from .. import Picture
from ..adaptive_shape import NOISES, SNAPSHOTS
from ..adaptive_shape import record as record
from ..robust_fits import panels
from ..uncertainty import Mean, Share, mean


def shapes(noise: str, steps: int | None = None) -> NDArray[np.float64]:
    """Return the α of every seed after so many steps, or in the end."""
    return record().seeds(noise, "alpha")[:, -1 if steps is None else SNAPSHOTS.index(steps)]


def shape(noise: str, steps: int | None = None) -> Mean:
    """Return the mean α over the seeds after so many steps, or in the end."""
    return mean(shapes(noise, steps))


def scale(noise: str) -> Mean:
    """Return the mean c over the seeds in the end."""
    return mean(record().seeds(noise, "c")[:, -1])


def normal_shape() -> Mean:
    """Return the mean α from normal noise in the end."""
    return shape("normal")


def laplace_shape() -> Mean:
    """Return the mean α from Laplace noise in the end."""
    return shape("Laplace")


def cauchy_shape() -> Mean:
    """Return the mean α from Cauchy noise in the end."""
    return shape("Cauchy")


def at_two() -> Share:
    """Of the normal samples: α = 2, the end of its range, is best."""
    return Share.of(shapes("normal") == 2)


def at_zero() -> Share:
    """Of the Cauchy samples: α = 0, the end of its range, is best."""
    return Share.of(shapes("Cauchy") == 0)


def ordered() -> Share:
    """Of the seeds: α is largest from normal noise and least from Cauchy noise."""
    normal, laplace, cauchy = (shapes(noise) for noise in NOISES)
    return Share.of((normal > laplace) & (laplace > cauchy))


def gains(noise: str) -> NDArray[np.float64]:
    """Return for each sample by how many nats its best shape is likelier than α = 2."""
    return record().seeds(noise, "gain over squared")


def table() -> str:
    """Return α after each number of steps and in the end, and c, as a table in Markdown: means and ranges."""
    heads = [*(f"α after {steps:,} steps" for steps in SNAPSHOTS), "α in the end", "c in the end"]
    lines = [f"| noise | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for noise in NOISES:
        columns = [*(shapes(noise, steps) for steps in SNAPSHOTS), shapes(noise), record().seeds(noise, "c")[:, -1]]
        cells = (f"{column.mean():.2f} ({column.min():.2f} to {column.max():.2f})" for column in columns)
        lines.append(f"| {noise} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(paths: Mapping[str, Array], ends: Mapping[str, tuple[float, float]]) -> Picture:
    """Draw how α and c change while they are learned, one curve for each named sample, and where they would end."""
    from lossbook.style import PALETTE

    drawing, both = panels(2, 2.8)
    for number, (name, path) in enumerate(paths.items()):
        for column, axes in enumerate(both):
            axes.plot(path[:, column], ("-", "--", "-.")[number % 3], color=PALETTE[number], lw=2, label=name)
            axes.plot(len(path) - 1, ends[name][column], "D", color=PALETTE[number], ms=5, clip_on=False, zorder=3)
    both[0].set(xlabel="steps of gradient descent", ylabel="shape α", ylim=(-0.05, 2.05))
    both[1].set(xlabel="steps of gradient descent", ylabel="scale c", ylim=(0, None))
    both[0].legend(fontsize=8, loc="upper right", bbox_to_anchor=(1, 0.75))
    return Picture(drawing)
