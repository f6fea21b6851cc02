"""All that reaches into the insides of Sphinx, its extensions, nbclient and the theme, where no way is documented.

Each part was tried on the version that stands in `TRIED`, which a test compares with what is pinned. Where what a part
expects is gone, it stops the build and says so: it must be looked at before the version is renewed.
"""

from __future__ import annotations

import atexit
import copy
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
import sphinx.builders.html
from docutils import nodes
from myst_nb.core.execute import NotebookClientBase, create_client
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

#: Packages and their versions.
TRIED = {
    "docutils": "0.21.2",
    "myst-nb": "1.4.0",
    "nbclient": "0.11.0",
    "numpydoc": "1.11.0",
    "pybtex": "0.26.1",
    "pydata-sphinx-theme": "0.16.1",
    "sphinx": "7.4.7",
    "sphinx-book-theme": "1.2.0",
}


def expect(there: object, package: str, what: str) -> None:
    """Raise `ExtensionError` if something is not there.

    Parameters
    ----------
    there : object
        True if it is.
    package : str
        Whose insides they are.
    what : str
        What is expected.

    Raises
    ------
    ExtensionError
        With both versions, the one that is installed and the one that this was tried on.
    """
    if not there:
        found = f"{package} {version(package)} is installed, {TRIED[package]} was tried"
        raise ExtensionError(f"lossbook.sphinxext.insides: {what} is not there ({found})")


# Sphinx.


def write_pages_with(opening: Callable[..., Any]) -> None:
    """Have Sphinx write its pages with a function in place of Python's ``open``; it has no hook for this."""
    used = sphinx.builders.html.StandaloneHTMLBuilder.handle_page.__code__.co_names
    expect("open" in used, "sphinx", "open() in StandaloneHTMLBuilder.handle_page")
    sphinx.builders.html.open = opening


def share_translators(app: Sphinx) -> None:
    """Give the book on one page, where somebody builds it, all that the pages have.

    Sphinx looks for the writers of nodes under the builder's name, and under its format only if there are none at all;
    extensions that name one builder and not the other would leave it without the rest.
    """
    handlers = getattr(app.registry, "translation_handlers", None)
    expect(isinstance(handlers, dict), "sphinx", "registry.translation_handlers")
    if handlers and app.builder.name != app.builder.format and app.builder.format in handlers:
        handlers[app.builder.name] = {**handlers[app.builder.format], **handlers.get(app.builder.name, {})}


def below_title(body: str, html: str) -> str:
    """Return a page with something below its title."""
    expect("</h1>" in body, "sphinx", "the end of a page's title, </h1>,")
    return body.replace("</h1>", f"</h1>\n{html}", 1)


def visit_citation(translator: Any, node: nodes.citation) -> None:
    """Write an entry of the bibliography as what ARIA has for it.

    Its role is ``doc-biblioentry``, which ARIA has given up, and it stands in a list, which wants list items.
    """
    HTML5Translator.visit_citation(translator, node)
    old = 'role="doc-biblioentry"'
    expect(old in translator.body[-1], "docutils", f"{old} of an entry")
    translator.body[-1] = translator.body[-1].replace(old, 'role="listitem"')


def depart_citation(translator: Any, node: nodes.citation) -> None:
    """End the entry."""
    HTML5Translator.depart_citation(translator, node)


# pybtex and numpydoc.


def find_plugins_once() -> None:
    """Have pybtex keep a plugin that it has found: each citation asks, and it reads what all packages offer."""
    import pybtex.plugin

    find: Any = getattr(pybtex.plugin, "_load_entry_point", None)
    expect(callable(find), "pybtex", "plugin._load_entry_point")
    if not hasattr(find, "cache_clear"):
        pybtex.plugin._load_entry_point = cache(find)


def read_template_once() -> None:
    """Have numpydoc keep its environment of templates: it makes one, and compiles the template, for each docstring."""
    import numpydoc.docscrape_sphinx

    make: Any = getattr(numpydoc.docscrape_sphinx, "SandboxedEnvironment", None)
    expect(callable(make), "numpydoc", "docscrape_sphinx.SandboxedEnvironment")
    made: list[Any] = []

    def environment(loader: Any) -> Any:
        if not made:
            made.append(make(loader=loader))
        return made[0]

    numpydoc.docscrape_sphinx.SandboxedEnvironment = environment


