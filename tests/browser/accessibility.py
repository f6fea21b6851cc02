"""What axe-core finds on a page.

Most of its time goes into contrast, which it computes for every word of the page: 17,000 places in a chapter, of some
hundred kinds. What is drawn alike has the same contrast, so that two places of each kind answer for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Formulas of the prose have the colour of the text around them, and most of the nodes of a chapter.
LEFT_OUT = [[".math"]]
COLOURS = ["color-contrast", "link-in-text-block"]

# Marks, of the places with text of their own that look alike, two that chance chooses.
MARK = """(context) => {
  const kinds = new Map();
  for (const part of document.querySelectorAll(`${context}, ${context} *`)) {
    delete part.dataset.asked;
    if (![...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (part.closest(".math") || !part.checkVisibility()) continue;
    const look = getComputedStyle(part);
    const kind = [part.localName, part.parentElement.localName, look.color, look.fill, look.stroke, look.fontSize];
    kind.push(look.fontWeight, look.textDecorationLine, look.textShadow);
    for (let around = part; around; around = around.parentElement) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(around);
      kind.push(backgroundColor, backgroundImage, opacity);
    }
    const name = kind.filter((value) => !/^(rgba\\(0, 0, 0, 0\\)|none|1)$/.test(value)).join();
    if (!kinds.has(name)) kinds.set(name, []);
    kinds.get(name).push(part);
  }
  for (const parts of kinds.values()) {
    for (let i = 0; i < 2; i++) parts[Math.floor(Math.random() * parts.length)].dataset.asked = "";
  }
  return kinds.size;
}"""


def faults(page: Page, context: str = "body", without: Sequence[str] = ()) -> list[str]:
    """Return the rule and the first place of each fault within what a selector names, but for rules left out."""
    other_rules = {"rules": {rule: {"enabled": False} for rule in [*COLOURS, *without]}}
    return _run(page, context, **other_rules) + faults_of_colour(page, context)


def faults_of_colour(page: Page, context: str = "body") -> list[str]:
    """Return those faults that depend on the colours, light or dark."""
    assert page.evaluate(MARK, context)
    return _run(page, "[data-asked]", runOnly={"type": "rule", "values": COLOURS})


def _run(page: Page, context: str, **options: Any) -> list[str]:
    # Without the word on what passed, which on a chapter is thousands of places, axe takes a fraction of the time.
    options["resultTypes"] = ["violations"]
    found = Axe().run(page, context={"include": [[context]], "exclude": LEFT_OUT}, options=options)
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found.response["violations"]]
