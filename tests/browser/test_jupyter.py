"""A figure in JupyterLab and in Notebook 7: a real server, a real kernel; the slider moves the Python trait."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import TimeoutError

TOKEN = "figures"
CELLS = [
    nbformat.v4.new_markdown_cell("```{note}\nA directive of MyST.\n```"),
    nbformat.v4.new_code_cell("from lossbook.figures.likelihood import coin\nfigure = coin()\nfigure"),
    nbformat.v4.new_code_cell("print('heads:', figure.N1)"),
    nbformat.v4.new_code_cell("figure.N1 = 25"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a Jupyter server on loopback whose folder holds one notebook."""
    folder: Path = tmp_path_factory.mktemp("jupyter")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=CELLS, metadata={"kernelspec": kernel}), folder / "figure.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / "home"
    home.mkdir()
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"],
        env={**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "IPYTHONDIR": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail("the Jupyter server did not start within a minute")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_a_figure_lives_in_jupyter(place: str, server: str, visit: Callable[..., Any]) -> None:
    page = visit(height=1200).page
    page.goto(f"{server}/{place}/figure.ipynb?token={TOKEN}")
    page.locator(".jp-CodeCell").nth(0).wait_for(timeout=60_000)
    page.locator(".jp-MarkdownCell aside", has_text="A directive of MyST.").wait_for(timeout=30_000)
    page.locator("[data-status=idle]").first.wait_for(timeout=60_000)  # the kernel
    cell = page.locator(".jp-CodeCell")

    def run(number: int) -> None:
        cell.nth(number).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")

    slider = page.locator("input[data-parameter=N1]")
    for _ in range(6):  # while the page still settles, a key may be lost
        run(0)
        with contextlib.suppress(TimeoutError):
            slider.wait_for(timeout=5_000)
            break
    slider.wait_for(timeout=20_000)
    assert page.locator(".lb-readout").inner_text().startswith("θ̂ = N₁/N = 60/100")
    for _ in range(7):
        slider.press("ArrowLeft")
    assert page.locator(".lb-readout").inner_text().startswith("θ̂ = N₁/N = 53/100")
    run(1)
    page.get_by_text("heads: 53").wait_for(timeout=20_000)
    # And back: what Python sets is drawn.
    run(2)
    page.get_by_text("θ̂ = N₁/N = 25/100").wait_for(timeout=20_000)
