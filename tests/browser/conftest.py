"""A real browser for the tests: the system's Chromium, without network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ipywidgets.embed import dependency_state, embed_data
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from visiting import Visit

from lossbook.live.assets import host_source
from publishing.chromium import ARGUMENTS, HOW_TO_GET_ONE, chromium_program


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium, headless."""
    program = chromium_program()
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)  # only on a reader's own machine: CI fails above
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=ARGUMENTS,
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Return a function that makes a Visit of a given width and colour scheme, and ends the one before."""
    contexts: list[BrowserContext] = []

    def new(width: int = 1280, height: int = 900, **options: object) -> Visit:
        while contexts:  # a page that nobody looks at still takes memory and time
            contexts.pop().close()
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        return Visit(context)

    yield new
    for context in contexts:
        context.close()


def write_static_page(path: Path, figures: Sequence[object]) -> Path:
    """Write a page that holds the figures as MyST-NB embeds them, and nothing else."""
    data = embed_data(views=figures, state=dependency_state(figures, drop_defaults=False))
    views = "\n".join(
        f'<div class="figure"><script type="application/vnd.jupyter.widget-view+json">{json.dumps(view)}</script></div>'
        for view in data["view_specs"]
    )
    state = json.dumps(data["manager_state"]).replace("</", "<\\/")
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title><body>{views}'
        f'<script type="application/vnd.jupyter.widget-state+json">{state}</script>'
        f"<script>{host_source()}</script></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def static_page(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a page with the given figures and returns its address on disk."""
    return lambda *figures: write_static_page(tmp_path / "figures.html", figures).as_uri()
