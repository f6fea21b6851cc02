"""Leaves the solutions of the exercises out of the book, for a class: ``make book SOLUTIONS=no``.

They are taken out of the source before anything reads it, so that neither page nor search index nor download has them.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

# A directive of MyST from its fence to the next fence of the same length.
_SOLUTION = re.compile(r"^(?P<fence>`{3,}|:{3,})\{solution\}.*?^(?P=fence)[ \t]*$\n?", re.MULTILINE | re.DOTALL)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    # Part of the environment: where it changes, every page is read again.
    app.add_config_value("lossbook_solutions", True, "env", [bool])
    app.connect("config-inited", _ask_environment)
    app.connect("source-read", _strip_source)
    app.connect("build-finished", _strip_downloads)


def without_solutions(text: str) -> str:
    r"""Return Markdown without its ``{solution}`` directives.

    Parameters
    ----------
    text : str
        Of a page or of a notebook's cell.

    Examples
    --------
    >>> fence = "`" * 3
    >>> without_solutions(f"Before.\n{fence}{{solution}} sum\n2\n{fence}\nAfter.")
    'Before.\nAfter.'
    """
    return _SOLUTION.sub("", text)


def notebook_without_solutions(text: str) -> str:
    """Return a notebook's JSON without solutions in its Markdown cells.

    Parameters
    ----------
    text : str
        The notebook's file.
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = without_solutions("".join(cell["source"])).splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _ask_environment(app: Sphinx, config: Config) -> None:
    # The command line of jupyter-book cannot set a value of Sphinx, so the environment does.
    config.lossbook_solutions = os.environ.get("SOLUTIONS", "yes") != "no"


def _stripped(path: Path, text: str) -> str:
    return notebook_without_solutions(text) if path.suffix == ".ipynb" else without_solutions(text)


def _strip_source(app: Sphinx, docname: str, source: list[str]) -> None:
    if not app.config.lossbook_solutions:
        source[0] = _stripped(Path(app.env.doc2path(docname)), source[0])


def _strip_downloads(app: Sphinx, error: Exception | None) -> None:
    """Sphinx copies the sources for the download button from disk, so they are stripped once more."""
    if error is None and not app.config.lossbook_solutions:
        for path in Path(app.outdir, "_sources").rglob("*"):
            if path.is_file():
                path.write_text(_stripped(path, path.read_text(encoding="utf-8")), encoding="utf-8")
