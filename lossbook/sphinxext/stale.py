"""Keeps outputs from going stale.

``jupyter-cache`` knows an executed notebook again by the notebook's code alone, and Sphinx reads a page again only if
the page's own file changed. Both miss a change in the package that the code calls. So each notebook has a fingerprint
of everything that it depends on, and where that differs from the fingerprint at its last execution, the cached outputs
are dropped and the page is read, that is executed, again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from jupyter_cache import get_cache
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from .imports import Dependencies

logger = logging.getLogger(__name__)

#: File in the folder of ``jupyter-cache``: path of a notebook -> its fingerprint when its cached outputs were made.
RECORD = "lossbook-fingerprints.json"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("env-get-outdated", _find_outdated)
    app.connect("env-updated", _remember)


def notebook_code(env: BuildEnvironment, docname: str) -> str | None:
    """Return the Python code of a page's cells, or None if the page has none."""
    path = Path(env.doc2path(docname))
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)  # type: ignore[attr-defined]
    if reader is None:
        return None
    transform = TransformerManager().transform_cell  # `%matplotlib inline` and the like become Python
    return "\n".join(transform(cell.source) for cell in reader.read(text).cells if cell.cell_type == "code")


def fingerprints(env: BuildEnvironment, package: Path) -> dict[str, str]:
    """Return the fingerprint of every notebook of the book."""
    dependencies = Dependencies(package)
    codes = {docname: notebook_code(env, docname) for docname in sorted(env.found_docs)}
    return {docname: dependencies.fingerprint(code) for docname, code in codes.items() if code is not None}


def drop_stale_records(folder: Path, current: dict[str, str]) -> None:
    """Remove from ``jupyter-cache`` all outputs but those made by what stands there now.

    Parameters
    ----------
    folder : Path
        Folder of the cache.
    current : dict
        Path of each notebook and its fingerprint.
    """
    known: dict[str, str] = {}
    if (folder / RECORD).exists():
        known = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    if folder.exists():
        cache = get_cache(str(folder))
        for record in cache.list_cache_records():
            if known.get(record.uri) is None or known[record.uri] != current.get(record.uri):
                cache.remove_cache(record.pk)
    # Written only after the records are gone: a build that is stopped in between removes them next time.
    if known != current:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECORD).write_text(json.dumps(current, indent=1, sort_keys=True), encoding="utf-8")


def _find_outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    current = fingerprints(env, Path(__file__).parents[1])
    app.lossbook_fingerprints = current  # type: ignore[attr-defined]
    config: Any = env.mystnb_config  # type: ignore[attr-defined]
    if config.execution_mode == "cache":
        paths = {str(Path(env.doc2path(docname)).absolute()): mark for docname, mark in current.items()}
        drop_stale_records(Path(config.execution_cache_path), paths)
    before: dict[str, str] = getattr(env, "lossbook_fingerprints", {})
    outdated = {docname for docname, mark in current.items() if before.get(docname) != mark} - added - changed
    for docname in sorted(outdated):
        logger.info("%s depends on code that has changed: it is executed again", docname)
    return sorted(outdated)


def _remember(app: Sphinx, env: BuildEnvironment) -> None:
    # Sphinx saves the environment together with the pages, and only if all of them could be read.
    env.lossbook_fingerprints = app.lossbook_fingerprints  # type: ignore[attr-defined]
