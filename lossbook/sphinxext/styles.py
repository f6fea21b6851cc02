"""Leaves out of a style sheet the rules for what no page has.

The theme brings all of Bootstrap, 300 KB, of which the book uses a fifth.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tinycss2

_CLASSES = re.compile(r'\b(?:class|id)="([^"]*)"')
_SCRIPTS = re.compile(r"<script\b.*?</script>", re.S)
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
#: What holds rules of its own; the others (fonts, animations) are kept as they are.
_AROUND_RULES = {"media", "supports", "container", "layer"}


def names_in_use(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Return the classes and identifiers that pages have or that scripts may give them.

    Parameters
    ----------
    pages, scripts : iterable of str
        HTML and JavaScript; of a script, and of what a page carries in its own, each word counts.
    """
    names: set[str] = set()
    for page in pages:
        names.update(*(found.split() for found in _CLASSES.findall(page)))
        for script in _SCRIPTS.findall(page):
            names.update(_NAME.findall(script))
    for script in scripts:
        names.update(_NAME.findall(script))
    return names


def without_unused(sheet: str, used: set[str]) -> str:
    """Return a style sheet without the selectors that ask for a class or an identifier which is not in use.

    What stands in brackets, as in ``:not(.active)``, asks for nothing.

    Parameters
    ----------
    sheet : str
        CSS.
    used : set of str
        As from `names_in_use`.

    Examples
    --------
    >>> without_unused(".card{margin:0}.row,.col{padding:0}@media print{.card{color:red}}", {"row"})
    '.row{padding:0}'
    """
    return _without_unused(tinycss2.parse_stylesheet(sheet, skip_comments=True), used)


def key(sheet: str, used: set[str]) -> str:
    """Return a short text that changes when `without_unused`, with the same parameters, may give another sheet.

    Examples
    --------
    >>> key(".row{margin:0}", {"row", "card"}) == key(".row{margin:0}", {"row"}) != key(".row{margin:0}", {"card"})
    True
    """
    # Other names than plain ones are escaped in a sheet, and not looked for there.
    named = set(_NAME.findall(sheet))
    asked = sorted(name for name in used if name in named or not _NAME.fullmatch(name))
    how = Path(__file__).read_bytes(), tinycss2.VERSION
    return hashlib.sha256(repr((sheet, asked, how)).encode()).hexdigest()


def _without_unused(rules: Sequence[Any], used: set[str]) -> str:
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [one for one in _selectors(rule.prelude) if _asked_for(one) <= used]
            if selectors:
                prelude = ",".join(tinycss2.serialize(one).strip() for one in selectors)
                kept.append(f"{prelude}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in _AROUND_RULES and rule.content is not None:
            inside = _without_unused(tinycss2.parse_rule_list(rule.content, skip_comments=True), used)
            if inside.strip():
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}")
        elif rule.type != "whitespace":
            kept.append(rule.serialize())
    return "".join(kept)


def _selectors(prelude: Sequence[Any]) -> list[list[Any]]:
    selectors: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def _asked_for(selector: Sequence[Any]) -> set[str]:
    names = {token.value for token in selector if token.type == "hash"}
    for before, token in zip(selector, selector[1:], strict=False):
        if before.type == "literal" and before.value == "." and token.type == "ident":
            names.add(token.value)
    return names
