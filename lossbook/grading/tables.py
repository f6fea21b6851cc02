"""The tables of a class: a row for each notebook, and a row for each student."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from .students import Count, Student

# A spreadsheet takes a cell that begins with one of these for a formula, and may run it; and where it parts cells at
# semicolons, what stands behind one begins a cell, too.
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")  # noqa: RUF001 (so do wide ones)


def write_table(count: Count, owners: Mapping[Path, str], file: TextIO) -> None:
    """Write a table as CSV, with a row for each notebook.

    Parameters
    ----------
    count : Count
        The grades, in the order of the rows, and what counts of them.
    owners : mapping
        By file, whose it is.
    file : text file
        Opened with ``newline=""``.
    """
    names = count.exercises
    rows: list[list[str]] = [["file", "student", "chapter", "status", "points", "of", "right", "problems", *names]]
    for grade in count.grades:
        counted = count.of(grade)
        row = [str(grade.path), owners[grade.path], grade.chapter, grade.status]
        row += [f"{count.earned(grade.marks, counted):g}", f"{count.worth(counted):g}"]
        row += [str(sum(grade.marks.get(name) == "right" for name in counted)), " | ".join(count.problems(grade))]
        rows.append(row + [grade.marks.get(name, "") if name in counted else "" for name in names])
    _write(rows, file)


def write_sums(count: Count, students: Sequence[Student], file: TextIO) -> None:
    """Write a table with a row for each student: points by chapter, and their sum.

    Parameters
    ----------
    count : Count
        What counts.
    students : sequence of Student
        In the order of the rows.
    file : text file
        Opened with ``newline=""``.
    """
    chapters: dict[str, list[str]] = {}
    for name in count.exercises:
        chapters.setdefault(name.split(".")[0], []).append(name)
    rows = [["student", "notebooks", "points", "of", *chapters]]
    for student in students:
        marks = student.marks(count)
        row = [student.name, str(len(student.grades)), f"{count.earned(marks, list(marks)):g}"]
        row.append(f"{count.worth(count.exercises):g}")
        rows.append(row + [f"{count.earned(marks, names):g}" for names in chapters.values()])
    _write(rows, file)


def _write(rows: Iterable[Sequence[str]], file: TextIO) -> None:
    csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)


def harmless(cell: str) -> str:
    """Return what a spreadsheet shows as it stands, and never runs.

    Parameters
    ----------
    cell : str
        Of the table.

    Examples
    --------
    >>> harmless("=1+1"), harmless("mean;=1+1")
    ("'=1+1", "mean;'=1+1")
    """
    return _FORMULA.sub(r"\1'", cell)