# MyST-NB.


def page_as_notebook(path: str, env: Any) -> NotebookNode | None:
    """Return a page as a notebook, or None if it is none."""
    expect(hasattr(env, "myst_config") and hasattr(env, "mystnb_config"), "myst-nb", "env.mystnb_config")
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    return None if reader is None else reader.read(text)


class _Given(NotebookClientBase):
    """Hands outputs that are there to MyST-NB."""

    given: Callable[[str], NotebookNode]

    def start_client(self) -> None:
        executed = self.given(str(self.path))
        # The notebook that is read may differ in its text, and in nothing else.
        cells = iter([cell for cell in executed.cells if cell.cell_type == "code"])
        self._notebook = copy.deepcopy(self.notebook)
        for cell in self._notebook.cells:
            if cell.cell_type == "code":
                done = next(cells)
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
        for key in ("language_info", "widgets"):
            if key in executed.metadata:
                self._notebook.metadata[key] = executed.metadata[key]


def cells_with_outputs(document: nodes.document) -> list[tuple[nodes.container, nodes.container]]:
    """Return the cells of code that show something, each with what it shows."""
    cells = [cell for cell in document.findall(nodes.container) if cell.get("nb_element") == "cell_code"]
    marked = [cell for cell in document.findall(nodes.container) if "cell" in cell["classes"]]
    expect(bool(cells) == bool(marked), "myst-nb", 'nb_element="cell_code" of a cell')
    return [(cell, cell[-1]) for cell in cells if len(cell) and cell[-1].get("nb_element") == "cell_code_output"]


def unfold_input(cell: nodes.container) -> bool:
    """Have MyST-NB leave the code of a cell as it is; tell whether it would have folded it."""
    folds = cell.attributes.pop("hide_mode", None)
    expect(folds is None or "prompt_show" in cell, "myst-nb", "the mark prompt_show of a cell that folds")
    return folds == "input"


def folded(parts: Sequence[nodes.Element], show: str, hide: str) -> nodes.Element:
    """Return parts of a cell, folded into a line.

    Parameters
    ----------
    parts : sequence of docutils.nodes.Element
        What is folded.
    show, hide : str
        The line while they are folded, and while they are not.
    """
    node: Any = getattr(myst_nb.sphinx_, "HideCodeCellNode", None)
    expect(callable(node), "myst-nb", "HideCodeCellNode")
    return node("", *parts, classes=["above-input"], prompt_show=show, prompt_hide=hide)


def hand_outputs(given: Callable[[str], NotebookNode | None]) -> None:
    """Have MyST-NB take outputs that are there; it has no hook for this.

    Parameters
    ----------
    given : callable
        Takes a page's path; returns its notebook with outputs, or None if MyST-NB shall do what it does.
    """
    expect(hasattr(NotebookClientBase, "start_client"), "myst-nb", "NotebookClientBase.start_client")
    used = myst_nb.sphinx_.Parser.parse.__code__.co_names
    expect("create_client" in used, "myst-nb", "create_client() in its parser")

    def client_of(notebook: NotebookNode, source: str, *arguments: Any, **options: Any) -> NotebookClientBase:
        if given(source) is None:
            return create_client(notebook, source, *arguments, **options)
        client = _Given(notebook, Path(source), *arguments[:2])
        client.given = given  # type: ignore[assignment]
        return client

    myst_nb.sphinx_.create_client = client_of


def leave_kernel(client: NotebookClient) -> None:
    """Leave nothing to do at the end of Python: of a kernel whose task was cancelled nbclient would still want to."""
    cleanup = getattr(client, "_cleanup_kernel", None)
    expect(callable(cleanup), "nbclient", "NotebookClient._cleanup_kernel")
    atexit.unregister(cleanup)  # type: ignore[arg-type]


def outputs_of(renderer: Any, index: int) -> tuple[int, list[Any]]:
    """Return the number of a cell as Jupyter counts, and its outputs, while these are rendered."""
    client = getattr(renderer.renderer, "nb_client", None)
    expect(hasattr(client, "code_cell_outputs"), "myst-nb", "renderer.nb_client.code_cell_outputs")
    number, outputs = client.code_cell_outputs(index)  # type: ignore[union-attr]
    return number, outputs


