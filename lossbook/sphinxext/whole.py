"""Leaves whole pages or none, however a build ends.

Sphinx writes a page into its place, so a build that is interrupted, or a disk that is full, would leave half of it
behind, and the next build would take it for new. Here a page is written beside its place and moved there. Whether
everything else was written, no file can tell alone; so while pages are read and written there is a mark, and a build
that finds one begins anew. Executed notebooks are kept: `outputs` sees to them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from .insides import write_pages_with

logger = logging.getLogger(__name__)

#: Stands in the folder of the doctrees while a build writes.
MARK = "unfinished"
#: Where MyST-NB writes the pictures of outputs, beside the pages; one that is there it takes for whole.
_PICTURES = "jupyter_execute"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    # Before the environment of the last build is loaded.
    app.connect("config-inited", _begin_anew)
    # After notebooks are executed, which takes the longest and writes nothing here.
    app.connect("env-before-read-docs", _mark, priority=900)
    app.connect("build-finished", _unmark, priority=999)
    write_pages_with(whole)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@contextmanager
def whole(path: str, mode: str = "r", **options: Any) -> Iterator[IO[Any]]:
    """Open a file as Python's own ``open`` does; one that is written appears in its place when it is whole.

    Parameters
    ----------
    path : str
        Of the file.
    mode : str
        As for ``open``.
    **options
        As for ``open``.

    Raises
    ------
    ExtensionError
        If it cannot be written: Sphinx would only warn of it.
    """
    if "w" not in mode:
        with open(path, mode, **options) as file:
            yield file
        return
    beside = f"{path}.part"
    try:
        with open(beside, mode, **options) as file:
            yield file
        os.replace(beside, path)
    except OSError as error:
        raise ExtensionError(f"{path} cannot be written: {error.strerror}", error) from error


def _begin_anew(app: Sphinx, config: Config) -> None:
    if Path(app.doctreedir, MARK).exists():
        logger.info("the last build did not finish: all pages are made anew")
        shutil.rmtree(app.doctreedir)
        Path(app.doctreedir).mkdir(parents=True)
        shutil.rmtree(Path(app.outdir).parent / _PICTURES, ignore_errors=True)


def _mark(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if docnames:
        logger.info("pages to make: %d", len(docnames))
    Path(app.doctreedir, MARK).touch()


def _unmark(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        Path(app.doctreedir, MARK).unlink(missing_ok=True)
