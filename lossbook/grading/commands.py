"""The command line: ``python -m lossbook.grading grade``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .grades import GRADED, Grade, write_table
from .working import grade

_DESCRIPTION = """\
Run the checks of notebooks that were handed in, and write a table of the marks: one row for each notebook, one column
for each exercise, right, wrong, open (not answered) or error; empty where the notebook does not check it. Of an
exercise that is checked twice, the last check counts. Only the cells run that the checks need."""

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
    command.add_argument("--timeout", type=_positive, default=60, help="seconds for a notebook (%(default)s)")
    memory = "megabytes for a notebook (%(default)s), of which the libraries take 400"
    command.add_argument("--memory", type=_positive, default=2048, help=memory)
    command.add_argument("--jobs", type=_positive, help="notebooks at once (one for each core)")
    chosen = parser.parse_args(words)
    paths = _files(chosen.notebooks)
    if not paths:
        command.error("there is no notebook in what was named")
    try:
        # Excel takes a table for UTF-8 only with the mark at its start. Names of files may hold anything.
        table = chosen.out.open("w", encoding="utf-8-sig", errors="replace", newline="")
    except OSError as error:
        command.error(f"--out: {error}")
    grades: list[Grade] = []

    def take(one: Grade) -> None:
        grades.append(one)
        name = ascii(str(one.path))[1:-1]  # a name may hold what would move the cursor
        print(f"{len(grades)}/{len(paths)} {name}: {one.status}, {one.right} right", file=sys.stderr, flush=True)

    with table:
        try:
            grade(paths, seconds=chosen.timeout, megabytes=chosen.memory, jobs=chosen.jobs, done=take)
        except KeyboardInterrupt:
            print("stopped; the table has what was graded until now", file=sys.stderr)
        write_table(sorted(grades, key=lambda one: paths.index(one.path)), table)
    good = sum(one.status == GRADED for one in grades)
    print(f"{len(paths)} notebooks, {good} graded: {chosen.out}", file=sys.stderr)
    return 0 if good == len(paths) else 1


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _files(named: Sequence[Path]) -> list[Path]:
    found = []
    for path in named:
        if path.is_dir():
            inside = sorted(path.rglob("*.ipynb"))
            found += [one for one in inside if not any(part.startswith(".") for part in one.relative_to(path).parts)]
        else:
            found.append(path)
    return found
