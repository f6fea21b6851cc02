"""What several tests share: the book, built once."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import ROOT, run_jupyter_book


@pytest.fixture(scope="session")
def book_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the HTML book, built from clean with warnings as errors and all references checked."""
    output = tmp_path_factory.mktemp("book")
    result = run_jupyter_book(ROOT, output, "-W", "-n", "--keep-going")
    if result.returncode:
        pytest.fail(f"the book cannot be built:\n{result.stdout[-4000:]}\n{result.stderr[-8000:]}", pytrace=False)
    return output / "_build" / "html"
