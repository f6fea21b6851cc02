"""Whoever adds a loss touches four places, and finds it everywhere: here in a copy of the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from building import ROOT, run_jupyter_book, small_book

CLASS = '''

class WelschLoss(ResidualLoss):
    r"""Forgets what lies far away: its pull vanishes like a bell curve.

    Domain
        Any real numbers.
    Formula
        :math:`\\ell = \\frac12 (1 - e^{-r^2})`.
    Gradient
        :math:`r\\, e^{-r^2}`.
    Model
        None: its negative exponential does not integrate to 1.
    Equivalent
        Barron's loss with α = −∞; not in PyTorch, scikit-learn, Keras or Optax.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the terms of a batch.
    """

    _facts = Facts(
        task="regression", convex=False, smooth=True, lipschitz=0.42888194248035344, robust=True,
        use="A wild target shall not pull at all, and smoothly so.",
        paper="Holland and Welsch", year=1977, doi="10.1080/03610927708827533",
    )  # fmt: skip

    def _of_residual(self, r: Array) -> tuple[Array, Array]:
        near = np.clip(r, -30, 30)  # beyond, the slope is 0 and a square may overflow
        return -np.expm1(-near * near) / 2, near * np.exp(-near * near)
'''
FORMULA = '''

def WelschLoss(r: Any) -> Expr:  # noqa: N802
    """½ (1 − exp(−r²))."""
    return (1 - exp(-(r**2))) / 2
'''
PICTURE = """    "WelschLoss": _said(
        "The pull vanishes like a bell curve. Move the residual outwards and watch the slope.",
        lambda: _residual(S.WelschLoss(x), top=1, steep=1),
    ),
"""
#: What CONTRIBUTING says: the class, the formula, the case, the picture.
STEPS = {
    "lossbook/losses/robust.py": lambda text: text + CLASS,
    "lossbook/symbolic/losses.py": lambda text: text + FORMULA,
    "yardstick/cases.py": lambda text: text.replace("REGRESSION = [", 'REGRESSION = [\n    residual("WelschLoss"),', 1),
    "lossbook/figures/atlas.py": lambda text: text.replace('    "CauchyLoss": ', f'{PICTURE}    "CauchyLoss": ', 1),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with copies of the package, the yardstick and the tests that go through all losses."""
    for name in ("lossbook", "yardstick"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "tests/test_every_loss.py", "tests/test_atlas.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def add(copy: Path, *steps: str) -> None:
    for name in steps:
        before = (copy / name).read_text(encoding="utf-8")
        after = STEPS[name](before)
        assert after.count("WelschLoss") > before.count("WelschLoss")
        (copy / name).write_text(after, encoding="utf-8")


def run_suite(copy: Path, words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-vv", "-k", words, "tests"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def test_four_steps_bring_a_loss_under_the_yardstick(copy):
    add(copy, *STEPS)
    result = run_suite(copy, "Welsch or every_loss_has")
    assert result.returncode == 0, result.stdout
    assert "test_value_and_gradient_are_true[WelschLoss" in result.stdout


@pytest.mark.parametrize("forgotten", STEPS)
def test_no_step_can_be_forgotten(copy, forgotten):
    add(copy, *(name for name in STEPS if name != forgotten))
    result = run_suite(copy, "Welsch or every_loss_has")
    assert result.returncode != 0


def test_it_stands_in_the_atlas_and_in_the_api_list(copy, tmp_path):
    add(copy, *STEPS)
    book = tmp_path / "book"
    book.mkdir()
    small_book(book)
    text = (ROOT / "chapters/atlas.md").read_text(encoding="utf-8")
    (book / "chapters/atlas.md").write_text(re.sub(r"\((libraries|sheet)\.md\)", "(claims.md)", text), encoding="utf-8")
    # Of the whole reference the part on losses: the rest takes a minute to read.
    losses = (ROOT / "chapters/api.md").read_text(encoding="utf-8").partition("\n### Critics")[0]
    (book / "chapters/api.md").write_text(losses.replace("[atlas](atlas.md)", "atlas"))
    (book / "index.md").write_text("# Small\n\n[Elsewhere](chapters/atlas.md#welschloss)\n")
    chapters = [{"file": f"chapters/{name}"} for name in ("atlas", "api", "claims")]
    (book / "_toc.yml").write_text(json.dumps({"format": "jb-book", "root": "index", "chapters": chapters}))
    result = run_jupyter_book(book, book, "-W", environment={"PYTHONPATH": str(copy)})
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
    index, atlas, api = (
        BeautifulSoup((book / f"_build/html/{name}.html").read_text(), "html.parser")
        for name in ("index", "chapters/atlas", "chapters/api")
    )
    assert index.select_one('article a[href="chapters/atlas.html#welschloss"]')
    section = atlas.select_one("section > section > section#welschloss")
    assert section.h3.get_text().startswith("WelschLoss")
    assert "vanishes like a bell curve" in section.get_text() and section.select_one(".lossbook-figure")
    assert section.find_previous_sibling("section")["id"] == "generalrobustloss"
    assert [tag["id"] for tag in atlas.select("section > section > section[id]")] == [
        tag["href"][1:] for tag in atlas.select(".lossbook-table a")
    ]
    assert atlas.select_one('.bd-sidebar-secondary a[href="#welschloss"]')
    listed = api.select("table.autosummary a")
    assert "WelschLoss" in [tag.get_text().strip() for tag in listed]
