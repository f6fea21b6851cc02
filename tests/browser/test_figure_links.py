"""Words that move figures: links that set one, numbers that can be dragged, and a state that is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from test_pages import LIVE

from lossbook.figures import all_figures
from lossbook.live import Choice, Figure, Slider, Toggle
from lossbook.sphinxext.figurelinks import address_of

MADE = {name.rpartition(".")[2]: make for name, make in all_figures().items()}
BY_ADDRESS = {address_of(name): make for name, make in MADE.items()}


@cache  # to make a figure takes longer than to ask it
def figure_at(place: str) -> Figure:
    """Return the figure with this address."""
    return BY_ADDRESS[place]()


def fault(figure: Figure, values: dict[str, str]) -> str | None:
    """Return why a figure cannot be given these values, or None."""
    numbers = figure.values()
    for name, text in values.items():
        parameter = figure.parameters.get(name)
        if parameter is None:
            return f"{name} is not among {list(figure.parameters)}"
        if isinstance(parameter, Choice) and text not in parameter.options:
            return f"{name} has no option {text!r}"
        if isinstance(parameter, Toggle) and text not in ("true", "false"):
            return f"{name} is true or false, not {text!r}"
        if isinstance(parameter, Slider):
            numbers[list(figure.parameters).index(name)] = float(text)
    for control in figure.spec["controls"]:  # ranges may follow other parameters, which are set by now
        if control["kind"] == "slider" and control["name"] in values:
            low, high = (figure.number(control[end], numbers) for end in ("min", "max"))
            value = float(values[control["name"]])
            if not low <= value <= high:
                return f"{control['name']} = {value} lies outside of {low} … {high}"
            step = control.get("step", 1 if control.get("integer") else None)
            if step and not np.isclose((value - low) / step, round((value - low) / step), atol=1e-6):
                return f"{control['name']} = {value} is no step of {step} from {low}"
    return None


def settings(book: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield page, address of a figure and values of each link that sets one."""
    for path in sorted(book.rglob("*.html")):
        html, here = path.read_text(encoding="utf-8"), path.relative_to(book).as_posix()
        for query, link in re.findall(
            r'class="lossbook-setting" data-values="([^"]+)"[^>]*><a[^>]* href="([^"]+)"', html
        ):
            there, place = urldefrag(urljoin(f"https://book/{here}", unescape(link)))
            target = book / unquote(there.removeprefix("https://book/"))
            assert f'id="{place}"' in target.read_text(encoding="utf-8"), f"{here} links to {link}"
            yield here, place, dict(parse_qsl(unescape(query)))
        for name, values in re.findall(r'class="lossbook-set" data-figure="(\w+)" data-values="([^"]+)"', html):
            yield here, address_of(name), dict(parse_qsl(unescape(values)))


def test_links_name_figures_and_values_that_there_are(book_html: Path) -> None:
    found = list(settings(book_html))
    assert len(found) > 20
    wrong = [(page, place, fault(figure_at(place), values)) for page, place, values in found]
    assert [one for one in wrong if one[-1]] == []


def test_a_wrong_link_would_be_found() -> None:
    coin = MADE["bounded"]()
    assert fault(coin, {"s": "2", "loss": "log-cosh"}) is None
    for values in ({"scale": "2"}, {"s": "100"}, {"loss": "Hubert"}):
        assert fault(coin, values)


@pytest.mark.parametrize("name", LIVE)
def test_numbers_in_the_prose_move_their_figure(name: str, book_html: Path, visit: Callable[..., Any]) -> None:
    html = (book_html / f"{name}.html").read_text(encoding="utf-8")
    printed = re.findall(r'<span class="lossbook-scrub"[^>]*>([^<]+)</span>', html)
    if not printed:
        assert not re.match(r"chapters/0\d", name), "a chapter has no number to drag"
        return
    page: Page = visit().open((book_html / f"{name}.html").as_uri())
    numbers = page.get_by_role("slider").and_(page.locator(".lossbook-scrub"))
    assert numbers.all_text_contents() == printed  # what stands there without a script is the start
    for number in numbers.all():
        figure, parameter = number.get_attribute("data-figure"), number.get_attribute("data-parameter")
        inside = page.locator(f'[data-figure="{figure}"]:has(.lb-figure)')
        before = inside.locator(".lb-panels").inner_html()
        number.focus()
        number.press("PageUp")
        number.press("ArrowRight")
        expect(inside.locator(f'label:has([data-parameter="{parameter}"]) .lb-value')).to_have_text(number.inner_text())
        assert inside.locator(".lb-panels").inner_html() != before, f"{figure}, {parameter}"


