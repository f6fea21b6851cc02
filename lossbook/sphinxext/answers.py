"""Gives an exercise of a chapter a field for its answer, in place of the cell that a notebook has for it.

A page without Python judges numbers and formulas by `answers.js`. It carries the points at which a formula is tried and
the numbers that are right there, as `check` computes them when the book is built; no formula, and no solution. What
wants code keeps its cell, with the way to run it.
"""

from __future__ import annotations

import base64
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from rjsmin import jsmin
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from ..pages.exercises import Exercise, all_exercises
from . import insides

#: What judges in the page, its style, and the module of lossbook.live that reads formulas.
SCRIPT, STYLE = (Path(__file__).with_name(f"answers.{kind}") for kind in ("js", "css"))
FORMULA = Path(__file__).parents[1] / "live" / "formula.js"
#: An input of more points is left to `check`: the page would grow by it, and tell no more.
MOST_POINTS = 64
_CHECK = re.compile(r'^check\("([\w.-]+)",', re.MULTILINE)
_OPEN = 'class="lossbook-verdict lossbook-open"'
_LAUNCH = '<span class="lossbook-launch"></span>'
_FIELD = 'class="lossbook-answer"'


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", _serve)
    app.connect("html-page-context", _add_scripts)
    # After `house`, which takes buttons off.
    app.connect("html-page-context", _name_places, priority=insides.AFTER_BUTTONS + 1)
    app.add_post_transform(AskInPage)


def asked(exercise: Exercise) -> dict[str, Any]:
    """Return what a page knows of an exercise: the numbers at which an answer is tried, and those that are right.

    Parameters
    ----------
    exercise : Exercise
        One whose answer is a number or a formula.

    Returns
    -------
    mapping
        ``symbols``, which may occur in the answer; ``rtol``, ``exact`` and ``total`` as declared; ``rows`` and
        ``sizes`` for each input; ``numbers``, for each input the points, row by row, then what is right there, as
        float64 (the lowest byte first) in base64, which holds infinities.
    """
    formula = exercise.formula
    known: dict[str, Any] = {"symbols": formula.symbols if formula else (), "rtol": exercise.rtol}
    known |= {"exact": exercise.exact, "total": bool(formula and formula.total), "rows": [], "sizes": []}
    numbers = []
    for arguments in exercise.inputs or [()]:
        points = formula.rows(arguments) if formula else np.zeros((1, 0))
        if len(points) > MOST_POINTS:
            continue
        right = exercise.expected(*arguments) if formula else exercise.expected
        known["rows"].append(len(points))
        known["sizes"].append(sorted(size for size in exercise.sizes_for(arguments) if size > 2))
        numbers += [points.ravel(), np.ravel(right)]
    known["numbers"] = base64.b64encode(np.concatenate(numbers).astype("<f8").tobytes()).decode()
    return known


def classic_formula_reader() -> str:
    """Return the module that reads formulas as a script that works from disk, where modules are refused."""
    module = FORMULA.read_text(encoding="utf-8")
    text, count = re.subn(r"^export \{.*\};$", "globalThis.lossbookFormula = { parse, value };", module, flags=re.M)
    if count != 1:
        raise ValueError(f"{FORMULA.name}: the line that exports is not there")
    return jsmin(f"(() => {{\n{text}}})();")


def field(exercise: Exercise, title: str) -> str:
    """Return the HTML of the field for an answer.

    Parameters
    ----------
    exercise : Exercise
        One whose answer is a number or a formula.
    title : str
        Of the exercise, for whoever hears the page.
    """
    name = "answer-" + exercise.name.replace(".", "-")
    label, note = "Your answer", ""
    if exercise.formula:
        label = f"<code>{escape(exercise.formula.call)}</code> ="
        if exercise.formula.total:
            label += " the sum, entry by entry, of"
        if exercise.formula.note:
            note = f'<p class="lossbook-note">{escape(exercise.formula.note)}</p>'
    spoken = escape(f"Answer to: {title}")
    data = escape(json.dumps(asked(exercise), separators=(",", ":")), quote=False)
    return (
        f'<form {_FIELD} aria-label="{spoken}" data-name="{exercise.name}" data-asked=\'{data}\'>'
        f'<label for="{name}">{label}</label>{note}'
        f'<div class="lossbook-ask"><input id="{name}" type="text" maxlength="500" autocomplete="off" '
        f'autocapitalize="off" spellcheck="false" enterkeyhint="done" aria-describedby="{name}-said">'
        '<button type="submit" disabled>Check</button></div>'
        f'<div class="lossbook-said" id="{name}-said" role="status"></div>'
        f"<details><summary>Hint</summary><p>{escape(exercise.hint)}</p></details></form>"
    )


