"""The command line: ``python -m lossbook.grading grade``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from .feedback import write_feedback
from .grades import GRADED, Grade
from .points import read_points
from .students import Count, by_student, student_of
from .tables import write_sums, write_table
from .working import grade

_DESCRIPTION = """\
Run the checks of notebooks that were handed in, and write a table of the marks: one row for each notebook, one column
for each exercise, right, wrong, open (not answered) or error; empty where the notebook does not check it. Of an
exercise that is checked twice, the last check counts. Only the cells run that the checks need.

A second table has a row for each student: the points of each chapter, and their sum. Whose a notebook is, the folder
says in which it lies inside of the one that you name (week1/ada/01-likelihood.ipynb); where there is none, what its
file's name has beside the chapter's (week1/01-likelihood-ada.ipynb). Of an exercise in two notebooks of a student, the
better mark counts. A notebook counts for the chapter most of whose exercises it checks, unless --points says what
counts."""

_LIMITS = """\
Each notebook runs in a process of its own, in an empty folder, without the environment's tokens. The time limit holds
everywhere; a single statement gets a third of it, so that an endless loop costs one exercise (on Windows if it loops in
Python itself), and five seconds are for a call of a function that is checked. The memory limit is the kernel's on
Linux; there and elsewhere the grader watches, if psutil is installed (it comes with Jupyter). Limits of processor time
and of the size of files hold on Linux and macOS, a limit of processes on Linux.

This keeps accidents apart, not malice: a notebook can read what you can read, reach the network, and forge its mark.
Grade strangers' work in a container or under a user of its own.

Exit status: 0 all were graded, 1 some were not (see their status), 2 the command was wrong."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status.

    Parameters
    ----------
    words : sequence of str, optional
        The command line's, if not given.
    """
    parser = argparse.ArgumentParser(prog="python -m lossbook.grading")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "grade",
        help="grade notebooks",
        description=_DESCRIPTION,
        epilog=_LIMITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("notebooks", metavar="NOTEBOOK", type=Path, nargs="+", help="a notebook, or a folder of them")
    command.add_argument("--out", type=Path, default=Path("grades.csv"), help="the table (%(default)s)")
    command.add_argument("--students", type=Path, help="the table of sums (beside the table: grades-students.csv)")
    command.add_argument("--feedback", type=Path, metavar="FOLDER", help="write a page for each student into a folder")
    what_counts = "what counts: lines such as 'likelihood.poisson,2', or the name of a chapter, or of an exercise"
    command.add_argument("--points", type=Path, metavar="FILE", help=what_counts)
    command.add_argument("--timeout", type=_positive, default=60, help="seconds for a notebook (%(default)s)")
    memory = "megabytes for a notebook (%(default)s), of which the libraries take 400"
    command.add_argument("--memory", type=_positive, default=2048, help=memory)
    command.add_argument("--jobs", type=_positive, help="notebooks at once (one for each core)")
    chosen = parser.parse_args(words)
    owners = _files(chosen.notebooks)
    paths = list(owners)
    if not paths:
        command.error("there is no notebook in what was named")
    try:
        points = read_points(chosen.points) if chosen.points else None
    except (OSError, ValueError) as error:
        command.error(f"--points: {error}")
    beside = chosen.students or chosen.out.with_name(f"{chosen.out.stem}-students{chosen.out.suffix}")
    try:
        table, sums = _opened(chosen.out), _opened(beside)
        if chosen.feedback:
            chosen.feedback.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        command.error(f"{error.strerror}: {error.filename}")
    grades: list[Grade] = []

    def take(one: Grade) -> None:
        grades.append(one)
        name = ascii(str(one.path))[1:-1]  # a name may hold what would move the cursor
        print(f"{len(grades)}/{len(paths)} {name}: {one.status}, {one.right} right", file=sys.stderr, flush=True)

    with table, sums:
        try:
            grade(paths, seconds=chosen.timeout, megabytes=chosen.memory, jobs=chosen.jobs, done=take)
        except KeyboardInterrupt:
            print("stopped; the tables have what was graded until now", file=sys.stderr)
        grades.sort(key=lambda one: paths.index(one.path))
        count, students = Count(grades, points), by_student(grades, owners)
        write_table(count, owners, table)
        write_sums(count, students, sums)
    if chosen.feedback:
        write_feedback(count, students, chosen.feedback)
    good = sum(one.status == GRADED for one in grades)
    print(f"{len(paths)} notebooks, {good} graded: {chosen.out}", file=sys.stderr)
    print(f"{len(students)} students: {beside}", file=sys.stderr)
    return 0 if good == len(paths) else 1


def _opened(path: Path) -> TextIO:
    # Excel takes a table for UTF-8 only with the mark at its start. Names of files may hold anything.
    return path.open("w", encoding="utf-8-sig", errors="replace", newline="")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _files(named: Sequence[Path]) -> dict[Path, str]:
    """Return the notebooks in what was named, and whose each is."""
    found: dict[Path, str] = {}
    for path in named:
        if path.is_dir():
            for one in sorted(path.rglob("*.ipynb")):
                if not any(part.startswith(".") for part in one.relative_to(path).parts):
                    found[one] = student_of(one, path)
        else:
            found[path] = student_of(path, path.parent)
    return found
