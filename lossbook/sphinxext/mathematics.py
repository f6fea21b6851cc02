"""Sets formulas as MathML while the book is built: a page needs no script for them, and is complete at once.

The font is STIX Two Math, of which a page is given the glyphs that the book's formulas use.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

#: The name that `html_math_renderer` in the settings calls it by.
RENDERER = "mathml"
FONT = "stix-two-math.woff2"
#: A second one, in which letters have the form that they have in formulas: for symbols in prose and in figures.
SYMBOLS_FONT = "symbols.woff2"
STYLE = Path(__file__).with_name("mathematics.css")
# Lines without an environment of their own are set one under the other.
_LINES = re.compile(r"\\\\")
_ENVIRONMENT = re.compile(r"\\begin\{")
_FORMULA = re.compile(r"<math.*?</math>", re.S)
_LETTER = re.compile(r"<mi>(.)</mi>")
# Styles that math-core writes into a tag, as classes of mathematics.css: a policy may forbid styles within a page.
_CLASS_OF = {
    "text-align: left;justify-items: start": "left",
    "text-align: right;justify-items: end": "right",
    "padding-left:1em": "apart",
    "padding-right:0.1667em": "thin",
    "padding-right: 0": "",
    "padding-left: 0": "",
}
# What stands higher than a letter with an index or an exponent.
_TALL = {"mfrac", "munder", "mover", "munderover", "msqrt", "mroot", "mtable"}
_BIG = set("∑∏∫")


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
    ValueError
        If browsers would not set it well.
    """
    if _LINES.search(tex) and not _ENVIRONMENT.search(tex):
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    made = _converter().convert_with_local_state(tex, displaystyle=displayed).replace("&ApplyFunction;", "\u2061")
    formula = ElementTree.fromstring(made)
    _mend(formula)
    return ElementTree.tostring(formula, encoding="unicode")


def _mend(element: ElementTree.Element) -> None:
    """Give brackets, primes and styles the form that browsers set well."""
    for part in element.iter():
        style = part.attrib.pop("style", "")
        for text, name in _CLASS_OF.items():
            if text in style:
                style = style.replace(text, "")
                part.set("class", f"{part.get('class', '')} {name}".strip())
        if style.strip("; "):
            raise ValueError(f"a style of math-core that no class stands for: {style!r}")
        if not part.get("class"):
            part.attrib.pop("class", None)
        if part.tag in {"msup", "msub", "msubsup"} and part[0].get("minsize"):
            raise ValueError(r"Chromium sets a bracket of a given size small before an index: use \left and \right")
        # The font draws the prime raised; a second raise, as an exponent, only Firefox takes back.
        if part.tag == "msup" and part[1].tag == "mo" and part[1].text in {"′", "″"}:
            part.tag = "mrow"
            part[1].attrib.update(form="postfix", lspace="0", rspace="0")
        # Chromium leaves room for the highest form of a bracket, even if it shows the lowest.
        if part.tag == "mrow" and _is_low(part):
            for child in part:
                if child.tag == "mo" and (child.text or "") in {"(", ")", "[", "]", "{", "}", "|", "‖"}:
                    child.set("stretchy", "false")


def _is_low(element: ElementTree.Element, within: bool = False) -> bool:
    """Tell whether brackets around this need not grow."""
    for child in element:
        raised = child.tag in {"msup", "msubsup"}
        if child.tag in _TALL or (raised and within) or (child.tag == "mo" and set(child.text or "") & _BIG):
            return False
        if not _is_low(child, within or raised):
            return False
    return True


def font_for(pages: list[str]) -> set[str]:
    """Return the code points, in hexadecimal, that the formulas of HTML pages need.

    Browsers show a single letter by itself as the italic letter of mathematics, which has a code point of its own; the
    sign of a root is an element, not a character.
    """
    formulas = [formula for page in pages for formula in _FORMULA.findall(page)]
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
