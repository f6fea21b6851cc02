"""The README: its picture is that of the figure as it is declared, its example runs, its addresses are written once."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from building import ROOT

from lossbook.figures.likelihood import coin
from lossbook.figures.regression import barron
from lossbook.sphinxext.address import read
from publishing.picture import PICTURE, figure_at_work, picture
from publishing.readme import with_addresses

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def differs(old: str, new: str) -> bool:
    """Tell whether two pictures differ by more than a machine's rounding."""
    numbers = [[float(found) for found in _NUMBER.findall(text)] for text in (old, new)]
    if _NUMBER.sub("", old) != _NUMBER.sub("", new) or len(numbers[0]) != len(numbers[1]):
        return True
    return any(abs(a - b) > 0.15 for a, b in zip(*numbers, strict=True))


def test_the_picture_is_up_to_date_and_small():
    text = PICTURE.read_text(encoding="utf-8")
    assert not differs(text, figure_at_work()), "type: python -m publishing.picture"
    assert len(text.encode()) < 150_000


@pytest.mark.parametrize("change", [("Loss", "Losses"), ("alpha", "beta"), ("#0072b2", "#0072b3"), ("M45.", "M44.")])
def test_a_picture_of_another_figure_is_noticed(change):
    text = PICTURE.read_text(encoding="utf-8")
    other = text.replace("L", "L", 1) if change[0] not in text else text.replace(*change, 1)
    assert differs(text, other) is (other != text)


def test_the_picture_moves_follows_the_mode_and_can_stand_still():
    text = figure_at_work()
    root = ET.fromstring(text)
    frames = [node for node in root.iter("{http://www.w3.org/2000/svg}g") if node.get("class") == "f"]
    assert len(frames) == 21 and len({ET.tostring(frame) for frame in frames}) == 21
    assert "prefers-color-scheme:dark" in text and "prefers-reduced-motion:reduce" in text
    assert not re.search(r"<script|href|url\(|https?://(?!www\.w3\.org)", text)
    with pytest.raises(ValueError, match="cannot draw this mark: area"):
        picture(coin(), "N1", [60])


def test_its_example_runs(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(from lossbook\.figures.*?)```", TEXT, re.S)
    assert len([line for line in code.splitlines() if line]) <= 5
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102 (our own text)
    assert (tmp_path / "barron.png").stat().st_size > 10_000


def test_a_figure_says_what_it_is_and_how_it_is_drawn(tmp_path, monkeypatch):
    said = repr(barron())
    assert said.startswith("<Figure barron(alpha=1.0, welsch=False, c=1.0, r=3.0): ")
    (call,) = re.findall(r"(\.draw\(.*\)\.savefig\(.*?\))", said)
    monkeypatch.chdir(tmp_path)
    eval(f"figure{call}", {"figure": barron()})  # noqa: S307 (our own text)
    assert (tmp_path / "barron.png").exists()


def test_addresses_are_those_of_the_settings_and_go_as_they_came():
    known = read(ROOT)
    assert with_addresses(TEXT, known.repository, known.site) == TEXT, "type: python -m publishing.readme"
    published = with_addresses(TEXT, "https://github.com/owner/name", "https://owner.github.io/name/")
    assert published.count("https://owner.github.io/name/") == 2
    assert "](https://raw.githubusercontent.com/owner/name/main/.github/figure.svg)](https://owner" in published
    assert "[an issue](https://github.com/owner/name/issues)" in published
    assert with_addresses(published, "https://github.com/owner/name", "https://owner.github.io/name/") == published
    assert with_addresses(published, known.repository, known.site) == TEXT
