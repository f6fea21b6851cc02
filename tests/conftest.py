"""What several tests share: the book, built once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from building import ROOT, run_jupyter_book
from filelock import FileLock
from hypothesis import settings

# These machines are shared, so no example has a deadline. In CI the examples are always the same ones, so that a
# change is judged by itself; everywhere else new ones are sought at each run.
settings.register_profile("search", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "search")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with a test that builds the book and end with the others that read it, so that no process waits long."""
    readers = [item for item in items if "book_html" in getattr(item, "fixturenames", ())]
    others = [item for item in items if item not in set(readers)]
    items[:] = readers[:1] + others + readers[1:]


@pytest.fixture(scope="session")
def book_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the HTML book, built from clean with warnings as errors and all references checked.

    The processes of pytest-xdist share one build: the first that needs it builds, the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    output, outcome = shared / "book", shared / "book-outcome.txt"
    with FileLock(shared / "book.lock"):
        if not outcome.exists():
            output.mkdir()
            result = run_jupyter_book(ROOT, output, "-W", "-n", "--keep-going")
            complaint = f"the book cannot be built:\n{result.stdout[-4000:]}\n{result.stderr[-8000:]}"
            outcome.write_text(complaint if result.returncode else "", encoding="utf-8")
    if complaint := outcome.read_text(encoding="utf-8"):
        pytest.fail(complaint, pytrace=False)
    return output / "_build" / "html"
