"""The role ``recorded``: what a record says, in pages and decks that have no cells.

``{recorded}`ring.few_modes minimax` `` becomes what `lossbook.experiments.findings.ring.few_modes` returns for the case
``"minimax"``, as text; the case may be left out where the function takes none.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx.application import Sphinx

from ..experiments.record import FOLDER, RecordError


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx: a part of the book, and an extension of the decks by itself."""
    app.add_role("recorded", _recorded)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _recorded(
    role: str, rawtext: str, text: str, lineno: int, inliner: Inliner, options: object = None, content: object = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    dotted, *case = text.split(maxsplit=1)
    name, _, finding = dotted.partition(".")
    try:
        module = import_module(f"lossbook.experiments.findings.{name}")
        found = getattr(module, finding)(*case)
    except (ImportError, AttributeError, KeyError, TypeError, RecordError) as problem:
        message = inliner.reporter.error(f"recorded: {text}: {problem}", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    # The page is made again when the record or what is read from it changes.
    environment = inliner.document.settings.env
    for path in (FOLDER / f"{name}.json", Path(str(module.__file__))):
        environment.note_dependency(str(path))
    return [nodes.inline(rawtext, str(found), classes=["lossbook-recorded"])], []
