"""The book as it is built: what its pages hold, and what stops the build."""

import json
import re
import shutil
import textwrap
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from building import ROOT, run_jupyter_book, small_book

from lossbook.pages.exercises import all_exercises
from lossbook.sphinxext.address import read
from lossbook.sphinxext.widgets import STATE_MIMETYPE
from publishing.handouts import hand_out

EXERCISES = all_exercises()
NOTEBOOKS = sorted(ROOT.glob("chapters/*.ipynb"))


def pages(folder: Path) -> dict[str, BeautifulSoup]:
    return {
        path.relative_to(folder).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(folder.rglob("*.html"))
        if "_static" not in path.parts
    }


@pytest.fixture(scope="module")
def site(book_html):
    """The book and its decks."""
    return pages(book_html)


@pytest.fixture(scope="module")
def book(site):
    return {name: page for name, page in site.items() if not name.startswith("slides/")}


def test_pages_load_nothing_from_other_hosts(site):
    for name, page in site.items():
        for tag in page.select("script[src], link[href], img[src], iframe[src], source[src]"):
            address = tag.get("src") or tag.get("href")
            assert not re.match(r"(https?:)?//", address), f"{name}: {tag}"


def test_every_link_within_the_book_leads_somewhere(site, book_html):
    anchors = {name: {tag["id"] for tag in page.find_all(id=True)} for name, page in site.items()}
    for name, page in site.items():
        for tag in page.select("a[href], script[src], link[href], img[src]"):
            address = (tag.get("href") or tag.get("src")).split("?")[0]
            if re.match(r"[a-z]+:", address) or address in ("", "#"):
                continue
            path, _, anchor = address.partition("#")
            target = (book_html / name).parent / path if path else book_html / name
            assert target.resolve().exists(), f"{name}: {tag}"
            if anchor and target.suffix == ".html":
                assert anchor in anchors[target.resolve().relative_to(book_html.resolve()).as_posix()], f"{name}: {tag}"


def test_no_address_no_buttons(book):
    known = bool(read(ROOT).repository)
    for name, page in book.items():
        buttons = page.select(".dropdown-launch-buttons, .dropdown-source-buttons")
        assert not buttons or known, name
        assert buttons or not known or not name.startswith("chapters/0"), name
        assert "executablebooks" not in str(page), name


def test_no_page_shows_the_cell_that_installs_but_its_notebook_has_it(book, book_html):
    for notebook in NOTEBOOKS:
        assert not re.search(r"\bpip\b", book[f"chapters/{notebook.stem}.html"].select_one("main").get_text())
        assert "lossbook[notebooks]" in (book_html / "_sources/chapters" / notebook.name).read_text(encoding="utf-8")


def test_an_exercise_has_a_field_or_says_that_it_wants_code(book):
    forms = [form["data-name"] for page in book.values() for form in page.select("form.lossbook-answer")]
    assert forms == [name for page in book.values() for name in names_of(page) if EXERCISES[name].kind != "code"]
    assert len(set(forms)) == len(forms) > 50
    wanting = sum(len(page.select(".lossbook-wants-code")) for page in book.values())
    assert wanting == len(EXERCISES) - len(forms)
    for name, page in book.items():
        assert name == "chapters/api.html" or "not answered yet" not in page.get_text(), name


def names_of(page):
    """Return the exercises of a page, in order."""
    return [exercise["id"].replace("-", ".", 1) for exercise in page.select(".exercise.admonition")]


SITE = "https://book.example.org/"


@pytest.mark.parametrize("hub", ["", "https://hub.example.org"])
def test_the_address_shows_the_buttons(tmp_path, hub):
    small_book(tmp_path, one="1 + 1")
    text_notebook = """
        ---
        jupytext: {text_representation: {extension: .md, format_name: myst}}
        kernelspec: {display_name: Python 3, language: python, name: python3}
        ---
        # Small

        A notebook in Markdown.
        """
    (tmp_path / "index.md").write_text(textwrap.dedent(text_notebook).lstrip() + "\n```{addresses}\n```\n")
    urls = f'[project.urls]\nRepository = "https://github.com/owner/name"\nHomepage = "{SITE}"\n'
    (tmp_path / "pyproject.toml").write_text(urls)
    config = tmp_path / "_config.yml"
    config.write_text(config.read_text().replace('jupyterhub_url: ""', f'jupyterhub_url: "{hub}"'))
    result = run_jupyter_book(tmp_path, tmp_path, "-W", "-n")
    assert result.returncode == 0, result.stderr
    built = pages(tmp_path / "_build/html")
    links = [tag["href"] for tag in built["chapters/one.html"].select("a[href]")]
    assert "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/chapters/one.ipynb" in links
    assert "https://colab.research.google.com/github/owner/name/blob/main/chapters/one.ipynb" in links
    assert "https://github.com/owner/name" in links
    pulls = [link.partition("?")[0] for link in links if "git-pull" in link]
    assert set(pulls) == ({f"{hub}/hub/user-redirect/git-pull"} if hub else set())
    # What other sites show beside a link to the page.
    card = built["chapters/one.html"].select_one('meta[property="og:image"]')["content"]
    assert card.startswith(SITE) and (tmp_path / "_build/html" / card.removeprefix(SITE)).stat().st_size > 5_000
    listed = built["index.html"].select_one("main pre").get_text()
    assert "https://mybinder.org/v2/gh/owner/name/main?" in listed and (hub or "https://HUB") + "/hub/" in listed
    # Colab opens no notebook in Markdown.
    links = [tag["href"] for tag in built["index.html"].select("a[href]")]
    assert [link for link in links if "mybinder" in link] and not [link for link in links if "colab" in link]


