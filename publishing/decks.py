"""Prints a lecture deck as a PDF, a slide on each page: ``make slides PDF=yes``."""

from __future__ import annotations

import argparse
from pathlib import Path

from .chromium import chromium_tab

#: Part of a slide that its page is larger by; reveal.js takes it from the address.
MARGIN = 0.08

# Figures are drawn and fonts there before reveal.js lays out its pages; it waits for neither.
_READY = """async () => {
  await globalThis.lossbookPage?.ready;
  await document.fonts.ready;
  await new Promise((done) => setTimeout(done, 500));
  return Reveal.isReady() && document.querySelectorAll(".pdf-page").length;
}"""


def print_deck(page: Path, output: Path) -> None:
    """Print a deck to a PDF file.

    Parameters
    ----------
    page : Path
        The built deck.
    output : Path
        Where the PDF goes.

    Raises
    ------
    RuntimeError
        If there is no Chromium, or the deck cannot be laid out.
    """
    with chromium_tab() as tab:
        tab.goto(page.resolve().as_uri() + f"?print-pdf&margin={MARGIN}")
        if not tab.evaluate(_READY):
            raise RuntimeError(f"{page.name} has no pages to print")
        tab.pdf(path=str(output), prefer_css_page_size=True, print_background=True, tagged=True)


def main() -> None:
    """Print what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("page", type=Path, help="a built deck, or the folder of all")
    arguments.add_argument("output", type=Path, help="the PDF, or the folder for all")
    chosen = arguments.parse_args()
    if not chosen.page.is_dir():
        print_deck(chosen.page, chosen.output)
        return
    chosen.output.mkdir(parents=True, exist_ok=True)
    for deck in sorted(chosen.page.glob("0*.html")):
        print_deck(deck, chosen.output / f"{deck.stem}.pdf")


if __name__ == "__main__":
    main()
