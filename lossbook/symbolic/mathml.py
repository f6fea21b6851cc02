"""Formulas as MathML, which browsers set without a script."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

from math_core import LatexToMathML

# Lines without an environment of their own are set one under the other.
_LINES = re.compile(r"\\\\")
_ENVIRONMENT = re.compile(r"\\begin\{")
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


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML()