def test_the_script_of_the_figures_stands_only_where_figures_are(book):
    for name, page in book.items():
        scripts = [tag for tag in page.select("script[src]") if "host.js" in tag["src"]]
        widgets = page.find_all("script", type=STATE_MIMETYPE)
        assert len(scripts) == bool(widgets), name
        # It runs while the page is read, so that the first figure lives early; the state must stand before it.
        assert not any(tag.has_attr("defer") or tag.find_next(type=STATE_MIMETYPE) for tag in scripts), name


def test_every_figure_has_a_still_picture_with_its_description(book, book_html):
    figures = [(name, tag) for name, page in book.items() for tag in page.select(".lossbook-figure")]
    assert figures
    for name, tag in figures:
        view = json.loads(tag.find("script", type="application/vnd.jupyter.widget-view+json").string)
        assert view["model_id"]
        picture = tag.select_one("noscript img")
        assert (book_html / name).parent.joinpath(picture["src"]).resolve().exists()
        assert len(picture["alt"]) > 10 and not picture["alt"].endswith(".png")


def test_every_picture_is_described(site):
    for name, page in site.items():
        for picture in page.select("main img"):
            assert picture.get("alt") and not picture["alt"].endswith((".png", ".svg")), f"{name}: {picture}"


def test_the_ledger_holds_every_claim_of_the_book(book):
    stated = [line.get_text(strip=True) for page in book.values() for line in page.select(".lossbook-claim")]
    listed = [link.get_text(strip=True) for link in book["chapters/claims.html"].select(".lossbook-ledger tbody a")]
    assert stated
    # Sphinx sets typographic quotes in one of the places only.
    straight = str.maketrans("‘’“”", "''\"\"")
    plain = [line.translate(straight) for line in stated]
    entries = [f"✓ checked: {statement}".translate(straight) for statement in listed]
    differing = set(plain) ^ set(entries)
    assert not differing
    assert len(plain) == len(entries)


def test_the_edition_for_a_class_has_no_solution(book_html, tmp_path, rounding):
    """Neither on its pages, nor in the search index, nor in the notebooks to download, nor in what is handed out."""
    # The outputs of the first build, fonts and pictures are taken over; only pages are made anew.
    for kept in (".jupyter_cache", ".light"):
        shutil.copytree(book_html.parent / kept, tmp_path / "_build" / kept)
    result = run_jupyter_book(ROOT, tmp_path, "-W", "-n", environment={**rounding, "SOLUTIONS": "no"})
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
    assert "to execute" not in result.stdout
    solutions = re.compile(r"^(`{3,})\{solution\} (\S+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
    # What the package says in the same words is shown where it teaches, and gives nothing away.
    package = [path for path in (ROOT / "lossbook").rglob("*.py") if "exercises" not in path.parts]
    shown = "\n".join(path.read_text(encoding="utf-8") for path in package)
    lines = {}
    for notebook in NOTEBOOKS:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        found = [match for text in texts for match in solutions.finditer(text)]
        elsewhere = "\n".join([shown, *(solutions.sub("", text) for text in texts)])
        lines[notebook.stem] = [
            line for match in found for line in map(str.strip, match[3].splitlines())
            if len(line) > 11 and line not in elsewhere and not line.startswith((":", "import "))
        ]  # fmt: skip
        assert len(found) >= 6 and len(lines[notebook.stem]) >= 12, notebook.name
    hand_out(tmp_path / "_build" / "html", ROOT / "chapters", tmp_path / "class")
    students = tmp_path / "class" / "students"
    assert len(list(students.rglob("*.ipynb"))) >= 2 * 9  # behind the pages' download buttons, and by themselves
    for path in (path for path in students.rglob("*") if path.suffix in (".html", ".ipynb", ".md", ".txt")):
        if "_static" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            page = BeautifulSoup(text, "html.parser")
            text = page.get_text() + "".join(form["data-asked"] for form in page.select("form.lossbook-answer"))
        assert "{solution}" not in text and "Solution to" not in text, path
        for line in lines.get(path.stem, ()):
            assert line not in text, f"{path}: {line}"
    first, second = (
        (folder / "searchindex.js").read_text(encoding="utf-8") for folder in (book_html, tmp_path / "_build" / "html")
    )
    assert len(second) < len(first)


def test_authors_and_no_invented_year(book):
    footer = book["index.html"].select_one(".bd-footer, footer.bd-footer-content").get_text(" ", strip=True)
    assert "The lossbook authors" in footer and "2023" not in footer


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None, cell["source"]


def test_requirements_name_no_registry_and_no_place_of_this_machine():
    for name in ("requirements.txt", "constraints.txt", "pyproject.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for own in filter(None, (read(ROOT).repository, read(ROOT).site)):
            text = text.replace(own, "")
        assert not re.search(r"index-url|find-links|https?://|file:|@ ", text), name


# Small books, one with a copy of the package that the test changes.


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ('from lossbook.pages.claims import claim\nclaim("Two and two are five", 2 + 2, 5)', "measured: 4"),
        (
            """
            import sympy
            from lossbook.derivations.derivation import Derivation
            x = sympy.Symbol("x", positive=True)
            Derivation(x * x, domain={x: (1, 2)}).step(x**3, "a slip")
            """,
            "DerivationError",
        ),
    ],
    ids=["false claim", "wrong step"],
)
def test_what_is_false_stops_a_strict_build(tmp_path, code, complaint):
    small_book(tmp_path, wrong=code)
    first = run_jupyter_book(tmp_path, tmp_path, "-W", "-n")
    assert first.returncode != 0
    assert complaint in first.stderr
    # Neither does it pass without -W, nor because it has failed before.
    second = run_jupyter_book(tmp_path, tmp_path)
    assert second.returncode != 0
    assert complaint in second.stderr
    assert not (tmp_path / "_build/html/chapters/wrong.html").exists()


