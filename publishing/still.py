"""Reads the built book as one that stands still: what paper and e-readers show of it.

Live figures give way to their still pictures, folded code and all controls are left out, solutions are unfolded, and
links lead to what is there. `pdf` and `epub` make their books from it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from lossbook.style import PALETTE

#: Style sheets of the built book that its formulas and its code need.
SHEETS = ("mathematics.css", "pygments.css")
_LEFT_OUT = (
    "script, style, button, [hidden], .headerlink, .lossbook-deck, .lossbook-link, .lossbook-progress, "
    ".lossbook-table-bar"
)
# Attributes that mean something to scripts and to the theme alone.
_DEAD = re.compile(r"data-|on|tabindex$|loading$|aria-(describedby|level)$|role$")
_WORKBENCH = "The workbench computes in the page of the book that a browser shows; here is no room for it."


@dataclass(frozen=True)
class Page:
    """A page of the book.

    Attributes
    ----------
    name : str
        Its file in the built book, such as ``"chapters/01-likelihood.html"``.
    title : str
        As the list of contents has it.
    body : bs4.Tag
        What it shows.
    """

    name: str
    title: str
    body: Tag

    @property
    def slug(self) -> str:
        """Its name in one word."""
        return posixpath.splitext(posixpath.basename(self.name))[0]


@dataclass(frozen=True)
class Part:
    """Pages under one heading of the contents; the front page stands under none."""

    caption: str
    pages: list[Page]


def read_book(folder: Path) -> list[Part]:
    """Read the built book, page by page in the order of its contents.

    Parameters
    ----------
    folder : Path
        The built book, with its ``index.html``.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    front = _read(folder / "index.html")
    title = front.select_one("article h1")
    parts = [Part("", [_page(front, "index.html", _words(title) if title else "")])]
    for entry in front.select("nav.bd-links p.caption, nav.bd-links li > a.internal"):
        if entry.name == "p":
            parts.append(Part(_words(entry), []))
            continue
        name = str(entry["href"])
        if name not in ("#", "index.html"):
            parts[-1].pages.append(_page(_read(folder / name), name, _words(entry)))
    return [part for part in parts if part.pages]


def link(parts: list[Part], address: Callable[[Page, str], str]) -> None:
    """Have links lead to where things are now, in place; a link to what is not there becomes plain text.

    Parameters
    ----------
    parts : list of Part
        The whole book.
    address : callable
        Takes a page and an address within it, which may be empty; returns where that is now.
    """
    pages = {page.name: page for part in parts for page in part.pages}
    known = {name: {str(tag["id"]) for tag in page.body.select("[id]")} for name, page in pages.items()}
    for page in pages.values():
        for tag in page.body.select("a[href]"):
            href = str(tag["href"])
            if re.match(r"[a-z]+:", href):
                continue
            path, _, place = href.partition("#")
            name = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path)) if path else page.name
            if name not in pages:
                tag.unwrap()
            else:
                tag["href"] = address(pages[name], place if place in known[name] else "")


def pictures(page: Page) -> Iterator[tuple[Tag, str]]:
    """Yield the pictures of a page, each with its file in the built book."""
    for picture in page.body.select("img[src]"):
        source = str(picture["src"])
        if not source.startswith("data:"):
            yield picture, posixpath.normpath(posixpath.join(posixpath.dirname(page.name), source))


def inks() -> str:
    """Return the rules of a style sheet that underline names in the colours of the figures."""
    return "\n".join(f".lb-c{number} {{ border-bottom-color: {color}; }}" for number, color in enumerate(PALETTE))


def _read(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text().split()).rstrip("#")


def _classes(tag: Tag) -> list[str]:
    return list(tag.get("class") or ())


def _page(soup: BeautifulSoup, name: str, title: str) -> Page:
    body = soup.select_one("article")
    if body is None:
        raise ValueError(f"{name} has no article")
    _stand_still(soup, body)
    return Page(name, title, body)


def _stand_still(soup: BeautifulSoup, body: Tag) -> None:
    """Make of a page what stands still, in place."""

    def new(name: str, *content: Any, kind: str = "") -> Tag:
        tag = soup.new_tag(name, attrs={"class": kind} if kind else {})
        tag.extend(content)
        return tag

    for place in body.select(".tag_workbench .cell_output"):
        place.replace_with(new("p", new("em", _WORKBENCH)))
    for form in body.select("form.lossbook-answer"):
        hints = [hint.extract() for hint in form.select("details > :not(summary)")]
        form.replace_with(*(new("div", new("strong", "Hint"), hint, kind="hint") for hint in hints))
    for quiz in body.select(".lossbook-quiz"):
        key = new("ol", kind="key")
        for question in quiz.select("fieldset"):
            letters = iter("abcdefghi")
            offered, right = new("ol", kind="options"), new("li")
            for option in question.select(".lossbook-option"):
                letter, reason = next(letters), option.select_one(".lossbook-right")
                if reason and reason.strong:
                    reason.strong.decompose()  # the mark
                    right.extend([new("strong", letter), " –", *reason.contents[:]])
                offered.append(new("li", *(option.label.contents[:] if option.label else ())))
            asked = new("p", *question.legend.contents[:], kind="question") if question.legend else ""
            question.replace_with(new("div", asked, offered, kind="quiz"))
            key.append(right)
        quiz.append(new("div", new("p", "Answers", kind="question"), key))
    # Claims are folded together with the code that checks them; on paper stand the former.
    for fold in body.select("details.hide"):
        fold.insert_after(*(claim.extract() for claim in fold.select(".lossbook-claim")))
        fold.decompose()
    for fold in body.select("details"):
        for line in fold.select("summary"):
            line.name = "div"
        fold.name = "div"
    for part in body.select(_LEFT_OUT):
        part.decompose()
    for part in body.select("noscript"):
        part.unwrap()
    for empty in body.select(".cell, .cell_output"):
        if not empty.get_text(strip=True) and not empty.select("img, svg, [id]"):
            empty.decompose()
    for tag in body.select(".toggle-hidden"):
        tag["class"] = " ".join(name for name in _classes(tag) if name != "toggle-hidden")
    for tag in [body, *body.find_all(True)]:
        for name in [name for name in tag.attrs if _DEAD.match(name)]:
            del tag[name]
        if "lossbook-figure" in _classes(tag):
            del tag["style"]  # its room on the screen
