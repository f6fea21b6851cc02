"""Writes the chapters as notebooks to work in: ``make lab``.

A chapter is written for the book: its citations, terms and links to figures mean something to Sphinx alone, and
JupyterLab shows them in orange. In a workbook they are words. Code that the book folds is folded; the chapters
themselves stay as they are, so that an update meets no change of the reader's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pybtex.database import BibliographyData, Entry, parse_file
from pybtex.richtext import Text

_ROLE = re.compile(r"\{(cite:t|cite|term|set|scrub|doc)\}`([^`]+)`", re.S)
_WITH_WORDS = re.compile(r"(.+?)\s*<([^<>]+)>", re.S)
_BIBLIOGRAPHY = re.compile(r"^```\{bibliography\}\n(?::.*\n)*```$", re.M)
_PREFIX = re.compile(r"^\w+-(?=[a-z]+\d{4})")  # of a key: the chapter's
_DIRECTIVES = (
    (re.compile(r"^(`{3,}|:{3,})\{exercise\} *([^\n]*)\n:label: [^\n]*$", re.M), r"\1{admonition} Exercise: \2"),
    (re.compile(r"^(`{3,}|:{3,})\{solution\} [^\n]*$", re.M), r"\1{admonition} Solution"),
)
# Under this key a workbook remembers how it was written.
_MADE = "lossbook"


class Literature:
    """What the book cites, in the words of a text."""

    def __init__(self, data: BibliographyData) -> None:
        self._data = data

    @classmethod
    def of(cls, folder: Path) -> Literature:
        """Read the literature of the book in a folder."""
        return cls(parse_file(str(folder / "references.bib")))

    def entry(self, key: str) -> Entry:
        """Return an entry by the key that a chapter cites, with the chapter's prefix or without."""
        return self._data.entries[_PREFIX.sub("", key.strip())]

    def authors(self, key: str) -> str:
        """Return the surnames: one, two, or the first of many."""
        people = self.entry(key).persons.get("author") or self.entry(key).persons["editor"]
        names = [_plain(" ".join([*one.prelast_names, *one.last_names])) for one in people]
        return names[0] + (" et al." if len(names) > 2 else f" and {names[1]}" if len(names) == 2 else "")

    def cited(self, keys: str, textual: bool) -> str:
        """Return a citation, such as "Huber (1964)" or "(Huber, 1964)"."""
        found = [(self.authors(key), self.entry(key).fields["year"]) for key in keys.split(",")]
        if textual:
            return ", ".join(f"{authors} ({year})" for authors, year in found)
        return f"({'; '.join(f'{authors}, {year}' for authors, year in found)})"

    def listed(self, key: str) -> str:
        """Return a line of a list of literature, with a link where there is one."""
        fields = self.entry(key).fields
        address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url", "")
        title = _plain(fields["title"])
        where = next((_plain(fields[name]) for name in ("journal", "booktitle", "publisher") if name in fields), "")
        named = f"[{title}]({address})" if address else title
        return f"- {self.authors(key)} ({fields['year']}). {named}.{where and f' *{where}*.'}"


@cache
def _plain(latex: str) -> str:
    return " ".join(str(Text.from_latex(latex)).split())


def plain_text(text: str, literature: Literature, cited: Sequence[str] = ()) -> str:
    """Return the Markdown of a chapter's cell without what the book alone understands.

    Parameters
    ----------
    text : str
        The cell.
    literature : Literature
        Of the book.
    cited : sequence of str
        The keys of what the chapter cites, for its list of literature.
    """

    def words(match: re.Match[str]) -> str:
        role, inside = match[1], match[2]
        if role.startswith("cite"):
            return literature.cited(inside, role == "cite:t")
        named = _WITH_WORDS.fullmatch(inside)
        if named:
            return named[1]
        if role == "scrub":
            return inside.split()[-1]
        if role == "set":
            return ", ".join(" = ".join(part.split("=", 1)) for part in inside.split()[1:])
        return inside

    def lines(_: re.Match[str]) -> str:
        return "\n".join(sorted({literature.listed(key) for key in cited}))

    text = _BIBLIOGRAPHY.sub(lines, _ROLE.sub(words, text))
    for directive, instead in _DIRECTIVES:
        text = directive.sub(instead, text)
    return text


def workbook(chapter: dict[str, Any], literature: Literature) -> dict[str, Any]:
    """Return a chapter as a notebook that is read without the book.

    Parameters
    ----------
    chapter : dict
        As its file holds it; it stays as it is.
    literature : Literature
        Of the book.
    """
    made: dict[str, Any] = json.loads(json.dumps(chapter))
    texts = "\n".join("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "markdown")
    cited = [key for role, keys in _ROLE.findall(texts) if role.startswith("cite") for key in keys.split(",")]
    for cell in made["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", ())
        # Code has citations in the texts that it prints.
        if cell["cell_type"] == "markdown" or "{cite" in source:
            cell["source"] = plain_text(source, literature, cited).splitlines(keepends=True)
        if "hide-input" in tags:
            cell["metadata"]["jupyter"] = {"source_hidden": True}
    made["metadata"][_MADE] = _digest(made)
    return made


def _digest(notebook: dict[str, Any]) -> str:
    """Return what changes when a cell is written, and stays when it is run."""
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def _is_readers(path: Path) -> bool:
    """Tell whether somebody has written into a workbook; what cannot be read is not touched either."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return bool(notebook["metadata"].get(_MADE) != _digest(notebook))
    except (ValueError, KeyError, TypeError):
        return True


def write_workbooks(book: Path, folder: Path) -> list[str]:
    """Write the workbooks that are not there or not up to date; what a reader has written into stays.

    Parameters
    ----------
    book : Path
        Folder of the book.
    folder : Path
        Where the workbooks go.

    Returns
    -------
    list of str
        The names of those that stay though their chapters have changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    literature = Literature.of(book)
    kept = []
    for path in sorted((book / "chapters").glob("*.ipynb")):
        made = workbook(json.loads(path.read_text(encoding="utf-8")), literature)
        place = folder / path.name
        if place.exists():
            old = place.read_text(encoding="utf-8")
            if _is_readers(place):
                if made["metadata"][_MADE] not in old:
                    kept.append(path.name)
                continue
            if made["metadata"][_MADE] in old:
                continue  # with the outputs that it has
        place.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


def main() -> None:
    """Write the workbooks of the book in this folder."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    for name in write_workbooks(Path(), folder):
        print(f"{folder / name} has changes of yours and stays; rename it, and the next time the new chapter comes.")


if __name__ == "__main__":
    main()
