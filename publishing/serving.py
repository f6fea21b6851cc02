"""Serves the built book on this machine under a strict policy, or prints that policy: ``make serve``.

The policy allows scripts from the book's own files and from blobs (live figures compile to one), and the few inline
scripts of the theme by their hashes. It allows no ``eval``, and nothing from any other host.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: The page of one figure, which other pages show in a frame.
FRAMED = "figure.html"
# Data in a script element is no script.
_SCRIPT_TYPES = {"", "text/javascript", "application/javascript", "module"}
# The speaker view of the decks is a window that reveal.js writes; its own script stands in a string of the plugin.
_NOTES = "plugin/notes/notes.js"
_NOTES_SCRIPT = re.compile(r"<script>((?:[^\\]|\\.)*?)<(?:\\/|/|\\x2f)script>", re.DOTALL)


class _InlineScripts(HTMLParser):
    """Collects the scripts that stand in a page, and those in attributes such as onclick."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.handlers += [value for name, value in attrs if name.startswith("on") and value]
        self._inside = tag == "script" and "src" not in given and (given.get("type") or "") in _SCRIPT_TYPES
        if self._inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def _hash(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def _speaker_scripts(folder: Path) -> Iterator[str]:
    for plugin in folder.rglob(_NOTES):
        for script in _NOTES_SCRIPT.findall(plugin.read_text(encoding="utf-8")):
            literal = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", script).replace("\\'", "'")
            yield json.loads(f'"{literal}"')


def content_security_policy(folder: Path) -> str:
    """Return the value of the header ``Content-Security-Policy`` under which the built book works.

    Parameters
    ----------
    folder : Path
        The built book: its inline scripts are looked up in its pages.
    """
    scripts, handlers = set(_speaker_scripts(folder)), set()
    for page in folder.rglob("*.html"):
        if "_static" not in page.relative_to(folder).parts:
            found = _InlineScripts()
            found.feed(page.read_text(encoding="utf-8"))
            scripts.update(found.scripts)
            handlers.update(found.handlers)
    hashes = [_hash(script) for script in sorted(scripts)]
    if handlers:  # of two buttons of the theme
        hashes += ["'unsafe-hashes'", *(_hash(handler) for handler in sorted(handlers))]
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "blob:", *hashes],
        # The theme, the index and the slides' speaker view write styles into their pages.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def framed_anywhere(policy: str) -> str:
    """Return a policy under which pages of other hosts may show this one in a frame."""
    return policy.replace("frame-ancestors 'self'", "frame-ancestors *")


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, policy: str, **options: object) -> None:
        self.policy = policy
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def end_headers(self) -> None:
        framed = self.path.partition("?")[0].endswith(f"/{FRAMED}")
        self.send_header("Content-Security-Policy", framed_anywhere(self.policy) if framed else self.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet: nobody wants a line for each picture."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of readers who left before a page was through."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of the built book for this machine only.

    Parameters
    ----------
    folder : Path
        The built book.
    port : int
        0 takes any that is free.
    """
    handler = partial(_Handler, directory=str(folder), policy=content_security_policy(folder))
    return _Server(("127.0.0.1", port), handler)


def used(port: int) -> str:
    """Return what to say of a port that cannot be had, or nothing if it can.

    Parameters
    ----------
    port : int
        0 takes any that is free.
    """
    try:
        with ThreadingHTTPServer(("127.0.0.1", port), SimpleHTTPRequestHandler):
            return ""
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return f"Port {port} cannot be had ({reason}): name another, such as make serve PORT={(port + 1) % 2**16}"


def main() -> int:
    """Serve, or print the policy, or say whether the port is free."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, nargs="?", default=Path("_build/html"))
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--policy", action="store_true", help="print the policy of this book and do not serve it")
    arguments.add_argument("--free", action="store_true", help="say if the port cannot be had, and do not serve")
    chosen = arguments.parse_args()
    if chosen.policy:
        print(f"Content-Security-Policy: {content_security_policy(chosen.folder)}")
        return 0
    if complaint := used(chosen.port):
        print(complaint, file=sys.stderr)
        return 1
    if chosen.free:
        return 0
    with server(chosen.folder, chosen.port) as book:
        print(f"The book: http://127.0.0.1:{book.server_port}/ (Ctrl-C ends)")
        try:
            book.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
