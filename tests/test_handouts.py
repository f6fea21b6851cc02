"""What a class is handed: students get no solution, teachers get all of them, and they are right."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from building import ROOT

from lossbook.pages.exercises import RIGHT, all_exercises
from publishing.exercises import chapters_with_exercises, exercises_of
from publishing.handouts import hand_out, solutions_notebook
from publishing.workbooks import Literature, plain_text, workbook

LITERATURE = Literature.of(ROOT)
CHAPTERS = list(chapters_with_exercises(ROOT / "chapters"))


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    book = folder / "html"
    (book / ".doctrees").mkdir(parents=True)
    (book / "index.html").write_text("<p>A book.</p>", encoding="utf-8")
    (book / "slides").mkdir()
    (book / "slides/index.html").write_text("<p>Decks.</p>", encoding="utf-8")
    output = folder / "out"
    for _ in range(2):  # what stood there before goes
        hand_out(book, ROOT / "chapters", output)
        (output / "students" / "old.txt").touch()
    hand_out(book, ROOT / "chapters", output)
    return output


def test_students_get_the_book_and_every_chapter(handed_out):
    students = handed_out / "students"
    assert {path.name for path in students.iterdir()} == {"book", "notebooks", "README.txt"}
    assert {path.name for path in (students / "book").iterdir()} == {"index.html", "slides"}
    assert (handed_out / "teachers/slides/index.html").exists()
    assert [path.name for path in sorted((students / "notebooks").iterdir())] == [path.name for path in CHAPTERS]
    assert len(CHAPTERS) == 9
    assert "pip install" in (students / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_students_notebooks_lack_the_solutions_and_nothing_else(handed_out, chapter):
    notebook = handed_out / "students" / "notebooks" / chapter.name
    text = notebook.read_text(encoding="utf-8")
    assert "{solution}" not in text and "{admonition} Solution" not in text
    cells, whole = read(notebook)["cells"], workbook(read(chapter), LITERATURE)["cells"]
    assert [cell for cell in cells if cell["cell_type"] == "code"] == [
        cell for cell in whole if cell["cell_type"] == "code"
    ]
    for exercise in exercises_of(read(chapter)):
        assert exercise.explanation not in "\n".join("".join(cell["source"]) for cell in cells)
        assert plain_text(exercise.text, LITERATURE) in "\n".join("".join(cell["source"]) for cell in cells)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_run_and_are_right(handed_out, chapter):
    notebook = read(handed_out / "teachers" / "solutions" / chapter.name)
    room: dict[str, object] = {}
    right = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "\ncheck(" in source:
            *lines, last = source.split("\n")
            exec("\n".join(lines), room)  # noqa: S102 (our own text)
            verdict = eval(last, room)  # noqa: S307 (our own text)
            assert verdict.status == RIGHT, verdict
            right.append(verdict.exercise)
        elif cell["cell_type"] == "code":
            exec(source, room)  # noqa: S102 (our own text)
    assert right == [exercise.name for exercise in exercises_of(read(chapter))]
    assert set(right) == {name for name in all_exercises() if name.split(".")[0] == right[0].split(".")[0]}


def test_solutions_have_the_question_and_the_explanation(handed_out):
    for chapter in CHAPTERS:
        notebook = read(handed_out / "teachers" / "solutions" / chapter.name)
        text = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
        assert "{exercise}" not in text and ":label:" not in text and ":class:" not in text
        for exercise in exercises_of(read(chapter)):
            assert f"{exercise.title}\n\n{exercise.text}" in text and exercise.explanation in text


def test_teachers_are_told_that_the_package_has_the_answers(handed_out):
    text = (handed_out / "teachers" / "README.txt").read_text(encoding="utf-8")
    assert "lossbook/pages/exercises/" in text and "python -m lossbook.grading grade" in text


@pytest.mark.parametrize("whose", ["students", "teachers", "nbgrader"])
def test_each_folder_is_a_zip_file_too(handed_out, whose):
    with zipfile.ZipFile(handed_out / f"lossbook-{whose}.zip") as packed:
        names = {name for name in packed.namelist() if not name.endswith("/")}
    folder = handed_out / whose
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {f"lossbook-{whose}/{name}" for name in files}


def test_a_book_with_solutions_is_not_handed_out(tmp_path):
    (tmp_path / "html" / "chapters").mkdir(parents=True)
    (tmp_path / "html" / "chapters" / "one.html").write_text("<p>Solution to Exercise 1</p>", encoding="utf-8")
    with pytest.raises(ValueError, match="built with solutions: one.html"):
        hand_out(tmp_path / "html", ROOT / "chapters", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```{exercise} One\n:label: a-b\nWhat?\n```", "exercises without solution"),
        ("```{exercise} One\nWhat?\n```", "has no label"),
        ("```{solution} a-b\nThis.\n```", "has no code"),
    ],
)
def test_what_is_not_whole_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        solutions_notebook({"cells": [{"cell_type": "markdown", "source": [text]}]})
