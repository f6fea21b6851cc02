"""The cheat sheet says of every loss what the atlas says, in short."""

from __future__ import annotations

import re
from functools import reduce

import pytest
import torch
from bs4 import BeautifulSoup

from lossbook import losses
from lossbook.pages import sheet
from lossbook.pages.atlas import all_losses, facts_of, groups, sections_of


@pytest.fixture(scope="module")
def made():
    return BeautifulSoup(sheet.Sheet().html(), "html.parser")


def test_every_loss_has_a_card_under_its_task(made):
    assert [card.a.get_text() for card in made.select("li")] == list(all_losses())
    assert [heading.get_text() for heading in made.select("h2")] == list(groups())
    for card in made.select("li"):
        name = card.a.get_text()
        assert card.a["href"] == f"atlas.html#{name.lower()}"
        assert card.select(".what ~ math"), name
        assert card.select("polyline:not(.axis)"), name
        assert "$" not in card.get_text() and "`" not in card.get_text() and "\\" not in card.get_text(), name


@pytest.mark.parametrize("name", all_losses())
def test_every_loss_says_when_to_use_it_and_has_formula_and_slope(name):
    use = facts_of(name).use
    assert use.endswith(".") and 20 < len(use) < 110, use
    parts = sections_of(name)
    for part in ("Formula", "Gradient"):
        short = sheet.in_short(parts[part])
        assert "$" in short and short.count("$") % 2 == 0, f"{name}: {part}"


def test_a_new_loss_without_advice_shows_its_summary(monkeypatch):
    monkeypatch.setattr(losses.HuberLoss, "_facts", None)
    monkeypatch.setattr(sheet, "facts_of", lambda name: losses.L1Loss._facts.__class__(
        task="regression", convex=True, smooth=True, lipschitz=None, robust=True, paper="", year=2000
    ))  # fmt: skip
    assert sheet._use("HuberLoss") == sections_of("HuberLoss")["Summary"]


@pytest.mark.parametrize("name", all_losses())
def test_calls_are_there(name):
    for call in re.findall(r"\btorch\.[\w.]+", sheet.in_pytorch(sections_of(name)["Equivalent"])):
        assert reduce(getattr, call.split(".")[1:], torch)


@pytest.mark.parametrize(
    "name, call",
    [
        ("HuberLoss", "torch.nn.HuberLoss(delta)"),
        ("CrossEntropyLoss", "torch.nn.CrossEntropyLoss"),
        ("BrierLoss", "torch.nn.MSELoss*"),  # divides by the number of classes
        ("BCELoss", "torch.nn.BCELoss*"),  # cuts off at −100
        ("LeastSquaresGANLoss", "half of torch.nn.MSELoss*"),
        ("HingeLoss", ""),  # PyTorch's class of that name is another loss
        ("LossSensitiveGANLoss", ""),
        ("AdaptiveRobustLoss", ""),
    ],
)
def test_a_call_says_whether_it_is_alike(name, call):
    assert sheet.in_pytorch(sections_of(name)["Equivalent"]) == call


def test_what_is_on_rounding_is_left_out():
    assert sheet.in_short(sections_of("LogCoshLoss")["Formula"]) == r"$\ell = \ln\cosh r$."
    assert "would be infinite" not in sheet.in_short(sections_of("SigmoidFocalLoss")["Gradient"])
