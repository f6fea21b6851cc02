"""Finds out, without running it, which modules of this package a piece of code depends on."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: What the code reads from the environment.
VARIABLES = ("LOSSBOOK_ROUNDING",)
#: Among the names that a module binds: it may bind any other as well.
_ANYTHING = "__getattr__"


@dataclass
class _Names(ast.NodeVisitor):
    """Collects the dotted names that code takes from the package, imports inside functions included.

    Parameters
    ----------
    package : str
        Name of the package.
    parent : str
        The package that relative imports start from; empty for a notebook.
    """

    package: str
    parent: str = ""
    internal: set[str] = field(default_factory=set)
    external: set[str] = field(default_factory=set)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    attributes: list[list[str]] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    dynamic: set[str] = field(default_factory=set)

    def read(self, tree: ast.Module) -> None:
        """Collect everything from a module."""
        for statement in tree.body:
            names = set(_bound_by(statement))
            self.bound |= names
            if any(_is_dynamic_import(node) for node in ast.walk(statement)):
                self.dynamic |= names
        self.visit(tree)
        # Only now all aliases are known: `import lossbook` may stand below the function that uses it.
        for root, *rest in self.attributes:
            for target in self.aliases.get(root, ()):
                self.internal.add(".".join([target, *rest]))

    def visit_If(self, node: ast.If) -> None:
        """Leave out what is imported for the type checker only."""
        if ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING":
            for statement in node.orelse:
                self.visit(statement)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """``import lossbook.losses as losses``."""
        for alias in node.names:
            root = alias.name.split(".")[0]
            if root != self.package:
                self.external.add(root)
                continue
            self.internal.add(alias.name)
            self.aliases.setdefault(alias.asname or root, set()).add(alias.name if alias.asname else root)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """``from lossbook.losses import L1Loss``, ``from .base import Loss``."""
        base = node.module or ""
        if node.level:
            above = self.parent.split(".")
            base = ".".join([*above[: len(above) - node.level + 1], *([base] if base else [])])
        if base.split(".")[0] != self.package:
            self.external.add(base.split(".")[0])
            return
        for alias in node.names:
            target = base if alias.name == "*" else f"{base}.{alias.name}"
            self.internal.add(target)
            self.aliases.setdefault(alias.asname or alias.name, set()).add(target)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """``lossbook.losses.L1Loss`` after ``import lossbook``."""
        chain: list[str] = []
        value: ast.expr = node
        while isinstance(value, ast.Attribute):
            chain.append(value.attr)
            value = value.value
        if isinstance(value, ast.Name):
            self.attributes.append([value.id, *reversed(chain)])
        else:
            self.visit(value)

    def visit_Call(self, node: ast.Call) -> None:
        """``importlib.import_module("lossbook.losses")``."""
        name = _imported_by_call(node)
        if name is not None and name.split(".")[0] == self.package:
            self.internal.add(name)
        self.generic_visit(node)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module binds."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0]
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from _bound_by(node)


def _is_import_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__")


def _imported_by_call(node: ast.Call) -> str | None:
    if _is_import_module(node) and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return None


def _is_dynamic_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _is_import_module(node) and _imported_by_call(node) is None


class Dependencies:
    """The imports of a package, read from its source; made anew for each build.

    Parameters
    ----------
    folder : Path
        Where the package lies; the folder's name is the package's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder.name
        self._names: dict[str, _Names] = {}
        self._digests: dict[Path, str] = {}
        self._versions: dict[str, str] = {}

    @cached_property
    def modules(self) -> dict[str, Path]:
        """All modules of the package by name."""
        found = {}
        for path in self.folder.rglob("*.py"):
            parts = path.relative_to(self.folder.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    def closure(self, code: str) -> tuple[set[str], set[str]]:
        """Return the modules of the package, and the other packages, that code depends on.

        Parameters
        ----------
        code : str
            Python source; what Python cannot read depends on everything.
        """
        try:
            tree = ast.parse(code)
        except SyntaxError:
            return set(self.modules), set()
        start = _Names(self.package)
        start.read(tree)
        external, waiting, seen = set(start.external), set(start.internal), set()
        modules: set[str] = set()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            for module in self._modules_of(name) - modules:
                modules.add(module)
                names = self._names_of(module)
                external |= names.external
                waiting |= names.internal - seen
        return modules, external

    def fingerprint(self, code: str) -> str:
        """Return a short text that changes when anything changes that the code depends on, itself left out."""
        modules, external = self.closure(code)
        files = {self.modules[name] for name in modules}
        for package in {name for name in modules if self.modules[name].name == "__init__.py"}:
            files.update(self._data_of(self.modules[package].parent))
        lines = [f"{path.relative_to(self.folder.parent).as_posix()} {self._digest(path)}" for path in sorted(files)]
        lines += [f"{name} {self._version(name)}" for name in sorted(external)]
        lines.append(f"python {platform.python_version()}")
        lines += [f"{name} {os.environ.get(name, '')}" for name in VARIABLES]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _modules_of(self, dotted: str) -> set[str]:
        """Return the module that a dotted name stands in, with the packages around it."""
        parts = dotted.split(".")
        depth = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in self.modules), 0)
        if not depth:
            return set()
        module, rest = ".".join(parts[:depth]), parts[depth:]
        found = {".".join(parts[:n]) for n in range(1, depth + 1)}
        if rest and self._opens_all(module, rest[0]):
            found |= {name for name in self.modules if name.startswith(f"{module}.")}
        return found

    def _opens_all(self, module: str, name: str) -> bool:
        """Tell whether a name may lead anywhere below a package: imports that only running the code would show."""
        names = self._names_of(module)
        return name in names.dynamic or (name not in names.bound and _ANYTHING in names.bound)

    def _names_of(self, module: str) -> _Names:
        if module not in self._names:
            path = self.modules[module]
            parent = module if path.name == "__init__.py" else module.rpartition(".")[0]
            self._names[module] = names = _Names(self.package, parent)
            names.read(ast.parse(path.read_text(encoding="utf-8")))
        return self._names[module]

    def _data_of(self, folder: Path) -> Iterator[Path]:
        """Yield the files of a package that are not Python: scripts, tables; packages below it have their own."""
        for path in folder.iterdir():
            if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
                yield from self._data_of(path)
            elif path.is_file() and path.suffix not in (".py", ".pyc"):
                yield path

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._digests[path]

    def _version(self, name: str) -> str:
        if name not in self._versions:
            try:
                self._versions[name] = version(name)
            except PackageNotFoundError:
                self._versions[name] = ""  # the standard library: Python's own version stands for it
        return self._versions[name]
