"""The still picture of a live figure: the same declaration, drawn by Matplotlib for print, PDF and no JavaScript."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Drawing

from ..style import ACCENT, PALETTE, QUIET, STYLE
from .evaluation import Evaluation
from .marks import Area, Bars, Contour, Curve, Point, Rule, Segment, Trajectory, VectorField
from .panels import Panel, places_of
from .text import format_number, split_symbols

_SAMPLES = 801
_PANEL_SIZE = (4.6, 3.1)  # inches


def draw(figure: Evaluation, values: np.ndarray) -> Drawing:
    """Draw `figure` at the parameter `values` (see `Evaluation.values`) and return the Matplotlib figure."""
    with matplotlib.rc_context(STYLE):
        width, height = _PANEL_SIZE
        columns = 2 if len(figure.panels) > 1 else 1
        places = places_of([panel.wide for panel in figure.panels], columns)
        rows = places[-1][0] + 1
        drawing = Drawing(
            figsize=(width * columns if columns > 1 else 1.3 * width, height * rows + 0.3), layout="constrained"
        )
        grid = drawing.add_gridspec(rows, columns)
        for panel, spec, (row, place) in zip(figure.panels, figure.spec["panels"], places, strict=True):
            where = grid[row, slice(None) if place is None else place]
            _Painter(figure, values, drawing.add_subplot(where)).panel(panel, spec)
        lines = [figure.text(line, values) for line in figure.spec["readout"]]
        if lines:
            room = int(drawing.get_figwidth() * 15)  # characters of nine points
            wrapped = [_italic(part) for line in lines for part in textwrap.wrap(line, room)]
            drawing.supxlabel("\n".join(wrapped), fontsize=9)
    return drawing


def _italic(text: str) -> str:
    """Return a text whose symbols Matplotlib sets as it sets formulas."""
    parts = [part.replace("$", r"\$") for part in split_symbols(text)]
    parts[1::2] = [rf"$\hat{{{part[0]}}}$" if part[1:] else f"${part}$" for part in parts[1::2]]
    return "".join(parts)


class _Painter:
    """Draws the marks of one panel on Matplotlib axes."""

    def __init__(self, figure: Evaluation, values: np.ndarray, axes: Any) -> None:
        self.figure, self.values, self.axes = figure, values, axes
        self.notes: list[np.ndarray] = []

    def number(self, reference: Any, *bound: Any) -> Any:
        return self.figure.number(reference, self.values, *bound)

    def panel(self, panel: Panel, spec: dict[str, Any]) -> None:
        axes = self.axes
        ends = {
            side: [self.number(spec[side][end]) if end in spec[side] else None for end in ("min", "max")]
            for side in "xy"
        }
        for side in "xy":
            axes.set(**{f"{side}label": _italic(spec[side]["label"])})
            if spec[side].get("log"):
                axes.set(**{f"{side}scale": "log"})
            if None not in ends[side]:  # curves and contours run over the axis, so they need its ends
                axes.set(**{f"{side}lim": ends[side]})
            if spec[side].get("bare"):
                axes.set(**{f"{side}ticks": []})
        if "title" in spec:
            axes.set_title(
                _italic(self.figure.text(spec["title"], self.values)), fontsize=10, loc="left", weight="bold"
            )
        for mark, declared, color in zip(panel.marks, spec["marks"], panel.colors(), strict=True):
            shade = None if color is None else PALETTE[color]
            if self.number(declared.get("show", 1)) == 0:
                continue
            label = _italic(self.figure.text(declared["label"], self.values)) if "label" in declared else ""
            style = "--" if mark.dashed else "-"
            with np.errstate(all="ignore"):  # a curve may leave the real numbers; it shows a gap there
                getattr(self, declared["kind"])(mark, declared, shade, label, style)
        if panel.equal:
            axes.set_aspect("equal")
        for side in "xy":
            axes.set(**{f"{side}lim": ends[side]})  # an end that is not given follows what was drawn
        if axes.get_legend_handles_labels()[1]:
            axes.legend(fontsize=8)

    def sample(self, mark: Curve | Area, spec: dict[str, Any]) -> np.ndarray:
        if "range" in spec:
            low, high = (self.number(end) for end in spec["range"])
        else:
            low, high = self.axes.get_xlim()
        if self.axes.get_xscale() == "log" and "x" not in spec:
            return np.geomspace(low, high, _SAMPLES)
        return np.linspace(low, high, _SAMPLES)

    @staticmethod
    def gaps(y: np.ndarray) -> np.ndarray:
        return np.where(np.isfinite(y), y, np.nan)

    def curve(self, mark: Curve, spec: dict[str, Any], color: str, label: str, style: str) -> None:
        t = self.sample(mark, spec)
        x = self.gaps(self.number(spec["x"], t)) if "x" in spec else t
        self.axes.plot(x, self.gaps(self.number(spec["y"], t)), style, color=color, label=label or None, lw=2)

    def area(self, mark: Area, spec: dict[str, Any], color: str, label: str, style: str) -> None:
        x = self.sample(mark, spec)
        top, base = (self.gaps(self.number(spec[side], x)) for side in ("y", "base"))
        self.axes.fill_between(x, top, base, color=color, alpha=0.22, lw=0, label=label or None)

    def bars(self, mark: Bars, spec: dict[str, Any], color: str, label: str, style: str) -> None:
        if "names" in spec:
            x = np.arange(len(spec["names"]))
            heights = np.array([self.number(height) for height in spec["heights"]])
            self.axes.set_xticks(x, spec["names"])
        else:
            low, high = (round(self.number(end)) for end in spec["range"])
            x = np.arange(low, high + 1)
            heights = np.asarray(self.number(spec["y"], x.astype(float)))
        chosen = round(self.number(spec["highlight"])) if "highlight" in spec else None
        colors = [ACCENT if k == chosen else color for k in x]
        drawn = self.axes.bar(x, self.gaps(heights), color=colors, alpha=0.75, label=label or None)
        if "values" in spec:
            self.axes.bar_label(drawn, [format_number(h, spec["values"]) for h in heights], fontsize=8)

    def note(self, x: float, y: float, label: str) -> None:
        if not label:
            return
        # Beside a text that stands close already, the next one goes to the other side.
        here = self.axes.transData.transform((x, y))
        close = any(np.hypot(*(here - there)) < 60 for there in self.notes)
        self.notes.append(here)
        self.axes.annotate(
            label,
            (x, y),
            xytext=(-6 if close else 6, 5),
            textcoords="offset points",
            fontsize=8,
            weight="bold",
            ha="right" if close else "left",
        )

    def point(self, mark: Point, spec: dict[str, Any], color: str | None, label: str, style: str) -> None:
        x, y = self.number(spec["x"]), self.number(spec["y"])
        if math.isfinite(x) and math.isfinite(y):
            self.axes.plot([x], [y], "o", color=color or ACCENT, ms=6, zorder=5)
            self.note(x, y, label)

    def segment(self, mark: Segment, spec: dict[str, Any], color: str | None, label: str, style: str) -> None:
        x1, y1, x2, y2 = (self.number(spec[end]) for end in ("x1", "y1", "x2", "y2"))
        if not all(map(math.isfinite, (x1, y1, x2, y2))):
            return
        if mark.arrow:
            arrow = {"arrowstyle": "->", "color": color or QUIET, "linestyle": style}
            self.axes.annotate("", (x2, y2), (x1, y1), arrowprops=arrow)
        else:
            self.axes.plot([x1, x2], [y1, y2], style, color=color or QUIET, lw=1.5)
        self.note((x1 + x2) / 2, (y1 + y2) / 2, label)

    def rule(self, mark: Rule, spec: dict[str, Any], color: str | None, label: str, style: str) -> None:
        vertical = "x" in spec
        value = self.number(spec["x" if vertical else "y"])
        if not math.isfinite(value):
            return
        (self.axes.axvline if vertical else self.axes.axhline)(value, color=color or QUIET, lw=1.2, ls=style)
        if label:
            place, at = (
                ((value, 1.0), ("data", "axes fraction")) if vertical else ((1.0, value), ("axes fraction", "data"))
            )
            self.axes.annotate(
                label,
                place,
                xycoords=at,
                xytext=(4, -10) if vertical else (-4, 3),
                textcoords="offset points",
                fontsize=8,
                ha="left" if vertical else "right",
            )

    def mesh(self, mark: Contour | VectorField, centred: bool) -> tuple[np.ndarray, np.ndarray]:
        n = mark.grid
        t = (np.arange(n) + 0.5) / n if centred else np.linspace(0, 1, n)
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        x, y = np.meshgrid(x0 + t * (x1 - x0), y0 + t * (y1 - y0))
        return x, y

    def contour(self, mark: Contour, spec: dict[str, Any], color: str, label: str, style: str) -> None:
        x, y = self.mesh(mark, centred=False)
        z = self.gaps(np.asarray(self.number(spec["z"], x, y), dtype=float))
        levels = np.unique([self.number(level) for level in spec["levels"]])
        if mark.filled:
            from matplotlib.colors import LinearSegmentedColormap

            shades = LinearSegmentedColormap.from_list("shades", ["#ffffff", color])
            self.axes.contourf(x, y, z, [*levels, max(float(np.nanmax(z)), levels[-1]) + 1e-12], cmap=shades, alpha=0.6)
        self.axes.contour(x, y, z, levels, colors=color, linewidths=0.8)

    def field(self, mark: VectorField, spec: dict[str, Any], color: str, label: str, style: str) -> None:
        x, y = self.mesh(mark, centred=True)
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        # Arrows are as long on paper as in the page: relative to the panel, the square root of their length.
        dx = self.gaps(np.asarray(self.number(spec["dx"], x, y), dtype=float)) / (x1 - x0)
        dy = self.gaps(np.asarray(self.number(spec["dy"], x, y), dtype=float)) / (y1 - y0)
        root = np.sqrt(np.hypot(dx, dy))
        scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
        self.axes.quiver(x, y, dx * scale, dy * scale, color=color, pivot="mid", width=0.003)

    def trajectory(self, mark: Trajectory, spec: dict[str, Any], color: str, label: str, style: str) -> None:
        path = self.figure.path(mark, self.values)
        path = np.where(np.isfinite(path), path, np.nan)
        self.axes.plot(path[:, 0], path[:, 1], "o" + style, color=color, lw=1.2, ms=2.5, label=label or None)
        self.axes.plot(path[-1:, 0], path[-1:, 1], "o", color=color, ms=6)
        self.axes.plot(path[:1, 0], path[:1, 1], "o", color=color, mfc="white", ms=5)
