"""Brings the lecture decks with the book: builds them beside it and links to them from their chapters."""

from __future__ import annotations

import atexit
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from .fingerprints import ROOMS, Fingerprints
from .insides import below_title

logger = logging.getLogger(__name__)

#: Folder of the decks' sources, and of the decks in the built book.
FOLDER = "slides"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("html-page-context", _link)
    # Once the notebooks are executed: the pages are then read in one process, and another core is free.
    app.connect("env-before-read-docs", _begin, priority=950)
    app.connect("build-finished", _finish)


class Decks:
    """The decks, built in a process of their own: extensions register themselves in ways that two builds cannot share.

    Parameters
    ----------
    source, output : Path
        Folders.
    cache : Path
        Where Sphinx keeps what it has read.
    strict : bool
        Whether a warning is an error.
    """

    def __init__(self, source: Path, output: Path, cache: Path, strict: bool = False) -> None:
        self._sources = sorted(source.glob("*.md"))
        self._output = output
        self._record = cache / "made.txt"
        self._mark = _mark(source)
        self._process: subprocess.Popen[str] | None = None
        if self._made():
            return
        self._record.unlink(missing_ok=True)
        command = [sys.executable, "-m", "sphinx", "-q", "-n", "--keep-going", "-b", "revealjs", "-d", str(cache)]
        self._process = subprocess.Popen(
            [*command, *(["-W"] if strict else []), str(source), str(output)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        atexit.register(self.stop)

    def _made(self) -> bool:
        """Tell whether the decks are there, made from what stands there now."""
        pages = [self._output / f"{path.stem}.html" for path in self._sources]
        known = self._record.read_text(encoding="utf-8") if self._record.exists() else ""
        return known == self._mark and all(page.exists() for page in pages)

    def wait(self) -> tuple[bool, str]:
        """Wait until they are made; tell whether they are, and what was complained about."""
        if self._process is None:
            return True, ""
        said = self._process.communicate()[0].strip()
        if not said and self._process.returncode == 0:
            self._record.parent.mkdir(parents=True, exist_ok=True)
            self._record.write_text(self._mark, encoding="utf-8")
        return self._process.returncode == 0, said

    def stop(self) -> None:
        """End the process where it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def _mark(source: Path) -> str:
    """Return a short text that changes when the decks, or anything that they are made from, changes."""
    digest = hashlib.sha256(Fingerprints().fingerprint("\n".join(["import lossbook", *ROOMS])).encode())
    files = [path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files += Path(__file__).parent.glob("*.*")  # which make decks
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _link(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    name = page.rpartition("/")[2]
    if app.builder.name == "html" and Path(app.srcdir, FOLDER, f"{name}.md").exists():
        address = relative_uri(f"{page}.html", f"{FOLDER}/{name}.html")
        chapters = len(list(Path(app.srcdir, FOLDER).glob("0*.md")))
        what = f"Slides for {chapters} lectures" if page == app.config.root_doc else "Slides for this chapter"
        link = f'<p class="lossbook-deck"><a href="{address}">{what}</a></p>'
        context["body"] = below_title(context["body"], link)


def _begin(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if app.builder.name == "html" and Path(app.srcdir, FOLDER, "conf.py").exists():
        source, output, cache = Path(app.srcdir, FOLDER), Path(app.outdir, FOLDER), Path(app.outdir).parent / ".slides"
        app.lossbook_decks = Decks(source, output, cache, app.warningiserror)  # type: ignore[attr-defined]


def _finish(app: Sphinx, error: Exception | None) -> None:
    """Wait for the decks; a warning there is an error where the book's own warnings are."""
    decks: Decks | None = getattr(app, "lossbook_decks", None)
    if decks is None:
        return
    if error is not None:
        decks.stop()
        return
    made, said = decks.wait()
    if not made and app.warningiserror:
        raise ExtensionError(f"the lecture decks could not be built:\n{said}")
    if not made or said:
        app.statuscode = 1
        logger.warning("the lecture decks: %s", said)
