"""What the live figures of a built page cost: bytes, time until they live, time of a redraw."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from lossbook.live.assets import engine_source, host_source, loader_source
from publishing.chromium import HOW_TO_GET_ONE, chromium_program

_VISITS = 5
#: The first figure of the book, which the others are compared with.
_COIN = "figure-coin"

# Moves every slider of every figure over its range and times each move: event, redraw, the layout that follows.
_REDRAWS = """async () => {
  const times = [];
  for (const input of document.querySelectorAll(".lb-figure input[type=range]")) {
    const figure = input.closest(".lb-figure"), name = figure.closest("figure")?.id ?? "card";
    const low = Number(input.min), high = Number(input.max), before = input.value;
    for (let k = 0; k <= 20; k++) {
      input.value = low + (k / 20) * (high - low);
      const start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await Promise.resolve();
      await Promise.resolve();
      figure.getBoundingClientRect();
      times.push([name, performance.now() - start]);
      if (k % 5 === 0) await new Promise(requestAnimationFrame);
    }
    input.value = before;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""

_ALIVE = """() => {
  const loaded = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
  return [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')].map((view) => {
    const box = view.parentElement.getBoundingClientRect();
    const [mark] = performance.getEntriesByName("lossbook " + JSON.parse(view.textContent).model_id);
    return [mark.startTime - loaded, box.top < innerHeight && box.bottom > 0];
  });
}"""


@dataclass
class Measured:
    """What `measure` found on the worst of the book's pages."""

    bytes_per_figure: float
    in_view_ms: float
    all_ms: float
    redraw: dict[str, tuple[float, float]]
    foreign: int

    @property
    def redraw_ms(self) -> tuple[float, float]:
        """The median of the figures' medians, and the largest of their 95th percentiles."""
        medians, tails = zip(*self.redraw.values(), strict=True)
        return float(np.median(medians)), max(tails)

    def slowest_first(self) -> list[tuple[str, float, float]]:
        """Return each figure's name, the 95th percentile of its redraws, and the ratio to that of the coin."""
        coin = self.redraw[_COIN][1]
        tails = sorted(((tail, name) for name, (_, tail) in self.redraw.items()), reverse=True)
        return [(name, tail, tail / coin) for tail, name in tails]


def script_sizes() -> dict[str, int]:
    """Return the bytes of the scripts as the page carries them."""
    sizes = {
        name: len(text.encode())
        for name, text in (("engine", engine_source()), ("loader", loader_source()), ("host", host_source()))
    }
    return sizes | {"all": sum(sizes.values())}


def bytes_per_figure(html: str) -> float:
    """Return the bytes of the figure that adds most to a page: its widget state and its place in the text."""
    state = re.search(r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', html, re.S)
    if state is None:
        return 0.0
    records = json.loads(state.group(1))["state"]
    sizes = []
    for match in re.finditer(r'<div class="lossbook-figure"[^>]*>.*?</noscript>', html, re.S):
        identity = re.search(r'"model_id": ?"(\w+)"', match.group(0))
        assert identity is not None
        sizes.append(
            len(match.group(0).encode()) + len(json.dumps(records[identity.group(1)], ensure_ascii=False).encode())
        )
    return max(sizes, default=0.0)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def chromium() -> str:
    """Return the system's Chromium."""
    found = chromium_program()
    if found is None:
        raise SystemExit(HOW_TO_GET_ONE)
    return found


def measure(book: Path) -> Measured:
    """Visit every page of the built book that has figures; return the worst of each measure."""
    pages = [page for page in sorted(book.rglob("*.html")) if "lossbook-figure" in page.read_text(encoding="utf-8")]
    if not pages:
        raise SystemExit(f"no page with figures under {book}: run `make book` first")
    foreign: list[str] = []
    in_view, everything = [0.0], [0.0]
    redraws: dict[str, list[float]] = {}
    with served(book) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        for path in pages:
            visits = []
            for _ in range(_VISITS):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.on(
                    "request",
                    lambda request: (
                        None if request.url.startswith((address, "blob:", "data:")) else foreign.append(request.url)
                    ),
                )
                page.goto(f"{address}/{path.relative_to(book).as_posix()}")
                page.wait_for_function("globalThis.lossbookPage && lossbookPage.ready.then(() => true)")
                visits.append(page.evaluate(_ALIVE))
                if len(visits) == _VISITS:
                    for name, ms in page.evaluate(_REDRAWS):
                        redraws.setdefault(name, []).append(ms)
                page.close()
            alive = np.median([[ms for ms, _ in visit] for visit in visits], axis=0)
            everything.append(float(alive.max()))
            in_view += [float(ms) for ms, (_, seen) in zip(alive, visits[0], strict=True) if seen]
        browser.close()
    return Measured(
        bytes_per_figure=max(bytes_per_figure(page.read_text(encoding="utf-8")) for page in pages),
        in_view_ms=max(in_view),
        all_ms=max(everything),
        redraw={
            name: (float(np.percentile(times, 50)), float(np.percentile(times, 95))) for name, times in redraws.items()
        },
        foreign=len(foreign),
    )
