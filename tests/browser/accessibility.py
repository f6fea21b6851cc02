"""What axe-core finds on a page.

Most of its time goes into contrast, which it computes for every word of the page: 17,000 places in a chapter, of some
hundred kinds. What is drawn alike has the same contrast, so that two places of each kind answer for all of it. And it
walks over all elements of a document, also over those that it has nothing to ask; these are taken out meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Formulas of the prose have the colour of the text around them, and most of the nodes of a chapter.
LEFT_OUT = [[".math"]]
COLOURS = ["color-contrast", "link-in-text-block"]
PAGE = Path(__file__).with_name("accessibility.js").read_text(encoding="utf-8")


def faults(page: Page, context: str = "body", without: Sequence[str] = ()) -> list[str]:
    """Return the rule and the first place of each fault within what a selector names, but for rules left out."""
    page.evaluate(f"{PAGE}.leaveSpoken()")
    other_rules = {"rules": {rule: {"enabled": False} for rule in [*COLOURS, *without]}}
    return _run(page, context, **other_rules) + faults_of_colour(page, context)


def faults_of_colour(page: Page, context: str = "body") -> list[str]:
    """Return those faults that depend on the colours, light or dark."""
    assert page.evaluate(f"(context) => {PAGE}.mark(context)", context)
    page.evaluate(f"{PAGE}.leaveMarked()")
    return _run(page, "[data-asked]", runOnly={"type": "rule", "values": COLOURS})


def _run(page: Page, context: str, **options: Any) -> list[str]:
    """Ask axe, and put back what was taken out."""
    # Without the word on what passed, which on a chapter is thousands of places, axe takes a fraction of the time.
    options |= {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        f"""async ([context, options]) => {{
          try {{
            const {{ violations }} = await axe.run(context, options);
            return violations.map(({{ id, nodes }}) => `${{id}}: ${{nodes[0].html.slice(0, 200)}}`);
          }} finally {{
            {PAGE}.putBack();
          }}
        }}""",
        [{"include": [[context]], "exclude": LEFT_OUT}, options],
    )
    return list(found)
