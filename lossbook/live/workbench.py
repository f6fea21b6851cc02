"""The workbench: a reader types a loss of his own and sees what it is, in a page and in Jupyter alike."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import traitlets

from .assets import engine_source
from .figure import shared_module, shared_widget
from .showing import show

#: What the workbench consists of: each module may import those before it.
MODULES = (
    "formula", "exact", "analysis", "density", "fits", "digits", "writing", "wording", "benchtools",
    "benchfigures", "workbench",
)  # fmt: skip

_SCALE = (1.0, 0.05, 20.0)
#: The losses of the book that take one number: the formula as it is typed, and for each of its names a usual value and
#: the ends between which the workbench looks for the one that comes nearest.
BOOK: list[dict[str, Any]] = [
    {"name": name, "text": text, "settings": settings, "fixed": dict(fixed)}
    for name, text, settings, *fixed in (
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
        (
            "GeneralRobustLoss",
            "|alpha-2|/alpha*(((r/c)**2/|alpha-2| + 1)**(alpha/2) - 1)",
            {"alpha": (-2.0, -6.03, 1.97), "c": _SCALE},
        ),
        ("GeneralRobustLoss", "1 - exp(-(r/c)**2/2)", {"c": _SCALE}, ("alpha", "-inf")),
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


class Workbench(anywidget.AnyWidget):
    """A line to type a loss in, and what is to be said of it; it runs in the browser, with or without a kernel.

    Parameters
    ----------
    formula : str
        A loss of the residual ``r``, the margin ``m`` or the probability ``p`` of the label. Up to two other names in
        it become sliders.
    settings : dict of str to float, optional
        Where these sliders stand.

    Examples
    --------
    >>> bench = Workbench("delta**2*(sqrt(1 + (r/delta)**2) - 1)", {"delta": 2})
    >>> bench.settings["delta"]
    2
    """

    _esm = traitlets.Unicode(engine_source("linker")).tag(sync=True)
    _engine = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    _modules = traitlets.List(traitlets.Instance(ipywidgets.Widget)).tag(sync=True, **ipywidgets.widget_serialization)
    _names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    book: Any = traitlets.List(help="The losses to start from and to compare with.").tag(sync=True)
    formula = traitlets.Unicode(help="What is typed.").tag(sync=True)
    settings = traitlets.Dict(help="The value of each name in it.").tag(sync=True)

    def __init__(self, formula: str = "log(cosh(r))", settings: dict[str, float] | None = None) -> None:
        super().__init__(
            formula=formula,
            settings=settings or {},
            book=BOOK,
            _engine=shared_module("engine"),
            _modules=[shared_module(name) for name in MODULES],
            _names=list(MODULES),
            layout=shared_widget("layout", ipywidgets.Layout),
        )

    def __repr__(self) -> str:
        return f"<Workbench for the loss {self.formula}: it runs in Jupyter, in marimo and in the book's pages>"

    def _ipython_display_(self) -> None:
        show(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data["text/plain"] = f"A workbench for the loss {self.formula}: it needs JavaScript."
        return data, metadata


def workbench(formula: str = "log(cosh(r))", **settings: float) -> Workbench:
    """Return a workbench on which a loss lies.

    Parameters
    ----------
    formula : str
        The loss, such as ``"log(cosh(r))"``.
    **settings
        Values of other names in it.
    """
    return Workbench(formula, settings)
