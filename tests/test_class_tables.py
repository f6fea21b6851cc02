"""What a class has earned: points, a table of notebooks, a table of students, and a page for each of them."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
from pathlib import Path

import pytest
from building import ROOT

from lossbook.grading.commands import main
from lossbook.grading.feedback import page_of, write_feedback
from lossbook.grading.grades import Grade, exercises_of
from lossbook.grading.points import points_of, read_points
from lossbook.grading.students import Count, Student, by_student, student_of
from lossbook.grading.tables import harmless, write_sums, write_table
from lossbook.pages.exercises import OPEN, RIGHT, WRONG, all_exercises

FAIR, TOSSES = "likelihood.fair-coin", "likelihood.tosses"
ADA = [
    Grade(Path("ada/1.ipynb"), "graded", {FAIR: RIGHT, TOSSES: WRONG}, {TOSSES: "1 is not right."}),
    Grade(Path("ada/2.ipynb"), "graded", {"entropy.bits": RIGHT, "entropy.card": OPEN}),
    Grade(Path("ada/1 again.ipynb"), "timed out", {FAIR: WRONG, "likelihood.poisson": RIGHT}, {FAIR: "no."}, ["slow"]),
]
BOB = [Grade(Path("bob/1.ipynb"), "graded", {"likelihood.uniform": RIGHT})]
OWNERS = {one.path: one.path.parts[0] for one in ADA + BOB}


def rows_of(write, *arguments) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    write(*arguments, file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_points_are_the_levels_of_the_guide():
    guide = (ROOT / "chapters/teaching-chapters.md").read_text(encoding="utf-8")
    levels = dict(re.findall(r"\{ref\}`[^<]*<([\w-]+)>` \| (easy|medium|hard) \|", guide))
    assert {name.replace("-", ".", 1) for name in levels} == set(all_exercises())
    for label, level in levels.items():
        name = label.replace("-", ".", 1)
        assert points_of(name) == ("easy", "medium", "hard").index(level) + 1, name


def test_a_file_of_points_says_what_counts(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("exercise,points\nlikelihood.poisson, 2.5\nlikelihood.uniform\n\nentropy;1\n", encoding="utf-8-sig")
    points = read_points(path)
    assert points == {"likelihood.poisson": 2.5, "likelihood.uniform": 3} | dict.fromkeys(exercises_of("entropy"), 1)


@pytest.mark.parametrize("text", ["", "no.such\n", "likelihood.poisson,much\n", "entropy,-1\n", "entropy,inf\n"])
def test_a_file_of_points_that_says_nothing_is_refused(tmp_path, text):
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="line 1|names no exercise"):
        read_points(path)


@pytest.mark.parametrize(
    ("path", "folder", "student"),
    [
        ("week/ada/01-likelihood.ipynb", "week", "ada"),
        ("week/Lovelace, Ada_17_assignsubmission_file/deep/x.ipynb", "week", "Lovelace, Ada_17_assignsubmission_file"),
        ("week/01-likelihood-ada.ipynb", "week", "ada"),
        ("week/ada_byron 01-likelihood.ipynb", "week", "ada_byron"),
        ("week/4711_05-saturation.ipynb", "week", "4711"),
        ("week/ada.ipynb", "week", "ada"),
        ("ada/01-likelihood.ipynb", "ada", "ada"),
        ("ada/01-likelihood (1).ipynb", "ada", "ada"),
    ],
)
def test_folder_or_name_says_whose_a_notebook_is(path, folder, student):
    assert student_of(Path(path), Path(folder)) == student


def test_the_table_has_every_problem_and_the_points():
    first = Grade(
        Path("=cmd.ipynb"), "graded", {FAIR: RIGHT, "likelihood.tosses": WRONG, "likelihood.poisson": "error"}
    )
    first.problems = {"likelihood.poisson": "NameError: q", "likelihood.tosses": "1 is not right."}
    first.faults = ["before the cell of likelihood.fair-coin: boom"]
    second = Grade(Path("empty.ipynb"), "no exercises")
    rows = rows_of(write_table, Count([first, second]), {first.path: "@ada", second.path: "bob"})
    names = exercises_of("likelihood")
    assert list(rows[0]) == ["file", "student", "chapter", "status", "points", "of", "right", "problems", *names]
    assert rows[0]["file"] == "'=cmd.ipynb" and rows[0]["student"] == "'@ada"
    told = [f"{name}: {first.problems[name]}" for name in names if name in first.problems]
    assert rows[0]["problems"].split(" | ") == [*told, *first.faults] and len(told) == 2
    worth = sum(points_of(name) for name in names)
    assert (rows[0]["points"], rows[0]["of"], rows[0]["right"]) == ("1", f"{worth:g}", "1")
    assert rows[0][FAIR] == RIGHT and rows[0]["likelihood.uniform"] == ""
    assert rows[1]["chapter"] == "" and rows[1]["points"] == rows[1]["of"] == "0"


def test_a_forged_notebook_does_not_widen_the_table():
    forged = Grade(Path("forged.ipynb"), "graded", dict.fromkeys(all_exercises(), RIGHT))
    honest = Grade(Path("honest.ipynb"), "graded", {FAIR: RIGHT, "likelihood.tosses": RIGHT})
    count = Count([honest, forged])
    owners = {honest.path: "ada", forged.path: "eve"}
    rows = rows_of(write_table, count, owners)
    assert {name.split(".")[0] for name in count.exercises} == {"likelihood", forged.chapter}
    assert "more, which do not count here" in rows[1]["problems"]
    points = {"likelihood.tosses": 2.0}
    rows = rows_of(write_table, Count([honest, forged], points), owners)
    assert [row["points"] for row in rows] == ["2", "2"] and list(rows[0])[-1] == "likelihood.tosses"
    assert list(rows[0])[:-1] == ["file", "student", "chapter", "status", "points", "of", "right", "problems"]


def test_a_student_has_a_sum_over_the_chapters():
    count = Count(ADA + BOB)
    rows = rows_of(write_sums, count, by_student(ADA + BOB, OWNERS))
    assert list(rows[0]) == ["student", "notebooks", "points", "of", "entropy", "likelihood"]
    whole = f"{sum(points_of(name) for name in count.exercises):g}"
    ada, bob = rows
    # The better mark of two notebooks counts: the coin was right in the first, the calls in the second.
    assert (ada["student"], ada["notebooks"], ada["likelihood"], ada["entropy"], ada["points"]) == (
        "ada",
        "3",
        "3",
        "2",
        "5",
    )
    assert (bob["student"], bob["likelihood"], bob["entropy"], bob["points"]) == ("bob", "3", "0", "3")
    assert ada["of"] == bob["of"] == whole


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", " =1", "＝1"])  # noqa: RUF001
def test_no_cell_is_a_formula(cell):
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"mean;{cell}") == f"mean;'{cell}"
    assert harmless("it is -1; not 2") == "it is -1; not 2"


class Reader(html.parser.HTMLParser):
    """Notes the elements of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        assert not any(name.startswith("on") or name in ("href", "src", "style") for name, _ in attributes)

    def handle_data(self, data):
        self.text += data


