"""The directive ``compared-libraries``: what the record of ``benchmarks/conformance`` holds, as tables and code.

Its argument says which part: ``made``, ``conventions``, ``errors``, ``inputs``, ``imports``, ``lines-of-errors`` or
``lines-of-inputs``. The libraries need not be there when the book is built; the record is a file of the repository.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ..pages.claims import FALSE

#: From the folder of the book.
RECORD = "benchmarks/conformance/record.json"
PINS = ("constraints.txt", "requirements.txt", "benchmarks/requirements.txt")
_CELLS = {"Value": "value ordinary", "Value, extreme": "value extreme", "Slope": "slope ordinary",
          "Slope, extreme": "slope extreme"}  # fmt: skip
#: A name of more letters is broken where it must.
_LONG = 24
#: How the verdicts of the record stand on the page; to notice nonsense is right.
_VERDICTS = {"noticed": "right"}


class ComparedLibraries(SphinxDirective):
    """``compared-libraries``, with the part as its argument."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the part."""
        folder = Path(self.env.srcdir)
        for name in (RECORD, *PINS):
            self.env.note_dependency(str(folder / name))
        try:
            record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            part = _PARTS[self.arguments[0]]
        except (OSError, KeyError) as problem:
            raise self.error(f"compared-libraries: {problem!r}") from problem
        return part(record, folder)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("compared-libraries", ComparedLibraries)


def pins(texts: Iterable[str]) -> dict[str, str]:
    """Return the pinned versions in files of requirements, by distribution."""
    return {
        name.lower(): version
        for text in texts
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE)
    }


def older_than(record: Mapping[str, Any], pinned: Mapping[str, str]) -> list[str]:
    """Return in words where a record was made with other versions than those that are pinned."""
    return [
        f"{library} {version}, and {pinned[name]} is pinned now"
        for library, version in record["versions"].items()
        if (name := record["distributions"][library].lower()) in pinned and pinned[name] != version
    ]


def _made(record: Mapping[str, Any], folder: Path) -> list[nodes.Node]:
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    said = f"Recorded on {record['date']} on {record['processor']}, with {versions}."
    found: list[nodes.Node] = [nodes.paragraph("", said)]
    texts = [(folder / name).read_text(encoding="utf-8") for name in PINS if (folder / name).exists()]
    if stale := older_than(record, pins(texts)):
        found.append(nodes.paragraph("", f"The record is older than the pins: {'; '.join(stale)}.", classes=[FALSE]))
    return found


def _conventions(record: Mapping[str, Any], _: Path) -> list[nodes.Node]:
    rows = []
    for twin in record["twins"]:
        if twin["library"] == "lossbook":
            continue
        said = [f"terms times {twin['factor']:.4g}"] if "factor" in twin else []
        said += [f"ignores {twin['ignored']}"] if "ignored" in twin else []
        said += [twin["differs"]] if "differs" in twin else []
        more = _as_html("; ".join(said) or "–")
        if "limit" in twin:
            more += f' (<a href="{html.escape(twin["limit"])}">documented</a>)'
        cells = [html.escape(twin["library"]), _code(_shortened(twin["call"])), html.escape(twin["order"]),
                 html.escape(twin["reduction"]), more]  # fmt: skip
        rows.append((twin["loss"], cells))
    heads = ["Loss", "Library", "Call", "Order", "By default", "What else differs"]
    return [_table("Twins and their conventions", heads, rows)]


def _errors(record: Mapping[str, Any], _: Path) -> list[nodes.Node]:
    rows = []
    for place, twin in enumerate(record["twins"]):
        for kind, cells in twin["errors"].items():
            shown = [_cell(cells[which], f"twin-{place}") for which in _CELLS.values()]
            rows.append((twin["loss"], [html.escape(twin["library"]), _code(_name(twin)), kind, *shown]))
    return [_table("Largest relative errors", ["Loss", "Library", "Call", "Type", *_CELLS], rows)]


def _inputs(record: Mapping[str, Any], _: Path) -> list[nodes.Node]:
    rows = []
    for probe in record["probes"]:
        for library, found in probe["found"].items():
            link = f'<a href="#input-{probe["name"]}">{html.escape(found["came"])}</a>'
            notes = [
                f'<a href="{html.escape(address)}">{html.escape(label)}</a>'
                for label, address in (
                    (found.get("report", {}).get("label"), found.get("report", {}).get("address")),
                    ("documented", found.get("documented")),
                )
                if label and address
            ]
            verdict = _VERDICTS.get(found["verdict"], found["verdict"])
            rows.append((_as_html(probe["title"]), [html.escape(library), link, verdict, ", ".join(notes) or "–"]))
    return [_table("Single inputs", ["Input", "Library", "Gives", "Which is", "Reports"], rows)]


