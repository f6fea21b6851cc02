"""No number in the prose that is not computed or claimed.

What a number of the prose is held against is the code of the same page, so that nothing has to be executed: that its
claims are true is shown by the build, and that its solutions are right by the tests of the exercises. A number may
be rounded from one that a claim states or expects, or that a solution works out. Any other number in the code is an
input, and stands in the prose as it is. A number that an output alone shows could change unnoticed: it has to be
claimed.
"""

import ast
import importlib
import inspect
import math
import operator
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from building import ROOT
from prose import Line, Page, book_paths, deck_paths, read, read_book, read_markdown

BOOK = book_paths()
DECKS = {path.stem: path for path in deck_paths()}
LECTURES = [(path, DECKS[path.stem]) for path in BOOK if path.stem in DECKS and path.stem != "index"]
EXCEPTIONS = tomllib.loads((ROOT / "tests/prose_exceptions.toml").read_text(encoding="utf-8"))["exception"]

# A letter beside the digits, as in float32 and 17th, makes them part of a word.
DIGITS = r"(?<![\w.,])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
TEXT_NUMBER = re.compile(DIGITS + r"(?:e(?P<power>[+-]?\d+))?(?![\d]*[^\W\d_])(?P<percent>\s?%|\s?per cent\b)?")
# In TeX a power of ten may stand alone, and means 1 times that power.
TEX_NUMBER = re.compile(
    r"(?:" + DIGITS.replace("digits", "factor") + r"\s*\\(?:times|cdot)\s*)?(?<![\w.,])10\^\{?(?P<power>[+-]?\d+)\}?"
    r"|" + DIGITS + r"(?P<percent>\s?\\%)?"
)
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
# The minutes of a lesson are an estimate, on the teacher's pages alone; tests/test_teaching.py adds them up.
PLANNED = re.compile(r"(?<![\w.,])\d{2,3}(?: min\b| minutes\b|-minute\b)")
PLANS = ("chapters/teaching.md", "chapters/teaching-chapters.md")
FUNCTIONS = {name: getattr(math, name) for name in ("exp", "log", "log2", "log10", "log1p", "sqrt")}


@dataclass(frozen=True)
class Number:
    """A number as it is written: its size, without a sign, and half a unit of its last place."""

    written: str
    value: float
    half: float
    percent: bool

    @property
    def needs_a_source(self) -> bool:
        """Whole numbers up to a dozen count things before the reader's eyes; all others are facts or inputs."""
        return self.percent or self.value != int(self.value) or self.value > 12

    def readings(self) -> list[tuple[float, float]]:
        """Return value and tolerance: a percentage may stand in the code as a share, too."""
        return [(self.value, self.half)] + [(self.value / 100, self.half / 100)] * self.percent


def numbers(pattern: re.Pattern[str], text: str) -> Iterator[Number]:
    for found in pattern.finditer(text):
        part = found.groupdict()
        digits = (part.get("factor") or part["digits"] or "1").replace(",", "")
        shown = Decimal(digits).scaleb(int(part["power"] or 0))
        half = float(Decimal(5).scaleb(shown.as_tuple().exponent - 1))
        yield Number(found[0].strip(), float(shown), half, bool(part["percent"]))


def numbers_of_prose(line: Line) -> list[Number]:
    text = PLANNED.sub(" ", line.text) if line.place.partition(",")[0] in PLANS else line.text
    found = [*numbers(TEXT_NUMBER, text), *numbers(TEX_NUMBER, line.maths.replace("{,}", ","))]
    # The minutes that a chapter takes are an estimate.
    return [number for number in found if number.needs_a_source and not line.text.startswith("Time:")]


def constant(node: ast.AST) -> float | None:
    """Return the value of a number, or of arithmetic with numbers, as in ``1 / 3`` and ``math.log(2)``."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Attribute(value=ast.Name(id="math" | "np"), attr="e" | "pi" as name):
            return float(getattr(math, name))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            function, operands = operator.neg, [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            function, operands = OPERATORS[type(op)], [left, right]
        case ast.Call(func=ast.Attribute(attr=name), args=[operand]) if name in FUNCTIONS:
            function, operands = FUNCTIONS[name], [operand]
        case _:
            return None
    values = [constant(operand) for operand in operands]
    if None in values:
        return None
    try:
        return float(function(*values))
    except (ArithmeticError, TypeError, ValueError):
        return None


def numbers_of_code(node: ast.AST) -> Iterator[float]:
    for part in ast.walk(node):
        if (value := constant(part)) is not None:
            yield abs(value)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            for number in numbers(TEXT_NUMBER, part.value):
                yield from (value for value, _ in number.readings())


def claimed_numbers(tree: ast.AST) -> Iterator[float]:
    """Yield the numbers that claims state or expect."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="claim"), args=[statement, *rest], keywords=keywords):
                expected = [word.value for word in keywords if word.arg == "expected"]
                for part in (statement, *rest[1:2], *expected):
                    yield from numbers_of_code(part)


