"""Where things stand in a figure, and that they stay there while it is moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_pages import LIVE

WIDTHS = pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 740)])
SCRIPT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")


@WIDTHS
def test_nothing_covers_and_nothing_jumps_while_figures_are_moved(
    width: int, height: int, book_html: Path, visit: Callable[..., Any]
) -> None:
    states, texts, points, faults = 0, [], [], []
    for name in LIVE:
        found = visit(width, height).open((book_html / f"{name}.html").as_uri()).evaluate(f"{SCRIPT}.moved()")
        states += found["states"]
        for said, kind in ((texts, "texts"), (points, "points"), (faults, "faults")):
            said += [f"{name}, {line}" for line in found[kind]]
    assert states > 700
    assert faults == []
    assert texts == []
    assert len(points) <= 5, points
