"""The libraries: how a line of code for each of them is written and run.

A call is a template that is filled twice: with literals, which makes the line that the page shows, and that anybody can
run; and, for a slope, with the name of a variable by which the library then differentiates.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

#: How many bits of a float: its name.
TYPES = ("float64", "float32")


@dataclass(frozen=True)
class Library:
    """A library.

    Attributes
    ----------
    name, distribution, module : str
        As people call it, as pip does, as Python does.
    imports : str
        What a line of code for it needs before it.
    array : str
        An array of floats, of its ``values`` and ``type``.
    slope : str
        The gradient of a ``call`` at ``x``; empty where the library has none.
    """

    name: str
    distribution: str
    module: str
    imports: str
    array: str
    slope: str = ""

    def numbers(self, values: Any, kind: str) -> str:
        """Return the code of an array of floats."""
        return self.array.format(values=literal(values, kind), type=kind)

    def whole(self, values: Any) -> str:
        """Return the code of an array of whole numbers."""
        return self.array.partition("(")[0] + f"({values})"

    def installed(self) -> bool:
        """Say whether it is there."""
        return importlib.util.find_spec(self.module) is not None

    def version(self) -> str:
        """Return the number of the installed version."""
        if self.module == "lossbook":
            import lossbook

            return lossbook.__version__
        return importlib.metadata.version(self.distribution).partition("+")[0]


_NUMPY = "np.array({values}, np.{type})"
_TORCH = "torch.tensor({values}, dtype=torch.{type})"
_TORCH_SLOPE = "torch.func.grad(lambda x: {call}.sum())({x})"
_START = "from math import inf, nan\n"

LIBRARIES = {
    library.name: library
    for library in (
        Library(
            "lossbook", "lossbook", "lossbook", "import numpy as np\nfrom lossbook import information, losses", _NUMPY
        ),
        Library(
            "PyTorch", "torch", "torch", "import torch\nfrom torch.nn import functional as F", _TORCH, _TORCH_SLOPE
        ),
        Library(
            "SciPy", "scipy", "scipy",
            "import numpy as np\nfrom scipy import optimize, special\nfrom scipy.spatial import distance", _NUMPY,
        ),
        Library(
            "scikit-learn", "scikit-learn", "sklearn",
            "import numpy as np\nfrom sklearn import metrics\nfrom sklearn._loss import loss as compiled", _NUMPY,
        ),
        Library(
            "Optax", "optax", "optax",
            'import jax, optax\nfrom jax import numpy as jnp\njax.config.update("jax_enable_x64", True)',
            'jnp.array({values}, "{type}")', "jax.grad(lambda x: {call}.sum())({x})",
        ),
        Library(
            "Keras", "keras", "keras",
            'import os\nos.environ["KERAS_BACKEND"] = "torch"\nimport keras, torch', _TORCH, _TORCH_SLOPE,
        ),
        Library(
            "torchvision", "torchvision", "torchvision",
            "import torch\nfrom torchvision import ops", _TORCH, _TORCH_SLOPE,
        ),
        Library("statsmodels", "statsmodels", "statsmodels", "import numpy as np\nfrom statsmodels.robust import norms",
                _NUMPY),
        Library(
            "robust_loss_pytorch", "robust-loss-pytorch", "robust_loss_pytorch",
            "import torch\nfrom robust_loss_pytorch import general", _TORCH, _TORCH_SLOPE,
        ),
    )
}  # fmt: skip


def literal(values: Any, kind: str) -> str:
    """Return numbers as code, as short as they are exact in their type."""
    if isinstance(values, Sequence):
        return f"[{', '.join(literal(value, kind) for value in values)}]"
    return str(np.dtype(kind).type(values)) if math.isfinite(values) else str(float(values))


@cache
def names(library: str) -> dict[str, Any]:
    """Return what the imports of a library bring."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(_START + LIBRARIES[library].imports, found)  # noqa: S102 - the lines above, which the page shows
    return found


class Refused(Exception):
    """The library took the input for wrong, and said so."""


def run(library: str, code: str) -> np.ndarray:
    """Return the numbers that a line of code gives, one after the other, as 64-bit floats.

    Raises
    ------
    Refused
        If the library raises an error; its message is the error's name.
    """
    scope = names(library)  # outside: an error of ours or a broken installation is no refusal
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = eval(code, scope)  # noqa: S307
            return np.asarray(found.detach() if hasattr(found, "detach") else found, dtype=np.float64).ravel()
        except (NameError, AttributeError, SyntaxError, ImportError):
            raise  # the line itself is wrong
        except Exception as error:
            raise Refused(type(error).__name__) from error
