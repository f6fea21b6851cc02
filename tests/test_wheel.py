"""The wheel: it holds the package and nothing else, and works where NumPy is all there is."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterable, Iterator
from email import message_from_string
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml
from building import ROOT
from markdown_it import MarkdownIt
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lossbook.sphinxext.fingerprints import Fingerprints
from publishing.readme import with_addresses

# What cannot be imported with NumPy alone. `crosscheck` asks for PyTorch only when it is called.
ROOMS = {
    "derivations",  # SymPy
    "experiments",  # PyTorch
    "figures",  # widgets
    "live",  # widgets
    "sphinxext",  # Sphinx
    "symbolic",  # SymPy
}

# Runs where no site-packages are, and lets nothing in but the standard library, NumPy and this package.
ALONE = """
import importlib, json, pkgutil, sys
target, numpy_home, allowed = sys.argv[1:4]
asked = set()
class Gate:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root not in allowed.split(","):
            asked.add(root)
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gate())
sys.path[:0] = [target, numpy_home]
import lossbook
assert lossbook.__file__.startswith(target), lossbook.__file__
"""


def run_alone(target: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code that sees NumPy and an unpacked wheel only."""
    home = str(Path(np.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE + textwrap.dedent(code), str(target), home, "numpy,lossbook"],
        cwd=target,
        capture_output=True,
        text=True,
        check=False,
    )


def workflow(name: str = "book") -> Any:
    return yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the book's folder with a repository's address, since building leaves traces."""
    folder = tmp_path_factory.mktemp("source") / "book"
    left_out = (".git", ".venv", "_build", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*left_out))
    # Such as a run of Python leaves behind.
    (folder / "lossbook/__pycache__").mkdir()
    (folder / "lossbook/__pycache__/atlas.cpython-311.pyc").write_bytes(b"")
    (folder / "lossbook/.ipynb_checkpoints").mkdir()
    (folder / "lossbook/.ipynb_checkpoints/atlas-checkpoint.py").write_text("")
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('[project.urls]\nRepository = "https://github.com/owner/name"\n')
    return folder


@pytest.fixture(scope="module")
def wheel(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Return the wheel, built with the setuptools of this environment and without network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", *options, str(copy)], check=True)
    (path,) = folder.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def target(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel unpacked, which is all that installing it does."""
    folder = tmp_path_factory.mktemp("installed").resolve()
    wheel.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_string(wheel.read(name).decode())


def test_the_wheel_holds_what_stands_in_the_tree_and_nothing_else(wheel):
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    stands = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lossbook").rglob("*") if path.is_file()}
    stands = {name for name in stands if not re.search(r"__pycache__|/\.", name)}
    assert held == stands
    assert {Path(name).suffix for name in held} >= {".py", ".js", ".css", ".json"}
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())


def test_numpy_is_enough_for_all_but_the_rooms(target):
    result = run_alone(
        target,
        """
        import warnings
        warnings.simplefilter("error")
        outcome = {}
        for info in pkgutil.walk_packages(lossbook.__path__, "lossbook.", onerror=lambda name: None):
            try:
                importlib.import_module(info.name)
                outcome[info.name] = None
            except ModuleNotFoundError as error:
                outcome[info.name] = error.name
        print(json.dumps(outcome))
        """,
    )
    assert result.returncode == 0, result.stderr
    outcome = json.loads(result.stdout)
    failed = {name.split(".")[1] for name, missing in outcome.items() if missing}
    assert failed == ROOMS
    assert {"lossbook.losses.softmax", "lossbook.pages.exercises.gan", "lossbook.pages.quizzes"} <= outcome.keys()


