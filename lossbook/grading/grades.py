"""What became of a notebook that was handed in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lossbook.pages.exercises import RIGHT, all_exercises

GRADED = "graded"


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
    problems : dict
        By exercise what its check says of a wrong answer, or which error came instead of an answer.
    faults : list of str
        What went wrong outside the cells of exercises.
    """

    path: Path
    status: str = "crashed"
    marks: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def chapter(self) -> str:
        """Name of the chapter most of whose exercises are checked; empty if none is."""
        found = Counter(name.split(".")[0] for name in self.marks)
        return found.most_common(1)[0][0] if found else ""

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(mark == RIGHT for mark in self.marks.values())


def exercises_of(chapter: str) -> list[str]:
    """Return the names of a chapter's exercises in the order in which they stand there."""
    return [name for name in all_exercises() if name.split(".")[0] == chapter]
