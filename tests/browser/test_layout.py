"""Where things stand on a page, and that they stay there: while it loads, and while a figure is moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_pages import LIVE, PAGES
from waiting import settle

WIDTHS = pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 740)])
CHAPTERS = [name for name in LIVE if name.startswith("chapters/0")]

SCRIPT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")
# What moved by itself, and how far, from the first moment on.
WATCH = """globalThis.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


@WIDTHS
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_page_loads(
    name: str, width: int, height: int, book_html: Path, visit: Callable[..., Any]
) -> None:
    page = visit(width, height).page
    page.add_init_script(WATCH)
    page.goto((book_html / f"{name}.html").as_uri())
    settle(page)
    assert page.evaluate("shift") < 0.02
    if name in LIVE:
        assert page.evaluate(f"{SCRIPT}.figures()") == []
    assert page.evaluate(f"{SCRIPT}.small()") == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_figure_stands_on_the_first_screen(name: str, book_html: Path, visit: Callable[..., Any]) -> None:
    page = visit().open((book_html / f"{name}.html").as_uri())
    plot = page.locator(".lb-plot").first.bounding_box()
    assert plot is not None and plot["y"] + plot["height"] <= 900


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
