"""Puts together what is handed out in a class: ``make class``.

Students get the book without solutions with its lecture decks, and its chapters as notebooks; teachers get the decks
and a notebook for each chapter with every exercise, its solution and the check that it passes.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossbook.sphinxext.solutions import notebook_without_solutions

_DIRECTIVE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<kind>exercise|solution)\} *(?P<argument>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)+")
_CODE = re.compile(r"^```python\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

_FOR_STUDENTS = """\
Loss functions: the book and its notebooks

book/index.html   the book; it works offline, in any browser
book/slides/      the slides of the lectures
notebooks/        the same chapters as notebooks, to be run and answered

The notebooks need Python 3.11, 3.12, 3.13 or 3.14 and the package lossbook with what its chapters import.
In the folder of lossbook's source, which your teacher names:

  pip install -r requirements.txt
  jupyter lab

Then open a notebook, replace None in an exercise by your answer and run its cell: the check answers at once.
Save the notebook with its name and hand it in.
"""

_FOR_TEACHERS = """\
Loss functions: solutions

solutions/   for each chapter a notebook with its exercises, each with its worked solution as text and as code that
             runs and ends in its check
slides/      the lecture decks, which work offline; S opens the speaker's view with notes and a clock

The notebooks need the package lossbook, as the students' do: pip install -r requirements.txt in the folder of its
source.

Grade what is handed in, a whole folder at once:

  python -m lossbook.grading grade FOLDER --out grades.csv --feedback PAGES

Beside the table comes one with each student's points, and in PAGES is a page for each student. --help says more.

The students' edition has no solutions, but the checks need the right answers, and so the package has them:
lossbook/pages/exercises/ can be read by anybody who installs it, and calling what stands there passes every check.
The pages judge what is typed into them, so they hold the numbers that are right, encoded, but no formulas.
Code in a notebook can also forge its mark while it is graded. Use the marks to learn who needs help; for an exam, ask
other questions.
"""


@dataclass(frozen=True)
class Exercise:
    """An exercise as a chapter prints it.

    Attributes
    ----------
    name : str
        As the check has it, such as ``"likelihood.fair-coin"``.
    title, text : str
        What is asked.
    explanation, code : str
        Of the solution.
    """

    name: str
    title: str
    text: str
    explanation: str
    code: str


def exercises_of(notebook: dict[str, Any]) -> list[Exercise]:
    """Return the exercises of a chapter in order, with their solutions.

    Parameters
    ----------
    notebook : dict
        The chapter, as its file holds it.

    Raises
    ------
    ValueError
        If one has no solution, or a solution no code.
    """
    asked: dict[str, tuple[str, str]] = {}
    solved: dict[str, tuple[str, str]] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        for match in _DIRECTIVE.finditer("".join(cell["source"])):
            options = _OPTIONS.match(match["body"])
            body = match["body"][options.end() if options else 0 :]
            if match["kind"] == "solution":
                code = _CODE.search(body)
                if code is None:
                    raise ValueError(f"the solution of {match['argument']} has no code")
                solved[match["argument"].strip()] = _CODE.sub("", body).strip(), code[1].strip()
            else:
                label = re.search(r"^:label: *(\S+)", options[0] if options else "", re.MULTILINE)
                if label is None:
                    raise ValueError(f"the exercise {match['argument']!r} has no label")
                asked[label[1]] = match["argument"].strip(), body.strip()
    if asked.keys() != solved.keys():
        raise ValueError(f"exercises without solution, or the reverse: {sorted(asked.keys() ^ solved.keys())}")
    return [Exercise(label.replace("-", ".", 1), *asked[label], *solved[label]) for label in asked]


def solutions_notebook(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook of a chapter's solutions, each as text and as code that checks itself.

    Parameters
    ----------
    notebook : dict
        The chapter, as its file holds it.
    """
    first = "".join(notebook["cells"][0]["source"])
    cells = [
        ("markdown", f"{first.splitlines()[0]}: solutions"),
        ("code", "from lossbook.pages.exercises import check"),
    ]
    for number, exercise in enumerate(exercises_of(notebook), 1):
        cells += [
            ("markdown", f"## {number}. {exercise.title}\n\n{exercise.text}"),
            ("markdown", f"**Solution.** {exercise.explanation}"),
            ("code", f'{exercise.code}\ncheck("{exercise.name}", answer)'),
        ]
    return {
        "cells": [_cell(number, kind, source) for number, (kind, source) in enumerate(cells)],
        "metadata": _METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def chapters_with_exercises(folder: Path) -> Iterator[Path]:
    """Yield the notebooks of a folder that have exercises, in order."""
    for path in sorted(folder.glob("*.ipynb")):
        if "{exercise}" in path.read_text(encoding="utf-8"):
            yield path


def hand_out(book: Path, chapters: Path, output: Path) -> None:
    """Write the students' and the teachers' folders, and each as a zip file.

    Parameters
    ----------
    book : Path
        The book as HTML, built without solutions.
    chapters : Path
        Folder of the notebooks, with solutions.
    output : Path
        Where the folders go; what stood there of the same names goes.

    Raises
    ------
    ValueError
        If the book has solutions.
    """
    for page in book.glob("chapters/*.html"):
        if "Solution to" in page.read_text(encoding="utf-8"):
            raise ValueError(f"book: it was built with solutions: {page.name}")
    students, teachers = output / "students", output / "teachers"
    for folder in (students, teachers):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(book, students / "book", ignore=shutil.ignore_patterns(".doctrees", ".buildinfo"))
    shutil.copytree(book / "slides", teachers / "slides")
    (students / "notebooks").mkdir()
    (teachers / "solutions").mkdir()
    for path in chapters_with_exercises(chapters):
        text = path.read_text(encoding="utf-8")
        (students / "notebooks" / path.name).write_text(notebook_without_solutions(text), encoding="utf-8")
        solved = json.dumps(solutions_notebook(json.loads(text)), indent=1, ensure_ascii=False) + "\n"
        (teachers / "solutions" / path.name).write_text(solved, encoding="utf-8")
    (students / "README.txt").write_text(_FOR_STUDENTS, encoding="utf-8")
    (teachers / "README.txt").write_text(_FOR_TEACHERS, encoding="utf-8")
    for folder in (students, teachers):
        name = f"lossbook-{folder.name}"
        # One folder of this name, so that unpacking strews nothing about.
        folder.rename(output / name)
        shutil.make_archive(str(output / name), "zip", root_dir=output, base_dir=name)
        (output / name).rename(folder)


def main() -> None:
    """Put together what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("book", type=Path)
    arguments.add_argument("chapters", type=Path)
    arguments.add_argument("output", type=Path)
    chosen = arguments.parse_args()
    hand_out(chosen.book, chosen.chapters, chosen.output)


if __name__ == "__main__":
    main()
