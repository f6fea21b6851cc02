"""The glossary and the notation: every linked word has its entry, every entry is linked, every link has its heading."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import pytest
from building import ROOT
from myst_parser.mdit_to_docutils.base import default_slugify

from yardstick.truth import DIGITS

CHAPTERS = sorted(ROOT.glob("chapters/0*.ipynb"))
GLOSSARY = (ROOT / "chapters/glossary.md").read_text(encoding="utf-8")
NOTATION = (ROOT / "chapters/notation.md").read_text(encoding="utf-8")
CHECKED_PAGE = (ROOT / "chapters/checked.md").read_text(encoding="utf-8")
PAGES = {"glossary.md": GLOSSARY, "notation.md": NOTATION}

TERM = re.compile(r"\{term\}`(?:(?P<shown>[^`<]+?) <(?P<target>[^>]+)>|(?P<plain>[^`<]+))`")
# What is no running prose: code, mathematics, other roles and links.
ELSEWHERE = re.compile(r"\{(?!term\})[^}]*\}`[^`]*`|(?<!\})`[^`]*`|\$[^$]+\$|\[[^]]*\]\([^)]*\)")
SYMBOL_ROW = re.compile(r"^\| (?P<symbols>.+?) \| .* \| \[[^]]*\]\((?P<file>[\w.-]+)#(?P<anchor>[^)]+)\) \|$", re.M)


def entries() -> list[str]:
    inside = GLOSSARY.split("```{glossary}")[1].split("```")[0]
    return [line for line in inside.splitlines() if line and not line.startswith((" ", ":"))]


def markdown(path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line with its kind: "prose", "heading", "table", "formula" or "directive"."""
    fence, formula = "", False
    for line in text.splitlines():
        opening = re.match(r"\s*(`{3,}|:{3,})", line)
        if opening and not fence:
            fence = opening[1]
            yield "directive", line
        elif fence:
            fence = "" if line.strip() == fence else fence
            yield "directive", line
        elif line.startswith("$$") or formula:
            formula ^= line.count("$$") % 2
            yield "formula", line
        else:
            yield ("heading" if line.startswith("#") else "table" if line.startswith("|") else "prose"), line


def headings(text: str) -> set[str]:
    """Return the anchors of all headings, as MyST makes them."""
    return {default_slugify(re.sub(r"`", "", line.lstrip("# "))) for kind, line in blocks(text) if kind == "heading"}


def links(text: str) -> list[tuple[str, str]]:
    """Return shown text and entry of each linked word."""
    return [(m["plain"] or m["shown"], m["plain"] or m["target"]) for m in TERM.finditer(text)]


def spoken(line: str) -> str:
    """Leave out of a line what is no running prose, and keep its linked words."""
    return re.sub(f"({TERM.pattern})|{ELSEWHERE.pattern}", lambda match: match[1] or " ", line)


def misplaced(text: str) -> list[str]:
    """Return what is wrong with the linked words of a chapter."""
    wrong = [f"in a {kind}: {line}" for kind, line in blocks(text) if kind != "prose" and TERM.search(line)]
    prose = "\n".join(spoken(line) for kind, line in blocks(text) if kind == "prose")
    wrong += [f"linked twice: {entry}" for entry, count in Counter(e for _, e in links(prose)).items() if count > 1]
    longest_first = sorted(entries(), key=len, reverse=True)
    for match in TERM.finditer(prose):
        shown, entry = links(match[0])[0]
        # A word within another entry's name is no use of it: "loss" in "focal loss".
        before = TERM.sub(" ", prose[: match.start()])
        for other in longest_first:
            if len(other) > len(entry) and entry.lower() in other.lower():
                before = re.sub(rf"(?i)(?<![\w-]){re.escape(other)}", " ", before)
        words = f"{re.escape(shown)}|{re.escape(entry)}"
        if earlier := re.search(rf"(?i).*(?<![\w-])({words})(s|es)?(?![\w-]).*", before):
            wrong.append(f"{entry} is used before it is linked: {earlier[0].strip()}")
    return wrong


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_link_the_first_use_of_a_word_in_prose(path):
    text = markdown(path)
    assert misplaced(text) == []
    assert len(links(text)) >= 8


@pytest.mark.parametrize(
    "name",
    [
        "relative entropy", "0-1 loss", "weight clipping", "mode-covering", "mode-seeking", "log loss",
        "binary cross-entropy", "pinball loss", "NLL", "softmax loss", "earth mover's distance", "ELBO",
    ],
)  # fmt: skip
def test_names_under_which_people_search_are_found(name):
    assert name.lower() in " ".join(markdown(path) for path in CHAPTERS).lower()
    assert name.lower() in GLOSSARY.lower()


def test_every_linked_word_has_an_entry():
    known = entries()
    for name, text in {**PAGES, **{path.name: markdown(path) for path in CHAPTERS}}.items():
        for shown, entry in links(text):
            assert entry in known, f"{name}: {shown}"