def unfounded(page: Page, told: Iterable[Line] = ()) -> list[tuple[Line, Number]]:
    """Return the numbers in a page's prose that its code does not hold, and that are not told elsewhere."""
    trees = [ast.parse(source) for source in page.sources]
    given = {value for tree in trees for value in numbers_of_code(tree)}
    checked = {value for tree in trees for value in claimed_numbers(tree)}
    checked |= {value for source in page.solutions for value in numbers_of_code(ast.parse(source))}
    # An exercise sets its own numbers.
    for line in (*told, *(line for line in page.lines if "exercise" in line.within)):
        given |= {value for number in numbers_of_prose(line) for value, _ in number.readings()}

    def is_founded(value: float, half: float) -> bool:
        # A tie may be rounded either way, and all these are binary numbers.
        return any(abs(value - source) <= half * (1 + 1e-9) for source in checked) or any(
            math.isclose(value, source, rel_tol=1e-12) for source in given
        )

    return [
        (line, number)
        for line in page.lines
        for number in numbers_of_prose(line)
        if "exercise" not in line.within and not any(is_founded(*reading) for reading in number.readings())
    ]


def show(findings: list[tuple[Line, Number]]) -> str:
    return "\n".join(f"{number.written} in {line.place}: {line.text or line.maths}" for line, number in findings)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", BOOK, ids=place)
def test_every_number_in_the_prose_is_computed_or_claimed(path):
    page = read(path)
    excused = {entry["number"] for entry in EXCEPTIONS if entry["page"] == page.name}
    findings = unfounded(page)
    missing = [(line, number) for line, number in findings if number.written not in excused]
    assert not missing, f"these numbers are neither computed nor claimed:\n{show(missing)}"
    assert excused <= {number.written for _, number in findings}, "these exceptions are not needed"


@pytest.mark.parametrize(("chapter", "deck"), LECTURES, ids=place)
def test_a_lecture_says_no_number_that_its_chapter_does_not_say(chapter, deck):
    chapter, deck = read(chapter), read(deck)
    # The chapter shows the declarations of its figures, with the values that these start with.
    calls = re.findall(r"\{live\} (\w+)\.(\w+)", (ROOT / deck.name).read_text(encoding="utf-8"))
    figures = [getattr(importlib.import_module(f"lossbook.figures.{module}"), name) for module, name in calls]
    declared = [inspect.getsource(figure) for figure in figures]
    spoken = Page(deck.name, deck.lines, [*chapter.sources, *declared], chapter.solutions)
    missing = unfounded(spoken, chapter.lines)
    assert not missing, f"these numbers are not in the chapter:\n{show(missing)}"


def test_every_exception_has_a_page_and_a_reason():
    assert all(len(entry["reason"].split()) > 3 for entry in EXCEPTIONS)
    assert {entry["page"] for entry in EXCEPTIONS} <= {place(path) for path in BOOK}


# A page of which all numbers but one are founded.
SMALL_PAGE = """
The mean is 0.71, or 71%, to be exact 0.7054, after 5,000 steps of 0.003; it was ${maths}$ before.
{text}

```{{exercise}} Toss
:label: toss-37
A coin shows heads with a probability of 0.37; after [9.75 pages](https://example.org/1.75) it shows `8.75`.
```

````{{solution}} toss-37
With 0.37 the surprise is 0.99 nats in each of 17 rooms, of which the 19th is float32's.
```python
answer = -math.log(0.37) * 17
```
````

```{{code-cell}} ipython3
:tags: [hide-input]
claim("The mean is 0.7054", mean(5_000, rate=0.003), 0.7054, atol=1e-4)  # 0.44
claim("It was less", mean(0), 2 / 3, rtol=0.01)
```
"""


@pytest.mark.parametrize(
    ("text", "maths", "found"),
    [
        ("", "0.67", []),
        ("One digit differs in 0.7055.", "0.67", ["0.7055"]),
        ("Half a unit too much: 0.72, 70%.", "0.67", ["0.72", "70%"]),
        ("An input is not rounded: a rate of 0.0031 for 4,999 steps.", "0.67", ["0.0031", "4,999"]),
        ("What only a comment says: 0.44.", "0.67", ["0.44"]),
        ("A tolerance is not a result: 0.0101.", "0.67", ["0.0101"]),
        ("Large: 1,234 of 56 pieces, and 2e-9.", "0.67", ["1,234", "56", "2e-9"]),
        ("- In a list 0.81,\n\n| or | table |\n|---|---|\n| of | −0.82 |", "0.67", ["0.81", "−0.82"[1:]]),
        ("```{tip} Title 0.83\n:class: x-0.84\n0.85\n```", "0.67", ["0.83", "0.85"]),
        ("", r"0.68 \cdot 3.14", ["0.68", "3.14"]),
        ("", r"0.67 \approx 4.5 \times 10^{-5} > 10^{-30}", [r"4.5 \times 10^{-5}", "10^{-30}"]),
    ],
)
def test_the_rule_finds_a_planted_number(text, maths, found):
    page = read_markdown(SMALL_PAGE.format(text=text, maths=maths))
    assert sorted(number.written for _, number in unfounded(page)) == sorted(found)


@pytest.mark.parametrize(
    ("name", "found"),
    [("chapters/teaching.md", ["0.83", "45", "14"]), ("chapters/choosing.md", ["0.83", "45", "14", "45", "90", "15"])],
)
def test_minutes_are_planned_on_the_pages_for_teachers_only(name, found):
    text = "0.83 on 45 slides of 14 cm\n\n## In 45 minutes\n\n- A 90-minute lecture\n- of 15 min"
    assert [number.written for _, number in unfounded(read_markdown(text, name))] == found


def test_the_book_has_numbers_to_check():
    assert sum(len(numbers_of_prose(line)) for page in read_book() for line in page.lines) > 200
