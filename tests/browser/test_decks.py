"""The lecture decks in Chromium, opened from disk with the network cut, on projectors of two sizes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accessibility import faults
from building import ROOT
from playwright.sync_api import Page, expect
from printed import sheets
from pypdf import PdfReader
from waiting import await_change

DECKS = [path.stem for path in sorted((ROOT / "slides").glob("0*.md"))]
NAMES = [*DECKS, "index"]

# Goes to a slide, shows all that unfolds on it, and says by how much anything leaves the slide: right, bottom.
EXTENT = """async (number) => {
  const slide = Reveal.getSlides()[number], { h, v } = Reveal.getIndices(slide);
  Reveal.slide(h, v ?? 0, 999);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)));
  const frame = document.querySelector(".slides").getBoundingClientRect(), scale = Reveal.getScale();
  let right = 0, bottom = 0;
  for (const part of slide.querySelectorAll("*")) {
    if (part.closest("aside, .lb-hidden") || part.ownerSVGElement) continue;
    const box = part.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    right = Math.max(right, (box.right - frame.left) / scale);
    bottom = Math.max(bottom, (box.bottom - frame.top) / scale);
  }
  const count = (selector) => slide.querySelectorAll(selector).length;
  const undrawn = count(".lossbook-figure") - count(".lb-figure[data-drawn]");
  const errors = count("merror");
  return { right, bottom, undrawn, errors, heading: slide.querySelector("h1, h2")?.textContent };
}"""

# Moves each slider of the slide that is shown, and names those that move nothing: neither at the values that the slide
# starts with, nor with all other controls elsewhere (a learning rate does nothing before the first step).
STUCK = """async () => {
  const parts = "svg, .lb-readout, .lb-legend";
  const look = (figure) => [...figure.querySelectorAll(parts)].map((part) => part.innerHTML).join();
  const moved = async (figure, act) => {
    const before = look(figure);
    act();
    for (let i = 0; i < 25 && look(figure) === before; i++) await new Promise((done) => setTimeout(done, 20));
    return look(figure) !== before;
  };
  const put = (control, value) => {
    control.value = value;
    control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  };
  const move = (slider) => put(slider, slider.value === slider.max ? slider.min : slider.max);
  const stuck = [];
  for (const figure of Reveal.getCurrentSlide().querySelectorAll(".lb-figure")) {
    const reset = [...figure.querySelectorAll("button")].find((button) => button.textContent === "Reset");
    for (const slider of figure.querySelectorAll("input[type=range]")) {
      let alive = await moved(figure, () => move(slider));
      if (!alive) {
        for (const other of figure.querySelectorAll("input[type=range]")) if (other !== slider) put(other, other.max);
        for (const list of figure.querySelectorAll("select")) put(list, list.options[list.options.length - 1].value);
        await new Promise((done) => setTimeout(done, 100));
        alive = await moved(figure, () => move(slider));
      }
      if (!alive) stuck.push(slider.dataset.parameter);
      await moved(figure, () => reset.click());
    }
  }
  return stuck;
}"""


@pytest.fixture
def open_deck(book_html: Path, visit: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens a deck and waits until mathematics and figures are there."""

    def opened(name: str, width: int = 1280, height: int = 720, query: str = "") -> Any:
        tab = visit(width=width, height=height)
        page: Page = tab.open((book_html / "slides" / f"{name}.html").as_uri() + query)
        page.wait_for_function("globalThis.Reveal?.isReady()")
        page.evaluate("document.fonts.ready.then(() => true)")
        return tab

    return opened


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("name", NAMES)
def test_no_slide_overflows_and_every_figure_lives(
    name: str, width: int, height: int, open_deck: Callable[..., Any]
) -> None:
    tab = open_deck(name, width, height)
    for number in range(tab.page.evaluate("Reveal.getTotalSlides()")):
        found = tab.page.evaluate(EXTENT, number)
        where = f"{name}: {found['heading']}"
        assert found["right"] <= 1280.5 and found["bottom"] <= 720.5, where
        assert found["undrawn"] == 0, f"{where}: a figure is not drawn"
        assert found["errors"] == 0, f"{where}: a formula cannot be set"
        if width == 1280:
            assert tab.page.evaluate(STUCK) == [], where
    assert tab.foreign == []
    assert tab.complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_every_slide_is_accessible(name: str, open_deck: Callable[..., Any]) -> None:
    """As they are printed: all slides at once, with all that unfolds on them."""
    page = open_deck(name, query="?print-pdf").page
    page.wait_for_function("document.querySelectorAll('.pdf-page').length === Reveal.getTotalSlides()")
    figures = page.locator(".slides .lossbook-figure").count()
    expect(page.locator(".slides .lb-figure[data-drawn]")).to_have_count(figures)
    assert page.evaluate("[...document.querySelectorAll('.slides section')].every((part) => part.checkVisibility())")
    # The theme forbids zooming, which a projector does not need; where pages are laid out, they stand around what is on
    # them.
    assert faults(page, ".slides", without=["meta-viewport", "landmark-main-is-top-level"]) == []


