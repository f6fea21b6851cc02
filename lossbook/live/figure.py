"""Live figures: declared in Python, alive in a static page and in Jupyter alike."""

from __future__ import annotations

import base64
import io
import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import sympy
import traitlets

from .assets import engine_source, loader_source
from .marks import Contour, Curve, Mark, Point, Trajectory, VectorField
from .parameters import Parameter, Play, Slider
from .program import Program
from .text import Text, as_text

FIGURE_MIMETYPE = "application/vnd.lossbook.figure+json"
# Matplotlib's resolution for the still picture: sharp on paper at the width of a text column.
_DPI = 160


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis of a panel.

    Parameters
    ----------
    label : str
        What is measured, with its unit.
    minimum, maximum : number or sympy.Expr, optional
        Ends; an end that is not given follows the data.
    scale : {"linear", "log"}
        A logarithmic axis shows positive values only.
    ticks : bool
        False leaves the numbers out where they mean nothing.
    """

    label: str
    minimum: Any = None
    maximum: Any = None
    scale: str = "linear"
    ticks: bool = True

    def __post_init__(self) -> None:
        if self.scale not in ("linear", "log"):
            raise ValueError(f"axis {self.label!r}: scale must be 'linear' or 'log', got {self.scale!r}")
        if self.minimum is not None and self.maximum is not None:
            low, high = sympy.sympify(self.minimum), sympy.sympify(self.maximum)
            if low.is_number and high.is_number and not low < high:
                raise ValueError(f"axis {self.label!r}: empty range from {low} to {high}")

    def spec(self, program: Program) -> dict[str, Any]:
        """Return the declaration that the engine reads."""
        where = f"axis {self.label!r}"
        spec: dict[str, Any] = {"label": self.label}
        for key, end in (("min", self.minimum), ("max", self.maximum)):
            if end is not None:
                spec[key] = program.number(end, where=where)
        if self.scale == "log":
            spec["log"] = True
        if not self.ticks:
            spec["bare"] = True
        return spec


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One drawing with two axes.

    Parameters
    ----------
    x, y : Axis
        The axes.
    marks : sequence of Mark
        What is drawn, from back to front.
    title : str or Text
        Short title above the panel.
    wide : bool
        Whether the panel has a row of its own.
    """

    x: Axis
    y: Axis
    marks: Sequence[Mark]
    title: str | Text = ""
    wide: bool = False

    def __post_init__(self) -> None:
        if not self.marks:
            raise ValueError(f"panel {as_text(self.title).template!r}: has no marks")
        for mark in self.marks:
            needs_x = isinstance(mark, Curve | Contour | VectorField) and getattr(mark, "range", None) is None
            if needs_x and (self.x.minimum is None or self.x.maximum is None):
                raise ValueError(f"{mark.where}: the x-axis {self.x.label!r} needs a minimum and a maximum")
            needs_y = isinstance(mark, Contour | VectorField)
            if needs_y and (self.y.minimum is None or self.y.maximum is None):
                raise ValueError(f"{mark.where}: the y-axis {self.y.label!r} needs a minimum and a maximum")

    def spec(self, program: Program) -> dict[str, Any]:
        """Return the declaration that the engine reads."""
        spec: dict[str, Any] = {
            "x": self.x.spec(program),
            "y": self.y.spec(program),
            "marks": [mark.spec(program) for mark in self.marks],
        }
        if as_text(self.title).template:
            spec["title"] = as_text(self.title).spec(program, "panel title")
        if self.wide:
            spec["wide"] = True
        return spec


class _Engine(ipywidgets.Widget):
    """Carries the engine's text, once per kernel and so once per page."""

    source = traitlets.Unicode(read_only=True).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.set_trait("source", engine_source())


_shared: dict[str, ipywidgets.Widget] = {}


def _shared_widget(name: str, factory: type[ipywidgets.Widget]) -> ipywidgets.Widget:
    """Return the kernel's one widget of this name; a new one where `Widget.close_all` closed it."""
    widget = _shared.get(name)
    if widget is None or widget.comm is None:
        widget = _shared[name] = factory()
    return widget


