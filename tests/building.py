"""Builds books for tests, as a reader does on a command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_jupyter_book(
    source: Path, output: Path, *options: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``jupyter-book build``; pages land in ``output/_build/html``."""
    program = "from jupyter_book.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "build", str(source), "--path-output", str(output), *options],
        cwd=source,
        env={**os.environ, "NO_COLOR": "1", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
