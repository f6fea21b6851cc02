"""What the workbench says of a loss that is typed, against SymPy, SciPy and mpmath."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from building import ROOT
from playwright.sync_api import Browser, Page
from scipy import integrate, optimize

from lossbook import losses
from lossbook.live.assets import engine_source
from lossbook.live.workbench import BOOK, MODULES
from lossbook.symbolic.reading import read

LOAD = """async ([sources, lines, given]) => {
  const addresses = {}, modules = {};
  for (const [name, text] of Object.entries(sources)) {
    const linked = text.replace(/"\\.\\/(\\w+)\\.js"/g, (_, other) => JSON.stringify(addresses[other]));
    addresses[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
    modules[name] = await import(addresses[name]);
  }
  const plain = (v) => {
    if (Array.isArray(v)) return v.map(plain);
    if (typeof v === "bigint" || typeof v === "function") return String(v);
    if (v && typeof v === "object") {
      return Object.fromEntries(Object.entries(v).map(([name, part]) => [name, plain(part)]));
    }
    if (typeof v !== "number" || Number.isFinite(v)) return v;
    return Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
  };
  const names = [...new Set(Object.values(modules).flatMap((module) => Object.keys(module)))];
  const all = Object.assign({}, ...Object.values(modules));
  const url = URL.createObjectURL(new Blob([`export default ({ ${names} }, given) => {${lines}}`],
    { type: "text/javascript" }));
  return plain((await import(url)).default(all, given));
}"""
LOSS = "const typed = read(given.text), loss = lossOf(typed, given.settings);"

Ask = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def ask(browser: Browser) -> Iterator[Ask]:
    """Return a function that runs some lines with all that the workbench computes with."""
    page: Page = browser.new_page()
    page.goto("about:blank")
    sources = {name: engine_source(name) for name in MODULES if name != "workbench"}
    yield lambda lines, given: page.evaluate(LOAD, [sources, lines, given])
    page.close()


def settings(text: str) -> dict[str, float]:
    return {name: value for name, value in {"delta": 1.5, "q": 0.7, "c": 2.0}.items() if f"{name}" in text}


def number(text: str, letter: str) -> Callable[[Any], Any]:
    """Return the formula as a function at fifty digits."""
    expression, symbol = expression_of(text, letter)
    return lambda x: sympy.N(expression.subs(symbol, sympy.Rational(x)), 50)


def expression_of(text: str, letter: str = "r") -> tuple[sympy.Expr, sympy.Symbol]:
    """Return the formula with its names' values set, and its letter."""
    symbol = sympy.Symbol(letter, real=True)
    names = {sympy.Symbol(name, real=True): sympy.Rational(value) for name, value in settings(text).items()}
    return read(text, [symbol, *names]).subs(names), symbol


#: Formula, letter, convex, pull to the left and to the right, corners, where it falls without end, density.
VERDICTS: list[tuple[str, str, str, str | None, str | None, list[str], str | None, str]] = [
    ("log(cosh(r))", "r", "none found", "bounded", "bounded", [], None, "density"),
    ("r**2/2", "r", "none found", "grows", "grows", [], None, "density"),
    ("abs(r)**1.5", "r", "none found", "grows", "grows", [], None, "density"),
    ("1 - exp(-r**2/2)", "r", "no", "fades", "fades", [], None, "none"),
    ("delta**2*(sqrt(1+(r/delta)**2)-1)", "r", "none found", "bounded", "bounded", [], None, "density"),
    ("max(q*r, (q-1)*r)", "r", "none found", "bounded", "bounded", ["kink"], None, "density"),
    ("log(1+exp(-m))", "m", "none found", "bounded", "fades", [], None, "not of a residual"),
    ("exp(-m)", "m", "none found", "grows", "fades", [], None, "not of a residual"),
    ("max(0, 1-m)**2", "m", "none found", "grows", "fades", [], None, "not of a residual"),
    ("-(1-p)**2*log(p)", "p", "none found", "grows", "fades", [], None, "not of a residual"),
    ("sqrt(abs(r))", "r", "no", "fades", "fades", ["steep"], None, "density"),
    ("r**3", "r", "no", "grows", "grows", [], "left", "none"),
    ("1/r", "r", "no", "fades", "fades", ["pole"], "inside", "none"),
    ("sin(r)", "r", "no", None, None, [], None, "none"),
    ("log(r)", "r", "no", None, "fades", ["pole"], "inside", "none"),
    ("abs(r)", "r", "none found", "bounded", "bounded", ["kink"], None, "density"),
    ("2*log(1+abs(r))", "r", "no", "fades", "fades", ["kink"], None, "density"),
    ("log(1+abs(r))", "r", "no", "fades", "fades", ["kink"], None, "none"),
    ("sign(r)", "r", "no", "fades", "fades", ["jump"], None, "none"),
    ("r**2 if |r| < 1.3 else 1.69", "r", "no", "fades", "fades", ["kink", "kink"], None, "none"),
    ("max(0, sqrt(2) - m)", "m", "none found", "bounded", "fades", ["kink"], None, "not of a residual"),
    ("|r| log(1 + |r|)", "r", "none found", "grows", "grows", [], None, "density"),
    ("(1-p)**2", "p", "none found", "bounded", "fades", [], None, "not of a residual"),
]


@pytest.mark.parametrize("row", VERDICTS, ids=[row[0] for row in VERDICTS])
def test_verdicts_come_out_right(ask: Ask, row: Any) -> None:
    text, letter, convex, left, right, corners, falls, density = row
    found = ask(
        f"""{LOSS}
        const all = finish(verdicts(loss, given.settings)), noise = finish(density(loss, all.sharp.places));
        return {{ letter: typed.letter, ...all, noise }};""",
        {"text": text, "settings": settings(text)},
    )
    assert found["letter"] == letter
    assert found["shape"]["convex"] == convex
    assert (found["slopes"]["left"]["trend"], found["slopes"]["right"]["trend"]) == (left, right)
    assert [place["kind"] for place in found["sharp"]["places"]] == corners
    assert found["lowest"]["falls"] == falls
    assert found["noise"]["kind"] == density
    f = number(text, letter)
    if convex == "no":  # the point that is said to prove it does
        chord = found["shape"]["chord"]
        a, b = chord["a"], chord["b"]
        assert 2 * f(sympy.Rational(a) / 2 + sympy.Rational(b) / 2) > f(a) + f(b)
    for place in found["sharp"]["places"]:
        if place["kind"] == "kink":
            h = sympy.Rational(1, 2**30)
            at = sympy.Rational(place["at"])
            for side, said in ((-1, place["left"]), (1, place["right"])):
                slope = (f(at + 2 * side * h) - f(at + side * h)) / (side * h)
                assert float(slope) == pytest.approx(said, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("row", [row for row in VERDICTS if row[1] != "p" and "if" not in row[0]], ids=str)
def test_pull_agrees_with_the_limit_of_the_slope(ask: Ask, row: Any) -> None:
    """The slopes far out are those that SymPy gives at eighty digits, and go where they are said to."""
    text, letter, _, *trends, _, _, _ = row
    expression, symbol = expression_of(text, letter)
    slope = expression.diff(symbol)
    for side, trend in zip((-1, 1), trends, strict=True):
        far = [complex(sympy.N(slope.subs(symbol, side * sympy.Integer(10) ** k), 80)).real for k in (6, 9)]
        if trend == "grows":
            assert abs(far[1]) > abs(far[0]) or math.isinf(far[1])
        elif trend == "fades":
            assert abs(far[1]) <= 0.1 * abs(far[0])
        elif trend == "bounded":
            assert abs(far[1]) == pytest.approx(abs(far[0]), rel=1e-5) and far[0] != 0


DENSITIES = [
    row[0] for row in VERDICTS if row[-1] == "density" and row[0] not in ("sqrt(abs(r))", "2*log(1+abs(r))")
] + ["log(1+r**2)", "2*log(1+r**2)", "r**4/4", "abs(r-1)", "r**2/2 if r > 0 else 2*r**2", "1.1*log(1+abs(r))"]


@pytest.mark.parametrize("text", DENSITIES)
def test_noise_has_the_integral_mean_and_spread(ask: Ask, text: str) -> None:
    found = ask(
        f"{LOSS} return finish(density(loss, finish(corners(loss, given.settings)).places));",
        {"text": text, "settings": settings(text)},
    )
    expression, symbol = expression_of(text)
    f = sympy.lambdify([symbol], expression, "mpmath")
    mpmath.mp.dps = 30
    cuts = [-mpmath.inf, -1000, -100, -10, -1, 0, 1, 10, 100, 1000, mpmath.inf]

    def moment(k: int) -> float:
        def inner(x: Any) -> Any:
            return mpmath.exp(-f(x)) * x**k if abs(x) < 1e60 else mpmath.mpf(0)

        return float(mpmath.quad(inner, cuts))

    if text.startswith("1.1"):
        assert found["mass"] == pytest.approx(2 / 0.1, rel=1e-3)
        assert found["noMean"]
        return
    assert found["mass"] == pytest.approx(moment(0), rel=1e-6)
    if text == "log(1+r**2)":
        assert found["noMean"] and found["noDeviation"]
        return
    mean = moment(1) / moment(0)
    assert found["mean"] == pytest.approx(mean, abs=1e-5)
    assert found["deviation"] == pytest.approx(math.sqrt(moment(2) / moment(0) - mean**2), rel=1e-4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Nothing is written here yet."),
        ("r +", "The formula ends where a number, a name or a bracket should be."),
        ('__import__("os")', "“__import__” is not known here"),
        ("r" * 1_000_000, "A formula has at most 500 characters."),
        ("3 + 4", "Nothing varies here"),
        ("r + m", "A loss has one letter"),
        ("a b c r", "“c” would be a third name"),
        ("lgo(r)", "the nearest name is “log”"),
        ("constructor(r)", "“constructor” is not known here"),
    ],
)
def test_what_is_no_loss_is_told(ask: Ask, text: str, said: str) -> None:
    found = ask("const t = performance.now(); return { ...read(given), t: performance.now() - t };", text)
    assert said in found["message"]
    assert 0 <= found["at"] <= found["to"] and found["t"] < 100


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_names_of_objects_are_no_traps(ask: Ask, name: str) -> None:
    """A reader's own name may be anything; none reaches into the machine."""
    found = ask(
        """const typed = read(given + "*r**2");
        return typed.message ?? [typed.names, lossOf(typed, Object.fromEntries([[given, 3]])).f(2)];""",
        name,
    )
    assert found == [[name], 12] or "is not known here" in found


def test_the_book_s_losses_are_found(ask: Ask) -> None:
    """Each of them as itself; the text is the class by tests/browser/test_formula.py and by this."""
    for known in BOOK:
        name = known["name"]
        usual = {key: ends[0] for key, ends in known["settings"].items()}
        found = ask(
            "return finish(nearest(lossOf(read(given.text), given.usual), given.book, remembered));",
            {"text": known["text"], "usual": usual, "book": BOOK},
        )
        assert found["equal"], (name, found)
        assert found["name"] == name or (name, found["name"]) == ("SmoothL1Loss", "HuberLoss")


@pytest.mark.parametrize(
    ("text", "name", "parameter", "factor", "shift"),
    [
        ("r**2/2", "MSELoss", {}, 0.5, 0),
        ("delta**2*(sqrt(1+(r/delta)**2)-1)", "PseudoHuberLoss", {"delta": 1.5}, 1, 0),
        ("sqrt(1+(r/delta)**2)", "PseudoHuberLoss", {"delta": 1.5}, 1 / 2.25, 1),
        ("max(q*r, (q-1)*r)", "QuantileLoss", {"q": 0.3}, 1, 0),
        ("log(1+r**2)", "CauchyLoss", {"c": 1}, 2, 0),
        ("3*max(0, 1-m) + 2", "HingeLoss", {}, 3, 2),
        ("log(1+exp(-m))/log(2)", "LogisticLoss", {}, 1 / math.log(2), 0),
        ("1 - exp(-r**2/2)", "GeneralRobustLoss", {"c": 1}, 1, 0),
        ("-(1-p)**2*log(p)", "SigmoidFocalLoss", {"gamma": 2}, 1, 0),
    ],
)
def test_the_same_loss_is_known_again(
    ask: Ask, text: str, name: str, parameter: Any, factor: float, shift: float
) -> None:
    found = ask(
        f"{LOSS} return finish(nearest(loss, given.book, remembered));",
        {"text": text, "settings": settings(text), "book": BOOK},
    )
    assert found["equal"] and found["name"] == name
    assert found["factor"] == pytest.approx(factor, rel=1e-6)
    assert found["shift"] == pytest.approx(shift, abs=1e-6)
    assert found["settings"] == pytest.approx(parameter, rel=1e-6)


@pytest.mark.parametrize("text", ["abs(r)**1.5", "r**2/(1+r**2)**2", "sqrt(abs(r))", "1 if m < 0 else 0", "sin(r)"])
def test_a_loss_that_is_not_the_book_s_is_not_called_so(ask: Ask, text: str) -> None:
    found = ask(
        f"{LOSS} return finish(nearest(loss, given.book, remembered));",
        {"text": text, "settings": {}, "book": BOOK},
    )
    assert not found["equal"]


def test_constants_and_lines_are_the_best(ask: Ask) -> None:
    chance = np.random.default_rng(5)
    x, y = chance.normal(size=7), chance.normal(size=7) * 2
    given = {"points": np.stack([x, y], 1).tolist(), "data": y.tolist()}
    lines = """const make = (text) => lossOf(read(text), {}).f;
      return given.texts.map((text) =>
        [bestConstant(make(text), given.data), finish(bestLine(make(text), given.points))]);"""
    texts = ["r**2", "|r|", "log(cosh(r))", "r**2/2 if |r| < 1 else |r| - 1/2", "1 - exp(-r**2/2)"]
    found = ask(lines, given | {"texts": texts})
    assert found[0][0]["at"] == pytest.approx(y.mean(), abs=1e-6)
    assert found[0][1] == pytest.approx(np.polyfit(x, y, 1)[::-1], abs=1e-5)
    assert found[1][0]["at"] == pytest.approx(np.median(y), abs=1e-6)
    for text, (constant, line) in zip(texts[1:], found[1:], strict=True):
        expression, symbol = expression_of(text)
        f = sympy.lambdify([symbol], expression, "numpy")
        for total, said in (
            (lambda v, f=f: f(v[0] - y).sum(), [constant["at"]]),
            (lambda v, f=f: f(v[0] + v[1] * x - y).sum(), line),
        ):
            tries = [optimize.minimize(total, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
                     for start in (said, np.zeros(len(said)), np.full(len(said), float(np.median(y))))]  # fmt: skip
            assert total(said) <= min(one.fun for one in tries) + 1e-5, text


@pytest.mark.parametrize(
    ("text", "calibrated", "readable"),
    [
        ("log(1+exp(-m))", True, True),
        ("exp(-m)", True, True),
        ("max(0, 1-m)", True, False),
        ("max(0, 1-m)**2", True, True),
        ("(1-m)**2", True, True),
        ("exp(m)", False, False),
        ("max(0, -m)", False, False),
        ("1/(1+exp(m))", True, False),
        ("-m", True, False),
        ("|m|", False, False),
    ],
)
def test_calibration_is_that_of_the_theory(ask: Ask, text: str, calibrated: bool, readable: bool) -> None:
    """Of a convex loss: calibrated just where its slope at 0 is negative (Bartlett, Jordan and McAuliffe)."""
    found = ask(f"{LOSS} return finish(calibration(loss));", {"text": text, "settings": {}})
    assert (found.get("wrong") is None) == calibrated
    assert found["readable"] == readable
    if text == "log(1+exp(-m))":
        for one in found["best"]:
            assert one["score"] == pytest.approx(math.log(one["eta"] / (1 - one["eta"])), abs=1e-5)


@pytest.mark.parametrize(
    ("text", "proper"),
    [("-log(p)", True), ("(1-p)**2", True), ("-(1-p)**2*log(p)", False), ("1-p", False), ("1-p**2", False)],
)
def test_properness_is_that_of_the_theory(ask: Ask, text: str, proper: bool) -> None:
    assert ask(f"{LOSS} return finish(properness(loss));", {"text": text, "settings": {}})["readable"] == proper


def test_descent_takes_steps_along_the_slope(ask: Ask) -> None:
    path = ask(
        f"{LOSS} return descent(loss, 3, 0.25, 8);",
        {"text": "r**2/2 if |r| < 1 else |r| - 1/2", "settings": {}},
    )
    loss, r = losses.HuberLoss(reduction="sum"), 3.0
    for step in path:
        assert step == pytest.approx(r)
        r -= 0.25 * loss.grad(np.array([r]), np.array([0.0]))[0]


KINDS = {"float64": np.float64, "float32": np.float32, "float16": np.float16}
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "log(cosh(r))": (lambda r: np.log(np.cosh(r)), lambda r: mpmath.log(mpmath.cosh(r))),
    "1 - exp(-r**2)": (lambda r: 1 - np.exp(-(r**2)), lambda r: -mpmath.expm1(-(r**2))),
    "sqrt(1 + r**2) - 1": (lambda r: np.sqrt(1 + r**2) - 1, lambda r: mpmath.sqrt(1 + r**2) - 1),
}


@pytest.mark.parametrize("text", FUNCTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_lost_digits_are_those_that_numpy_loses(ask: Ask, text: str, kind: str) -> None:
    """Beyond one digit or so: the libraries round a function's last digit in their own ways."""
    cells = ask(
        f"{LOSS} return finish(strips(typed.tree, 'r', {{}}))[given.kind];",
        {"text": text, "settings": {}, "kind": kind},
    )
    compute, true = FUNCTIONS[text]
    mpmath.mp.dps = 120
    states = set()
    for cell in cells:
        with np.errstate(all="ignore"):
            x = KINDS[kind](cell["side"] * 10.0 ** cell["exponent"])
            y = float(compute(x))
        if cell["state"] == "no number":
            assert x == 0 or np.isinf(x)
            continue
        assert float(cell["x"]) == float(x)
        truth = true(mpmath.mpf(float(x)))
        states.add(cell["state"])
        if cell["state"] in ("overflows", "too large"):
            assert not math.isfinite(y)
            assert (truth > float(np.finfo(KINDS[kind]).max)) == (cell["state"] == "too large")
        elif cell["state"] == "underflows":
            assert y == 0 and truth != 0
        elif cell["state"] in ("right", "loses", "nothing"):
            digits = float(-mpmath.log10(abs((mpmath.mpf(y) - truth) / truth))) if y != truth else math.inf
            full = {"float64": 15.95, "float32": 7.22, "float16": 3.31}[kind]
            assert min(digits, full) == pytest.approx(float(cell["digits"]), abs=1.6), cell
    assert {"right", "underflows"} <= states


def test_what_is_written_better_is_the_same_and_loses_less(ask: Ask) -> None:
    texts = ["log(cosh(r))", "1 - exp(-r**2/2)", "2*(sqrt(1+(r/3)**2)-1)", "log(1+exp(-r))", "log(1+r**2)", "exp(r)-1",
             "1/(1+exp(r))", "log(exp(r)+exp(2*r))"]  # fmt: skip
    found = ask(
        """return given.map((text) => {
          const typed = read(text), better = rewritten(typed.tree), point = (r) => ({ r });
          const lost = (tree) => finish(strips(tree, "r", {})).float64
            .filter(({ state }) => !/right|too/.test(state)).length;
          const old = compiled(typed.tree), now = compiled(better);
          return [[-3, -0.5, 0.25, 2, 6].map((r) => [old({ r }), now({ r })]), lost(typed.tree), lost(better)];
        });""",
        texts,
    )
    for text, (pairs, before, after) in zip(texts, found, strict=True):
        for old, now in pairs:
            assert now == pytest.approx(old, rel=1e-13), text
        assert before > 10 * after or before == after == 0, (text, before, after)
    assert ask("return rewritten(read('r**2/2').tree);", None) is None


def test_nothing_takes_long_at_once(ask: Ask) -> None:
    """Every piece of the work is short, for long formulas too: a page stays awake."""
    long = " + ".join(f"log(1 + exp({k}*r)) / cosh(r - {k})" for k in range(1, 14))
    assert len(long) < 500
    for text in ("log(cosh(r))", "delta**2*(sqrt(1+(r/delta)**2)-1)", long):
        pieces = ask(
            f"""{LOSS} const pieces = [];
            const watch = (work) => {{
              for (;;) {{
                const t = performance.now(), {{ done, value }} = work.next();
                pieces.push(performance.now() - t);
                if (done) return value;
              }}
            }};
            const all = watch(verdicts(loss, given.settings));
            watch(density(loss, all.sharp.places)), watch(strips(typed.tree, loss.letter, given.settings));
            watch(nearest(loss, given.book, remembered));
            return pieces.sort((a, b) => a - b);""",
            {"text": text, "settings": settings(text), "book": BOOK},
        )
        # The machine may be busy with other things: a few pieces wait for it.
        assert pieces[int(0.99 * len(pieces))] < 8 or text == long and pieces[len(pieces) // 2] < 4, (text, pieces[-5:])


def test_exact_numbers_have_the_digits_that_they_say(ask: Ask) -> None:
    mpmath.mp.dps = 400
    functions: dict[str, Callable[[Any], Any]] = {
        "log(cosh(r))": lambda r: mpmath.log(mpmath.cosh(r)),
        "sqrt(1+r**2)-1": lambda r: mpmath.sqrt(1 + r**2) - 1,
        "log(1+exp(-r))": lambda r: mpmath.log1p(mpmath.exp(-r)),
        "1-exp(-r**2/2)": lambda r: -mpmath.expm1(-r * r / 2),
        "sin(r)": mpmath.sin, "cos(r)": mpmath.cos, "tan(r)": mpmath.tan, "tanh(r)": mpmath.tanh,
        "abs(r)**1.5": lambda r: abs(r) ** mpmath.mpf(1.5),
        "log(abs(r))": lambda r: mpmath.log(abs(r)), "log10(abs(r))": lambda r: mpmath.log10(abs(r)),
        "exp(-1/r**2)": lambda r: mpmath.exp(-1 / r**2), "sigmoid(r)": lambda r: 1 / (1 + mpmath.exp(-r)),
        "1/(3*r)": lambda r: 1 / (3 * r),
        "expm1(r)": mpmath.expm1, "log1p(r**2)": lambda r: mpmath.log1p(r**2), "sinh(r)": mpmath.sinh,
    }  # fmt: skip
    numbers = [s * 10.0**k for k in (-20, -8, -3, -1, 0, 1, 2, 3, 8, 20) for s in (1, -1, 0.7, -3.3)]
    found = ask(
        """return given.texts.map((text) => {
          const { tree } = read(text);
          return given.numbers.map((x) => {
            const y = exact(tree, { r: from(x) });
            return y && [String(y.m), String(y.e), y.known, near(y)];
          });
        });""",
        {"texts": list(functions), "numbers": numbers},
    )
    for (text, function), row in zip(functions.items(), found, strict=True):
        for x, answer in zip(numbers, row, strict=True):
            truth = function(mpmath.mpf(x))
            m, e, known, near = answer
            off = abs(mpmath.mpf(int(m)) * mpmath.mpf(2) ** int(e) - truth)
            off = off / abs(truth) if truth else off
            assert known != "inf" or off == 0, (text, x)
            assert off == 0 or -mpmath.log(off, 2) > min(float(known), 380) - 2, (text, x)
            if abs(truth) < 1e308 and abs(truth) > 1e-300:
                assert near == pytest.approx(float(truth), rel=1e-15)


def test_numbers_of_the_density_integrate_to_one(ask: Ask) -> None:
    xs = np.linspace(-30, 30, 4001)
    found = ask(
        f"{LOSS} const {{ at }} = finish(density(loss, [])); return given.xs.map(at);",
        {"text": "log(cosh(r))", "settings": {}, "xs": xs.tolist()},
    )
    assert integrate.simpson(found, x=xs) == pytest.approx(1, rel=1e-6)


#: Formulas whose classes the book's own tests take as they come from the workbench, with the name of each.
WRITTEN = {
    "TypedSquareLoss": "r**2/2",
    "TypedCoshLoss": "log(cosh(r))",
    "TypedWelschLoss": "1 - exp(-r**2/2)",
    "TypedHuberLoss": "r**2/2 if |r| < delta else delta*(|r| - delta/2)",
    "TypedAbsLoss": "|r|",
    "TypedPowerLoss": "|r|**1.5",
    "TypedSquaredHingeLoss": "max(0, 1-m)**2",
    "TypedLogLoss": "-log(p)",
    "TypedFocalLoss": "-(1-p)**2*log(p)",
    "TypedBrierLoss": "(1-p)**2",
    "TypedWeightedLoss": "delta*(1-p)**2",
}
#: Module of the package, group of cases, and the link of a proper loss, for each kind that is typed.
PLACES = {
    "residual": ("regression", "REGRESSION", ""),
    "margin": ("margin", "BINARY", ", link=lambda f: (1 + np.clip(f, -1, 1)) / 2"),
    "chance": ("binary", "BINARY", ", link=lambda p: p"),
}


def written(ask: Ask, name: str, text: str) -> dict[str, Any]:
    return ask(
        f"""{LOSS} const found = finish(verdicts(loss, given.settings));
        const scores = {{ m: calibration, p: properness }}[typed.letter];
        const facts = factsOf(found, loss, scores && finish(scores(loss)));
        return handout(typed, given.settings, facts, (part) => compiled(part)({{}}), given.name);""",
        {"text": text, "settings": {key: value for key, value in settings(text).items() if key in "delta q"}
         if "cosh" not in text else {}, "name": name},
    )  # fmt: skip


def test_what_is_copied_passes_the_book_s_own_tests(ask: Ask, tmp_path: Path) -> None:
    """Class and twin are pasted into a copy of the package: value and gradient at 950 digits, facts, any input."""
    for name in ("lossbook", "yardstick"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "tests/test_every_loss.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    symbolic = tmp_path / "lossbook/symbolic/losses.py"
    cases = tmp_path / "yardstick/cases.py"
    for name, text in WRITTEN.items():
        found = written(ask, name, text)
        kind = "margin" if "m)" in text else "chance" if re.search(r"\bp\b", text) else "residual"
        place, group, proper = PLACES[kind]
        module = tmp_path / f"lossbook/losses/{place}.py"
        head = "from lossbook.functions import sigmoid\nfrom .options import Option, check_positive, check_share\n"
        for path, code in ((module, f"\n\n{head}\n\n{found['numpy']}"), (symbolic, f"\n\n{found['sympy']}")):
            path.write_text(path.read_text(encoding="utf-8") + code, encoding="utf-8")
        options = "".join(
            f", {key}={settings(text)[key]}" for key in ("delta", "q") if f"self.{key} " in found["numpy"]
        )
        link = proper if "proper=True" in found["numpy"] else ""
        assert f"{group} = [" in cases.read_text(encoding="utf-8")
        cases.write_text(
            cases.read_text(encoding="utf-8").replace(
                f"{group} = [", f'{group} = [\n    {kind}("{name}"{options}{link}),', 1
            ),
            encoding="utf-8",
        )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-rf",
        "-k",
        "Typed",
        "tests/test_every_loss.py",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-6000:]
    assert " passed" in result.stdout


@pytest.mark.parametrize(
    "text", [*WRITTEN.values(), "log(1+exp(-m))", "-(1-p)**2*log(p)", "exp(-m)", "sqrt(1+r**2)-1", "log(1+r**2)"]
)
def test_what_is_copied_for_pytorch_has_the_value_and_the_slope(ask: Ask, text: str) -> None:
    torch = pytest.importorskip("torch")
    code = written(ask, "MyLoss", text)
    scope: dict[str, Any] = {}
    exec(code["torch"], scope)  # noqa: S102
    letter = next(letter for letter in "mpr" if re.search(rf"\b{letter}\b", text))
    x = torch.tensor(
        [0.1, 0.3, 0.77] if letter == "p" else [-3.3, -0.4, 0.2, 0.9, 4.1], dtype=torch.float64, requires_grad=True
    )
    terms = scope["my_loss"](x)
    terms.sum().backward()
    expression, symbol = expression_of(text, letter)
    truth, slope = (sympy.lambdify(symbol, one, "mpmath") for one in (expression, expression.diff(symbol)))
    for point, term, gradient in zip(x.tolist(), terms.tolist(), x.grad.tolist(), strict=True):
        assert term == pytest.approx(float(truth(point)), rel=1e-12)
        assert gradient == pytest.approx(float(slope(point)), rel=1e-11)
