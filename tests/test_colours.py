"""What a colour means: one name has one colour across the book, and a colour has one name within a figure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from building import ROOT
from drawn import built

from lossbook.figures import all_figures
from lossbook.live import Figure
from lossbook.live.panels import LEGEND
from lossbook.live.text import as_text, split_symbols
from lossbook.style import INK

FIGURES = all_figures()
# Small Greek letters by their names in LaTeX.
GREEK = {
    unicodedata.name(chr(code)).split()[-1].lower().replace("lamda", "lambda"): chr(code)
    for code in range(ord("α"), ord("ω") + 1)
} | {"varepsilon": "ε", "varphi": "φ"}
# Words of a legend, and the name in the table of colours that they are one more word for.
SAME = {
    "real p": "p",
    "real": "real",
    "original": "real",
    "truth": "p",
    "the truth": "p",
    "made up q": "q",
    "entropy H(p)": "entropy",
    "cross-entropy H(p, q)": "cross-entropy",
    "divergence D(p‖q)": "D(p‖q)",
    "KL": "D(p‖q)",
    "KL divergence": "D(p‖q)",
    "JS": "Jensen–Shannon",
    "squared error (p − y)²": "squared error",
    "0-1": "0-1 loss",
    "mistakes (0-1)": "0-1 loss",
    "logistic": "log loss",
    "slope of the loss": "their mix",
}


@cache
def looks() -> dict[str, list[tuple[str, int, bool]]]:
    """Return name, colour and whether it is dashed of each mark that a legend names, by figure."""
    return {name: list(_named(built(name))) for name in FIGURES}


def _named(figure: Figure) -> Iterator[tuple[str, int, bool]]:
    for panel in figure.panels:
        for mark, color in zip(panel.marks, panel.colors(), strict=True):
            label = as_text(mark.label).template
            if label and isinstance(mark, LEGEND):
                yield SAME.get(label, label), color, mark.dashed


def test_a_name_has_one_colour() -> None:
    used: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, found in looks().items():
        for label, color, _ in found:
            used[label][color].add(name)
    wrong = {
        label: {color: sorted(where) for color, where in colors.items()}
        for label, colors in used.items()
        if len(colors) > 1 or (label in INK and set(colors) != {INK[label]})
    }
    assert wrong == {}
    assert len(used) > 50


def letters(text: str) -> set[str]:
    """Return the letters that stand for numbers in a text, without hats and indices."""
    return {part[0] for part in split_symbols(text)[1::2]}


def test_letters_of_figures_stand_in_the_notation() -> None:
    table = (ROOT / "chapters/notation.md").read_text(encoding="utf-8")
    plain = re.sub(r"\\([a-z]+)", lambda word: GREEK.get(word[1], " "), " ".join(re.findall(r"\$([^$]+)\$", table)))
    known = set(re.findall(r"[^\W\d_]", plain))
    assert {"r", "δ", "σ", "N"} <= known
    unknown = defaultdict(set)
    for name in FIGURES:
        if name.startswith("atlas."):
            continue
        figure = built(name)
        labels = [parameter.label for parameter in figure.parameters.values()]
        labels += [axis.label for panel in figure.panels for axis in (panel.x, panel.y)]
        for letter in set().union(*map(letters, labels)) - known:
            unknown[letter].add(name)
    assert unknown == {}


def test_a_colour_has_one_name_within_a_figure() -> None:
    names: dict[tuple[str, int, bool], set[str]] = defaultdict(set)
    for figure, marks in looks().items():
        for label, color, dashed in marks:
            names[figure, color, dashed].add(label)
    assert {look: found for look, found in names.items() if len(found) > 1} == {}
