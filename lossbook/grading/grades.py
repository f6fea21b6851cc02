"""What became of a notebook that was handed in, and the table of all of them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from lossbook.pages.exercises import RIGHT, all_exercises

GRADED = "graded"
# A spreadsheet takes what begins with one of these for a formula, and may run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class Grade:
    """What became of one notebook.

    Attributes
    ----------
    path : Path
        Its file.
    status : str
        ``"graded"``, or why it was not, or not to the end.
    marks : dict
        By exercise ``"right"``, ``"wrong"``, ``"open"`` or ``"error"``; of an exercise that is checked twice, the
        last check counts.
    problems : list of (bool, str)
        What went wrong, as it came; true: an error, false: a wrong answer.
    """

    path: Path
    status: str = "crashed"
    marks: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def chapter(self) -> str:
        """Name of the chapter most of whose exercises are checked; empty if none is."""
        found = Counter(name.split(".")[0] for name in self.marks)
        return found.most_common(1)[0][0] if found else ""

    @property
    def right(self) -> int:
        """How many exercises of that chapter are right."""
        return sum(self.marks.get(name) == RIGHT for name in exercises_of(self.chapter))

    @property
    def message(self) -> str:
        """The first error, else the first wrong answer."""
        errors = [text for is_error, text in self.problems if is_error]
        return " ".join([*errors, *(text for _, text in self.problems), ""][0].split())


def exercises_of(chapter: str) -> list[str]:
    """Return the names of a chapter's exercises in the order in which they stand there."""
    return [name for name in all_exercises() if name.split(".")[0] == chapter]


def write_table(grades: Sequence[Grade], file: TextIO) -> None:
    """Write grades as CSV, one row for each notebook.

    Parameters
    ----------
    grades : sequence of Grade
        In the order of the rows.
    file : text file
        Opened with ``newline=""``.
    """
    chapters = {grade.chapter: None for grade in grades}
    columns = [name for chapter in chapters for name in exercises_of(chapter)]
    columns += sorted({name for grade in grades for name in grade.marks} - set(columns))
    writer = csv.writer(file)
    writer.writerow(["file", "chapter", "right", "of", "status", "message", *columns])
    for grade in grades:
        of = len(exercises_of(grade.chapter))
        row: list[str | int] = [str(grade.path), grade.chapter, grade.right, of, grade.status, grade.message]
        row += [grade.marks.get(name, "") for name in columns]
        writer.writerow([harmless(cell) for cell in row])


def harmless(cell: str | int) -> str:
    """Return what a spreadsheet shows as it stands, and never runs.

    Parameters
    ----------
    cell : str or int
        Of the table.

    Examples
    --------
    >>> harmless("=1+1")
    "'=1+1"
    """
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
