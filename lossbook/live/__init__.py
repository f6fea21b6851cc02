"""Live figures: curves with controls that work in a plain page, offline, and in Jupyter."""

from ..extras import need

need("sympy", "ipywidgets", "anywidget", "matplotlib", "rjsmin")

from .figure import Figure  # noqa: E402
from .formula import Formula  # noqa: E402
from .marks import Area, Bars, Contour, Curve, Mark, Point, Rule, Segment, Trajectory, VectorField  # noqa: E402
from .panels import Axis, Panel  # noqa: E402
from .parameters import Action, Choice, Parameter, Play, Predict, Slider, Toggle  # noqa: E402
from .text import Text, format_number, text  # noqa: E402

__all__ = [
    "Action", "Area", "Axis", "Bars", "Choice", "Contour", "Curve", "Figure", "Formula", "Mark", "Panel", "Parameter",
    "Play", "Point", "Predict", "Rule", "Segment", "Slider", "Text", "Toggle", "Trajectory", "VectorField",
    "format_number", "text",
]  # fmt: skip
