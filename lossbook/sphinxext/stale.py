"""Knows what each notebook's outputs depend on, so that none go stale.

``jupyter-cache`` knows an executed notebook again by the notebook's code alone, and Sphinx reads a page again only if
the page's own file changed. Both miss a change in the package that the code calls. So each notebook has a fingerprint
of everything that it depends on. It is part of the key under which outputs are kept (`outputs`), and where it differs
from the fingerprint at the last build, the page is read again.
"""

from __future__ import annotations

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from .fingerprints import Fingerprints
from .insides import page_as_notebook

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("env-get-outdated", _find_outdated)
    app.connect("env-updated", _remember)


def read_notebook(env: BuildEnvironment, docname: str) -> NotebookNode | None:
    """Return a page as a notebook, or None if it is none."""
    return page_as_notebook(env.doc2path(docname), env)


def code_of(notebook: NotebookNode) -> str:
    """Return the Python code of a notebook's cells."""
    transform = TransformerManager().transform_cell  # `%matplotlib inline` and the like become Python
    return "\n".join(transform(cell.source) for cell in notebook.cells if cell.cell_type == "code")


def _fingerprints(env: BuildEnvironment) -> dict[str, str]:
    """Return the fingerprint of every notebook of the book."""
    package = Fingerprints()
    notebooks = {docname: read_notebook(env, docname) for docname in sorted(env.found_docs)}
    return {
        docname: package.fingerprint(code_of(notebook))
        for docname, notebook in notebooks.items()
        if notebook is not None
    }


def _find_outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    current = _fingerprints(env)
    app.lossbook_fingerprints = current  # type: ignore[attr-defined]
    before: dict[str, str] = getattr(env, "lossbook_fingerprints", {})
    outdated = {docname for docname, mark in current.items() if before.get(docname) != mark} - added - changed
    for docname in sorted(outdated):
        logger.info("%s depends on code that has changed", docname)
    return sorted(outdated)


def _remember(app: Sphinx, env: BuildEnvironment) -> None:
    # Sphinx saves the environment together with the pages, and only if all of them could be read.
    env.lossbook_fingerprints = app.lossbook_fingerprints  # type: ignore[attr-defined]
