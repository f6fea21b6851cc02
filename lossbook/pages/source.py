"""Shows code of this package in the page where it teaches, so that no chapter retypes it."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any


class Source:
    """The text of a function, class or module; shows as highlighted Python."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Markdown rather than IPython.display.Code: that one brings a style sheet of its own,
        # which neither follows dark mode nor looks like the other code of the page.
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", self.text))])
        return {"text/plain": self.text, "text/markdown": f"{fence}python\n{self.text}\n{fence}"}


def show_source(thing: Any) -> Source:
    """Return the source of a function, class or module, to be shown as the output of a cell.

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
    >>> show_source(show_source).text.splitlines()[0]
    'def show_source(thing: Any) -> Source:'
    """
    try:
        text = inspect.getsource(thing)
    except (TypeError, OSError) as error:
        raise ValueError(f"thing must be a function, class or module with Python source, got {thing!r}") from error
    return Source(textwrap.dedent(text).rstrip())
