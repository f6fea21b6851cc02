"""What the lecture decks add to Sphinx: live figures and derivations called by name, minutes and notes, questions.

The decks are built by sphinx-revealjs from ``slides/``, with a configuration of their own that lists this extension.
Figures and derivations are made here, while a deck is read: no kernel runs, and nothing is stored that could go stale.
"""

from __future__ import annotations

import html
import importlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from ipywidgets.embed import dependency_state, embed_data
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx_revealjs.nodes import revealjs_section
from traitlets import TraitError

from ..derivations.derivation import Derivation
from ..live import Figure
from .figurelinks import STATE, setup_links
from .house import HOST
from .steps import table_of
from .widgets import STATE_MIMETYPE, VIEW_MIMETYPE

_PACKAGE = Path(__file__).parents[1]
#: How many times larger than in a page a figure may be shown; deck.css has a rule for each.
ZOOMS = tuple(f"{percent / 100:g}" for percent in range(100, 205, 5))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("live", LiveFigure)
    app.add_directive("derivation", StepByStep)
    app.add_directive("notes", Notes)
    app.add_directive("ask", Ask)
    app.connect("config-inited", lambda app, config: config.revealjs_static_path.extend([str(HOST), str(STATE)]))
    setup_links(app)
    app.connect("doctree-read", _embed_state)
    app.connect("html-page-context", _add_host)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def called(room: str, name: str) -> Any:
    """Return what a function of the package makes.

    Parameters
    ----------
    room : str
        ``"figures"`` or ``"derivations"``.
    name : str
        Module and function, as in ``"likelihood.two_readings"``.

    Raises
    ------
    ValueError
        If there is no such function.
    """
    module, _, function = name.partition(".")
    try:
        return getattr(importlib.import_module(f"lossbook.{room}.{module}"), function)()
    except (ModuleNotFoundError, AttributeError) as error:
        raise ValueError(f"there is no {name!r} in lossbook.{room}: {error}") from error


@cache
def _sources() -> tuple[str, ...]:
    # Of all that a figure or a derivation may come from: where one of these changes, decks are read again.
    rooms = ("figures", "derivations", "symbolic", "live")
    return tuple(str(path) for room in rooms for path in sorted((_PACKAGE / room).iterdir()) if path.is_file())


class _FromPackage(SphinxDirective):
    """A directive that calls a function of the package by name."""

    required_arguments = 1
    room: ClassVar[str]

    def make(self) -> Any:
        for path in _sources():
            self.env.note_dependency(path)
        try:
            return called(self.room, self.arguments[0])
        except ValueError as error:
            raise self.error(str(error)) from error


