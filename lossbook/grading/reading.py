"""Reads the code of a notebook, whatever has become of its file."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 100 * 2**20

#: Why a file may not be graded, as its row says.
UNREADABLE = ("not found", "not a notebook", "not Python", "too large", "out of memory")

# Magics that run the rest of their cell, or of their line, as Python.
_RUNS_THE_CELL = re.compile(r"\s*%%(?:time|timeit|capture|prun)\b[^\n]*\n")
_RUNS_THE_LINE = re.compile(r"^(\s*)%(?:time|timeit|prun)[ \t]+(?!-)", re.MULTILINE)
_MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)
_NAMED = re.compile(r"""check\s*\(\s*["']([^"'\n]+)["']""")


class Unreadable(Exception):
    """A file that cannot be graded: the status of its row, and why."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Attributes
    ----------
    number : int
        Which cell of the notebook it is, counted from 1, text included.
    body : list of ast.stmt
        Its statements; none if it is no Python.
    problem : str
        Why it is no Python; empty if it is.
    named : tuple of str
        If it is no Python: what it seems to check.
    """

    number: int
    body: list[ast.stmt]
    problem: str = ""
    named: tuple[str, ...] = ()


def read_notebook(path: Path) -> list[Cell]:
    """Return the code cells of a notebook of any format.

    Parameters
    ----------
    path : Path
        The file that was handed in.

    Raises
    ------
    Unreadable
        If it is no notebook, or not one in Python.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable("too large", f"larger than {MOST_BYTES // 2**20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable("not found" if not path.exists() else "not a notebook", f"{error.strerror}") from None
    sources = _sources(data)
    return [_parsed(number, source) for number, source in sources]


def _sources(data: bytes) -> list[tuple[int, str]]:
    try:
        # A byte that is no UTF-8 spoils one letter, not the mark.
        notebook = json.loads(data.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not a notebook", f"no JSON: {error}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise Unreadable("not a notebook", "JSON, but not of a notebook")
    language = _language(notebook.get("metadata"))
    if language not in ("", "python", "ipython"):
        raise Unreadable("not Python", f"its language is {language}")
    # Before format 4 cells stood in worksheets and had their code as "input".
    sheets = notebook.get("worksheets") if notebook["nbformat"] < 4 else [notebook]
    cells: list[Any] = []
    for sheet in sheets if isinstance(sheets, list) else []:
        found = sheet.get("cells") if isinstance(sheet, dict) else None
        cells += found if isinstance(found, list) else []
    found_sources = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(line for line in source if isinstance(line, str))
            if isinstance(source, str):
                found_sources.append((number, source))
    return found_sources


def _language(metadata: Any) -> str:
    for group, key in (("kernelspec", "language"), ("language_info", "name")):
        inner = metadata.get(group) if isinstance(metadata, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get(key), str):
            return str(inner[key]).lower()
    return ""


def _parsed(number: int, source: str) -> Cell:
    try:
        tree = ast.parse(plain_python(source))
        # What cannot be compiled, as a return outside a function, stops the whole cell in Jupyter, too.
        compile(tree, "cell", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        return Cell(number, [], f"{type(error).__name__}: {said}", tuple(_NAMED.findall(source)))
    return Cell(number, tree.body)


def plain_python(source: str) -> str:
    r"""Return a cell's code with its magics as Python, or without them where IPython is not installed.

    Parameters
    ----------
    source : str
        As it stands in the cell.

    Examples
    --------
    >>> plain_python("%%time\nx = 1")
    'x = 1'
    """
    source = _RUNS_THE_LINE.sub(r"\1", _RUNS_THE_CELL.sub("", source, count=1))
    if source.lstrip().startswith("%%"):
        return ""
    if not re.search(r"[%!?]", source):
        return source
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return _MAGIC.sub("", source)
    return str(TransformerManager().transform_cell(source))
