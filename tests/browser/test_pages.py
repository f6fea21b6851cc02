"""The built book in Chromium, opened from disk with the network cut, as a reader without a server meets it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
import yaml
from accessibility import faults, faults_of_colour
from building import ROOT
from playwright.sync_api import Page, expect
from waiting import await_change, settle

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
#: Pages with live figures.
LIVE = [*(name for name in PAGES if (ROOT / f"{name}.ipynb").exists()), "chapters/atlas", "index"]
every_page = pytest.mark.parametrize("name", PAGES)
live_pages = pytest.mark.parametrize("name", LIVE)


@pytest.fixture
def path(name: str, book_html: Path) -> Path:
    """Return the file of the page that a test is about."""
    return book_html / f"{name}.html"


def test_these_are_all_pages(book_html: Path) -> None:
    """The book's decks, and the page that shows one figure, have tests of their own."""
    found = {file.relative_to(book_html).with_suffix("").as_posix() for file in book_html.rglob("*.html")}
    ours = {name for name in found if not name.startswith(("_static/", "slides/"))} - {"figure", "genindex", "search"}
    assert ours == set(PAGES)
    live = [name for name in PAGES if 'class="lossbook-figure"' in (book_html / f"{name}.html").read_text("utf-8")]
    assert set(live) == set(LIVE)


# What the reader sees of a figure, as text.
DRAWING = (
    "(figure) => [...figure.querySelectorAll('svg, .lb-readout, .lb-legend')].map((part) => part.innerHTML).join()"
)

# Puts a control elsewhere, as a hand would, and says whether the drawing changed: as the figure starts, or else with
# all other sliders at their ends (a learning rate does nothing before the first step).
MOVE = """async ([figure, control]) => {
  const look = DRAWING, start = look(figure);
  if (control.dataset.play) figure.scrollIntoView({ behavior: "instant" }); // time passes only while it is seen
  const send = (part, event) => part.dispatchEvent(new Event(event, { bubbles: true }));
  const until = async (done) => {
    for (let i = 0; i < 100 && !done(); i++) await new Promise((next) => setTimeout(next, 20));
    return done();
  };
  const moves = () => {
    const before = look(figure);
    if (control.type === "range") {
      control.value = control.value === control.max ? control.min : control.max;
      send(control, "input");
    } else if (control.tagName === "SELECT") {
      control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
      send(control, "change");
    } else control.click();
    return until(() => look(figure) !== before);
  };
  let changed = await moves();
  if (!changed) {
    for (const other of figure.querySelectorAll("input[type=range]")) {
      if (other !== control) other.value = other.max, send(other, "input");
    }
    // What the others draw, in the next frame, is not this control's doing.
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    changed = await moves();
  }
  // The next control is tried once this one's move is undone on the screen, too.
  [...figure.querySelectorAll("button")].find((button) => button.textContent === "Reset").click();
  await until(() => look(figure) === start);
  return changed;
}""".replace("DRAWING", DRAWING)


@live_pages
def test_every_control_moves_its_drawing(path: Path, visit: Callable[..., Any]) -> None:
    tab = visit()
    page = tab.open(path.as_uri())
    for number, figure in enumerate(page.query_selector_all(".lb-figure")):
        controls = figure.query_selector_all("input, select, button:is([data-play], [data-restart], [data-action])")
        assert controls, f"{path.name}: figure {number} has no control"
        for control in controls:
            name = control.evaluate("(c) => JSON.stringify(c.dataset)")
            assert page.evaluate(MOVE, [figure, control]), f"{path.name}: figure {number}: {name} moves nothing"
    assert tab.complaints == []


# How many points the declarations of a page's figures let the reader move.
# Some stand on curves that are switched on.
DRAGGABLE = """() => {
  const marks = [...lossbookPage.manager.models.values()]
    .flatMap((model) => model.get("spec")?.panels ?? []).flatMap((panel) => panel.marks).filter((mark) => mark.drag);
  return [marks.length, marks.filter((mark) => mark.show !== undefined).length];
}"""


