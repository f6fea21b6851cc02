"""Derivations whose every step is checked: the machine, and one module per chapter by the names of the figures.

A public function of a module that is said to return a `Derivation` is one of the book's.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..extras import need

if TYPE_CHECKING:
    from .derivation import Derivation

need("sympy")


def all_derivations() -> dict[str, Callable[[], Derivation]]:
    """Return every derivation of the book by its name, such as ``"likelihood.coin_maximum"``."""
    found: dict[str, Callable[[], Derivation]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__
            if own and inspect.signature(function).return_annotation == "Derivation":
                found[f"{module_info.name}.{name}"] = function
    return found
