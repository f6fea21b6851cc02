"""Answers typed into a page are judged as `check` judges them, and remembered; in Chromium, under a strict policy."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessibility import faults
from playwright.sync_api import Browser, Page
from test_at_rest import CHAPTERS, WATCH
from typed_answers import right_answers, typed_wrong_answers

from lossbook.pages.answers import SIZE, SLIPS
from lossbook.pages.exercises import RIGHT, Exercise, all_exercises, check
from lossbook.sphinxext.answers import SCRIPT, STYLE, classic_formula_reader, field, progress

EXERCISES = {name: exercise for name, exercise in all_exercises().items() if exercise.kind != "code"}
RIGHT_ANSWERS = right_answers()
WRONG_ANSWERS = typed_wrong_answers()
NUMBERS = [name for name, exercise in EXERCISES.items() if exercise.kind == "number"]
POLICY = "default-src 'none'; script-src 'self' file:; style-src 'self' file:"

# Types each text into its field, and returns what the page says: whether it is right, and its words.
ASK = """(answers) => answers.map(([name, text]) => {
  const form = document.querySelector(`form[data-name="${name}"]`), said = form.querySelector(".lossbook-said");
  form.querySelector("input").value = text;
  form.requestSubmit();
  return [said.classList.contains("lossbook-right"), said.textContent];
})"""

Ask = Callable[[list[tuple[str, str]]], list[tuple[bool, str]]]


def write_page(folder: Path) -> str:
    """Write a page with the field of every exercise that has one, and return its address."""
    (folder / "formula.js").write_text(classic_formula_reader(), encoding="utf-8")
    (folder / "answers.js").write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "answers.css").write_text(STYLE.read_text(encoding="utf-8"), encoding="utf-8")
    parts = [
        f'<div class="exercise" id="{name.replace(".", "-")}"><p class="admonition-title">{name}</p></div>'
        + field(exercise, name)
        for name, exercise in EXERCISES.items()
    ]
    page = folder / "page.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Exercises</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><link rel="stylesheet" href="answers.css">'
        '<meta name="viewport" content="width=device-width"><script defer src="formula.js"></script>'
        f'<script defer src="answers.js"></script><body><main><h1>Exercises</h1>{progress(len(parts))}'
        f"{''.join(parts)}</main></body></html>",
        encoding="utf-8",
    )
    return page.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def ask(browser: Browser, address: str) -> Iterator[Ask]:
    """Return a function that types answers and returns what the page says to each."""
    page: Page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    yield lambda answers: [(right, said) for right, said in page.evaluate(ASK, answers)]
    assert complaints == []
    page.close()


def slip_in(text: str) -> str:
    """Return the slip that a verdict names, or nothing."""
    return next((said for said in (*(said for _, said in SLIPS), SIZE) if f"Your answer is {said}" in text), "")


def first_wrong(exercise: Exercise, answer: Any) -> tuple[Any, ...]:
    """Return the first input for which `check` finds an answer wrong."""
    for count, arguments in enumerate(exercise.inputs, 1):
        with np.errstate(all="ignore"):
            if replace(exercise, inputs=exercise.inputs[:count]).check(answer).status != RIGHT:
                return arguments
    raise AssertionError(exercise.name)


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", text.replace("−", "-").rstrip("."))]


def test_every_right_answer_is_right(ask: Ask) -> None:
    assert set(RIGHT_ANSWERS) == set(EXERCISES)
    for (name, text), (right, said) in zip(RIGHT_ANSWERS.items(), ask(list(RIGHT_ANSWERS.items())), strict=True):
        assert right and said.startswith("✓ Right"), (name, text, said)


def test_wrong_answers_are_wrong_where_and_why_check_says(ask: Ask) -> None:
    assert {name for name, *_ in WRONG_ANSWERS} == set(EXERCISES) and len(WRONG_ANSWERS) > 200
    found = ask([(name, text) for name, text, _ in WRONG_ANSWERS])
    slips = 0
    for (name, text, answer), (right, said) in zip(WRONG_ANSWERS, found, strict=True):
        exercise = EXERCISES[name]
        with np.errstate(all="ignore"):
            verdict = check(name, answer)
        assert verdict.status != RIGHT and not right, (name, text, said)
        assert said.startswith("✗"), (name, text, said)
        if exercise.formula and callable(answer):
            # The same input, with its numbers as they stand in the declaration.
            symbols = exercise.formula.symbols
            given = re.match(r"✗ For (.*?) your (?:formula gives|terms add up to) ", said)
            assert given, said
            rows = exercise.formula.rows(first_wrong(exercise, answer))
            for symbol, column in zip(symbols, rows.T, strict=True):
                shown = re.search(rf"\b{symbol} = (\[.*?\]|[^,]*)", given[1])
                assert shown, (said, symbol)
                told = numbers_in(shown[1])
                assert told == pytest.approx(list(column), rel=1e-5) or (len(told) == 1 and any(
                    told[0] == pytest.approx(number, rel=1e-5) for number in column)), (said, symbol)  # fmt: skip
            # An error that Python raises has no number, so no slip can be read from it.
            if "raises" not in verdict.message:
                assert slip_in(said) == slip_in(verdict.message), (name, text, said, verdict.message)
        elif not exercise.formula:
            assert slip_in(said) == slip_in(verdict.message), (name, text, said, verdict.message)
            assert repr(float(exercise.expected)) not in said
        slips += bool(slip_in(said))
    assert slips > 20


def variants(name: str, chance: random.Random) -> Iterator[str]:
    """Yield numbers near the right one, near its slips, and far from it."""
    right = float(EXERCISES[name].expected)
    factors = [1.0, *(factor for factor, _ in SLIPS), *EXERCISES[name].sizes, *(1 / n for n in EXERCISES[name].sizes)]
    for factor in factors:
        for digits in range(1, 8):
            yield f"{factor * right:.{digits}g}"
        for size in (1e-12, 1e-9, 1e-7, 1e-4, 1e-3, 4e-3, 1e-2):
            yield repr(factor * right * (1 + chance.uniform(-size, size)))
    yield from (repr(chance.uniform(-10, 10)) for _ in range(10))
    yield from ("0", "inf", "-inf")


def test_numbers_of_all_kinds_are_judged_as_check_does(ask: Ask) -> None:
    chance = random.Random(seed := random.randrange(2**32))
    asked = [(name, text) for name in NUMBERS for text in variants(name, chance)]
    phrases = [
        ("Right to two digits; more digits, please", "right to two digits; more digits, please"),
        ("Three digits are right, those after them are not", "three digits are, those after them are not"),
    ]
    for (name, text), (right, said) in zip(asked, ask(asked), strict=True):
        verdict = check(name, float(text))
        told = (seed, name, text, said, verdict.message)
        assert right == (verdict.status == RIGHT), told
        assert slip_in(said) == slip_in(verdict.message), told
        for here, there in phrases:
            assert (here in said) == (there in verdict.message), told
        if "more exactly" in said:  # and no less exactly than what was typed
            exactly = numbers_in(said.partition("exactly")[2])[0]
            assert abs(exactly - EXERCISES[name].expected) <= abs(float(text) - EXERCISES[name].expected), told


@pytest.mark.parametrize(
    ("name", "text", "right", "said"),
    [
        ("divergence.direction", "0.405", True, "✓ Right to three digits; more exactly 0.4055."),
        ("divergence.direction", "log(3/2)", True, "✓ Right."),
        ("likelihood.fair-coin", "0.5**10", True, "✓ Right."),
        ("likelihood.fair-coin", "2^-10", True, "✓ Right."),
        ("regression.broadcast", "1⅓", False, "missing before “⅓”"),
        ("entropy.card", "0,5", False, "a decimal number has a point"),
        ("entropy.card", "2 > 1", False, "This is true or false, and a number is asked for."),
        ("entropy.card", "5.7 bits", False, "“bits” is not known here"),
        ("entropy.card", "", False, "Nothing is written here yet."),
        ("entropy.waiting", "1 - log(r)", False, "“r” is not known here"),
        ("entropy.waiting", "1 + log(rate)", False, "✗ For rate = 2 your formula gives 1.69315; 0.306853 is right."),
        ("saturation.slope", "(σ(z) - y) σ(z) (1 - σ(z))", False, "your formula gives 0; −1.80485e-35 is right."),
        ("likelihood.tosses", "5000", False, "✗ 5000 is not right."),
    ],
)
def test_what_is_said(ask: Ask, name: str, text: str, right: bool, said: str) -> None:
    [(found, words)] = ask([(name, text)])
    assert found == right and said in words


def test_a_caret_stands_below_what_cannot_be_read(address: str, visit: Callable[..., Any]) -> None:
    tab = visit(width=390)
    page = tab.open(address)
    for text, marked in [("5.7 )", ")"), ("log2(52) * (1 + 2 + 3 + 4 + 5) bits and more of it", "bits"), ("√(", None)]:
        page.evaluate(ASK, [["entropy.card", text]])
        lines = page.locator('form[data-name="entropy.card"] pre').text_content().split("\n")
        column = lines[1].index("^")
        assert lines[0][column : column + len(marked or "")] == (marked or "") and len(lines[0]) <= 36
        assert marked or column == len(lines[0])
        assert page.locator('form[data-name="entropy.card"] input').get_attribute("aria-invalid") == "true"
    page.evaluate(ASK, [["entropy.card", "log2(52)"]])
    assert page.locator('form[data-name="entropy.card"] input').get_attribute("aria-invalid") is None
    assert page.locator("pre").count() == 0 and tab.complaints == []


def test_by_the_keyboard_alone(address: str, visit: Callable[..., Any]) -> None:
    page = visit().open(address)
    form = page.locator('form[data-name="likelihood.fair-coin"]')
    form.locator("input").focus()
    page.keyboard.type("0.5^10")
    page.keyboard.press("Enter")
    assert "Right" in form.locator(".lossbook-said").inner_text()
    assert page.evaluate("document.activeElement.tagName") == "INPUT"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert not form.locator("details p").is_visible()
    page.keyboard.press("Enter")
    assert form.locator("details p").is_visible()


SOLVED = "() => [...document.querySelectorAll('.lossbook-solved')].map((mark) => mark.parentElement.textContent)"


def test_what_is_solved_is_remembered_and_can_be_forgotten(address: str, visit: Callable[..., Any]) -> None:
    tab = visit()
    page = tab.open(address)
    line, button = page.locator(".lossbook-progress [role=status]"), page.locator(".lossbook-progress button")
    assert line.inner_text() == f"0 of {len(EXERCISES)} solved. Kept on this device only." and not button.is_visible()
    page.evaluate(ASK, [["entropy.card", "5.70"], ["entropy.balance", "2"], ["entropy.huffman", "9/4"]])
    for _ in range(2):
        assert line.inner_text().startswith(f"2 of {len(EXERCISES)} solved")
        assert page.evaluate(SOLVED) == ["entropy.card✓ solved", "entropy.huffman✓ solved"]
        page.reload()
    button.click()
    assert page.evaluate(SOLVED) == [] and line.inner_text().startswith("0 of") and not button.is_visible()
    page.reload()
    assert page.evaluate(SOLVED) == [] and tab.complaints == [] and tab.foreign == []


@pytest.mark.parametrize("kept", ["[1, 2", "7", '"text"', "null", '{"likelihood.fair-coin": 7}'])
def test_whatever_stands_in_the_store_breaks_nothing(address: str, kept: str, visit: Callable[..., Any]) -> None:
    tab = visit()
    page = tab.open(address)
    page.evaluate("(kept) => localStorage.setItem('lossbook: solved', kept)", kept)
    page.reload()
    assert page.evaluate(ASK, [["entropy.card", "5.70"]])[0][0]
    page.reload()
    assert "entropy.card✓ solved" in page.evaluate(SOLVED) and tab.complaints == []


def test_where_nothing_may_be_kept_it_works_without(address: str, visit: Callable[..., Any]) -> None:
    tab = visit()
    tab.page.add_init_script(
        "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no'); } })"
    )
    page = tab.open(address)
    line = page.locator(".lossbook-progress [role=status]")
    assert line.inner_text() == f"0 of {len(EXERCISES)} solved. This browser keeps nothing."
    page.evaluate(ASK, [["entropy.card", "5.70"], ["entropy.huffman", "9/4"]])
    assert page.evaluate(SOLVED) == ["entropy.card✓ solved", "entropy.huffman✓ solved"]
    page.locator(".lossbook-progress button").click()
    assert page.evaluate(SOLVED) == [] and tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fields_and_verdicts_are_accessible(address: str, scheme: str, visit: Callable[..., Any]) -> None:
    page = visit(color_scheme=scheme).open(address)
    page.evaluate(ASK, [["entropy.card", "5.70"], ["entropy.huffman", "9"], ["entropy.balance", "3 )"]])
    for summary in page.locator("summary").all()[:3]:
        summary.click()
    assert faults(page) == []


def test_long_verdicts_are_narrow_enough(address: str, visit: Callable[..., Any]) -> None:
    page = visit(width=320).open(address)
    page.evaluate(ASK, [[name, text] for name, text, _ in WRONG_ANSWERS])
    page.evaluate(ASK, [[name, "(" * 40 + "unspeakable" * 6] for name in list(EXERCISES)[::2]])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = """() => [...document.querySelectorAll("input, button, summary")].filter((part) => part.checkVisibility())
      .map((part) => part.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 24).length"""
    assert page.evaluate(small) == 0


def test_a_verdict_of_one_line_moves_nothing(address: str, visit: Callable[..., Any]) -> None:
    page = visit().open(address)
    height = "document.documentElement.scrollHeight"
    before = page.evaluate(height)
    page.evaluate(ASK, [["entropy.card", "5.70"], ["entropy.balance", "2"], ["entropy.huffman", "9/4"]])
    assert page.evaluate(height) == before


def test_without_scripts_and_on_paper_no_field_is_shown(address: str, visit: Callable[..., Any]) -> None:
    page = visit().open(address)
    assert page.locator("form:visible").count() == len(EXERCISES)
    page.emulate_media(media="print")
    assert page.locator("form:visible, .lossbook-progress:visible").count() == 0
    page = visit(java_script_enabled=False).page
    page.goto(address)
    assert [button.is_enabled() for button in page.locator("form button").all()[:3]] == [False] * 3


def test_two_numbers_that_differ_are_told_apart(ask: Ask) -> None:
    [(_, said)] = ask([("saturation.tanh", "|z| + log1p(exp(-2|z|)) - log(2) - y z + 1e-8")])
    gives, right = numbers_in(said.partition("your formula")[2])
    assert right - gives == pytest.approx(-1e-8, rel=1e-3)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_field_of_a_chapter_takes_its_answer(name: str, book_html: Path, visit: Callable[..., Any]) -> None:
    tab = visit()
    page = tab.open((book_html / f"{name}.html").as_uri())
    names = page.evaluate("() => [...document.querySelectorAll('.lossbook-answer')].map((form) => form.dataset.name)")
    assert len(names) >= 4 and len({one.split(".")[0] for one in names}) == 1
    assert all(right for right, _ in page.evaluate(ASK, [[one, RIGHT_ANSWERS[one]] for one in names]))
    assert (
        page.locator(".lossbook-progress [role=status]").inner_text().startswith(f"{len(names)} of {len(names)} solved")
    )
    assert tab.complaints == [] and tab.foreign == []


MARKS = "() => [...document.querySelectorAll('.bd-sidebar-primary .lossbook-solved')].map((mark) => mark.textContent)"
HEIGHTS = "() => [...document.querySelectorAll('.bd-sidebar-primary nav a')].map((link) => link.offsetHeight)"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_contents_show_what_is_solved_and_nothing_moves(
    width: int, book_html: Path, visit: Callable[..., Any]
) -> None:
    tab = visit(width=width)
    tab.page.add_init_script(WATCH)
    found = {}
    for name in ("chapters/09-gan", "chapters/02-entropy"):
        page = tab.open((book_html / f"{name}.html").as_uri())
        heights = page.evaluate(HEIGHTS)
        slug = "gan.best" if "gan" in name else "entropy.card"
        page.evaluate(ASK, [[slug, RIGHT_ANSWERS[slug]]])
        assert page.evaluate(HEIGHTS) == heights
    page.evaluate(ASK, [["entropy.balance", "3"]])
    for name in ("chapters/02-entropy", "index"):
        page = tab.open((book_html / f"{name}.html").as_uri())
        found[name] = page.evaluate(MARKS)
        assert page.evaluate("shift") < 0.01
    assert set(map(tuple, found.values())) == {("✓ 2 exercises solved", "✓ 1 exercise solved")}
    assert tab.complaints == []