class LiveFigure(_FromPackage):
    """``{live} likelihood.two_readings``: a live figure of the book.

    Options: ``zoom``, how many times larger than in a page it is shown; ``start``, values that its parameters start
    with on this slide, as in ``theta=0.3 noise=of two words``; ``panels``, the numbers, from 1, of those that are
    shown in place of all; ``formula``, to show the figure's formula; ``ask``, to ask what the figure asks before it
    shows. Panels that have a row of their own in a page stand beside the others here: a screen is wide and not high.
    """

    room = "figures"
    option_spec: ClassVar[dict[str, Any]] = {
        "zoom": lambda said: directives.choice(said, ZOOMS),
        "start": directives.unchanged,
        "panels": directives.positive_int_list,
        "formula": directives.flag,
        "ask": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return a mark that the script of the page finds."""
        figure: Figure = self.make()
        spec = dict(figure.spec)
        if "ask" not in self.options:
            spec["controls"] = _answered(figure)
        if "formula" not in self.options:
            spec["formulas"] = []
        # Values may hold spaces: a new setting begins with a name and its sign.
        for setting in filter(None, re.split(r"\s+(?=\w+=)", self.options.get("start", ""))):
            name, _, value = setting.partition("=")
            if name not in figure.parameters:
                raise self.error(f"{self.arguments[0]} has no parameter {name!r}, only {', '.join(figure.parameters)}")
            default = getattr(figure, name)
            try:
                setattr(figure, name, value if isinstance(default, str) else type(default)(json.loads(value)))
            except (TraitError, ValueError) as error:
                raise self.error(f"{self.arguments[0]}: {setting!r} cannot be set: {error}") from error
        view = json.dumps({"version_major": 2, "version_minor": 0, "model_id": figure.model_id})
        panels = [_narrow(panel) for panel in figure.spec["panels"]]
        shown = self.options.get("panels", range(1, len(panels) + 1))
        if max(shown) > len(panels):
            raise self.error(f"{self.arguments[0]} has {len(panels)} panels, not {max(shown)}")
        figure.spec = {**spec, "panels": [panels[number - 1] for number in shown]}
        zoom = round(100 * float(self.options.get("zoom", "1.3")))
        # A finger that drags a point does not turn the slide.
        name = html.escape(figure.name)
        opening = f'<div class="lossbook-figure zoom-{zoom}" data-figure="{name}" data-prevent-swipe>'
        mark = nodes.raw("", f'{opening}<script type="{VIEW_MIMETYPE}">{view}</script></div>', format="html")
        # Sphinx keeps the document on disk, and widgets cannot be written there: their state can.
        mark["lossbook_state"] = embed_data(views=[figure], state=dependency_state([figure], drop_defaults=False))[
            "manager_state"
        ]["state"]
        return [mark]


def _answered(figure: Figure) -> list[dict[str, Any]]:
    """Give the figure's questions their answers, and return its controls without them."""
    controls = figure.spec["controls"]
    for question in (control for control in controls if control["kind"] == "predict"):
        values = figure.values()
        for name, value in [(name, figure.number(rule, values)) for name, rule in question["sets"]]:
            setattr(figure, name, type(getattr(figure, name))(value))
    return [control for control in controls if control["kind"] != "predict"]


def _narrow(panel: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in panel.items() if key != "wide"}


def _embed_state(app: Sphinx, doctree: nodes.document) -> None:
    """Put the state of all widgets into the deck, once: figures share the engine."""
    state: dict[str, Any] = {}
    for mark in doctree.findall(nodes.raw):
        state |= mark.attributes.pop("lossbook_state", {})
    if state:
        document = json.dumps({"version_major": 2, "version_minor": 0, "state": state}).replace("</", "<\\/")
        doctree["lossbook_state"] = f'<script type="{STATE_MIMETYPE}">{document}</script>'


def _add_host(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    state = doctree.get("lossbook_state") if doctree is not None else None
    if state:
        context["body"] += state
        app.add_js_file(HOST.name, defer="defer")


class StepByStep(_FromPackage):
    """``{derivation} likelihood.coin_maximum``: a derivation that unfolds, a line at each step."""

    room = "derivations"
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Return a table with a line for each step."""
        derivation: Derivation = self.make()
        return [table_of(derivation.rows(), self.options.get("class", ()), unfolds=True)]


class Notes(SphinxDirective):
    """``{notes} 3``: what the speaker sees, and for how many minutes the slide stands."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the aside that reveal.js shows in its speaker view, and the time for its clock."""
        minutes = float(self.arguments[0])
        notes = nodes.container(classes=["notes"])
        notes += nodes.paragraph("", f"{self.arguments[0]} min")
        # A line for each sentence: a speaker finds the next one at a glance.
        lines = StringList([part for line in self.content for part in (line, "")], source=self.get_source_info()[0])
        self.state.nested_parse(lines, self.content_offset, notes)
        timing = revealjs_section()
        timing["data-timing"] = round(60 * minutes)
        return [
            timing,
            nodes.raw("", '<aside class="notes">', format="html"),
            *notes.children,
            nodes.raw("", "</aside>", format="html"),
        ]


class Ask(SphinxDirective):
    """``{ask}``: a question to the class, which stands out."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Return a box."""
        box = nodes.container(classes=["ask", *self.options.get("class", [])])
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]
