"""The built pages are light, and nothing that they need went with what they do not need."""

import re

import pytest
from PIL import Image

from lossbook.sphinxext.lighter import HEAVY, PLAIN_TOKENS
from lossbook.sphinxext.styles import names_in_use, without_unused


def test_pictures_have_a_palette(book_html):
    pictures = list((book_html / "_images").glob("*.png"))
    assert len(pictures) > 100
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.mode == "P", path.name


def test_tokens_without_an_element_have_the_colour_of_code(book_html):
    style = (book_html / "_static" / "pygments.css").read_text(encoding="utf-8")
    for mode in ("light", "dark"):
        (colour,) = re.findall(rf'data-theme="{mode}"\] \.highlight \{{[^}}]*?\bcolor: (#\w+)', style)
        for token in PLAIN_TOKENS:
            assert re.findall(rf'data-theme="{mode}"\] \.highlight \.{token} \{{ (.*?) \}}', style) == [
                f"color: {colour}"
            ]
    code = (book_html / "chapters" / "07-regression.html").read_text(encoding="utf-8")
    assert '<span class="k">' in code and '<span class="n">' not in code


def test_a_page_links_to_the_styles_that_it_needs(book_html):
    needs = {"mathematics.css": "<math", "sphinx-design.min.css": 'class="sd-', "quiz.css": 'class="lossbook-quiz'}
    for path in [book_html / "index.html", *(book_html / "chapters").glob("*.html")]:
        page = path.read_text(encoding="utf-8")
        head, _, body = page.partition("</head>")
        for style, sign in needs.items():
            assert (style in head) >= (sign in body), f"{path.name}: {style}"
        assert ("sphinx-design" in head) == ('class="sd-' in body), path.name


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        (".row{margin:0}", ".row{margin:0}"),
        (".card{margin:0}", ""),
        (".card .row,.row>p,#top.row{a:b}", ".row>p,#top.row{a:b}"),
        ("p:not(.card):hover, a[href^='#card']{a:b}", 'p:not(.card):hover,a[href^="#card"]{a:b}'),
        ("@media (min-width:600px){.card{a:b}.row{a:b}}", "@media (min-width:600px){.row{a:b}}"),
        ("@supports (a:b){@media print{.card{a:b}}}", ""),
        (
            "@font-face{src:url(card.woff)}@keyframes card{to{a:b}}",
            "@font-face{src:url(card.woff)}@keyframes card{to{a:b}}",
        ),
        ("@charset 'utf-8';:root{--card:'.card'}", '@charset "utf-8";:root{--card:".card"}'),
        (r".col\:2{a:b}.row{content:'\2014'}", '.row{content:"—"}'),
        (".shown{a:b}.said{a:b}", ".shown{a:b}"),
    ],
)
def test_rules_for_what_no_page_has_go(sheet, kept):
    page = '<p class="row wide" id="top">said<script>part.classList.add("shown")</script>'
    assert without_unused(sheet, names_in_use([page], ["collapse()"])) == kept


def test_the_heavy_sheets_have_lost_what_no_page_has(book_html):
    static = book_html / "_static"
    pages = [path.read_text(encoding="utf-8") for path in book_html.rglob("*.html")]
    used = names_in_use(pages, (path.read_text(encoding="utf-8") for path in static.rglob("*.js")))
    heavy = [path for path in static.rglob("*.css") if path.stat().st_size > HEAVY]
    assert "pydata-sphinx-theme.css" in {path.name for path in heavy}
    for path in heavy:
        sheet = path.read_text(encoding="utf-8")
        assert len(sheet) < 120_000 and len(without_unused(sheet, used)) > 0.97 * len(sheet)
    assert not list(static.rglob("fontawesome.js*"))