class AskInPage(SphinxPostTransform):
    """Puts a field where an answer can be typed, and words where code is wanted."""

    # Before sphinx_exercise writes its number into the title.
    default_priority = 4
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Replace the cells of exercises that nobody has answered."""
        questions = {name: node for node in self.document.findall(nodes.Element) for name in node["ids"]}
        fields: dict[nodes.Element, list[nodes.Element]] = {}
        for cell, output in insides.cells_with_outputs(self.document):
            found = _CHECK.search(cell[0].astext())
            exercise = all_exercises().get(found[1]) if found else None
            if exercise is None or not any(_OPEN in part.astext() for part in output.findall(nodes.raw)):
                continue
            question = questions.get(exercise.name.replace(".", "-"))
            if question is None:
                continue
            asked_here = fields.setdefault(question.parent, [])
            if exercise.kind == "code":
                output[:] = [_wants_code()]
            else:
                asked_here.append(question)
                cell.replace_self(nodes.raw("", field(exercise, _title(question)), format="html"))
        for section, questions_here in fields.items():
            if questions_here:
                section.insert(_place(section), nodes.raw("", progress(len(questions_here)), format="html"))


def progress(fields: int) -> str:
    """Return what stands above the exercises: how to type, and how many answers were right, which the script counts."""
    return (
        '<div class="lossbook-progress"><p>Type a number, as <code>0.25</code>, <code>1/4</code> or '
        "<code>log(2)</code>, or a formula, as <code>x^2 if x &lt; 1 else x</code>.</p>"
        f'<p role="status">0 of {fields} solved. Kept on this device only.</p></div>'
    )


def _place(section: nodes.Element) -> int:
    """Return the place of the first exercise of a section."""
    return next(place for place, part in enumerate(section) if part.tagname.startswith("exercise"))


def _wants_code() -> nodes.Element:
    line = nodes.paragraph("", "This one wants code: ", classes=["lossbook-wants-code"])
    line += nodes.raw("", _LAUNCH, format="html")
    line += [nodes.literal("", "make lab"), nodes.Text(" opens the notebooks on your machine.")]
    return line


def _title(question: nodes.Element) -> str:
    """Return the title that an exercise has in its chapter."""
    titles = [part for part in question.findall(nodes.Element) if part.tagname == "exercise_subtitle"]
    return titles[0].astext().strip() if titles else "this exercise"


def _serve(app: Sphinx, config: Config) -> None:
    made = Path(app.doctreedir).parent / ".scripts" / FORMULA.name
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(classic_formula_reader(), encoding="utf-8")
    config.html_static_path = [*config.html_static_path, str(STYLE), str(made)]


def _add_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the scripts to the pages with fields; the first page shows which chapters have been worked on."""
    fields = _FIELD in context.get("body", "")
    if fields:
        app.add_js_file(FORMULA.name, defer="defer")
    if fields or page == app.config.root_doc:
        app.add_js_file(SCRIPT.name, defer="defer")
        app.add_css_file(STYLE.name)


def _name_places(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Name the places on the web where this page's notebook can be opened, if there are any."""
    if _LAUNCH in context.get("body", ""):
        places = [f'<a href="{escape(url)}">{text}</a>' for text, url in insides.links_of(context, "launch-buttons")]
        context["body"] = context["body"].replace(_LAUNCH, " or ".join(places) + " runs it; " if places else "")
