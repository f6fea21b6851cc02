"""Draws the picture of the README, a figure at work: ``python -m publishing.picture``.

It is made from the figure's own declaration, and moves one slider there and back. Colours follow the reader's light
or dark mode, and it stands still for those who ask for less motion. A test says when it is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from lossbook.live import Figure
from lossbook.live.assets import engine_source
from lossbook.live.text import split_symbols

#: Where the picture is.
PICTURE = Path(__file__).resolve().parents[1] / ".github" / "figure.svg"
_WIDTH, _HEIGHT = 270, 250  # of a panel
_LEFT, _TOP, _BOTTOM = 34, 30, 36
_SAMPLES = 65
_SECONDS = 0.22  # for each state


def picture(figure: Figure, name: str, states: Sequence[float]) -> str:
    """Return a figure as an SVG that moves a slider there and back.

    Parameters
    ----------
    figure : Figure
        Its marks are curves, points and upright rules.
    name : str
        The parameter.
    states : sequence of float
        The values that it takes; the first is shown where nothing may move.

    Raises
    ------
    ValueError
        If the figure has a mark of another kind.
    """
    panels = figure.spec["panels"]
    for mark in (mark for panel in panels for mark in panel["marks"]):
        if mark["kind"] not in ("curve", "point", "rule") or (mark["kind"] == "rule" and "x" not in mark):
            raise ValueError(f"figure: the picture cannot draw this mark: {mark['kind']}")
    width, height = _WIDTH * len(panels), _HEIGHT + 46
    values = [figure.values(**{name: state}) for state in states]
    still = [_axes(figure, panel, _WIDTH * place, values[0]) for place, panel in enumerate(panels)]
    moving = [
        "".join(_marks(figure, panel, _WIDTH * place, now) for place, panel in enumerate(panels))
        + _slider(figure, name, state, now, width)
        for state, now in zip(states, values, strict=True)
    ]
    frames = [f'<g class="f" id="f{number}">{frame}</g>' for number, frame in enumerate(moving)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(figure.text(figure.spec['description'], values[0]))}</title>",
            f"<style>{_style(len(states))}</style>",
            f'<rect class="back" width="{width}" height="{height}" rx="8"/>',
            *still,
            *frames,
            "</svg>\n",
        ]
    )


def _style(count: int) -> str:
    """Return colours for both modes, and when each of the states is seen: there, and on the way back."""
    palettes = {
        mode: "".join(f"--c{number}:{color};" for number, color in enumerate(re.findall(r"#\w+", listed)))
        for mode, listed in re.findall(r"(light|dark):\[(.*?)\]", engine_source())
    }
    slots = 2 * count
    lines = [
        f":root{{{palettes['light']}--ink:#222;--quiet:#555;--edge:#d5d5d5;--back:#fff}}",
        f"@media (prefers-color-scheme:dark){{:root{{{palettes['dark']}--ink:#eee;--quiet:#b5b5b5;--edge:#444;"
        "--back:#161b22}}}}".replace("}}}}", "}}"),
        "text{font:13px system-ui,sans-serif;fill:var(--quiet)}",
        ".now{paint-order:stroke;stroke:var(--back);stroke-width:4px;stroke-linejoin:round;font-weight:600}"
        ".back{fill:var(--back)}.title,.now{fill:var(--ink)}.title{font-weight:600;font-size:14px}",
        ".edge{stroke:var(--edge)}.base{stroke:var(--quiet)}",
        ".line{fill:none;stroke-width:2.5;stroke-linejoin:round}.dashed{stroke-dasharray:7 6;stroke-width:1.5}",
        *(f".s{number}{{stroke:var(--c{number})}}.d{number}{{fill:var(--c{number})}}" for number in range(7)),
        ".dot{stroke:var(--back);stroke-width:1.5}.i{font-style:italic;font-family:Cambria,Georgia,serif}",
        f".f{{opacity:0;animation-duration:{slots * _SECONDS:g}s;animation-iteration-count:infinite}}",
    ]
    for number in range(count):
        shown = sorted({number, slots - 1 - number})
        stops = []
        for slot in shown:
            start, end = 100 * slot / slots, 100 * (slot + 1) / slots
            stops.append(f"{start:.2f}%,{end - 0.01:.2f}%{{opacity:1}}")
            if slot + 1 not in shown and slot + 1 < slots:
                stops.append(f"{end:.2f}%{{opacity:0}}")
            if slot and slot - 1 not in shown:
                stops.append(f"{start - 0.01:.2f}%{{opacity:0}}")
        lines.append(f"@keyframes k{number}{{{''.join(stops)}}}#f{number}{{animation-name:k{number}}}")
    lines.append("@media (prefers-reduced-motion:reduce){.f{animation:none}#f0{opacity:1}}")
    return "\n".join(lines)


def _scales(figure: Figure, panel: dict[str, Any], at: float, values: Any) -> tuple[Any, Any, tuple[float, ...]]:
    """Return how a panel maps both coordinates, and the ends of its axes."""
    ends = tuple(float(figure.number(panel[axis][end], values)) for axis in "xy" for end in ("min", "max"))
    x0, x1, y0, y1 = ends
    left, right, top, base = at + _LEFT, at + _WIDTH - 14, _TOP + 20, _HEIGHT - _BOTTOM
    return (
        lambda x: left + (x - x0) / (x1 - x0) * (right - left),
        lambda y: base + (y - y0) / (y1 - y0) * (top - base),
        ends,
    )


def _ticks(low: float, high: float) -> list[float]:
    raw = (high - low) / 4
    power = 10 ** np.floor(np.log10(raw))
    step = float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.8))
    return [float(tick) for tick in np.arange(np.ceil(low / step), np.floor(high / step + 1e-9) + 1) * step]


def _words(text: str) -> str:
    parts = [escape(part) for part in split_symbols(text)]
    parts[1::2] = [f'<tspan class="i">{part}</tspan>' for part in parts[1::2]]
    return "".join(parts)


def _axes(figure: Figure, panel: dict[str, Any], at: float, values: Any) -> str:
    X, Y, (x0, x1, y0, y1) = _scales(figure, panel, at, values)
    title = figure.text(panel["title"], values) if "title" in panel else ""
    middle = (X(x0) + X(x1)) / 2
    made = [
        f'<text class="title" x="{at + _LEFT}" y="20">{_words(title)}</text>',
        f'<text x="{at + _LEFT}" y="38">{_words(panel["y"]["label"])}</text>',
        f'<text x="{middle:.1f}" y="{_HEIGHT - 2}" text-anchor="middle">{_words(panel["x"]["label"])}</text>',
    ]
    for tick in _ticks(y0, y1):
        made.append(f'<path class="edge" d="M{X(x0):.1f} {Y(tick):.1f}H{X(x1):.1f}"/>')
        made.append(f'<text x="{X(x0) - 6:.1f}" y="{Y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in _ticks(x0, x1):
        made.append(f'<text x="{X(tick):.1f}" y="{Y(y0) + 17:.1f}" text-anchor="middle">{tick:g}</text>')
    made.append(f'<path class="base" d="M{X(x0):.1f} {Y(y0):.1f}H{X(x1):.1f}"/>')
    return "".join(made).replace(">-", ">−")


def _marks(figure: Figure, panel: dict[str, Any], at: float, values: Any) -> str:
    X, Y, (x0, x1, y0, y1) = _scales(figure, panel, at, values)
    colors = next(own.colors() for own, spec in zip(figure.panels, figure.spec["panels"], strict=True) if spec is panel)
    room = 0.02 * (y1 - y0)
    made = []
    for mark, color in zip(panel["marks"], colors, strict=True):
        if figure.number(mark.get("show", 1), values) == 0:
            continue
        look = f"s{color}{' dashed' if mark.get('dashed') else ''}"
        if mark["kind"] == "curve":
            x = np.linspace(x0, x1, _SAMPLES)
            with np.errstate(all="ignore"):
                y = np.broadcast_to(figure.number(mark["y"], values, x), x.shape)
            inside = np.isfinite(y) & (y >= y0 - room) & (y <= y1 + room)
            path, pen = "", "M"
            for seen, px, py in zip(inside, X(x), Y(np.where(inside, y, 0)), strict=True):
                path += f"{pen}{px:.1f} {py:.1f}" if seen else ""
                pen = "L" if seen else "M"
            made.append(f'<path class="line {look}" d="{path}"/>')
            if "label" in mark:
                said = _words(figure.text(mark["label"], values))
                made.append(f'<text class="d{color}" x="{X(x1):.1f}" y="38" text-anchor="end">{said}</text>')
        elif mark["kind"] == "point":
            px, py = (float(figure.number(mark[axis], values)) for axis in "xy")
            said = figure.text(mark["label"], values) if "label" in mark else ""
            if y0 <= py <= y1:
                made.append(f'<circle class="dot d{color}" cx="{X(px):.1f}" cy="{Y(py):.1f}" r="6"/>')
                made.append(f'<text class="now" x="{X(px) + 6:.1f}" y="{Y(py) - 9:.1f}">{escape(said)}</text>')
        else:
            px = X(float(figure.number(mark["x"], values)))
            made.append(f'<path class="{look}" d="M{px:.1f} {Y(y0):.1f}V{Y(y1):.1f}"/>')
    return "".join(made)


def _slider(figure: Figure, name: str, state: float, values: Any, width: float) -> str:
    """Return the slider, with the first line that stands below the figure."""
    control = next(one for one in figure.spec["controls"] if one.get("name") == name)
    low, high = (float(figure.number(control[end], values)) for end in ("min", "max"))
    start, end, y = 60, 250, _HEIGHT + 24
    knob = start + (state - low) / (high - low) * (end - start)
    readout = figure.text(figure.spec["readout"][0], values)
    return (
        f'<text class="now" x="{_LEFT}" y="{y + 4}">{_words(control["label"])}</text>'
        f'<path class="edge" stroke-width="6" stroke-linecap="round" d="M{start} {y}H{end}"/>'
        f'<path class="s0" stroke-width="6" stroke-linecap="round" d="M{start} {y}H{knob:.1f}"/>'
        f'<circle class="d0" cx="{knob:.1f}" cy="{y}" r="8"/>'
        f'<text class="now" x="{end + 26}" y="{y + 4}">{_words(readout)}</text>'
    )


def figure_at_work() -> str:
    """Return the picture: Barron's loss, from the squared error to one that forgives wild data."""
    from lossbook.figures.regression import barron

    return picture(barron(), "alpha", [round(float(alpha), 2) for alpha in np.linspace(2, -6, 21)])


if __name__ == "__main__":
    PICTURE.write_text(figure_at_work(), encoding="utf-8")
    print(PICTURE)
