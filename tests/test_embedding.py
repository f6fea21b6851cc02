"""The scripts of single figures: cut out of built pages, shared by content, small."""

from __future__ import annotations

import json
import re

import pytest

from lossbook.sphinxext.embedding import FOLDER, PAGE, figures_of, name_of, scripts_of, write
from publishing.serving import FRAMED, framed_anywhere

STATE = {
    "engine": {"model_name": "WidgetModel", "state": {"source": "export default 1;\u2028"}},
    "layout": {"model_name": "LayoutModel", "state": {}},
    "one": {"model_name": "AnyModel", "state": {"_engine": "IPY_MODEL_engine", "layout": "IPY_MODEL_layout", "r": 1}},
    "two": {"model_name": "AnyModel", "state": {"_engine": "IPY_MODEL_engine", "r": 2}},
}


def page(*models: str, renamed: str = "") -> str:
    figures = "".join(
        f'<figure class="align-default" id="figure-{model}">\n<div class="lossbook-figure" data-figure="{model}">'
        f'<script>{{"model_id": "{model}"}}</script></div><figcaption><p><span class="caption-number">Figure 1</span>'
        f'<span class="caption-text">What <span>δ</span> &lt; {model} finds</span><a class="headerlink">#</a></p>'
        for model in models
    )
    state = json.dumps({"state": STATE}).replace("engine", renamed or "engine").replace("</", "<\\/")
    return f'{figures}<script type="application/vnd.jupyter.widget-state+json">{state}</script>'


def test_a_figure_is_called_by_its_page_and_its_name():
    assert name_of("chapters/07-regression", "mean_to_median") == "regression.mean_to_median"
    assert name_of("index", "softmax") == "index.softmax"


def test_a_figure_has_what_it_refers_to_and_no_more():
    one, two = figures_of("chapters/01-ends", page("one", "two", "one"))
    assert (one.name, one.model, one.place) == ("ends.one", "one", "chapters/01-ends.html#figure-one")
    assert one.caption == "What δ < one finds"
    assert set(one.state) == {"engine", "layout", "one"} and set(two.state) == {"engine", "two"}
    assert list(figures_of("chapters/empty", "<p>No figure.</p>")) == []


def test_what_figures_share_is_written_once_whatever_a_page_calls_it():
    (one,) = figures_of("a", page("one"))
    (same,) = figures_of("b", page("two", renamed="motor"))
    shared, other = (list(scripts_of(figure))[0] for figure in (one, same))
    assert shared == other and shared.startswith("part-")
    scripts = scripts_of(one)
    assert "\u2028" not in scripts[shared]
    assert "export default" not in scripts["a.one"] and "LayoutModel" not in scripts["a.one"]
    assert json.loads(scripts["a.one"].partition("=")[2].rstrip(";\n"))["state"]["engine"] == shared


def test_a_book_is_written_anew(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/01-ends.html").write_text(page("one", "two"), encoding="utf-8")
    old = tmp_path / FOLDER / "ends.gone.js"
    old.parent.mkdir(parents=True)
    old.write_text("", encoding="utf-8")
    assert write(tmp_path) == ["ends.one", "ends.two"]
    assert not old.exists() and len(list(old.parent.glob("part-*.js"))) == 1
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert not address.startswith(("/", "http"))
    assert "<script>" not in text and "style=" not in text


def test_only_the_page_of_one_figure_is_shown_in_any_frame():
    assert FRAMED == PAGE
    assert framed_anywhere("default-src 'none'; frame-ancestors 'self'") == "default-src 'none'; frame-ancestors *"


def test_every_figure_of_the_book_has_a_small_script(book_html):
    scripts = {path.stem: path.stat().st_size for path in (book_html / FOLDER).glob("*.*.js")}
    shown = {
        name_of(f"chapters/{path.stem}", figure)
        for path in (book_html / "chapters").glob("*.html")
        for figure in re.findall(r'data-figure="([^"]+)" style', path.read_text(encoding="utf-8"))
    }
    assert len(shown) > 100
    assert shown <= set(scripts)
    assert max(scripts.values()) < 60_000
    assert len(list((book_html / FOLDER).glob("part-*.js"))) < 20


@pytest.mark.parametrize("name", ["bounded", "mean_to_median"])
def test_a_figure_names_texts_that_there_are(name, book_html):
    folder = book_html / FOLDER
    said = json.loads((folder / f"regression.{name}.js").read_text(encoding="utf-8").partition("=")[2].rstrip(";\n"))
    parts = [part for part in said["state"].values() if isinstance(part, str)]
    assert parts and all((folder / f"{part}.js").exists() for part in parts)
