"""Live figures: declared in Python, alive in a static page and in Jupyter alike."""

from __future__ import annotations

import base64
import io
import keyword
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import sympy
import traitlets

from .assets import engine_source, loader_source
from .evaluation import Evaluation
from .formula import Formula
from .marks import Trajectory
from .panels import LEGEND, Panel
from .parameters import Control, Parameter
from .program import Program
from .room import COLUMNS, height
from .showing import show, stills
from .text import Text, as_text

FIGURE_MIMETYPE = "application/vnd.lossbook.figure+json"
# Matplotlib's resolution for the still picture: sharp on paper at the width of a text column.
_DPI = 160


class _Module(ipywidgets.Widget):
    """Carries the text of the engine or of a part of it, once per kernel and so once per page."""

    source = traitlets.Unicode(read_only=True).tag(sync=True)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.set_trait("source", engine_source(name))


class _Shared(threading.local):
    """The widgets that figures share: in each thread its own, since marimo serves each reader in one."""

    def __init__(self) -> None:
        self.widgets: dict[str, ipywidgets.Widget] = {}


_shared = _Shared()


def shared_module(name: str) -> ipywidgets.Widget:
    """Return the kernel's one widget that carries the engine or a part of it."""
    return shared_widget(name, lambda: _Module(name))


def shared_widget(name: str, factory: Callable[[], ipywidgets.Widget]) -> ipywidgets.Widget:
    """Return the kernel's one widget of this name; a new one where `Widget.close_all` closed it."""
    widget = _shared.widgets.get(name)
    if widget is None or widget.comm is None:
        widget = _shared.widgets[name] = factory()
    return widget


