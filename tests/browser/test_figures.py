"""Every figure of the book in Chromium, held against the same declaration in NumPy."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from parameters import parameter_grid
from playwright.sync_api import Browser, Page
from visiting import Visit

from lossbook.figures import all_figures
from lossbook.live import Figure
from lossbook.live.assets import engine_source
from lossbook.live.text import format_number, split_symbols

FIGURES = all_figures()

# Imports engine and compiled expressions as the page does, and evaluates every function at every point. Both ways go
# as text: Playwright takes ten times as long to hand over a list of numbers. JSON as Python writes it, with NaN and
# Infinity, is JavaScript.
EVALUATE = """async ([engine, code, calls]) => {
  const load = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  const { importFunctions } = await load(engine);
  const functions = await importFunctions(code);
  const out = (v) => Number.isNaN(v) ? "nan" : v === Infinity ? "inf" : v === -Infinity ? "-inf" : v;
  const evaluate = ([f, p, points]) => points.map((point) => out(functions[f](p, ...point)));
  return JSON.stringify(new Function("return " + calls)().map(evaluate));
}"""


def sample_points(figure: Figure, index: int, values: np.ndarray) -> list[list[float]]:
    """Return points for the variables that function `index` binds: along its range or the panel's axes."""
    bound, _ = figure.program.functions[index]
    if not bound:
        return [[]]
    for panel in figure.spec["panels"]:
        for mark in panel["marks"]:
            if {"f": index} not in [value for value in mark.values() if isinstance(value, dict)]:
                continue
            axes = [mark["range"]] if "range" in mark else [[panel[s].get("min"), panel[s].get("max")] for s in "xy"]
            spans = []
            for low, high in axes[: len(bound)]:
                low, high = figure.number(low, values), figure.number(high, values)
                span = np.linspace(low, high, 9)
                spans.append(np.unique(np.round(span)) if mark["kind"] == "bars" else span)
            return [list(map(float, point)) for point in np.array(np.meshgrid(*spans)).reshape(len(bound), -1).T]
    # What a button sets by chance, and what a dragged coordinate stands for.
    assert len(bound) == 1, f"no mark uses function {index}"
    return [[float(share)] for share in np.linspace(0.05, 0.95, 7)]


WRITE = """async ([engine, numbers]) => {
  const { formatNumber } = await import(URL.createObjectURL(new Blob([engine], { type: "text/javascript" })));
  return numbers.map(([value, spec]) => formatNumber(value, spec));
}"""


def test_numbers_are_written_alike(blank: Page) -> None:
    """Also those that lie exactly between two numbers of so many digits."""
    chance = np.random.default_rng()
    halves = chance.integers(-4000, 4000, 400) / 2.0 ** chance.integers(0, 8, 400)
    wild = chance.normal(size=400) * 10.0 ** chance.integers(-12, 12, 400)
    specs = [".0f", ".1f", ".2f", ".3f", ".4f", ".1g", ".2g", ".3g", ".4g", ".1e", ".2e", ".0%", ".1%"]
    numbers = [(float(value), str(chance.choice(specs))) for value in [*halves, *wild]]
    written = blank.evaluate(WRITE, [engine_source(), numbers])
    assert written == [format_number(value, spec) for value, spec in numbers]


SYMBOLS = """() => [".lb-title", ".lb-axis", ".lb-entry > span", ".lb-name", ".lb-words text", ".lb-readout > div"]
  .flatMap((kind) => [...document.querySelectorAll(kind)])
  .map((part) => [part.textContent, [...part.querySelectorAll(".lb-symbol")].map((symbol) => symbol.textContent)])"""


# Tests of one figure come after one another, so that it is made once: formulas take their time to compile.
@pytest.fixture(scope="module", params=FIGURES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def figure(name: str) -> Figure:
    return FIGURES[name]()


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """Return one empty page for all figures."""
    page = browser.new_page()
    page.goto("about:blank")
    yield page
    page.close()


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Visit]:
    """Return one tab that all figures are opened in, one after another."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context)
    context.close()


def test_javascript_agrees_with_numpy(name: str, figure: Figure, blank: Page) -> None:
    # Pages link to a figure by the name of its function.
    assert figure.name == name.rpartition(".")[2]
    calls, expected, labels = [], [], []
    for chosen in parameter_grid(figure, most=24):
        values = figure.values(**chosen)
        for index in range(len(figure.program.functions)):
            points = sample_points(figure, index, values)
            calls.append([index, values.tolist(), points])
            with np.errstate(all="ignore"):
                columns = np.array(points).T.reshape(-1, len(points)) if points[0] else ()
                expected.append(np.atleast_1d(figure.number({"f": index}, values, *columns)).astype(float))
            labels.append((figure.program.functions[index], chosen))
    program = [engine_source(), figure.program.javascript(), json.dumps(calls)]
    measured = json.loads(blank.evaluate(EVALUATE, program))
    assert len(measured) == len(expected) > 0
    largest: dict[int, float] = {}
    for want, (index, *_) in zip(expected, calls, strict=True):
        largest[index] = max(largest.get(index, 0.0), np.max(np.abs(want), where=np.isfinite(want), initial=0.0))
    for got, want, label, call in zip(measured, expected, labels, calls, strict=True):
        got = np.array([float(v) for v in got])
        # Where terms of the size of 1 cancel, what is left is rounding, which each of the two has its own way of.
        limits = {"rtol": 1e-11, "atol": 1e-15 * min(1.0, largest[call[0]]), "equal_nan": True}
        if not np.allclose(got, want, **limits):  # to write a formula takes longer than to compute with it
            np.testing.assert_allclose(got, want, **limits, err_msg=f"{label} {call[1]}")


def test_words_of_the_page_agree_with_python(figure: Figure, tab: Visit, static_page: Callable[..., str]) -> None:
    """Readout, formulas and spoken description, trajectories included, at a choice of parameters."""
    page = tab.open(static_page(figure))
    for chosen in parameter_grid(figure, most=12):
        words = page.evaluate(
            """async (chosen) => {
                 const model = [...lossbookPage.manager.models.values()].find((m) => m.get("spec"));
                 for (const [name, value] of Object.entries(chosen)) model.set(name, value);
                 await new Promise((done) => setTimeout(done));
                 return [document.querySelector("svg[role=img]").getAttribute("aria-label"),
                         ...[...document.querySelectorAll(".lb-readout > div")].map((line) => line.textContent),
                         ...[...document.querySelectorAll(".lb-formulas > :not(.lb-off) .lb-number")]
                              .map((number) => number.textContent)];
               }""",
            chosen,
        )
        values = figure.values(**chosen)
        for trait, value in chosen.items():
            figure.set_trait(trait, value)
        description, *lines = (
            figure.text(parts, values) for parts in [figure.spec["description"], *figure.spec["readout"]]
        )
        numbers = [number for formula in figure.formulas() for number in re.findall(r'lb-number">([^<]*)<', formula)]
        assert words == [description, *(unicodedata.normalize("NFD", line) for line in lines), *numbers]
    # Letters that stand for a number are told from words alike.
    for text, symbols in page.evaluate(SYMBOLS):
        assert symbols == split_symbols(text)[1::2], text
    assert tab.complaints == [] and tab.foreign == []


def test_matplotlib_draws_the_same_declaration(figure: Figure) -> None:
    """Away from where it starts: that picture stands in the built book."""
    elsewhere = parameter_grid(figure, most=2)[-1]
    assert len(figure.draw(**elsewhere).axes) == len(figure.panels)
