"""Runs what a notebook's checks need and judges its answers; this happens in a process of the notebook's own.

What is found goes line by line, as JSON, into a socket that the notebook does not know of.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import io
import json
import os
import socket
import sys
import time
import types
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from lossbook.pages import answers, attempts, exercises
from lossbook.pages.attempts import TooLong, attempt, described

from .choosing import Part, chosen, names, parts_of, shared
from .limits import close_all_but, limit_this_process
from .places import Places, exercises_in
from .reading import Unreadable, read_notebook

ERROR = "error"
_CHECK = "__lossbook_check__"
# More than a message needs; the rest is cut.
_LONGEST = 300


class Nowhere(io.TextIOBase):
    """Takes whatever is printed, and cannot be closed."""

    def write(self, text: str) -> int:
        """Forget the text."""
        return len(text)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def close(self) -> None:
        """Stay open: the next cell may want to print, too."""


class Judge:
    """Judges answers by the package's own exercises, whatever the notebook has done to ``check``.

    Parameters
    ----------
    report : callable
        Takes a dictionary for each finding.
    """

    def __init__(self, report: Callable[[dict[str, str]], None]) -> None:
        self._report = report
        # Copies: the notebook can reach the originals, and change them.
        self.exercises = {name: dataclasses.replace(one) for name, one in exercises.all_exercises().items()}
        self.judged: dict[str, str] = {}
        self.own: Callable[..., Any] | None = None
        exercises.check = self.check
        # A notebook that replaces these is judged by the right ones all the same.
        self._kept = [
            *((exercises.Exercise, name, value) for name, value in vars(exercises.Exercise).items() if callable(value)),
            *(
                (module, name, value)
                for module in (exercises, answers, attempts)
                for name, value in vars(module).items()
                if callable(value)
            ),
            *((np, name, getattr(np, name)) for name in ("asarray", "allclose", "array2string", "finfo", "isfinite")),
        ]

    @property
    def wrong(self) -> bool:
        """Whether an answer was wrong."""
        return exercises.WRONG in self.judged.values()

    def check(self, *arguments: Any, **named: Any) -> Any:
        """Stand in for ``check``; what is no exercise is left to a function of that name in the notebook."""
        name = arguments[0] if arguments else named.get("name")
        if not isinstance(name, str) or name not in self.exercises:
            if callable(self.own) and self.own != self.check:
                return self.own(*arguments, **named)
            raise ValueError(f"name: there is no exercise {name!r}")
        answer = arguments[1] if len(arguments) > 1 else named.get("answer")
        for owner, attribute, value in self._kept:
            setattr(owner, attribute, value)
        verdict = exercises.Exercise.check(self.exercises[name], answer)
        self.judged[name] = verdict.status
        self._report({"exercise": name, "status": verdict.status, "message": _line(verdict.message)})
        return verdict


class Notebook:
    """Runs the cells of a notebook, statement by statement; what fails costs only those that need it.

    Parameters
    ----------
    parts : sequence of Part
        Its cells.
    judge : Judge
        Judges what it checks.
    places : Places
        Where its exercises stand.
    report : callable
        Takes a dictionary for each finding.
    seconds : float
        For one statement.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        judge: Judge,
        places: Places,
        report: Callable[[dict[str, str]], None],
        seconds: float,
    ) -> None:
        self._parts, self._judge, self._places, self._report, self._seconds = parts, judge, places, report, seconds
        self._futures = [
            part.body[0]
            for part in parts
            if isinstance(part.body[0], ast.ImportFrom) and part.body[0].module == "__future__"
        ]
        self._process = os.getpid()

    def grade(self) -> None:
        """Run what the checks need; where something is not right that may lie in what was left out, run everything."""
        places = chosen(self._parts)
        failed, missing = self._run(sorted(places), report_errors=True)
        hidden = missing and any(part.binds_anything for part in self._parts)
        if hidden or (shared(self._parts, places) and (failed or self._judge.wrong)):
            self._run(range(len(self._parts)), report_errors=False)

    def _run(self, places: Iterable[int], *, report_errors: bool) -> tuple[bool, bool]:
        """Run parts; tell whether anything failed, and whether for want of a name that nothing readable binds."""
        module = types.ModuleType("__main__")
        room = module.__dict__
        room |= {_CHECK: self._judge.check, "get_ipython": _NoShell, "display": lambda *_, **__: None}
        sys.modules["__main__"] = module
        failed = missing = False
        lost: dict[str, str] = {}
        for cell, node in ((self._parts[place].cell, node) for place in places for node in self._parts[place].body):
            own = room.get("check")
            self._judge.own = own if callable(own) else None
            binds = names([node])[1]
            try:
                self._run_one(cell, node, room)
            except BaseException as error:  # noqa: BLE001 (a notebook may raise anything, SystemExit too)
                failed = True
                missing |= isinstance(error, NameError) and error.name not in lost
                said = self._said(error)
                if isinstance(error, NameError) and error.name in lost:
                    said = lost[error.name]  # what comes of an error is no news
                # What it was to bind is no longer there: an older value would be judged in its place.
                for name in binds:
                    room.pop(name, None)
                    lost[name] = said
                if report_errors:
                    self._report_error(cell, node, said)
            else:
                for name in binds:
                    lost.pop(name, None)
            finally:
                # A process that the notebook has forked, and let go on, must not go on grading.
                if os.getpid() != self._process:
                    os._exit(0)
        return failed, missing

    def _run_one(self, cell: int, node: ast.stmt, room: dict[str, Any]) -> None:
        tree = ast.Module(body=[*self._futures, _WithOurCheck().visit(copy.deepcopy(node))], type_ignores=[])
        code = compile(ast.fix_missing_locations(tree), f"cell {cell}", "exec", dont_inherit=True)
        sys.stdout = sys.stderr = Nowhere()
        sys.stdin = io.StringIO()
        _, error = attempt(lambda: exec(code, room), self._seconds)  # noqa: S102 (this is what the process is for)
        if error is not None:
            raise error

    def _said(self, error: BaseException) -> str:
        return f"took longer than {self._seconds:.3g} s" if isinstance(error, TooLong) else described(error)

    def _report_error(self, cell: int, node: ast.stmt, said: str) -> None:
        # Where a cell has one exercise, all of its statements are the answer's.
        owners = exercises_in(node, self._judge.exercises) or self._places.only(cell)
        for name in owners:
            if name not in self._judge.judged:
                self._report({"exercise": name, "status": ERROR, "message": _line(said)})
        if not owners:
            self._report({"exercise": "", "status": ERROR, "message": _line(self._places.described(cell, node, said))})


