"""The address of the repository: one command writes it everywhere, and the first cell of each notebook uses it."""

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

from publishing import address
from publishing.address import Addresses

REPOSITORY, SITE, HUB = "https://github.com/some/book", "https://book.example.org/", "https://hub.example.org"
FILES = ("_config.yml", "pyproject.toml", "CITATION.cff", "README.md", "chapters/running.md")
NOTEBOOKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "chapters").glob("*.ipynb"))


def state(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text(encoding="utf-8") for name in (*FILES, *NOTEBOOKS)}


def first_code_cell(folder: Path, name: str) -> dict[str, object]:
    cells = json.loads((folder / name).read_text(encoding="utf-8"))["cells"]
    return next(cell for cell in cells if cell["cell_type"] == "code")


@pytest.fixture
def book(tmp_path):
    """Return a copy of the files that hold addresses, without any."""
    folder = tmp_path / "book"
    (folder / "chapters").mkdir(parents=True)
    for name in (*FILES, *NOTEBOOKS):
        shutil.copy(ROOT / name, folder / name)
    address.main([""], folder)
    return folder


def test_all_places_hold_the_same_address(tmp_path):
    """What stands in the settings stands everywhere: somebody may have changed one place by hand."""
    for name in (*FILES, *NOTEBOOKS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    assert address.write(tmp_path, address.read(ROOT)) == []


def test_the_address_is_written_everywhere_once_and_taken_out_again(book, capsys):
    bare = state(book)
    assert address.read(book) == Addresses()
    address.main([f"{REPOSITORY}.git", "--site", SITE, "--hub", HUB], book)
    assert set(capsys.readouterr().out.split()) >= {*FILES, *NOTEBOOKS}
    full = state(book)

    config = yaml.safe_load(full["_config.yml"])
    assert config["repository"]["url"] == REPOSITORY
    assert config["launch_buttons"]["jupyterhub_url"] == HUB
    assert config["sphinx"]["config"]["ogp_site_url"] == SITE
    urls = tomllib.loads(full["pyproject.toml"])["project"]["urls"]
    assert urls["Repository"] == REPOSITORY and urls["Homepage"] == SITE
    citation = yaml.safe_load(full["CITATION.cff"])
    assert citation["repository-code"] == REPOSITORY and citation["url"] == SITE
    assert f"]({REPOSITORY}/blob/main/CONTRIBUTING.md)" in full["README.md"]
    for text in (
        "https://mybinder.org/v2/gh/some/book/main?urlpath=lab/tree/chapters/01-likelihood.ipynb",
        "https://colab.research.google.com/github/some/book/blob/main/chapters/01-likelihood.ipynb",
        f"{HUB}/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fsome%2Fbook&branch=main"
        "&urlpath=lab%2Ftree%2Fbook%2Fchapters%2F01-likelihood.ipynb",
    ):
        assert f" {text}\n" in full["chapters/running.md"]
    for name in NOTEBOOKS:
        assert f"{REPOSITORY}/archive/refs/heads/main.zip" in "".join(first_code_cell(book, name)["source"])

    address.main([REPOSITORY], book)  # site and hub stay
    assert state(book) == full
    address.main(["https://github.com/other/book"], book)
    assert not [name for name, text in state(book).items() if REPOSITORY in text or "some%2Fbook" in text]
    assert capsys.readouterr().out
    address.main([""], book)
    assert state(book) == bare


def test_nothing_but_addresses_changes(book):
    before = state(book)
    address.main([REPOSITORY, "--site", SITE, "--hub", HUB], book)
    for name, text in state(book).items():
        old, new = (set(content.splitlines()) for content in (before[name], text))
        lines = (new - old) - {"[project.urls]"}
        assert lines and all("https://" in line for line in lines), name
        without = {line for line in old - new if "https://" not in line}
        assert all('""' in line or "SOURCE" in line or "](" in line for line in without), (name, without)


@pytest.mark.parametrize(
    "arguments",
    [
        ["http://github.com/some/book"],
        ["https://github.com/owner"],
        ["https://gitlab.com/some/book"],
        ['https://github.com/some/book"'],
        [REPOSITORY, "--site", "book.example.org"],
        [REPOSITORY, "--hub", "https://hub.example.org/?next=1"],
        ["", "--site", SITE],
    ],
)
def test_wrong_addresses_are_refused_and_nothing_is_written(book, arguments, capsys):
    before = state(book)
    with pytest.raises(SystemExit) as stopped:
        address.main(arguments, book)
    assert stopped.value.code == 2 and "error: " in capsys.readouterr().err
    assert state(book) == before


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_starts_with_the_cell_that_installs(name):
    cell = first_code_cell(ROOT, name)
    assert cell == {**address.install_cell(address.read(ROOT)), "source": cell["source"]}
    assert cell["metadata"]["tags"] == ["remove-cell"]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n" == text
    identities = [cell["id"] for cell in json.loads(text)["cells"]]
    assert len(identities) == len(set(identities))


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

    def run(addresses: Addresses, *options: str, path: str = "", **environment: str):
        stub, home, calls = tmp_path / "stub", tmp_path / "home", tmp_path / "calls"
        (stub / "pip").mkdir(parents=True)
        home.mkdir()
        calls.touch()
        (stub / "pip/__init__.py").touch()
        (stub / "pip/__main__.py").write_text(PIP)
        cell = "".join(address.install_cell(addresses)["source"])  # type: ignore[arg-type]
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
    result, calls = run_cell(Addresses(REPOSITORY), "-S")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    archive = "https://github.com/some/book/archive/refs/heads/main.zip"
    assert calls == [["install", "--quiet", f"lossbook[notebooks] @ {archive}"]]


@pytest.mark.parametrize("addresses", [Addresses(), Addresses(REPOSITORY)])
def test_the_cell_is_silent_where_the_package_is(run_cell, addresses):
    result, calls = run_cell(addresses, path=str(ROOT))
    assert (result.returncode, result.stdout, result.stderr, calls) == (0, "", "", [])


def test_without_an_address_the_cell_says_what_to_do(run_cell):
    result, calls = run_cell(Addresses(), "-S")
    assert result.returncode == 1 and calls == []
    (command,) = re.findall(r"ModuleNotFoundError: .*Type in the book's folder: (.*)$", result.stderr.strip())
    assert command == 'python -m pip install -e ".[notebooks]"'


def test_the_cell_shows_why_pip_failed(run_cell):
    result, calls = run_cell(Addresses(REPOSITORY), "-S", PIP_FAILS="yes")
    assert result.returncode == 1 and len(calls) == 1
    assert result.stderr.strip().endswith("RuntimeError: lossbook cannot be installed: no route to the host")


def test_the_command_needs_nothing_but_python():
    """The workflow calls it before anything is installed."""
    result = subprocess.run(
        [sys.executable, "-S", "-m", "publishing.address", "--help"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0 and "--site" in result.stdout, result.stderr
