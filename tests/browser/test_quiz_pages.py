"""A quiz in Chromium, in a page without scripts and under a strict security policy: an option answers when chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accessibility import faults
from playwright.sync_api import Page

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


def test_a_quiz_is_narrow_enough(tmp_path: Path, visit: Callable[..., Any]) -> None:
    for name in quiz_names():
        page = visit(width=320).page
        page.goto(write_page(tmp_path / "quiz.html", name))
        for label in page.locator(".lossbook-option:nth-of-type(2) label").all():
            label.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_a_quiz_in_a_notebook_is_accessible(tmp_path: Path, visit: Callable[..., Any]) -> None:
    """With its feedback shown; all quizzes as the book has them are looked at in `test_pages`."""
    page = visit().page
    page.goto(write_page(tmp_path / "quiz.html", quiz_names()[0], "default-src * 'unsafe-inline' 'unsafe-eval'"))
    for label in page.locator(".lossbook-option:nth-of-type(2) label").all():
        label.click()
    assert faults(page) == []


def test_in_the_book_a_quiz_has_its_style_as_a_file(book_html: Path, visit: Callable[..., Any]) -> None:
    pages = [book_html / "chapters" / f"{name}.html" for name in quiz_names()]
    for path in pages:
        assert style_source() not in path.read_text(encoding="utf-8")
    tab = visit()
    page = tab.open(pages[0].as_uri())
    assert shown(page) == []
    page.locator(".lossbook-quiz label").first.click()
    assert shown(page) == [f"quiz-{quiz_names()[0]}-1-1"]
    assert tab.foreign == [] and tab.complaints == []