def test_what_is_false_costs_a_reader_neither_the_page_nor_the_knowledge(tmp_path):
    """Here as those build who do not use make; `test_build` looks closer."""
    small_book(tmp_path, wrong='from lossbook.pages.claims import claim\nclaim("Two and two are five", 2 + 2, 5)')
    for options in ((), ("-W",), ()):
        result = run_jupyter_book(tmp_path, tmp_path, *options, environment={"LOSSBOOK_STRICT": ""})
        assert result.returncode != 0
        assert "“Two and two are five” does not hold here" in result.stderr
        assert "✗ does not hold here" in (tmp_path / "_build/html/chapters/wrong.html").read_text(encoding="utf-8")
    # What was executed for a reader does not pass where it is an error.
    result = run_jupyter_book(tmp_path, tmp_path, "--all")
    assert result.returncode != 0 and "ClaimError" in result.stderr


def test_a_change_in_the_package_renews_what_depends_on_it_and_nothing_else(tmp_path):
    small_book(
        tmp_path,
        one="""
            from lossbook.experiments.answer import VALUE
            from lossbook.pages.claims import claim
            claim("The answer is small", VALUE, 100, relation="<")
            print("answer", VALUE)
            """,
        two='import lossbook.functions\nprint("constant")',
    )
    package = tmp_path / "lossbook"
    shutil.copytree(ROOT / "lossbook", package, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {"PYTHONPATH": str(tmp_path)}

    def build(value: int) -> tuple[str, str, str]:
        (package / "experiments/answer.py").write_text(f"VALUE = {value}\n")
        result = run_jupyter_book(tmp_path, tmp_path, environment=environment)
        assert result.returncode == 0, result.stderr
        html = tmp_path / "_build/html/chapters"
        return result.stdout + result.stderr, (html / "one.html").read_text(), (html / "claims.html").read_text()

    _, one, ledger = build(42)
    assert "answer 42" in one and "42" in ledger
    log, one, ledger = build(43)
    assert "answer 43" in one and "answer 42" not in one
    assert "43" in ledger and "42" not in ledger
    assert "chapters/one: executed" in log and "chapters/two: executed" not in log
    # A sentence changes no output, and what has outputs is not executed again.
    notebook = tmp_path / "chapters/one.ipynb"
    notebook.write_text(notebook.read_text().replace("# Page one", "# Page one, better"))
    log, one, ledger = build(43)
    assert "Page one, better" in one and "Page one, better" in ledger and "executed" not in log
    # Nor does a style sheet, but it must reach the reader.
    style = tmp_path / "_static" / "own.css"
    style.parent.mkdir(exist_ok=True)
    for colour in ("red", "blue"):
        style.write_text(f"p {{ color: {colour} }}")
        log, one, _ = build(43)
        assert colour in (tmp_path / "_build/html/_static/own.css").read_text() and "executed" not in log
