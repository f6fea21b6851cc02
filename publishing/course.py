"""Writes the exercises of all chapters as a course for nbgrader.

Each chapter is an assignment with one notebook of exercises: a question, a cell for the answer with the solution that
nbgrader takes out, and a locked cell that gives the points if the check finds the answer right.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from lossbook.grading.points import points_of

from .exercises import Exercise, chapters_with_exercises, exercises_of, notebook_of, title_of

_SCHEMA = 3  # of nbgrader's metadata, since its version 0.6
_ROLE = re.compile(r" *\{cite\}`[^`]*`")  # only the book knows its literature

_CONFIGURATION = """\
# Read by nbgrader in this folder.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "lossbook"
# An answer that never ends costs its own points. Without this it costs all that come after it.
c.Execute.timeout = 30
c.Execute.interrupt_on_timeout = True
c.ClearSolutions.code_stub = {"python": "# Your answer, in place of None."}
"""
_README = """\
Loss functions: the exercises as a course for nbgrader 0.9

source/               an assignment for each chapter: its exercises with their solutions
nbgrader_config.py    the course's settings

nbgrader and the package lossbook (pip install . in the folder of its source) belong into one environment. Then, in
this folder:

  nbgrader generate_assignment 01-likelihood       writes release/, without solutions
  nbgrader autograde 01-likelihood                 grades submitted/STUDENT/01-likelihood/01-likelihood.ipynb
  nbgrader generate_feedback 01-likelihood
  nbgrader export

An answer that ends its kernel costs the whole notebook: nbgrader says that it failed, and goes on to the next student.
Code that nbgrader runs can read what you can read, and forge its points.
"""


def write_course(chapters: Path, course: Path) -> None:
    """Write a course for nbgrader.

    Parameters
    ----------
    chapters : Path
        Folder of the notebooks, with solutions.
    course : Path
        Folder of the course; what stood there goes.
    """
    shutil.rmtree(course, ignore_errors=True)
    for path in chapters_with_exercises(chapters):
        made = course_notebook(json.loads(path.read_text(encoding="utf-8")))
        place = course / "source" / path.stem / path.name
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (course / "nbgrader_config.py").write_text(_CONFIGURATION, encoding="utf-8")
    (course / "README.txt").write_text(_README, encoding="utf-8")


def course_notebook(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a chapter's exercises as a source notebook of nbgrader.

    Parameters
    ----------
    notebook : dict
        The chapter, as its file holds it.
    """
    intro = f"{title_of(notebook)}: exercises\n\nRun the cell below an answer: it says at once whether it is right."
    cells: list[tuple[str, str, dict[str, Any]]] = [("markdown", intro, {}), ("code", "import numpy as np", {})]
    for number, exercise in enumerate(exercises_of(notebook), 1):
        label = exercise.name.replace(".", "-", 1)
        asked = f"## {number}. {exercise.title}\n\n{_ROLE.sub('', exercise.text)}"
        cells += [
            ("markdown", asked, _metadata(f"{label}-question", locked=True)),
            ("code", _answer(exercise), _metadata(f"{label}-answer", solution=True)),
            ("code", _test(exercise), _metadata(label, locked=True, grade=True, points=points_of(exercise.name))),
        ]
    return notebook_of(cells)


def _metadata(name: str, *, points: float | None = None, **flags: bool) -> dict[str, Any]:
    kind = {"grade": False, "solution": False, "locked": False, "task": False} | flags
    about: dict[str, Any] = {**kind, "grade_id": name, "schema_version": _SCHEMA}
    if points is not None:
        about["points"] = int(points)  # the book's are whole
    return {"nbgrader": about, "deletable": False, "editable": not kind["locked"]}


def _answer(exercise: Exercise) -> str:
    """Return the cell of the answer, with the solution between the marks that nbgrader knows."""
    *code, last = exercise.code.splitlines()
    if exercise.variable == "answer":
        code.append(last)
    elif last != f"answer = {exercise.variable}":
        code += [last, f"{exercise.variable} = answer"]
    solution = "\n".join(code).strip()
    return f"{exercise.variable} = None\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"


def _test(exercise: Exercise) -> str:
    # It imports the check itself: by then the name may be another function's.
    return (
        "from lossbook.pages.exercises import check\n\n"
        f'verdict = check("{exercise.name}", {exercise.variable})\n'
        'assert verdict.status == "right", verdict\nprint(verdict)'
    )
