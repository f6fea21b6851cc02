"""Prints the cheat sheet of the built book as a PDF: ``make sheet``; its page brings a style for paper."""

from __future__ import annotations

import argparse
from pathlib import Path

from .chromium import chromium_tab


def print_sheet(page: Path, output: Path) -> None:
    """Print the cheat sheet to a PDF file.

    Parameters
    ----------
    page : Path
        ``chapters/sheet.html`` of the built book.
    output : Path
        Where the PDF goes.

    Raises
    ------
    RuntimeError
        If there is no Chromium.
    """
    with chromium_tab() as tab:
        tab.goto(page.resolve().as_uri())
        tab.evaluate("document.fonts.ready.then(() => true)")
        tab.pdf(path=str(output), prefer_css_page_size=True, print_background=True, tagged=True)


def main() -> None:
    """Print what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("page", type=Path)
    arguments.add_argument("output", type=Path)
    chosen = arguments.parse_args()
    print_sheet(chosen.page, chosen.output)


if __name__ == "__main__":
    main()
