"""What the pages depend on, and the bookkeeping of the ledger, without building a book."""

from types import SimpleNamespace

import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat.v4 import new_code_cell, new_notebook

from lossbook.sphinxext import ledger
from lossbook.sphinxext.imports import Dependencies
from lossbook.sphinxext.stale import drop_stale_records

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


def test_cached_outputs_live_as_long_as_what_made_them(tmp_path):
    folder = tmp_path / "cache"

    def store(uri):
        notebook = new_notebook(cells=[new_code_cell(uri, execution_count=1)])
        get_cache(str(folder)).cache_notebook_bundle(CacheBundleIn(notebook, uri), overwrite=True)

    def stored():
        return sorted(record.uri for record in get_cache(str(folder)).list_cache_records())

    drop_stale_records(folder, {"a": "1", "b": "1"})
    store("a")
    store("b")
    drop_stale_records(folder, {"a": "1", "b": "1"})
    assert stored() == ["a", "b"]
    drop_stale_records(folder, {"a": "2", "b": "1"})
    assert stored() == ["b"]
    store("a")
    drop_stale_records(folder, {"c": "2", "b": "1"})  # a was renamed: its outputs are nobody's
    assert stored() == ["b"]
    store("stranger")
    drop_stale_records(folder, {"stranger": "1", "b": "1"})
    assert stored() == ["b"]


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
