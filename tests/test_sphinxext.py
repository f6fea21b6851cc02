"""How outputs are kept, and the bookkeeping of the ledger, without building a book."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from myst_nb.core.render import MimeData
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

from lossbook.live.figure import FIGURE_MIMETYPE
from lossbook.pages.claims import CLAIM_MIMETYPE
from lossbook.sphinxext import ledger
from lossbook.sphinxext.outputs import Executed, Store
from lossbook.sphinxext.quiet import FoldClaims
from lossbook.sphinxext.renderers import FigureRenderer
from lossbook.sphinxext.whole import whole
from lossbook.sphinxext.widgets import keep_shown


def executed(code, fingerprint, **data):
    """Return a notebook as it is kept, with an output that holds data."""
    output = new_output("display_data", data={"text/plain": "shown", **data})
    kernel = {"name": "python3", "display_name": "Python 3", "lossbook": fingerprint}
    cells = [new_code_cell(code, execution_count=1, outputs=[output])]
    return Executed(new_notebook(cells=cells, metadata={"kernelspec": kernel}), 1.5)


def asked(code, fingerprint):
    notebook = executed(code, fingerprint).notebook
    notebook.cells[0].outputs = []
    notebook.cells.insert(0, new_markdown_cell("Text that does not matter."))
    return notebook


def test_outputs_are_found_by_code_and_fingerprint_in_any_folder(tmp_path):
    Store(tmp_path / "one").put("/somewhere/a.ipynb", executed("1 + 1", "old"))
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    store = Store(tmp_path / "two")
    held = store.get(asked("1 + 1", "old"))
    assert held.notebook.cells[1].outputs[0].data["text/plain"] == "shown" and held.seconds == 1.5
    assert store.get(asked("1 + 1", "new")) is None
    assert store.get(asked("1 + 2", "old")) is None


STATE, VIEW = (f"application/vnd.jupyter.widget-{part}+json" for part in ("state", "view"))


def test_a_page_keeps_the_widgets_that_it_shows_and_what_they_need():
    def record(*references, model="FigureModel"):
        return {"model_name": model, "state": {"of": [[f"IPY_MODEL_{name}", "value"] for name in references]}}

    state = {
        "shown": record("layout"), "layout": record(), "box": record("inside"), "inside": record(),
        "computed": record("its_layout"), "its_layout": record(),
        "link": record("shown", "inside", model="LinkModel"), "half": record("shown", "computed", model="LinkModel"),
    }  # fmt: skip
    outputs = [
        new_output("display_data", data={FIGURE_MIMETYPE: {"model_id": "shown"}}),
        new_output("execute_result", data={VIEW: {"model_id": "box"}}),
    ]
    metadata = {"widgets": {STATE: {"state": state}}}
    notebook = new_notebook(cells=[new_code_cell("", outputs=outputs), new_markdown_cell("")], metadata=metadata)
    for _ in range(2):
        keep_shown(notebook)
        kept = notebook.metadata["widgets"][STATE]["state"]
        assert set(kept) == {"shown", "layout", "box", "inside", "link"}
    without = new_notebook(cells=[new_code_cell("1")])
    keep_shown(without)
    assert without == new_notebook(cells=[new_code_cell("1", id=without.cells[0].id)])


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text(path.read_text()[:100])])
def test_outputs_that_were_half_written_are_made_again(tmp_path, damage):
    store = Store(tmp_path)
    store.put("a.ipynb", executed("1 + 1", "x"))
    (kept,) = tmp_path.rglob("base.ipynb")
    damage(kept)
    assert store.get(asked("1 + 1", "x")) is None
    store.put("a.ipynb", executed("1 + 1", "x"))
    assert store.get(asked("1 + 1", "x")) is not None


def test_what_a_reader_was_shown_as_false_serves_no_strict_build(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.put("a.ipynb", executed("1 + 1", "x", **{CLAIM_MIMETYPE: {"holds": False}}))
    assert store.get(asked("1 + 1", "x")) is None
    monkeypatch.delenv("LOSSBOOK_STRICT")
    assert store.get(asked("1 + 1", "x")) is not None


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_page_is_old_or_new_and_never_half(tmp_path, error):
    page = tmp_path / "page.html"
    page.write_text("old")
    with pytest.raises((KeyboardInterrupt, ExtensionError)), whole(str(page), "w", encoding="utf-8") as file:
        file.write("ne")
        file.flush()
        raise error
    assert page.read_text() == "old"
    with whole(str(page), "w", encoding="utf-8") as file:
        file.write("new")
    with whole(str(page)) as file:
        assert file.read() == "new"


def test_ledger_survives_parallel_and_incremental_builds():
    def environment(**claims):
        return SimpleNamespace(lossbook_claims=claims, lossbook_ledgers={"end"} if "b" in claims else set())

    main, worker = environment(a=[1]), environment(b=[2], c=[3])
    ledger._merge(None, main, ["b", "end"], worker)
    assert main.lossbook_claims == {"a": [1], "b": [2]}
    assert main.lossbook_ledgers == {"end"}
    ledger._purge(None, main, "b")
    ledger._purge(None, main, "end")
    assert main.lossbook_claims == {"a": [1]}
    assert main.lossbook_ledgers == set()


def cell_of(*outputs, folds="input"):
    """Return a page with a cell of code that shows these."""
    shown = nodes.container("", *outputs, nb_element="cell_code_output")
    source = nodes.container("", nodes.literal_block("", "claim()"), nb_element="cell_code_source")
    cell = nodes.container("", source, shown, nb_element="cell_code", classes=["cell"])
    cell.attributes.update(hide_mode=folds, prompt_show="Show", prompt_hide="Hide")
    document = new_document("page")
    document += cell
    FoldClaims(document).run()
    return cell


def claim_node(holds=True):
    return nodes.container("", nodes.paragraph("", "a claim"), lossbook_claim={"holds": holds})


def test_claims_that_hold_are_folded_with_their_code():
    cell = cell_of(claim_node(), claim_node())
    assert len(cell) == 1 and "hide_mode" not in cell
    assert cell[0]["prompt_show"] == "✓ 2 statements above checked"
    assert [part["nb_element"] for part in cell[0]] == ["cell_code_source", "cell_code_output"]


def test_beside_other_outputs_claims_alone_are_folded():
    cell = cell_of(nodes.paragraph("", "a table"), claim_node(), folds=None)
    table, fold = cell[1]
    assert table.astext() == "a table"
    assert fold["prompt_show"] == "✓ 1 statement above checked" and "lossbook_claim" in fold[0]


def test_what_is_false_is_not_folded():
    cell = cell_of(claim_node(holds=False), claim_node())
    assert "lossbook_claim" in cell[1][0] and cell[1][0]["lossbook_claim"] == {"holds": False}
    assert cell[1][1]["prompt_show"] == "✓ 1 statement above checked"


def rendered(caption, still=None):
    """Return what stands in a page for a figure, and what the page knows by its address."""
    shown = {"model_id": "1", "name": "coin_toss", "alt": "A curve.", "caption": caption, "room": [400, 700],
             "formulas": ["<math><mi>x</mi></math>"],
             "colors": {"Huber": [0, 1], "error": [1, 0], "squared error": [2, 0], "r": [3, 0]}}  # fmt: skip
    data = {FIGURE_MIMETYPE: shown} | ({"image/png": still} if still else {})
    client = SimpleNamespace(code_cell_outputs=lambda cell: (1, [new_output("stream"), {"data": data}]))
    document = new_document("page.ipynb")
    known = SimpleNamespace(labels={}, anonlabels={})
    env = SimpleNamespace(docname="page", get_domain={"std": known}.get)
    renderer = SimpleNamespace(
        renderer=SimpleNamespace(nb_client=client, document=document, sphinx_env=env),
        render_image=lambda mime: [nodes.image(uri=mime.content)],
    )
    mime = MimeData(FIGURE_MIMETYPE, shown, cell_index=0, output_index=1)
    return FigureRenderer.handle_mime(renderer, mime, False), document


@pytest.mark.parametrize("still", ["cGljdHVyZQ==", None])
def test_without_scripts_stands_the_picture_or_else_the_description(still):
    ((figure,), _) = rendered("It goes up.", still)
    opening, inside, formula, closing, caption = figure
    assert formula.astext() == "<math><mi>x</mi></math>"
    assert '"model_id": "1"' in opening.astext() and closing.astext() == "</noscript></div>"
    assert 'style="--room:400px;--narrow-room:700px"' in opening.astext()
    assert (inside.tagname, inside.get("uri"), inside.astext()) == (
        "image" if still else "paragraph",
        still,
        "A curve.",
    )
    assert caption.astext() == "It goes up."


def test_a_figure_has_an_address_and_symbols_in_its_caption():
    ((figure,), document) = rendered("The slope is δ where r exceeds it.")
    assert figure["ids"] == ["figure-coin-toss"] and document.ids["figure-coin-toss"] is figure
    marked = [part.astext() for part in figure[-1].findall(nodes.inline) if "lossbook-symbol" in part["classes"]]
    assert marked == ["δ", "r"]


def test_names_in_a_caption_are_tied_to_what_the_figure_draws():
    ((figure,), _) = rendered("Squared error is steep, Huber and its errors are not, where r is large; no error is.")
    look = "lossbook-ink"
    tied = [(part.astext(), part["classes"]) for part in figure[-1].findall(nodes.inline) if look in part["classes"]]
    assert tied == [
        ("Squared error", [look, "lb-c2"]), ("Huber", [look, "lb-c0", "lb-dashed"]), ("r", [look, "lb-c3"]),
        ("error", [look, "lb-c1"]),
    ]  # fmt: skip


def test_a_figure_without_a_caption_fails_the_build(caplog):
    with caplog.at_level("WARNING"):
        rendered("")
    assert "the figure 'coin_toss' has no caption" in caplog.text
