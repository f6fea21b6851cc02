"""Formulas as MathML: what math-core makes, and what is mended for browsers."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from math_core import LatexError

from lossbook.sphinxext.mathematics import FONT, font_for
from lossbook.symbolic.mathml import mathml


def test_a_fraction_is_mathml_without_styles_and_entities() -> None:
    assert mathml(r"\frac{a}{2}") == "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>"
    assert "&" not in mathml(r"\ln x")


def test_a_displayed_formula_is_a_block() -> None:
    assert mathml("x", displayed=True).startswith('<math display="block">')


@pytest.mark.parametrize(
    "tex", ["a &= b \\\\ &= c", r"\begin{cases} a & \text{for } x > 0 \\ b & \text{else} \end{cases}"]
)
def test_columns_are_aligned_by_classes_not_by_styles(tex: str) -> None:
    made = mathml(tex)
    assert " style=" not in made
    assert 'class="left' in made


@pytest.mark.parametrize("low", [r"\left(x_k\right)", r"\left(1 - p\right)^{\gamma}", r"\ln{\left(1 + e^{-x} \right)}"])
def test_brackets_round_what_is_low_do_not_grow(low: str) -> None:
    assert mathml(low).count('stretchy="false"') == 2


@pytest.mark.parametrize("tall", [r"\left(\frac{x}{c}\right)", r"\left(e^{x^{2}}\right)", r"\left(\sum x\right)"])
def test_brackets_round_what_is_tall_grow(tall: str) -> None:
    assert 'stretchy="false"' not in mathml(tall)


def test_a_prime_is_not_raised_twice() -> None:
    made = mathml("I'(q)")
    assert "msup" not in made
    assert "′</mo>" in made


@pytest.mark.parametrize(("tex", "error"), [(r"\nosuch{x}", LatexError), (r"\bigl(x\bigr)^2", ValueError)])
def test_what_browsers_would_not_set_is_refused(tex: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        mathml(tex)


def test_a_font_needs_italic_letters_and_the_sign_of_a_root() -> None:
    formula = mathml(r"\sqrt{h} + \theta < \mathrm{kg}")
    needed = {chr(int(code, 16)) for code in font_for([f"<p>z</p>{formula}"])}
    assert {"√", "\u210e", "𝜃", "+", "<", "g"} <= needed
    assert "z" not in needed


@pytest.mark.parametrize("folder", [".", "slides"])
def test_the_font_of_the_book_has_every_character_of_its_formulas(folder: str, book_html: Path) -> None:
    there = book_html / folder
    pages = [path.read_text(encoding="utf-8") for path in sorted(there.rglob("*.html"))]
    needed = {int(code, 16) for code in font_for(pages)}
    assert len(needed) > 80
    # Characters without a sign of their own, and the words of other writing systems that stand in texts.
    silent = {0x2061, 0x2062, 0x2063, 0x20, 0xA0, 0x200A, 0x0A}
    with TTFont(there / "_static" / FONT) as font:
        assert sorted(map(chr, needed - silent - set(font.getBestCmap()))) == []