def _imports(record: Mapping[str, Any], _: Path) -> list[nodes.Node]:
    lines = ["from math import inf, nan"]
    for code in record["imports"].values():
        lines += [line for line in code.split("\n") if line not in lines]
    # What chooses Keras's backend must come before Keras.
    return [_block("\n".join(lines))]


def _lines_of_errors(record: Mapping[str, Any], _: Path) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for place, twin in enumerate(record["twins"]):
        lines = []
        for kind, cells in twin["errors"].items():
            for title, which in _CELLS.items():
                cell = cells[which]
                if cell and "code" in cell:
                    lines += [f"# {title.lower()}, {kind}: {cell['came']}; right is {cell['exact']}", cell["code"]]
        if lines:
            title = f"{twin['loss']} in {twin['library']}: {_name(twin)}"
            found.append(_section(f"twin-{place}", title, [_block("\n".join(lines))]))
    return found


def _lines_of_inputs(record: Mapping[str, Any], _: Path) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for probe in record["probes"]:
        lines = []
        for library, entry in probe["found"].items():
            lines += [f"# {library}: {entry['came']}", entry["code"]]
        says = nodes.paragraph("", "", *_with_code(probe["says"]))
        title = probe["title"].replace("`", "")
        found.append(_section(f"input-{probe['name']}", title, [says, _block("\n".join(lines))]))
    return found


_PARTS: dict[str, Callable[[Mapping[str, Any], Path], list[nodes.Node]]] = {
    "made": _made, "conventions": _conventions, "errors": _errors, "inputs": _inputs, "imports": _imports,
    "lines-of-errors": _lines_of_errors, "lines-of-inputs": _lines_of_inputs,
}  # fmt: skip


def _name(twin: Mapping[str, Any]) -> str:
    """Return what is called, with the parameters that tell it from the others of its loss."""
    return _shortened(twin["call"])


def _shortened(call: str) -> str:
    """Return a call without what makes it give each term in one type, which the tables say elsewhere."""
    return re.sub(r"(, )?dtype=(\"float64\"|torch\.float64)|(, )?reduction=['\"]none['\"](, (?=\w))?", "", call)


def _code(text: str) -> str:
    """Return a call as code that breaks behind a point or a bracket; a long name between its words."""
    pieces = []
    for part in re.split(r"(?<=[.(])(?=[a-zA-Z_'\"\[-])", text):
        pieces += re.split(r"(?<=_)(?=\w)|(?<=[a-z])(?=[A-Z])", part) if len(part) > _LONG else [part]
    return f'<code class="literal">{"<wbr>".join(map(html.escape, pieces))}</code>'


def _as_html(text: str) -> str:
    """Return text with `code` in it as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))


def _with_code(text: str) -> list[nodes.Node]:
    """Return text with `code` in it as nodes."""
    parts = text.split("`")
    return [nodes.literal("", part) if place % 2 else nodes.Text(part) for place, part in enumerate(parts)]


def _cell(cell: Mapping[str, Any] | None, anchor: str) -> str:
    """Return an error as it stands in the table; one that can be reproduced is a link."""
    if cell is None:
        return "–"
    order = cell["order"]
    shown = "0" if order is None else order if isinstance(order, str) else f"1e{order:+03d}" if order else "1"
    return f'<a href="#{anchor}">{shown}</a>' if "code" in cell else shown


def _table(caption: str, heads: list[str], rows: list[tuple[str, list[str]]]) -> nodes.raw:
    """Return a table that the reader sorts and filters."""
    # Few enough to choose from, though more than the script would offer by itself.
    marks = {title: " data-choose" if title == "Library" else "" for title in heads}
    head = "".join(f'<th scope="col"{marks[title]}>{html.escape(title)}</th>' for title in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for first, cells in rows
    )
    text = (
        '<div class="pst-scrollable-table-container"><div class="lossbook-table-bar"></div>'
        '<table class="table lossbook-table">'
        f"<caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return nodes.raw("", text, format="html")


def _block(code: str) -> nodes.literal_block:
    return nodes.literal_block(code, code, language="python")


def _section(identity: str, title: str, content: list[nodes.Node]) -> nodes.section:
    return nodes.section("", nodes.title("", title), *content, ids=[identity], names=[identity])
