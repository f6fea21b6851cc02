"""Words that move a figure: numbers that can be dragged, and links that set it.

- ``{scrub}`bounded s 1.00` `` is a number that moves the slider ``s`` of the figure ``bounded`` of the same page. It is
  the slider's value at the start, which is what stands there without a script.
- ``{set}`coin N=100` `` prints "N = 100" and leads to the figure, wherever in the book it stands, with this value.
  With words of its own: ``{set}`a hundred tosses <coin N=100 k=70>` ``. Values with blanks stand in quotation marks.
"""

from __future__ import annotations

import re
import shlex
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

#: The script that lets readers drag the numbers.
SCRIPT = Path(__file__).with_name("scrub.js")
#: Class of such a number.
NUMBER = "lossbook-scrub"
#: The script for links to a figure in a certain state, and the class of such a link on a slide.
STATE, SET = Path(__file__).with_name("state.js"), "lossbook-set"
_WITH_WORDS = re.compile(r"(.+?)\s*<([^<>]+)>", re.S)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_role("scrub", _Scrub())
    setup_links(app)
    app.add_node(Scrub, html=(_visit, _depart))
    app.add_node(Setting, html=(_open_setting, _depart))
    app.connect("html-page-context", _add_script)


def setup_links(app: Sphinx) -> None:
    """Register what decks have, too: links that set a figure."""
    app.add_role("set", _Set())
    app.add_js_file(STATE.name, loading_method="defer")


def address_of(name: str) -> str:
    """Return the address within a page of the figure that a function of this name makes."""
    return f"figure-{nodes.make_id(name)}"


class Scrub(nodes.inline):
    """A number that moves a slider."""


class Setting(nodes.inline):
    """A link to a figure, which gets the values that the attribute ``values`` holds."""


class _Scrub(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number, marked for the script."""
        try:
            figure, parameter, text = self.text.split()
        except ValueError:
            return _refused(self, f"{{scrub}} wants a figure, a slider and its value, not {self.text!r}")
        return [Scrub("", text, figure=figure, parameter=parameter)], []


class _Set(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link, whose place Sphinx finds."""
        with_words = _WITH_WORDS.fullmatch(self.text)
        figure, *settings = shlex.split(with_words[2] if with_words else self.text)
        values = [setting.partition("=")[::2] for setting in settings]
        if not values or not all(name.isidentifier() and value for name, value in values):
            return _refused(self, f"{{set}} wants a figure and values such as N=100, not {self.text!r}")
        words = with_words[1] if with_words else ", ".join(f"{name} = {value}" for name, value in values)
        if self.env.app.builder.name == "revealjs":  # the address of a deck says which slide is shown
            marks = f'data-figure="{escape(figure)}" data-values="{escape(urlencode(values))}"'
            button = f'<button type="button" class="{SET}" {marks}>{escape(words)}</button>'
            return [nodes.raw("", button, format="html")], []
        link = addnodes.pending_xref(
            "", nodes.inline("", words), refdomain="std", reftype="ref", refexplicit=True, refwarn=True,
            reftarget=address_of(figure), refdoc=self.env.docname,
        )  # fmt: skip
        return [Setting("", "", link, values=values)], []


def _refused(role: SphinxRole, why: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    message = role.inliner.reporter.error(why, line=role.lineno)
    return [role.inliner.problematic(role.rawtext, role.rawtext, message)], [message]


def _open_setting(self: Any, node: Setting) -> None:
    marks = {"data-values": urlencode(node["values"])}
    self.body.append(self.starttag(node, "span", "", CLASS="lossbook-setting", **marks))


def _visit(self: Any, node: Scrub) -> None:
    marks = {"data-figure": node["figure"], "data-parameter": node["parameter"]}
    self.body.append(self.starttag(node, "span", "", CLASS=NUMBER, **marks))


def _depart(self: Any, node: Scrub) -> None:
    self.body.append("</span>")


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if NUMBER in context.get("body", ""):
        app.add_js_file(SCRIPT.name, defer="defer")