FIGURE = "figure-bounded"
WANTED = {"s": 2.5, "loss": "pseudo-Huber"}
NOW = """() => {
  const place = document.querySelector("#figure-bounded script");
  if (!place) return {}; // the page is still being read
  const model = lossbookPage.manager.models.get(JSON.parse(place.textContent).model_id);
  return { s: model.get("s"), loss: model.get("loss"), r: model.get("r") };
}"""


def test_a_link_sets_a_figure_and_reload_and_back_keep_it(book_html: Path, visit: Callable[..., Any]) -> None:
    address = (book_html / "chapters/07-regression.html").as_uri()
    page: Page = visit().open(f"{address}#{FIGURE}?s=2.5&loss=pseudo-Huber&r=high&nonsense=3")
    page.wait_for_function("document.documentElement.dataset.arrived !== undefined")
    assert page.evaluate(NOW) == {**WANTED, "r": 3}  # what a link names wrongly is as at the start
    top = page.locator(f"#{FIGURE}").bounding_box()["y"]
    assert 0 <= top <= 120
    page.locator(f"#{FIGURE} input[data-parameter=r]").fill("-2")
    page.wait_for_function("Object.keys(history.state?.figures?.['figure-bounded'] ?? {}).length === 3")
    page.reload()
    page.wait_for_function(f"globalThis.lossbookPage?.manager && ({NOW})().r === -2")
    assert page.evaluate(NOW) == {**WANTED, "r": -2}
    page.goto((book_html / "chapters/glossary.html").as_uri())
    page.go_back()
    page.wait_for_function(f"globalThis.lossbookPage?.manager && ({NOW})().r === -2")


def test_a_button_copies_the_link(book_html: Path, visit: Callable[..., Any]) -> None:
    address = (book_html / "chapters/07-regression.html").as_uri()
    page: Page = visit().open(address)
    page.locator(f"#{FIGURE} input[data-parameter=r]").fill("-2")
    page.locator(f"#{FIGURE}").get_by_role("button", name="Copy link").click()
    page.wait_for_function("location.hash")
    assert page.url == f"{address}#{FIGURE}?r=-2"
    assert re.fullmatch(r"Copied|See the address above", page.locator(f"#{FIGURE} .lossbook-link").first.inner_text())


def test_a_link_on_a_slide_sets_its_figure(book_html: Path, visit: Callable[..., Any]) -> None:
    for path in sorted((book_html / "slides").glob("0*.html")):
        html = path.read_text(encoding="utf-8")
        if 'class="lossbook-set"' not in html:
            continue
        page: Page = visit(1280, 720).open(path.as_uri())
        for link in page.locator(".lossbook-set").all():
            changed = link.evaluate("""async (link) => {
              const figure = link.closest("section").querySelector(`[data-figure="${link.dataset.figure}"] .lb-panels`);
              const before = figure.innerHTML;
              link.click();
              await new Promise((done) => setTimeout(done));
              return figure.innerHTML !== before;
            }""")
            assert changed, (path.name, link.inner_text())


def test_a_link_of_the_guide_leads_to_its_figure_and_sets_it(book_html: Path, visit: Callable[..., Any]) -> None:
    tab = visit()
    page: Page = tab.open((book_html / "chapters/teaching-chapters.html").as_uri())
    link = page.locator(".lossbook-setting", has=page.locator("a[href*='#figure-bounded']")).first
    values = dict(parse_qsl(link.get_attribute("data-values") or ""))
    link.locator("a").click()
    page.wait_for_function("document.documentElement.dataset.arrived !== undefined")
    state = page.evaluate(NOW.replace('model.get("r") }', 'model.get("r"), all: model.state }'))["all"]
    assert values
    for name, text in values.items():
        assert state[name] == (float(text) if isinstance(state[name], int | float) else text)
    assert tab.complaints == []
