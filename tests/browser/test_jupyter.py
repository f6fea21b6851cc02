"""A figure in JupyterLab and in Notebook 7: a real server, a real kernel; the slider moves the Python trait."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from building import ROOT
from playwright.sync_api import Locator, TimeoutError
from servers import serving

from publishing.workbooks import write_workbooks

TOKEN = "figures"
PLACES = ["lab/tree", "notebooks"]
CELLS = [
    nbformat.v4.new_markdown_cell("```{note}\nA directive of MyST.\n```"),
    nbformat.v4.new_code_cell("from lossbook.figures.likelihood import coin\nfigure = coin()\nfigure"),
    nbformat.v4.new_code_cell("print('heads:', figure.N1)"),
    nbformat.v4.new_code_cell("figure.N1 = 25"),
    nbformat.v4.new_code_cell("import lossbook\nbench = lossbook.workbench('log(cosh(r))')\nbench"),
    nbformat.v4.new_code_cell("print('typed:', bench.formula)"),
    nbformat.v4.new_code_cell(
        "import numpy as np\nlossbook.check('crossentropy.softmax', lambda z: np.log(np.zeros(3)))"
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the server shows."""
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """Return the address of a Jupyter server on loopback whose folder holds one notebook."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for place in PLACES:  # what one front end has open, the other would ask about
        notebook = nbformat.v4.new_notebook(cells=CELLS, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / f"figure-{PLACES.index(place)}.ipynb")
    home = folder / "home"
    home.mkdir()
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    with serving(
        lambda port: [sys.executable, "-m", "jupyterlab", *options, f"--port={port}", f"--ServerApp.root_dir={folder}"],
        f"/api/status?token={TOKEN}",
        {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "IPYTHONDIR": str(home)},
    ) as address:
        yield address


@pytest.mark.parametrize("place", PLACES)
def test_a_figure_lives_in_jupyter(place: str, server: str, visit: Callable[..., Any]) -> None:
    visited = visit(height=1200)
    page = visited.page
    page.goto(f"{server}/{place}/figure-{PLACES.index(place)}.ipynb?token={TOKEN}")
    page.locator(".jp-CodeCell").nth(0).wait_for(timeout=60_000)
    page.locator(".jp-MarkdownCell aside", has_text="A directive of MyST.").wait_for(timeout=30_000)
    page.locator("[data-status=idle]").first.wait_for(timeout=60_000)  # the kernel
    cell = page.locator(".jp-CodeCell")

    def run(number: int, awaited: Locator) -> None:
        for _ in range(6):  # while the page still settles, a key may be lost
            cell.nth(number).locator(".cm-content").click()
            page.keyboard.press("Control+Enter")
            with contextlib.suppress(TimeoutError):
                awaited.wait_for(timeout=5_000)
                return
        awaited.wait_for(timeout=20_000)

    slider = page.locator("input[data-parameter=N1]")
    run(0, slider)
    assert page.locator(".lb-readout").inner_text().startswith("θ̂ = N₁/N = 60/100")
    for _ in range(7):
        slider.press("ArrowLeft")
    assert page.locator(".lb-readout").inner_text().startswith("θ̂ = N₁/N = 53/100")
    run(1, page.get_by_text("heads: 53"))
    # And back: what Python sets is drawn.
    run(2, page.get_by_text("θ̂ = N₁/N = 25/100"))
    # The script for pages takes no room here.
    assert page.locator(".jp-OutputArea-child:has(.lb-offline)").first.evaluate("e => e.offsetHeight") == 0
    field = page.locator(".lw-text")
    run(3, field)
    page.locator(".lw [data-drawn]").first.wait_for(timeout=20_000)
    field.fill("r**2")
    page.get_by_text("MSELoss").last.wait_for(timeout=20_000)
    run(4, page.get_by_text("typed: r**2"))
    verdict = page.locator(".lossbook-verdict.lossbook-wrong")
    run(5, verdict)
    assert verdict.evaluate("line => getComputedStyle(line).borderLeftColor") == "rgb(232, 89, 12)"
    assert "warned: divide by zero" in verdict.inner_text()
    assert page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    # Extensions complain about one another's versions; what names a figure, a blob or the book is ours.
    ours = [said for said in visited.complaints if "lossbook" in said or "blob:" in said or "widget" in said.lower()]
    assert [said for said in ours if "ersion" not in said] == []


def test_a_workbook_shows_no_orange(server: str, folder: Path, visit: Callable[..., Any]) -> None:
    write_workbooks(ROOT, folder)
    visited = visit(height=1200)
    page = visited.page
    page.goto(f"{server}/lab/tree/01-likelihood.ipynb?token={TOKEN}&reset")
    page.locator(".jp-MarkdownCell", has_text="In this chapter").wait_for(timeout=60_000)
    cells = page.locator(".jp-CodeCell")
    assert "▪" not in cells.nth(0).inner_text() and cells.nth(0).locator(".jp-Placeholder").is_visible()
    panel = page.locator(".jp-WindowedPanel-outer").first
    for part in range(9):
        panel.evaluate(f"panel => panel.scrollTo(0, {part / 8} * panel.scrollHeight)")
        page.wait_for_timeout(600)
        assert page.locator(".jp-MarkdownCell .text-warning, .jp-MarkdownCell .error, cite.error").count() == 0
    assert not [said for said in visited.complaints if "target was not found" in said]