def test_every_entry_is_linked_from_somewhere_else():
    linked = {entry for path in CHAPTERS for _, entry in links(markdown(path))}
    linked |= {entry for _, entry in links(GLOSSARY + NOTATION)}
    assert set(entries()) - linked == set()


def test_entries_are_there_once_and_lead_into_a_chapter():
    assert [entry for entry, count in Counter(entry.lower() for entry in entries()).items() if count > 1] == []
    inside = GLOSSARY.split("```{glossary}")[1].split("```")[0]
    for definition in re.split(r"\n\n(?=\S)", inside.strip())[1:]:
        assert re.search(r"\]\(0\d-[\w-]+\.ipynb#[^)]+\)", definition), definition


@pytest.mark.parametrize("name", PAGES)
def test_links_to_sections_have_their_headings(name):
    found = re.findall(r"\]\(([\w-]+\.(?:ipynb|md))#([^)]+)\)", PAGES[name])
    assert len(found) > 20
    for file, anchor in found:
        path = ROOT / "chapters" / file
        text = markdown(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
        assert anchor in headings(text), f"{file}#{anchor}"


def formulas(text: str) -> list[str]:
    """Return formulas, and Greek letters in prose as formulas, each without its spaces."""
    bare = re.sub(r"(?s)```python.*?```|(?<!`)`[^`\n]+`(?!`)", " ", text)
    found = re.findall(r"(?s)\$\$(.+?)\$\$|\$([^$]+)\$|([α-ω])", bare)
    return [plain("".join(parts)) for parts in found]


def plain(formula: str) -> str:
    for letter in re.findall(r"[α-ω]", formula):
        name = unicodedata.name(letter).split()[-1].lower()
        formula = formula.replace(letter, f"\\{'var' * (name == 'epsilon')}{name} ")
    formula = re.sub(r"\\[,;!]|\\ |\s+", " ", formula.replace(r"\|", r"\Vert "))
    # Between two letters a space says where a command ends.
    return re.sub(r"(?<![A-Za-z]) +| +(?![A-Za-z])", "", re.sub(" +", " ", formula))


def stands(symbol: str, there: list[str]) -> bool:
    # A d may stand before it, as in a derivative.
    sought = re.compile(rf"(?<![A-Za-ce-z\\]){re.escape(plain(symbol))}(?![A-Za-z])")
    return any(sought.search(formula) for formula in there)


def section(text: str, anchor: str) -> str:
    """Return what stands between a heading and the next one."""
    lines, inside = [], False
    for kind, line in blocks(text):
        if kind == "heading":
            inside = default_slugify(line.lstrip("# ").replace("`", "")) == anchor
        elif inside:
            lines.append(line)
    return "\n".join(lines)


def test_every_symbol_stands_where_the_notation_says():
    rows = list(SYMBOL_ROW.finditer(NOTATION))
    assert len(rows) > 60
    missing = []
    for row in rows:
        there = formulas(section(markdown(ROOT / "chapters" / row["file"]), row["anchor"]))
        for symbol in re.findall(r"\$([^$]+)\$", row["symbols"]):
            if not stands(symbol, there):
                missing.append(f"{symbol} in {row['file']}#{row['anchor']}")
    assert missing == []


def test_letters_with_several_meanings_stand_in_the_chapters_named():
    rows = re.findall(r"^\| (\$.*\$) \| (.*chapter.*) \|$", NOTATION.split("(one-letter")[1], re.M)
    assert len(rows) > 30
    missing = []
    for symbols, meanings in rows:
        for numbers in re.findall(r"chapters? (\d(?:(?:, | and | to )\d)*)", meanings):
            first, *rest = map(int, re.findall(r"\d", numbers))
            for number in range(first, rest[0] + 1) if " to " in numbers else (first, *rest):
                there = formulas(markdown(CHAPTERS[number - 1]))
                if not any(stands(symbol, there) for symbol in re.findall(r"\$([^$]+)\$", symbols)):
                    missing.append(f"{symbols} in chapter {number}")
    assert missing == []


def test_the_page_on_checks_names_what_is_there():
    assert set(re.findall(r"with (\d+) digits", CHECKED_PAGE)) == {str(DIGITS)}
    named = re.findall(r"tests/[\w/]+\.py", CHECKED_PAGE)
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("A loss.\nThis {term}`loss` is late.", "loss is used before it is linked: A loss."),
        ("Logits, then {term}`logits <logit>`.", "logit is used before it is linked: Logits, then"),
        ("A {term}`loss`, again a {term}`loss`.", "linked twice: loss"),
        ("# The {term}`loss`", "in a heading: # The {term}`loss`"),
        ("| {term}`loss` | 1 |", "in a table: | {term}`loss` | 1 |"),
        ("# A loss\n`loss` $loss$ [loss](x)\nfocal loss, {term}`cross-entropy`, {term}`entropy`, {term}`loss`", None),
    ],
)
def test_the_rule_sees_what_is_wrong(text, complaint):
    assert misplaced(text) == ([complaint] if complaint else [])
