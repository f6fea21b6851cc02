"""Finds the system's Chromium, which prints the PDFs and in which the tests read the book.

``python -m publishing.chromium`` says in one line what is missing, if something is.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

# The headless shell is the same browser without its windows, and takes a third less of the processor.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
HOW_TO_GET_ONE = (
    "This needs Chromium or Chrome: install it (Debian and Ubuntu: apt-get install chromium; "
    "macOS: brew install --cask chromium; Windows: Chrome itself) or name its program in the variable CHROMIUM"
)
#: Quiet, and alone on the machine: no sandbox where root runs it, no traffic of its own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_program() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    usual = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ]
    found = [shutil.which(name) for name in NAMES] + [path for path in usual if Path(path).exists()]
    return next(filter(None, found), None)


@contextmanager
def chromium_tab(width: int = 1280, height: int = 720) -> Iterator[Page]:
    """Open a tab of a Chromium that is closed afterwards.

    Parameters
    ----------
    width, height : int
        Of the window, in pixels.

    Raises
    ------
    RuntimeError
        If there is no Chromium.
    """
    program = chromium_program()
    if program is None:
        raise RuntimeError(HOW_TO_GET_ONE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        tab = chromium.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        tab.set_default_timeout(300_000)
        yield tab
        chromium.close()


def main() -> int:
    """Say what is missing; return 0 if nothing is."""
    if chromium_program():
        return 0
    named = os.environ.get("CHROMIUM")
    print(f"{HOW_TO_GET_ONE}{f' (it names {named!r}, which is no program)' if named else ''}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
