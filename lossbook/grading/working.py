"""Grades notebooks side by side, each in a process of its own, and survives whatever they do."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
import types
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing import connection
from pathlib import Path
from typing import Any

from lossbook.pages.exercises import OPEN, RIGHT, WRONG, all_exercises

from .grades import GRADED, Grade
from .limits import scrubbed_environment
from .reading import UNREADABLE
from .running import ERROR, run_notebook

# psutil comes with Jupyter; without it, only the limits of the platform itself hold.
try:
    import psutil
except ImportError:
    psutil = None

_ATTEMPTS = 8
_FIRST_WAIT = 0.05  # seconds, twice as long after each attempt: a template that dies takes its time on a busy machine
_GLANCE = 0.2  # seconds between two looks at what the processes hold
_LONGEST_START = 300  # seconds; before the first notebook, the template imports what chapters import
_MOST_PROCESSES = 64
_MOST_READS = 16  # at a time, so that a flood from one notebook leaves time for the others
_LONGEST_MESSAGE = 300
_MOST_FAULTS = 40  # that are told outside the cells of exercises
_MOST_BYTES = 2**20  # of findings; an honest notebook sends some thousands
# What a process of the template's ends with, for this process, when the template itself has been killed.
_TEMPLATE_LOST = 255


class _Run:
    """One notebook at work."""

    def __init__(self, path: Path, *, context: Any, seconds: float, megabytes: int) -> None:
        self.grade = Grade(path)
        self.stopped = ""
        self.started = False
        self.ended = False
        self.gone = False
        self._code: int | None = None
        self._megabytes = megabytes
        self._read = b""
        self._left = _MOST_BYTES
        self._folder = tempfile.TemporaryDirectory(prefix="lossbook-", ignore_cleanup_errors=True)
        self.findings, theirs = socket.socketpair()
        self.findings.setblocking(False)
        arguments = (path.absolute(), Path(self._folder.name), theirs, seconds, megabytes)
        with theirs, _bare_main():
            self.process = _started(context, arguments)
        self._seconds = seconds
        self._deadline = time.monotonic() + _LONGEST_START
        self._next_look = 0.0

    def read(self) -> None:
        """Take what the process has sent."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            for _ in range(_MOST_READS):
                data = self.findings.recv(65536)
                if not data:
                    self.gone = True
                    break
                # Beyond the limit it is read, so that nobody waits, and forgotten.
                self._read += data[: self._left]
                self._left -= min(len(data), self._left)
        *lines, self._read = self._read.split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
                self._take(json.loads(line))

    def _take(self, finding: dict[str, Any]) -> None:
        if "exit" in finding:
            self._code = int(finding["exit"])
            self.gone = True
            return
        if "start" in finding:
            self.started = True
            self._deadline = min(self._deadline, time.monotonic() + self._seconds)
            return
        # The notebook may have sent this itself: nothing in it may be long, or move a terminal's cursor.
        message = " ".join("".join(letter if letter.isprintable() else " " for letter in _text(finding)).split())
        if "end" in finding:
            if finding["end"] in (GRADED, *UNREADABLE):
                self.ended = True
                self.grade.status = finding["end"]
                if message:
                    self.grade.faults.append(message)
            return
        name, status = finding["exercise"], finding["status"]
        if name in all_exercises() and status in (OPEN, RIGHT, WRONG, ERROR):
            self.grade.marks[name] = status
            self.grade.problems.pop(name, None)
            if status in (WRONG, ERROR):
                self.grade.problems[name] = message
        elif status == ERROR and len(self.grade.faults) < _MOST_FAULTS and message not in self.grade.faults:
            self.grade.faults.append(message)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        # Without the template nobody says how a process ended, but it goes on, and may end well.
        return self.ended or bool(self.stopped) or self.gone or self.process.exitcode not in (None, _TEMPLATE_LOST)

    def awaited(self) -> list[Any]:
        """Return what tells of news."""
        return [self.findings] if self.process.exitcode is not None else [self.findings, self.process.sentinel]

    def look(self) -> None:
        """Say why the process must stop, if it must."""
        if time.monotonic() > self._deadline:
            self.stopped = "timed out"
        elif psutil is not None and time.monotonic() > self._next_look:
            self._next_look = time.monotonic() + _GLANCE
            members = self._members()
            if len(members) > _MOST_PROCESSES:
                self.stopped = "crashed"
                self.grade.faults.append(f"more than {_MOST_PROCESSES} processes")
            # What is shared with the template counts in the first sum and not in the second, which takes longer.
            elif all(_memory(members, kind) > self._megabytes for kind in ("rss", "uss")):
                self.stopped = "out of memory"

    def close(self) -> None:
        """End the process with all that it has started, and clean up."""
        self._kill()
        self.process.join()
        self.read()
        self.findings.close()
        if self.grade.status == GRADED and not self.grade.marks:
            self.grade.status = "no exercises"
        if not self.ended:
            code = self.process.exitcode if self._code is None else self._code
            too_long = getattr(signal, "SIGXCPU", None)
            by_itself = "timed out" if too_long is not None and code == -too_long else "crashed"
            self.grade.status = self.stopped or by_itself
            if not self.stopped:
                self.grade.faults.append(f"its process ended with {code}")
        self._folder.cleanup()

    def _members(self) -> list[Any]:
        """Return the processes that the notebook has started, its own included."""
        pid = self.process.pid
        found = {pid}
        with contextlib.suppress(psutil.Error):
            found |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
        if hasattr(os, "getsid"):
            for other in psutil.pids():
                with contextlib.suppress(OSError):
                    if os.getsid(other) == pid:
                        found.add(other)
        members = []
        for member in found:
            with contextlib.suppress(psutil.Error):
                members.append(psutil.Process(member))
        return members

    def _kill(self) -> None:
        if psutil is not None:
            for member in self._members():
                with contextlib.suppress(psutil.Error):
                    member.kill()
        if hasattr(os, "killpg"):
            # Until it has a session of its own there is no group of this number.
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()


