"""The built pages are light, and nothing that they need went with what they do not need."""

import re

from PIL import Image

from lossbook.sphinxext.lighter import PLAIN_TOKENS


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
