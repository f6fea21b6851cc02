"""The teacher's guide names what is there: sections, exercises, figures and their controls; its plans add up."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from building import ROOT
from drawn import built, ends_of
from prose import read_page
from test_glossary import CHAPTERS, headings, markdown

import lossbook.pages.exercises
from lossbook.live import Choice, Figure
from lossbook.live.assets import engine_source

PLANS = (ROOT / "chapters/teaching.md").read_text(encoding="utf-8")
# A link that sets a figure reads as its words.
SET = re.compile(r"\{set\}`([^`<]+?) <[^`>]+>`")
GUIDE = SET.sub(r"\1", (ROOT / "chapters/teaching-chapters.md").read_text(encoding="utf-8"))
PAGES = {"teaching.md": PLANS, "teaching-chapters.md": GUIDE}
NUMBERS = range(1, len(CHAPTERS) + 1)

EXERCISE = re.compile(r"^`{3,}\{exercise\} (?P<title>.*)\n:label: (?P<label>\S+)$", re.M)
EXERCISE_LINK = re.compile(r"\{ref\}`(?P<title>[^`<]+) <(?P<label>[^>]+)>`")
EXERCISE_ROW = re.compile(rf"^\| {EXERCISE_LINK.pattern} \| (?P<level>\w+) \| (?P<minutes>\d+)&nbsp;min \|$", re.M)
PLAN_ROW = re.compile(r"^\| (?P<minutes>\d+)&nbsp;min \| (?P<section>.*?) \|", re.M)
LINK = re.compile(r"\]\((?P<file>[\w-]+\.(?:ipynb|md))(?:#(?P<anchor>[^)]+))?\)")
FIGURE_BLOCK = re.compile(
    r"^\*\*Figure: (?P<name>.+)\*\* in \[(?P<section>.+)\]\((?P<file>[\w-]+\.ipynb)#(?P<anchor>[^)]+)\)\n\n"
    r"- \*\*Ask:\*\* (?P<ask>.+)\n- \*\*Move:\*\* (?P<move>.+)\n- \*\*See:\*\* (?P<see>.+)$",
    re.M,
)
IN_ITALICS = re.compile(r"(?<![*\w])\*(?!\*)((?:\\.|[^*\n])+)\*(?!\*)")
NUMBER = r"[−-]?\d+(?:,\d{3})*(?:\.\d+)?"
SETTING = re.compile(rf"\*([^*]+)\*((?:,?(?: slowly| then)? (?:to|at) {NUMBER}(?![\w.]*\d))+)")
# What stands beside the controls of every figure.
BUTTONS = {"Play", "Restart", "Reset"}


def part(text: str, heading: str) -> str:
    """Return what stands below a heading, down to the next one that is not deeper."""
    level = heading.split()[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.M | re.S)
    assert found, f"there is no {heading!r}"
    return found[1]


def title(path: Path) -> str:
    return re.search(r"^# (.+)$", markdown(path), re.M)[1]


def chapter(number: int) -> str:
    return part(GUIDE, f"## Chapter {number}: {title(CHAPTERS[number - 1])}")


def below(number: int, heading: str) -> str:
    return part(chapter(number), f"### Chapter {number}{heading}")


def slug(name: str) -> str:
    return next(iter(headings(f"# {name}")))


@cache
def figures(path: Path) -> tuple[tuple[str, str, Figure], ...]:
    """Return the figures of a chapter, each with the section and the anchor that it stands under."""
    modules, found, section = {}, [], ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            outside = re.sub(r"^(`{3,}).*?^\1", "", source, flags=re.M | re.S)
            section = ([section] + re.findall(r"^#+ (.+)$", outside, re.M))[-1]
            continue
        for line in re.findall(r"^from lossbook\.figures import (.+)$", source, re.M):
            for name, alias in re.findall(r"(\w+)(?: as (\w+))?(?:, |$)", line):
                modules[alias or name] = name
        call = re.fullmatch(r"(\w+)\.(\w+)\(\)", source.strip())
        if call and call[1] in modules:
            found.append((section, slug(section), built(f"{modules[call[1]]}.{call[2]}")))
    return tuple(found)


@cache
def titles(figure: Figure) -> list[str]:
    values = figure.values()
    return [figure.text(panel["title"], values) for panel in figure.spec["panels"] if "title" in panel]


def names(section: str, figure: Figure) -> list[str]:
    """Return what a figure may be called: the titles of its panels, or its section where there are none."""
    return titles(figure) or [section]


def words(figure: Figure) -> set[str]:
    """Return what may be read beside the controls of a figure."""
    found = {parameter.label or name for name, parameter in figure.parameters.items()}
    for parameter in figure.parameters.values():
        if isinstance(parameter, Choice):
            found |= {str(option) for option in parameter.options}
    return found


def places(figure: Figure, control: dict[str, Any], low: float, high: float) -> set[float]:
    """Return where a slider can stand: on its step, or on a position of a logarithmic axis, as in engine.js."""
    if control.get("log"):
        last = int(re.search(r"LOG_POSITIONS ?= ?(\d+)", engine_source())[1])
        raw = [low * (high / low) ** (position / last) for position in range(last)] + [high]
        found = [round(value) if control.get("integer") else float(f"{value:.3g}") for value in raw]
    else:
        step = 1 if control.get("integer") else control.get("step")
        assert step, "a slider without a step stands on steps that are not known here"
        found = [round(low + k * step, 9) for k in range(round((high - low) / step) + 1)]
    return {*found, float(getattr(figure, control["name"]))}


def plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def test_every_chapter_has_its_part():
    wanted = [f"Chapter {number}: {title(path)}" for number, path in zip(NUMBERS, CHAPTERS, strict=True)]
    assert re.findall(r"^## (.+)$", GUIDE, re.M) == wanted


@pytest.mark.parametrize("number", NUMBERS)
def test_every_part_has_all_that_a_teacher_needs(number):
    assert len(re.findall(r"^- ", below(number, ": objectives"), re.M)) >= 4
    mistakes = re.findall(r"^- \*\*.+\*\* (.+)$", below(number, ": what students get wrong"), re.M)
    assert len(mistakes) >= 4
    assert all(mistake.startswith("Ask: ") and "?" in mistake for mistake in mistakes)
    assert len(FIGURE_BLOCK.findall(below(number, ": figures, and what to ask"))) >= 4
    bridge = below(number, f": on to chapter {number + 1}" if number < len(CHAPTERS) else ": back to chapter 1")
    assert CHAPTERS[number % len(CHAPTERS)].name in bridge


@pytest.mark.parametrize("number", NUMBERS)
def test_every_exercise_is_named_with_its_level_and_its_minutes(number):
    rows = [row.groupdict() for row in EXERCISE_ROW.finditer(below(number, ": exercises"))]
    there = EXERCISE.findall(markdown(CHAPTERS[number - 1]))
    assert sorted((row["title"], row["label"]) for row in rows) == sorted(there)
    assert all(int(row["minutes"]) > 0 for row in rows)
    levels = [("easy", "medium", "hard").index(row["level"]) for row in rows]
    assert levels == sorted(levels), "from easy to hard"


def test_the_guide_has_every_exercise_that_can_be_graded():
    named = {label.replace("-", ".", 1) for _, label in EXERCISE_LINK.findall(GUIDE)}
    assert named == set(lossbook.pages.exercises.all_exercises())


def test_plans_name_exercises_that_are_there():
    there = {label: name for path in CHAPTERS for name, label in EXERCISE.findall(markdown(path))}
    found = EXERCISE_LINK.findall(PLANS)
    assert len(found) > 20
    assert [(name, label) for name, label in found if there.get(label) != name] == []


@pytest.mark.parametrize("number", range(1, 10))
def test_the_minutes_of_a_chapter_are_counted(number):
    """150 words a minute, three minutes a figure, five an exercise: to the next five."""
    path = CHAPTERS[number - 1]
    page = read_page(path, path.stem)
    read = [line for line in page.lines if not {"exercise", "solution"} & set(line.within)]
    words = sum(len(f"{line.text} {'x' * bool(line.maths)}".split()) for line in read)
    assert 1500 <= words <= 4000
    exercises = path.read_text(encoding="utf-8").count("{exercise}")
    minutes_reading = words / 150 + 3 * len(figures(path))
    (stated,) = [line.text for line in page.lines if line.text.startswith("Time:")]
    reading, solving = map(int, re.findall(r"\d+", stated))
    assert (reading, solving) == (5 * round(minutes_reading / 5), 5 * exercises)


@pytest.mark.parametrize("minutes", [45, 90])
@pytest.mark.parametrize("number", NUMBERS)
def test_plans_of_chapters_add_up(number, minutes):
    rows = PLAN_ROW.findall(below(number, f" in {minutes} minutes"))
    assert sum(int(row) for row, _ in rows) == minutes
    assert all(f"({CHAPTERS[number - 1].name}" in section for _, section in rows), "a row leads into its chapter"


@pytest.mark.parametrize(
    ("heading", "minutes"),
    [("A single lecture of 45 minutes", 45), ("A single lecture of 90 minutes", 90), ("A half-day", 210)],
)
def test_plans_of_lectures_add_up(heading, minutes):
    text = part(PLANS, f"### {heading}")
    assert sum(int(row) for row, _ in PLAN_ROW.findall(text)) == minutes
    assert f"{minutes} min" in heading + text


def test_the_course_teaches_every_chapter():
    text = part(PLANS, "### A five-week course")
    assert len(re.findall(r"^\| \d \|", text, re.M)) == 5
    taught = re.findall(r"#chapter-(\d)-in-90-minutes", text)
    assert taught == [str(number) for number in NUMBERS]


@pytest.mark.parametrize("number", NUMBERS)
def test_exercises_in_the_plans_of_a_chapter_are_its_own(number):
    there = {name for name, _ in EXERCISE.findall(markdown(CHAPTERS[number - 1]))}
    for minutes in (45, 90):
        for sentence in re.findall(r"[Ee]xercises? \*.*", below(number, f" in {minutes} minutes")):
            assert set(IN_ITALICS.findall(sentence)) <= there, sentence


@pytest.mark.parametrize("number", NUMBERS)
def test_figures_stand_where_the_guide_says(number):
    path = CHAPTERS[number - 1]
    text = below(number, ": figures, and what to ask")
    blocks = [match.groupdict() for match in FIGURE_BLOCK.finditer(text)]
    assert len(blocks) == text.count("**Figure: "), "every figure has its question, its move and what is seen"
    for block in blocks:
        assert block["file"] == path.name
        matching = [
            figure
            for section, anchor, figure in figures(path)
            if anchor == block["anchor"] and plain(block["name"]) in names(section, figure)
        ]
        assert matching, block["name"]
        # Another figure of the section may be named along with it.
        beside = [figure for _, anchor, figure in figures(path) if anchor == block["anchor"]]
        known = BUTTONS.union(*(words(figure) for figure in beside))
        for word in IN_ITALICS.findall(block["move"]):
            assert plain(word) in known, f"{block['name']}: {word}"


def test_controls_can_be_moved_to_where_the_guide_says():
    tried = 0
    for number, path in zip(NUMBERS, CHAPTERS, strict=True):
        for block in FIGURE_BLOCK.finditer(below(number, ": figures, and what to ask")):
            here = [
                figure
                for section, anchor, figure in figures(path)
                if anchor == block["anchor"] and plain(block["name"]) in names(section, figure)
            ]
            moved = {}
            for label, said in SETTING.findall(block["move"]):
                # Of two figures with the same titles the first one is meant.
                figure, control = next(
                    (figure, control)
                    for figure in here
                    for control in figure.spec["controls"]
                    if control["kind"] == "slider" and control["label"] == label
                )
                # An end may depend on what has been moved before.
                low, high = ends_of(figure, control, moved)
                for number_said in re.findall(NUMBER, said):
                    aim = float(number_said.replace(",", "").replace("−", "-"))
                    assert low <= aim <= high, f"{block['name']}: {label}{said}"
                    assert aim in places(figure, control, low, high), f"{block['name']}: {label}{said}"
                    moved[control["name"]] = aim
                    tried += 1
    assert tried > 50


def test_plans_name_figures_of_the_section_they_link():
    by_name: dict[tuple[str, str], set[str]] = {}
    for path in CHAPTERS:
        for section, anchor, figure in figures(path):
            by_name.setdefault((path.name, anchor), set()).update(names(section, figure))
    named = 0
    for row in re.finditer(r"^\| \d+&nbsp;min \| \[.*?\]\(([\w-]+\.ipynb)#([^)]+)\) \| (.*?) \|", PLANS, re.M):
        for italic in IN_ITALICS.findall(row[3]):
            if plain(italic) not in BUTTONS:
                assert plain(italic) in by_name[row[1], row[2]], italic
                named += 1
    assert named > 8
    course = part(PLANS, "### A five-week course")
    everywhere = set().union(*by_name.values())
    for row in re.findall(r"^\| \d \|.*?\| (\*.*?) \|", course, re.M):
        assert plain(IN_ITALICS.findall(row)[0]) in everywhere, row


@pytest.mark.parametrize("name", PAGES)
def test_links_to_sections_have_their_headings(name):
    for found in LINK.finditer(PAGES[name]):
        path = ROOT / "chapters" / found["file"]
        assert path.exists(), found["file"]
        text = markdown(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
        if found["anchor"]:
            assert found["anchor"] in headings(text), found[0]


@pytest.mark.parametrize("name", PAGES)
def test_tables_fit_a_phone(name):
    rows = re.findall(r"^\|.*\|$", PAGES[name], re.M)
    assert len(rows) > 20
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) <= 4, row
    for head in re.findall(r"^(\|.*\|)\n\|[-|]+\|$", PAGES[name], re.M):
        assert all(cell.strip() for cell in head.strip("|").split("|")), f"an empty head: {head}"


def test_the_pages_are_in_the_table_of_contents():
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    listed = contents.split("caption: For teachers")[1].split("caption:")[0]
    assert re.findall(r"- file: (\S+)", listed) == ["chapters/teaching", "chapters/teaching-chapters"]


def test_the_limits_of_grading_are_named():
    text = part(PLANS, "### What grading does not protect against")
    for word in ("no sandbox", "network", "forge", "lossbook/pages/exercises/", "container", "one process", "memory"):
        assert word in text
