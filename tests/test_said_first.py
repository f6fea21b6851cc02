"""What is missing is said in one line, before minutes are spent."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import pytest
from building import ROOT

from lossbook.extras import need
from publishing import chromium, serving


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_missing_chromium(monkeypatch, capsys):
    monkeypatch.setattr(chromium, "chromium_program", lambda: None)
    assert chromium.main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "install it" in said


def test_a_chromium_that_is_named_and_not_there():
    result = run("publishing.chromium", CHROMIUM="/nowhere/chromium")
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert "'/nowhere/chromium'" in result.stderr


def test_a_used_port(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in serving.used(port)
        result = run("publishing.serving", str(tmp_path), "--port", str(port))
        assert result.returncode == 1 and result.stderr.count("\n") == 1 and f"PORT={port + 1}" in result.stderr
    assert serving.used(0) == "" and serving.used(port) == ""
    assert "70000" in serving.used(70000)


@pytest.mark.parametrize("target, first", [
    ("pdf", "publishing.chromium"), ("sheet", "publishing.chromium"), ("slides", "publishing.chromium"),
    ("serve", "publishing.serving --free"),
])  # fmt: skip
def test_make_asks_before_it_builds(target, first):
    """Of what ``make`` would do, only that which it was asked for stands before the build."""
    result = subprocess.run(
        ["make", "-n", target, "PDF=yes", "-o", ".venv/.installed"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    commands = re.findall(r"-m (publishing\.\w+(?: --free)?)", result.stdout)
    assert commands.index(first) < commands.index("publishing.build")


@pytest.mark.parametrize("room", ["symbolic", "derivations", "figures", "live"])
def test_a_missing_extra_is_named(room):
    code = (
        "import sys; sys.modules['sympy'] = None\n"
        f"try: import lossbook.{room}\n"
        "except ModuleNotFoundError as error: print(error.name, error, sep='|')"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("sympy|") and "pip install 'lossbook[notebooks]'" in result.stdout


def test_what_a_package_itself_lacks_is_no_missing_extra(tmp_path, monkeypatch):
    (tmp_path / "halfway.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="^No module named 'nowhere_to_be_found'"):
        need("halfway")
