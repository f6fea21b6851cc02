"""The book's figures, one module per subject: chapters, slides, atlas and tests call them by name.

A public function of a module is a figure; where figures are made from data, the module has them in ``FIGURES``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..extras import need

if TYPE_CHECKING:
    from lossbook.live import Figure

need("sympy")


def all_figures() -> dict[str, Callable[[], Figure]]:
    """Return every figure of the book by its name, such as ``"likelihood.coin"``."""
    found: dict[str, Callable[[], Figure]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{module_info.name}.{name}"] = function
        for name, function in getattr(module, "FIGURES", {}).items():
            found[f"{module_info.name}.{name}"] = function
    return found