class Figure(anywidget.AnyWidget):
    """A figure whose controls work in the reader's browser, with or without a kernel.

    Each parameter is a trait of the widget: it can be read, set, observed and linked.

    Parameters
    ----------
    parameters : sequence of Parameter or Play
        What the reader moves, in the order of the controls.
    panels : sequence of Panel
        The drawings; they stand side by side where there is room.
    description : str or Text
        What the figure shows, with its present numbers: read aloud by screen readers, alt text of the still picture.
    readout : sequence of str or Text
        Lines of text with live numbers below the drawing.

    Raises
    ------
    ValueError
        If the declaration is wrong: an unknown symbol, an empty range, a reserved or repeated name,
        an expression that cannot be compiled. The message names the culprit.

    Examples
    --------
    >>> from sympy import symbols
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
    _spec = traitlets.Dict().tag(sync=True)
    _code = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        *,
        parameters: Sequence[Parameter | Play],
        panels: Sequence[Panel],
        description: str | Text,
        readout: Sequence[str | Text] = (),
    ) -> None:
        self.parameters: dict[str, Parameter] = {}
        for parameter in parameters:
            if isinstance(parameter, Parameter):
                self._check_name(parameter.name)
                self.parameters[parameter.name] = parameter
        if not panels:
            raise ValueError("a figure needs at least one panel")
        self.plays = [play for play in parameters if isinstance(play, Play)]
        self.panels = list(panels)
        self.description = as_text(description)
        self.readout = [as_text(line) for line in readout]
        self.trajectories = [mark for panel in panels for mark in panel.marks if isinstance(mark, Trajectory)]
        states = [state for trajectory in self.trajectories for state in trajectory.start]
        self.program = Program([parameter.symbol for parameter in self.parameters.values()], states)
        spec = self._compile(parameters)
        self.add_traits(**{name: p.trait().tag(sync=True) for name, p in self.parameters.items()})
        super().__init__(
            _engine=_shared_widget("engine", _Engine),
            layout=_shared_widget("layout", ipywidgets.Layout),
            _spec=spec,
            _code=self.program.javascript(),
        )

    def _check_name(self, name: str) -> None:
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            raise ValueError(f"parameter {name!r}: the name must be a Python identifier, not a keyword")
        if name in self.parameters:
            raise ValueError(f"two parameters of the figure are named {name!r}")
        if hasattr(type(self), name) or name in (
            "parameters",
            "panels",
            "plays",
            "description",
            "readout",
            "trajectories",
            "program",
        ):
            raise ValueError(f"parameter {name!r}: the name is taken by the widget; choose another")

    def _compile(self, parameters: Sequence[Parameter | Play]) -> dict[str, Any]:
        program = self.program
        controls: list[dict[str, Any]] = []
        for parameter in parameters:
            if isinstance(parameter, Parameter):
                controls.append(parameter.spec(program))
                continue
            moved = self.parameters.get(str(parameter.symbol))
            if not isinstance(moved, Slider) or not moved.integer:
                raise ValueError(f"play {parameter.symbol}: there is no integer slider of that name")
            controls.append({"kind": "play", "name": moved.name, "seconds": parameter.seconds})
        for mark in (mark for panel in self.panels for mark in panel.marks if isinstance(mark, Point)):
            for symbol in filter(None, mark.drag):
                if not isinstance(self.parameters.get(str(symbol)), Slider):
                    raise ValueError(f"{mark.where}: drag moves {symbol}, which is no slider of the figure")
        return {
            "controls": controls,
            "panels": [panel.spec(program) for panel in self.panels],
            "description": self.description.spec(program, "description"),
            "readout": [line.spec(program, "readout") for line in self.readout],
            # Where the engine keeps the states of trajectories: behind the parameters, in this order.
            "states": [name for name in program.parameters if name not in self.parameters],
        }

    def values(self, **parameters: Any) -> np.ndarray:
        """Return the numbers that the figure's expressions see: parameters, then last states of trajectories.

        Parameters
        ----------
        **parameters
            Values in place of those that the widget has now.
        """
        for name in parameters:
            if name not in self.parameters:
                raise ValueError(f"{name!r} is no parameter of the figure; it has {', '.join(self.parameters)}")
        numbers = [p.number(parameters.get(name, getattr(self, name))) for name, p in self.parameters.items()]
        values = np.array(numbers + [np.nan] * len(self._spec["states"]))
        for trajectory in self.trajectories:
            self.path(trajectory, values)
        return values

    def path(self, trajectory: Trajectory, values: np.ndarray) -> np.ndarray:
        """Run a trajectory; write its last state into `values` and return the points it is drawn through, (n, 2)."""
        names = list(self.program.parameters)
        places = [names.index(str(state)) for state in trajectory.start]
        spec = trajectory.spec(self.program)
        values[places] = [self.number(start, values) for start in spec["start"]]
        points = [[self.number(spec["x"], values), self.number(spec["y"], values)]]
        for _ in range(int(self.number(spec["steps"], values))):
            values[places] = [self.number(step, values) for step in spec["step"]]
            points.append([self.number(spec["x"], values), self.number(spec["y"], values)])
        return np.array(points)

    def number(self, reference: Any, values: np.ndarray, *bound: Any) -> Any:
        """Evaluate with NumPy what `Program.number` returned: a constant, or a compiled function."""
        if not isinstance(reference, dict):
            return reference
        result = self.program.numpy(reference["f"])(*values, *bound)
        return np.broadcast_to(result, np.broadcast(*bound).shape) if bound else float(result)

    def text(self, parts: Sequence[Any], values: np.ndarray) -> str:
        """Return a compiled text with its numbers filled in."""
        from .parameters import shown_value
        from .text import format_number

        words = []
        for part in parts:
            if isinstance(part, str):
                words.append(part)
            elif len(part) == 1:
                parameter = self.parameters[part[0]]
                place = list(self.parameters).index(part[0])
                value = values[place] if isinstance(parameter, Slider) else getattr(self, part[0])
                words.append(shown_value(parameter, value))
            else:
                words.append(format_number(self.number(part[0], values), part[1]))
        return "".join(words)

    @property
    def alt(self) -> str:
        """The description with the present numbers."""
        return self.text(self._spec["description"], self.values())

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
        from .drawing import draw

        return draw(self, self.values(**parameters))

    def png(self) -> bytes:
        """Return the Matplotlib drawing as a PNG picture."""
        buffer, drawing = io.BytesIO(), self.draw()
        # The layout once by hand: with a layout engine Matplotlib would draw everything twice.
        drawing.set_dpi(_DPI)
        drawing.get_layout_engine().execute(drawing)
        drawing.set_layout_engine("none")
        drawing.savefig(buffer, format="png", dpi=_DPI)
        return buffer.getvalue()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        picture = base64.b64encode(self.png()).decode("ascii")
        data["image/png"] = picture
        data["text/plain"] = self.alt
        data[FIGURE_MIMETYPE] = {"model_id": self.model_id, "png": picture, "alt": self.alt}
        return data, metadata
