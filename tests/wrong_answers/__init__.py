"""Wrong answers that must fail, one module per chapter: a check that lets them through is no check."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def wrong_answers() -> dict[str, list[Any]]:
    """Return the wrong answers to every exercise by its name."""
    found: dict[str, list[Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{module.name}").WRONG_ANSWERS
    return found
