"""What the pages depend on: the real chapters, and a copy of the package of which one line changes at a time."""

from __future__ import annotations

import shutil
import sys
from functools import cache
from pathlib import Path

import jupytext
import pytest
from building import ROOT
from nbformat import NotebookNode

from lossbook.sphinxext.fingerprints import Fingerprints
from lossbook.sphinxext.stale import code_of

CHAPTERS = sorted(ROOT.glob("chapters/0*.ipynb"))
PAGES = [*CHAPTERS, ROOT / "chapters/atlas.md", ROOT / "chapters/checked.md"]
ALL = {path.stem for path in PAGES}
# It counts figures, derivations, exercises and experiments, but no quizzes.
CHECKED = "checked"


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = jupytext.read(path)
    for cell in notebook.cells:
        if cell.source.startswith(":tags:"):  # jupytext leaves what MyST-NB takes off
            cell.source = cell.source.partition("\n")[2]
    return notebook


@cache
def chapters_code() -> dict[str, str]:
    return {path.stem: code_of(read(path)) for path in PAGES}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "lossbook"
    return Path(shutil.copytree(ROOT / "lossbook", folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def package(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the package, which is the one that is found from now on."""
    monkeypatch.delitem(sys.modules, "lossbook")
    monkeypatch.syspath_prepend(str(copy.parent))
    return copy


def fingerprints() -> dict[str, str]:
    made = Fingerprints()
    return {name: made.fingerprint(source) for name, source in chapters_code().items()}


@cache
def book() -> Fingerprints:
    """Return those of the package as it stands, for tests that change nothing."""
    return Fingerprints()


@cache
def unchanged(package: Path) -> dict[str, str]:
    return fingerprints()


@pytest.mark.parametrize(
    ("changed", "renewed"),
    [
        ("__init__.py", ALL),
        ("losses/softmax.py", ALL),
        ("symbolic/losses.py", ALL),
        ("live/engine.js", ALL),
        ("pages/claims.py", ALL),
        ("pages/exercises/__init__.py", ALL),
        ("pages/quizzes/quiz.css", ALL),
        ("derivations/derivation.py", ALL - {"atlas"}),
        ("figures/atlas.py", {"atlas", CHECKED}),
        ("figures/divergence_fits.py", {"03-kl-divergence", CHECKED}),
        ("figures/entropy.py", {"02-entropy", CHECKED}),
        ("figures/saturation.py", {"05-saturation", CHECKED}),
        ("derivations/saturation.py", {"04-cross-entropy", "05-saturation", "06-classification", CHECKED}),
        ("experiments/noisy_labels.py", {"06-classification", CHECKED}),
        ("experiments/findings/noisy_labels.py", {"06-classification", CHECKED}),
        ("experiments/records/noisy_labels.json", {"06-classification", CHECKED}),
        ("experiments/robust_fits.py", {"07-regression", CHECKED}),
        ("pages/exercises/regression.py", {"07-regression", CHECKED}),
        ("pages/exercises/margins.py", {"06-classification", CHECKED}),
        ("pages/quizzes/07-regression.json", {"07-regression"}),
        ("sphinxext/slides.py", set()),
        ("grading/grades.py", set()),
    ],
)
def test_a_changed_line_renews_exactly_the_pages_that_depend_on_it(package, changed, renewed):
    before = unchanged(package)
    path = package / changed
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n", encoding="utf-8")
    try:
        after = fingerprints()
    finally:
        path.write_text(text, encoding="utf-8")
    assert {name for name in ALL if before[name] != after[name]} == renewed


def test_a_new_import_counts(package):
    before = unchanged(package)
    path = package / "figures/coding.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\ndef _later():\n    from . import gan\n    return gan\n", encoding="utf-8")
    try:
        assert "lossbook.figures.gan" in Fingerprints().modules(chapters_code()["02-entropy"])
        assert fingerprints()["01-likelihood"] == before["01-likelihood"]
    finally:
        path.write_text(text, encoding="utf-8")


FIGURE = {"figures.coding", "figures.entropy"}
QUIZ = {"pages.quizzes.02-entropy"}


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("x = 1", set()),
        ("import numpy\nfrom lossbook import claim, losses\nclaim('entropy', 1)", {"pages.exercises.entropy"}),
        ("import lossbook.figures.coding", FIGURE),
        ("import lossbook.figures.coding as codes\ncodes.huffman()", FIGURE),
        ("from lossbook.figures import coding as codes", FIGURE),
        ("def f():\n    from lossbook.figures.coding import huffman", FIGURE),
        ("def f():\n    return [lossbook.figures.coding.huffman()]\nimport lossbook", FIGURE),
        ("import importlib\nimportlib.import_module('lossbook.figures.coding')", FIGURE),
        ("from lossbook import quiz\nquiz('02-entropy')", QUIZ),
        ("import lossbook as book\nbook.quiz('02-entropy')", QUIZ),
        ("from lossbook import check\ncheck(f'entropy.{name}')", {"pages.exercises.entropy"}),
        ("import lossbook\nlossbook.losses.L1Loss()", set()),
    ],
)
def test_code_names_a_module_in_any_way_that_python_has(code, modules):
    found = book().modules(code)
    assert {name.removeprefix("lossbook.") for name in found} == modules


@pytest.mark.parametrize(
    ("code", "room"),
    [
        ("from lossbook.figures import all_figures", "figures"),
        ("from lossbook.derivations import *", "derivations"),
        ("from lossbook import experiments", "experiments"),
        ("import lossbook\nlossbook.experiments.EXPERIMENTS", "experiments"),
        ("from lossbook.pages.quizzes import quiz_names", "pages.quizzes"),
        ("from lossbook import pages\nlist(pages.exercises.all_exercises())", "pages"),
        ("import lossbook\nprint(dir(lossbook))", ""),
        ("this is no Python", ""),
    ],
)
def test_a_room_as_a_whole_is_all_that_stands_in_it(code, room):
    made = book()
    stands = {name for name in made.digests if name.startswith(f"lossbook.{room}")}
    assert len(stands) > 8
    assert stands <= made.modules(code)


def test_the_versions_of_other_packages_count_too(monkeypatch):
    made = Fingerprints()
    assert made.distributions("import mpmath").keys() - made.distributions("").keys() == {"mpmath"}
    assert {"numpy", "scikit-learn", "sympy", "torch"} <= made.distributions("").keys()
    before = made.fingerprint("")
    monkeypatch.setattr("lossbook.sphinxext.fingerprints.version", lambda name: "9" if name == "sympy" else "1")
    assert Fingerprints().fingerprint("") != before


def test_the_fingerprint_holds_what_the_code_reads_from_the_environment(monkeypatch):
    seen = set()
    for value in ("1", "2"):
        monkeypatch.setenv("LOSSBOOK_ROUNDING", value)
        seen.add(Fingerprints().fingerprint("import lossbook"))
    assert len(seen) == 2
