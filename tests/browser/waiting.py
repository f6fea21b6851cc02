"""Waiting in a browser for what is to come, and no longer."""

from __future__ import annotations

from playwright.sync_api import ElementHandle, Locator, Page

# Settled is a page whose figures live, whose fonts are there, and whose colours have stopped changing.
SETTLED = """async () => {
  await globalThis.lossbookPage?.ready;
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  // In what is folded away changes stand still.
  const seen = (one) => one instanceof CSSTransition && one.effect.target.checkVisibility();
  const changes = document.getAnimations().filter(seen);
  await Promise.allSettled(changes.map((one) => one.finished));
}"""


def settle(page: Page) -> None:
    """Wait until a page has settled."""
    page.evaluate(SETTLED)


def await_change(page: Page, part: ElementHandle | Locator, attribute: str, before: str | None) -> None:
    """Wait until an attribute is another; fail where it never is."""
    element = part if isinstance(part, ElementHandle) else part.element_handle()
    changed = "([part, attribute, before]) => part.getAttribute(attribute) !== before"
    page.wait_for_function(changed, arg=[element, attribute, before])
