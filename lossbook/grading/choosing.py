"""Chooses the cells of a notebook that run: those that hold checks, and those that bind what these need.

Changes of values in place are not followed: where one may matter, everything runs (see `running.Notebook`).
"""

from __future__ import annotations

import ast
import dis
import types
from collections.abc import Sequence
from dataclasses import dataclass

from .reading import Cell

_LOOKS_UP = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
# With these, a name can come from code that cannot be read.
_DYNAMIC = {"exec", "eval", "globals", "locals", "setattr", "vars"}


@dataclass
class Part:
    """The statements of a cell, or one import of it: that runs wherever what it binds is needed.

    Attributes
    ----------
    cell : int
        Number of the cell.
    body : list of ast.stmt
        What runs.
    needs, binds : set of str
        Names that it takes from elsewhere, and those that it makes.
    checks : bool
        Whether it calls ``check``, or something that does.
    """

    cell: int
    body: list[ast.stmt]
    needs: set[str]
    binds: set[str]
    checks: bool = False

    @property
    def is_import(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.body[0], ast.Import | ast.ImportFrom)

    @property
    def binds_anything(self) -> bool:
        """Whether it may bind names that cannot be read in it."""
        return "*" in self.binds or bool(_DYNAMIC & self.needs)


def parts_of(cells: Sequence[Cell]) -> list[Part]:
    """Return the parts of cells in their order; the imports of a cell come before the rest of it."""
    parts = []
    checkers = {"check"}
    for cell in cells:
        imports = [node for node in cell.body if isinstance(node, ast.Import | ast.ImportFrom)]
        rest = [node for node in cell.body if node not in imports]
        for line in imports:
            bound = {alias.asname or alias.name.split(".")[0] for alias in line.names}
            parts.append(Part(cell.number, [line], set(), bound))
            checkers |= {alias.asname or alias.name for alias in line.names if alias.name == "check"}
        if rest:
            part = Part(cell.number, rest, *names(rest))
            for node in rest:
                needs, binds = names([node])
                if checkers & needs or _calls_attribute(node):
                    part.checks = True
                    checkers |= binds
            parts.append(part)
    return parts


def _calls_attribute(node: ast.stmt) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr == "check" for one in ast.walk(node))


def names(body: list[ast.stmt]) -> tuple[set[str], set[str]]:
    """Return the names that statements take from elsewhere, and those that they bind."""
    code = compile(ast.Module(body, []), "cell", "exec", dont_inherit=True)
    needs, binds, later = set[str](), set[str](), set[str]()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            binds.add(step.argval)
        elif step.opname in _LOOKS_UP and step.argval not in binds:
            needs.add(step.argval)
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    while inner:
        function = inner.pop()
        inner += [constant for constant in function.co_consts if isinstance(constant, types.CodeType)]
        for step in dis.get_instructions(function):
            if step.opname == "STORE_GLOBAL":
                binds.add(step.argval)
            elif step.opname in _LOOKS_UP:
                later.add(step.argval)
    return needs | later - binds, binds


def chosen(parts: Sequence[Part]) -> set[int]:
    """Return the places of the parts that hold checks, and of those that bind what these need, and so on."""
    found = {place for place, part in enumerate(parts) if part.checks or "*" in part.binds}
    while True:
        needs = {name for place in found for name in parts[place].needs}
        more = {place for place, part in enumerate(parts) if part.binds & needs} - found
        if not more:
            return found
        found |= more


def shared(parts: Sequence[Part], places: set[int]) -> set[str]:
    """Return what chosen parts alone bind, and the others mention, too: they may have changed it in place."""
    others = [part for place, part in enumerate(parts) if place not in places]
    bound = {name for place in places if not parts[place].is_import for name in parts[place].binds}
    mentioned = {name for part in others for name in part.needs}
    return bound & mentioned - {name for part in others for name in part.binds}
