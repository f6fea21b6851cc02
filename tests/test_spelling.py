"""Every word of the book is in a British dictionary, or in the list of the project's own words."""

import subprocess
import sys

import pytest
from building import ROOT
from spelling import WORDS, Dictionary, lines_of_claims, lines_of_code, lines_of_prose

DICTIONARY = Dictionary()


@pytest.mark.parametrize("lines", [lines_of_prose, lines_of_claims, lines_of_code])
def test_every_word_is_spelt_right(lines):
    read = list(lines())
    assert len(read) > 100
    unknown = {word: line.place for line in read for word in DICTIONARY.unknown(line.text)}
    assert not unknown, f"misspelt, or missing in {WORDS.name}"


def test_no_known_typo_in_code_styles_and_settings():
    # Notebooks hold texts in other languages, as data.
    suffixes = {".py", ".js", ".css", ".md", ".toml", ".yml", ".cff"}
    folders = ("lossbook", "tests", "yardstick", "benchmarks", "chapters", "slides", "_static", "binder", ".github")
    paths = [*ROOT.glob("*.*"), ROOT / "Makefile", *(path for name in folders for path in (ROOT / name).rglob("*"))]
    # The tests of the spelling hold typos on purpose.
    texts = [str(path) for path in paths if path.suffix in suffixes or path.name == "Makefile"]
    texts.remove(__file__)
    result = subprocess.run(
        [sys.executable, "-m", "codespell_lib", *texts], capture_output=True, text=True, check=False
    )
    assert not result.stdout and not result.stderr


def test_the_list_of_words_is_sorted_and_holds_only_what_is_needed():
    listed = WORDS.read_text(encoding="utf-8").split("\n")[:-1]
    assert listed == sorted(set(listed), key=lambda word: (word.lower(), word))
    in_dictionary = {word for word in listed if word.lower() in DICTIONARY.words}
    assert not in_dictionary
    DICTIONARY.own, own = set(), DICTIONARY.own
    try:
        lines = [*lines_of_prose(), *lines_of_claims(), *lines_of_code()]
        used = {word for line in lines for word in DICTIONARY.unknown(line.text)}
    finally:
        DICTIONARY.own = own
    bare = {word.replace("’", "'").removesuffix("'s").rstrip("'") for word in used}
    assert not own - bare - {word[:1].lower() + word[1:] for word in bare}, "words that occur nowhere"


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("The colour of its neighbour’s behaviour; we don't normalise.", []),
        ("We maximise, analyse and organise; realised modelling of a labelled centre, with a licence.", []),
        ("The size of a prize; a horizon, a citizen, a prized maze.", []),
        ("The color of its neighbor's behavior.", ["color", "neighbor's", "behavior"]),
        ("We normalize, analyze and maximize by optimization.", ["normalize", "analyze", "maximize", "optimization"]),
        ("The center was labeled after modeling.", ["center", "labeled", "modeling"]),
        ("Teh gradiant is seperate.", ["Teh", "gradiant", "seperate"]),
        ("PyTorch's softmax gives logits in float32, θ and σ′.", []),
        ("A pytorch.", ["pytorch"]),
    ],
)
def test_the_dictionary_is_british(text, unknown):
    assert DICTIONARY.unknown(text) == unknown
