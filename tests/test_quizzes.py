"""The quizzes: every chapter has one, every option answers, and the numbers in the questions are right."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib.resources import files

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from building import ROOT
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from lossbook import functions, information, likelihood, losses
from lossbook.pages import quizzes
from lossbook.sphinxext import house

CHAPTERS = {path.stem: path for path in sorted(ROOT.glob("chapters/*.ipynb"))}
QUIZZES = {name: quizzes.quiz(name) for name in quizzes.quiz_names()}
QUESTIONS = [
    pytest.param(name, question, id=f"{name}-{number}")
    for name, quiz in QUIZZES.items()
    for number, question in enumerate(quiz.questions, 1)
]


@cache
def headings(name: str) -> set[str]:
    cells = nbformat.read(CHAPTERS[name], as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return {heading.replace("`", "") for heading in re.findall(r"^##+ (.+)$", text, re.M)}


def page_of(name: str) -> BeautifulSoup:
    return BeautifulSoup(QUIZZES[name]._repr_html_(), "html.parser")


def test_every_chapter_has_its_quiz_before_its_exercises():
    assert list(QUIZZES) == list(CHAPTERS)
    for name, path in CHAPTERS.items():
        cells = nbformat.read(path, as_version=4).cells
        (at,) = [n for n, cell in enumerate(cells) if cell.source == f'quiz("{name}")']
        assert cells[at].metadata["tags"] == ["remove-input"]
        assert "\n## Quiz\n" in cells[at - 1].source
        assert cells[at + 1].source.startswith("## Exercises\n")


@pytest.mark.parametrize("name", QUIZZES)
def test_a_quiz_is_short_and_the_place_tells_nothing(name):
    questions = QUIZZES[name].questions
    assert 4 <= len(questions) <= 6
    assert len({question.question for question in questions}) == len(questions)
    places = [[option.correct for option in question.options].index(True) for question in questions]
    assert max(places.count(place) for place in places) <= len(questions) / 2
    # Neither does the length.
    longest = [max(question.options, key=lambda option: len(option.answer)).correct for question in questions]
    assert sum(longest) <= len(questions) / 2


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_each_option_answers_for_itself(name, question):
    assert sum(option.correct for option in question.options) == 1
    assert len(question.options) >= 3
    for what in ("answer", "feedback"):
        said = [getattr(option, what).strip().casefold() for option in question.options]
        assert all(said) and len(set(said)) == len(said)
    for option in question.options:
        emphasised = set(re.findall(r"<i>(.*?)</i>", option.feedback))
        if not option.correct:
            assert emphasised & headings(name), f"where to look: {option.feedback}"
        named = re.search(r"Look at <i>(.*?)</i>", option.feedback)
        assert named is None or named.group(1) in headings(name)


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_texts_hold_simple_html_only(name, question):
    for text in (question.question, *(part for o in question.options for part in (o.answer, o.feedback))):
        tree = BeautifulSoup(text, "html.parser")
        assert {tag.name for tag in tree.find_all()} <= {"i", "sub", "sup", "code"}
        assert all(not tag.attrs for tag in tree.find_all())
        assert tree.decode(formatter=None) == text  # nothing is left open
        assert not re.search(r"[$\\<>&]", tree.get_text())


@pytest.mark.parametrize("name", QUIZZES)
def test_the_html_needs_no_script_and_gives_nothing_away(name):
    html = QUIZZES[name]._repr_html_()
    tree = page_of(name)
    assert not tree.select("script, iframe, link, img, form")
    assert not re.search(r"https?:|url\(|@import", html)
    assert not [key for tag in tree.find_all() for key in tag.attrs if key.startswith("on") or key == "style"]
    # All feedback is hidden, and no option is marked in what is not.
    assert all(tag.has_attr("hidden") for tag in tree.select(".lossbook-feedback"))
    for tag in tree.select(".lossbook-option"):
        assert set(tag.input.attrs) == {"type", "autocomplete", "name", "id"}
        assert set(tag.label.attrs) == {"for"}


@pytest.mark.parametrize("name", QUIZZES)
def test_every_option_has_a_label_and_every_question_a_legend(name):
    tree = page_of(name)
    questions = tree.select("fieldset")
    assert len(questions) == len(QUIZZES[name].questions)
    identifiers = [tag["id"] for tag in tree.select("input")]
    assert len(set(identifiers)) == len(identifiers)
    assert [tag["for"] for tag in tree.select("label")] == identifiers
    groups = [{tag["name"] for tag in question.select("input[type=radio]")} for question in questions]
    assert all(len(group) == 1 for group in groups) and len(set.union(*groups)) == len(groups)
    assert all(question.legend.get_text(strip=True) for question in questions)


def test_as_text_a_quiz_asks_and_does_not_answer():
    text = repr(QUIZZES["04-cross-entropy"])
    assert text.startswith(
        "1. You add 5 to every logit. What happens to the softmax?\n   ( ) Every probability rises.\n"
    )
    assert text.count("( )") == sum(len(question.options) for question in QUIZZES["04-cross-entropy"].questions)
    assert "<" not in text and "✓" not in text


def test_a_page_of_the_book_takes_the_style_as_a_file():
    added = []

    class App:
        def add_css_file(self, name):
            added.append(name)

    context = {"body": f"<p>before</p>{QUIZZES['09-gan']._repr_html_()}<p>after</p>"}
    house._add_quiz_style(App(), "page", "", context, None)
    assert added == [house.QUIZ.name] and house.QUIZ.is_file()
    assert "<style" not in context["body"] and context["body"].count("<fieldset>") == 6
    without = {"body": "<p>a page</p>"}
    house._add_quiz_style(App(), "page", "", without, None)
    assert added == [house.QUIZ.name] and without == {"body": "<p>a page</p>"}


def test_unknown_names_and_broken_files_are_refused():
    with pytest.raises(ValueError, match="no quiz '10-none'; there are 01-likelihood"):
        quizzes.quiz("10-none")
    entry = json.loads(files("lossbook.pages.quizzes").joinpath("09-gan.json").read_text(encoding="utf-8"))[0]
    with pytest.raises(ValueError, match="type must be 'multiple_choice', got 'numeric'"):
        quizzes._question({**entry, "type": "numeric"})
    with pytest.raises(ValueError, match="exactly one right option, got 0"):
        quizzes._question({**entry, "answers": [{**answer, "correct": False} for answer in entry["answers"]]})
    with pytest.raises(ValueError, match="exactly one right option, got 3"):
        quizzes._question({**entry, "answers": [{**answer, "correct": True} for answer in entry["answers"]]})


# The numbers in the questions: each stands beside the words that use it, so that neither changes alone.


def text_of(name: str, number: int) -> str:
    question = QUIZZES[name].questions[number - 1]
    parts = [question.question, *(part for o in question.options for part in (o.answer, o.feedback))]
    return BeautifulSoup(" ".join(parts), "html.parser").get_text()


def says(name: str, number: int, *words: str) -> None:
    for word in words:
        assert word in text_of(name, number)


def test_numbers_of_the_likelihood():
    says("01-likelihood", 1, "60 heads in 100 tosses", "6 · 10−30")
    assert math.exp(likelihood.Bernoulli().log_likelihood(0.6, [1] * 60 + [0] * 40)) == pytest.approx(6e-30, rel=0.03)
    says("01-likelihood", 2, "1/(N + 1)")
    area, _ = quad(lambda theta: math.comb(10, 3) * theta**3 * (1 - theta) ** 7, 0, 1)
    assert area == pytest.approx(1 / 11)
    says("01-likelihood", 4, "After 100 tosses of a fair coin", "0.05", "400", "200", "0.035", "10,000", "0.005")
    tosses = np.array([100, 400, 200, 10_000])
    np.testing.assert_allclose(np.sqrt(0.25 / tosses), [0.05, 0.025, 0.035, 0.005], rtol=0.02)
    says("01-likelihood", 6, "(1 − θ)3 is largest at 0")
    grid = np.linspace(0, 1, 101)
    assert np.argmax((1 - grid) ** 3) == 0


def test_numbers_of_entropy():
    bits = [float(information.self_information(p)) / math.log(2) for p in (1 / 2, 1 / 4, 1 / 8, 0.01)]
    says("02-entropy", 1, "1 bit and 2 bits", "3 bits", "log2 ⅛")
    np.testing.assert_allclose(bits[:3], [1, 2, 3])
    says("02-entropy", 2, "6.64 bits", "more than 6 bits", "less than a tenth of a bit", "still less from heads")
    assert bits[3] == pytest.approx(6.64, abs=0.005)
    assert information.entropy([0.99, 0.01]) / math.log(2) < 0.1
    assert 0.99 * -math.log2(0.99) < 0.01 * bits[3]
    says("02-entropy", 3, "7.39", "about 7.4")
    assert math.exp(2) == pytest.approx(7.39, abs=0.005)
    says("02-entropy", 4, "0 bits and 1 bit")
    fair = [0.5, 0.5]
    assert information.cross_entropy(fair, fair) / math.log(2) == pytest.approx(1)
    assert information.kl_divergence(np.outer(fair, fair).ravel(), [0.25] * 4) == 0
    says("02-entropy", 5, "infinite")
    assert information.cross_entropy([0.9999, 0.0001], [1, 0]) == math.inf
    says("02-entropy", 6, "−2 nats", "ln 1000 larger, which is above zero")
    assert -2 + math.log(1000) > 0


def test_numbers_of_the_divergence():
    says("03-kl-divergence", 1, "ln 2", "infinite")
    certain, fair = [1.0, 0.0], [0.5, 0.5]
    assert information.kl_divergence(certain, fair) == pytest.approx(math.log(2))
    assert information.kl_divergence(fair, certain) == math.inf
    says("03-kl-divergence", 5, "ceiling, ln 2")
    near, far = [[1, 0, 0, 0], [0, 1, 0, 0]], [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert information.js_divergence(*near) == information.js_divergence(*far) == pytest.approx(math.log(2))
    earth = [information.wasserstein_1d(*pair, range(4)) for pair in (near, far)]
    assert earth[0] < earth[1]


def test_one_bell_for_two_far_hills_stands_on_one_of_them():
    says("03-kl-divergence", 2, "on one of the hills")
    x = np.linspace(-20, 20, 4001)

    def bell(mean, width):
        return np.exp(-(((x - mean) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))

    def reverse(mean, width):
        q, p = bell(mean, width), (bell(-6, 1) + bell(6, 1)) / 2
        return float(np.sum(np.where(q > 0, q * (np.log(np.maximum(q, 1e-300)) - np.log(p)), 0)) * (x[1] - x[0]))

    assert reverse(6, 1) < reverse(0, math.sqrt(37)) < reverse(0, 1)


def test_a_divergence_of_probabilities_in_place_of_logarithms_is_negative():
    says("03-kl-divergence", 6, "negative", "log_softmax(z)")
    torch = pytest.importorskip("torch")
    z, p = torch.tensor([[1.0, 2.0, 0.5]]), torch.tensor([[0.2, 0.5, 0.3]])
    loss = torch.nn.KLDivLoss(reduction="batchmean")
    assert loss(torch.softmax(z, 1), p) < 0 <= loss(torch.log_softmax(z, 1), p)


def test_numbers_of_cross_entropy():
    says("04-cross-entropy", 1, "add 5")
    z = np.array([2.0, 1.0, -1.0])
    np.testing.assert_allclose(functions.softmax(z + 5), functions.softmax(z))
    says("04-cross-entropy", 2, "0.7, 0.2, 0.1", "−0.8", "−5")
    p = np.array([0.7, 0.2, 0.1])
    assert losses.CrossEntropyLoss().grad(np.log(p), 1)[1] == pytest.approx(-0.8)
    assert -1 / p[1] == pytest.approx(-5)
    says("04-cross-entropy", 3, "2.30")
    assert losses.CrossEntropyLoss().loss(np.zeros(10), 3) == pytest.approx(2.30, abs=0.005)
    says("04-cross-entropy", 4, "ten classes", "1.46", "ln (e + 9) − 1")
    floor = losses.CrossEntropyLoss().loss(np.eye(10)[0], 0)
    assert floor == pytest.approx(math.log(math.e + 9) - 1) == pytest.approx(1.46, abs=0.005)
    says("04-cross-entropy", 5, "some 17", "10−7")
    lost = np.float32(1) + np.exp(np.float32(-17))
    assert lost == 1 and math.exp(-17) < 1e-7
    says("04-cross-entropy", 6, "T = 2")
    assert np.argmax(functions.softmax(z / 2)) == np.argmax(functions.softmax(z))
    assert functions.softmax(z / 2).max() < functions.softmax(z).max()


def test_numbers_of_saturation():
    says("05-saturation", 1, "0.98", "about 0.02")
    assert 0.98 * (1 - 0.98) == pytest.approx(0.02, rel=0.05)
    says("05-saturation", 6, "z = 20")
    torch = pytest.importorskip("torch")
    target = torch.tensor([0.0])

    def slope(loss):
        z = torch.tensor([20.0], requires_grad=True)
        return torch.autograd.grad(loss(z), z)[0].item()

    assert slope(lambda z: torch.nn.BCELoss()(torch.sigmoid(z), target)) == 0
    assert slope(lambda z: torch.nn.BCEWithLogitsLoss()(z, target)) == 1


def best_score(loss, eta):
    def expected(f):
        return eta * loss.loss([f], [1]) + (1 - eta) * loss.loss([f], [-1])

    return minimize_scalar(expected, bounds=(-5, 5), method="bounded", options={"xatol": 1e-8}).x


def test_numbers_of_classification():
    says("06-classification", 3, "chance 0.9", "ln 9, about 2.2", "1, as it would be for 0.6")
    assert best_score(losses.HingeLoss(), 0.9) == pytest.approx(1, abs=1e-4)
    assert best_score(losses.HingeLoss(), 0.6) == pytest.approx(1, abs=1e-4)
    assert math.log(9) == pytest.approx(2.2, abs=0.005)
    says("06-classification", 4, "chance 0.9", "γ = 2", "less than 0.9")

    def focal(f):
        a = 1 / (1 + math.exp(-f))
        return -0.9 * (1 - a) ** 2 * math.log(a) - 0.1 * a**2 * math.log(1 - a)

    score = minimize_scalar(focal, bounds=(-5, 5), method="bounded").x
    assert 0.5 < functions.sigmoid(score) < 0.9 - 0.05
    says("06-classification", 6, "from 20 to 200", "about a hundredth")
    student, teacher = np.array([1.0, 0.0, -2.0]), np.array([3.0, 1.0, -1.0])
    size = [np.abs(functions.softmax(student / t) - functions.softmax(teacher / t)).max() / t for t in (20, 200)]
    assert size[0] / size[1] == pytest.approx(100, rel=0.1)


def test_numbers_of_regression():
    values = np.arange(1.0, 25.0)
    moved = np.append(values[:-1], 240.0)
    says("07-regression", 1, "largest of 24 values", "ten times")
    assert np.median(values) == np.median(moved) and values.mean() != moved.mean()
    says("07-regression", 2, "four times", "0.8-quantile", "costs 0.8", "too high 0.2")
    loss = losses.QuantileLoss(q=0.8)
    assert loss.loss([0.0], [1.0]) == pytest.approx(0.8) and loss.loss([1.0], [0.0]) == pytest.approx(0.2)
    says("07-regression", 3, "shrinks towards 0")
    costs = [losses.HuberLoss(delta=delta).loss([0.0, 0.0], [0.5, 3.0]) for delta in (0.01, 0.1, 1, 2, 4)]
    assert costs == sorted(costs) and costs[0] < costs[-1]
    says("07-regression", 6, "0, which never occurs", "twice as much as 0")
    squares = losses.MSELoss()
    assert squares.loss([1.0, 1.0], [-1.0, 1.0]) == 2 * squares.loss([0.0, 0.0], [-1.0, 1.0])


def test_numbers_of_the_perceptual_loss():
    says("08-perceptual", 2, "half strength", "Half of each costs half as much", "wrong by two whole edges")
    left, right = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    both, none = (left + right) / 2, np.zeros(2)

    def cost(picture):
        return (np.sum((picture - left) ** 2) + np.sum((picture - right) ** 2)) / 2

    assert cost(both) == cost(none) / 2 and cost(both) < cost(left)
    assert np.sum((left - right) ** 2) == 2 * np.sum((none - left) ** 2)


def test_numbers_of_the_games():
    says("09-gan", 1, "0.3 / (0.3 + 0.1)", "0.75", "That is the ratio")
    assert 0.3 / (0.3 + 0.1) == pytest.approx(0.75) and 0.3 / 0.1 == pytest.approx(3)
    says("09-gan", 2, "Minimax by 0.01, the non-saturating loss by 0.99")
    score, h = math.log(0.01 / 0.99), 1e-6

    def slope(f):
        return (f(score + h) - f(score - h)) / (2 * h)

    assert slope(lambda s: math.log(1 - functions.sigmoid(s))) == pytest.approx(-0.01, rel=1e-4)
    assert slope(lambda s: -math.log(functions.sigmoid(s))) == pytest.approx(-0.99, rel=1e-4)
    says("09-gan", 6, "√(1 + η2h2)")
    for step in (0.01, 0.1, 1.0):
        push = np.array([[1, step / 2], [-step / 2, 1]])
        assert np.abs(np.linalg.eigvals(push)) == pytest.approx(math.sqrt(1 + (step / 2) ** 2))
