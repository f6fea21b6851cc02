"""The JavaScript that ships with the package."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


def _read(name: str) -> str:
    return files("lossbook.live").joinpath(name).read_text(encoding="utf-8")


def _without_comments(source: str) -> str:
    """Drop indentation and lines that hold a comment only: every page carries this text."""
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


@cache
def engine_source() -> str:
    """Return the engine as one ES module: the stable primitives, then the figure engine.

    A module that is imported from a Blob cannot import a neighbour by a relative address,
    so the two files are joined here.
    """
    return _without_comments(_read("primitives.js") + "\n" + _read("engine.js"))


@cache
def loader_source() -> str:
    """Return the few lines that each figure carries: they find the engine, which stands in the page once."""
    return _without_comments(_read("loader.js"))


def _primitive_names() -> tuple[str, ...]:
    listing = re.search(r"const primitives = \{([^}]*)\}", _read("primitives.js"))
    if listing is None:
        raise RuntimeError("primitives.js does not end with `const primitives = {...}`")
    return tuple(name.strip() for name in listing.group(1).split(",") if name.strip())


#: Names of the functions that compiled expressions may call beside those of JavaScript's Math.
PRIMITIVES = _primitive_names()


@cache
def host_source() -> str:
    """Return the script that brings figures to life in a page without a kernel."""
    return _without_comments(_read("host.js"))
