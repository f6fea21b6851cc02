"""How high a figure will be in a column of a page, told from its declaration before anything is drawn.

A page reserves this room, so that nothing below a figure moves when the figure comes alive. Words are measured by the
mean width of their letters, so the number may be some pixels off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .evaluation import Evaluation

#: Widths of a page's column that room is reserved for: on a laptop and on a phone.
COLUMNS = (688, 358)
# Sizes in pixels, as in the style of engine.js.
_GAP, _ROW_GAP, _NARROWEST = 20, 12, 280
_TITLE, _LINE, _READOUT = 19.6, 18.2, 19.6
_CONTROL, _CONTROL_GAP, _CONTROL_WIDTH, _CONTROLS_AROUND = 32, 6, (290, 24), 10
_SWATCH, _ENTRY_GAP = 26, 14
_LEGEND = {"curve", "area", "bars", "contour", "field", "trajectory"}
# Mean width of a letter, by the size of the type.
_LETTER = 0.56


def height(evaluation: Evaluation, values: Any, width: float) -> int:
    """Return the height of a figure in a column, in pixels.

    Parameters
    ----------
    evaluation : Evaluation
        The figure.
    values : ndarray
        The numbers that its texts are filled with.
    width : float
        Width of the column.
    """
    spec = evaluation.spec
    beside = [panel for panel in spec["panels"] if not panel.get("wide")]
    narrow = len(beside)
    columns = max(1, min(narrow, int((width + _GAP) // (_NARROWEST + _GAP))))
    panel_width = (width - _GAP * (columns - 1)) // columns
    alone = beside[0] if columns > 1 and narrow % columns == 1 else None
    rows: list[list[float]] = []
    waiting: list[float] = []
    for panel in spec["panels"]:
        own = bool(panel.get("wide")) or panel is alone
        tall = _panel(evaluation, panel, values, width if own else panel_width)
        if own:
            rows += [row for row in (waiting, [tall]) if row]
            waiting = []
        else:
            waiting.append(tall)
            if len(waiting) == columns:
                rows.append(waiting)
                waiting = []
    if waiting:
        rows.append(waiting)
    total = sum(map(max, rows)) + _ROW_GAP * (len(rows) - 1)
    lines = [_rows([evaluation.text(parts, values)], width, 14) for parts in spec["readout"]]
    total += 0.8 * 14 + _READOUT * sum(lines)
    shown = sum(not control.get("hidden") for control in spec["controls"])
    deep = -(-shown // max(1, int((width + _CONTROL_WIDTH[1]) // (_CONTROL_WIDTH[0] + _CONTROL_WIDTH[1]))))
    if not deep:
        return round(total)
    return round(total + _CONTROLS_AROUND + deep * _CONTROL + (deep - 1) * _CONTROL_GAP)


def _panel(evaluation: Evaluation, panel: dict[str, Any], values: Any, width: float) -> float:
    """Return the height of a panel: title, legend, both labels, drawing."""
    entries = [
        _SWATCH + _ENTRY_GAP + _wide(evaluation.text(mark["label"], values), 13)
        for mark in panel["marks"]
        if mark.get("label") and mark["kind"] in _LEGEND
    ]
    legend = _rows_of(entries, width + _ENTRY_GAP)
    title = _TITLE * _rows([evaluation.text(panel["title"], values)], width, 14) if panel.get("title") else 0
    labels = sum(_rows([panel[axis]["label"]], width, 13) for axis in "xy")
    return title + _LINE * (legend + labels) + max(210, min(330, width * 0.62))


def _wide(text: str, size: float) -> float:
    return _LETTER * size * len(text)


def _rows(words: Sequence[str], width: float, size: float) -> int:
    """Return how many lines a text takes."""
    return sum(max(1, -(-int(_wide(text, size)) // int(width))) for text in words)


def _rows_of(entries: Sequence[float], width: float) -> int:
    """Return how many lines the entries of a legend take."""
    rows, left = 0, 0.0
    for entry in entries:
        if entry > left:
            rows, left = rows + 1, width
        left -= entry
    return rows
