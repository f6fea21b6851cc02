"""A derivation as rows of a page or a slide: left side, sign and right side, and why the step is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from ..derivations.derivation import CHECKED, DIGITS


class derivation(nodes.container):  # noqa: N801
    """A derivation of a page, which the keyboard reaches: on a narrow screen it scrolls where a line is too long."""


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_node(derivation, html=(_open, _close))


def _open(translator: Any, node: derivation) -> None:
    translator.body.append(translator.starttag(node, "div", tabindex="0"))


def _close(translator: Any, node: derivation) -> None:
    translator.body.append("</div>\n")


def table_of(rows: Sequence[dict[str, str]], classes: Sequence[str] = (), unfolds: bool = False) -> nodes.container:
    """Return a table with a line for each row.

    Parameters
    ----------
    rows : sequence of dict
        Each has ``left``, ``right``, ``how`` and ``reason``, as `Derivation.rows` gives them.
    classes : sequence of str
        More classes of the table.
    unfolds : bool
        Whether the lines after the first appear one by one, on a slide.
    """
    table = (nodes.container if unfolds else derivation)(classes=["derivation", *classes])
    for number, row in enumerate(rows):
        line = nodes.container(classes=["line", *(["fragment"] if number and unfolds else [])])
        for kind in ("left", "right"):
            cell = nodes.container(classes=[kind])
            if row[kind]:
                cell += nodes.math("", rf"\displaystyle {row[kind]}")
            line += cell
        line += _reason(row)
        table += line
    return table


def _reason(row: dict[str, Any]) -> nodes.container:
    reason = nodes.container(classes=["reason"])
    if row["how"]:
        reason += nodes.Text("✔ ")
        if row["how"] == CHECKED:
            reason += [nodes.subscript("", str(DIGITS)), nodes.Text(" ")]
        # Words as words, so that a long reason breaks; formulas stand between dollars.
        for place, part in enumerate(row["reason"].split("$")):
            reason += nodes.math("", part) if place % 2 else nodes.Text(part)
    return reason