def outputs_with_headings(doctree: nodes.document) -> Iterator[nodes.Element]:
    """Yield the outputs of cells among which there are headings: rubrics that know their level."""
    headings = [rubric for rubric in doctree.findall(nodes.rubric) if "level" in rubric]
    found: list[nodes.Element] = []
    for heading in headings:
        outputs = heading.parent
        while outputs is not None and outputs.get("nb_element") != "cell_code_output":
            outputs = outputs.parent
        expect(outputs is not None, "myst-nb", 'a container with the nb_element "cell_code_output" around a heading')
        if outputs not in found:
            found.append(outputs)
    yield from found


# The theme.

#: After the theme, which makes its buttons at 501.
AFTER_BUTTONS = 502
# What draws icons, in the head of each page, where nothing is shown before it has run.
_ICON_SCRIPT = re.compile(r'<script src="[^"]*scripts/fontawesome\.js[^"]*"></script>')
# The rule of an icon in the theme's style sheet, with the names that share it.
_RULE = re.compile(
    r'(?P<selectors>\.fa-[a-z0-9-]+:+before(?:,\.fa-[a-z0-9-]+:+before)*)\{content:"(?:\\[0-9a-f]+|.)"\}'
)
_NAME = re.compile(r"\bfa-([a-z0-9-]+)")
# A code point in a style sheet, written out or as the character of the private area itself.
_CODE = re.compile(r'"(?:\\([ef][0-9a-f]{3})|([\ue000-\uf8ff]))"')


def without_button(context: dict[str, Any], group: str, text: str) -> None:
    """Take a button off a page's groups of buttons."""
    expect("header_buttons" in context, "sphinx-book-theme", "header_buttons in the context of a page")
    for one in context["header_buttons"]:
        if one.get("label") == group:
            one["buttons"] = [button for button in one["buttons"] if button["text"] != text]


def links_of(context: dict[str, Any], group: str) -> list[tuple[str, str]]:
    """Return the texts and addresses of the buttons of one of a page's groups; none if there is no such group."""
    expect("header_buttons" in context, "sphinx-book-theme", "header_buttons in the context of a page")
    groups = [one["buttons"] for one in context["header_buttons"] if one.get("label") == group]
    return [(button["text"], button["url"]) for buttons in groups for button in buttons if "url" in button]


def without_icon_script(static: Path, opening: Callable[..., Any]) -> None:
    """Take the script that draws icons off each page: the fonts of the style sheets draw the same ones, without it.

    Parameters
    ----------
    static : Path
        The folder ``_static`` of a built book.
    opening : callable
        What opens a page to be written, as for `write_pages_with`.
    """
    scripts = list((static / "scripts").glob("fontawesome.js*"))
    expect(scripts, "pydata-sphinx-theme", "scripts/fontawesome.js")
    for page in static.parent.rglob("*.html"):
        text, count = _ICON_SCRIPT.subn("", page.read_text(encoding="utf-8"))
        if count:
            with opening(str(page), "w", encoding="utf-8") as file:
                file.write(text)
        expect("fontawesome.js" not in text, "pydata-sphinx-theme", "the script of icons as an element of its own")
    for script in scripts:
        script.unlink()


def keep_icons(static: Path) -> set[str]:
    """Keep, in the theme's style sheets, the icons that pages use; return their code points.

    Parameters
    ----------
    static : Path
        The folder ``_static`` of a built book.
    """
    used = {
        name
        for path in [*static.parent.rglob("*.html"), *static.rglob("*.js")]
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    }
    codes: set[str] = set()
    rules = 0
    for sheet in static.rglob("*.css"):
        before = sheet.read_text(encoding="utf-8")
        after, count = _RULE.subn(lambda rule: rule[0] if set(_NAME.findall(rule["selectors"])) & used else "", before)
        rules += count
        if after != before:
            sheet.write_text(after, encoding="utf-8")
        codes |= {written or f"{ord(character):x}" for written, character in _CODE.findall(after)}
    expect(rules > 0, "pydata-sphinx-theme", "a rule of an icon in its style sheets")
    return codes


def icon_fonts(static: Path) -> list[Path]:
    """Return the theme's fonts of icons."""
    fonts = sorted((static / "vendor" / "fontawesome" / "webfonts").glob("*.woff2"))
    expect(fonts, "pydata-sphinx-theme", "vendor/fontawesome/webfonts/*.woff2")
    return fonts
