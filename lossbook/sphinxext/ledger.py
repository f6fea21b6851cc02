"""The directive ``claims-ledger``: a table of all claims of the book, with their values and places."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import NoUri
from sphinx.util.docutils import SphinxDirective

from ..pages.claims import FALSE

_COLUMNS = {"Claim": 46, "Measured": 18, "Expected": 18, "Tolerance": 18}


class claims_ledger(nodes.General, nodes.Element):  # noqa: N801 - docutils writes node classes like this
    """Stands where the ledger is put once all pages are read."""


class ClaimsLedger(SphinxDirective):
    """``claims-ledger``, without arguments."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark."""
        _ledgers(self.env).add(self.env.docname)
        return [claims_ledger()]


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    # Replaced in every format before a writer could meet it.
    app.add_node(claims_ledger)
    app.add_directive("claims-ledger", ClaimsLedger)
    app.connect("doctree-read", _collect)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", _changed_ledgers)
    app.connect("doctree-resolved", _fill)


def false_claims(env: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the claims that do not hold, each after its page, in the order of the book."""
    for docname in _reading_order(env):
        for claim in _claims(env)[docname]:
            if not claim["holds"]:
                yield docname, claim


def _claims(env: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the claims by page."""
    if not hasattr(env, "lossbook_claims"):
        env.lossbook_claims = {}
    return env.lossbook_claims


def _ledgers(env: Any) -> set[str]:
    """Return the pages that show the ledger."""
    if not hasattr(env, "lossbook_ledgers"):
        env.lossbook_ledgers = set()
    return env.lossbook_ledgers


def _collect(app: Sphinx, doctree: nodes.document) -> None:
    found = [
        {**node["lossbook_claim"], "id": node["ids"][0]}
        for node in doctree.findall(nodes.container)
        if "lossbook_claim" in node
    ]
    if found:
        _claims(app.env)[app.env.docname] = found


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _claims(env).pop(docname, None)
    _ledgers(env).discard(docname)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    read = set(docnames)
    _claims(env).update({docname: found for docname, found in _claims(other).items() if docname in read})
    _ledgers(env).update(_ledgers(other) & read)


def _changed_ledgers(app: Sphinx, env: Any) -> list[str]:
    """Name the ledger's page to be written again where a claim, or the title of its page, has changed."""
    state = json.dumps([[docname, _title(env, docname), _claims(env)[docname]] for docname in _reading_order(env)])
    if getattr(env, "lossbook_ledger_state", None) == state:
        return []
    env.lossbook_ledger_state = state
    return sorted(_ledgers(env))


def _reading_order(env: BuildEnvironment) -> Iterator[str]:
    """Yield the pages with claims in the order of the table of contents."""
    seen: set[str] = set()
    waiting = [env.config.root_doc]
    while waiting:
        docname = waiting.pop()
        if docname in seen:
            continue
        seen.add(docname)
        if docname in _claims(env):
            yield docname
        waiting += reversed(env.toctree_includes.get(docname, []))
    yield from sorted(_claims(env).keys() - seen)


def _title(env: BuildEnvironment, docname: str) -> str:
    return env.titles[docname].astext() if docname in env.titles else docname


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for mark in list(doctree.findall(claims_ledger)):
        mark.replace_self(_ledger(app, docname))


def _ledger(app: Sphinx, here: str) -> list[nodes.Node]:
    order = list(_reading_order(app.env))
    count = sum(len(_claims(app.env)[docname]) for docname in order)
    content: list[nodes.Node] = [nodes.paragraph("", f"Claims checked when this book was built: {count}.")]
    if false := len(list(false_claims(app.env))):
        content.append(nodes.paragraph("", f"Claims that do not hold here: {false}.", classes=[FALSE]))
    for docname in order:
        content.append(nodes.rubric("", _title(app.env, docname)))
        content.append(_table(app, here, docname))
    return content


def _table(app: Sphinx, here: str, docname: str) -> nodes.table:
    body = nodes.tbody()
    for claim in _claims(app.env)[docname]:
        link: nodes.Node = nodes.Text(claim["statement"])
        try:
            address = app.builder.get_relative_uri(here, docname)
            link = nodes.reference("", claim["statement"], internal=True, refuri=f"{address}#{claim['id']}")
        except NoUri:
            pass  # an output format without links shows the statement alone
        values = [nodes.Text(claim[key]) for key in ("measured", "expected", "tolerance")]
        body += _row([link, *values], [] if claim["holds"] else [FALSE])
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in _COLUMNS.values()), cols=len(_COLUMNS))
    group += nodes.thead("", _row([nodes.Text(title) for title in _COLUMNS]))
    group += body
    return nodes.table("", group, classes=["lossbook-ledger", "colwidths-given"])


def _row(cells: list[nodes.Node], classes: Iterable[str] = ()) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells), classes=list(classes))
