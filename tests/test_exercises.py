"""Every exercise: its printed solution is right, plausible wrong answers are not, and no answer breaks the page."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sympy
from wrong_answers import wrong_answers

from lossbook.pages.exercises import OPEN, RIGHT, WRONG, all_exercises, check
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid

CHAPTERS = sorted((Path(__file__).resolve().parents[1] / "chapters").glob("*.ipynb"))
EXERCISES = all_exercises()


def printed_solutions() -> dict[str, str]:
    """Return the code of every solution as it stands in the chapters, by the exercise's name."""
    found = {}
    for chapter in CHAPTERS:
        for cell in nbformat.read(chapter, as_version=4).cells:
            for label, body in re.findall(r"`{4}\{solution\} (\S+)\n(.*?)\n`{4}", cell.source, re.S):
                code = re.search(r"```python\n(.*?)```", body, re.S)
                assert code is not None, f"the solution of {label} shows no code"
                found[label.replace("-", ".", 1)] = code.group(1)
    return found


SOLUTIONS = printed_solutions()


WRONG_ANSWERS = wrong_answers()


def test_every_exercise_has_a_solution_and_stands_in_a_chapter():
    assert set(SOLUTIONS) == set(EXERCISES)
    text = "".join(chapter.read_text(encoding="utf-8") for chapter in CHAPTERS)
    for name in EXERCISES:
        assert f'check(\\"{name}\\"' in text


@pytest.mark.parametrize("name", EXERCISES)
def test_the_printed_solution_is_right(name):
    room: dict[str, object] = {}
    exec(SOLUTIONS[name], room)  # noqa: S102 (our own text)
    assert check(name, room["answer"]).status == RIGHT


@pytest.mark.parametrize("name", EXERCISES)
def test_wrong_answers_are_told_where_but_not_the_answer(name):
    assert WRONG_ANSWERS[name], "an exercise needs plausible wrong answers to be tested with"
    for answer in WRONG_ANSWERS[name]:
        with np.errstate(all="ignore"):
            verdict = check(name, answer)
        assert verdict.status == WRONG, answer
        expected = EXERCISES[name].expected
        if not callable(expected):
            assert str(expected) not in verdict.message


TWINS = {
    "saturation.curvature": lambda z, y: S.MSELoss(sigmoid(z) - y, half=True).diff(z, 2),
    "margins.psi": lambda theta, m: S.lowered_cosine(sympy.cos(theta), m),
}


@pytest.mark.parametrize("name", TWINS)
def test_what_no_loss_of_the_library_gives_agrees_with_sympy(name):
    exercise = all_exercises()[name]
    at = sympy.Symbol("at", real=True)
    for first, other in exercise.inputs:
        exact = TWINS[name](at, sympy.nsimplify(other)).subs(at, sympy.Rational(first)).evalf(30)
        assert exercise.expected(first, other) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("answer", [None, ..., lambda *_: None])
def test_no_answer_is_no_error(name, answer):
    wanted = OPEN if not callable(answer) or EXERCISES[name].inputs else WRONG
    assert check(name, answer).status == wanted


def test_an_answer_that_fails_or_spoils_its_input_harms_nobody():
    def failing(data):
        raise RuntimeError("no idea")

    def spoiling(data):
        data[:] = 0
        return data

    verdict = check("likelihood.uniform", failing)
    assert verdict.status == WRONG and "RuntimeError: no idea" in verdict.message
    assert check("likelihood.uniform", spoiling).status == WRONG
    assert check("likelihood.uniform", np.max).status == RIGHT


def test_an_answer_that_fails_to_be_a_number_or_to_be_shown_is_wrong():
    class Odd:
        def __array__(self, *_, **__):
            raise RuntimeError("no array")

        def __repr__(self):
            raise RuntimeError("no text")

    verdict = check("likelihood.fair-coin", Odd())
    assert verdict.status == WRONG and "this Odd is not right" in verdict.message


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="there is no exercise 'likelihood.none'; there are .*likelihood.fair-coin"):
        check("likelihood.none", 1)


def test_verdicts_are_shown_safely():
    assert "&lt;b&gt;" in check("likelihood.fair-coin", "<b>")._repr_html_()
