"""Loss functions with PyTorch's names and arguments: put ``torch.nn.`` in front to get its twin.

A class of one of the modules whose name ends in *Loss* is found by itself; there is no list to keep.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .base import Facts

if TYPE_CHECKING:  # what `_classes` finds, for those who read this and do not run it
    from .adaptive import *
    from .base import *
    from .binary import *
    from .binned import *
    from .classification import *
    from .divergence import *
    from .gan import *
    from .large_margin import *
    from .margin import *
    from .multimargin import *
    from .perceptual import *
    from .regression import *
    from .robust import *
    from .softmax import *
    from .variance import *


def _classes() -> Iterator[tuple[str, type]]:
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        for name, thing in vars(module).items():
            if isinstance(thing, type) and thing.__module__ == module.__name__ and name.endswith("Loss"):
                yield name, thing


def __getattr__(name: str) -> Any:
    raise AttributeError(f"{__name__} has no {name!r}; it has {', '.join(__all__)}")


_FOUND = {"Facts": Facts, **dict(_classes())}
globals().update(_FOUND)
__all__ = sorted(_FOUND)
