"""What axe-core finds on a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def faults(page: Page, context: str | None = None, **options: Any) -> list[str]:
    """Return the rule and the first place of each fault.

    Parameters
    ----------
    page : Page
        An open page.
    context : str, optional
        A selector of the part to look at; the whole page if not given.
    **options
        Those of ``axe.run``.
    """
    # Formulas of the prose have the colour of the text around them, and most of the nodes of a chapter.
    where = {"exclude": [[".math"]]} | ({"include": [[context]]} if context else {})
    # Without the word on what passed, which on a chapter is thousands of places, axe takes a fraction of the time.
    found = Axe().run(page, context=where, options={"resultTypes": ["violations"], **options})
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found.response["violations"]]
