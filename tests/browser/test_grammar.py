"""The figure grammar in Chromium: every mark and every control, also those that no chapter uses yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest
from playwright.sync_api import expect
from sympy import Piecewise, cos, exp, log, sin, sqrt, symbols

from lossbook.live import (
    Area,
    Axis,
    Bars,
    Choice,
    Contour,
    Curve,
    Figure,
    Panel,
    Play,
    Point,
    Rule,
    Segment,
    Slider,
    Toggle,
    Trajectory,
    VectorField,
    text,
)

x, y, a, n, u, v, on, way, px, py, after, rate = symbols("x y a n u v on way px py after rate")
UNIT = Axis(label="x", minimum=-1, maximum=1)


def everything() -> Figure:
    """Return a figure with all marks and controls."""
    return Figure(
        parameters=[
            Slider(symbol=a, minimum=0.1, maximum=10, value=1, scale="log"),
            Slider(symbol=n, minimum=0, maximum=20, value=6, integer=True),
            Play(symbol=n, seconds=0.2),
            Toggle(symbol=on, value=True),
            Choice(symbol=way, options={"up": 1, "down": -1}),
            Slider(symbol=px, minimum=-1, maximum=1, value=0.5, visible=False),
            Slider(symbol=py, minimum=-1, maximum=1, value=0.5, visible=False),
        ],
        panels=[
            Panel(
                x=UNIT,
                y=Axis(label="y", minimum=-1, maximum=1),
                marks=[
                    Contour(z=-(x**2) - a * y**2, variables=(x, y), levels=[-0.8, -0.5, -0.2]),
                    VectorField(dx=-x, dy=-a * y, variables=(x, y)),
                    Trajectory(
                        start={u: px, v: py}, step={u: 0.9 * u, v: v - rate * v}, steps=n, x=u, y=v, label="path"
                    ),
                    Point(x=px, y=py, drag=(px, py), label="start"),
                    Curve(x=cos(x) / 2, y=sin(x) / 2, variable=x, range=(0, 6.283), dashed=True, label="circle"),
                ],
            ),
            Panel(
                x=UNIT,
                y=Axis(label="√ and ln"),
                marks=[
                    Curve(y=sqrt(x) + 0 * way, variable=x, label="√x"),
                    Curve(y=log(x) / 4, variable=x, dashed=True, show=on),
                    Curve(y=Piecewise((1, x > 0.5), (0, True)) * way, variable=x),
                    Area(y=sqrt(x), variable=x),
                ],
            ),
            Panel(
                x=Axis(label="x", minimum=0.01, maximum=100, scale="log"),
                y=Axis(label="y", scale="log"),
                marks=[Curve(y=a * x**2, variable=x), Rule(y=a, label="a"), Rule(x=1)],
            ),
            Panel(
                x=Axis(label="class"),
                y=Axis(label="height"),
                marks=[
                    Bars(heights=[a, -a, a * way], names=["p", "q", "r"], values=".2f", highlight=n),
                    Segment(x1=0, y1=0, x2=2, y2=a, arrow=True, label=text("{l:.1f}", l=sqrt(4 + a**2))),
                ],
            ),
        ],
        description="Everything at a = {a}, n = {n}, {way}, {on}.",
        readout=[text("last state {u:.4f}, {v:.4f}, {after}", u=u, v=v)],
        define={after: u + 100 * v, rate: a / 20},  # one that needs the path, and one that the path needs
    )


# Ten pictures later: what plays has moved.
FRAMES = """async () => {
  for (let i = 0; i < 10; i++) await new Promise((done) => requestAnimationFrame(done));
}"""
STATE = "[...lossbookPage.manager.models.values()].find((m) => m.get('spec'))"


@pytest.fixture
def tab(visit: Callable[..., Any], static_page: Callable[..., str]) -> Any:
    opened = visit(width=1000)
    opened.open(static_page(everything()))
    return opened


def test_all_marks_are_drawn_without_complaint(tab: Any) -> None:
    page = tab.page
    assert page.locator("svg").count() == 4
    for selector, least in ((".lb-contour", 3), (".lb-line", 8), (".lb-bar", 3), (".lb-dot", 3), (".lb-fill", 2)):
        assert page.locator(selector).count() >= least, selector
    steps = page.locator(".lb-steps").first.get_attribute("d")
    assert steps.count("M") == 5  # of six steps: the ends are dots of their own
    assert "NaN" not in page.inner_html(".lb-figure") and "undefined" not in page.inner_text(".lb-figure")
    assert page.locator("svg").first.get_attribute("aria-label") == "Everything at a = 1, n = 6, up, on."
    assert tab.complaints == []


def test_words_agree_with_python(tab: Any) -> None:
    figure = everything()
    wanted = figure.text(figure.spec["readout"][0], figure.values())
    assert tab.page.inner_text(".lb-readout") == wanted
    tab.page.evaluate(f"{STATE}.set('a', 4)")
    assert tab.page.inner_text(".lb-readout") == figure.text(figure.spec["readout"][0], figure.values(a=4)) != wanted


def test_a_curve_that_leaves_the_reals_has_a_gap_and_reaches_its_edge(tab: Any) -> None:
    # √x over −1 … 1 starts at 0, in the middle of the panel, to within a pixel.
    d = tab.page.locator("svg").nth(1).locator(".lb-line").first.get_attribute("d")
    first = float(d[1:].split("L")[0].split()[0])
    points = [float(part.split()[0]) for part in d[1:].split("L")]
    window = tab.page.locator("svg").nth(1).locator("clipPath rect")
    left, width = (float(window.get_attribute(name)) for name in ("x", "width"))
    assert abs(first - (left + width / 2)) < 1 and max(points) <= left + width + 1


def test_toggle_hides_and_shows(tab: Any) -> None:
    lines = tab.page.locator("svg").nth(1).locator(".lb-line")
    before = lines.count()
    tab.page.locator("input[type=checkbox]").click()
    assert lines.count() == before - 1


def test_play_runs_to_the_end_and_restart_goes_back(tab: Any) -> None:
    page = tab.page
    page.locator("[data-play]").click()
    page.wait_for_function(f"{STATE}.get('n') === 20")
    assert page.locator("[data-play]").inner_text() == "Play"
    page.locator("[data-restart]").click()
    page.wait_for_function(f"{STATE}.get('n') === 0")


def test_play_can_be_paused(visit: Callable[..., Any], static_page: Callable[..., str]) -> None:
    slow = Figure(
        parameters=[Slider(symbol=n, minimum=0, maximum=1000, value=0, integer=True), Play(symbol=n, seconds=20)],
        panels=[Panel(x=UNIT, y=UNIT, marks=[Rule(x=n / 1000)])],
        description="A rule at {n}.",
    )
    page = visit().open(static_page(slow))
    play = page.locator("[data-play]")
    play.click()
    page.wait_for_function(f"{STATE}.get('n') > 5")
    assert play.inner_text() == "Pause"
    play.click()
    stopped = page.evaluate(f"{STATE}.get('n')")
    page.evaluate(FRAMES)
    assert page.evaluate(f"{STATE}.get('n')") == stopped < 1000
    # Who resets while it plays wants the start, not the next frame.
    play.click()
    page.wait_for_function(f"{STATE}.get('n') > {stopped} + 5")
    page.locator("button", has_text="Reset").click()
    page.evaluate(FRAMES)
    assert page.evaluate(f"{STATE}.get('n')") == 0
    assert play.inner_text() == "Play"


def test_reduced_motion_jumps_to_the_end(visit: Callable[..., Any], static_page: Callable[..., str]) -> None:
    page = visit(reduced_motion="reduce").open(static_page(everything()))
    page.locator("[data-play]").click()
    assert page.evaluate(f"{STATE}.get('n')") == 20


def test_a_hidden_parameter_moves_by_its_point(tab: Any) -> None:
    page = tab.page
    assert page.locator("[data-parameter=px]").count() == 0
    handle = page.locator(".lb-handle")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    assert page.evaluate(f"{STATE}.get('px')") < 0.5 < page.evaluate(f"{STATE}.get('py')")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 18, box["y"] + 18)
    page.mouse.down()
    page.mouse.move(-500, 5000)
    page.mouse.up()
    assert page.evaluate(f"[{STATE}.get('px'), {STATE}.get('py')]") == [-1, -1], "it stays in its range"


def test_a_point_obeys_home_end_and_the_page_keys(tab: Any) -> None:
    page = tab.page
    page.locator(".lb-handle").focus()
    where = []
    for key in ("End", "PageDown", "Home", "PageUp"):
        page.keyboard.press(key)
        where.append(page.evaluate(f"{STATE}.get('px')"))
    high, below, low, above = where
    assert (low, high) == (-1, 1)
    assert low < above < 0 < below < high


def test_the_nearest_of_points_that_overlap_is_dragged(
    visit: Callable[..., Any], static_page: Callable[..., str]
) -> None:
    left, right = symbols("left right", real=True)
    figure = Figure(
        parameters=[
            Slider(symbol=left, minimum=0, maximum=1, value=0.50),
            Slider(symbol=right, minimum=0, maximum=1, value=0.52),
        ],
        panels=[
            Panel(
                x=UNIT,
                y=UNIT,
                marks=[Point(x=left, y=0.5, drag=(left, None)), Point(x=right, y=0.5, drag=(right, None))],
            )
        ],
        description="Two points close to each other.",
    )
    page = visit().open(static_page(figure))
    boxes = [handle.bounding_box() for handle in page.locator(".lb-handle").all()]
    gap = boxes[1]["x"] - boxes[0]["x"]
    assert 0 < gap < 24
    for name, box in zip(("left", "right"), boxes, strict=True):
        page.mouse.move(box["x"] + 18, box["y"] + 18)
        page.mouse.down()
        page.mouse.move(box["x"] + 18, box["y"] + 118, steps=2)
        page.mouse.move(50, box["y"], steps=2)
        page.mouse.up()
        moved = page.evaluate(f"['left', 'right'].map((name) => {STATE}.get(name))")
        assert moved[0] == 0 if name == "left" else moved[1] < 0.2, name
        page.get_by_role("button", name="Reset").click()


def test_the_numbers_are_a_table_that_follows(tab: Any) -> None:
    page = tab.page
    page.get_by_text("Numbers of this figure").click()
    tables = page.locator(".lb-tables table")
    expect(tables).to_have_count(4)
    rows = tables.nth(3).locator("tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows[1:4]] == [["bars", "p"], ["bars", "q"], ["bars", "r"]]
    before = tables.nth(3).inner_text()
    page.evaluate(f"{STATE}.set('a', 2)")
    expect(tables.nth(3)).not_to_have_text(before)
    assert page.evaluate("Number(document.querySelectorAll('.lb-tables table')[3].rows[1].cells[2].textContent)") == 2


def test_sliders_that_belong_together_stand_in_a_table(
    visit: Callable[..., Any], static_page: Callable[..., str]
) -> None:
    for columns in (("teacher", "student"), ("logit",)):
        sliders = [
            Slider(
                symbol=symbols(f"{who}_{name}"),
                minimum=0,
                maximum=1,
                value=0.5,
                label=f"{who} {name}",
                cell=(name, who),
            )
            for who in columns
            for name in ("cat", "dog", "horse")
        ]
        point = Point(x=sum(slider.symbol for slider in sliders), y=0)
        figure = Figure(parameters=sliders, panels=[Panel(x=UNIT, y=UNIT, marks=[point])], description="A table.")
        for width in (1000, 390):
            page = visit(width=width).open(static_page(figure))
            boxes = [page.get_by_label(slider.label).bounding_box() for slider in sliders]
            tops, lefts = ([round(box[side]) for box in boxes] for side in "yx")
            assert len(set(tops)) == 3 and tops[:3] == tops[-3:] and len(set(lefts)) == len(columns)
            heads = page.locator(".lb-heads > span").all_inner_texts()
            assert heads == (["cat", "dog", "horse", *columns] if len(columns) > 1 else [])


def test_a_range_that_follows_another_parameter(visit: Callable[..., Any], static_page: Callable[..., str]) -> None:
    heads = Figure(
        parameters=[
            Slider(symbol=n, minimum=1, maximum=20, value=10, integer=True),
            Slider(symbol=a, minimum=0, maximum=n, value=8, integer=True),
        ],
        panels=[Panel(x=UNIT, y=UNIT, marks=[Rule(x=a / n)])],
        description="{a} of {n}",
    )
    page = visit().open(static_page(heads))
    page.evaluate(f"{STATE}.set('n', 5)")
    page.wait_for_function(f"{STATE}.get('a') === 5")
    assert page.locator("[data-parameter=a]").get_attribute("max") == "5"


def test_reset_restores_every_parameter(tab: Any) -> None:
    page = tab.page
    names = ["a", "n", "on", "way", "px", "py"]
    read = f"(names) => names.map((name) => {STATE}.get(name))"
    before = page.evaluate(read, names)
    page.evaluate(f"() => {{ for (const [k, v] of Object.entries({{a: 3, n: 9, way: 'down'}})) {STATE}.set(k, v); }}")
    page.locator("input[type=checkbox]").click()
    assert page.evaluate(read, names) != before
    page.get_by_role("button", name="Reset").click()
    assert page.evaluate(read, names) == before


def test_boxes_and_links_live_in_the_static_page(visit: Callable[..., Any], static_page: Callable[..., str]) -> None:
    def square() -> Figure:
        return Figure(
            parameters=[Slider(symbol=a, minimum=0, maximum=2, value=1)],
            panels=[Panel(x=UNIT, y=Axis(label="y"), marks=[Curve(y=a * exp(x), variable=x)])],
            description="a is {a}",
        )

    one, other = square(), square()
    link = ipywidgets.jslink((one, "a"), (other, "a"))
    box = ipywidgets.VBox([one, ipywidgets.HBox([other])])
    page = visit().open(static_page(box))
    assert page.locator("svg").count() == 2
    page.locator("input[type=range]").first.press("ArrowRight")
    spoken = [svg.get_attribute("aria-label") for svg in page.query_selector_all("svg")]
    assert spoken[0] == spoken[1] == "a is 1.01"
    link.close()


def test_a_stock_control_says_that_it_needs_a_kernel(
    visit: Callable[..., Any], static_page: Callable[..., str]
) -> None:
    page = visit().open(static_page(ipywidgets.FloatSlider()))
    assert "needs a running kernel" in page.inner_text("body")