@live_pages
def test_points_can_be_dragged_and_moved_by_keys(path: Path, visit: Callable[..., Any]) -> None:
    page: Page = visit().open(path.as_uri())
    for skip in page.query_selector_all(".lb-skip"):  # some points stand where an answer is hidden
        skip.click()
    handles = page.query_selector_all(".lb-handle")
    there = [handle for handle in handles if handle.is_visible()]
    declared, switched = page.evaluate(DRAGGABLE)
    assert len(handles) == declared and len(handles) - len(there) <= switched
    for handle in there:
        figure = handle.evaluate_handle("(h) => h.closest('.lb-figure')").as_element()
        assert figure is not None
        handle.scroll_into_view_if_needed()
        before = figure.evaluate(DRAWING)
        box = handle.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for away in (-25, 25):  # a point may start at an end of its way
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + away, y - 0.6 * away, steps=3)
            page.mouse.up()
            if figure.evaluate(DRAWING) != before:
                break
        else:
            pytest.fail(f"{path.name}: dragging {handle.get_attribute('aria-label')} moves nothing")
        handle.focus()
        spoken = handle.get_attribute("aria-valuetext")
        at_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
        page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
        await_change(page, handle, "aria-valuetext", spoken)


@live_pages
def test_sliders_obey_the_keyboard_and_speak(path: Path, visit: Callable[..., Any]) -> None:
    page = visit().open(path.as_uri())
    for slider in page.query_selector_all(".lb-figure input[type=range]"):
        slider.focus()
        before = slider.get_attribute("aria-valuetext")
        at_end = slider.evaluate("(s) => s.value === s.max")
        page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
        await_change(page, slider, "aria-valuetext", before)


# All that can be used on a page, and what the focus has visited since.
WATCH = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']");
  window.wanted = [...all].filter((part) => part.checkVisibility({ visibilityProperty: true }) && part.tabIndex >= 0);
  window.visited = new Set();
  window.unmarked = new Set();
  document.addEventListener("focusin", ({ target }) => {
    visited.add(target);
    const style = getComputedStyle(target);
    if (style.outlineStyle === "none" && style.boxShadow === "none") unmarked.add(target);
  });
  return wanted.length;
}"""
# Of a group of radio buttons the tab key reaches one, and arrow keys the others.
MISSED = """() => {
  const groups = new Set([...visited].map((part) => part.name));
  const missed = wanted.filter((part) => !visited.has(part) && !(part.type === "radio" && groups.has(part.name)));
  return [missed, [...unmarked]].map((parts) => parts.map((part) => part.outerHTML.slice(0, 150)));
}"""


@pytest.mark.parametrize("name", ["index", "chapters/04-cross-entropy", "chapters/atlas"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    name: str, book_html: Path, visit: Callable[..., Any]
) -> None:
    page = visit().open((book_html / f"{name}.html").as_uri())
    for _ in range(page.evaluate(WATCH) + 20):
        page.keyboard.press("Tab")
    missed, unmarked = page.evaluate(MISSED)
    assert missed == []
    assert unmarked == []


def test_the_description_follows_the_values(book_html: Path, visit: Callable[..., Any]) -> None:
    page = visit().open((book_html / f"{LIVE[0]}.html").as_uri())
    figure = page.locator(".lb-figure").first
    before = figure.locator("svg").first.get_attribute("aria-label")
    figure.locator("input[type=range]").first.press("ArrowRight")
    await_change(page, figure.locator("svg").first, "aria-label", before)
    after = figure.locator("svg").first.get_attribute("aria-label")
    assert before and after
    expect(figure.locator(".lb-hidden[role=status]")).to_have_text(after)


# Each question shows its feedback.
ANSWER = "for (const one of document.querySelectorAll('.lossbook-quiz fieldset')) one.querySelector('label').click()"


@every_page
def test_pages_are_accessible(path: Path, visit: Callable[..., Any]) -> None:
    page = visit(color_scheme="light").open(path.as_uri())
    page.evaluate(ANSWER)
    assert faults(page, "article") == []
    page.emulate_media(color_scheme="dark")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settle(page)
    assert faults_of_colour(page, "article") == []


# Names in the code of tables that stand on two lines.
BROKEN = """() => [...document.querySelectorAll(".lossbook-table td > code")].flatMap((code) => {
  const range = document.createRange();
  return [...code.childNodes].filter((node) => node.nodeType === 3).flatMap((node) =>
    [...node.data.matchAll(/\\w+/g)].filter(({ index, 0: word }) => {
      range.setStart(node, index), range.setEnd(node, index + word.length);
      return range.getClientRects().length > 1;
    }).map(([word]) => `${word} in ${code.textContent}`));
})"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_name_of_a_call_is_broken(width: int, book_html: Path, visit: Callable[..., Any]) -> None:
    page = visit(width).open((book_html / "chapters/libraries.html").as_uri())
    assert page.locator(".lossbook-table td > code").count() > 200
    assert page.evaluate(BROKEN) == []


