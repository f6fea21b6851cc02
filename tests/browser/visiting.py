"""A tab in a browser that hears what a page complains about and whom it asks."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route
from waiting import settle


class Visit:
    """One tab, with what it asked of other hosts and what it complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        context.route("**/*", self._route)
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _route(self, route: Route) -> None:
        if route.request.url.startswith(("file:", "blob:", "data:", "http://127.0.0.1", "about:")):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, url: str) -> Page:
        """Open a page and wait until it has settled."""
        self.page.goto(url)
        settle(self.page)
        return self.page
