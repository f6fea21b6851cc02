"""The workbench: a reader types a loss of his own and sees what it is, in a page and in Jupyter alike."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import traitlets

from ..live.assets import engine_source
from ..live.figure import shared_module, shared_widget

#: What the workbench consists of: each module may import those before it.
MODULES = ("formula", "exact", "analysis", "fits", "digits", "wording", "workbench")

_SCALE = (1.0, 0.05, 20.0)
#: The losses of the book that take one number: the formula as it is typed, and for each of its names a usual value and
#: the ends between which the workbench looks for the one that comes nearest.
BOOK: list[dict[str, Any]] = [
    {"name": name, "text": text, "settings": dict(settings)}
    for name, text, settings in (
        ("MSELoss", "r**2", {}),
        ("L1Loss", "|r|", {}),
        ("HuberLoss", "r**2/2 if |r| <= delta else delta*(|r| - delta/2)", {"delta": _SCALE}),
        ("SmoothL1Loss", "r**2/(2*beta) if |r| < beta else |r| - beta/2", {"beta": _SCALE}),
        ("PseudoHuberLoss", "delta**2*(sqrt(1 + (r/delta)**2) - 1)", {"delta": _SCALE}),
        ("LogCoshLoss", "log(cosh(r))", {}),
        ("QuantileLoss", "max((1-q)*r, -q*r)", {"q": (0.9, 0.01, 0.99)}),
        ("EpsilonInsensitiveLoss", "max(0, |r| - epsilon)", {"epsilon": (0.5, 0.02, 4.0)}),
        ("CauchyLoss", "c**2/2*log(1 + (r/c)**2)", {"c": _SCALE}),
        ("TukeyBiweightLoss", "c**2/6*(1 - (1 - (r/c)**2)**3) if |r| <= c else c**2/6", {"c": (4.685, 0.1, 20.0)}),
        ("GeneralRobustLoss", "|alpha-2|/alpha*(((r/c)**2/|alpha-2| + 1)**(alpha/2) - 1)", {"alpha": (-2.0, -6.03, 1.97), "c": _SCALE}),
        ("ZeroOneLoss", "1 if m <= 0 else 0", {}),
        ("HingeLoss", "max(0, 1 - m)", {}),
        ("SquaredHingeLoss", "max(0, 1 - m)**2", {}),
        ("ExponentialLoss", "exp(-m)", {}),
        ("LogisticLoss", "log(1 + exp(-m))", {}),
        ("BCELoss", "-log(p)", {}),
        ("BrierLoss", "2*(1 - p)**2", {}),
        ("SigmoidFocalLoss", "-(1 - p)**gamma*log(p)", {"gamma": (2.0, 0.0, 6.0)}),
    )
]
