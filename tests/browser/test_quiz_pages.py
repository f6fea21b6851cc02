"""A quiz in Chromium, in a page without scripts and under a strict security policy: an option answers when chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accessibility import faults
from playwright.sync_api import Page
from waiting import settle

from lossbook.pages.quizzes import quiz, quiz_names, style_source

POLICY = "default-src 'none'; script-src 'self' blob:; style-src 'self' 'unsafe-inline'"


def write_page(path: Path, name: str, policy: str = POLICY) -> str:
    html = quiz(name)._repr_html_()
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Quiz</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<body><main><h1>Quiz</h1>{html}</main></body></html>",
        encoding="utf-8",
    )
    return path.as_uri()


def shown(page: Page) -> list[str]:
    """Return the options whose feedback can be seen."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".lossbook-option")]
             .filter((option) => option.querySelector(".lossbook-feedback").checkVisibility())
             .map((option) => option.querySelector("input").id)"""
    )


@pytest.mark.parametrize("name", quiz_names())
def test_an_option_shows_its_feedback_and_no_other(name: str, tmp_path: Path, visit: Callable[..., Any]) -> None:
    tab = visit()
    page = tab.page
    page.goto(write_page(tmp_path / "quiz.html", name))
    assert shown(page) == []
    chosen: dict[int, str] = {}
    for number, question in enumerate(quiz(name).questions):
        fieldset = page.locator("fieldset").nth(number)
        for place, option in enumerate(question.options):
            fieldset.locator("label").nth(place).click()
            chosen[number] = f"quiz-{name}-{number + 1}-{place + 1}"
            # What other questions show stays.
            assert shown(page) == list(chosen.values())
            verdict = fieldset.locator(".lossbook-feedback:visible").inner_text()
            assert verdict.startswith("✓ Right." if option.correct else "✗ No.")
    assert tab.foreign == [] and tab.complaints == []


def test_without_scripts_and_by_the_keyboard(tmp_path: Path, visit: Callable[..., Any]) -> None:
    tab = visit(java_script_enabled=False)
    page = tab.page
    page.goto(write_page(tmp_path / "quiz.html", "04-cross-entropy", "default-src 'none'; style-src 'unsafe-inline'"))
    feedback = page.locator("fieldset").first.locator(".lossbook-feedback")
    assert [feedback.nth(n).is_visible() for n in range(3)] == [False, False, False]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert [feedback.nth(n).is_visible() for n in range(3)] == [True, False, False]
    page.keyboard.press("ArrowDown")
    assert [feedback.nth(n).is_visible() for n in range(3)] == [False, True, False]
    page.keyboard.press("Enter")
    assert [feedback.nth(n).is_visible() for n in range(3)] == [False, True, False]
    assert tab.complaints == []


def test_where_styles_are_forbidden_nothing_is_given_away(tmp_path: Path, visit: Callable[..., Any]) -> None:
    page = visit().page
    page.goto(write_page(tmp_path / "quiz.html", "04-cross-entropy", "default-src 'none'"))
    assert shown(page) == []
    page.locator("label").first.click()
    assert shown(page) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_a_quiz_is_accessible_and_narrow_enough(width: int, tmp_path: Path, visit: Callable[..., Any]) -> None:
    for name in quiz_names():
        page = visit(width=width).page
        page.goto(write_page(tmp_path / "quiz.html", name, "default-src * 'unsafe-inline' 'unsafe-eval'"))
        for label in page.locator(".lossbook-option:nth-of-type(2) label").all():
            label.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert faults(page) == [], name


def test_in_the_book_a_quiz_has_its_style_as_a_file(book_html: Path, visit: Callable[..., Any]) -> None:
    for name in quiz_names():
        path = book_html / "chapters" / f"{name}.html"
        assert style_source() not in path.read_text(encoding="utf-8")
        tab = visit()
        page = tab.open(path.as_uri())
        assert shown(page) == []
        page.locator(".lossbook-quiz label").first.click()
        assert shown(page) == [f"quiz-{name}-1-1"]
        assert tab.foreign == [] and tab.complaints == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_feedback_can_be_read_in_the_book(mode: str, book_html: Path, visit: Callable[..., Any]) -> None:
    for name in quiz_names():
        page = visit(color_scheme=mode).open((book_html / "chapters" / f"{name}.html").as_uri())
        page.evaluate("(mode) => { document.documentElement.dataset.theme = mode; }", mode)
        for fieldset in page.locator(".lossbook-quiz fieldset").all():
            fieldset.locator("label").first.click()
        settle(page)
        assert faults(page, ".lossbook-quiz") == [], f"{name} ({mode})"
