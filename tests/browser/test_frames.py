"""A figure alone in a frame of another page: from another host, from disk, all of them, narrow, dark, unknown."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from accessibility import faults
from playwright.sync_api import expect

from lossbook.sphinxext.embedding import FOLDER, PAGE
from publishing.serving import server

FIGURE = "regression.mean_to_median"
LINE = re.compile(r'<iframe src="(.+?)" title="(.+?)" width="100%" height="(\d+)" loading="lazy"></iframe>')


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


def serve(made: ThreadingHTTPServer) -> Iterator[str]:
    with made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def book(book_html: Path) -> Iterator[str]:
    yield from serve(server(book_html))


@pytest.fixture
def course(tmp_path: Path) -> Iterator[str]:
    yield from serve(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))))


def write_course(folder: Path, line: str) -> None:
    (folder / "course.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A course</title>'
        "<script>addEventListener('message', ({data}) => { globalThis.told = data; });</script>"
        f"<h1>A course</h1>{line}</html>",
        encoding="utf-8",
    )


def test_it_lives_in_a_page_of_another_host(book: str, course: str, tmp_path: Path, visit: Callable[..., Any]) -> None:
    address = f"{book}/{PAGE}?figure={FIGURE}&amp;delta=3"
    write_course(
        tmp_path, f'<iframe src="{address}" title="A figure" width="100%" height="700" loading="lazy"></iframe>'
    )
    tab = visit()
    page = tab.open(f"{course}/course.html")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".lb-figure")).to_have_count(1)
    slider = frame.locator("input[data-parameter=delta]")
    expect(slider).to_have_attribute("aria-valuetext", "3")
    expect(frame.locator("h1")).to_contain_text("the best constant")
    before = frame.locator(".lb-panels").inner_html()
    slider.press("ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuetext", "3")
    assert frame.locator(".lb-panels").inner_html() != before
    page.wait_for_function("globalThis.told?.height > 300")
    assert page.evaluate("told.lossbook") == FIGURE
    link = frame.get_by_role("link", name="This figure in the book")
    assert link.get_attribute("href") == "chapters/07-regression.html#figure-mean-to-median?delta=3"
    assert link.get_attribute("target") == "_top"
    assert tab.complaints == [] and tab.foreign == []


def test_other_pages_of_the_book_are_not_framed_by_others(
    book: str, course: str, tmp_path: Path, visit: Callable[..., Any]
) -> None:
    write_course(tmp_path, f'<iframe src="{book}/index.html" title="The book"></iframe>')
    tab = visit()
    tab.page.goto(f"{course}/course.html")
    tab.page.wait_for_timeout(300)
    assert any("frame-ancestors" in complaint for complaint in tab.complaints)


def test_every_figure_lives_alone(book_html: Path, visit: Callable[..., Any]) -> None:
    """From disk, in one tab, one after the other."""
    tab = visit()
    names = sorted(path.stem for path in (book_html / FOLDER).glob("*.*.js"))
    assert len(names) > 100
    dead = []
    for name in names:
        tab.page.goto(f"{(book_html / PAGE).as_uri()}?figure={name}")
        try:
            tab.page.locator(".lb-figure[data-drawn]").wait_for(timeout=20_000)
        except Exception:
            dead.append(name)
        else:
            assert tab.page.locator("#words").inner_text() == ""
    assert dead == []
    assert tab.complaints == [] and tab.foreign == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?figure=regression.nonsense", "The book has no figure “regression.nonsense”."),
        ("?figure=../../state", "The book has no figure “../../state”."),
        ("", "The address names no figure"),
    ],
)
def test_what_is_not_there_is_said_in_words(query: str, words: str, book_html: Path, visit: Callable[..., Any]) -> None:
    page = visit().open((book_html / PAGE).as_uri() + query)
    expect(page.get_by_role("status")).to_contain_text(words)
    assert page.get_by_role("link", name="The book").get_attribute("href") == "index.html"
    assert page.locator(".lb-figure").count() == 0
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_nothing_is_cut_on_a_phone(
    scheme: str, book_html: Path, visit: Callable[..., Any]
) -> None:
    for name in (FIGURE, "likelihood.coin", "gan.portrait"):
        page = visit(390, 844, color_scheme=scheme).open(f"{(book_html / PAGE).as_uri()}?figure={name}")
        page.locator(".lb-figure[data-drawn]").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        assert faults(page) == []


def test_dark_mode_follows_the_reader(book_html: Path, visit: Callable[..., Any]) -> None:
    page = visit(color_scheme="light").open(f"{(book_html / PAGE).as_uri()}?figure={FIGURE}")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate(colour) != light


def test_a_button_copies_the_line_and_the_line_shows_the_figure(
    book_html: Path, tmp_path: Path, visit: Callable[..., Any]
) -> None:
    tab = visit()
    page = tab.open((book_html / "chapters/07-regression.html").as_uri())
    # As where nothing may be copied: the line is shown.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    lines: list[str] = []
    page.on("dialog", lambda dialog: (lines.append(dialog.default_value), dialog.dismiss()))
    page.locator("#figure-bounded input[data-parameter=r]").fill("-2")
    page.locator("#figure-bounded").get_by_role("button", name="Embed").click()
    (line,) = lines
    found = re.fullmatch(
        r'<iframe src="(.+?)" title="(.+?)" width="100%" height="(\d+)" loading="lazy"></iframe>', line
    )
    assert found and '"' not in found[1] + found[2]
    assert unescape(found[1]) == f"{(book_html / PAGE).as_uri()}?figure=regression.bounded&r=-2"
    write_course(tmp_path, line)
    course = tab.open((tmp_path / "course.html").as_uri())
    frame = course.frame_locator("iframe")
    expect(frame.locator("input[data-parameter=r]")).to_have_value("-2")
    # High enough for all that stands in it.
    course.wait_for_function("globalThis.told?.height")
    assert course.evaluate("told.height") <= int(found[3])
    assert tab.complaints == []
