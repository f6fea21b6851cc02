"""What figures do for those who learn from them: values to read, the past to compare, formulas that move, questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sympy import Abs, Eq, Lambda, Piecewise, exp, log, symbols

from lossbook.live import (
    Action,
    Axis,
    Bars,
    Choice,
    Curve,
    Figure,
    Formula,
    Panel,
    Play,
    Point,
    Predict,
    Slider,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812

r, u, z = symbols("r u z", real=True)
delta = symbols("delta", positive=True)
n, k, chance, guess, revealed, kind = symbols("n k chance guess revealed kind")
RESIDUAL = Axis(label="residual", minimum=-4, maximum=4)


def huber() -> Figure:
    """Return a figure with two panels over one abscissa, and a formula for each of two losses."""
    shapes = {"Huber": S.HuberLoss(r, delta), "squared": S.MSELoss(r, half=True)}
    loss = Piecewise(*((value, kind < number + 0.5) for number, value in enumerate(shapes.values())))
    return Figure(
        parameters=[
            Choice(symbol=kind, options={name: number for number, name in enumerate(shapes)}, label="loss"),
            Slider(symbol=delta, minimum=0.5, maximum=3, value=1, step=0.5, color=2),
            Slider(symbol=r, minimum=-4, maximum=4, value=3, step=0.5, color=1),
        ],
        panels=[
            Panel(
                x=RESIDUAL,
                y=Axis(label="loss", minimum=0, maximum=4),
                marks=[
                    Curve(y=loss.subs(r, u), variable=u, label="loss"),
                    Curve(y=u**2 / 2, variable=u, dashed=True, label="half the square"),
                    Point(x=r, y=loss, drag=(r, None), color=1),
                ],
            ),
            Panel(
                title="Slope", x=RESIDUAL, y=Axis(label="slope", minimum=-4, maximum=4),
                marks=[Curve(y=loss.diff(r).subs(r, u), variable=u)],
            ),
        ],
        formula=[
            Formula(name=r"\ell(r)", value=value, show=Piecewise((1, Eq(kind, number)), (0, True)),
                    terms=[Abs(r) - delta / 2] if value.has(delta) else ())
            for number, value in enumerate(shapes.values())
        ],
        description="{kind} at {r}",
    )  # fmt: skip


@pytest.fixture
def show(visit: Callable[..., Any], static_page: Callable[..., str]) -> Callable[..., Page]:
    return lambda figure, width=1000: visit(width).open(static_page(figure))


def set_to(page: Page, name: str, value: str) -> None:
    page.locator(f"input[data-parameter={name}]").fill(value)


def test_a_pointer_reads_a_value_of_each_curve_in_every_panel(show: Callable[..., Page]) -> None:
    page = show(huber())
    plot = page.locator(".lb-plot").first
    box, inner = plot.bounding_box(), plot.locator("clipPath rect")
    left, width = (float(inner.get_attribute(name) or "nan") for name in ("x", "width"))
    page.mouse.move(box["x"] + left + width * 0.75, box["y"] + 40)  # three quarters of −4 … 4: at 2
    said = page.locator(".lb-hair").evaluate_all(
        "(all) => all.map((one) => [...one.querySelectorAll('text')].map((t) => t.textContent))"
    )
    assert said == [["2", "1.5", "2"], ["1", "2"]]  # the square, Huber, the abscissa; the slope, the abscissa
    # Where two curves are one, their numbers stand one below the other.
    page.mouse.move(box["x"] + left + width * 0.5625, box["y"] + 40)
    boxes = [text.bounding_box() for text in page.locator(".lb-hair").first.locator("text").all()]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) >= 13
    page.mouse.move(0, 0)
    expect(page.locator(".lb-hair line")).to_have_count(0)


def test_arrow_keys_read_values_and_say_them(show: Callable[..., Page]) -> None:
    page = show(huber())
    reader = page.get_by_role("slider", name="Read values along residual")
    expect(reader).to_have_count(1)
    reader.focus()
    page.keyboard.press("End")
    assert reader.get_attribute("aria-valuetext") == "4, loss 3.5, half the square 8, Slope 1"
    expect(page.locator(".lb-hair line")).to_have_count(2)
    page.keyboard.press("ArrowLeft")
    assert float(reader.get_attribute("aria-valuenow") or "nan") < 4
    page.keyboard.press("Escape")
    expect(page.locator(".lb-hair line")).to_have_count(0)


def test_the_past_stays_until_the_next_move(show: Callable[..., Page]) -> None:
    page = show(huber())
    past = page.locator(".lb-past")
    slider = page.locator("input[data-parameter=delta]")
    before = page.locator(".lb-plot").first.locator(".lb-line.lb-c0").first.get_attribute("d")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert past.first.locator("path").first.get_attribute("d") == before
    page.keyboard.press("ArrowRight")  # the same move goes on
    assert past.first.locator("path").first.get_attribute("d") == before
    expect(past.last.locator("path")).to_have_count(1)
    now = page.locator(".lb-plot").first.locator(":not(.lb-past) > .lb-line.lb-c0").first.get_attribute("d")
    page.locator("input[data-parameter=r]").focus()
    page.keyboard.press("ArrowLeft")
    expect(past.first.locator("circle")).to_have_count(1)  # only the point has moved since
    expect(past.first.locator("path")).to_have_count(0)
    assert page.locator(".lb-plot").first.locator(":not(.lb-past) > .lb-line.lb-c0").first.get_attribute("d") == now
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".lb-past > *")).to_have_count(0)


def test_a_point_beyond_the_axis_is_an_arrow_with_its_value(show: Callable[..., Page]) -> None:
    page = show(huber())
    expect(page.locator(".lb-away")).to_have_count(0)
    page.locator("select").select_option("squared")
    set_to(page, "r", "4")
    expect(page.locator(".lb-away")).to_have_count(1)
    expect(page.locator(".lb-words text").first).to_have_text("8")
    handle, plot = page.locator(".lb-handle").bounding_box(), page.locator(".lb-plot").first.bounding_box()
    assert plot["y"] - 20 <= handle["y"] <= plot["y"] + plot["height"]  # it can be dragged back


def test_the_formula_follows(show: Callable[..., Page]) -> None:
    figure = huber()
    page = show(figure)
    shown = page.locator(".lb-formulas > :not(.lb-off)")
    cases = shown.locator(".lb-case")
    expect(cases).to_have_count(2)
    for value, holds in (("3", 1), ("-0.5", 0)):
        set_to(page, "r", value)
        figure.r = float(value)
        expect(cases.nth(holds)).not_to_have_class("lb-case lb-faded")
        expect(cases.nth(1 - holds)).to_have_class("lb-case lb-faded")
        numbers = shown.locator(".lb-number").all_text_contents()
        assert all(f">{number}</mn>" in figure.formulas()[0] for number in numbers)
        assert numbers[-1] == {"3": "2.500", "-0.5": "0.125"}[value]
        assert numbers[0] == {"3": "2.5", "-0.5": "0"}[value]  # what stands below the brace
    page.locator("select").select_option("squared")
    expect(cases).to_have_count(0)
    expect(shown).to_have_count(1)
    # δ has the colour of its slider.
    color = "(one) => getComputedStyle(one).color"
    assert page.locator("mi.lb-c2").first.evaluate(color) == page.locator("label.lb-c2").evaluate(color)


def test_what_is_dragged_may_stand_for_another_number(show: Callable[..., Page]) -> None:
    """The top of a bar is a probability; the slider is its logit."""
    share = 1 / (1 + exp(-z))
    page = show(Figure(
        parameters=[Slider(symbol=z, minimum=-6, maximum=6, value=0, step=0.01, format=".2f")],
        panels=[Panel(
            x=Axis(label="class"), y=Axis(label="probability", minimum=0, maximum=1),
            marks=[Bars(heights=[share, 1 - share], names=["yes", "no"]),
                   Point(x=0, y=share, drag=(None, (z, Lambda(u, log(u / (1 - u))))))],
        )],
        description="{z}",
    ))  # fmt: skip
    handle, plot = page.locator(".lb-handle").bounding_box(), page.locator("clipPath rect")
    height = float(plot.get_attribute("height") or "nan")
    at = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0], at[1] - height * 0.4, steps=4)  # from a half to nine tenths
    page.mouse.up()
    assert float(page.locator("input").input_value()) == pytest.approx(2.2, abs=0.1)
    page.mouse.down()
    page.mouse.move(at[0], 0, steps=4)  # beyond the axis: as far as the slider goes
    assert float(page.locator("input").input_value()) == 6


def test_an_action_moves_sliders_with_chance(show: Callable[..., Page]) -> None:
    page = show(Figure(
        parameters=[
            Slider(symbol=n, minimum=0, maximum=500, value=0, integer=True),
            Slider(symbol=k, minimum=0, maximum=500, value=0, integer=True),
            Action(label="Toss", sets={n: n + 1, k: k + Piecewise((1, chance < 0.25), (0, True))}, chance=chance),
            Action(label="Toss often", sets={n: n + 1, k: k + Piecewise((1, chance < 0.25), (0, True))},
                   chance=chance, times=400),
        ],
        panels=[Panel(x=RESIDUAL, y=Axis(label="y"), marks=[Point(x=0, y=k)])],
        description="{k} of {n}",
    ))  # fmt: skip
    values = lambda: [int(one.input_value()) for one in page.locator("input").all()]  # noqa: E731
    page.get_by_role("button", name="Toss", exact=True).click()
    assert values()[0] == 1
    page.get_by_role("button", name="Toss often").click()
    tosses, heads = values()
    # Six standard deviations of a binomial number: one false alarm in 500 million.
    assert tosses == 401 and abs(heads - 100) < 6 * (400 * 0.25 * 0.75) ** 0.5 + 1


def asking(**options: Any) -> Figure:
    return Figure(
        parameters=[
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
            Slider(symbol=guess, minimum=-4, maximum=4, value=0, step=0.5, format=".1f", label="your guess"),
            Slider(symbol=r, minimum=-4, maximum=4, value=1, step=0.5, format=".1f"),
            Predict(question="Where does it go?", revealed=revealed, sets={r: 3},
                    answer=text("It goes to {r}, {off:.1f} from your guess.", off=Abs(guess - r)), **options),
        ],
        panels=[Panel(x=RESIDUAL, y=Axis(label="y", minimum=-1, maximum=1),
                      marks=[Point(x=r, y=0, show=revealed), Point(x=guess, y=0, drag=(guess, None))])],
        description="a question",
    )  # fmt: skip


def test_a_guess_comes_before_the_answer(show: Callable[..., Page]) -> None:
    page = show(asking())
    box = page.get_by_role("group", name="Predict first")
    expect(box).to_contain_text("Where does it go?")
    expect(page.locator(".lb-dot")).to_have_count(1)
    set_to(page, "guess", "2")
    box.get_by_role("button", name="Show me").press("Enter")
    expect(box.get_by_role("status")).to_have_text("It goes to 3.0, 1.0 from your guess.")
    expect(page.locator(".lb-dot")).to_have_count(2)
    expect(box.get_by_role("button")).to_have_count(0)
    # On this device it has been answered; Reset asks again.
    page.reload()
    expect(page.locator(".lb-dot")).to_have_count(2)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".lb-dot")).to_have_count(1)
    expect(box.get_by_role("button", name="Skip")).to_be_visible()


def test_one_of_several_answers_is_right(show: Callable[..., Page]) -> None:
    page = show(asking(options=["to the left", "to the right"], right=1))
    status = page.get_by_role("group", name="Predict first").get_by_role("status")
    page.get_by_role("button", name="to the left").click()
    expect(status).to_have_text("You said: to the left. It goes to 3.0, 3.0 from your guess.")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="to the right").click()
    expect(status).to_contain_text("Right. It goes")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Skip").click()
    expect(status).to_have_text("It goes to 3.0, 3.0 from your guess.")


def test_play_leaves_the_slider_to_the_reader_and_waits_off_the_screen(show: Callable[..., Page]) -> None:
    page = show(Figure(
        parameters=[Slider(symbol=n, minimum=0, maximum=1000, value=0, integer=True), Play(symbol=n, seconds=20)],
        panels=[Panel(x=RESIDUAL, y=Axis(label="y", minimum=0, maximum=1000), marks=[Point(x=0, y=n)])],
        description="{n}",
    ))  # fmt: skip
    slider, play = page.locator("input"), page.get_by_role("button", name="Play")
    moved = "(before) => document.querySelector('input').valueAsNumber > before"
    play.click()
    page.wait_for_function(moved, arg=3)
    page.evaluate("document.body.style.paddingTop = '9000px'")
    frames = "async () => { for (let i = 0; i < 5; i++) await new Promise((done) => requestAnimationFrame(done)); }"
    page.evaluate(frames)
    left = slider.input_value()
    page.evaluate(frames)
    assert slider.input_value() == left
    page.evaluate("document.body.style.paddingTop = 0")
    page.wait_for_function(moved, arg=int(left))
    slider.fill("700")
    expect(play).to_have_text("Play")
    page.evaluate(frames)
    assert slider.input_value() == "700"


def test_on_a_phone_the_controls_stay_beside_the_drawing(show: Callable[..., Page]) -> None:
    page = show(huber(), width=390)
    page.set_viewport_size({"width": 390, "height": 500})
    page.evaluate("scrollTo(0, 0)")
    controls = page.locator(".lb-controls").bounding_box()
    assert controls["y"] + controls["height"] <= 500
    assert page.locator(".lb-plot").first.bounding_box()["y"] < controls["y"]
