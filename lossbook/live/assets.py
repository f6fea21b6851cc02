"""The JavaScript that ships with the package, without comments and blanks, since every page carries it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from rjsmin import jsmin


def _read(name: str) -> str:
    return files("lossbook.live").joinpath(name).read_text(encoding="utf-8")


@cache
def engine_source(part: str = "engine") -> str:
    """Return the engine, or a part of it, an ES module that stands in the page once."""
    return jsmin(_read(f"{part}.js"))


@cache
def loader_source() -> str:
    """Return the few lines that each figure carries: they find the engine."""
    return jsmin(_read("loader.js"))


def host_source() -> str:
    """Return the script that brings figures to life in a page without a kernel."""
    return jsmin(_read("host.js"))


@cache
def offline_source() -> str:
    """Return the script beside a figure in a notebook's output: it draws where the notebook is saved as a page."""
    return jsmin(_read("offline.js").replace("HOST;", _read("host.js")))


@cache
def _primitives() -> dict[str, str]:
    """Return the text of each definition in primitives.js by its name, in the order of the file."""
    parts = re.split(r"^const (\w+) = ", _read("primitives.js"), flags=re.M)
    return {name: jsmin(f"const {name} = {body}") for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def primitives_used_by(code: str) -> str:
    """Return the definitions of the stable functions that `code` calls, and of those that they call."""
    definitions = _primitives()
    needed: set[str] = set()
    waiting = [code]
    while waiting:
        words = set(re.findall(r"\w+", waiting.pop()))
        for name in (words & definitions.keys()) - needed:
            needed.add(name)
            waiting.append(definitions[name])
    return "\n".join(text for name, text in definitions.items() if name in needed)
