"""Puts scripts and styles into the pages that need them, and lets all formats have what HTML pages have."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from . import answers, figurelinks, insides

#: The script that mounts live figures. `nb_ipywidgets_js` in _config.yml names it, so that MyST-NB puts it,
#: deferred, into the pages that hold widgets and into no other.
HOST = Path(__file__).parents[1] / "live" / "host.js"
#: The script that brings the reader to the place that a link names; each page has it.
ARRIVE = Path(__file__).with_name("arrive.js")
#: The script that sorts and filters the tables of the atlas.
TABLE = Path(__file__).with_name("table.js")
SCRIPTS = (HOST, ARRIVE, TABLE, figurelinks.SCRIPT, figurelinks.STATE, answers.SCRIPT)
#: The style of the quizzes. In Jupyter each carries it within itself; a page of the book holds no style element, since
#: a security policy may forbid these.
QUIZ = Path(__file__).parents[1] / "pages" / "quizzes" / "quiz.css"
#: The style of the cheat sheet, which on paper sets the size of the whole page.
SHEET = Path(__file__).parents[1] / "pages" / "sheet.css"
_QUIZ_OPENING = re.compile(r'(<div class="lossbook-quiz"[^>]*>)<style>.*?</style>', re.S)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", _serve_scripts)
    app.connect("html-page-context", _add_table_script)
    app.connect("doctree-read", _keep_widths)
    app.connect("builder-inited", insides.share_translators)
    app.connect("html-page-context", _add_quiz_style)
    app.connect("html-page-context", _add_sheet_style)
    app.connect("html-page-context", _keep_colab_to_notebooks, priority=insides.AFTER_BUTTONS)
    app.connect("env-updated", _renew_style)
    app.add_node(nodes.citation, override=True, html=(insides.visit_citation, insides.depart_citation))


def _serve_scripts(app: Sphinx, config: Config) -> None:
    # Single files as static paths: the folders around them hold Python and scripts that no page asks for.
    config.html_static_path = [*config.html_static_path, *map(str, (*SCRIPTS, QUIZ, SHEET))]
    app.add_js_file(ARRIVE.name, loading_method="defer")


def _add_table_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the script of the tables to the pages that have one."""
    if "lossbook-table" in context.get("body", ""):
        app.add_js_file(TABLE.name, defer="defer")


def _add_quiz_style(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the style sheet of the quizzes to the pages that have one, in place of the style within."""
    body, quizzes = _QUIZ_OPENING.subn(r"\1", context.get("body", ""))
    if quizzes:
        context["body"] = body
        app.add_css_file(QUIZ.name)


def _add_sheet_style(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the cheat sheet's style to its page."""
    if "lossbook-sheet" in context.get("body", ""):
        app.add_css_file(SHEET.name)


def _renew_style(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write all pages anew where a style sheet or script has changed, which Sphinx does not look at.

    Each page names these files with a mark of their content, so that browsers do not keep old ones.
    """
    given = [Path(app.confdir, entry) for entry in app.config.html_static_path]
    files = [path for entry in given for path in (sorted(entry.rglob("*")) if entry.is_dir() else [entry])]
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in files if path.is_file())).hexdigest()
    if getattr(env, "lossbook_style", None) == mark:
        return []
    env.lossbook_style = mark  # type: ignore[attr-defined]
    return sorted(env.found_docs)


def _keep_colab_to_notebooks(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Take the button for Colab off the pages that are notebooks in Markdown, which it cannot open."""
    if context.get("page_source_suffix") != ".ipynb":
        insides.without_button(context, "launch-buttons", "Colab")


def _keep_widths(app: Sphinx, doctree: nodes.document) -> None:
    """Have the widths that a table is given hold; MyST says of each of its tables that the browser finds them.

    A browser that reads slowly finds other widths with each row that arrives, and the table moves under the eye.
    """
    for table in doctree.findall(nodes.table):
        if "colwidths-given" in table["classes"] and "colwidths-auto" in table["classes"]:
            table["classes"].remove("colwidths-auto")
