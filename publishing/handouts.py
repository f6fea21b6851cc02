"""Puts together what is handed out in a class: ``make class``.

Students get the book without solutions with its lecture decks, and its chapters as notebooks; teachers get the decks
and a notebook for each chapter with every exercise, its solution and the check that it passes. Who grades with
nbgrader gets a course for it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from lossbook.sphinxext.solutions import notebook_without_solutions

from .course import write_course
from .exercises import chapters_with_exercises, exercises_of, notebook_of, title_of
from .workbooks import Literature, workbook

_FOR_STUDENTS = """\
Loss functions: the book and its notebooks

book/index.html   the book; it works offline, in any browser
book/slides/      the slides of the lectures
notebooks/        the same chapters as notebooks, to be run and answered

The notebooks need Python 3.11, 3.12, 3.13 or 3.14 and the package lossbook with what its chapters import.
In the folder of lossbook's source, which your teacher names:

  pip install -r requirements.txt -r requirements/lab.txt
  jupyter lab

Then open a notebook, replace None in an exercise by your answer and run its cell: the check answers at once.
Save the notebook with its name and hand it in.
"""

_FOR_TEACHERS = """\
Loss functions: solutions

solutions/   for each chapter a notebook with its exercises, each with its worked solution as text and as code that
             runs and ends in its check
slides/      the lecture decks, which work offline; S opens the speaker's view with notes and a clock

lossbook-nbgrader.zip, beside this file's, has the exercises as a course for nbgrader.

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


def solutions_notebook(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook of a chapter's solutions, each as text and as code that checks itself.

    Parameters
    ----------
    notebook : dict
        The chapter, as its file holds it.
    """
    cells: list[tuple[str, str, dict[str, Any]]] = [
        ("markdown", f"{title_of(notebook)}: solutions", {}),
        ("code", "from lossbook.pages.exercises import check", {}),
    ]
    for number, exercise in enumerate(exercises_of(notebook), 1):
        cells += [
            ("markdown", f"## {number}. {exercise.title}\n\n{exercise.text}", {}),
            ("markdown", f"**Solution.** {exercise.explanation}", {}),
            ("code", f'{exercise.code}\ncheck("{exercise.name}", answer)', {}),
        ]
    return notebook_of(cells)


def hand_out(book: Path, chapters: Path, output: Path) -> None:
    """Write the students' and the teachers' folders and a course for nbgrader, and each as a zip file.

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
    literature = Literature.of(chapters.parent)
    for path in chapters_with_exercises(chapters):
        text = path.read_text(encoding="utf-8")
        handed = workbook(json.loads(notebook_without_solutions(text)), literature)
        (students / "notebooks" / path.name).write_text(
            json.dumps(handed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        solved = json.dumps(solutions_notebook(json.loads(text)), indent=1, ensure_ascii=False) + "\n"
        (teachers / "solutions" / path.name).write_text(solved, encoding="utf-8")
    (students / "README.txt").write_text(_FOR_STUDENTS, encoding="utf-8")
    (teachers / "README.txt").write_text(_FOR_TEACHERS, encoding="utf-8")
    course = output / "nbgrader"
    write_course(chapters, course)
    for folder in (students, teachers, course):
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
