"""What the pages depend on, and the bookkeeping of the ledger, without building a book."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

from lossbook.pages.claims import CLAIM_MIMETYPE
from lossbook.sphinxext import ledger
from lossbook.sphinxext.imports import Dependencies
from lossbook.sphinxext.outputs import Executed, Store
from lossbook.sphinxext.whole import whole

PACKAGE = {
    "__init__.py": """
import importlib
from . import base
def __getattr__(name):
    return importlib.import_module(f'{__name__}.{name}')
""",
    "base.py": "import math\n",
    "lazy.py": "def f():\n    import torch\n    from .deep import thing\n    return thing\n",
    "typed.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .lazy import f\n",
    "deep/__init__.py": "from .thing import thing\n",
    "deep/thing.py": "thing = 1\n",
    "deep/other.py": "from ..base import math\n",
    "deep/script.js": "let a;\n",
    "deep/data/table.csv": "1\n",
    "many/__init__.py": "import importlib\ndef everything():\n    return importlib.import_module(__name__ + '.one')\n",
    "many/one.py": "",
    "many/two.py": "",
}  # fmt: skip


@pytest.fixture
def package(tmp_path):
    for name, text in PACKAGE.items():
        path = tmp_path / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "pkg"


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("x = 1", set()),
        ("import numpy", set()),
        ("import pkg", {"pkg", "pkg.base"}),
        ("import pkg.lazy as lazy", {"pkg", "pkg.base", "pkg.lazy", "pkg.deep", "pkg.deep.thing"}),
        ("from pkg.typed import x", {"pkg", "pkg.base", "pkg.typed"}),
        ("from pkg import deep", {"pkg", "pkg.base", "pkg.deep", "pkg.deep.thing"}),
        (
            "import pkg\ndef g():\n    return pkg.deep.other.x()",
            {"pkg", "pkg.base", "pkg.deep", "pkg.deep.thing", "pkg.deep.other"},
        ),
        (
            "from importlib import import_module\nimport_module('pkg.many.two')",
            {"pkg", "pkg.base", "pkg.many", "pkg.many.two"},
        ),
        ("from pkg.many import one", {"pkg", "pkg.base", "pkg.many", "pkg.many.one"}),
        ("from pkg.many import everything", {"pkg", "pkg.base", "pkg.many", "pkg.many.one", "pkg.many.two"}),
    ],
)  # fmt: skip
def test_closure_of_imports(package, code, modules):
    assert Dependencies(package).closure(code)[0] == modules


def test_other_packages_count_too(package):
    assert Dependencies(package).closure("import numpy\nfrom pkg import lazy")[1] >= {"numpy", "torch"}


def test_names_that_only_running_would_resolve_depend_on_all(package):
    everything = Dependencies(package)
    assert everything.closure("import pkg\npkg.unknown")[0] == set(everything.modules)
    assert everything.closure("this is no Python")[0] == set(everything.modules)


@pytest.mark.parametrize(
    ("changed", "affected"),
    [("deep/thing.py", True), ("deep/script.js", True), ("deep/data/table.csv", True), ("base.py", True),
     ("deep/other.py", False), ("many/one.py", False), ("typed.py", False)],
)  # fmt: skip
def test_fingerprint_follows_what_the_code_uses_and_nothing_else(package, changed, affected):
    code = "from pkg.lazy import f"
    before = Dependencies(package).fingerprint(code)
    assert Dependencies(package).fingerprint(code) == before
    (package / changed).write_text("# another\n" + PACKAGE[changed])
    assert (Dependencies(package).fingerprint(code) != before) is affected


def test_the_fingerprint_holds_what_the_code_reads_from_the_environment(package, monkeypatch):
    seen = set()
    for value in ("1", "2"):
        monkeypatch.setenv("LOSSBOOK_ROUNDING", value)
        seen.add(Dependencies(package).fingerprint("import pkg"))
    assert len(seen) == 2


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
