"""The exercises of a chapter, as its notebook holds them, and notebooks that are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DIRECTIVE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<kind>exercise|solution)\} *(?P<argument>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)+")
_CODE = re.compile(r"^```python\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What a chapter hands to the check.
_CHECKED = re.compile(r'^check\("([^"]+)", (\w+)\)', re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """An exercise as a chapter prints it.

    Attributes
    ----------
    name : str
        As the check has it, such as ``"likelihood.fair-coin"``.
    title, text : str
        What is asked.
    explanation, code : str
        Of the solution; the code ends with the variable ``answer``.
    variable : str
        What the chapter calls the answer.
    """

    name: str
    title: str
    text: str
    explanation: str
    code: str
    variable: str = "answer"


def exercises_of(notebook: dict[str, Any]) -> list[Exercise]:
    """Return the exercises of a chapter in order, with their solutions.

    Parameters
    ----------
    notebook : dict
        The chapter, as its file holds it.

    Raises
    ------
    ValueError
        If one has no solution, or a solution no code.
    """
    asked: dict[str, tuple[str, str]] = {}
    solved: dict[str, tuple[str, str]] = {}
    variables: dict[str, str] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            variables |= _CHECKED.findall("".join(cell["source"]))
            continue
        for match in _DIRECTIVE.finditer("".join(cell["source"])):
            options = _OPTIONS.match(match["body"])
            body = match["body"][options.end() if options else 0 :]
            if match["kind"] == "solution":
                code = _CODE.search(body)
                if code is None:
                    raise ValueError(f"the solution of {match['argument']} has no code")
                solved[match["argument"].strip()] = _CODE.sub("", body).strip(), code[1].strip()
            else:
                label = re.search(r"^:label: *(\S+)", options[0] if options else "", re.MULTILINE)
                if label is None:
                    raise ValueError(f"the exercise {match['argument']!r} has no label")
                asked[label[1]] = match["argument"].strip(), body.strip()
    if asked.keys() != solved.keys():
        raise ValueError(f"exercises without solution, or the reverse: {sorted(asked.keys() ^ solved.keys())}")
    names = {label: label.replace("-", ".", 1) for label in asked}
    return [
        Exercise(name, *asked[label], *solved[label], variables.get(name, "answer")) for label, name in names.items()
    ]


def chapters_with_exercises(folder: Path) -> Iterator[Path]:
    """Yield the notebooks of a folder that have exercises, in order."""
    for path in sorted(folder.glob("*.ipynb")):
        if "{exercise}" in path.read_text(encoding="utf-8"):
            yield path


def notebook_of(cells: Iterable[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    """Return a notebook without outputs.

    Parameters
    ----------
    cells : iterable of (str, str, dict)
        Of each cell its kind, its text and its metadata.
    """
    return {
        "cells": [_cell(number, *cell) for number, cell in enumerate(cells)],
        "metadata": _METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def title_of(notebook: dict[str, Any]) -> str:
    """Return the first line of a chapter, with its mark for a heading."""
    return "".join(notebook["cells"][0]["source"]).splitlines()[0]


def _cell(number: int, kind: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": metadata, "source": lines}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
