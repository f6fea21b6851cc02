"""Quizzes that need no script: `quiz("04-cross-entropy")` asks, and each option answers when it is chosen.

The questions of a chapter stand in a file of their own beside this one, in the format of jupyterquiz. Its output is
not used: it carries a script for each quiz, which a strict security policy forbids, and it loads MathJax from another
host where the page has none. Here the questions are radio buttons, and a rule of the style sheet shows the feedback of
the one that is checked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any

_MARKS = {True: "✓ Right.", False: "✗ No."}


@dataclass(frozen=True)
class Option:
    """One answer that a reader may choose.

    Attributes
    ----------
    answer : str
        What the option says, as HTML without blocks.
    correct : bool
        Whether it is the right one.
    feedback : str
        Why it is right, or why it is wrong and where to look; HTML without blocks.
    """

    answer: str
    correct: bool
    feedback: str


@dataclass(frozen=True)
class Question:
    """A question with its options, exactly one of which is right."""

    question: str
    options: tuple[Option, ...]

    def _html(self, number: int, group: str) -> str:
        options = "".join(_option_html(option, f"{group}-{n}", group) for n, option in enumerate(self.options, 1))
        return f'<fieldset><legend id="{group}">{number}. {self.question}</legend>{options}</fieldset>'

    def _text(self, number: int) -> str:
        lines = [f"{number}. {self.question}", *(f"   ( ) {option.answer}" for option in self.options)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Quiz:
    """The questions of a chapter; shows as radio buttons."""

    name: str
    questions: tuple[Question, ...]

    def __repr__(self) -> str:
        return "\n".join(_plain(question._text(n)) for n, question in enumerate(self.questions, 1))

    def _repr_html_(self) -> str:
        body = "".join(question._html(n, f"quiz-{self.name}-{n}") for n, question in enumerate(self.questions, 1))
        # JupyterLab would take the arrow keys to move between cells. The style is for Jupyter; pages of the book get
        # it as a file, see lossbook.sphinxext.house.
        return (
            f'<div class="lossbook-quiz" data-lm-suppress-shortcuts="true"><style>{style_source()}</style>{body}</div>'
        )


def _option_html(option: Option, identifier: str, group: str) -> str:
    side = "right" if option.correct else "wrong"
    # `hidden` counts where no style sheet is read; the style sheet overrules it for the option that is checked, and the
    # status around it has that read aloud, with the name of its question.
    return (
        f'<div class="lossbook-option"><input type="radio" autocomplete="off" name="{group}" id="{identifier}">'
        f'<label for="{identifier}">{option.answer}</label>'
        f'<div role="status" aria-labelledby="{group}"><p class="lossbook-feedback lossbook-{side}" hidden>'
        f"<strong>{_MARKS[option.correct]}</strong> {option.feedback}</p></div></div>"
    )


def _plain(text: str) -> str:
    for tag in ("i", "b", "sup", "sub", "code"):
        text = text.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    return unescape(text)


@cache
def style_source() -> str:
    """Return the style sheet of the quizzes."""
    return files(__name__).joinpath("quiz.css").read_text(encoding="utf-8")


def quiz_names() -> list[str]:
    """Return the names of all quizzes; each is the name of its chapter's file."""
    found = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(".json") for name in found if name.endswith(".json"))


def quiz(name: str) -> Quiz:
    """Return the quiz of a chapter, to be shown as the output of a cell.

    Parameters
    ----------
    name : str
        Name of the chapter's file, as in ``"04-cross-entropy"``.

    Raises
    ------
    ValueError
        If there is no such quiz, or if its file does not hold questions with exactly one right option each.

    Examples
    --------
    >>> len(quiz("04-cross-entropy").questions)
    6
    """
    if name not in quiz_names():
        raise ValueError(f"name: there is no quiz {name!r}; there are {', '.join(quiz_names())}")
    text = files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    return Quiz(name, tuple(_question(entry) for entry in json.loads(text)))


def _question(entry: dict[str, Any]) -> Question:
    """Check what a file says of one question."""
    asked = entry["question"]
    if entry.get("type") != "multiple_choice":
        raise ValueError(f"type must be 'multiple_choice', got {entry.get('type')!r} for {asked!r}")
    options = tuple(Option(**answer) for answer in entry["answers"])
    right = sum(option.correct for option in options)
    if right != 1:
        raise ValueError(f"answers must have exactly one right option, got {right} for {asked!r}")
    return Question(asked, options)


__all__ = ["Option", "Question", "Quiz", "quiz", "quiz_names", "style_source"]
