"""Shows code of this package in the page where it teaches, so that no chapter retypes it."""

from __future__ import annotations

import ast
import inspect
import io
import keyword
import os
import re
import shutil
import subprocess
import sysconfig
import textwrap
import tokenize
from collections.abc import Iterator
from html import escape
from typing import Any

#: So many characters of a line fit the column of a page.
COLUMNS = 76
# A longer text is folded in a notebook. In the book it is the page that folds, and colours the code: there this
# variable is set, of which lossbook.live.showing tells.
_LINES, _IN_THE_BOOK = 30, "LOSSBOOK_STILLS"
# Colours of JupyterLab's editor, which follow its dark mode; elsewhere some that are read on white and on black.
_COLORS = {
    "keyword": "var(--jp-mirror-editor-keyword-color, #2b8a3e)",
    "string": "var(--jp-mirror-editor-string-color, #c2410c)",
    "comment": "var(--jp-mirror-editor-comment-color, #6b7f8c)",
}


class Source:
    """The text of a function, class or module; shows as highlighted Python."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Markdown rather than IPython.display.Code: that one brings a style sheet of its own,
        # which neither follows dark mode nor looks like the other code of the page.
        if os.environ.get(_IN_THE_BOOK) != "1":
            return {"text/plain": self.text, "text/html": self._html()}
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", self.text))])
        return {"text/plain": self.text, "text/markdown": f"{fence}python\n{self.text}\n{fence}"}

    def _html(self) -> str:
        count = self.text.count("\n") + 1
        folded = f"<details{' open' * (count <= _LINES)}><summary>Source: {count} lines</summary>"
        return f'{folded}<pre style="line-height: 1.4">{_colored(self.text)}</pre></details>'


def _colored(text: str) -> str:
    """Return Python code as HTML, with its keywords, strings and comments in colour."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    made, done = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = {tokenize.STRING: "string", tokenize.COMMENT: "comment"}.get(token.type, "")
        if token.type == tokenize.NAME and keyword.iskeyword(token.string):
            kind = "keyword"
        if kind:
            start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
            span = f'<span style="color: {_COLORS[kind]}">{escape(text[start:end])}</span>'
            made += [escape(text[done:start]), span]
            done = end
    return "".join([*made, escape(text[done:])])


def show_source(thing: Any) -> Source:
    """Return the source of a function, class or module, to be shown as the output of a cell.

    What it does is shown, not how it guards itself: docstrings and the tests of arguments, which end in ``raise``, are
    left out. Lines are broken to fit a page where the formatter ruff is installed.

    Parameters
    ----------
    thing : function, class or module
        What to show.

    Raises
    ------
    ValueError
        If Python has no source for it, as for a number or a function written in C.

    Examples
    --------
    >>> print(show_source(Source.__init__))
    def __init__(self, text: str) -> None:
        self.text = text
    """
    try:
        text = inspect.getsource(thing)
    except (TypeError, OSError) as error:
        raise ValueError(f"thing must be a function, class or module with Python source, got {thing!r}") from error
    return Source(_narrow(_bare(textwrap.dedent(text))).strip())


def _bare(text: str) -> str:
    """Leave out docstrings, tests of arguments, and what only these tests needed."""
    dropped: list[ast.stmt] = list(_besides(ast.parse(text)))
    lines = _without(text, dropped)
    tree = ast.parse(lines)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    before = {node.id for part in dropped for node in ast.walk(part) if isinstance(node, ast.Name)}
    idle: list[ast.stmt] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and all(isinstance(target, ast.Name) and target.id in before - used for target in node.targets)
    ]
    return _without(lines, idle)


def _besides(parent: ast.AST) -> Iterator[ast.stmt]:
    """Yield docstrings and tests of arguments; what does nothing else keeps the latter."""
    body = getattr(parent, "body", None)
    if not isinstance(body, list):
        return
    if _is_docstring(parent, body[0]):
        yield body.pop(0)
    if all(_guards(one) or isinstance(one, ast.Assign) for one in body):
        return
    for statement in body:
        if _guards(statement):
            yield statement
        else:
            yield from _besides(statement)


def _guards(statement: ast.stmt) -> bool:
    """Tell whether a statement does nothing but raise an error in some case."""
    return (
        isinstance(statement, (ast.If, ast.For, ast.With))
        and not getattr(statement, "orelse", None)
        and (isinstance(statement.body[-1], ast.Raise) or all(map(_guards, statement.body)))
    )


def _is_docstring(parent: ast.AST, statement: ast.stmt) -> bool:
    return (
        isinstance(parent, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and len(parent.body) > 1
        and ast.get_docstring(parent) is not None
        and isinstance(statement, ast.Expr)
    )


def _without(text: str, statements: list[ast.stmt]) -> str:
    gone = {line for one in statements for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
    return "".join(line for number, line in enumerate(text.splitlines(keepends=True), 1) if number not in gone)


def _narrow(text: str) -> str:
    """Break lines that are longer than a page is wide, comments included."""
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    if ruff is None:
        return text
    text = re.sub(r" *# fmt: \w+", "", text)  # the package keeps wider lines
    lines = text.splitlines()
    # From the last to the first, so that the numbers of the lines before stay what they are.
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        row, column = token.start
        if token.type == tokenize.COMMENT and len(line := lines[row - 1]) > COLUMNS:
            indent = " " * (len(line) - len(line.lstrip()))
            comment = textwrap.wrap(
                token.string[1:].strip(), COLUMNS, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
            )
            code = line[:column].rstrip()
            lines[row - 1 : row] = [*comment, code] if code else comment
    command = [ruff, "format", "--isolated", "--line-length", str(COLUMNS), "-"]
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return done.stdout