def test_a_derivation_unfolds_line_by_line(open_deck: Callable[..., Any]) -> None:
    page = open_deck("01-likelihood").page
    shown = """() => [...Reveal.getCurrentSlide().querySelectorAll(".derivation .line")].map(
      (line) => getComputedStyle(line.firstElementChild).visibility === "visible")"""
    slide = page.evaluate(
        "Reveal.getSlides().findIndex((slide) => slide.querySelectorAll('.derivation .line').length > 3)"
    )
    page.evaluate("(number) => Reveal.slide(number)", slide)
    lines = len(page.evaluate(shown))
    for visible in range(1, lines + 1):
        wanted = [True] * visible + [False] * (lines - visible)
        page.wait_for_function(f"(wanted) => ({shown})().join() === wanted.join()", arg=wanted)
        page.keyboard.press("Space")


def test_keys_turn_slides_but_not_while_a_figure_has_them(open_deck: Callable[..., Any]) -> None:
    page = open_deck("01-likelihood").page
    place = "Reveal.getIndices().h"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(place) == 1
    slide = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.querySelector('.lb-handle'))")
    page.evaluate("(number) => Reveal.slide(number)", slide)
    handle = page.locator(".slides section.present .lb-handle").first
    handle.focus()
    spoken = handle.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowRight")
    await_change(page, handle, "aria-valuetext", spoken)
    assert page.evaluate(place) == slide
    # The mouse gives the keys back: a presenter's remote control must work after a slider was moved.
    slider = page.locator(".slides section.present input[type=range]").first
    slider.click()
    page.wait_for_function("!document.activeElement.closest('.lb-figure')")
    page.keyboard.press("PageDown")
    assert page.evaluate(place) == slide + 1


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_dragged_point_stays_under_the_mouse(width: int, height: int, open_deck: Callable[..., Any]) -> None:
    page = open_deck("01-likelihood", width, height).page
    slide = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.querySelector('.lb-handle'))")
    page.evaluate("(number) => Reveal.slide(number)", slide)
    handle = page.locator(".slides section.present .lb-handle").first

    def middle() -> tuple[float, float]:
        box = handle.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    handle.hover()  # which waits until the slide stands
    x, y = middle()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=4)
    near = """([handle, x]) => {
      const box = handle.getBoundingClientRect();
      return Math.abs(box.x + box.width / 2 - x) < 8;
    }"""
    page.wait_for_function(near, arg=[handle.element_handle(), x - 60])
    page.mouse.up()


def test_a_deck_becomes_a_pdf(book_html: Path, open_deck: Callable[..., Any], tmp_path: Path) -> None:
    slides = open_deck("01-likelihood").page.evaluate("Reveal.getTotalSlides()")
    output = tmp_path / "deck.pdf"
    deck = book_html / "slides/01-likelihood.html"
    # In a process of its own, since the tests' browser is open in this one.
    subprocess.run([sys.executable, "-m", "publishing.decks", str(deck), str(output)], cwd=ROOT, check=True)
    document = PdfReader(output)
    assert len(document.pages) == slides
    words = [page.extract_text() for page in document.pages]
    assert "Likelihood" in words[0] and "What to remember" in words[-1]
    assert "probability of heads" in "".join(words)  # the axis of a live figure
    width, height = (float(side) for side in document.pages[0].mediabox[2:])
    assert width / height == pytest.approx(1280 / 720, rel=0.01)
    # Printers leave an edge white: nothing stands there but the number of the slide.
    pages = sheets(output, 0)
    assert [what for page in pages for what in page.beyond(10) if not re.match(r"'\d*' ", what)] == []


def test_chapters_and_decks_link_to_each_other(book_html: Path) -> None:
    for name in DECKS:
        assert f'href="../slides/{name}.html"' in (book_html / f"chapters/{name}.html").read_text(encoding="utf-8")
        assert f'href="{name}.html"' in (book_html / "slides/index.html").read_text(encoding="utf-8")
