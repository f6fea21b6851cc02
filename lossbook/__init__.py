"""Loss functions: their values and gradients in NumPy, right to the last digits.

`import lossbook` needs NumPy alone. What needs more is a room of its own, loaded when it is entered:
`lossbook.symbolic` (SymPy), `lossbook.live` and `lossbook.figures` (widgets), `lossbook.crosscheck` (PyTorch).
"""

from __future__ import annotations

import importlib
from types import ModuleType

from . import functions, information, likelihood, losses

__version__ = "0.1.0"

_ROOMS = ("claims", "crosscheck", "exercises", "figures", "live", "quizzes", "source", "symbolic")

__all__ = ["__version__", "functions", "information", "likelihood", "losses"]


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOMS])
