"""Tells, without running it, what a notebook's code depends on: its fingerprint changes when anything of that does.

The library is one: where a line of it changes, every notebook is new. In the rooms of figures, derivations,
experiments, exercises and quizzes each module counts by itself, with its data, for the code that names it and for
whatever imports it.
"""

from __future__ import annotations

import ast
import hashlib
import os
import platform
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

import grimp

PACKAGE = __name__.partition(".")[0]
#: Where each module counts by itself.
ROOMS = tuple(f"{PACKAGE}.{name}" for name in ("figures", "derivations", "experiments"))
#: So here; and code names these in strings: `check("likelihood.fair-coin")`, `quiz("07-regression")`.
ASKED = (f"{PACKAGE}.pages.exercises", f"{PACKAGE}.pages.quizzes")
#: What no notebook calls.
APART = (f"{PACKAGE}.sphinxext", f"{PACKAGE}.grading")
#: What the code reads from the environment.
VARIABLES = ("LOSSBOOK_ROUNDING",)


class Names(ast.NodeVisitor):
    """What code names: dotted names by what its imports say, those inside functions included; and strings.

    Parameters
    ----------
    tree : ast.Module
        The code.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.dotted: set[str] = set()
        self.strings: set[str] = set()
        self._meanings: dict[str, set[str]] = {}
        # All imports first: `import lossbook` may stand below the function that uses it.
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    root = alias.name.partition(".")[0]
                    self._bind(alias.asname or root, alias.name if alias.asname else root)
                    if alias.name != root:
                        self.dotted.add(alias.name)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    dotted = node.module if alias.name == "*" else f"{node.module}.{alias.name}"
                    self._bind(alias.asname or alias.name, dotted)
                    self.dotted.add(dotted)
        self.visit(tree)

    def _bind(self, name: str, dotted: str) -> None:
        self._meanings.setdefault(name, set()).add(dotted)

    @property
    def roots(self) -> set[str]:
        """The packages that the code imports."""
        return {dotted.partition(".")[0] for meanings in self._meanings.values() for dotted in meanings}

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """``lossbook.figures.likelihood`` after ``import lossbook``."""
        chain: list[str] = []
        value: ast.expr = node
        while isinstance(value, ast.Attribute):
            chain.insert(0, value.attr)
            value = value.value
        if isinstance(value, ast.Name):
            self.dotted |= {".".join([meaning, *chain]) for meaning in self._meanings.get(value.id, ())}
        else:
            self.visit(value)

    def visit_Name(self, node: ast.Name) -> None:
        """``lossbook`` by itself may lead anywhere."""
        self.dotted |= self._meanings.get(node.id, set())

    def visit_Constant(self, node: ast.Constant) -> None:
        """``"likelihood.fair-coin"``."""
        if isinstance(node.value, str):
            self.strings.add(node.value)


class Fingerprints:
    """The package as it stands: made anew for each build."""

    def __init__(self) -> None:
        spec = find_spec(PACKAGE)
        assert spec is not None and spec.origin is not None
        self._folder = Path(spec.origin).parent
        self._version = cache(version)  # each page asks for the same ones, and it reads a file
        self._graph = grimp.build_graph(
            PACKAGE, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
        )

    @cached_property
    def digests(self) -> dict[str, str]:
        """Of each module that counts by itself, with its data; of the library by the package's name."""
        content: dict[str, list[bytes]] = {}
        for path in sorted(self._folder.rglob("*")):
            parts = path.relative_to(self._folder.parent).with_suffix("").parts
            hidden = any(part.startswith((".", "__pycache__")) for part in parts)
            dotted = ".".join(parts)
            if path.is_file() and not hidden and not _stands_in(dotted, APART):
                content.setdefault(self._counted_as(dotted, path), []).extend((dotted.encode(), path.read_bytes()))
        return {name: _digest(parts) for name, parts in content.items()}

    def _counted_as(self, dotted: str, path: Path) -> str:
        room = _stands_in(dotted, (*ROOMS, *ASKED))
        if room and path.suffix == ".json":
            return f"{room}.{path.stem}"  # such as the record of an experiment
        return dotted if room and path.suffix == ".py" and path.stem != "__init__" else PACKAGE

    def modules(self, code: str) -> set[str]:
        """Return which of those that count by themselves code depends on.

        Parameters
        ----------
        code : str
            Python source; what Python cannot read depends on everything.
        """
        names = _names(code)
        if names is None:
            return set(self.digests) - {PACKAGE}
        named = {module for dotted in names.dotted for module in self._named(dotted)}
        for string in names.strings:
            named.update(self._named(string) if string.startswith(f"{PACKAGE}.") else ())
            named |= {f"{room}.{string.partition('.')[0]}" for room in ASKED} & self.digests.keys()
        # A module of the library may lead into a room, as that of the atlas does.
        called = named | {self._module(dotted) for dotted in names.dotted}
        behind = (self._graph.find_upstream_modules(name) for name in called if name in self._graph.modules)
        return named.union(*behind) & self.digests.keys() - {PACKAGE}

    def _module(self, dotted: str) -> str:
        """Return the module that a name stands in, of whatever kind; the package itself stands for none."""
        parts = dotted.split(".")
        prefixes = (".".join(parts[:length]) for length in range(len(parts), 1, -1))
        return next((prefix for prefix in prefixes if prefix in self._graph.modules), "")

    def _named(self, dotted: str) -> set[str]:
        """Return the module that a name stands in; all of a room where it is the room's own."""
        parts = dotted.split(".")
        for length in range(len(parts), 1, -1):
            if (module := ".".join(parts[:length])) in self.digests:
                return {module}
        whole = _stands_in(dotted, (*ROOMS, *ASKED)) or dotted
        return {module for module in self.digests if module.startswith(f"{whole}.")}

    @cached_property
    def _outside(self) -> set[str]:
        inside = {name for name in self._graph.modules if _stands_in(name, [PACKAGE])}
        called = {name for name in inside if not _stands_in(name, APART)}
        return {found for name in called for found in self._graph.find_modules_directly_imported_by(name)} - inside

    def distributions(self, code: str) -> dict[str, str]:
        """Return what of other people's code and the package need, with its version.

        Parameters
        ----------
        code : str
            Python source.
        """
        names = _names(code)
        roots = self._outside if names is None else self._outside | names.roots
        found = {_providers()[root] for root in roots & _providers().keys()}
        return {name.lower(): self._version(name) for name in found}

    def fingerprint(self, code: str) -> str:
        """Return a short text that changes when anything changes that the code depends on, itself left out."""
        lines = [f"{name} {self.digests[name]}" for name in [PACKAGE, *sorted(self.modules(code))]]
        lines += [f"{name} {number}" for name, number in sorted(self.distributions(code).items())]
        lines.append(f"python {platform.python_version()}")
        lines += [f"{name} {os.environ.get(name, '')}" for name in VARIABLES]
        return _digest(line.encode() for line in lines)


@cache
def _names(code: str) -> Names | None:
    try:
        return Names(ast.parse(code))
    except SyntaxError:
        return None


@cache
def _providers() -> dict[str, str]:
    """Of each package that is installed and can be imported, the distribution that brings it; not ours."""
    return {name: found[0] for name, found in packages_distributions().items() if name != PACKAGE}


def _stands_in(dotted: str, packages: Iterable[str]) -> str:
    """Return the package that a name stands in, or nothing."""
    return next((package for package in packages if f"{dotted}.".startswith(f"{package}.")), "")


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
