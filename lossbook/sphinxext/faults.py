"""Says what is wrong with a book that was built all the same: at the head of a page, and at the end of the build.

A claim that does not hold stands in red on its page and in the ledger; a notebook that could not be executed to its end
says so at the head of its page. Each of them is a warning as well, so ``-W`` makes an error of it, and without ``-W``
the build ends with status 1.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from ..pages.claims import compared
from .ledger import false_claims
from .outputs import Failure, failures

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("doctree-read", _head)
    # After all that is made at the end of a build: with -W the first warning ends it.
    app.connect("build-finished", _report, priority=950)


def _where(cell: int) -> str:
    return f"cell [{cell}]" if cell else "before its first cell"


def _head(app: Sphinx, doctree: nodes.document) -> None:
    """Put a box below the title of a page that could not be executed."""
    failure: Failure | None = failures(app.env).get(app.env.docname)
    if failure is None:
        return
    title = nodes.title("", "This page could not be executed to its end")
    what = nodes.paragraph("", f"It stopped in {_where(failure.cell)}: ")
    what += nodes.literal("", failure.error)
    what += nodes.Text(". What follows from there has no outputs.")
    advice = nodes.paragraph("", "All other pages are there. ", nodes.literal("", "make book"))
    advice += nodes.Text(" executes this one again; whoever gave you the book will want to know of it.")
    box = nodes.admonition("", title, what, advice, classes=["error", "lossbook-failure"])
    section = next(iter(doctree.findall(nodes.section)), None)
    if section is None:
        doctree.insert(0, box)
    else:
        section.insert(1, box)


def _report(app: Sphinx, error: Exception | None) -> None:
    if error is not None:
        return
    found = [(page, f"{_where(failed.cell)}: {failed.error}") for page, failed in sorted(failures(app.env).items())]
    for page, claim in false_claims(app.env):
        found.append((page, f"{_where(claim['cell'])}: “{claim['statement']}” does not hold here; {compared(claim)}"))
    for page, fault in found:
        logger.warning("%s, %s", page, fault, location=page, type="lossbook", subtype="fault")
    if found:
        app.statuscode = 1
