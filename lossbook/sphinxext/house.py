"""Puts scripts and styles into the pages that need them, buttons where the book's address is known, known roles."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.writers.html5 import HTML5Translator

from ..style import PALETTE

#: The script that mounts live figures. `nb_ipywidgets_js` in _config.yml names it, so that MyST-NB puts it,
#: deferred, into the pages that hold widgets and into no other.
HOST = Path(__file__).parents[1] / "live" / "host.js"
#: The script that sorts and filters the tables of the atlas.
TABLE = Path(__file__).with_name("table.js")
#: The style of the quizzes. In Jupyter each carries it within itself; a page of the book holds no style element, since
#: a security policy may forbid these.
QUIZ = Path(__file__).parents[1] / "pages" / "quizzes" / "quiz.css"
_QUIZ_OPENING = re.compile(r'(<div class="lossbook-quiz"[^>]*>)<style>.*?</style>', re.S)
_FORMULA = re.compile(r'<div class="((?:output text_latex )?math notranslate)')
_BINDER = "https://mybinder.org"
_COLAB = "https://colab.research.google.com"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", _serve_scripts)
    app.connect("html-page-context", _add_table_script)
    app.connect("html-page-context", _let_formulas_scroll)
    app.connect("builder-inited", _share_translators)
    app.connect("html-page-context", _add_quiz_style)
    app.connect("config-inited", _show_address)
    app.connect("config-inited", _make_cards)
    # After the theme, which has made the buttons at 501.
    app.connect("html-page-context", _keep_colab_to_notebooks, priority=502)
    app.connect("env-updated", _renew_style)
    app.add_node(nodes.citation, override=True, html=(_visit_citation, _depart_citation))


def _serve_scripts(app: Sphinx, config: Config) -> None:
    # Single files as static paths: the folders around them hold Python and scripts that no page asks for.
    config.html_static_path = [*config.html_static_path, str(HOST), str(TABLE), str(QUIZ)]


def _add_table_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the script of the tables to the pages that have one."""
    if "lossbook-table" in context.get("body", ""):
        app.add_js_file(TABLE.name, defer="defer")


def _let_formulas_scroll(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the keyboard reach displayed formulas: a long one scrolls within itself."""
    context["body"] = _FORMULA.sub(r'<div tabindex="0" class="\1', context.get("body", ""))


def _share_translators(app: Sphinx) -> None:
    """Give the book on one page, from which the PDF is printed, all that the pages have.

    Sphinx looks for the writers of nodes under the builder's name, and under its format only if there are none at all;
    extensions that name one builder and not the other would leave it without the rest.
    """
    handlers = app.registry.translation_handlers
    if app.builder.name != app.builder.format and app.builder.format in handlers:
        handlers[app.builder.name] = {**handlers[app.builder.format], **handlers.get(app.builder.name, {})}


def _add_quiz_style(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the style sheet of the quizzes to the pages that have one, in place of the style within."""
    body, quizzes = _QUIZ_OPENING.subn(r"\1", context.get("body", ""))
    if quizzes:
        context["body"] = body
        app.add_css_file(QUIZ.name)


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


def _show_address(app: Sphinx, config: Config) -> None:
    """Show launch and source buttons if, and only if, ``repository: url:`` is set: no link may be dead."""
    options = dict(config.html_theme_options)
    known = bool(options.get("repository_url"))
    options["use_repository_button"] = options["use_issues_button"] = known
    hub = options.get("launch_buttons", {}).get("jupyterhub_url", "")
    places = {"binderhub_url": _BINDER, "colab_url": _COLAB, "jupyterhub_url": hub}
    launch = {"notebook_interface": "jupyterlab", **places} if known else {}
    config.html_theme_options = {**options, "launch_buttons": launch}


def _make_cards(app: Sphinx, config: Config) -> None:
    """Make the pictures that other sites show beside a link, if the book's own address is set: they want a full one."""
    config.ogp_social_cards = {"enable": bool(config.ogp_site_url), "line_color": PALETTE[0]}


def _keep_colab_to_notebooks(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Take the button for Colab off the pages that are notebooks in Markdown, which it cannot open."""
    if context.get("page_source_suffix") == ".ipynb":
        return
    for group in context.get("header_buttons", ()):
        if group.get("label") == "launch-buttons":
            group["buttons"] = [button for button in group["buttons"] if button["text"] != "Colab"]


def _visit_citation(translator: Any, node: nodes.citation) -> None:
    # docutils puts entries of the role doc-biblioentry, which ARIA has given up, into a list, which wants list items.
    HTML5Translator.visit_citation(translator, node)
    translator.body[-1] = translator.body[-1].replace('role="doc-biblioentry"', 'role="listitem"')


def _depart_citation(translator: Any, node: nodes.citation) -> None:
    HTML5Translator.depart_citation(translator, node)
