"""The reader of typed formulas in the page against its twin in Python."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import sympy
from playwright.sync_api import Browser, Page
from typed_formulas import FAULTS, FORMULAS, at_a_point, mutants

from lossbook import functions, losses
from lossbook.live.assets import engine_source, primitives_used_by
from lossbook.symbolic import losses as symbolic
from lossbook.symbolic.reading import FormulaError, read

SYMBOLS = ["r", "delta"]
POINTS = [(0.3, 2.0), (-1.25, 0.5), (2.5, 1.0)]

LOAD = """async ([source, lines, given]) => {
  const load = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  const machine = await load(source);
  const plain = (v) => {
    if (Array.isArray(v)) return v.map(plain);
    if (v && typeof v === "object") {
      return Object.fromEntries(Object.entries(v).map(([name, part]) => [name, plain(part)]));
    }
    if (typeof v !== "number" || Number.isFinite(v)) return v;
    return Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
  };
  const names = "{ parse, value, jet, float16, toPython }";
  const { default: ask } = await load(`export default (${names}, given) => {${lines} }`);
  return plain(ask(machine, given));
}"""

Ask = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def ask(browser: Browser) -> Iterator[Ask]:
    """Return a function that runs some lines with the formula machine at hand."""
    page: Page = browser.new_page()
    page.goto("about:blank")
    source = engine_source("formula")
    yield lambda lines, given: page.evaluate(LOAD, [source, lines, given])
    page.close()


def close(found: Any, expected: float, digits: float = 1e-12, least: float = 1e-15) -> bool:
    return float(found) == pytest.approx(expected, rel=digits, abs=least, nan_ok=True)


def test_the_module_is_light_and_stands_alone() -> None:
    source = engine_source("formula")
    assert len(source.encode()) <= 12_288
    for word in ("import", "eval(", "Function", "document", "window"):
        assert word not in source


def test_primitives_are_those_of_the_figures() -> None:
    source = engine_source("formula")
    for name in ("sigmoid", "softplus", "logsumexp", "relu"):
        assert primitives_used_by(name).split("\n")[-1].rstrip(";") in source


def test_values_agree_with_python(ask: Ask) -> None:
    texts = [text for text, _ in FORMULAS]
    found = ask(
        """return given.texts.map((text) => given.points.map(([r, delta]) => {
             const tree = parse(text, ["r", "delta"]);
             return tree.message ?? value(tree, { r, delta });
           }));""",
        {"texts": texts, "points": POINTS},
    )
    for (text, expected), row in zip(FORMULAS, found, strict=True):
        formula = read(text, SYMBOLS)
        for number, point in zip(row, POINTS, strict=True):
            assert close(number, float(expected(*point))), (text, point)
            assert close(number, at_a_point(formula, *point)), (text, point)


def test_slopes_and_bends_agree_with_sympy(ask: Ask) -> None:
    texts = [text for text, _ in FORMULAS]
    found = ask(
        """return given.texts.map((text) => given.points.map(([r, delta]) => {
             const { slope, bend, agree } = jet(parse(text, ["r", "delta"]), { r, delta }, "r");
             return [slope, bend, agree];
           }));""",
        {"texts": texts, "points": POINTS},
    )
    r = sympy.Symbol("r", real=True)
    tested = 0
    for text, row in zip(texts, found, strict=True):
        slope = read(text, SYMBOLS).diff(r)
        bend = slope.diff(r)
        for numbers, point in zip(row, POINTS, strict=True):
            first, second = at_a_point(slope, *point), at_a_point(bend, *point)
            if numbers[2] < 3 or math.isnan(first) or math.isnan(second):
                continue  # kinks have their own test
            tested += 1
            assert close(numbers[0], first, least=1e-14) and close(numbers[1], second, 1e-11, 1e-13), (text, point)
    assert tested > 0.85 * 3 * len(texts)


def test_faults_have_the_same_words_and_places(ask: Ask) -> None:
    texts = [text for text, *_ in FAULTS] + ["r" * 1_000_000]
    found = ask(
        """return given.map((text) => {
             const { message, at, to } = parse(text, ["r", "delta"]);
             return [message, text.slice(0, at), text.slice(at, to)];
           });""",
        texts,
    )
    for text, fault in zip(texts, found, strict=True):
        with pytest.raises(FormulaError) as caught:
            read(text, SYMBOLS)
        expected = caught.value
        assert fault == [expected.message, text[: expected.at], text[expected.at : expected.to]], text[:40]


def test_any_text_ends_in_an_answer_or_a_message(ask: Ask) -> None:
    """Ten thousand texts, each within 50 ms; for some, Python finds the same."""
    seed = random.randrange(2**32)
    texts = list(mutants(random.Random(seed), 10_000))
    found = ask(
        """const run = (text) => {
             const tree = parse(text, ["r", "delta"]);
             let answer;
             if (tree.message) answer = [tree.message, text.slice(0, tree.at), text.slice(tree.at, tree.to)];
             else {
               const { value: y, slope } = jet(tree, { r: 0.7, delta: 1.3 }, "r");
               const again = parse(toPython(tree), ["r", "delta"]);
               answer = [y, slope, again.message ?? value(again, { r: 0.7, delta: 1.3 })];
             }
             return answer;
           };
           let slowest = 0;
           const answers = given.map((text) => {
             let answer, least = Infinity;
             for (let i = 0; i < 5 && least >= 50; i++) { // again where the machine was busy
               const begun = performance.now();
               answer = run(text);
               least = Math.min(least, performance.now() - begun);
             }
             slowest = Math.max(slowest, least);
             return answer;
           });
           return { answers, slowest };""",
        texts,
    )
    assert found["slowest"] < 50, seed
    read_right = 0
    for i, (text, answer) in enumerate(zip(texts, found["answers"], strict=True)):
        if isinstance(answer[1], str) and answer[1] not in ("nan", "inf", "-inf") or str(answer[0]).endswith("."):
            assert answer[0].endswith("."), (seed, text)
            with pytest.raises(FormulaError) as caught:
                read(text, SYMBOLS)
            fault = caught.value
            assert answer == [fault.message, text[: fault.at], text[fault.at : fault.to]], (seed, text)
            continue
        read_right += 1
        assert close(answer[2], float(answer[0])), (seed, text)  # what is printed is read alike
        # Whether two that are equal but for rounding compare as equal is each one's own affair.
        if i % 10 < 3 and not re.search("[<>=≤≥≠]|sign|where| (if|and|or|not) ", text):
            number = at_a_point(read(text, SYMBOLS), 0.7, 1.3)
            if math.isfinite(number) and math.isfinite(float(answer[0])):
                assert close(answer[0], number, 1e-9, 1e-12), (seed, text)
    assert 1000 < read_right < 9000


#: Losses of one number as a person types them, with the class and the symbolic formula.
LOSSES: list[tuple[str, Any, Any]] = [
    ("|r|", losses.L1Loss(), symbolic.L1Loss),
    ("r²", losses.MSELoss(), symbolic.MSELoss),
    ("r²/(2β) if |r| < β else |r| - β/2", losses.SmoothL1Loss(beta=1.5), lambda r: symbolic.SmoothL1Loss(r, 1.5)),
    ("r²/2 if |r| <= δ else δ (|r| - δ/2)", losses.HuberLoss(delta=1.5), lambda r: symbolic.HuberLoss(r, 1.5)),
    (
        "delta**2*(sqrt(1+(r/delta)**2)-1)",
        losses.PseudoHuberLoss(delta=1.5),
        lambda r: symbolic.PseudoHuberLoss(r, 1.5),
    ),
    ("log(cosh(r))", losses.LogCoshLoss(), symbolic.LogCoshLoss),
    ("max((1-q) r, -q r)", losses.QuantileLoss(q=0.3), lambda r: symbolic.QuantileLoss(r, 0.3)),
    ("relu(|r| - ε)", losses.EpsilonInsensitiveLoss(epsilon=0.5), lambda r: symbolic.EpsilonInsensitiveLoss(r, 0.5)),
    ("c²/2 * log1p((r/c)²)", losses.CauchyLoss(c=1.5), lambda r: symbolic.CauchyLoss(r, 1.5)),
    (
        "c²/6 * (1 - (1 - (r/c)²)³) if |r| <= c else c²/6",
        losses.TukeyBiweightLoss(c=1.5),
        lambda r: symbolic.TukeyBiweightLoss(r, 1.5),
    ),
    (
        "|α-2|/α * (((r/c)²/|α-2| + 1)^(α/2) - 1)",
        losses.GeneralRobustLoss(alpha=0.7, c=1.5),
        lambda r: symbolic.GeneralRobustLoss(r, 0.7, 1.5),
    ),
    ("1 if m <= 0 else 0", losses.ZeroOneLoss(), symbolic.ZeroOneLoss),
    ("max(0, 1-m)", losses.HingeLoss(), symbolic.HingeLoss),
    ("max(0, 1-m)**2", losses.SquaredHingeLoss(), symbolic.SquaredHingeLoss),
    ("exp(-m)", losses.ExponentialLoss(), symbolic.ExponentialLoss),
    ("log(1+exp(-m))", losses.LogisticLoss(), symbolic.LogisticLoss),
]


def test_every_loss_of_one_number_is_typed() -> None:
    """Those whose formula takes a residual or a margin."""
    of_one = {
        name
        for name, formula in vars(symbolic).items()
        if name.endswith("Loss") and formula.__code__.co_varnames[:1] in [("r",), ("m",)]
    }
    typed = {type(loss).__name__ for _, loss, _ in LOSSES}
    assert of_one - typed == {"AdaptiveRobustLoss"}  # its constant is an integral


@pytest.mark.parametrize(("text", "loss", "formula"), LOSSES, ids=[type(loss).__name__ for _, loss, _ in LOSSES])
def test_a_loss_that_is_typed_is_the_loss(ask: Ask, text: str, loss: Any, formula: Callable[[Any], Any]) -> None:
    letters = {"beta": 1.5, "delta": 1.5, "q": 0.3, "epsilon": 0.5, "c": 1.5, "alpha": 0.7}
    x = "m" if "m" in re.findall(r"\b\w\b", text) else "r"
    residuals = [-40.0, -3.3, -1.25, -0.5625, -0.1, 0.07, 0.8, 1.3, 2.9, 30.0]
    found = ask(
        """const tree = parse(given.text, [given.x, ...Object.keys(given.letters)]);
           return given.points.map((x) => jet(tree, { ...given.letters, [given.x]: x }, given.x));""",
        {"text": text, "x": x, "letters": letters, "points": residuals},
    )
    predictions, targets = np.array(residuals), np.zeros(len(residuals)) if x == "r" else np.ones(len(residuals))
    loss.reduction = "none"
    values, gradients = loss.loss(predictions, targets), loss.grad(predictions, targets)
    symbol = sympy.Symbol(x, real=True)
    slope = formula(symbol).diff(symbol)
    for point, jet, y, gradient in zip(residuals, found, values, gradients, strict=True):
        assert close(jet["value"], y, 1e-11) and close(jet["slope"], gradient, 1e-11), point
        truth = at_a_point(formula(symbol), point, 0), at_a_point(slope, point, 0)
        assert close(jet["value"], truth[0], 1e-11) and close(jet["slope"], truth[1], 1e-11), point
        assert jet["agree"] == 3


@pytest.mark.parametrize(
    ("text", "at", "agree", "left", "right"),
    [
        ("abs(r)", 0, 1, (0, -1, 0), (0, 1, 0)),
        ("max(0.3*r, (0.3-1)*r)", 0, 1, (0, -0.7, 0), (0, 0.3, 0)),
        ("min(r, 0)", 0, 1, (0, 1, 0), (0, 0, 0)),
        ("relu(1 - r)", 1, 1, (0, -1, 0), (0, 0, 0)),
        ("relu(r)**2", 0, 2, (0, 0, 0), (0, 0, 2)),
        ("sign(r)", 0, 0, (-1, 0, 0), (1, 0, 0)),
        ("sign(-r**3)", 0, 0, (1, 0, 0), (-1, 0, 0)),
        ("r > 0", 0, 0, (0, 0, 0), (1, 0, 0)),
        ("where(r**3 > 0, r, -r)", 0, 1, (0, -1, 0), (0, 1, 0)),
        ("r**2/2 if |r| <= δ else δ*(|r| - δ/2)", 1.345, 2, (0.904_512_5, 1.345, 1), (0.904_512_5, 1.345, 0)),
        ("r**2/2 if |r| <= δ else δ*(|r| - δ/2)", -1.345, 2, (0.904_512_5, -1.345, 0), (0.904_512_5, -1.345, 1)),
        ("abs(r)**1.5", 0, 3, (0, 0, math.inf), (0, 0, math.inf)),
        ("sqrt(abs(r))", 0, 1, (0, -math.inf, -math.inf), (0, math.inf, -math.inf)),
        ("2 sqrt(abs(r)) + 1", 0, 1, (1, -math.inf, -math.inf), (1, math.inf, -math.inf)),
        ("sqrt(r**2)", 0, 1, (0, -1, 0), (0, 1, 0)),
        ("sqrt(r)", 0, 0, (math.nan, math.nan, math.nan), (0, math.inf, -math.inf)),
        ("log(r)", 0, 0, (math.nan, math.nan, math.nan), (-math.inf, math.inf, -math.inf)),
        ("1/r", 0, 0, (-math.inf, -math.inf, -math.inf), (math.inf, -math.inf, math.inf)),
        ("|r|**3", 0, 3, (0, 0, 0), (0, 0, 0)),
        ("r**2", 0, 3, (0, 0, 2), (0, 0, 2)),
        ("abs(abs(r) - 1)", 0, 1, (1, 1, 0), (1, -1, 0)),
        ("max(r, r)", 0, 3, (0, 1, 0), (0, 1, 0)),
        ("exp(-1/r**2)", 2, 3, None, None),
    ],
)
def test_kinks_have_two_sides(ask: Ask, text: str, at: float, agree: int, left: Any, right: Any) -> None:
    found = ask(
        """const tree = parse(given.text, ["r", "delta"]), point = { r: given.at, delta: 1.345 };
           return [jet(tree, point, "r"), jet(tree, point, "r", -1), jet(tree, point, "r", 1), value(tree, point)];""",
        {"text": text, "at": at},
    )
    both, *sides, y = found
    assert both["agree"] == agree and both["value"] == y
    assert [both["left"], both["right"]] == sides
    for side, expected in zip(sides, (left, right), strict=True):
        for name, number in zip(("value", "slope", "bend"), expected or (), strict=False):
            assert close(side[name], number, 1e-9), name
    for i, name in enumerate(("value", "slope", "bend")):
        if i and agree <= i:
            assert both[name] == "nan"
        elif agree > i:
            assert close(both[name], float(sides[1][name]), 1e-9)


def test_float16_rounds_as_numpy(ask: Ask) -> None:
    chance = np.random.default_rng()
    halves = np.arange(0, 2**15, dtype=np.uint16).view(np.float16).astype(float)
    halves = halves[np.isfinite(halves)]
    middles = (halves[1:] + halves[:-1]) / 2  # exactly between two
    near = np.concatenate([np.nextafter(middles, 0), np.nextafter(middles, np.inf)])
    some = np.concatenate([chance.choice(middles, 3000), chance.choice(near, 3000), chance.choice(halves, 500)])
    wild = chance.normal(size=3000) * 10.0 ** chance.uniform(-9, 6, 3000)
    edges = [
        0.0,
        -0.0,
        65504.0,
        65519.99,
        65520.0,
        -65520.0,
        1e300,
        5e-324,
        2.0**-25,
        np.nextafter(2.0**-25, 1),
        2.0**-24,
    ]
    numbers = np.concatenate([some, -some, wild, edges])
    found = np.array([float(x) for x in ask("return given.map(float16);", numbers.tolist())])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(found, numbers.astype(np.float16).astype(float))
    assert ask("return [NaN, Infinity, -Infinity].map(float16);", None) == ["nan", "inf", "-inf"]
    assert ask("return [Object.is(float16(-0), -0), Object.is(float16(-1e-9), -0)];", None) == [True, True]


@pytest.mark.parametrize(("name", "kind"), [("Math.fround", np.float32), ("float16", np.float16)])
def test_every_operation_is_rounded(ask: Ask, name: str, kind: type[np.floating[Any]]) -> None:
    """Of the four operations and the root, IEEE 754 says every digit."""
    text = "sqrt(|r|) + (r - delta)*0.1/(r*r + 3) - delta"
    points = np.random.default_rng().normal(size=(300, 2)).tolist()
    found = ask(
        f"""const tree = parse(given.text, ["r", "delta"]);
            return given.points.map(([r, delta]) => value(tree, {{ r, delta }}, {name}));""",
        {"text": text, "points": points},
    )
    for number, point in zip(found, points, strict=True):
        r, delta = map(kind, point)
        assert number == float(np.sqrt(np.abs(r)) + (r - delta) * kind(0.1) / (r * r + kind(3)) - delta)


def test_a_page_sees_where_digits_are_lost(ask: Ask) -> None:
    found = ask(
        """const text = "(1 + r) - 1", parts = [];
           value(parse(text, ["r"]), { r: 1e-4 }, float16, (part, y) => parts.push([text.slice(part.at, part.to), y]));
           return parts;""",
        None,
    )
    r = float(np.float16(1e-4))
    assert found == [["1", 1], ["r", r], ["1 + r", 1], ["1", 1], ["1 + r) - 1", 0]]


def test_special_numbers_are_those_of_ieee(ask: Ask) -> None:
    texts = [
        "1**(0/0)",
        "(-1)**inf",
        "0**0",
        "1/-0",
        "inf - inf",
        "max(0/0, 1)",
        "min(1, 0/0)",
        "0/0 != 0/0",
        "0/0 == 0/0",
        "0/0 or 0",  # what is not 0 is true, as in Python
        "0/0 and 1",
        "not 0/0",
        "where(0/0, 2, 3)",
    ]
    expected = [1, 1, 1, -math.inf, math.nan, math.nan, math.nan, 1, 0, 1, 1, 0, 2]
    found = ask("return given.map((text) => value(parse(text, []), {}));", [*texts, "exp(1000)", "1e400", "log(0)"])
    np.testing.assert_array_equal([float(x) for x in found], [*expected, math.inf, math.inf, -math.inf])
    stable = [
        "softplus(-800)",
        "softplus(800)",
        "sigmoid(-700)",
        "logsumexp(1000, 1000)",
        "log1p(1e-20)",
        "expm1(1e-20)",
    ]
    found = ask("return given.map((text) => value(parse(text, []), {}));", stable)
    values = [0, 800, math.exp(-700), 1000 + math.log(2), 1e-20, 1e-20]
    assert all(close(x, y, 1e-15, 0) for x, y in zip(found, values, strict=True))


def test_what_is_printed_is_python(ask: Ask) -> None:
    """NumPy and SymPy read it, and so does the machine itself: the same tree again."""
    found = ask(
        """const bare = ({ op, args, value, name }) => JSON.stringify([op, args.map(bare), String(value), name]);
           return given.map((text) => {
             const tree = parse(text, ["r", "delta"]), printed = toPython(tree);
             const again = parse(printed, ["r", "delta"]);
             const same = bare(tree) === bare(again) || /logaddexp|m..imum|where/.test(printed);
             return [toPython(tree, "np."), printed, same,
                     toPython(again)];
           });""",
        [text for text, _ in FORMULAS],
    )
    own = {name: getattr(functions, name) for name in ("sigmoid", "softplus")} | {"relu": lambda x: np.maximum(0, x)}
    r, delta = sympy.symbols("r delta", real=True)
    names = {
        "r": r, "delta": delta, "e": sympy.E, "maximum": sympy.Max, "minimum": sympy.Min, "logical_and": sympy.And,
        "logical_or": sympy.Or, "equal": sympy.Eq, "not_equal": sympy.Ne,
        "logical_not": sympy.Not, "where": lambda c, a, b: sympy.Piecewise((a, c), (b, True)),
        "abs": sympy.Abs, "log2": lambda x: sympy.log(x, 2), "log10": lambda x: sympy.log(x, 10), "inf": sympy.oo,
        "log1p": lambda x: sympy.log(1 + x), "expm1": lambda x: sympy.exp(x) - 1, "relu": lambda x: sympy.Max(0, x),
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "logaddexp": lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
    }  # fmt: skip
    for (text, expected), (numpy_text, printed, same, again) in zip(FORMULAS, found, strict=True):
        assert same and printed == again, text
        for point in POINTS:
            wanted = float(expected(*point))
            with np.errstate(all="ignore"):
                number = eval(numpy_text, {"np": np, **own}, dict(zip(SYMBOLS, np.array(point), strict=True)))
            assert close(number, wanted), (text, numpy_text)
            formula = sympy.sympify(printed, locals=names)
            holds = formula in (sympy.true, sympy.false) or formula.is_Relational or formula.is_Boolean
            number = sympy.Piecewise((1, formula), (0, True)) if holds else formula
            assert close(at_a_point(number, *point), wanted), (text, printed)
