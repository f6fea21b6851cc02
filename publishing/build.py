"""Builds the book, quietly: ``make book``.

A line tells of each notebook that is executed; what Sphinx says goes to a file that is named. What is false or fails is
listed at the end; the book is there all the same, and the status is 1. It is 2 where there is no book.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import TextIO

# Beside what git leaves out: folders that no page is made from.
_ELSEWHERE = {
    "_build",
    "__pycache__",
    "benchmarks",
    "build",
    "dist",
    "node_modules",
    "notebooks",
    "requirements",
    "tests",
    "yardstick",
}
_VARIABLES = ("SOLUTIONS", "LOSSBOOK_ROUNDING", "LOSSBOOK_STRICT")
_INTERRUPTED = "Interrupted; the next `make book` goes on from here."
_ADVICE = """\
The book is there all the same, and shows this in red; its log is {log}.
Have you changed something? Then either the change or the statement wants correcting. If not, another `make book`
executes again what stopped; please report what stays, with the log and the kind of machine."""


def inputs(source: Path) -> str:
    """Return a short text that changes when anything changes that the book is made from.

    Parameters
    ----------
    source : Path
        Folder of the book.
    """
    digest = hashlib.sha256()
    for path in _files(source):
        digest.update(f"{path.relative_to(source).as_posix()}\0".encode() + path.read_bytes())
    packages = sorted(f"{package.name} {package.version}" for package in distributions())
    around = [platform.python_version(), *packages, *(os.environ.get(name, "") for name in _VARIABLES)]
    digest.update("\0".join(around).encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _ELSEWHERE or path.suffix == ".egg-info":
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def outputs(pages: Path) -> str:
    """Return a short text that changes when one of the built files is written, or goes.

    Parameters
    ----------
    pages : Path
        The built book.
    """
    lines = []
    for path in sorted(pages.rglob("*")):
        facts = path.stat()
        lines.append(f"{path} {facts.st_size} {facts.st_mtime_ns}" if path.is_file() else str(path))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@contextmanager
def _all_output_in(log: Path) -> Iterator[TextIO]:
    """Send to a file what this process and its children write, and yield the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors="replace", buffering=1)
    kept = os.dup(1), os.dup(2)
    with open(log, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield terminal
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                pass  # the disk is full
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)


class _Progress(logging.Handler):
    """Shows what the book's own extensions say; keeps their warnings for the end."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.say = say
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING:
            self.say(record.getMessage())
        else:
            self.faults.append(record.getMessage())


def build(source: Path, output: Path, cache: Path | None = None) -> int:
    """Build the book and tell of it.

    Parameters
    ----------
    source : Path
        Folder of the book.
    output : Path
        Folder for what is built; ``html`` and the log land there.
    cache : Path, optional
        Of executed notebooks, if it is another folder's.

    Returns
    -------
    int
        0 if all is well; 1 if the book is there, with faults; 2 if it is not.
    """
    start = time.monotonic()
    pages, log, record = output / "html", output / "book.log", output / ".html.txt"
    made = inputs(source)
    if record.exists() and record.read_text(encoding="utf-8") == f"{made}\n{outputs(pages)}":
        print(f"Nothing has changed. The book: {pages / 'index.html'}")
        return 0
    record.unlink(missing_ok=True)
    with _all_output_in(log) as terminal:
        progress = _Progress(lambda line: print(line, file=terminal))
        logging.getLogger("sphinx.lossbook").addHandler(progress)
        result = _sphinx(source, pages, cache or output / ".jupyter_cache")
    if isinstance(result, KeyboardInterrupt):
        print(_INTERRUPTED)
        return 2
    if isinstance(result, BaseException):
        if str(result).startswith("Handler "):  # Sphinx's own words for an extension that raised something
            result = getattr(result, "orig_exc", None) or result
        reason = " ".join(str(result).split()) or type(result).__name__
        print(f"The book could not be built: {reason[:500]}\nThe whole log: {log}")
        return 2
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(f"The book, built in {f'{minutes} min ' if minutes else ''}{seconds} s: {pages / 'index.html'}")
    if progress.faults:
        print("", *progress.faults, _ADVICE.format(log=log), sep="\n")
        return 1
    if result:
        print(f"Sphinx ended with status {result}; its log: {log}")
        return 1
    record.write_text(f"{made}\n{outputs(pages)}", encoding="utf-8")
    return 0


def _sphinx(source: Path, pages: Path, cache: Path) -> int | BaseException:
    """Run Sphinx as ``jupyter-book build`` does; return its status, or what ended it."""
    # They take seconds to load.
    from jupyter_book.sphinx import build_sphinx
    from sphinx.util.console import nocolor

    nocolor()
    settings = {
        "external_toc_path": (source / "_toc.yml").as_posix(),
        "latex_individualpages": False,
        "nb_execution_cache_path": str(cache),
    }
    config = str(source / "_config.yml")
    try:
        return build_sphinx(source, pages, noconfig=True, path_config=config, confoverrides=settings, builder="html")
    except (Exception, KeyboardInterrupt) as error:
        return error


def build_decks(source: Path, output: Path) -> int:
    """Build the lecture decks alone and tell of it.

    Parameters
    ----------
    source : Path
        Folder of the book.
    output : Path
        Folder for what is built; the decks land in ``html/slides``.

    Returns
    -------
    int
        0 if all is well; 1 if the decks are there, with faults; 2 if they are not.
    """
    from lossbook.pages.claims import strict
    from lossbook.sphinxext.lectures import Decks

    folder = output / "html" / "slides"
    made, said = Decks(source / "slides", folder, output / ".slides", strict()).wait()
    if said:
        print(said)
    if made:
        print(f"The decks: {folder / 'index.html'}")
    return 2 if not made else bool(said)


def main() -> int:
    """Build what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("source", type=Path, nargs="?", default=Path())
    arguments.add_argument("--output", type=Path, help="folder of what is built; _build in the book's folder")
    arguments.add_argument("--cache", type=Path, help="folder of executed notebooks; .jupyter_cache in the output")
    arguments.add_argument("--slides", action="store_true", help="the lecture decks alone")
    chosen = arguments.parse_args()
    source = chosen.source.resolve()
    output = (chosen.output or source / "_build").resolve()
    try:
        if chosen.slides:
            return build_decks(source, output)
        return build(source, output, chosen.cache and chosen.cache.resolve())
    except KeyboardInterrupt:
        print(_INTERRUPTED)
    except OSError as error:  # a full disk
        print(f"The book could not be built: {error}")
    return 2


if __name__ == "__main__":
    sys.exit(main())
