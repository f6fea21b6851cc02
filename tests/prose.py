"""Reads the text of the book as its readers see it, and the code beside it, without executing anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from building import ROOT
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

#: Directives that hold text; the content of all others is code, data or a list made elsewhere.
TEXTUAL = re.compile(
    r"\{(admonition|exercise|solution|grid|grid-item-card|note|tip|warning|figure|dropdown"
    r"|notes|ask|container|revealjs-fragments)\}\s*(.*)"
)
#: Their arguments are no text: the label of an exercise, numbers of columns, minutes, the name of a style.
UNTITLED = ("solution", "grid", "notes", "container")

PARSER = (
    MarkdownIt("commonmark", {"html": True})
    .enable("table")
    .use(front_matter_plugin)
    .use(dollarmath_plugin)
    .use(amsmath_plugin)
    .use(myst_role_plugin)
    .use(colon_fence_plugin)
)


@dataclass(frozen=True)
class Line:
    """A line of prose without code; its mathematics stands apart.

    Attributes
    ----------
    place : str
        The page, and in a notebook the number of the cell.
    text : str
        The words.
    maths : str
        The formulas of the line, as TeX.
    within : tuple of str
        The directives around the line, from the outside in, such as ``("exercise",)``.
    """

    place: str
    text: str
    maths: str = ""
    within: tuple[str, ...] = ()


@dataclass
class Page:
    """A page of the book: its prose, the sources of its code cells, and the code of its solutions."""

    name: str
    lines: list[Line] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    solutions: list[str] = field(default_factory=list)


def read_page(path: Path, name: str) -> Page:
    """Read a notebook or a page in Markdown."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        page = Page(name)
        for number, cell in enumerate(json.loads(text)["cells"]):
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                page.lines += _lines(source, f"{name}, cell {number}", page)
            elif cell["cell_type"] == "code":
                page.sources.append(source)
        return page
    return read_markdown(text, name)


def book_paths() -> list[Path]:
    """Return where the pages of the book stand."""
    return [ROOT / "index.md", *sorted((ROOT / "chapters").glob("*.ipynb")), *sorted((ROOT / "chapters").glob("*.md"))]


def deck_paths() -> list[Path]:
    """Return where the lecture decks stand."""
    return sorted((ROOT / "slides").glob("*.md"))


@cache
def read(path: Path) -> Page:
    """Read a page or a deck under the name that it has in the repository; once for all tests."""
    return read_page(path, path.relative_to(ROOT).as_posix())


def read_book() -> list[Page]:
    """Read every page of the book."""
    return list(map(read, book_paths()))


def read_decks() -> list[Page]:
    """Read every lecture deck."""
    return list(map(read, deck_paths()))


def read_markdown(text: str, name: str = "a text") -> Page:
    """Read a text in MyST."""
    page = Page(name)
    page.lines += _lines(text, name, page)
    return page


def _lines(text: str, place: str, page: Page, within: tuple[str, ...] = ()) -> Iterator[Line]:
    """Yield the prose of a text in MyST, and add its code to the page."""
    for token in PARSER.parse(text):
        if token.type == "inline":
            yield from _inline(token, place, within)
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            yield Line(place, "", token.content, within)
        elif token.type in ("fence", "colon_fence"):
            if token.info.startswith("{code-cell}"):
                page.sources.append(_without_options(token.content))
            elif token.info == "python" and "solution" in within:
                page.solutions.append(token.content)
            elif directive := TEXTUAL.match(token.info):
                name, title = directive.groups()
                if title and name not in UNTITLED:
                    yield from _lines(title, place, page, (*within, name))
                yield from _lines(_without_options(token.content), place, page, (*within, name))


def _inline(token: Token, place: str, within: tuple[str, ...]) -> Iterator[Line]:
    words, maths = [""], [""]
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            words.append("")
            maths.append("")
        elif child.type == "text":
            words[-1] += child.content
        elif child.type == "math_inline":
            words[-1] += " "
            maths[-1] += child.content + " "
        elif child.type == "image":
            words[-1] += f" {child.content} "
        elif child.type in ("code_inline", "myst_role", "html_inline"):
            words[-1] += " "
    for text, formulas in zip(words, maths, strict=True):
        if text.strip() or formulas:
            yield Line(place, " ".join(text.split()), formulas.strip(), within)


def _without_options(content: str) -> str:
    """Take off the options at the start of a directive, such as ``:class: tip``, or a block of them between dashes."""
    return re.sub(r"\A(?:---\n.*?^---\n|(?::[a-z-]+:[^\n]*(?:\n|\Z))+)", "", content, flags=re.MULTILINE | re.DOTALL)