class _WithOurCheck(ast.NodeTransformer):
    """Calls the judge where ``check`` is called, whatever the notebook has under that name."""

    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "check":
            node.func = ast.copy_location(ast.Name(_CHECK, ast.Load()), node.func)
        return node


class _NoShell:
    """Stands in for IPython's shell; magics do nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def run_notebook(path: Path, folder: Path, out: socket.socket, seconds: float, megabytes: int) -> None:
    """Grade a notebook, and end this process.

    Parameters
    ----------
    path : Path
        The notebook, from the root.
    folder : Path
        An empty folder, where it runs.
    out : socket
        Where the findings go.
    seconds, megabytes : float and int
        Its limits.
    """
    limit_this_process(folder, seconds, megabytes)
    _send(out, {"start": True})
    if hasattr(os, "fork"):
        # The notebook's parent is a process of its own: whoever kills or stops that harms only himself.
        notebook = os.fork()
        if notebook:
            _, status = os.waitpid(notebook, 0)
            _send(out, {"exit": os.waitstatus_to_exitcode(status)})
            _wait_for_the_end()
        close_all_but(out.fileno())
    grader = os.getpid()

    def report(finding: dict[str, str]) -> None:
        if os.getpid() == grader:
            _send(out, finding)

    try:
        cells = read_notebook(path)
        judge = Judge(report)
        places = Places(cells, judge.exercises)
        for cell in cells:
            for name in cell.named or ("",):
                if cell.problem:
                    said = cell.problem if name else places.described(cell.number, None, cell.problem)
                    report({"exercise": name, "status": ERROR, "message": _line(said)})
        Notebook(parts_of(cells), judge, places, report, seconds / 3).grade()
        report({"end": "graded", "message": ""})
    except Unreadable as error:
        report({"end": error.status, "message": _line(str(error))})
    except MemoryError:
        report({"end": "out of memory", "message": "too large to be read"})
    _wait_for_the_end()


def _send(out: socket.socket, finding: dict[str, Any]) -> None:
    # A line of its own, even after one that broke off.
    out.sendall(b"\n" + json.dumps(finding).encode() + b"\n")


def _wait_for_the_end() -> NoReturn:
    """Wait until the grader ends this process with all that the notebook has started; its code has no more say."""
    time.sleep(60)
    os._exit(0)
