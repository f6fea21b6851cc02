"""The chapters as notebooks to work in: read without the book, folded as there, and never taken from their reader."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from building import ROOT

from publishing.workbooks import Literature, plain_text, write_workbooks

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
LITERATURE = Literature.of(ROOT)


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workbooks")
    assert write_workbooks(ROOT, folder) == []
    return folder


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_nothing_is_left_that_only_the_book_understands(written, chapter):
    before, after = read(chapter)["cells"], read(written / chapter.name)["cells"]
    assert [cell["id"] for cell in before] == [cell["id"] for cell in after]
    for old, new in zip(before, after, strict=True):
        text = "".join(new["source"])
        assert not re.search(r"\{(cite|term|set|scrub|doc)\b[^}]*\}`|\{(exercise|solution|bibliography)\}", text)
        if new["cell_type"] == "code":
            assert text == "".join(old["source"]) or "{cite" in "".join(old["source"])
    listed = sum(
        "".join(cell["source"]).count("\n- ") for cell in after if "Further reading" in "".join(cell["source"])
    )
    assert listed >= 5


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_what_the_book_folds_is_folded(written, chapter):
    for cell in read(written / chapter.name)["cells"]:
        tags, folded = cell["metadata"].get("tags", ()), cell["metadata"].get("jupyter", {})
        assert folded.get("source_hidden", False) is bool({"hide-input", "remove-cell"} & set(tags))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{cite:t}`huber1964` rounds", "Huber (1964) rounds"),
        ("rounds it {cite}`regression-huber1964`.", "rounds it (Huber, 1964)."),
        ("{cite}`koenker1978,goodfellow2016`", "(Koenker and Bassett, 1978; Goodfellow et al., 2016)"),
        ("a {term}`margin`, {term}`1-Lipschitz <Lipschitz>`", "a margin, 1-Lipschitz"),
        ("at {scrub}`bounded r 3.00`, {set}`one <coin N=1>`, {set}`coin N=100`", "at 3.00, one, N = 100"),
        ("```{exercise} A coin\n:label: a-coin\nToss.\n```", "```{admonition} Exercise: A coin\nToss.\n```"),
        ("````{solution} a-coin\n:class: dropdown\n1\n````", "````{admonition} Solution\n:class: dropdown\n1\n````"),
    ],
)  # fmt: skip
def test_roles_and_directives_become_words(text, plain):
    assert plain_text(text, LITERATURE) == plain


def test_what_a_reader_wrote_stays_and_all_else_is_renewed(tmp_path):
    book, folder = tmp_path / "book", tmp_path / "notebooks"
    (book / "chapters").mkdir(parents=True)
    shutil.copy(ROOT / "references.bib", book)
    for path in CHAPTERS[:3]:
        shutil.copy(path, book / "chapters")
    assert write_workbooks(book, folder) == []
    mine, run, old = (folder / path.name for path in CHAPTERS[:3])

    def change(path: Path, place: int, **values: object) -> None:
        notebook = read(path)
        notebook["cells"][place] |= values
        path.write_text(json.dumps(notebook), encoding="utf-8")

    change(mine, -1, source=["answer = 0.5\n"])
    change(run, 1, execution_count=7)
    assert write_workbooks(book, folder) == []
    assert read(mine)["cells"][-1]["source"] == ["answer = 0.5\n"] and read(run)["cells"][1]["execution_count"] == 7
    for path in (mine, old):  # the chapters go on
        change(book / "chapters" / path.name, 0, source=["# New\n"])
    assert write_workbooks(book, folder) == [mine.name]
    assert read(mine)["cells"][0]["source"] != ["# New\n"] == read(old)["cells"][0]["source"]
    mine.write_text("{", encoding="utf-8")  # what cannot be read may be a reader's, too
    assert write_workbooks(book, folder) == [mine.name] and mine.read_text(encoding="utf-8") == "{"
