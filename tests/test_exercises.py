"""Every exercise: its printed solution is right, plausible wrong answers are not, and no answer breaks the page."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import threading
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sympy
import torch
from wrong_answers import wrong_answers

from lossbook.functions import softmax
from lossbook.pages import exercises
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


@pytest.mark.parametrize(
    "answer",
    [
        0.9,
        np.float32(0.9),
        np.float16(0.9),
        np.array(0.9),
        np.complex128(0.9),
        torch.tensor(0.9),
        torch.tensor(0.9, dtype=torch.float64, requires_grad=True),
        Fraction(9, 10),
        Decimal("0.9"),
        sympy.Rational(9, 10),
        1 - sympy.sin(sympy.pi / 6) / 5,
    ],
    ids=repr,
)
def test_a_number_is_a_number_whoever_made_it(answer):
    assert check("regression.quantile", answer).status == RIGHT


def test_a_tensor_of_a_type_that_numpy_lacks_is_read():
    assert check("divergence.bits", torch.tensor(1.0, dtype=torch.bfloat16, requires_grad=True)).status == RIGHT


def test_a_tensor_is_read_without_its_library():
    code = (
        "import sys\nfrom lossbook import check\nclass Tensor:\n"
        "    def detach(self): return self\n    def item(self): return 0.9\n"
        "print(check('regression.quantile', Tensor()).status, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [RIGHT, "False"]


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: np.array([[x]]), lambda x: torch.tensor([x])])
def test_for_a_list_with_one_number_the_number_is_judged(wrap):
    right, wrong = check("regression.quantile", wrap(0.9)), check("regression.quantile", wrap(0.25))
    assert right.status == wrong.status == WRONG
    assert right.message.endswith("a single number is asked for. The one in it is right.")
    assert "a single number is asked for. The one in it is not right." in wrong.message
    inside = check("likelihood.uniform", lambda x: [max(x)])
    assert inside.status == WRONG and "a single number is asked for. The one in it is right." in inside.message


def test_shapes_are_told():
    assert "a single number is asked for, this has the shape (2,)" in check("divergence.bits", [1, 1]).message
    column = check("crossentropy.softmax", lambda z: softmax(z)[:, None])
    assert "an array of the shape (3,) is asked for, this has the shape (3, 1)" in column.message
    assert "this is a single number" in check("crossentropy.softmax", lambda z: 1.0).message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("0.9", "it is text, no number"),
        (b"0.9", "it is text, no number"),
        (["0.9"], "it is text, no number"),
        (np.array([Fraction(9, 10), "0.9"], dtype=object), "it is text, no number"),
        (True, "it is a truth value"),
        ([Fraction(9, 10), True], "it is a truth value"),
        (0.9 + 1j, "it is a complex number"),
        (np.complex128(0.9 + 1j), "it is a complex number"),
        (np.datetime64("2026-01-01"), "it is no number"),
        (sympy.Symbol("x"), "it cannot be read as a number"),
        (10**400, "it cannot be read as a number"),
        ([[1], [1, 2]], "it cannot be read as a number"),
        (float, "it cannot be read as a number"),
        (math.nan, "nan is not right. "),
        (math.inf, "inf is not right. "),
    ],
    ids=repr,
)
def test_what_is_no_number_is_said_to_be_none(answer, said):
    verdict = check("regression.quantile", answer)
    assert verdict.status == WRONG and said in verdict.message


def test_text_is_no_number_for_a_count_and_from_a_function_either():
    assert "it is text" in check("likelihood.underflow", "150").message
    verdict = check("likelihood.uniform", lambda data: str(max(data)))
    assert verdict.status == WRONG and "it is text" in verdict.message and "for ([" in verdict.message


ROUNDING = "right up to rounding; three digits are enough here."


@pytest.mark.parametrize(
    ("name", "answer", "status", "said"),
    [
        ("perceptual.moved", 0.632, RIGHT, ROUNDING),
        ("perceptual.moved", 0.63, WRONG, "0.63 is right to two digits; more digits, please."),
        ("perceptual.moved", 0.6, WRONG, "0.6 is not right. "),
        ("perceptual.moved", 0.6324, WRONG, "three digits are, those after them are not"),
        ("perceptual.moved", 0.6321, RIGHT, ROUNDING),
        ("perceptual.moved", 1 - 1 / math.e, RIGHT, "right."),
        ("entropy.card", 5.70, RIGHT, ROUNDING),
        ("entropy.card", np.float32(5.7), RIGHT, ROUNDING),
        ("divergence.direction", 0.4055, RIGHT, ROUNDING),
        ("divergence.direction", 0.405, RIGHT, ROUNDING),
        ("divergence.lowest-term", -0.368, RIGHT, ROUNDING),
        ("likelihood.fair-coin", 0.000977, RIGHT, ROUNDING),
        ("regression.broadcast", 1.33, RIGHT, ROUNDING),
        ("margins.adaboost", 0.69, RIGHT, "right."),  # its own tolerance is wider
        # A rounded number passes; another number that is as near does not.
        ("crossentropy.floor", 5.91, RIGHT, "right."),
        ("crossentropy.floor", math.log(math.e + 1000) - 1, WRONG, "three digits are, those after them are not"),
    ],
)
def test_three_digits_of_a_computed_number_are_enough(name, answer, status, said):
    verdict = check(name, answer)
    assert (verdict.status, said in verdict.message) == (status, True)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("likelihood.underflow", 150.01),
        ("likelihood.tosses", 2501),
        ("likelihood.tosses", 2500.1),
        ("entropy.balance", 3.001),
        ("gan.louder", 1000),
    ],
)
def test_counts_are_not_rounded(name, answer):
    verdict = check(name, answer)
    assert verdict.status == WRONG and "digits" not in verdict.message


def test_functions_are_held_to_their_tolerance():
    assert check("entropy.waiting", lambda rate: round(1 - math.log(rate), 4)).status == WRONG
    assert check("entropy.waiting", lambda rate: torch.tensor(1 - math.log(rate))).status == RIGHT


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("entropy.card", math.log(52), "ln 2 times the one asked for: bits or nats?"),
        ("entropy.card", 3.95, "ln 2 times the one asked for: bits or nats?"),
        ("crossentropy.first-loss", math.log2(1000), "1/ln 2 times the one asked for: bits or nats?"),
        ("entropy.bits", lambda p: -(p[p > 0] * np.log(p[p > 0])).sum(), "ln 2 times the one asked for"),
        ("likelihood.fair-coin", 0.5**9, "twice or half the one asked for"),
        ("divergence.direction", math.log(1.5) / 2, "twice or half the one asked for"),
        ("divergence.lowest-term", 1 / math.e, "the one asked for but for its sign"),
        ("perceptual.gradient", lambda f, t, w: 2 * w * (t - f) / f.size, "the one asked for but for its sign"),
        ("perceptual.gradient", lambda f, t, w: 2 * w * (f - t), "a size of the data"),
        ("divergence.batchmean", 0.012, "a size of the data"),
        ("perceptual.share", 128.0, "a size of the data"),
        ("regression.learning-rate", 1e-4, "a size of the data"),
    ],
)
def test_common_slips_are_named(name, answer, said):
    verdict = check(name, answer)
    assert verdict.status == WRONG and f"Your answer is {said}" in verdict.message.replace("off by ", "")


def test_no_slip_is_named_where_there_is_none():
    assert "Your answer" not in check("likelihood.tosses", 5000).message  # it would give a count away
    assert "Your answer" not in check("entropy.card", 52).message
    # Right for the first input, where the factor does not matter: no factor is wrong everywhere.
    verdict = check("entropy.waiting", lambda rate: 1 - math.log(rate) if rate == 1 else 2 - 2 * math.log(rate))
    assert verdict.status == WRONG and "for (2.0)" in verdict.message and "Your answer" not in verdict.message
    # An answer of 0 tells nothing of factors.
    verdict = check("regression.log-cosh", lambda r: 2 * (np.logaddexp(r, -r) - math.log(2)))
    assert "for (1.0). Your answer is twice or half" in verdict.message


def test_a_function_without_return_is_told_so():
    def forgetful(data):
        max(data)

    def at_times(data):
        if len(data) > 1:
            return max(data)

    first, later = check("likelihood.uniform", forgetful), check("likelihood.uniform", at_times)
    assert (first.status, later.status) == (OPEN, WRONG)
    for verdict in (first, later):
        assert "your function returned None; did you forget `return`?" in verdict.message
    assert later.message.startswith("for ([0.5])")
    unfinished = check("likelihood.uniform", lambda data: ...)
    assert unfinished.status == OPEN and unfinished.message.startswith("not answered yet")


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError, ValueError("no,\nno")])
def test_whatever_an_answer_raises_ends_nothing(error):
    class Raising:
        def __float__(self):
            raise error

        __repr__ = __float__

    def answer(data):
        raise error

    verdict = check("likelihood.uniform", answer)
    kind = error if isinstance(error, type) else type(error)
    assert verdict.status == WRONG
    assert verdict.message.startswith(f"for ([ 3. 17. 5.]) it raises {kind.__name__}")
    assert "\n" not in verdict.message
    assert "this Raising is not right" in check("divergence.bits", Raising()).message


def test_an_error_that_cannot_say_what_it_is_ends_nothing():
    class Mute(Exception):
        def __str__(self):
            raise SystemExit

    def answer(data):
        raise Mute

    assert "it raises Mute." in check("likelihood.uniform", answer).message


def endless(*_):
    while True:
        pass


def stubborn(*_):
    try:
        time.sleep(60)
    except BaseException:  # noqa: BLE001
        endless()


@pytest.mark.parametrize("answer", [endless, stubborn, lambda _: Endless()])
def test_an_endless_loop_is_stopped_and_told(answer, monkeypatch):
    monkeypatch.setattr(exercises, "SECONDS", 0.2)
    verdict = check("likelihood.uniform", answer)
    assert verdict.status == WRONG
    wanted = "it cannot be read as a number" if answer not in (endless, stubborn) else "it still runs after 0.2 s"
    assert wanted in verdict.message


class Endless:
    __float__ = __repr__ = endless


def test_an_endless_loop_is_stopped_in_another_thread(monkeypatch):
    monkeypatch.setattr(exercises, "SECONDS", 0.2)
    found = []
    thread = threading.Thread(target=lambda: found.append(check("likelihood.uniform", endless)))
    thread.start()
    thread.join(30)
    assert "it still runs after 0.2 s" in found[0].message


def test_five_seconds_are_for_a_call():
    assert exercises.SECONDS == 5


def test_what_an_answer_warns_of_stands_below_its_verdict(capfd):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing gets out
        verdict = check("crossentropy.softmax", lambda logits: np.log(np.zeros(3)))
    assert capfd.readouterr().err == "" and verdict.status == WRONG
    line, below = repr(verdict).splitlines()
    assert line.startswith("✗ crossentropy.softmax:") and below == "  (warned: divide by zero encountered in log)"
    html = verdict._repr_html_()
    assert html.index("✗") < html.index("warned: divide by zero") and html.count("warned") == 1
    many = check("crossentropy.softmax", lambda logits: [warnings.warn(f"{i}<b>" * 99, stacklevel=1) for i in range(9)])
    assert len(many.warned) == 3 and max(map(len, many.warned)) <= 150 and "&lt;b&gt;" in many._repr_html_()


def test_right_and_wrong_have_a_colour_and_open_has_none():
    colours = [
        re.findall(r"border-left: 5px solid (#\w+)", check("likelihood.fair-coin", answer)._repr_html_())
        for answer in (0.5**10, 1.0, None)
    ]
    assert list(map(len, colours)) == [1, 1, 0] and colours[0] != colours[1]
