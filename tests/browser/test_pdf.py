"""The PDFs: nothing is past the edge of a page, few pages are empty, pictures stand for live figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from building import ROOT
from printed import Sheet, sheets, smallest_letters
from pypdf import PdfReader
from standing import write_book

from lossbook.pages.atlas import all_losses
from publishing.pdf import MARGIN

#: Of the cheat sheet, in millimetres; letters of its text, in points.
SHEET_MARGIN, READABLE = 8, 6.5


def run(module: str, *arguments: Path) -> None:
    """Print in a process of its own, since the tests' browser is open in this one."""
    subprocess.run([sys.executable, "-m", f"publishing.{module}", *map(str, arguments)], cwd=ROOT, check=True)


def past_the_edge(pages: list[Sheet], margin: float) -> list[str]:
    return [f"page {number}: {what}" for number, page in enumerate(pages, 1) for what in page.beyond(margin)]


def test_a_small_book_fits_its_pages(tmp_path: Path) -> None:
    """It has a formula, lines of code, a table and a picture that are wider than paper."""
    output = tmp_path / "book.pdf"
    run("pdf", write_book(tmp_path / "html"), output)
    pages = sheets(output, MARGIN)
    assert past_the_edge(pages, MARGIN) == []
    assert all(page.filled > 0 for page in pages)
    document = PdfReader(output)
    # Without blanks: in narrow columns words are broken.
    words = ["".join(page.extract_text().split()) for page in document.pages]
    assert "Smallbook" in words[0] and "Begin." not in words[0]
    text = "".join(words)
    assert "secretcode" not in text and "Youranswer" not in text and "Slidesforthischapter" not in text
    for shown in ("What it shows.", "checked: one is one", "Think.", "The solution is 42.", "row89"):
        assert shown.replace(" ", "") in text, shown
    # The table goes on over several pages, and its head stands on each.
    heads = [number for number, page in enumerate(words) if "headofthetable" in page]
    assert len(heads) > 1 and heads == list(range(heads[0], heads[-1] + 1))
    assert sum(len(page.images) for page in document.pages) == 1
    links = [note.get_object() for page in document.pages for note in page.get("/Annots", [])]
    inner = [link for link in links if "/Dest" in link or "/D" in link.get("/A", {})]
    outer = [str(link["/A"]["/URI"]) for link in links if "/URI" in link.get("/A", {})]
    assert len(inner) > 3 and outer == ["https://example.org/a%20b"]
    assert document.outline


@pytest.mark.parametrize(
    "planted", ["body { position: relative; left: -30px; }", "img { max-width: none !important; min-width: 700px; }"]
)
def test_a_page_that_is_too_wide_would_be_seen(tmp_path: Path, planted: str) -> None:
    folder = write_book(tmp_path / "html")
    (folder / "_static/pygments.css").write_text(planted)
    run("pdf", folder, tmp_path / "book.pdf")
    assert past_the_edge(sheets(tmp_path / "book.pdf", MARGIN), MARGIN)


def test_the_whole_book_fits_its_pages(book_html: Path, tmp_path: Path) -> None:
    output = tmp_path / "book.pdf"
    run("pdf", book_html, output)
    pages = sheets(output, MARGIN)
    assert past_the_edge(pages, MARGIN) == []
    assert [number for number, page in enumerate(pages, 1) if page.filled == 0] == []
    rather_empty = [number for number, page in enumerate(pages, 1) if page.filled < 0.6]
    assert len(rather_empty) < 0.05 * len(pages), rather_empty
    figures = sum(path.read_text(encoding="utf-8").count("<noscript><img") for path in book_html.rglob("*.html"))
    assert sum(len(page.pictures) for page in pages) > figures > 100


def test_the_cheat_sheet_fills_two_pages(book_html: Path, tmp_path: Path) -> None:
    output = tmp_path / "sheet.pdf"
    run("sheet", book_html / "chapters/sheet.html", output)
    pages = sheets(output, SHEET_MARGIN)
    assert len(pages) == 2
    for page in pages:
        assert (page.width, page.height) == (pytest.approx(595.3, abs=1), pytest.approx(841.9, abs=1))
        assert page.filled > 0.6
    assert smallest_letters(output) >= READABLE
    assert past_the_edge(pages, SHEET_MARGIN) == []
    text = " ".join(page.extract_text() for page in PdfReader(output).pages)
    assert [name for name in all_losses() if name not in text] == []
    assert "make sheet" not in text and "Search" not in text
