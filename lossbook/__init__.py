"""Loss functions: their values and gradients in NumPy, right to the last digits.

`import lossbook` needs NumPy alone. What needs more is a room of its own, loaded when it is entered:
`lossbook.symbolic` and `lossbook.derivations` (SymPy), `lossbook.live` and `lossbook.figures` (widgets),
`lossbook.experiments` (PyTorch), `lossbook.pages` (what notebooks call; `from lossbook import claim, check` will do).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import functions, information, likelihood, losses

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import derivations, experiments, figures, live, pages, symbolic
    from .live.workbench import workbench
    from .pages.claims import claim
    from .pages.crosscheck import crosscheck
    from .pages.exercises import check
    from .pages.quizzes import quiz
    from .pages.source import show_source

_ROOMS = ("derivations", "experiments", "figures", "live", "pages", "symbolic")
# What every notebook calls, and where it is.
_SHORT = {
    "check": "pages.exercises",
    "claim": "pages.claims",
    "crosscheck": "pages.crosscheck",
    "quiz": "pages.quizzes",
    "show_source": "pages.source",
    "workbench": "live.workbench",
}

__all__ = [
    "__version__",
    "check",
    "claim",
    "crosscheck",
    "derivations",
    "experiments",
    "figures",
    "functions",
    "information",
    "likelihood",
    "live",
    "losses",
    "pages",
    "quiz",
    "show_source",
    "symbolic",
    "workbench",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _SHORT:
        return getattr(importlib.import_module(f"{__name__}.{_SHORT[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