def _text(finding: dict[str, Any]) -> str:
    return str(finding["message"])[:_LONGEST_MESSAGE]


def _started(context: Any, arguments: tuple[Any, ...]) -> Any:
    for attempt in range(_ATTEMPTS):
        process = context.Process(target=run_notebook, args=arguments)
        try:
            process.start()
            break
        except (EOFError, OSError):
            # A notebook has killed the template just now; the next attempt makes a new one.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_FIRST_WAIT * 2**attempt)
    return process


@contextlib.contextmanager
def _bare_main() -> Iterator[None]:
    """Keep new processes from importing the program that called us, which may take seconds, or start all over."""
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = ours


def _memory(members: Sequence[Any], kind: str) -> float:
    """Return the megabytes that processes hold."""
    total = 0.0
    for member in members:
        with contextlib.suppress(psutil.Error):
            info = member.memory_info() if kind == "rss" else member.memory_full_info()
            total += getattr(info, kind)
    return total / 2**20


def processors() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grade(
    paths: Sequence[Path],
    *,
    seconds: float = 60.0,
    megabytes: int = 2048,
    jobs: int | None = None,
    done: Callable[[Grade], None] = lambda grade: None,
) -> list[Grade]:
    """Grade notebooks.

    Each runs in a process of its own, in an empty folder that is removed afterwards, without the environment's
    tokens. That keeps accidents apart; it is no wall against malice: code in a notebook can read what its user can
    read, reach the network, and forge its own mark.

    Parameters
    ----------
    paths : sequence of Path
        Files, whatever they may hold.
    seconds : float
        Time limit for a notebook. A single statement gets a third of it, so that an endless loop costs one exercise;
        on Windows a loop in Python's own code, and after another one the rest is lost.
    megabytes : int
        Memory limit for a notebook. Linux enforces it for each process (data segment, without what libraries
        reserve); everywhere the grader watches the sum over all processes if psutil is installed.
    jobs : int, optional
        How many run at once; one for each core, if not given.
    done : callable
        Is called with each grade as it comes.

    Returns
    -------
    list of Grade
        In the order of the paths.
    """
    grades = [Grade(path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="lossbook-", ignore_cleanup_errors=True) as home:
        with scrubbed_environment(Path(home)):
            start = partial(_Run, context=_context(), seconds=seconds, megabytes=megabytes)
            again: list[tuple[int, Path]] = []
            for index, run in _run_all(list(enumerate(paths)), jobs or processors(), start):
                if not run.started and run.process.exitcode == _TEMPLATE_LOST:
                    again.append((index, run.grade.path))
                    continue
                grades[index] = run.grade
                done(run.grade)
            # A notebook had killed the template before it could make their processes.
            for index, run in _run_all(again, 1, start):
                grades[index] = run.grade
                done(run.grade)
    return grades


def _run_all(
    tasks: Sequence[tuple[int, Path]], at_once: int, start: Callable[[Path], _Run]
) -> Iterator[tuple[int, _Run]]:
    waiting = deque(tasks)
    running: list[tuple[int, _Run]] = []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                index, path = waiting.popleft()
                running.append((index, start(path)))
            connection.wait([part for _, run in running for part in run.awaited()], _GLANCE)
            for index, run in running[:]:
                run.read()
                run.look()
                if run.over:
                    running.remove((index, run))
                    run.close()
                    yield index, run
    finally:
        for _, run in running:
            run.close()


def _context() -> Any:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lossbook.grading.template"])
    return context


__all__ = ["grade", "processors"]
