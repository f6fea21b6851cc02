"""What `make book` tells and does: quiet, whole pages or none, nothing twice, and one fault never costs the book."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from building import ROOT, make_book, small_book

from lossbook.sphinxext import outputs
from lossbook.sphinxext.lectures import Decks
from lossbook.sphinxext.widgets import STATE_MIMETYPE
from publishing import build, installing, zipping

READER = {"LOSSBOOK_STRICT": ""}
FALSE = """
    from lossbook.pages.claims import claim
    claim("Two and two are four", 2 + 2, 4)
    claim("Two and two are five", 2 + 2, 5)
    """
STOPS = """
    from lossbook.figures import likelihood
    print("as far as here")
    display(likelihood.coin())
    1 / 0
    """


def page(folder: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((folder / "_build/html" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def test_a_fault_costs_neither_the_other_pages_nor_its_own(tmp_path):
    small_book(tmp_path, false=FALSE, stops=STOPS, good="print(6 * 7)")
    result = make_book(tmp_path, environment=READER)
    assert result.returncode == 1
    # One short paragraph says all.
    lines = result.stdout.splitlines()
    (end,) = (number for number, line in enumerate(lines) if line.startswith("The book, built in"))
    assert len(lines) - end < 10
    said = "\n".join(lines[end:])
    assert "chapters/false, cell [1]: “Two and two are five” does not hold here; measured: 4, expected: 5" in said
    assert "chapters/stops, cell [1]: ZeroDivisionError: division by zero" in said
    assert "are four" not in said and "make book" in said and str(tmp_path / "_build/book.log") in said
    assert not result.stderr
    # A line for each page.
    assert re.search(r"^chapters/good: executed in \d+ s$", result.stdout, re.MULTILINE)
    assert re.search(r"^chapters/stops: stopped after \d+ s in cell 1$", result.stdout, re.MULTILINE)
    # The pages.
    assert "42" in page(tmp_path, "chapters/good").select_one("main").get_text()
    (red,) = page(tmp_path, "chapters/false").select(".lossbook-claim-false")
    assert red.get_text(strip=True) == "✗ does not hold here: Two and two are five (measured: 4, expected: 5)"
    ledger = page(tmp_path, "chapters/claims")
    (row,) = ledger.select("tr.lossbook-claim-false")
    assert [cell.get_text(strip=True) for cell in row.select("td")][:3] == ["Two and two are five", "4", "5"]
    assert "Claims that do not hold here: 1." in ledger.get_text()
    stopped = page(tmp_path, "chapters/stops")
    (box,) = stopped.select("h1 + .lossbook-failure")
    assert "could not be executed" in box.get_text() and "cell [1]: ZeroDivisionError" in box.get_text()
    assert "as far as here" in stopped.get_text() and "Traceback" in stopped.select_one(".cell_output").get_text()
    # The figure above the failure lives.
    (figure,) = stopped.select(".lossbook-figure")
    (state,) = stopped.select(f'script[type="{STATE_MIMETYPE}"]')
    model = json.loads(figure.select_one('script[type="application/vnd.jupyter.widget-view+json"]').string)["model_id"]
    assert model in json.loads(state.string)["state"]
    # What failed is executed again; what is false needs no more than to be said again.
    again = make_book(tmp_path, environment=READER)
    assert again.returncode == 1
    assert again.stdout.count("chapters/stops: stopped") == 1 and "executed in" not in again.stdout
    assert again.stdout.splitlines()[-6:] == lines[-6:]
    # Put right, it is a good book.
    notebook = tmp_path / "chapters/stops.ipynb"
    notebook.write_text(notebook.read_text().replace("1 / 0", "1 / 1"))
    (tmp_path / "chapters/false.ipynb").unlink()
    toc = tmp_path / "_toc.yml"
    toc.write_text(toc.read_text().replace('{"file": "chapters/false"}, ', ""))
    right = make_book(tmp_path, environment=READER)
    assert right.returncode == 0 and not page(tmp_path, "chapters/stops").select(".lossbook-failure")


def test_a_good_build_is_quiet_and_what_did_not_change_is_not_made_again(tmp_path):
    one, two = tmp_path / "one", tmp_path / "elsewhere" / "two"
    one.mkdir()
    small_book(one, first="1 + 1", second="1 + 2")
    (one / "slides").mkdir()
    (one / "slides" / "conf.py").write_text('extensions = ["myst_parser", "sphinx_revealjs"]\n')
    (one / "slides" / "index.md").write_text("# Deck\n\nA slide.\n")
    result = make_book(one)
    assert result.returncode == 0, result.stdout
    # On a screen: these, and a line for each of the real book's pages; no line of any tool.
    lines = result.stdout.splitlines()
    assert len(lines) == 5 and not result.stderr
    assert re.fullmatch(r"notebooks to execute: 2, [12] at a time", lines[0])
    assert sorted(re.sub(r"\d+ s", "… s", line) for line in lines[1:3]) == [
        "chapters/first: executed in … s",
        "chapters/second: executed in … s",
    ]
    assert re.fullmatch(rf"The book, built in (\d+ min )?\d+ s: {re.escape(str(one))}/_build/html/index.html", lines[4])
    assert lines[3] == "pages to make: 4"
    log = (one / "_build/book.log").read_text(encoding="utf-8")
    assert "Running Sphinx" in log
    assert "TCP" not in log and "fontTools" not in log and "subset" not in log

    def made() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in sorted((one / "_build").rglob("*")) if path.is_file()}

    before = made()
    again = make_book(one)
    assert again.returncode == 0 and again.stdout.startswith("Nothing has changed. The book: ")
    assert made() == before
    # Who changes a sentence waits for neither notebooks nor decks nor fonts.
    notebook = one / "chapters/first.ipynb"
    notebook.write_text(notebook.read_text().replace("# Page first", "# Page one"))
    changed = make_book(one)
    assert changed.returncode == 0 and "to execute" not in changed.stdout
    after = made()
    decks_and_fonts = [path for path in before if "slides" in path.parts or {".light", ".slides"} & {*path.parts}]
    assert len(decks_and_fonts) > 5
    assert {path: after[path] for path in decks_and_fonts} == {path: before[path] for path in decks_and_fonts}
    font = one / "_build/html/_static/vendor/fontawesome/webfonts/fa-solid-900.woff2"
    assert font.stat().st_size < 20_000
    # Outputs serve in another folder.
    shutil.copytree(one, two, ignore=shutil.ignore_patterns("html", ".doctrees", "jupyter_execute", ".html.txt"))
    copied = make_book(two)
    assert copied.returncode == 0 and "notebooks with outputs in the cache: 2" in copied.stdout
    assert "to execute" not in copied.stdout


def test_what_somebody_changed_or_removed_is_not_taken_for_made(tmp_path, monkeypatch):
    (tmp_path / "chapters").mkdir()
    for name in ("index.html", "chapters/one.html"):
        (tmp_path / name).write_text("1")
    seen = {build.inputs(tmp_path), build.outputs(tmp_path)}
    assert seen == {build.inputs(tmp_path), build.outputs(tmp_path)}
    (tmp_path / "chapters/one.html").write_text("22")
    seen |= {build.inputs(tmp_path), build.outputs(tmp_path)}
    (tmp_path / "chapters/one.html").unlink()
    seen |= {build.inputs(tmp_path), build.outputs(tmp_path)}
    monkeypatch.setenv("SOLUTIONS", "no")
    seen.add(build.inputs(tmp_path))
    assert len(seen) == 7


def test_decks_are_made_anew_where_something_changed(tmp_path):
    source, output, cache = tmp_path / "slides", tmp_path / "html", tmp_path / "cache"
    source.mkdir()
    (source / "conf.py").write_text('extensions = ["myst_parser", "sphinx_revealjs"]\n')
    deck = source / "index.md"

    def made(text: str) -> tuple[bool, str]:
        deck.write_text(text)
        before = (output / "index.html").stat().st_mtime_ns if (output / "index.html").exists() else 0
        done, said = Decks(source, output, cache).wait()
        assert done
        return (output / "index.html").stat().st_mtime_ns != before, said

    assert made("# Deck\n\nOne.\n") == (True, "")
    assert made("# Deck\n\nOne.\n") == (False, "")
    assert made("# Deck\n\nTwo.\n") == (True, "")
    (output / "index.html").unlink()
    assert made("# Deck\n\nTwo.\n") == (True, "")
    # What is complained about is complained about until it is right.
    for _ in range(2):
        assert (
            "nowhere" in Decks(source, output, cache).wait()[1] if deck.write_text("# Deck\n\n{ref}`nowhere`\n") else ""
        )


BREAKING = """
import errno, os, signal, sys
import lossbook.sphinxext.whole as whole
from publishing import build

