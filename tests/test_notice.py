"""The built book names all that it distributes, and its licences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from building import ROOT
from fontTools.ttLib import TTFont

from lossbook.sphinxext import embedding, lighter
from lossbook.sphinxext.notice import NAME, PARTS, _licence_of, notice

# What the book's own scripts, styles and pictures are called.
OURS = {path.name for folder in ("lossbook", "_static", "slides") for path in (ROOT / folder).rglob("*.*")}


def test_every_part_has_its_licence_in_full():
    text = notice()
    for part in PARTS:
        assert f"* {part.name}.\n  Copyright (c) {part.holder}.\n  {part.licence}." in text
    for sign in (
        "SIL Open Font License 1.1 ---",
        "PREAMBLE The goals of the Open Font License",
        "MIT License ---",
        "Redistributions in binary form must reproduce",
        "Permission is hereby granted, free of charge, to any person obtaining a copy of the Font Software",
    ):
        assert sign in " ".join(text.split()), sign
    assert not re.search(r"^(/|[A-Z]:)", text, re.M) and str(Path.home()) not in text


@pytest.mark.parametrize("part", [part for part in PARTS if part.package], ids=lambda part: part.package)
def test_a_part_belongs_to_whom_its_licence_names(part):
    text = _licence_of(part.package)
    for word in re.findall(r"\d{4}|[A-Za-z]{4,}", part.holder):
        assert word in text, word
    kind = {"MIT": "Permission is hereby granted", "BSD": "Redistribution"}[part.licence[:3]]
    assert kind in text


def test_every_file_of_others_is_named(book_html):
    assert (book_html / NAME).read_text(encoding="utf-8") == notice()
    unnamed, used = [], set()
    for path in book_html.rglob("*"):
        place = path.relative_to(book_html).as_posix()
        if path.suffix in (".js", ".css", ".woff", ".woff2", ".ttf", ".svg", ".png", ".mo") and "_static" in place:
            part = next((part for part in PARTS if re.fullmatch(part.files, place)), None)
            used.add(part)
            if part is None and path.name not in OURS and not place.startswith(f"{embedding.FOLDER}/"):
                unnamed.append(place)
    assert not unnamed
    assert [part.name for part in PARTS if part not in used] == [], "nothing of these is distributed"


def names_of(font: Path) -> dict[int, str]:
    with TTFont(font) as opened:
        return {record.nameID: str(record) for record in opened["name"].names}


def test_a_font_whose_name_is_reserved_has_another(book_html):
    fonts = list(book_html.rglob("*.woff2"))
    assert len(fonts) >= 5
    for path in fonts:
        # The version and the copyright may say where it comes from.
        shown = " ".join(name for number, name in names_of(path).items() if number in (1, 2, 3, 4, 6, 16, 17, 18, 21))
        assert not re.search("Font ?Awesome|TM Math", shown), path.name


def test_a_part_of_a_font_is_renamed_and_keeps_whose_it_is(tmp_path):
    from pydata_sphinx_theme import __file__ as theme

    whole = Path(theme).parent / "theme/pydata_sphinx_theme/static/vendor/fontawesome/webfonts/fa-solid-900.woff2"
    lighter._subset_font(whole, {"f002"}, tmp_path / "store", tmp_path / "part.woff2")
    before, after = names_of(whole), names_of(tmp_path / "part.woff2")
    assert (before[1], before[6]) == ("Font Awesome 6 Free Solid", "FontAwesome6Free-Solid")
    assert (after[1], after[6]) == ("Lossbook Icons 6 Free Solid", "LossbookIcons6Free-Solid")
    assert after[0] == before[0]
