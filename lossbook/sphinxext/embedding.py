"""Lets each live figure stand alone in a frame of another page.

There it is ``figure.html?figure=regression.mean_to_median&delta=3``.
When the pages are written, what each carries of its figures is cut out of it: for every figure a small script with its
declaration, and one for each text that figures share (the engine and its parts). They are scripts and not JSON, so that
all works from disk, too. ``figure.html`` loads those of the figure that its address names, and no others.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from rjsmin import jsmin
from sphinx.application import Sphinx

from .figurelinks import STATE
from .house import HOST
from .widgets import STATE_MIMETYPE, needed_by

#: The page, and the folder of the scripts in the built book.
PAGE, FOLDER = "figure.html", "_static/figures"
#: What the page runs, and how it looks.
SCRIPT, STYLE = Path(__file__).with_name("embed.js"), Path(__file__).with_name("embed.css")
_MATHEMATICS = "_static/mathematics.css"
_STATE = f'<script type="{STATE_MIMETYPE}">'
_FIGURE = '<div class="lossbook-figure" data-figure="'


@dataclass(frozen=True)
class Embedded:
    """A figure as a page of the book shows it.

    Attributes
    ----------
    name : str
        What an address calls it.
    model : str
        The name of its widget in the state.
    place : str
        Where the book shows it: page and address within.
    caption : str
        Without its number.
    state : mapping
        The records of its widget and of all that it refers to.
    """

    name: str
    model: str
    place: str
    caption: str
    state: dict[str, Any]


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", _finish, priority=950)  # after the pages are light


def name_of(page: str, figure: str) -> str:
    """Return what an address calls a figure: the page without its number, then the figure.

    Examples
    --------
    >>> name_of("chapters/07-regression", "mean_to_median")
    'regression.mean_to_median'
    """
    return f"{re.sub(r'^[0-9]+-', '', page.rpartition('/')[2])}.{figure}"


def figures_of(page: str, html: str) -> Iterator[Embedded]:
    """Yield the figures of a built page that have a caption, each once.

    Parameters
    ----------
    page : str
        Its name, as in ``"chapters/07-regression"``.
    html : str
        What stands in it.
    """
    before, *figures = html.split(_FIGURE)
    if not figures:
        return
    state = json.loads(html.partition(_STATE)[2].partition("</script>")[0])["state"]
    seen = set()
    for figure in figures:
        name, model = figure.partition('"')[0], re.search(r'"model_id": "(\w+)"', figure)
        place = re.search(r'\A[^>]*id="([^"]+)"[^>]*>\s*\Z', before.rpartition("<figure ")[2])
        caption = re.search(r'<span class="caption-text">(.*?)</span>(?=<a class="headerlink")', figure, re.S)
        before = figure
        if model and place and caption and name not in seen:
            seen.add(name)
            text = unescape(re.sub(r"<[^>]+>", "", caption[1]))
            parts = {key: state[key] for key in sorted(needed_by({model[1]}, state))}
            yield Embedded(name_of(page, name), model[1], f"{page}.html#{place[1]}", text, parts)


def scripts_of(figure: Embedded) -> dict[str, str]:
    """Return the scripts of a figure by their names: the texts that others may share, and its own, the last."""
    shared: dict[str, str] = {}
    own: dict[str, Any] = {}
    for key, record in figure.state.items():
        source = record["state"].get("source")
        if isinstance(source, str):  # the engine or a part, which each page has by another name
            text = json.dumps(record, ensure_ascii=False, sort_keys=True)
            name = f"part-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
            shared[name] = f'(globalThis.lossbookParts??={{}})["{name}"]={_safe(text)};\n'
            own[key] = name
        elif record["model_name"] != "LayoutModel":
            own[key] = record
    said = {"model": figure.model, "place": figure.place, "caption": figure.caption, "state": own}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return shared | {figure.name: f"globalThis.lossbookFigure={_safe(text)};\n"}


def _safe(text: str) -> str:
    # In a script these two end a line, in JSON they do not.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def write(folder: Path) -> list[str]:
    """Write ``figure.html`` and its scripts into a built book, and return the names of the figures.

    Parameters
    ----------
    folder : Path
        The built book.
    """
    target = folder / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    names = []
    for path in sorted([*folder.glob("*.html"), *folder.glob("chapters/*.html")]):
        page = path.relative_to(folder).with_suffix("").as_posix()
        for figure in figures_of(page, path.read_text(encoding="utf-8")):
            names.append(figure.name)
            for name, script in scripts_of(figure).items():
                (target / f"{name}.js").write_text(script, encoding="utf-8")
    (target / SCRIPT.name).write_text(jsmin(SCRIPT.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copyfile(STYLE, target / STYLE.name)
    (folder / PAGE).write_text(_page(), encoding="utf-8")
    return names


def _page() -> str:
    styles = "".join(f'<link rel="stylesheet" href="{style}">\n' for style in (_MATHEMATICS, f"{FOLDER}/{STYLE.name}"))
    scripts = "".join(
        f'<script defer src="{script}"></script>\n' for script in (f"_static/{STATE.name}", f"{FOLDER}/{SCRIPT.name}")
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>A figure of the book</title>
{styles}{scripts}</head>
<body data-host="_static/{HOST.name}" data-figures="{FOLDER}/">
<main>
<h1>A figure of the book</h1>
<p id="words" role="status"></p>
<div id="figure"></div>
<p id="from"></p>
<noscript>
<p>A script moves this figure, and your browser runs none. <a href="index.html">The book</a> shows it as a picture.</p>
</noscript>
</main>
</body>
</html>
"""


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        write(Path(app.outdir))
