"""Brings the lecture decks with the book: builds them beside it and links to them from their chapters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

logger = logging.getLogger(__name__)

#: Folder of the decks' sources, and of the decks in the built book.
FOLDER = "slides"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("html-page-context", _link)
    app.connect("build-finished", _build)


def _link(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    name = page.rpartition("/")[2]
    if app.builder.name == "html" and Path(app.srcdir, FOLDER, f"{name}.md").exists():
        address = relative_uri(f"{page}.html", f"{FOLDER}/{name}.html")
        link = f'<p class="lossbook-deck"><a href="{address}">Slides for a lecture on this chapter</a></p>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{link}", 1)


def _build(app: Sphinx, error: Exception | None) -> None:
    """Build the decks as ``make slides`` does; a warning there is an error where the book's own warnings are."""
    if error is not None or app.builder.name != "html" or not Path(app.srcdir, FOLDER, "conf.py").exists():
        return
    # A process of its own: extensions of Sphinx register themselves in ways that two builds cannot share.
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "--keep-going", "-b", "revealjs"]
    strict = ["-W"] if app.warningiserror else []
    cache, source, output = Path(app.outdir).parent / ".slides", Path(app.srcdir, FOLDER), Path(app.outdir, FOLDER)
    done = subprocess.run(
        [*command, *strict, "-d", str(cache), str(source), str(output)], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).strip()
    if done.returncode:
        raise ExtensionError(f"the lecture decks could not be built:\n{said}")
    if said:
        logger.warning("the lecture decks: %s", said)
