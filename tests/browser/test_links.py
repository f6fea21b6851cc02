"""Links land: what they name is at the head of the screen, whatever grows above it, and not folded away."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from playwright.sync_api import Page

WIDTHS = pytest.mark.parametrize("width", [1280, 390])
# One link to a page is followed from outside, and at most so many once the reader is there; chance chooses them.
WARM = 20

# Where the place is that the address names: its distance from the head of the window, unless the page ends before.
LANDED = """() => {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1).split("?")[0]));
  if (!place?.checkVisibility()) return "folded";
  const { top } = place.getBoundingClientRect();
  const last = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  return (top >= 0 && top <= 120) || (last && top > 0 && top < innerHeight) ? "there" : Math.round(top);
}"""
# Follows links to places of the page where the reader is, one after another, and says where each led.
FOLLOW = f"""async (names) => {{
  const found = [];
  for (const name of names) {{
    const changed = new Promise((done) => addEventListener("hashchange", done, {{ once: true }}));
    location.hash = name;
    await changed;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    found.push(({LANDED})());
  }}
  return found;
}}"""
ARRIVED = "document.documentElement.dataset.arrived !== undefined"


def links_between_pages(book: Path) -> dict[str, list[str]]:
    """Return what is named on each page by links of other pages."""
    found: dict[str, set[str]] = {}
    for page in [book / "index.html", *sorted((book / "chapters").glob("*.html"))]:
        here = page.relative_to(book).as_posix()
        for address in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8")):
            there, name = urldefrag(urljoin(f"https://book/{here}", unescape(address)))
            there = there.removeprefix("https://book/")
            if name and there != here and (book / there).is_file():
                found.setdefault(there, set()).add(unquote(name))
    return {page: sorted(names) for page, names in sorted(found.items())}


@WIDTHS
def test_links_from_other_pages_land(width: int, book_html: Path, visit: Callable[..., Any]) -> None:
    linked = links_between_pages(book_html)
    assert sum(map(len, linked.values())) > 800
    astray = {}
    for there, names in linked.items():
        first, *others = random.sample(names, min(1 + WARM, len(names)))
        page: Page = visit(width=width).open(f"{(book_html / there).as_uri()}#{first}")
        page.wait_for_function(ARRIVED)
        astray[f"{there}#{first}"] = page.evaluate(LANDED)
        found = page.evaluate(FOLLOW, others)
        astray |= {f"{there}#{other}": where for other, where in zip(others, found, strict=True)}
    assert {address: where for address, where in astray.items() if where != "there"} == {}


@WIDTHS
def test_the_back_button_leads_to_where_the_reader_was(width: int, book_html: Path, visit: Callable[..., Any]) -> None:
    page: Page = visit(width=width).open((book_html / "chapters/07-regression.html").as_uri())
    page.wait_for_function(ARRIVED)
    where = "document.querySelector('#summary').getBoundingClientRect().top"
    page.evaluate(f"scrollBy({{ top: {where} - 300, behavior: 'instant' }})")
    before = page.evaluate(where)
    page.wait_for_function("history.state?.lossbook")
    page.goto((book_html / "chapters/glossary.html").as_uri())
    page.go_back()
    page.wait_for_function(ARRIVED)
    assert abs(page.evaluate(where) - before) < 3


def test_a_reader_who_scrolls_is_left_in_peace(book_html: Path, visit: Callable[..., Any]) -> None:
    tab = visit()
    page: Page = tab.page
    # The fonts of this device come late: the page would go to its target once more then.
    page.add_init_script(
        """Object.defineProperty(document.fonts, "ready", { value: new Promise((done) => (globalThis.late = done)) });
        addEventListener("wheel", () => scrollTo({ top: 7, behavior: "instant" }), { once: true });"""
    )
    page.goto((book_html / "chapters/07-regression.html").as_uri() + "#summary")
    assert page.evaluate("document.querySelector('#summary').getBoundingClientRect().top") < 120
    page.mouse.wheel(0, 1)
    page.wait_for_function("scrollY === 7")
    page.evaluate("late()")
    page.wait_for_function(ARRIVED)
    assert page.evaluate("document.querySelector('#summary').getBoundingClientRect().top") > 500
