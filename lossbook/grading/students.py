"""Whose a notebook is, and what counts of all that a student has handed in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lossbook.pages.exercises import OPEN, RIGHT, WRONG
from lossbook.pages.quizzes import quiz_names

from .grades import Grade, exercises_of
from .points import all_points
from .running import ERROR

# From worst to best; of an exercise that is in two notebooks of a student, the better mark counts.
_MARKS = ("", OPEN, ERROR, WRONG, RIGHT)


def student_of(path: Path, folder: Path) -> str:
    """Return whose notebook a file is.

    The first folder inside of the one that was named says so; where there is none, the file's name without that of the
    chapter; and where nothing is left of it, the folder's own name.

    Parameters
    ----------
    path : Path
        The notebook.
    folder : Path
        The folder that was named.

    Examples
    --------
    >>> student_of(Path("week1/ada/01-likelihood.ipynb"), Path("week1"))
    'ada'
    >>> student_of(Path("week1/01-likelihood_ada.ipynb"), Path("week1"))
    'ada'
    >>> student_of(Path("ada/01-likelihood (2).ipynb"), Path("ada"))
    'ada'
    """
    inside = path.relative_to(folder).parts
    if len(inside) > 1:
        return inside[0]
    name = path.stem
    for chapter in quiz_names():  # the quizzes have their chapters' names
        name = name.replace(chapter, "")
    name = name.strip(" _-.,+()")
    return name if re.search(r"[^\W\d_]|\d{3}", name) else folder.resolve().name or path.stem


@dataclass(frozen=True)
class Count:
    """What counts, and for how many points.

    Parameters
    ----------
    grades : sequence of Grade
        Of the whole class.
    points : mapping, optional
        Points by exercise: these count, in whichever notebook they are. If not given, a notebook counts for the
        chapter most of whose exercises it checks, so that no notebook gives the table more columns than a chapter has.
    """

    grades: Sequence[Grade]
    points: Mapping[str, float] | None = None

    @property
    def exercises(self) -> list[str]:
        """The exercises that count for anybody."""
        if self.points is not None:
            return list(self.points)
        chapters = dict.fromkeys(one.chapter for one in self.grades if one.chapter)
        return [name for name in all_points() if name.split(".")[0] in chapters]

    def of(self, grade: Grade) -> list[str]:
        """Return the exercises that count of a notebook, answered or not."""
        return exercises_of(grade.chapter) if self.points is None else list(self.points)

    def worth(self, names: Sequence[str]) -> float:
        """Return the points of these exercises."""
        worth = all_points() if self.points is None else self.points
        return sum(worth[name] for name in names)

    def earned(self, marks: Mapping[str, str], names: Sequence[str]) -> float:
        """Return the points of those of these exercises that are right."""
        return self.worth([name for name in names if marks.get(name) == RIGHT])

    def problems(self, grade: Grade) -> list[str]:
        """Return every problem of a notebook, each with the name of its exercise."""
        counted = self.of(grade)
        found = [f"{name}: {grade.problems[name]}" for name in counted if name in grade.problems]
        others = sum(name not in counted for name in grade.marks)
        if others:
            found.append(f"it checks {others} more, which {'does' if others == 1 else 'do'} not count here")
        return [*found, *grade.faults]


@dataclass
class Student:
    """What a student has handed in.

    Attributes
    ----------
    name : str
        As `student_of` has it.
    grades : list of Grade
        One for each notebook.
    """

    name: str
    grades: list[Grade] = field(default_factory=list)

    def marks(self, count: Count) -> dict[str, str]:
        """Return the mark of each exercise that counts, the best of all notebooks; empty for what is in none."""
        best = dict.fromkeys(count.exercises, "")
        for grade in self.grades:
            for name in count.of(grade):
                best[name] = max(best.get(name, ""), grade.marks.get(name, ""), key=_MARKS.index)
        return best


def by_student(grades: Sequence[Grade], owners: Mapping[Path, str]) -> list[Student]:
    """Return the students in the order of their names.

    Parameters
    ----------
    grades : sequence of Grade
        Of all notebooks.
    owners : mapping
        By file, whose it is.
    """
    found: dict[str, Student] = {}
    for grade in grades:
        name = owners[grade.path]
        found.setdefault(name, Student(name)).grades.append(grade)
    return [found[name] for name in sorted(found)]
