"""Which exercises a page takes answers to, what it knows of them, and what stands in place of a notebook's cell."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from building import ROOT, run_jupyter_book, small_book
from typed_answers import RIGHT

from lossbook.pages.answers import SIZE, SLIPS
from lossbook.pages.exercises import all_exercises
from lossbook.sphinxext import answers
from lossbook.sphinxext.answers import MOST_POINTS, SCRIPT, asked, classic_formula_reader, field
from publishing.exercises import chapters_with_exercises, exercises_of

EXERCISES = all_exercises()
TYPED = [name for name, exercise in EXERCISES.items() if exercise.kind != "code"]
CHAPTERS = [json.loads(path.read_text(encoding="utf-8")) for path in chapters_with_exercises(ROOT / "chapters")]
PRINTED = {one.name: one for chapter in CHAPTERS for one in exercises_of(chapter)}
FORMULAS = [name for name, exercise in EXERCISES.items() if exercise.kind == "formula"]


def test_two_thirds_of_the_exercises_can_be_answered_in_the_page():
    kinds = Counter(exercise.kind for exercise in EXERCISES.values())
    assert set(kinds) == {"number", "formula", "code"}
    assert kinds["code"] <= len(EXERCISES) / 3, kinds


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_has_the_names_of_the_question_or_says_what_they_are(name):
    formula = EXERCISES[name].formula
    [chapter] = [
        path for path in chapters_with_exercises(ROOT / "chapters") if f'check(\\"{name}\\"' in path.read_text()
    ]
    [asks] = [one.text for one in exercises_of(json.loads(chapter.read_text())) if one.name == name]
    assert f"`{formula.call}`" in asks or formula.note
    assert formula.call.split("(")[0] + "(" in asks
    assert formula.columns is None or all(
        re.search(rf"\b{symbol}\b", formula.note + asks) for symbol in formula.symbols
    )


@pytest.mark.parametrize("name", TYPED)
def test_a_page_knows_the_points_and_what_is_right_there(name):
    exercise = EXERCISES[name]
    known = json.loads(json.dumps(asked(exercise)))
    numbers = iter(np.frombuffer(base64.b64decode(known["numbers"]), dtype="<f8"))
    width = len(known["symbols"])
    inputs = [one for one in exercise.inputs if len(exercise.formula.rows(one)) <= MOST_POINTS] or [()]
    # Most inputs are few points, and those that are left out are not the only ones.
    assert len(known["rows"]) == len(known["sizes"]) == len(inputs) >= len(exercise.inputs) - 1
    for count, arguments in zip(known["rows"], inputs, strict=True):
        points = [[next(numbers) for _ in range(width)] for _ in range(count)]
        right = [next(numbers) for _ in range(1 if known["total"] else count)]
        if exercise.formula:
            assert points == exercise.formula.rows(arguments).tolist()
            assert right == np.ravel(exercise.expected(*arguments)).tolist()
        else:
            assert (points, right) == ([[]], [exercise.expected])
    assert next(numbers, None) is None


@pytest.mark.parametrize("name", TYPED)
def test_a_page_has_neither_formula_nor_solution(name):
    exercise = EXERCISES[name]
    assert set(asked(exercise)) == {"symbols", "rtol", "exact", "total", "rows", "sizes", "numbers"}
    html = field(exercise, "A title")
    text = BeautifulSoup(html, "html.parser").get_text()
    letters = re.sub(r"\W", "", html)
    assert name not in RIGHT or re.sub(r"\W", "", RIGHT[name]) not in letters
    code = PRINTED[name].code.splitlines()
    assert not any(line.strip() in html for line in code if len(line.strip()) > 11)
    assert PRINTED[name].explanation not in text
    # What is right stands among the numbers alone.
    if not exercise.formula:
        assert f"{float(exercise.expected):g}" not in text.replace(exercise.hint, "")


def test_the_script_names_the_slips_of_the_library():
    text = SCRIPT.read_text(encoding="utf-8")
    for said in (*(said for _, said in SLIPS), SIZE):
        assert f'"{said}"' in text
    assert len(re.findall(r"^    \[\S.*(?:\"|HALF)\],$", text, re.M)) == len(SLIPS)


def test_scripts_are_light_and_ask_nobody():
    text = SCRIPT.read_text(encoding="utf-8")
    for word in ("eval(", "Function(", "fetch", "XMLHttpRequest", "http", "innerHTML", "import "):
        assert word not in text
    assert len(text.encode()) < 14_000


def test_the_reader_of_formulas_is_a_classic_script(tmp_path, monkeypatch):
    text = classic_formula_reader()
    assert "export" not in text and "globalThis.lossbookFormula={parse,value}" in text.replace(" ", "")
    other = tmp_path / "formula.js"
    other.write_text("const parse = 1;\n")
    monkeypatch.setattr(answers, "FORMULA", other)
    with pytest.raises(ValueError, match="the line that exports is not there"):
        classic_formula_reader()


def exercise_cells(name: str, title: str, code: str) -> list[dict[str, Any]]:
    asks = f"```{{exercise}} {title}\n:label: {name.replace('.', '-')}\nWhat?\n```"
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": code}
    return [{"cell_type": "markdown", "metadata": {}, "source": asks}, cell]


def test_in_place_of_a_cell_stands_a_field_or_the_way_to_run_it(tmp_path):
    small_book(tmp_path, one="1 + 1", two="1 + 1")
    chapter = tmp_path / "chapters/one.ipynb"
    notebook = json.loads(chapter.read_text())
    start = "from lossbook import check\n"
    notebook["cells"] = [
        {"cell_type": "markdown", "metadata": {}, "source": "# One\n\n## Exercises\n\nTry these."},
        *exercise_cells("entropy.card", "A card", f'{start}answer = None\ncheck("entropy.card", answer)'),
        *exercise_cells("entropy.bits", "By hand & head", 'bits = None\ncheck("entropy.bits", bits)'),
        *exercise_cells("entropy.loaded-die", "A die", 'die = None\ncheck("entropy.loaded-die", die)'),
        *exercise_cells("entropy.balance", "Balls", 'answer = 4\ncheck("entropy.balance", answer)'),
    ]
    chapter.write_text(json.dumps(notebook))
    # A check that no exercise asks for is left alone.
    two = tmp_path / "chapters/two.ipynb"
    two.write_text(two.read_text().replace('"1 + 1"', json.dumps(f'{start}check("entropy.card", None)')))
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/owner/name"\n')
    result = run_jupyter_book(tmp_path, tmp_path, "-W", "-n")
    assert result.returncode == 0, result.stderr
    built = tmp_path / "_build/html"
    page, other, first = (
        BeautifulSoup((built / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in ("chapters/one", "chapters/two", "index")
    )
    forms = page.select("form.lossbook-answer")
    assert [form["data-name"] for form in forms] == ["entropy.card", "entropy.bits"]
    assert forms[1]["aria-label"] == "Answer to: By hand & head"
    assert json.loads(forms[1]["data-asked"]) == json.loads(json.dumps(asked(EXERCISES["entropy.bits"])))
    assert page.select_one("#entropy-card").find_next("form") is forms[0]
    text = page.select_one("main").get_text()
    assert "not answered yet" not in text and 'check("entropy.card"' not in text
    assert "0 of 2 solved" in page.select_one("#exercises > .lossbook-progress").get_text()
    # What wants code keeps its cell; what has been answered keeps its verdict.
    line = page.select_one(".lossbook-wants-code")
    assert "Binder or Colab runs it; make lab opens" in line.get_text()
    assert [link["href"].split("/")[-1] for link in line.select("a")] == ["one.ipynb", "one.ipynb"]
    assert 'check("entropy.loaded-die", die)' in text and "✗ entropy.balance: 4 is not right" in text
    assert "not answered yet" in other.get_text()
    scripts = {
        name: {tag["src"].split("/")[-1].split("?")[0] for tag in soup.select("script[src]")}
        for name, soup in {"page": page, "other": other, "first": first}.items()
    }
    assert {"formula.js", "answers.js"} <= scripts["page"]
    assert not {"formula.js", "answers.js"} & scripts["other"]
    assert {"formula.js", "answers.js"} & scripts["first"] == {"answers.js"}
