"""Prints the built book as a PDF: ``make pdf``.

All pages become one document on A4, which stands still (`still`) and has a style of its own; links lead within it.
"""

from __future__ import annotations

import argparse
import html
import tempfile
from pathlib import Path

from .chromium import chromium_tab
from .still import SHEETS, Page, Part, inks, link, pictures, read_book

STYLE = Path(__file__).with_name("paper.css")
#: In millimetres, on all sides.
MARGIN = 20
#: Letters of a picture have two thirds of the size that they were drawn in.
_SHRUNK = 0.44

# Waits for fonts and pictures, and makes smaller what is wider than the page; returns what cannot be shown.
_PREPARE = """async (shrunk) => {
  await document.fonts.ready;
  const pictures = [...document.images];
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => null)));
  for (const picture of pictures) picture.style.width = `${shrunk * picture.naturalWidth}px`;
  const roomIn = (box) => {
    const style = getComputedStyle(box);
    return box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  };
  for (const part of document.querySelectorAll(".derivation, div.math, table, pre")) {
    const isTable = part.tagName === "TABLE"; // which grows with what it holds
    for (let i = 0; i < 4; i++) {
      const room = isTable ? roomIn(part.parentElement) : part.clientWidth;
      const left = part.getBoundingClientRect().left;
      const ends = [...part.querySelectorAll("math")].map((math) => math.getBoundingClientRect().right - left);
      const share = room / Math.max(isTable ? part.offsetWidth : part.scrollWidth, ...ends);
      if (share > 0.999) break;
      if (isTable && share < 0.75 && !part.matches(".breaks")) {
        part.classList.add("breaks"); // numbers and names, rather than have letters that nobody can read
      } else {
        part.style.fontSize = `${0.98 * share * parseFloat(getComputedStyle(part).fontSize)}px`;
      }
    }
  }
  return pictures.filter((picture) => !picture.naturalWidth).map((picture) => picture.src.slice(-80));
}"""

_FOOTER = '<div style="font-size: 8px; width: 100%; text-align: center"><span class="pageNumber"></span></div>'


def one_document(folder: Path) -> str:
    """Return the whole book as one page of HTML.

    Parameters
    ----------
    folder : Path
        The built book.
    """
    parts = read_book(folder)
    pages = [page for part in parts for page in part.pages]
    for page in pages:
        for picture, name in pictures(page):
            picture["src"] = (folder / name).resolve().as_uri()
    link(parts, lambda page, place: f"#{page.slug}--{place}" if place else f"#{page.slug}")
    for page in pages:
        for tag in page.body.select("[id]"):
            tag["id"] = f"{page.slug}--{tag['id']}"
    sheets = "".join(
        f'<link rel="stylesheet" href="{(folder / "_static" / name).resolve().as_uri()}">' for name in SHEETS
    )
    style = f"<style>{STYLE.read_text(encoding='utf-8')}\n{inks()}</style>"
    head = f'<meta charset="utf-8"><title>{html.escape(pages[0].title)}</title>{sheets}{style}'
    body = "".join(f'<div class="page" id="{page.slug}">{page.body.decode_contents()}</div>' for page in pages)
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{_title(parts)}{body}</body></html>'


def _title(parts: list[Part]) -> str:
    def entry(page: Page) -> str:
        return f'<li><a href="#{page.slug}">{html.escape(page.title)}</a></li>'

    listed = "".join(
        f"<p>{html.escape(part.caption)}</p><ul>{''.join(map(entry, part.pages))}</ul>"
        for part in parts
        if part.caption
    )
    title = html.escape(parts[0].pages[0].title)
    return f'<div class="page title"><p class="name">{title}</p><div class="contents">{listed}</div></div>'


def print_book(folder: Path, output: Path) -> None:
    """Print the book to a PDF file.

    Parameters
    ----------
    folder : Path
        The built book.
    output : Path
        Where the PDF goes.

    Raises
    ------
    RuntimeError
        If there is no Chromium, or a picture is missing.
    """
    # Laid out for measuring as wide as it is printed.
    width = round((210 - 2 * MARGIN) / 25.4 * 96)
    with tempfile.TemporaryDirectory() as room, chromium_tab(width=width) as tab:
        page = Path(room, "book.html")
        page.write_text(one_document(folder), encoding="utf-8")
        tab.emulate_media(media="print")
        tab.goto(page.as_uri())
        missing = tab.evaluate(_PREPARE, _SHRUNK)
        if missing:
            raise RuntimeError(f"pictures that cannot be shown: {', '.join(missing)}")
        tab.pdf(
            path=str(output), format="A4", outline=True, tagged=True, print_background=True,
            display_header_footer=True, header_template="<span></span>", footer_template=_FOOTER,
            margin={"top": f"{MARGIN}mm", "bottom": f"{MARGIN}mm", "left": f"{MARGIN}mm", "right": f"{MARGIN}mm"},
        )  # fmt: skip


def main() -> None:
    """Print what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, help="the built book")
    arguments.add_argument("output", type=Path)
    chosen = arguments.parse_args()
    print_book(chosen.folder, chosen.output)


if __name__ == "__main__":
    main()
