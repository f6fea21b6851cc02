"""What several tests share: the book, built once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from building import ROOT, run_jupyter_book
from hypothesis import settings

# These machines are shared, so no example has a deadline. In CI the examples are always the same ones, so that a
# change is judged by itself; everywhere else new ones are sought at each run.
settings.register_profile("search", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "search")


@pytest.fixture(scope="session")
def book_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the HTML book, built from clean with warnings as errors and all references checked."""
    output = tmp_path_factory.mktemp("book")
    result = run_jupyter_book(ROOT, output, "-W", "-n", "--keep-going")
    if result.returncode:
        pytest.fail(f"the book cannot be built:\n{result.stdout[-4000:]}\n{result.stderr[-8000:]}", pytrace=False)
    return output / "_build" / "html"
