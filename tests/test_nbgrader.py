"""The course for nbgrader: its metadata, and where nbgrader is installed, what the program makes of it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from building import ROOT

from lossbook.grading.points import points_of
from lossbook.pages.exercises import all_exercises
from publishing.course import write_course
from publishing.exercises import chapters_with_exercises

CHAPTERS = list(chapters_with_exercises(ROOT / "chapters"))
ONE = "01-likelihood"
NAMES = [name for name in all_exercises() if name.startswith("likelihood.")]
with_nbgrader = pytest.mark.skipif(shutil.which("nbgrader") is None, reason="nbgrader is not installed")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    for _ in range(2):  # what stood there before goes
        write_course(ROOT / "chapters", folder)
    return folder


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def source_of(cell: dict) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_exercise_has_a_question_an_answer_and_points(course, chapter):
    cells = [
        cell
        for cell in read(course / "source" / chapter.stem / chapter.name)["cells"]
        if "nbgrader" in cell["metadata"]
    ]
    names = []
    for question, answer, test in zip(cells[::3], cells[1::3], cells[2::3], strict=True):
        (name,) = re.findall(r'check\("([^"]+)"', source_of(test))
        names.append(name)
        label = name.replace(".", "-", 1)
        kinds = [
            tuple(cell["metadata"]["nbgrader"][key] for key in ("grade", "solution", "locked", "grade_id"))
            for cell in (question, answer, test)
        ]
        assert kinds == [
            (False, False, True, f"{label}-question"),
            (False, True, False, f"{label}-answer"),
            (True, False, True, label),
        ]
        assert test["metadata"]["nbgrader"]["points"] == points_of(name)
        assert re.match(r"(\w+) = None\n### BEGIN SOLUTION\n(?s:.+)\n### END SOLUTION$", source_of(answer))
        for cell in (question, answer, test):
            assert cell["metadata"]["deletable"] is False
            assert cell["metadata"]["editable"] is not cell["metadata"]["nbgrader"]["locked"]
            assert cell["metadata"]["nbgrader"]["schema_version"] == 3
            assert not re.search(r"\{\w+\}`", source_of(cell))
    assert set(names) == {name for name in all_exercises() if name.split(".")[0] == names[0].split(".")[0]}


def nbgrader(course: Path, *words: str, good: bool = True) -> str:
    # Its settings and those of Jupyter come from nowhere else.
    around = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HOME": str(course.parent),
        "JUPYTER_CONFIG_DIR": str(course.parent),
    }
    done = subprocess.run(["nbgrader", *words], cwd=course, env=around, capture_output=True, text=True, timeout=600)
    assert (done.returncode == 0) is good, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def released(course):
    nbgrader(course, "generate_assignment", ONE, "--create")
    return read(course / "release" / ONE / f"{ONE}.ipynb")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_are_right_and_what_is_left_of_them_is_not(course, chapter):
    room: dict[str, object] = {}
    tests = 0
    for cell in read(course / "source" / chapter.stem / chapter.name)["cells"]:
        kind = cell["metadata"].get("nbgrader", {"grade": False, "solution": False})
        if cell["cell_type"] == "code":
            if kind["solution"]:
                start = source_of(cell)
            elif kind["grade"]:
                tests += 1
                released = room.copy()
                exec(start.partition("### BEGIN")[0], released)  # noqa: S102 (our own text)
                with pytest.raises(AssertionError, match="not answered yet"):
                    exec(source_of(cell), released)  # noqa: S102 (our own text)
                exec(start, room)  # noqa: S102 (our own text)
            exec(source_of(cell), room)  # noqa: S102 (our own text)
    assert tests >= 5


@with_nbgrader
def test_nbgrader_takes_the_solutions_out(course, released):
    for cell in released["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            assert re.fullmatch(r"\w+ = None\n# Your answer, in place of None\.", source_of(cell))
    assert "SOLUTION" not in json.dumps(released)
    said = nbgrader(course, "validate", f"source/{ONE}/{ONE}.ipynb")
    assert "Success! Your notebook passes all the tests." in said and "partial credit" not in said


def handed_in(released: dict, solved: dict, changes: dict[str, str]) -> dict:
    """Return a notebook with the right answers, but for those that are given otherwise, by the cell's name."""
    answers = {cell["metadata"].get("nbgrader", {}).get("grade_id"): source_of(cell) for cell in solved["cells"]}
    made = json.loads(json.dumps(released))
    for cell in made["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        name = about.get("grade_id")
        if about.get("solution"):
            cell["source"] = answers[name]
        cell["source"] = changes.get(name, cell["source"])
    return made


HANDED_IN = {
    "right": {},
    "open": {f"{name.replace('.', '-', 1)}-answer": "answer = None" for name in NAMES},
    "crash": {"likelihood-tosses-answer": "import os\nos._exit(1)"},
    "loop": {"likelihood-tosses-answer": "while True:\n    pass"},
    # A wrong answer, an error, and a locked cell that was made to say yes.
    "wrong": {
        "likelihood-tosses-answer": "answer = '2500'",
        "likelihood-tosses": "print('right')",
        "likelihood-poisson-answer": "rate = 1 / 0",
    },
}


@with_nbgrader
def test_nbgrader_grades_five_who_hand_in(course, released):
    solved = read(course / "source" / ONE / f"{ONE}.ipynb")
    for student, changes in HANDED_IN.items():
        path = course / "submitted" / student / ONE / f"{ONE}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(handed_in(released, solved, changes)), encoding="utf-8")
    nbgrader(course, "autograde", ONE, "--create", "--Execute.timeout=5", good=False)  # since one could not be graded
    nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        score = {row["student_id"]: float(row["raw_score"] or 0) for row in csv.DictReader(file)}
    whole = sum(map(points_of, NAMES))
    assert score == {
        "right": whole,
        "open": 0,
        "crash": 0,
        "loop": whole - points_of("likelihood.tosses"),
        "wrong": whole - points_of("likelihood.tosses") - points_of("likelihood.poisson"),
    }
    graded = {path.parent.name for path in course.glob(f"autograded/*/{ONE}")}
    assert graded == set(HANDED_IN) - {"crash"}
    nbgrader(course, "generate_feedback", ONE)
    assert (course / "feedback" / "loop" / ONE / f"{ONE}.html").exists()
