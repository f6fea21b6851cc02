"""How high a figure will be in a column of a page, told from its declaration before anything is drawn.

A page reserves this room, so that nothing below a figure moves when the figure comes alive. Words are measured by the
mean width of their letters, so the number may be some pixels off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .evaluation import Evaluation
from .panels import places_of

#: Widths of a page's column that room is reserved for: on a laptop and on a phone.
COLUMNS = (688, 358)
# Sizes in pixels, as in the style of engine.js.
_GUTTER, _RIGHT, _BELOW_AND_ABOVE = 48, 14, 34
_GAP, _ROW_GAP, _NARROWEST, _PHONE = 20, 12, 280, 480
_TITLE, _LINE, _READOUT = 19.6, 18.2, 19.6
_CONTROL, _CONTROL_GAP, _CONTROL_WIDTH, _CONTROLS_AROUND = 32, 6, (290, 24), 10
_AROUND_READOUT, _NUMBERS, _AROUND_FORMULA = 11.9, 26.2, 12
_SWATCH, _ENTRY_GAP = 26, 14
# Of a question: its least height, what stands around its lines, and below it; room for the button Reset.
_QUESTION, _QUESTION_LINE, _RESET = (72, 8, 10), 21, 90
_BUTTON, _BUTTON_AROUND = 36, 29
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
    wide = [bool(panel.get("wide")) for panel in spec["panels"]]
    columns = max(1, min(wide.count(False), int((width + _GAP) // (_NARROWEST + _GAP))))
    panel_width = (width - _GAP * (columns - 1)) // columns
    rows: dict[int, list[list[float]]] = {}
    labels = [panel["x"]["label"] for panel in spec["panels"]]
    for number, (row, column) in enumerate(places_of(wide, columns)):
        named = columns > 1 or labels[number] not in labels[number + 1 : number + 2]
        across = width if column is None else panel_width
        parts = _panel(evaluation, spec["panels"][number], values, across, named)
        parts.insert(3, _drawing(across, width, spec["panels"]))
        rows.setdefault(row, []).append(parts)
    # The parts of panels in a row stand beside each other: each takes the height of the highest.
    total = sum(sum(map(max, zip(*panels, strict=True))) + _ROW_GAP for panels in rows.values()) - _ROW_GAP
    total += _AROUND_FORMULA * bool(spec["formulas"]) + max((one["tall"] for one in spec["formulas"]), default=0)
    lines = [_rows(evaluation.text(parts, values), width, 14) for parts in spec["readout"]]
    total += _AROUND_READOUT + _READOUT * sum(lines) + _NUMBERS
    total += sum(_question(control, width) for control in spec["controls"] if control["kind"] == "predict")
    return round(total + _controls(spec["controls"], width))


def _question(asked: dict[str, Any], width: float) -> float:
    """Return the height of a question with its buttons, before it is answered."""
    question = _QUESTION_LINE * _rows(asked["question"], width - _RESET, 15)
    buttons = [_BUTTON_AROUND + _wide(words, 14) for words in [*asked.get("options", ["Show me"]), "Skip"]]
    return max(_QUESTION[0], _QUESTION[1] + question + _BUTTON * _rows_of(buttons, width)) + _QUESTION[2]


def _controls(controls: Sequence[dict[str, Any]], width: float) -> float:
    """Return the height of the controls, which stand in a grid as the browser fills it."""
    columns = max(1, int((width + _CONTROL_WIDTH[1]) // (_CONTROL_WIDTH[0] + _CONTROL_WIDTH[1])))
    shown = [control for control in controls if not control.get("hidden") and control["kind"] != "predict"]
    cells = [control["cell"] for control in shown if "cell" in control]
    names, heads = (list(dict.fromkeys(cell[side] for cell in cells)) for side in (0, 1))
    taken: set[tuple[int, int]] = set()
    extra, at, table = 0.0, 0, False
    for control in shown:
        deep, across = 1, 1
        if "cell" in control:
            if table:
                continue
            table = True
            if len(heads) > 1:
                across = columns
                extra = (len(names) - 1) * _CONTROL + len(names) * 2 + _LINE + 1.4
            else:
                deep, across = len(names), columns if len(cells) == len(shown) else 1
        while any((at // columns + i, at % columns + j) in taken for i in range(deep) for j in range(across)) or (
            at % columns + across > columns
        ):
            at += 1
        taken |= {(at // columns + i, at % columns + j) for i in range(deep) for j in range(across)}
    if not taken:
        return 0
    rows = 1 + max(row for row, _ in taken)
    return _CONTROLS_AROUND + rows * _CONTROL + (rows - 1) * _CONTROL_GAP + extra


def _drawing(across: float, width: float, panels: Sequence[dict[str, Any]]) -> float:
    """Return the height of a drawing; on a phone those of several panels are lower."""
    equal = max(panel.get("equal", 0) for panel in panels)
    if equal:
        return min(330, (across - _GUTTER - _RIGHT) * equal + _BELOW_AND_ABOVE)
    if width < _PHONE and len(panels) > 1:
        return 150 if len(panels) > 2 else 180
    return max(210, min(330, across * 0.62))


def _panel(evaluation: Evaluation, panel: dict[str, Any], values: Any, width: float, named: bool) -> list[float]:
    """Return the heights of the words of a panel: title, legend, label, and label below if it is `named`."""
    entries = [
        _SWATCH + _ENTRY_GAP + _wide(evaluation.text(mark["label"], values), 13)
        for mark in panel["marks"]
        if mark.get("label") and mark["kind"] in _LEGEND
    ]
    legend = _rows_of(entries, width + _ENTRY_GAP)
    title = _TITLE * _rows(evaluation.text(panel["title"], values), width, 14) if panel.get("title") else 0
    above, below = (_LINE * _rows(panel[axis]["label"], width, 13) for axis in "yx")
    return [title, _LINE * legend, above, below if named else 0]


def _wide(text: str, size: float) -> float:
    return _LETTER * size * len(text)


def _rows(text: str, width: float, size: float) -> int:
    """Return how many lines a text takes."""
    return max(1, -(-int(_wide(text, size)) // int(width)))


def _rows_of(entries: Sequence[float], width: float) -> int:
    """Return how many lines the entries of a legend take."""
    rows, left = 0, 0.0
    for entry in entries:
        if entry > left:
            rows, left = rows + 1, width
        left -= entry
    return rows
