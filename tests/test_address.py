"""The address of the book: one setting, from which its build, the wheel and the first cell of each notebook take it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from building import ROOT

from lossbook.sphinxext.address import Addresses, links, read
from publishing import firstcell

REPOSITORY, SITE, HUB = "https://github.com/some/book", "https://book.example.org/", "https://hub.example.org"
ARCHIVE = f"{REPOSITORY}/archive/refs/heads/main.zip"
NOTEBOOKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "chapters").glob("*.ipynb"))


def first_code_cell(folder: Path, name: str) -> dict[str, object]:
    cells = json.loads((folder / name).read_text(encoding="utf-8"))["cells"]
    return next(cell for cell in cells if cell["cell_type"] == "code")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a folder with the settings and one chapter."""
    (tmp_path / "chapters").mkdir()
    for name in ("pyproject.toml", "README.md", NOTEBOOKS[0]):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def publish(folder: Path, repository: str = REPOSITORY, site: str = SITE) -> None:
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[project.urls]\nRepository = "{repository}"\nHomepage = "{site}"\n')


def test_one_table_says_where_the_book_is(book):
    assert read(book / "elsewhere") == Addresses()
    if "[project.urls]" not in (book / "pyproject.toml").read_text(encoding="utf-8").split("\n"):
        assert read(book) == Addresses()
        publish(book)
        assert read(book) == Addresses(REPOSITORY, SITE)


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("http://github.com/some/book", SITE),
        ("https://github.com/owner", SITE),
        ("https://gitlab.com/some/book", SITE),
        (f"{REPOSITORY}.git/", SITE),
        (REPOSITORY, "book.example.org"),
        (REPOSITORY, "https://book.example.org"),
        (REPOSITORY, "https://book.example.org/?next=1"),
    ],
)
def test_wrong_addresses_are_refused(repository, site):
    with pytest.raises(ValueError, match=r"^(Repository|Homepage) must be like https://.*, got '"):
        Addresses(repository, site)


def test_the_list_opens_the_first_chapter_elsewhere():
    for text in (
        "https://mybinder.org/v2/gh/some/book/main?urlpath=lab/tree/chapters/01-likelihood.ipynb",
        "https://colab.research.google.com/github/some/book/blob/main/chapters/01-likelihood.ipynb",
        f"https://www.kaggle.com/kernels/welcome?src={REPOSITORY}/blob/main/chapters/01-likelihood.ipynb",
        f"{HUB}/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fsome%2Fbook&branch=main"
        "&urlpath=lab%2Ftree%2Fbook%2Fchapters%2F01-likelihood.ipynb",
        ARCHIVE,
    ):
        assert f" {text}\n" in links(REPOSITORY, "main", HUB)
    assert len(re.findall("OWNER", links("", "main", ""))) == 5 and "https://HUB/hub" in links("", "main", "")