class Figure(anywidget.AnyWidget):
    """A figure whose controls work in the reader's browser, with or without a kernel.

    Each parameter is a trait of the widget: it can be read, set, observed and linked. In a notebook an output holds a
    still picture beside the widget, for print and for viewers that draw no widgets; ``LOSSBOOK_STILLS=0`` in the
    environment leaves it out. Without a notebook `draw` makes a Matplotlib figure.

    Parameters
    ----------
    parameters : sequence of Parameter, Play, Action or Predict
        What the reader moves or presses, in the order of the controls.
    panels : sequence of Panel
        The drawings; they stand side by side where there is room.
    description : str or Text
        What the figure shows, with its present numbers: read aloud by screen readers, alt text of the still picture.
    caption : str
        What the figure finds, and what to try; it stands below the figure in a page of the book, which needs one.
    name : str
        Pages link to the figure by it. If empty, it is the name of the function that makes the figure.
    readout : sequence of str or Text
        Lines of text with live numbers below the drawing.
    formula : Formula or sequence of Formula
        What stands as mathematics below the drawings and follows the controls.
    define : dict of sympy.Symbol to sympy.Expr, optional
        Symbols that stand for an expression in the whole figure: what is used more than once is computed once. An
        expression may use parameters, other definitions and the last states of trajectories; trajectories may use
        definitions. All are computed anew at each redraw, each after those that it needs.

    Raises
    ------
    ValueError
        If the declaration is wrong: an unknown symbol, an empty range, a reserved or repeated name,
        definitions that need one another, an expression that cannot be compiled. The message names the culprit.

    Examples
    --------
    >>> from sympy import symbols
    >>> from lossbook.live import Axis, Curve, Panel, Slider
    >>> x, a = symbols("x a")
    >>> parabola = Figure(
    ...     parameters=[Slider(symbol=a, minimum=-2, maximum=2, value=1)],
    ...     panels=[Panel(x=Axis(label="x", minimum=-1, maximum=1), y=Axis(label="a x²"),
    ...                   marks=[Curve(y=a * x**2, variable=x)])],
    ...     description="The parabola a x² for a = {a:.2f}.",
    ... )
    >>> parabola.a
    1.0
    """

    _esm = traitlets.Unicode(loader_source()).tag(sync=True)
    _engine = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    _parts = traitlets.List(traitlets.Instance(ipywidgets.Widget)).tag(sync=True, **ipywidgets.widget_serialization)
    spec = traitlets.Dict(help="The declaration that the engine reads.").tag(sync=True)
    _code = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        *,
        parameters: Sequence[Control],
        panels: Sequence[Panel],
        description: str | Text,
        caption: str = "",
        name: str = "",
        readout: Sequence[str | Text] = (),
        define: Mapping[sympy.Symbol, Any] | None = None,
        formula: Formula | Sequence[Formula] = (),
    ) -> None:
        for parameter in parameters:
            if isinstance(parameter, Parameter):
                self._check_name(parameter.name)
        self._caption = caption
        self._name = name or sys._getframe(1).f_code.co_name.strip("<_>")
        self._evaluation = Evaluation(
            parameters=parameters,
            panels=panels,
            description=description,
            readout=readout,
            define=define,
            formula=formula,
        )
        self.add_traits(**{name: p.trait().tag(sync=True) for name, p in self.parameters.items()})
        super().__init__(
            _engine=shared_module("engine"),
            _parts=[shared_module(part) for part in self._evaluation.parts],
            layout=shared_widget("layout", ipywidgets.Layout),
            spec=self._evaluation.spec,
            _code=self.program.javascript(),
        )

    def _check_name(self, name: str) -> None:
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            raise ValueError(f"parameter {name!r}: the name must be a Python identifier, not a keyword")
        if hasattr(type(self), name):
            raise ValueError(f"parameter {name!r}: the name is taken by the widget; choose another")

    @property
    def name(self) -> str:
        """By what pages link to the figure."""
        return self._name

    @property
    def caption(self) -> str:
        """What the figure finds, and what to try."""
        return self._caption

    @property
    def colors(self) -> dict[str, tuple[int, bool]]:
        """Colour in the palette, and whether it is dashed, of each name that has one: of a slider, or in a legend."""
        colors: dict[str, tuple[int, bool]] = {}
        for parameter in self.parameters.values():
            if (color := getattr(parameter, "color", None)) is not None:
                _, *symbol = re.split(r"\W(?=\w$)", parameter.label)  # z of "logit z"
                colors |= dict.fromkeys([parameter.label, *symbol], (color, False))
        for panel in self.panels:
            for mark, color in zip(panel.marks, panel.colors(), strict=True):
                label = as_text(mark.label)
                fixed = label.template and not any(field for _, field, _ in label.fields())
                if fixed and color is not None and isinstance(mark, LEGEND):
                    colors[label.template] = color, mark.dashed
        return colors

    @property
    def parameters(self) -> dict[str, Parameter]:
        """What the reader moves, by name."""
        return self._evaluation.parameters

    @property
    def panels(self) -> list[Panel]:
        """The drawings."""
        return self._evaluation.panels

    @property
    def trajectories(self) -> list[Trajectory]:
        """The trajectories of all panels."""
        return self._evaluation.trajectories

    @property
    def program(self) -> Program:
        """The compiled expressions."""
        return self._evaluation.program

    def values(self, **parameters: Any) -> np.ndarray:
        """Return the numbers that expressions see: parameters, then definitions and last states of trajectories.

        Parameters
        ----------
        **parameters
            Values in place of those that the widget has now.
        """
        for name in parameters:
            if name not in self.parameters:
                raise ValueError(f"{name!r} is no parameter of the figure; it has {', '.join(self.parameters)}")
        return self._evaluation.values({name: getattr(self, name) for name in self.parameters} | parameters)

    def path(self, trajectory: Trajectory, values: np.ndarray) -> np.ndarray:
        """Return the points that a trajectory is drawn through, (n, 2); `values` are those of `values`."""
        return self._evaluation.path(trajectory, values)

    def number(self, reference: Any, values: np.ndarray, *bound: Any) -> Any:
        """Return what a number of `spec` is; `bound` are the values of the variables that the mark binds."""
        return self._evaluation.number(reference, values, *bound)

    def text(self, parts: Sequence[Any], values: np.ndarray) -> str:
        """Return a text of `spec` with its numbers filled in."""
        return self._evaluation.text(parts, values)

    def formulas(self) -> list[str]:
        """Return the formulas that are shown now, as MathML."""
        return self._evaluation.formulas(self.values())

    @property
    def alt(self) -> str:
        """The description with the present numbers."""
        return self.text(self.spec["description"], self.values())

    def draw(self, **parameters: Any) -> Any:
        """Draw the figure with Matplotlib.

        Parameters
        ----------
        **parameters
            Values in place of those that the widget has now.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from .drawing import draw  # Matplotlib takes its time: only those who draw import it

        return draw(self._evaluation, self.values(**parameters))

    def png(self) -> bytes:
        """Return the Matplotlib drawing as a PNG picture."""
        buffer, drawing = io.BytesIO(), self.draw()
        # The layout once by hand: with a layout engine Matplotlib would draw everything twice.
        drawing.set_dpi(_DPI)
        drawing.get_layout_engine().execute(drawing)
        drawing.set_layout_engine("none")
        drawing.savefig(buffer, format="png", dpi=_DPI)
        return buffer.getvalue()

    def __repr__(self) -> str:
        shown = [name for name, parameter in self.parameters.items() if getattr(parameter, "visible", True)]
        values = [f"{name}={getattr(self, name)!r}" for name in shown]
        return (
            f"<Figure {self.name}({', '.join(values)}): alive in Jupyter and marimo; "
            f'.draw({", ".join(values[:1])}).savefig("{self.name}.png") makes a picture of it>'
        )

    def _ipython_display_(self) -> None:
        show(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data["text/plain"] = self.alt
        data[FIGURE_MIMETYPE] = {
            "model_id": self.model_id,
            "name": self.name,
            "alt": self.alt,
            "caption": self.caption,
            "colors": self.colors,
            "formulas": self.formulas(),
            "room": [height(self._evaluation, self.values(), width) for width in COLUMNS],
        }
        if stills():
            data["image/png"] = base64.b64encode(self.png()).decode("ascii")
        return data, metadata
