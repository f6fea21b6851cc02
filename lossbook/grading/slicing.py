"""Finds what of a notebook its checks need: a backward slice over the statements of its cells.

From every statement that checks something it follows names backwards: to what bound them, to what may have changed
their values in between, and to what those statements use in turn. Names within a function are taken to be looked up
at any time after its definition. What it cannot see: code within strings, and names made at run time.
"""

from __future__ import annotations

import ast
import symtable
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .reading import Cell

#: Functions that change nothing of what they are given.
HARMLESS = {
    "abs", "all", "any", "bool", "claim", "crosscheck", "dict", "display", "enumerate", "float", "int", "isinstance",
    "len", "list", "max", "min", "print", "quiz", "range", "repr", "reversed", "round", "set", "show_source", "sorted",
    "str", "sum", "tuple", "type", "zip",
}  # fmt: skip
# Of functions in modules: those that change what later calls return.
_SETTINGS = {"seed", "manual_seed", "seterr", "set_default_dtype"}
# With these, a name can come from code that cannot be read.
_DYNAMIC = {"exec", "eval", "globals", "locals", "vars", "setattr"}
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


@dataclass
class Statement:
    """A statement at the top level of a cell.

    Attributes
    ----------
    cell : int
        Number of its cell.
    node : ast.stmt
        The statement.
    checks : bool
        Whether it calls ``check``, or a function that does.
    named : tuple of str
        The exercises that it checks, as far as they stand there by name.
    uses, uses_later : set of str
        Names that it looks up when it runs, and those that functions in it look up when they are called.
    binds, binds_later : set of str
        The same of names that it binds.
    changes : set of str
        Names whose values it may change in place.
    """

    cell: int
    node: ast.stmt
    checks: bool = False
    named: tuple[str, ...] = ()
    uses: set[str] = field(default_factory=set)
    uses_later: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    binds_later: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)

    @property
    def surely(self) -> bool:
        """Whether what it binds is bound after it, whatever happens within."""
        return isinstance(
            self.node, (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        )

    @property
    def imports_all(self) -> bool:
        """Whether it may bind any name: ``from … import *``."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @property
    def dynamic(self) -> bool:
        """Whether it may bind names that cannot be read in it."""
        return self.imports_all or bool(self.binds_later or _DYNAMIC & (self.uses | self.uses_later))


class Program:
    """The statements of a notebook, and how they hang together.

    Parameters
    ----------
    cells : sequence of Cell
        Code cells in the order in which they stand.

    Attributes
    ----------
    statements : list of Statement
        All of them.
    checkers : set of str
        The names under which the notebook has ``check``.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.statements = [_described(cell.number, node) for cell in cells for node in cell.body]
        self.checkers = _names_of_check(self.statements)
        self._imported = {
            name for one in self.statements if isinstance(one.node, (ast.Import, ast.ImportFrom)) for name in one.binds
        }
        self._find_changes()
        self._find_checks()
        self._touching: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(self.statements):
            for name in one.binds | one.changes:
                self._touching[name].append(index)

    def needed(self) -> set[int]:
        """Return the indices of all statements that the checks need, the checks included."""
        found: set[int] = set()
        for index, one in enumerate(self.statements):
            if one.checks:
                found |= self._needed_by(index)
        return found

    def _needed_by(self, check: int) -> set[int]:
        found = {check}
        asked: set[tuple[str, int]] = set()
        todo = [check, *(k for k, one in enumerate(self.statements[:check]) if one.imports_all)]
        found.update(todo)
        while todo:
            index = todo.pop()
            one = self.statements[index]
            wanted = {(name, index) for name in one.uses}
            for name in one.uses_later:
                # Called at any time from here to the check: each value that the name has meanwhile.
                if name not in one.binds:
                    wanted.add((name, index))
                wanted.update((name, k + 1) for k in self._touching[name] if index < k < check)
            for name, before in wanted - asked:
                asked.add((name, before))
                for definition in self._reaching(name, before):
                    if definition not in found:
                        found.add(definition)
                        todo.append(definition)
        return found

    def _reaching(self, name: str, before: int) -> Iterator[int]:
        """Yield backwards the statements that may have made a name's value, up to one that surely bound it."""
        for index in reversed(self._touching[name]):
            if index < before:
                yield index
                one = self.statements[index]
                if one.surely and name in one.binds:
                    return

    def _find_changes(self) -> None:
        same = self._same_objects()
        by_calling: dict[str, set[str]] = defaultdict(set)
        for one in self.statements:
            changed = self._changed(one) & (one.uses | one.uses_later)
            changed = {twin for name in changed for twin in same.get(name, {name})}
            if isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                by_calling[one.node.name] |= changed | one.binds_later
            else:
                one.changes = changed
        # Functions that call functions that change something.
        for _ in by_calling:
            for one in self.statements:
                if isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    for name in one.uses_later & by_calling.keys():
                        by_calling[one.node.name] |= by_calling[name]
        for one in self.statements:
            if not isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                for name in (one.uses | one.uses_later) & by_calling.keys():
                    one.changes |= by_calling[name]

    def _same_objects(self) -> dict[str, set[str]]:
        """Return for each name those that may stand for the same object or a part of it, as after ``a = b``."""
        same: dict[str, set[str]] = {}
        for one in self.statements:
            for node in ast.walk(one.node):
                match node:
                    case ast.Assign(targets=targets, value=value):
                        names = {part.id for target in targets for part in _stored(target)}
                    case ast.For(target=target, iter=value):
                        names = {part.id for part in _stored(target)}
                    case _:
                        continue
                root = _root(value)
                if root is not None and root not in self._imported:
                    joined = set().union({root} | names, *(same.get(name, set()) for name in names | {root}))
                    same.update(dict.fromkeys(joined, joined))
        return same

    def _changed(self, one: Statement) -> set[str]:
        """Return the names whose values a statement may change in place."""
        thrown_away = one.node.value if isinstance(one.node, ast.Expr) else None
        changed: set[str | None] = set()
        for node in ast.walk(one.node):
            match node:
                case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                    changed.add(_root(node))
                case ast.AugAssign(target=target):
                    changed.add(_root(target))
                case ast.Call(func=function):
                    owner = _root(function)
                    of_module = owner in self._imported
                    if isinstance(function, ast.Attribute) and (not of_module or function.attr in _SETTINGS):
                        changed.add(owner)
                    # A function of a module whose result is thrown away was called for what it changes.
                    if owner not in HARMLESS and (not of_module or node is thrown_away):
                        given = [*node.args, *(keyword.value for keyword in node.keywords)]
                        changed.update(_root(argument) for argument in given)
        return {name for name in changed if name is not None} - HARMLESS

    def _find_checks(self) -> None:
        for one in self.statements:
            if isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            calls = [node for node in ast.walk(one.node) if isinstance(node, ast.Call)]
            checking = [call for call in calls if _calls_check(call, self.checkers)]
            # As in `map(check, names, answers)`.
            handed_on = self.checkers & one.uses and not isinstance(one.node, (ast.Import, ast.ImportFrom))
            one.checks = bool(checking or (handed_on and calls))
            one.named = tuple(
                argument.value
                for call in checking
                for argument in [*call.args[:1], *(word.value for word in call.keywords if word.arg == "name")]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )


def _described(cell: int, node: ast.stmt) -> Statement:
    one = Statement(cell, node)
    try:
        _read_table(symtable.symtable(ast.unparse(node), "cell", "exec"), one, later=False, top=True)
    except (RecursionError, SyntaxError, ValueError):
        # A sum of a thousand terms, or quotes that cannot be written again: every name counts, functions' own, too.
        names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
        one.uses = {name.id for name in names if isinstance(name.ctx, ast.Load)}
        one.binds = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    one.uses |= {target.id for part in ast.walk(node) if isinstance(part, ast.AugAssign) for target in _stored(part)}
    return one


def _read_table(table: symtable.SymbolTable, one: Statement, *, later: bool, top: bool = False) -> None:
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if top or symbol.is_global():
            if symbol.is_referenced():
                (one.uses_later if later else one.uses).add(name)
            if symbol.is_assigned() or symbol.is_imported():
                (one.binds_later if later else one.binds).add(name)
    for inner in table.get_children():
        waits = inner.get_type() == "function" and inner.get_name() not in _COMPREHENSIONS
        _read_table(inner, one, later=later or waits)


def _names_of_check(statements: Sequence[Statement]) -> set[str]:
    names = {"check"}
    before = 0
    while before < len(names):
        before = len(names)
        for one in statements:
            match one.node:
                case ast.ImportFrom(module="lossbook.pages.exercises", names=imported):
                    names |= {alias.asname or alias.name for alias in imported if alias.name == "check"}
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    calls = (node for node in ast.walk(one.node) if isinstance(node, ast.Call))
                    if any(_calls_check(call, names) for call in calls):
                        names.add(name)
                case ast.Assign(value=ast.Name(id=known) | ast.Lambda(body=ast.Call(func=ast.Name(id=known)))):
                    if known in names:
                        names |= one.binds
    return names


def _calls_check(call: ast.Call, names: set[str]) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in names
        case ast.Attribute(attr="check"):
            return True
    return False


def _root(node: ast.AST) -> str | None:
    """Return the name that an expression such as ``a.b[0].c`` starts with."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _stored(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