def test_nothing_else_names_the_repository():
    """Whoever publishes a copy changes one table; the cells of the notebooks follow from it."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert settings["repository"]["url"] == "" and "ogp_site_url" not in settings["sphinx"]["config"]
    known = read(ROOT)
    names = ("README.md", "CITATION.cff", "_config.yml", "index.md", "chapters/running.md")
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}
    for address in filter(None, (known.repository, known.site)):
        assert not [name for name, text in texts.items() if address in text]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_starts_with_the_cell_that_installs(name):
    assert first_code_cell(ROOT, name) == firstcell.install_cell(firstcell.archive(ROOT))
    text = (ROOT / name).read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n" == text
    identities = [cell["id"] for cell in json.loads(text)["cells"]]
    assert len(identities) == len(set(identities))


def test_the_cell_is_written_once_below_the_title(book):
    before = (book / NOTEBOOKS[0]).read_text(encoding="utf-8")
    assert firstcell.write(book) == []
    settings = (book / "pyproject.toml").read_text(encoding="utf-8")
    publish(book)
    assert firstcell.write(book) == [book / NOTEBOOKS[0]] and firstcell.write(book) == []
    after = (book / NOTEBOOKS[0]).read_text(encoding="utf-8")
    changed = set(after.splitlines()) ^ set(before.splitlines())
    assert len(changed) == 2 and all("SOURCE = " in line for line in changed) and ARCHIVE in after
    (book / "pyproject.toml").write_text(settings, encoding="utf-8")
    firstcell.write(book)
    assert (book / NOTEBOOKS[0]).read_text(encoding="utf-8") == before


@pytest.mark.skipif(sys.platform == "win32", reason="GitHub runs it on Linux")
@pytest.mark.parametrize(
    ("site", "homepage"), [("", "https://some.github.io/book/"), ("https://own.example/", "https://own.example/")]
)
def test_the_workflow_names_a_copy_that_says_nothing(book, site, homepage):
    shutil.copytree(ROOT / "publishing", book / "publishing", ignore=shutil.ignore_patterns("__pycache__"))
    jobs = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8"))["jobs"]
    (step,) = (step for step in jobs["build"]["steps"] if "project.urls" in step.get("run", ""))
    given = {"SITE": site, "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "some/book"}
    # -S: nothing is installed yet.
    command = step["run"].replace("python -m", f"{sys.executable} -S -m")
    environment = {**os.environ, **given, "GITHUB_REPOSITORY_OWNER": "some", "PYTHONPATH": ""}
    for _ in range(2):
        subprocess.run(["bash", "-ec", command], cwd=book, env=environment, check=True)
    urls = tomllib.loads((book / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    assert urls == {"Repository": REPOSITORY, "Homepage": homepage}
    assert ARCHIVE in (book / NOTEBOOKS[0]).read_text(encoding="utf-8")


# What stands in for pip: notes how it was called, and "installs" a package. The folder keeps its old time, as it has
# where two changes fall together, so that Python finds the package only if it is told to look again.
PIP = """
import json, os, pathlib, sys
pathlib.Path(os.environ["PIP_CALLS"]).open("a").write(json.dumps(sys.argv[1:]) + "\\n")
if os.environ.get("PIP_FAILS"):
    sys.exit("no route to the host")
home = pathlib.Path(os.environ["PIP_HOME"])
before = home.stat()
(home / "lossbook").mkdir()
(home / "lossbook/__init__.py").write_text("came = True")
os.utime(home, ns=(before.st_atime_ns, before.st_mtime_ns))
"""


@pytest.fixture
def run_cell(tmp_path):
    """Return a function that runs the first cell, and then `import lossbook`, in a process of its own."""

    def run(source: str, *options: str, path: str = "", **environment: str):
        stub, home, calls = tmp_path / "stub", tmp_path / "home", tmp_path / "calls"
        (stub / "pip").mkdir(parents=True)
        home.mkdir()
        calls.touch()
        (stub / "pip/__init__.py").touch()
        (stub / "pip/__main__.py").write_text(PIP)
        cell = "".join(firstcell.install_cell(source)["source"])  # type: ignore[arg-type]
        program = tmp_path / "cell.py"
        program.write_text(cell + "\nimport lossbook\n", encoding="utf-8")
        result = subprocess.run(
            [sys.executable, *options, str(program)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, [str(stub), str(home), path])),
                "PIP_CALLS": str(calls),
                "PIP_HOME": str(home),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return result, [json.loads(line) for line in calls.read_text().splitlines()]

    return run


def test_the_cell_installs_what_is_missing_and_python_finds_it_at_once(run_cell):
    # -S: without the site-packages, in which the package is.
    result, calls = run_cell(ARCHIVE, "-S")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert calls == [["install", "--quiet", f"lossbook[notebooks] @ {ARCHIVE}"]]


@pytest.mark.parametrize("source", ["", ARCHIVE])
def test_the_cell_is_silent_where_the_package_is(run_cell, source):
    result, calls = run_cell(source, path=str(ROOT))
    assert (result.returncode, result.stdout, result.stderr, calls) == (0, "", "", [])


def test_without_an_address_the_cell_says_what_to_do(run_cell):
    result, calls = run_cell("", "-S")
    assert result.returncode == 1 and calls == []
    (command,) = re.findall(r"ModuleNotFoundError: .*Type in the book's folder: (.*)$", result.stderr.strip())
    assert command == 'python -m pip install -e ".[notebooks]"'


def test_the_cell_shows_why_pip_failed(run_cell):
    result, calls = run_cell(ARCHIVE, "-S", PIP_FAILS="yes")
    assert result.returncode == 1 and len(calls) == 1
    assert result.stderr.strip().endswith("RuntimeError: lossbook cannot be installed: no route to the host")
