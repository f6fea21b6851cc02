"""Turn the outputs of claim() and of live figures into parts of a page; MyST-NB finds these by entry points."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.util import logging

from lossbook.derivations.derivation import DERIVATION_MIMETYPE
from lossbook.live.figure import FIGURE_MIMETYPE
from lossbook.live.text import split_names, split_symbols
from lossbook.pages.claims import CLAIM_MIMETYPE, FALSE, claim_line

from .insides import outputs_of
from .steps import table_of
from .widgets import VIEW_MIMETYPE

logger = logging.getLogger(__name__)

# Pages for a browser; every other output of Sphinx takes the picture that travels in the same bundle.
_HTML_BUILDERS = ("html", "dirhtml", "singlehtml")


def _content(data: MimeData) -> dict[str, Any]:
    content: Any = data.content
    return json.loads(content) if isinstance(content, (str, bytes)) else dict(content)


def _new_id(document: nodes.document, text: str) -> str:
    """Return an address made from a text that the page does not have yet."""
    slug = identifier = nodes.make_id(text)[:60].rstrip("-")
    number = 1
    while identifier in document.ids:
        number += 1
        identifier = f"{slug}-{number}"
    return identifier


class ClaimRenderer:
    """Shows a claim as one small line with an address of its own, and keeps its values for the ledger."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [("*", CLAIM_MIMETYPE, 1)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the line, or None for what is not a claim."""
        if data.mime_type != CLAIM_MIMETYPE:
            return None
        claim = _content(data)
        cell, _ = outputs_of(renderer, data.cell_index)
        classes = ["lossbook-claim"] if claim["holds"] else ["lossbook-claim", FALSE]
        line = nodes.container(classes=classes, ids=[], lossbook_claim={**claim, "cell": cell})
        # The address follows from the statement, so that links to it survive changes elsewhere in the page.
        identifier = _new_id(renderer.renderer.document, f"claim {claim['statement']}")
        line["ids"].append(identifier)
        renderer.renderer.document.ids[identifier] = line
        line += nodes.paragraph("", claim_line(claim))
        return [line]


def _tied(text: str, colors: dict[str, tuple[int, bool]]) -> Iterator[nodes.Node]:
    """Yield a text whose names are underlined as the figure draws them, and whose symbols look as they do there."""
    alike = {name[0].upper() + name[1:]: look for name, look in colors.items() if len(name) > 1} | colors
    for number, part in enumerate(split_names(text, colors)):
        words = [
            nodes.inline("", letters, classes=["lossbook-symbol"]) if place % 2 else nodes.Text(letters)
            for place, letters in enumerate(split_symbols(part))
        ]
        if number % 2:
            color, dashed = alike[part]
            yield nodes.inline("", "", *words, classes=["lossbook-ink", f"lb-c{color}", *["lb-dashed"] * dashed])
        else:
            yield from words


class FigureRenderer:
    """Shows a live figure: a mark that the script of the page finds, and the still picture without scripts."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [
        (builder, FIGURE_MIMETYPE, 1) for builder in _HTML_BUILDERS
    ]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the figure, or None for what is not one."""
        if data.mime_type != FIGURE_MIMETYPE:
            return None
        figure = _content(data)
        view = {"version_major": 2, "version_minor": 0, "model_id": figure["model_id"]}
        script = json.dumps(view).replace("</", "<\\/")
        still: list[nodes.Element] = [nodes.paragraph("", figure["alt"])]
        _, outputs = outputs_of(renderer, data.cell_index)
        png = outputs[data.output_index]["data"].get("image/png")
        if png is not None:  # else the notebook was executed where stills were not asked for
            still = renderer.render_image(MimeData("image/png", png, line=data.line))
            for picture in still:
                picture["alt"] = figure["alt"]
        still += [nodes.raw("", formula, format="html") for formula in figure["formulas"]]
        wide, narrow = figure["room"]
        # Raw around a true node, so that Sphinx copies the picture and sets its address as for any other.
        opening = (
            f'<div class="lossbook-figure" data-figure="{figure["name"]}" '
            f'style="--room:{wide}px;--narrow-room:{narrow}px">'
            f'<script type="{VIEW_MIMETYPE}">{script}</script><noscript>'
        )
        shown = [nodes.raw("", opening, format="html"), *still, nodes.raw("", "</noscript></div>", format="html")]
        if not figure["caption"]:
            logger.warning(
                "the figure %r has no caption", figure["name"], location=renderer.renderer.document["source"]
            )
            return shown
        identifier = _new_id(renderer.renderer.document, f"figure {figure['name']}")
        caption = nodes.caption("", "", *_tied(figure["caption"], figure["colors"]))
        numbered = nodes.figure("", *shown, caption, ids=[identifier])
        renderer.renderer.document.ids[identifier] = numbered
        env = renderer.renderer.sphinx_env
        # A name of Sphinx's own, so that {set} finds the figure from any page.
        env.get_domain("std").anonlabels[identifier] = (env.docname, identifier)
        env.get_domain("std").labels[identifier] = (env.docname, identifier, figure["caption"])
        return [numbered]


class DerivationRenderer:
    """Shows a derivation in rows, which fit a narrow screen: left side, right side, reason."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [
        (builder, DERIVATION_MIMETYPE, 1) for builder in _HTML_BUILDERS
    ]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the rows, or None for what is not a derivation."""
        return [table_of(_content(data)["rows"])] if data.mime_type == DERIVATION_MIMETYPE else None
