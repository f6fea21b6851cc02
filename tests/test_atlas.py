"""The atlas holds every loss, and says what its code says."""

from __future__ import annotations

import re

import numpy as np
import pytest
import sympy

from lossbook import losses
from lossbook.figures import atlas
from lossbook.live import Figure
from lossbook.pages.atlas import (
    Card,
    Heading,
    Table,
    all_losses,
    entries,
    facts_of,
    formula_of,
    groups,
    sections_of,
)


def test_every_loss_has_a_place_a_card_and_a_picture():
    names = list(all_losses())
    assert len(names) > 35 and set(names) < set(losses.__all__)
    assert set(atlas.PICTURES) == set(names)
    shown = list(entries())
    headings = [entry.text for entry in shown if isinstance(entry, Heading) and entry.level == 3]
    assert headings == [entry.name for entry in shown if isinstance(entry, Card)] == names
    assert sum(isinstance(entry, Figure) for entry in shown) == len(names)
    assert [entry.text for entry in shown if isinstance(entry, Heading) and entry.level == 2] == list(groups())
    assert [name for group in groups().values() for name in group] == names


def test_losses_of_a_new_module_come_last(monkeypatch):
    monkeypatch.setattr(losses.HuberLoss, "__module__", __name__)
    monkeypatch.setitem(globals(), "HuberLoss", losses.HuberLoss)
    assert list(groups())[-1] == "More losses" and groups()["More losses"] == ["HuberLoss"]


@pytest.mark.parametrize("name", all_losses())
def test_cards_say_what_the_code_says(name):
    text = Card(name).markdown()
    for part in sections_of(name).values():
        assert part and part in text
    assert ":math:" not in text and "``" not in text
    assert str(facts_of(name).year) in text
    assert text.count("$") % 2 == 0


@pytest.mark.parametrize(
    "name, printed",
    [
        ("PseudoHuberLoss", r"\delta^{2} \left(\sqrt{1 + \frac{r^{2}}{\delta^{2}}} - 1\right)"),
        ("HuberLoss", r"\frac{r^{2}}{2} & \text{for}\: \left|{r}\right| \leq \delta"),
        ("HingeGANLoss", r"\ell_\text{real} = \max\left(0, 1 - s\right)"),
    ],
)
def test_cards_show_what_sympy_prints(name, printed):
    assert printed in formula_of(name) and f"$$\n{formula_of(name)}\n$$" in Card(name).markdown()


def test_rows_of_numbers_and_integrals_are_left_to_the_docstring():
    unprinted = {name for name in all_losses() if not formula_of(name)}
    assert {"CrossEntropyLoss", "PerceptualLoss", "AdaptiveRobustLoss"} < unprinted
    assert len(unprinted) < len(all_losses()) / 2 and all("$$" not in Card(name).markdown() for name in unprinted)


def test_the_table_has_a_row_for_every_loss():
    table = Table().html()
    assert re.findall(r'href="#(\w+)">(\w+)</a>', table) == [(name.lower(), name) for name in all_losses()]
    row = re.search(r">HuberLoss</a></th>(.*?)</tr>", table)[1]
    assert re.findall(r"<td>(.*?)</td>", row)[:5] == ["regression", "yes", "yes", "1", "yes"]


@pytest.mark.parametrize("name", [name for name, picture in atlas.PICTURES.items() if picture().slopes])
def test_a_slope_written_by_hand_is_the_derivative(name):
    picture = atlas.PICTURES[name]()
    given = np.random.default_rng(0)
    symbols = sorted(next(iter(picture.curves.values())).free_symbols, key=str)
    for label, curve in picture.curves.items():
        for _ in range(20):
            at = dict(zip(symbols, map(sympy.Float, given.uniform(0.5, 4, len(symbols))), strict=True))
            assert abs((curve.diff(atlas.x) - picture.slopes[label]).subs(at).evalf(30)) < 1e-12


def test_unknown_losses_are_named():
    with pytest.raises(ValueError, match="name: expected one of .*HuberLoss.*got 'Huber'"):
        Card("Huber").markdown()
