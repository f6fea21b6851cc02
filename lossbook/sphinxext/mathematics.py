"""Sets formulas as MathML while the book is built: a page needs no script for them, and is complete at once.

The font is STIX Two Math, of which a page is given the glyphs that the book's formulas use.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

#: The name that `html_math_renderer` in the settings calls it by.
RENDERER = "mathml"
FONT = "stix-two-math.woff2"
STYLE = Path(__file__).with_name("mathematics.css")
# Lines without an environment of their own are set one under the other.
_LINES = re.compile(r"\\\\")
_ENVIRONMENT = re.compile(r"\\begin\{")
_FORMULA = re.compile(r"<math.*?</math>", re.S)
_LETTER = re.compile(r"<mi>(.)</mi>")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer(RENDERER, (_visit_inline, None), (_visit_displayed, None))
    app.connect("config-inited", _serve_style)
    app.connect("html-page-context", _add_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mathml(tex: str, displayed: bool = False) -> str:
    r"""Return a formula as MathML.

    Parameters
    ----------
    tex : str
        LaTeX, without dollars. Lines that ``\\`` separates are aligned at their ``&``.
    displayed : bool
        Whether it stands by itself, not within a line.

    Raises
    ------
    math_core.LatexError
        If it cannot be read.
    """
    if _LINES.search(tex) and not _ENVIRONMENT.search(tex):
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return _converter().convert_with_local_state(tex, displaystyle=displayed)


def font_for(pages: list[str]) -> set[str]:
    """Return the code points, in hexadecimal, that the formulas of HTML pages need.

    Browsers show a single letter by itself as the italic letter of mathematics, which has a code point of its own.
    """
    found: set[str] = set()
    for page in pages:
        for formula in _FORMULA.findall(page):
            found |= set(re.sub(r"<[^>]*>", "", formula))
    letters = {letter for page in pages for formula in _FORMULA.findall(page) for letter in _LETTER.findall(formula)}
    return {f"{ord(character):x}" for character in found | {_italic(letter) for letter in letters}}


def font_file() -> Path:
    """Return the whole font, from the wheel of ziamath."""
    spec = find_spec("ziamath")  # its drawing is not needed, nor imported
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).with_name("fonts") / "STIXTwoMath-Regular.ttf"


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML()


def _italic(letter: str) -> str:
    """Return the italic letter of mathematics for a Latin or Greek letter, any other as it is."""
    if letter == "h":
        return "\u210e"  # Planck's constant took its place
    for first, last, italic in (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2), ("α", "ω", 0x1D6FC)):  # noqa: RUF001
        if first <= letter <= last:
            return chr(italic + ord(letter) - ord(first))
    special = {"∂": 0x1D715, "ϵ": 0x1D716, "ϑ": 0x1D717, "ϰ": 0x1D718, "ϕ": 0x1D719, "ϱ": 0x1D71A, "ϖ": 0x1D71B}
    return chr(special[letter]) if letter in special else letter


def _set(node: nodes.Element, displayed: bool) -> str:
    try:
        return mathml(node.astext().strip(), displayed)
    except LatexError as error:
        logger.warning("the formula %r cannot be set: %s", node.astext(), error, location=node)
        return ""


def _visit_inline(self: Any, node: nodes.Element) -> None:
    self.body.append(f'<span class="math notranslate nohighlight">{_set(node, displayed=False)}</span>')
    raise nodes.SkipNode


def _visit_displayed(self: Any, node: nodes.Element) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    self.body.append(_set(node, displayed=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _serve_style(app: Sphinx, config: Any) -> None:
    config.html_static_path = [*config.html_static_path, str(STYLE)]


def _add_style(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "<math" in context.get("body", ""):
        app.add_css_file(STYLE.name)