def test_the_page_says_what_was_right_and_why_the_rest_was_not():
    read = Reader()
    read.feed(page_of(Student("ada", ADA), Count(ADA + BOB)))
    for said in (
        "5 of",
        "✓ right",
        "✗ wrong",
        "… open",
        "– not in it",
        "1 is not right.",
        "slow",
        "timed out",
        "the better",
        FAIR,
    ):
        assert said in read.text, said


def test_nothing_in_the_page_comes_alive():
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)">'
    grade = Grade(Path(f"{evil.replace('/', '')}.ipynb"), "graded", {FAIR: WRONG}, {FAIR: evil}, [evil])
    page = page_of(Student(evil, [grade]), Count([grade]))
    read = Reader()
    read.feed(page)
    assert not {"script", "img"} & set(read.elements) and read.text.count("alert(1)") >= 4
    assert "default-src 'none'" in page


def test_each_student_has_a_page_whatever_the_name(tmp_path):
    students = [Student("ada", ADA), Student("ü" * 200, BOB), Student("bob\udcff", BOB)]
    write_feedback(Count(ADA + BOB), students[:2], tmp_path / "new" / "pages")
    assert len(list((tmp_path / "new" / "pages").iterdir())) == 2
    assert "bob" in page_of(students[2], Count(BOB))


def test_the_command_writes_tables_and_pages(tmp_path):
    cell = 'from lossbook import check\nanswer = {}\ncheck("{}", answer)'
    for student, answers in {"ada": {FAIR: "0.5**10", "likelihood.tosses": "1"}, "bob": {FAIR: "None"}}.items():
        cells = [
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.format(answer, name)}
            for name, answer in answers.items()
        ]
        path = tmp_path / "week" / student / "01-likelihood.ipynb"
        path.parent.mkdir(parents=True)
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "points.csv").write_text(f"{FAIR},4\nlikelihood.tosses,2\n", encoding="utf-8")
    words = ["grade", "week", "--out", "marks.csv", "--feedback", "pages", "--points", "points.csv"]
    assert main([str(tmp_path / word) if "." in word or word in ("week", "pages") else word for word in words]) == 0
    with (tmp_path / "marks-students.csv").open(encoding="utf-8-sig") as file:
        assert [list(row.values()) for row in csv.DictReader(file)] == [
            ["ada", "1", "4", "6", "4"],
            ["bob", "1", "0", "6", "0"],
        ]
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {"ada.html", "bob.html"}
    assert "4 of 6 points" in (tmp_path / "pages" / "ada.html").read_text(encoding="utf-8")
