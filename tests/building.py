"""Builds books for tests, as a reader does on a command line; what is false stops them, unless a test wants it else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_jupyter_book(
    source: Path, output: Path, *options: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``jupyter-book build``; pages land in ``output/_build/html``."""
    program = "from jupyter_book.cli.main import main; main()"
    command = ["-c", program, "build", str(source), "--path-output", str(output), *options]
    return run_sphinx(command, source, environment)


def make_book(
    source: Path, *options: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Do what ``make book`` does; pages land in ``source/_build/html``."""
    return run_sphinx(["-m", "publishing.build", str(source), *options], ROOT, environment)


def run_sphinx(
    command: list[str], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with the words of a command, in a process of its own: Sphinx can be set up but once in each."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "LOSSBOOK_STRICT": "1", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def write_notebook(path: Path, code: str) -> None:
    """Write a notebook with a title and one cell."""
    source = textwrap.dedent(code)
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
    title = {"cell_type": "markdown", "metadata": {}, "source": f"# Page {path.stem}"}
    spec = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": [title, cell], "metadata": spec, "nbformat": 4, "nbformat_minor": 4}))


def small_book(folder: Path, **notebooks: str) -> None:
    """Write a book with the settings of the real one, one page for each piece of code, and the ledger."""
    (folder / "chapters").mkdir()
    (folder / "_static").mkdir()
    for name in ("_config.yml", "_static/favicon.svg", "chapters/claims.md"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "references.bib").write_text("")
    (folder / "index.md").write_text("# Small\n\nA book for a test.\n")
    for name, code in notebooks.items():
        write_notebook(folder / "chapters" / f"{name}.ipynb", code)
    files = [*(f"chapters/{name}" for name in notebooks), "chapters/claims"]
    chapters = [{"file": name} for name in files]
    (folder / "_toc.yml").write_text(json.dumps({"format": "jb-book", "root": "index", "chapters": chapters}))