def test_dark_mode_reaches_the_figures(book_html: Path, visit: Callable[..., Any]) -> None:
    page = visit().open((book_html / f"{LIVE[0]}.html").as_uri())
    colour = "getComputedStyle(document.querySelector('.lb-figure .lb-line')).stroke"
    seen = set()
    for mode in ("light", "dark"):
        page.evaluate("(mode) => { document.documentElement.dataset.theme = mode; }", mode)
        seen.add(page.evaluate(colour))
    assert len(seen) == 2


@live_pages
def test_without_javascript_stands_a_picture(path: Path, visit: Callable[..., Any]) -> None:
    html = path.read_text(encoding="utf-8")
    stills = re.findall(r"<noscript>.*?</noscript>", html, re.S)
    pictures = [picture for still in stills for picture in re.findall(r"<img[^>]*>", still)]
    assert len(pictures) == html.count('class="lossbook-figure"')
    tab = visit(java_script_enabled=False)
    tab.page.goto(path.as_uri())
    for picture in tab.page.query_selector_all(".lossbook-figure + noscript img, .lossbook-figure noscript img"):
        assert picture.evaluate("(image) => image.naturalWidth") > 300
        assert len(picture.get_attribute("alt") or "") > 40


def test_a_strict_security_policy_lets_the_figures_live(
    book_html: Path, visit: Callable[..., Any], static_page: Callable[..., str]
) -> None:
    """No eval: scripts from blobs only, beside the page's own."""
    from lossbook.figures.likelihood import coin

    address = static_page(coin())
    path = Path(address.removeprefix("file://"))
    policy = '<meta http-equiv="Content-Security-Policy" content="script-src \'unsafe-inline\' blob:">'
    path.write_text(
        path.read_text(encoding="utf-8").replace("<meta charset", policy + "<meta charset"), encoding="utf-8"
    )
    tab = visit()
    page = tab.open(address)
    assert page.locator(".lb-figure[data-drawn]").count() == 1
    assert tab.complaints == []


def test_a_first_visit_is_light(book_html: Path, visit: Callable[..., Any]) -> None:
    """What a chapter asks for before the reader scrolls, as a server would compress it: at most 300 KB."""
    for path in sorted((book_html / "chapters").glob("0*.html")):
        tab = visit()
        asked: set[str] = set()
        tab.page.on("request", lambda request, asked=asked: asked.add(request.url.partition("?")[0]))
        tab.open(path.as_uri()).wait_for_load_state("networkidle")
        files = [Path(unquote(urlparse(address).path)) for address in asked if address.startswith("file:")]
        assert len(files) > 10
        packed = {
            file.name: len(raw if file.suffix in (".woff", ".woff2", ".png") else gzip.compress(raw))
            for file in files
            for raw in [file.read_bytes()]
        }
        assert "stix-two-math.woff2" in packed
        assert sum(packed.values()) <= 300_000, f"{path.name}: {sorted(packed.items(), key=lambda item: -item[1])[:8]}"


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("Huber", "07-regression"),
        ("KL", "03-kl-divergence"),
        ("theta", "01-likelihood"),
        ("focal", "06-classification"),
    ],
)
def test_search_finds(words: str, page: str, book_html: Path, visit: Callable[..., Any]) -> None:
    tab = visit()
    found = tab.page
    found.goto(f"{(book_html / 'search.html').as_uri()}?q={words}")
    found.wait_for_selector(f"#search-results a[href*='{page}']", timeout=10_000)
    assert tab.foreign == []
