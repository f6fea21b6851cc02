"""A British dictionary, and the texts that are looked up in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from building import ROOT
from prose import Line, read_book, read_decks, read_page
from spellchecker import SpellChecker

from lossbook import losses

WORDS = ROOT / "tests/words.txt"

# Apostrophes belong to words, hyphens join two.
WORD = re.compile(r"\w+(?:['’]\w+)*")
# What is no prose within the strings of the code: code, references, addresses, formulas, placeholders, tags, examples,
# the heads of parameters, and their names in errors.
NO_PROSE = re.compile(
    r"```.*?```|``.+?``|(?::\w+:)?`[^`]*`|\$[^$]+\$|\\[a-zA-Z]+|https?://\S+|</?\w[^>]*>|\{[^}]*\}"
    r"|\b\w*[._=/(]\w\S*|(?m:^\s*(?:>>>|\.\.\.) .*$|^ *[\w*, ]+ : .*$|^ *[A-Z]\w*Error$)|\w+(?= must be )"
)
# The dictionary is American. A British word is known by its American form, an American one that differs by its stem.
BRITISH = [
    ("our", "or"), ("re(?=s?$)", "er"), ("re?(?=d$)", "ere"), ("r(?=ing$)", "er"), ("(?<=[iy])s(?=[eia])", "z"),
    ("ll(?=[eio])", "l"), ("l(?=s?$|ment|ful)", "ll"), ("ence", "ense"), ("gue(?=s?$)", "g"), ("grey", "gray"),
    ("sce", "ske"), ("gem", "gm"), ("tef", "tif"), ("ould", "old"), ("maths", "math"), ("mme", "m"),
]  # fmt: skip
AMERICAN = re.compile(
    "(?:(?:dis|un)?(?:arm|behavi|col|endeav|fav|flav|glam|harb|hon|hum|lab|neighb|rig|splend|vap|vig)or"
    "(?:|s|ed|ing|al|able|ably|ful|fully|less|ite|ites|er|ers|ly)"
    "|(?:.*cent|fib|lit|lust|mit|theat|.+(?:nti|illi|ilo)met)er(?:|s|ed|ing)"
    "|(?:.*[bd]el|travel|cancel|channel|level|marshal|signal|total|equal|fuel|counsel)(?:ed|ing|er|ers|or|ors)"
    "|(?:def|off|pret)ense.*|(?:catal|dial|monol|prol)ogs?|gray.*|maneuver.*|skeptic.*|artifact.*|molds?"
    "|(?:acknowledg|judg)ment.*|enroll(?:|s|ment|ments)|fulfills?|skillful.*|aluminum"
    # Verbs in -ize and -yze and what comes of them, but for those whose stem has the z.
    "|(?!(?:(?:cap|down|over|re)?si|(?:ap)?pri|sei|mai)z).*(?:i|ly)z(?:e|es|ed|er|ers|ing|ings|able|ations?|ational)"
    ")(?:'s)?"
)


class Dictionary:
    """Knows a British word, and the words of this project."""

    def __init__(self) -> None:
        self.words = set(SpellChecker(language="en", distance=1).word_frequency.dictionary)
        self.own = set(WORDS.read_text(encoding="utf-8").split())

    def is_english(self, word: str) -> bool:
        """Look a word in small letters up."""
        if AMERICAN.fullmatch(word):
            return False
        return word in self.words or any(re.sub(old, new, word) in self.words for old, new in BRITISH)

    def knows(self, word: str) -> bool:
        """Tell whether a word is right; at the start of a sentence it may have a capital, and its owner an s."""
        word = re.sub("'s?$", "", word.replace("’", "'"))
        forms = {word, word[:1].lower() + word[1:]}
        return (
            self.is_english(word.lower())
            or bool(forms & self.own)
            or hasattr(losses, word)
            # Single letters, and what holds digits or letters of other alphabets, are symbols.
            or not re.fullmatch("[A-Za-zÀ-ÿ]{2,}", word)
        )

    def unknown(self, text: str) -> list[str]:
        return [word for word in WORD.findall(text) if not self.knows(word)]


def lines_of_prose() -> Iterator[Line]:
    """Yield every line of the book and of the project's own pages."""
    own = [read_page(ROOT / name, name) for name in ("README.md", "CONTRIBUTING.md", "RELEASING.md")]
    for page in read_book() + read_decks() + own:
        yield from page.lines


def lines_of_claims() -> Iterator[Line]:
    """Yield the statements of all claims; other strings in the chapters may be data, in any language."""
    for page in read_book():
        for source in page.sources:
            for node in ast.walk(ast.parse(source)):
                match node:
                    case ast.Call(func=ast.Name(id="claim"), args=[statement, *_]):
                        yield from _sentences(statement, page.name)


def lines_of_code() -> Iterator[Line]:
    """Yield the sentences in the package: docstrings, what figures and errors say."""
    for path in sorted([*ROOT.glob("lossbook/**/*.py"), *ROOT.glob("yardstick/*.py")]):
        yield from _sentences(ast.parse(path.read_text(encoding="utf-8")), path.relative_to(ROOT).as_posix())


def _sentences(tree: ast.AST, place: str) -> Iterator[Line]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = NO_PROSE.sub(" ", node.value)
            # A string of fewer words is a name, a label or code.
            if len(re.findall(r"[a-z]{2,} ", text)) > 2:
                yield Line(place, text)
