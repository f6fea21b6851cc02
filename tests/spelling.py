"""A British dictionary, and the texts that are looked up in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import resources

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
# American spellings in the table of codespell that are good British words, too, mostly of another meaning.
ALSO_BRITISH = {"analog", "biased", "license", "meter", "practice", "program", "story"}
# Verbs in -ize and -yze and what comes of them; here they are written with s, but for those whose stem has the z.
WITH_Z = re.compile(r"(?:iz|lyz)(?=(?:e|es|ed|er|ers|ing|ings|able|ation|ations)$)")
STEM_WITH_Z = re.compile("(?:(?:cap|down|mid|out|over|re|super|under)?si|(?:ap)?pri|sei|mai|bai)z")


class Dictionary:
    """Knows a British word, and the words of this project."""

    def __init__(self) -> None:
        self.words = set(SpellChecker(language="en", distance=1).word_frequency.dictionary)
        table = resources.files("codespell_lib") / "data" / "dictionary_en-GB_to_en-US.txt"
        for line in table.read_text(encoding="utf-8").splitlines():
            british, american = line.split("->")
            self.words -= {word.strip() for word in american.split(",")} - ALSO_BRITISH - {""}
            self.words.add(british)
        verbs = {word for word in self.words if WITH_Z.search(word) and not STEM_WITH_Z.match(word)}
        self.words = self.words - verbs | {WITH_Z.sub(lambda z: z[0][:-1] + "s", word) for word in verbs}
        self.own = set(WORDS.read_text(encoding="utf-8").split())

    def knows(self, word: str) -> bool:
        """Look a word up; at the start of a sentence it may have a capital, and its owner an s."""
        word = re.sub("'s?$", "", word.replace("’", "'"))
        forms = {word, word[:1].lower() + word[1:]}
        # Single letters and what has no Latin ones are symbols.
        return (
            word.lower() in self.words
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