def test_losses_work_with_numpy_alone_and_ask_for_nothing_else(target):
    result = run_alone(
        target,
        """
        import numpy as np
        from lossbook import functions, information, likelihood, losses
        from lossbook.pages.claims import claim
        from lossbook.pages.exercises import all_exercises, check
        value, slopes = losses.CrossEntropyLoss().loss_and_grad(np.array([[2.0, 1.0, -1.0]]), np.array([1]))
        claim("Cross-entropy of the book's example", value, np.log(np.exp([2, 1, -1]).sum()) - 1, rtol=1e-12)
        claim("Its slopes add up to nothing", slopes.sum(), 0, atol=1e-15)
        claim("Huber's loss", losses.HuberLoss(delta=1.0).loss(np.array([3.0]), np.array([0.0])), 2.5)
        claim("A coin", likelihood.Bernoulli().log_likelihood(theta=0.5, data=[1, 0]), 2 * np.log(0.5), rtol=1e-12)
        assert len(all_exercises()) > 9
        asked.discard("org")  # Python's own pickle looks for Jython's
        print(sorted(asked), sorted({"torch", "sympy", "matplotlib", "ipywidgets"} & set(sys.modules)))
        """,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("[] []\n"), result.stdout


def test_the_metadata_is_complete(metadata):
    assert metadata["Name"] == "lossbook"
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Jupyter" in metadata["Keywords"]
    always = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert [Requirement(line).name for line in always] == ["numpy"]
    urls = dict(line.split(", ") for line in metadata.get_all("Project-URL"))
    assert urls["Repository"] == "https://github.com/owner/name"


def test_all_places_name_the_same_versions_of_python(metadata):
    tested = workflow()["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert tested == sorted(tested) and len(tested) > 1
    classified = [line.rpartition(" ")[2] for line in metadata.get_all("Classifier") if " 3." in line]
    assert classified == tested
    several = f"Python {', '.join(tested[:-1])} or {tested[-1]}"
    for name in ("README.md", "chapters/running.md", "Makefile"):
        assert several in (ROOT / name).read_text(encoding="utf-8"), name
    assert (ROOT / "binder/runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-") in tested


def test_all_places_name_the_same_version(metadata):
    named = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert latest is not None and metadata["Version"] == named == latest[1]


@pytest.mark.parametrize("name", ["book", "arithmetic"])
def test_the_workflow_is_sound(name):
    """As far as one can tell without GitHub: jobs wait for jobs, and what their commands name is there."""
    assert workflow(name)["env"]["LOSSBOOK_STRICT"] == "1"
    jobs = workflow(name)["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    for title, job in jobs.items():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= jobs.keys() - {title}
        used = set(re.findall(r"matrix\.(\w+)", json.dumps(job)))
        assert used == set(job.get("strategy", {}).get("matrix", {})), title
    commands = "\n".join(step.get("run", "") for step in steps)
    named = re.findall(r"(?:\.ci|tests|binder)/[\w./-]+|[\w/]+\.txt", commands)
    named += [f"{module.replace('.', '/')}.py" for module in re.findall(r"-m (publishing[.\w]+)", commands)]
    assert name != "book" or {".ci/run", "publishing/firstcell.py"} <= set(named)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_readme_stands_alone(metadata):
    """As PyPI shows that of a published copy: Markdown as on GitHub, whose links must not need the files beside it."""
    assert metadata["Description-Content-Type"] == "text/markdown"
    published = with_addresses(metadata.get_payload(), "https://github.com/some/book", "https://book.example.org/")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(published)
    inner = [child for token in tokens for child in token.children or ()]
    places = [token.attrs["href"] for token in inner if token.type == "link_open"]
    places += [token.attrs["src"] for token in inner if token.type == "image"]
    assert len(places) > 2
    assert not [place for place in places if not place.startswith("https://")]
    assert not [token.content for token in [*tokens, *inner] if token.type in ("html_block", "html_inline")]
    assert not [token.info for token in tokens if token.type == "fence" and token.info.startswith("{")]
    assert sum(token.type == "table_open" for token in tokens) == 2


@cache
def imported_by_chapters() -> set[str]:
    """Return the distributions of other people that the chapters import, in themselves and through the package."""
    package = Fingerprints()
    found: set[str] = set()
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        found |= package.distributions("\n".join(cell.source for cell in cells if cell.cell_type == "code")).keys()
    return found


def requirement_lines(path: str) -> Iterator[Requirement]:
    for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
        if re.match(r"\w", line):
            yield Requirement(line)


def test_the_extra_names_what_chapters_import_with_lower_bounds(metadata):
    lines = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    asked = [line for line in lines if line.marker and line.marker.evaluate({"extra": "notebooks"})]
    extra = {line.name: line.specifier for line in asked}
    assert extra.keys() | {"numpy"} == imported_by_chapters()
    assert {bound.operator for bounds in extra.values() for bound in bounds} == {">="}
    pinned = {line.name: next(iter(line.specifier)).version for line in requirement_lines("requirements.txt")}
    assert all(bounds.contains(pinned[name]) for name, bounds in extra.items() if name in pinned)


def installed_by(path: str) -> set[str]:
    """Return the distributions that a file of requirements brings, with those that they need in turn."""
    found: set[str] = set()
    waiting = list(requirement_lines(path))
    while waiting:
        line = waiting.pop()
        name = canonicalize_name(line.name)
        if name in found or (line.marker and not line.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        for need in map(Requirement, requires(name) or ()):
            wanted = line.extras or {""}
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in wanted):
                need.marker = None
                waiting.append(need)
    return found


def imports_of(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield the modules that files import, wherever in them, each with the file's name."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    yield from ((alias.name.partition(".")[0], path.name) for alias in names)
                case ast.ImportFrom(module=str(module), level=0):
                    yield module.partition(".")[0], path.name


def test_the_book_is_built_with_what_it_installs():
    """Here the tests' packages are there, too: what the book imports must be among its own."""
    brought = installed_by("requirements.txt")
    assert {"sphinx", "tinycss2", "beautifulsoup4", "torch"} <= brought and "pytest" not in brought
    homes = packages_distributions()
    code = [path for folder in ("lossbook", "publishing") for path in (ROOT / folder).rglob("*.py")]
    missing = {
        (module, file)
        for module, file in imports_of(code)
        if module in homes and not {canonicalize_name(home) for home in homes[module]} & (brought | {"lossbook"})
    }
    assert missing == {("playwright", "chromium.py")}  # to print wants requirements/pdf.txt, too


def test_binder_has_what_the_chapters_import_in_the_versions_that_are_tested():
    everything = {line.name: str(line.specifier) for line in requirement_lines("requirements.txt")}
    everything |= {line.name: str(line.specifier) for line in requirement_lines("requirements/lab.txt")}
    binder = {line.name: str(line.specifier) for line in requirement_lines("binder/requirements.txt")}
    assert binder.items() <= everything.items()
    # These come with others: IPython and traitlets with every kernel, SciPy with scikit-learn.
    assert imported_by_chapters() - {"ipython", "traitlets", "scipy"} <= binder.keys()
    assert {"jupyterlab", "jupyterlab-myst", "jupytext"} <= binder.keys()
    assert not {"pytest", "ruff", "mypy", "playwright", "jupyter-book"} & binder.keys()


def test_nothing_is_installed_again_where_all_is_there(copy):
    """What the first cell asks of pip, here where PyTorch and the rest are installed: the package alone comes."""
    options = ["--dry-run", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    wanted = f"lossbook[notebooks] @ {copy.as_uri()}"
    # A setting of the machine could name places to look for newer versions.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    result = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--report", "-", wanted],
        env={**environment, "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert [entry["metadata"]["name"] for entry in report["install"]] == ["lossbook"]
    assert report["install"][0]["requested_extras"] == ["notebooks"]
