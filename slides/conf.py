"""Settings of the lecture decks, which sphinx-revealjs builds beside the book: ``make slides``."""

project = "Loss functions"
author = "The lossbook authors"
copyright = author
language = "en"
root_doc = "index"
exclude_patterns = ["conf.py"]
extensions = [
    "myst_parser",
    "sphinx_revealjs",
    "lossbook.sphinxext.lighter",
    "lossbook.sphinxext.mathematics",
    "lossbook.sphinxext.recorded",
    "lossbook.sphinxext.slides",
    "lossbook.sphinxext.whole",
]
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "dollarmath"]

html_math_renderer = "mathml"
html_favicon = "../_static/favicon.svg"
revealjs_static_path = ["_static"]
revealjs_style_theme = "white"
revealjs_css_files = ["revealjs/plugin/highlight/zenburn.css", "deck.css"]
revealjs_js_files = [("deck.js", {"defer": "defer"})]
revealjs_script_plugins = [
    {"name": "RevealNotes", "src": "revealjs/plugin/notes/notes.js"},
    {"name": "RevealHighlight", "src": "revealjs/plugin/highlight/highlight.js"},
]
revealjs_script_conf = {
    "width": 1280,
    "height": 720,
    "margin": 0,
    "center": False,
    "hash": True,
    "slideNumber": "c/t",
    "transition": "none",
    "defaultTiming": 120,  # seconds; without it the speaker view does not compare with the slides' own times
    "pdfSeparateFragments": False,
    "pdfMaxPagesPerSlide": 1,
}
