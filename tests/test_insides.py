"""What reaches into the insides of other packages says so loudly where what it expects is gone."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import myst_nb.sphinx_
import numpydoc.docscrape_sphinx
import pybtex.plugin
import pytest
from building import ROOT
from docutils import nodes
from docutils.utils import new_document
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

from lossbook.sphinxext import insides

SCRIPT = '<script src="../_static/scripts/fontawesome.js?digest=7"></script>'
RULE = '.fa-star:before{content:"\\f005"}'


def other(*_: object) -> None:
    """Stand in for what has changed."""


def heading_elsewhere() -> nodes.document:
    document = new_document("page")
    document += nodes.container("", nodes.rubric("", "Heading", level=2))
    return document


def cell_unmarked() -> nodes.document:
    document = new_document("page")
    document += nodes.container(classes=["cell"])
    return document


def theme(folder: Path, page: str = "fa-star", rule: str = RULE, script: str = SCRIPT) -> Path:
    static = folder / "_static"
    (static / "scripts").mkdir(parents=True)
    (static / "scripts/fontawesome.js").write_text("")
    (static / "theme.css").write_text(rule)
    (folder / "index.html").write_text(f'{script}<i class="{page}">')
    return static


#: For each part, what calls it where something is gone.
GONE: list[tuple[Callable[..., Any], Callable[[Path, pytest.MonkeyPatch], object]]] = [
    (
        insides.write_pages_with,
        lambda _, patch: patch.setattr(StandaloneHTMLBuilder, "handle_page", other) or insides.write_pages_with(open),
    ),
    (insides.share_translators, lambda *_: insides.share_translators(SimpleNamespace(registry=None))),  # type: ignore[arg-type]
    (insides.below_title, lambda *_: insides.below_title("<h2>Title</h2>", "<p>")),
    (
        insides.visit_citation,
        lambda _, patch: (
            patch.setattr(HTML5Translator, "visit_citation", other)
            or insides.visit_citation(SimpleNamespace(body=["<dd>"]), nodes.citation())
        ),
    ),
    (
        insides.find_plugins_once,
        lambda _, patch: patch.delattr(pybtex.plugin, "_load_entry_point") or insides.find_plugins_once(),
    ),
    (
        insides.read_template_once,
        lambda _, patch: (
            patch.delattr(numpydoc.docscrape_sphinx, "SandboxedEnvironment") or insides.read_template_once()
        ),
    ),
    (insides.page_as_notebook, lambda *_: insides.page_as_notebook("page.md", SimpleNamespace(myst_config=1))),
    (
        insides.hand_outputs,
        lambda _, patch: patch.setattr(myst_nb.sphinx_.Parser, "parse", other) or insides.hand_outputs(other),
    ),
    (insides.leave_kernel, lambda *_: insides.leave_kernel(SimpleNamespace())),  # type: ignore[arg-type]
    (insides.cells_with_outputs, lambda *_: insides.cells_with_outputs(cell_unmarked())),
    (insides.unfold_input, lambda *_: insides.unfold_input(nodes.container(hide_mode="input"))),
    (
        insides.folded,
        lambda _, patch: patch.delattr(myst_nb.sphinx_, "HideCodeCellNode") or insides.folded([], "more", "less"),
    ),
    (insides.outputs_of, lambda *_: insides.outputs_of(SimpleNamespace(renderer=SimpleNamespace()), 1)),
    (insides.outputs_with_headings, lambda *_: list(insides.outputs_with_headings(heading_elsewhere()))),
    (insides.without_button, lambda *_: insides.without_button({}, "launch-buttons", "Colab")),
    (insides.links_of, lambda *_: insides.links_of({}, "launch-buttons")),
    (insides.without_icon_script, lambda folder, _: insides.without_icon_script(folder, open)),
    (
        insides.without_icon_script,
        lambda folder, _: insides.without_icon_script(
            theme(folder, script='<script>import("fontawesome.js")</script>'), open
        ),
    ),
    (insides.keep_icons, lambda folder, _: insides.keep_icons(folder)),
    (insides.keep_icons, lambda folder, _: insides.keep_icons(theme(folder, rule='.fa-star{--fa:"\\f005"}'))),
    (insides.icon_fonts, lambda folder, _: insides.icon_fonts(folder)),
]


@pytest.mark.parametrize(("part", "use"), GONE, ids=[f"{part.__name__}-{k}" for k, (part, _) in enumerate(GONE)])
def test_what_is_gone_stops_the_build(part, use, tmp_path, monkeypatch):
    with pytest.raises(ExtensionError, match=r"is not there \([a-z-]+ \S+ is installed, \S+ was tried\)"):
        use(tmp_path, monkeypatch)


def test_every_part_is_tried():
    parts = {function for _, function in inspect.getmembers(insides, inspect.isfunction)}
    own = {part for part in parts if part.__module__ == insides.__name__ and not part.__name__.startswith("_")}
    assert own - {part for part, _ in GONE} == {insides.expect, insides.depart_citation}


@pytest.mark.parametrize("package", insides.TRIED)
def test_the_versions_that_are_pinned_are_those_that_were_tried(package):
    pinned = [
        line.partition("==")[2]
        for name in ("requirements.txt", "constraints.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line.startswith(f"{package}==")
    ]
    assert pinned == [insides.TRIED[package]] == [version(package)]


def test_no_other_module_reaches_in():
    inside = re.compile(r"sphinx\.(builders|writers|registry)|myst_nb\.(sphinx_|core\.read)|sphinx_book_theme")
    attributes = {"translation_handlers", "nb_client", "co_names"}
    found = set()
    for path in sorted((ROOT / "lossbook").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module=str(name)) | ast.alias(name=name) if inside.match(name):
                    found.add(path.name)
                case ast.Attribute(attr=name) if name in attributes:
                    found.add(path.name)
    assert found == {"insides.py"}


def test_icons_that_a_page_shows_stay(tmp_path):
    static = theme(tmp_path, rule=RULE + RULE.replace("star", "sun").replace("f005", "f185"))
    assert insides.keep_icons(static) == {"f005"}
    kept = (static / "theme.css").read_text()
    assert "star" in kept and "sun" not in kept


def test_the_script_of_icons_leaves_nothing_behind(tmp_path):
    static = theme(tmp_path)
    insides.without_icon_script(static, open)
    assert (tmp_path / "index.html").read_text() == '<i class="fa-star">'
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"theme.css", "index.html"}


def test_the_links_of_a_group_are_found():
    hub = {"text": "Binder", "url": "https://hub"}
    groups = [{"label": "other", "buttons": [hub]}, {"label": "launch-buttons", "buttons": [hub, {"text": "Live"}]}]
    assert insides.links_of({"header_buttons": groups}, "launch-buttons") == [("Binder", "https://hub")]
    assert insides.links_of({"header_buttons": groups[:1]}, "launch-buttons") == []


def test_a_button_is_taken_off_its_group():
    groups = [{"label": "launch-buttons", "buttons": [{"text": "Binder"}, {"text": "Colab"}]}, {"label": "other"}]
    insides.without_button({"header_buttons": groups}, "launch-buttons", "Colab")
    assert groups[0]["buttons"] == [{"text": "Binder"}]
