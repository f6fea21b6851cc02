"""The lecture decks as they are written: one for each chapter, timed, with notes and the chapter's own figures."""

import inspect
import json
import re

import building
import pytest
from building import ROOT

from lossbook.figures import all_figures
from lossbook.sphinxext import slides

CHAPTERS = sorted((ROOT / "chapters").glob("0*.ipynb"))
DECKS = sorted((ROOT / "slides").glob("0*.md"))
SLIDE = re.compile(r"^#{1,2} (.+)$", re.MULTILINE)
NOTES = re.compile(r"^`{3,}\{notes\} ([\d.]+)\n(.*?)^`{3,}$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"\{(live|derivation)\} (\S+)")


def slides_of(deck):
    """Return heading and text of each slide."""
    code = re.compile(r"^```python.*?^```", re.MULTILINE | re.DOTALL)  # its comments look like headings
    parts = SLIDE.split(code.sub("", deck.read_text(encoding="utf-8")))
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_every_chapter_has_a_deck_and_the_index_lists_them():
    assert [deck.stem for deck in DECKS] == [chapter.stem for chapter in CHAPTERS]
    listed = re.findall(r"^(0\S+)$", (ROOT / "slides/index.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [deck.stem for deck in DECKS]


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_deck_lasts_45_minutes_and_every_slide_has_notes(deck):
    minutes = []
    for heading, text in slides_of(deck):
        found = NOTES.findall(text)
        assert len(found) == 1, f"{heading!r} has {len(found)} notes"
        assert len(found[0][1].split()) >= 6, f"the notes on {heading!r} say nothing"
        minutes.append(float(found[0][0]))
    assert 43 <= sum(minutes) <= 45


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_deck_asks_shows_derives_and_recapitulates(deck):
    text = deck.read_text(encoding="utf-8")
    headings = [heading for heading, _ in slides_of(deck)]
    assert 12 <= len(headings) <= 20
    assert "remember" in headings[-1]
    assert text.count("{ask}") >= 2
    calls = CALL.findall(text)
    assert sum(kind == "live" for kind, _ in calls) >= 4
    assert sum(kind == "derivation" for kind, _ in calls) >= 1


def test_a_slide_asks_what_its_figure_asks():
    """The notes of the teacher speak of the question above the picture."""
    calls = [
        (deck.stem, name, options)
        for deck in DECKS
        for name, options in re.findall(r"\{live\} (\S+)\n((?::.*\n)*)", deck.read_text(encoding="utf-8"))
    ]
    figures = all_figures()
    asking = {name for _, name, _ in calls if "Predict(" in inspect.getsource(figures[name])}
    assert len(asking) >= 10
    assert [(deck, name) for deck, name, options in calls if (":ask:" in options) != (name in asking)] == []


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_deck_shows_its_chapters_own_figures_and_derivations(deck):
    chapter = (ROOT / "chapters" / f"{deck.stem}.ipynb").read_text(encoding="utf-8")
    for _, name in CALL.findall(deck.read_text(encoding="utf-8")):
        assert re.search(rf"\b{name.partition('.')[2]}\(\)", chapter), f"{name} is not in the chapter"


def test_names_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="no_such"):
        slides.called("figures", "likelihood.no_such")
    with pytest.raises(ValueError, match="nowhere"):
        slides.called("figures", "nowhere.coin")
    assert slides.called("derivations", "likelihood.coin_maximum").steps


@pytest.fixture
def small_deck(tmp_path):
    """Return a function that builds a deck and gives its page and what was complained about."""

    def build(text):
        extensions = ["myst_parser", "sphinx_revealjs", "lossbook.sphinxext.slides"]
        (tmp_path / "conf.py").write_text(f"{extensions = }\n", encoding="utf-8")
        (tmp_path / "index.md").write_text(text, encoding="utf-8")
        command = ["-m", "sphinx", "-q", "-b", "revealjs", str(tmp_path), str(tmp_path / "out")]
        said = building.run_sphinx(command, tmp_path).stderr
        return (tmp_path / "out/index.html").read_text("utf-8"), said

    return build


def test_directives_make_marks_steps_and_notes(small_deck):
    page, said = small_deck(
        "# Deck\n\n```{live} likelihood.coin\n:zoom: 1.5\n:start: N=20\n```\n\n"
        "```{live} entropy.additive\n:panels: 2\n:start: measure=1/p − 1 p=0.3\n```\n\n"
        "```{derivation} likelihood.coin_maximum\n```\n\n```{notes} 2.5\nSay **this**.\n```\n"
    )
    assert said == ""
    assert 'class="lossbook-figure zoom-150"' in page and "host.js" in page
    (state,) = re.findall(r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', page)
    figures = [model["state"] for model in json.loads(state)["state"].values() if "spec" in model["state"]]
    assert [figure.get("N", figure.get("measure")) for figure in figures] == [20, "1/p − 1"]
    assert [len(figure["spec"]["panels"]) for figure in figures] == [1, 1]
    steps = slides.called("derivations", "likelihood.coin_maximum").steps
    assert len(re.findall(r'<div class="line[ "]', page)) == len(steps)
    assert len(re.findall(r'<div class="line fragment[ "]', page)) == len(steps) - 1
    assert 'data-timing="150"' in page
    assert re.search(r'<aside class="notes">.*<strong>this</strong>.*</aside>', page, re.DOTALL)


def test_mistakes_in_a_deck_are_reported(small_deck):
    mistakes = [
        ("```{live} likelihood.nothing\n```", "no 'likelihood.nothing' in lossbook.figures"),
        ("```{live} likelihood.coin\n:start: delta=2\n```", "no parameter 'delta'"),
        ("```{live} entropy.additive\n:start: measure=none\n```", "cannot be set"),
        ("```{live} likelihood.coin\n:start: N=many\n```", "cannot be set"),
        ("```{live} likelihood.coin\n:zoom: 1.07\n```", "zoom"),
        ("```{live} likelihood.coin\n:panels: 1, 2\n```", "has 1 panels, not 2"),
        ("```{derivation} likelihood.nothing\n```", "no 'likelihood.nothing' in lossbook.derivations"),
    ]
    text = "# Deck\n"
    lines = {}
    for mistake, complaint in mistakes:
        lines[text.count("\n") + 2] = complaint
        text += f"\n{mistake}\n"
    _, said = small_deck(text)
    for line, complaint in lines.items():
        # Of each mistake at its own line.
        assert re.search(rf"index.md:{line}: .*{re.escape(complaint)}", said), said


def test_the_style_has_a_rule_for_each_zoom():
    style = (ROOT / "slides/_static/deck.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\.zoom-\d+ \{ zoom: ([\d.]+); \}$", style, re.MULTILINE)) == slides.ZOOMS
