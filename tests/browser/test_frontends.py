"""Figures where the book does not bring the page: marimo, and notebooks that nbconvert saved as pages."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from building import ROOT
from servers import serving

CELLS = [
    "import ipywidgets\nimport lossbook\nfrom lossbook.figures.likelihood import coin\ncoin()",
    "ipywidgets.IntSlider()",
    "coin()",
    "lossbook.workbench('log(cosh(r))')",
]
APP = """
import marimo
app = marimo.App()

@app.cell
def _():
    from lossbook.figures.likelihood import coin
    coin()

@app.cell
def _():
    import lossbook
    lossbook.workbench("log(cosh(r))")
"""
with_marimo = pytest.mark.skipif(shutil.which("marimo") is None, reason="marimo is not installed")
# A curve that is drawn has the colour of the palette, and the controls stand as the style says.
LOOKS = """figure => {
  const line = getComputedStyle(figure.querySelector(".lb-line"));
  return [line.stroke, line.fill, getComputedStyle(figure.querySelector(".lb-controls")).display];
}"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a notebook that was executed where nobody said what its outputs are to hold."""
    folder = tmp_path_factory.mktemp("saved")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "plain.ipynb")
    convert(folder, "--execute", "--to", "notebook", "--output", "figures.ipynb", "plain.ipynb")
    return folder / "figures.ipynb"


def convert(folder: Path, *words: str) -> None:
    around = {name: value for name, value in os.environ.items() if name != "LOSSBOOK_STILLS"}
    around |= {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder)}
    command = [sys.executable, "-m", "nbconvert", *words]
    done = subprocess.run(command, cwd=folder, env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_notebook_saved_as_a_page_is_alive_without_a_network(saved: Path, visit: Callable[..., Any]) -> None:
    convert(saved.parent, "--to", "html", saved.name)
    visited = visit(height=1600)
    page = visited.page
    page.goto(saved.with_suffix(".html").as_uri())
    slider = page.locator("input[data-parameter=N1]").first
    slider.wait_for(timeout=20_000)
    for _ in range(7):
        slider.press("ArrowLeft")
    assert page.locator(".lb-readout").first.inner_text().startswith("θ̂ = N₁/N = 53/100")
    page.locator(".lw [data-drawn]").first.wait_for(timeout=20_000)
    assert page.locator("input[data-parameter=N1]").count() == 2  # each once
    # The slider of another maker is left to those who can draw it, where there is a network.
    assert page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count() == 1
    assert not [said for said in visited.complaints if "lossbook" in said or "ERR_" not in said], visited.complaints


def test_a_viewer_that_draws_no_widgets_has_a_picture(saved: Path, visit: Callable[..., Any]) -> None:
    notebook = nbformat.read(saved, as_version=4)
    first = notebook.cells[0].outputs[0]
    assert base64.b64decode(first.data["image/png"]).startswith(b"\x89PNG") and first.data["text/plain"]
    # As JupyterLab saves it, and as GitHub reads it: without the state of the widgets.
    del notebook.metadata["widgets"]
    nbformat.write(notebook, saved.with_name("stateless.ipynb"))
    convert(saved.parent, "--to", "html", "stateless.ipynb")
    page = visit(java_script_enabled=False).page
    page.goto(saved.with_name("stateless.html").as_uri())
    pictures = page.locator(".jp-RenderedImage img")
    assert pictures.count() == 2 and pictures.first.bounding_box()["width"] > 300


@pytest.fixture(scope="module")
def marimo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an app of marimo on this machine."""
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    with serving(
        lambda port: [
            shutil.which("marimo") or "",
            "run",
            "app.py",
            "--headless",
            "--host=127.0.0.1",
            f"--port={port}",
        ],
        "/health",
        {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        folder,
    ) as address:
        yield address


@with_marimo
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_has_its_style_in_marimo(marimo: str, scheme: str, visit: Callable[..., Any]) -> None:
    page = visit(height=1600, color_scheme=scheme).page
    page.goto(marimo)
    slider = page.locator("input[data-parameter=N1]")
    slider.wait_for(timeout=60_000)
    stroke, fill, controls = page.locator(".lb-figure").first.evaluate(LOOKS)
    assert (fill, controls) == ("none", "grid")
    assert stroke in ("rgb(0, 114, 178)", "rgb(86, 180, 233)")
    for _ in range(7):
        slider.press("ArrowLeft")
    assert page.locator(".lb-readout").first.inner_text().startswith("θ̂ = N₁/N = 53/100")
    bench = page.locator(".lw")
    bench.locator("[data-drawn]").first.wait_for(timeout=30_000)
    assert bench.locator(".lw-text").evaluate("field => getComputedStyle(field).borderRadius") == "5px"
