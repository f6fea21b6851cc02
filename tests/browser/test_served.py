"""The book as a server gives it, under the strict policy that its readers are told of: all works, nothing is kept."""

from __future__ import annotations

import base64
import hashlib
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from publishing.serving import content_security_policy, server


@pytest.fixture(scope="module")
def address(book_html: Path) -> Iterator[str]:
    with server(book_html) as book:
        thread = threading.Thread(target=book.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{book.server_port}"
        book.shutdown()
        thread.join()


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (rule.split() for rule in policy.split("; "))}


def test_the_policy_is_strict(book_html: Path, address: str) -> None:
    with urllib.request.urlopen(f"{address}/index.html") as answer:
        policy = directives(answer.headers["Content-Security-Policy"])
        assert "Set-Cookie" not in answer.headers
    assert policy["default-src"] == ["'none'"]
    sources = [source for source in policy["script-src"] if not source.startswith("'sha256-")]
    assert sources == ["'self'", "blob:", "'unsafe-hashes'"]
    assert "unsafe-eval" not in str(policy) and "http" not in str(policy) and "*" not in str(policy)


def test_every_page_works_under_the_policy(book_html: Path, address: str, visit: Callable[..., Any]) -> None:
    tab = visit()
    pages = [path for path in book_html.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 30
    for path in sorted(pages):
        page = tab.open(f"{address}/{path.relative_to(book_html).as_posix()}")
        expect(page.locator(".lb-figure:not(.lossbook-workbench *)")).to_have_count(
            page.locator(".lossbook-figure").count()
        )
        assert tab.complaints == [], path.name
    assert tab.foreign == []
    assert tab.page.context.cookies() == []


def test_eval_is_refused(address: str, visit: Callable[..., Any]) -> None:
    page = visit().open(f"{address}/index.html")
    # What the debugger evaluates is exempt from the policy; a module from a blob, as the live figures are, is not.
    tried = """async () => {
      const inline = document.createElement("script");
      inline.textContent = "window.ran = true";
      document.head.append(inline);
      const code = "let said; try { Function('return 1')(); said = 'allowed'; } catch (error) { said = error.name; }";
      const text = `${code} export default said;`;
      const module = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
      return [module.default, Boolean(window.ran)];
    }"""
    assert page.evaluate(tried) == ["EvalError", False]


def test_the_speaker_view_works_under_the_policy(address: str, visit: Callable[..., Any]) -> None:
    tab = visit()
    page = tab.open(f"{address}/slides/01-likelihood.html")
    page.wait_for_function("globalThis.Reveal?.isReady()")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    notes = speaker.locator(".speaker-controls-notes .value")
    notes.wait_for(state="visible", timeout=20_000)
    first = notes.inner_text()
    assert "min" in first
    page.keyboard.press("ArrowRight")
    changed = "(old) => document.querySelector('.speaker-controls-notes .value').innerText !== old"
    speaker.wait_for_function(changed, arg=first)
    assert tab.complaints == []


def test_the_policy_finds_inline_scripts_and_handlers(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<script>one()</script><script src="x.js"></script><script type="application/json">{}</script>'
        '<button onclick="two()">x</button>',
        encoding="utf-8",
    )
    sources = directives(content_security_policy(tmp_path))["script-src"]
    hashed = base64.b64encode(hashlib.sha256(b"one()").digest()).decode()
    assert f"'sha256-{hashed}'" in sources and "'unsafe-hashes'" in sources
    assert len([source for source in sources if source.startswith("'sha256-")]) == 2
    (tmp_path / "a.html").write_text("<p>Nothing.</p>", encoding="utf-8")
    assert directives(content_security_policy(tmp_path))["script-src"] == ["'self'", "blob:"]
