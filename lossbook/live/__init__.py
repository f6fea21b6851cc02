"""Live figures: curves with controls that work in a plain page, offline, and in Jupyter."""

from .figure import Figure
from .formula import Formula
from .marks import Area, Bars, Contour, Curve, Mark, Point, Rule, Segment, Trajectory, VectorField
from .panels import Axis, Panel
from .parameters import Action, Choice, Parameter, Play, Predict, Slider, Toggle
from .text import Text, format_number, text

__all__ = [
    "Action", "Area", "Axis", "Bars", "Choice", "Contour", "Curve", "Figure", "Formula", "Mark", "Panel", "Parameter",
    "Play", "Point", "Predict", "Rule", "Segment", "Slider", "Text", "Toggle", "Trajectory", "VectorField",
    "format_number", "text",
]  # fmt: skip