class Half:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.file.close()
    def write(self, text):
        self.file.write(text[: len(text) // 2])
        self.file.flush()
        if sys.argv[1] == "full disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))

def half_open(path, mode, **options):
    file = open(path, mode, **options)
    return Half(file) if "first.html" in str(path) else file

whole.open = half_open
sys.argv[1:] = [sys.argv[1], *sys.argv[2:]]
from pathlib import Path
sys.exit(build.build(Path(sys.argv[2]), Path(sys.argv[2], "_build")))
"""


def test_a_build_that_ends_early_leaves_no_half_page_and_the_next_goes_on(tmp_path):
    small_book(tmp_path, first="1 + 1", second="1 + 2")
    assert make_book(tmp_path).returncode == 0
    notebook = tmp_path / "chapters/first.ipynb"
    notebook.write_text(notebook.read_text().replace("# Page first", "# Page with another title"))
    for end in ("SIGKILL", "full disk", "SIGINT"):
        command = [sys.executable, "-c", BREAKING, end, str(tmp_path)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == {"SIGKILL": -signal.SIGKILL}.get(end, 2), result.stdout
        assert not result.stderr
        html = tmp_path / "_build/html"
        pages = [path for path in sorted(html.rglob("*.html")) if "_static" not in path.parts]
        assert len(pages) > 5
        for path in pages:
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path
        assert len(result.stdout.splitlines()) < 7
        if end == "full disk":
            assert "first.html cannot be written: No space left on device" in result.stdout
        if end == "SIGINT":
            assert result.stdout.endswith("\nInterrupted; the next `make book` goes on from here.\n")
    again = make_book(tmp_path)
    assert again.returncode == 0 and "to execute" not in again.stdout
    for name in ("index", "chapters/first", "chapters/second", "chapters/claims"):
        assert "Page with another title" in page(tmp_path, name).get_text(), name


def test_an_interruption_ends_the_kernels_too(tmp_path):
    """One line and no traceback, with two kernels at work; where a machine runs one at a time, with one."""
    at_once = min(2, outputs._kernels())
    code = """
        import os, signal, time
        from pathlib import Path
        if not Path("again").exists():
            Path(f"begun-{os.getpid()}").touch()
            while len(list(Path().glob("begun-*"))) < AT_ONCE:
                time.sleep(0.05)
            if os.getpid() == max(int(path.name[6:]) for path in Path().glob("begun-*")):
                os.kill(int(os.environ["JPY_PARENT_PID"]), signal.SIGINT)
            time.sleep(600)
        """
    small_book(tmp_path, **dict.fromkeys(("long", "longer"), code.replace("AT_ONCE", str(at_once))))
    result = make_book(tmp_path)
    assert result.returncode == 2 and not result.stderr
    assert result.stdout.splitlines()[1:] == ["Interrupted; the next `make book` goes on from here."]
    kernels = [int(path.name[6:]) for path in (tmp_path / "chapters").glob("begun-*")]
    assert len(kernels) == at_once
    for kernel in kernels:
        with pytest.raises(ProcessLookupError):
            os.kill(kernel, 0)
    (tmp_path / "chapters/again").touch()
    assert make_book(tmp_path).returncode == 0


def test_a_kernel_that_dies_stops_its_page_alone(tmp_path):
    small_book(tmp_path, dies="import os\nos._exit(3)", good="1 + 1")
    result = make_book(tmp_path, environment=READER)
    assert result.returncode == 1
    assert "chapters/dies, cell [1]: DeadKernelError: Kernel died" in result.stdout
    assert page(tmp_path, "chapters/dies").select(".lossbook-failure")


def test_what_the_book_is_built_under_is_drawn_once_and_shown(tmp_path):
    """By this run of the tests, too: here in a run of two processes."""
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent("""
            import pytest
            @pytest.mark.parametrize("number", range(8))
            def test_it(number, rounding, tmp_path_factory):
                folder = tmp_path_factory.getbasetemp().parent.parent
                (folder / f"{number}.txt").write_text(rounding["LOSSBOOK_ROUNDING"])
                assert number
            """)
    )

    def run(environment: dict[str, str]) -> str:
        options = ["-p", "conftest", "-n", "2", "--basetemp", str(tmp_path / "base"), "--rootdir", str(tmp_path)]
        result = subprocess.run(
            [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_it.py")],
            env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        (shown,) = re.findall(r"LOSSBOOK_ROUNDING=(\d+)", result.stdout)
        assert {path.read_text() for path in tmp_path.glob("*.txt")} == {shown}
        return shown

    assert run({"LOSSBOOK_ROUNDING": "17"}) == "17"
    assert run({"LOSSBOOK_ROUNDING": ""}) != run({"LOSSBOOK_ROUNDING": ""})


@pytest.mark.parametrize(
    ("system", "machine", "release", "complaint"),
    [
        ("Darwin", "arm64", "15.1", ""),
        ("Darwin", "arm64", "14.0", ""),
        ("Darwin", "arm64", "13.6", "macOS 13.6"),
        ("Darwin", "x86_64", "14.4", "Intel"),
        ("Linux", "x86_64", "", ""),
        ("Windows", "AMD64", "", ""),
    ],
)
def test_where_there_is_no_pytorch_the_reader_hears_of_it_before_anything_is_installed(
    system, machine, release, complaint
):
    said = installing.complaint(system, machine, release)
    assert complaint in said and bool(said) == bool(complaint)


@pytest.mark.parametrize("wrong", ["nowhere", "too old"])
def test_a_python_that_is_missing_or_too_old_has_a_word_of_its_own(tmp_path, wrong):
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\nif [ "$1" = --version ]; then echo Python 3.8.1; else exit 1; fi\n')
    old.chmod(0o755)
    python = {"nowhere": "no-such-python", "too old": str(old)}[wrong]
    command = ["make", "lab", f"PYTHON={python}", f"VENV={tmp_path}/venv"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    words = {"nowhere": "There is no Python by the name of no-such-python", "too old": "this is Python 3.8.1"}[wrong]
    assert words in result.stderr and not (tmp_path / "venv").exists()


PIP = """\
import sys
for number in range(90):
    print(f"Collecting package-{number}")
    print(f"  Downloading package_{number}-1.0-py3-none-any.whl (12 kB)")
print("  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (196.1 MB)")
print("Installing collected packages: torch")
print("ERROR: no more disk" if STATUS else "Successfully installed torch-2.13.0")
sys.exit(STATUS)
"""


@pytest.mark.parametrize("status", [0, 1])
def test_installation_tells_how_far_it_is(tmp_path, capfd, monkeypatch, status):
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\nSTATUS = {status}\n{PIP}")
    python.chmod(0o755)
    monkeypatch.chdir(ROOT)
    assert installing.install(str(python)) == status
    said, complained = capfd.readouterr()
    lines = said.splitlines()
    assert len(lines) <= 8
    assert lines[1].strip().startswith("40 of about") and lines[2].strip().startswith("80 of about")
    assert "fetching torch, 196.1 MB" in lines[3] and "unpacked" in lines[4]
    assert ("no more disk" in complained) == bool(status)


@pytest.mark.parametrize(
    ("system", "environment", "configured", "reachable", "small", "word"),
    [
        ("Linux", {}, "global.timeout='60'", True, True, "without CUDA"),
        ("Linux", {}, "", False, False, "several gigabytes"),
        ("Linux", {"PIP_EXTRA_INDEX_URL": ""}, "", True, False, ""),
        ("Linux", {}, "global.index-url='https://example.org'", True, False, ""),
        ("Darwin", {}, "", True, False, ""),
    ],
)
def test_linux_gets_the_small_pytorch_unless_somebody_chose(system, environment, configured, reachable, small, word):
    chosen = installing.index(system, environment, configured, reachable)
    assert chosen.small is small and word in chosen.word and bool(chosen.word) == bool(word)
    assert chosen.own is bool(environment or "index" in configured)


@pytest.mark.parametrize("status", [0, 1])
def test_uv_installs_where_it_is_and_pip_where_it_cannot(tmp_path, capfd, monkeypatch, status):
    uv, python = tmp_path / "uv", tmp_path / "venv/bin/python"
    uv.write_text(f"#!/bin/sh\necho uv $*\nexit {status}\n")
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\ntest $3 = config || echo Collecting $0\n")
    for program in (uv, python):
        program.chmod(0o755)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(installing, "_answers", lambda address: True)
    monkeypatch.setattr(installing.platform, "system", lambda: "Linux")
    assert installing.main(str(tmp_path / "venv"), "requirements.txt") == 0
    said, _ = capfd.readouterr()
    assert f"uv pip install --python {python}" in said and f"--extra-index-url {installing.SMALL_PYTORCH}" in said
    assert ("uv could not" in said) is ("installed in" in said) is bool(status)


def test_each_part_has_its_file_and_its_stamp():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for part in installing.PARTS:
        assert (ROOT / part).is_file() and part in text, part
    wanted = dict(re.findall(r"^(\w+):.*?\$\((INSTALLED|LAB|PRINTING|TESTS)\)", text, re.MULTILINE))
    assert wanted == {
        "book": "INSTALLED", "slides": "INSTALLED", "pdf": "PRINTING", "epub": "INSTALLED", "sheet": "PRINTING",
        "zip": "INSTALLED", "class": "INSTALLED", "serve": "INSTALLED", "quick": "TESTS", "test": "TESTS",
        "lab": "LAB", "bench": "TESTS",
    }  # fmt: skip
    # What a reader installs has nothing of the tests.
    asked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search("pytest|playwright|mypy|jupyterlab|notebook==|hypothesis", asked.replace("sphinx", ""))


def test_a_book_is_packed_once(tmp_path):
    book, archive = tmp_path / "html", tmp_path / "lossbook.zip"
    (book / ".doctrees").mkdir(parents=True)
    (book / "chapters").mkdir()
    for name in ("index.html", "chapters/one.html", ".doctrees/one", ".buildinfo"):
        (book / name).write_text(name, encoding="utf-8")
    assert zipping.pack(book, archive) and not zipping.pack(book, archive)
    with zipfile.ZipFile(archive) as made:
        assert sorted(made.namelist()) == ["lossbook/chapters/one.html", "lossbook/index.html"]
    (book / "chapters/one.html").write_text("other", encoding="utf-8")
    assert zipping.pack(book, archive)
    archive.write_bytes(archive.read_bytes()[:-40])  # cut off, as where the disk was full
    assert zipping.pack(book, archive) and zipfile.ZipFile(archive).testzip() is None
