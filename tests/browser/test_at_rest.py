"""Pages as they stand once they are complete: quiet, in their places, not too wide; each is opened once a width."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from test_pages import LIVE, PAGES
from visiting import Visit

CHAPTERS = [name for name in LIVE if name.startswith("chapters/0")]
WIDTHS = pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 740)])
every_page = pytest.mark.parametrize("name", PAGES)

SCRIPT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")
# What moved by itself, and how far, from the first moment on.
WATCH = """globalThis.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
LOOK = f"""() => ({{
  shift, growing: {SCRIPT}.growing(), ...{SCRIPT}.rest(), figures: {SCRIPT}.figures(), small: {SCRIPT}.small(),
  wide: {SCRIPT}.wide(),
}})"""


@pytest.fixture(scope="session")
def rest(browser: Browser, book_html: Path) -> Callable[[str, int, int], dict[str, Any]]:
    """Return a function that opens a page and says how it stands; it does so once."""
    seen: dict[tuple[str, int], dict[str, Any]] = {}

    def look(name: str, width: int, height: int) -> dict[str, Any]:
        if (name, width) not in seen:
            context = browser.new_context(viewport={"width": width, "height": height})
            tab = Visit(context)
            tab.page.add_init_script(WATCH)
            page = tab.open((book_html / f"{name}.html").as_uri())
            found = page.evaluate(LOOK)
            if width == 390:  # and on the narrowest of phones
                page.set_viewport_size({"width": 320, "height": height})
                page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
                found["narrow"] = page.evaluate(f"{SCRIPT}.wide()")
            seen[name, width] = found | {"complaints": tab.complaints, "foreign": tab.foreign}
            context.close()
        return seen[name, width]

    return look


@every_page
def test_a_page_is_quiet_and_asks_no_other_host(name: str, rest: Callable[..., dict[str, Any]]) -> None:
    found = rest(name, 1280, 900)
    assert found["complaints"] == [] and found["foreign"] == []
    # All its figures live, it carries none that it does not show, and nobody else's loader.
    assert found["declared"] == found["places"] == found["drawn"]
    assert found["loaders"] == 0


@WIDTHS
@every_page
def test_nothing_moves_while_a_page_loads(
    name: str, width: int, height: int, rest: Callable[..., dict[str, Any]]
) -> None:
    found = rest(name, width, height)
    assert found["shift"] < 0.02
    assert found["growing"] == []  # what a slow computer would show


@WIDTHS
@every_page
def test_figures_stand_in_rows_and_in_their_room(
    name: str, width: int, height: int, rest: Callable[..., dict[str, Any]]
) -> None:
    found = rest(name, width, height)
    assert found["figures"] == []
    assert found["small"] == []


@every_page
def test_nothing_overflows(name: str, rest: Callable[..., dict[str, Any]]) -> None:
    laptop, phone = rest(name, 1280, 900), rest(name, 390, 740)
    for found, width in ((laptop["wide"], 1280), (phone["wide"], 390), (phone["narrow"], 320)):
        assert found["page"] <= width
        assert found["figures"] == []
        assert found["pictures"] == []
        # What scrolls is a formula on a phone, from its left end.
        assert [part for part in found["scrollers"] if width == 1280 or part["from"]] == []


@pytest.mark.parametrize("name", [name for name in PAGES if re.match(r"chapters/0\d", name)])
def test_lines_of_code_fit_the_column(name: str, rest: Callable[..., dict[str, Any]]) -> None:
    assert rest(name, 1280, 900)["broken"] == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_figure_stands_on_the_first_screen(name: str, rest: Callable[..., dict[str, Any]]) -> None:
    assert rest(name, 1280, 900)["first"] <= 900
