"""Every word of the book is in a British dictionary, or in the list of the project's own words."""

import pytest
from spelling import WORDS, Dictionary, lines_of_claims, lines_of_code, lines_of_prose

DICTIONARY = Dictionary()


@pytest.mark.parametrize("lines", [lines_of_prose, lines_of_claims, lines_of_code])
def test_every_word_is_spelt_right(lines):
    read = list(lines())
    assert len(read) > 100
    unknown = {word: line.place for line in read for word in DICTIONARY.unknown(line.text)}
    assert not unknown, f"misspelt, or missing in {WORDS.name}"


def test_the_list_of_words_is_sorted_and_holds_only_what_is_needed():
    listed = WORDS.read_text(encoding="utf-8").split("\n")[:-1]
    assert listed == sorted(set(listed), key=lambda word: (word.lower(), word))
    in_dictionary = {word for word in listed if DICTIONARY.is_english(word.lower())}
    assert not in_dictionary
    DICTIONARY.own, own = set(), DICTIONARY.own
    try:
        lines = [*lines_of_prose(), *lines_of_claims(), *lines_of_code()]
        used = {word for line in lines for word in DICTIONARY.unknown(line.text)}
    finally:
        DICTIONARY.own = own
    bare = {word.replace("’", "'").removesuffix("'s").rstrip("'") for word in used}
    idle = own - bare - {word[:1].lower() + word[1:] for word in bare}
    assert sorted(idle) == [], "words that occur nowhere"


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("The colour of its neighbour’s behaviour; we don't normalise.", []),
        ("We maximise, analyse and organise; realised modelling of a labelled centre, with a licence.", []),
        ("The size of a prize; a horizon, a citizen, a prized maze.", []),
        ("The color of its neighbor's behavior.", ["color", "neighbor's", "behavior"]),
        ("We normalize, analyze and maximize by optimization.", ["normalize", "analyze", "maximize", "optimization"]),
        ("The center was labeled after modeling.", ["center", "labeled", "modeling"]),
        ("The catalogue of a sceptic: grey metre, defence, judgement; fulfil, skilful, colourless.", []),
        ("A gray artifact in the dialog, in its defense.", ["gray", "artifact", "dialog", "defense"]),
        ("Teh gradiant is seperate.", ["Teh", "gradiant", "seperate"]),
        ("PyTorch's softmax gives logits in float32, θ and σ′.", []),
        ("A pytorch.", ["pytorch"]),
    ],
)
def test_the_dictionary_is_british(text, unknown):
    assert DICTIONARY.unknown(text) == unknown
