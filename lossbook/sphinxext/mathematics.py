"""Sets formulas as MathML while the book is built: a page needs no script for them, and is complete at once.

The font is STIX Two Math, of which a page is given the glyphs that the book's formulas use.
"""

from __future__ import annotations

import re
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from math_core import LatexError
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from ..symbolic.mathml import mathml

logger = logging.getLogger(__name__)

#: The name that `html_math_renderer` in the settings calls it by.
RENDERER = "mathml"
FONT = "stix-two-math.woff2"
#: A second one, in which letters have the form that they have in formulas: for symbols in prose and in figures.
SYMBOLS_FONT = "symbols.woff2"
STYLE = Path(__file__).with_name("mathematics.css")
_FORMULA = re.compile(r"<math.*?</math>", re.S)
_LETTER = re.compile(r"<mi[^>]*>(.)</mi>")
# In the state of a widget formulas are text within JSON.
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer(RENDERER, (_visit_inline, None), (_visit_displayed, None))
    app.connect("config-inited", _serve_style)
    app.connect("html-page-context", _add_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def font_for(pages: list[str]) -> set[str]:
    """Return the code points, in hexadecimal, that the formulas of HTML pages need.

    Browsers show a single letter by itself as the italic letter of mathematics, which has a code point of its own; the
    sign of a root is an element, not a character.
    """
    plain = (_ESCAPED.sub(lambda code: chr(int(code[1], 16)), page.replace("<\\/", "</")) for page in pages)
    formulas = [formula for page in plain for formula in _FORMULA.findall(page)]
    found = {character for formula in formulas for character in unescape(re.sub(r"<[^>]*>", "", formula))}
    found |= {_italic(letter) for formula in formulas for letter in _LETTER.findall(formula)}
    if any("<msqrt" in formula or "<mroot" in formula for formula in formulas):
        found.add("√")
    return {f"{ord(character):x}" for character in found}


def font_file() -> Path:
    """Return the whole font, from the wheel of ziamath."""
    spec = find_spec("ziamath")  # its drawing is not needed, nor imported
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).with_name("fonts") / "STIXTwoMath-Regular.ttf"


def _italic(letter: str) -> str:
    """Return the italic letter of mathematics for a Latin or Greek letter, any other as it is."""
    if letter == "h":
        return "\u210e"  # Planck's constant took its place
    for first, last, italic in (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2), ("α", "ω", 0x1D6FC)):  # noqa: RUF001
        if first <= letter <= last:
            return chr(italic + ord(letter) - ord(first))
    special = {"∂": 0x1D715, "ϵ": 0x1D716, "ϑ": 0x1D717, "ϰ": 0x1D718, "ϕ": 0x1D719, "ϱ": 0x1D71A, "ϖ": 0x1D71B}
    return chr(special[letter]) if letter in special else letter


#: What the second font holds, and the character that each is drawn as; µ may be the sign of a millionth.
SYMBOLS = {
    f"{ord(letter):x}": f"{ord(_italic(drawn)):x}"
    for letter, drawn in [
        *((letter, letter) for letter in map(chr, [*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x3B1, 0x3CA)])),
        *((letter, letter) for letter in "ϵϕ\u0302"),
        ("\u00b5", "μ"),
    ]
}


def _set(node: nodes.Element, displayed: bool) -> str:
    try:
        return mathml(node.astext().strip(), displayed)
    except (LatexError, ValueError) as error:
        logger.warning("the formula %r cannot be set: %s", node.astext(), error, location=node)
        return ""


def _visit_inline(self: Any, node: nodes.Element) -> None:
    self.body.append(f'<span class="math notranslate nohighlight">{_set(node, displayed=False)}</span>')
    raise nodes.SkipNode


def _visit_displayed(self: Any, node: nodes.Element) -> None:
    # The keyboard reaches a formula of a page, which scrolls where it is too long; on a slide nothing scrolls.
    reached = {} if self.builder.name == "revealjs" else {"tabindex": "0"}
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight", **reached))
    self.body.append(_set(node, displayed=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _serve_style(app: Sphinx, config: Any) -> None:
    for paths in ("html_static_path", "revealjs_static_path"):  # decks have their own
        if paths in config:
            config[paths] = [*config[paths], str(STYLE)]


def _add_style(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "<math" in context.get("body", ""):
        app.add_css_file(STYLE.name)
