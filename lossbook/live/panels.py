"""The drawings of a live figure: panels with two axes and marks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from lossbook.style import PALETTE

from .marks import Area, Bars, Contour, Curve, Mark, Trajectory, VectorField
from .program import Program
from .text import Text, as_text


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


#: The marks whose label stands in a legend.
LEGEND = (Curve, Area, Bars, Contour, VectorField, Trajectory)


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
    equal : bool
        Whether a unit is as long on both axes, so that a circle is one; all four ends must be numbers.
    """

    x: Axis
    y: Axis
    marks: Sequence[Mark]
    title: str | Text = ""
    wide: bool = False
    equal: bool = False

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

    def colors(self) -> list[int | None]:
        """Return the number in the palette of each mark; those of a legend take the next one where none is given."""
        turns = itertools.count()
        return [
            next(turns) % len(PALETTE) if mark.color is None and isinstance(mark, LEGEND) else mark.color
            for mark in self.marks
        ]

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
        if self.equal:
            spec["equal"] = self._ratio()
        return spec

    def _ratio(self) -> float:
        """Return how high the drawing is in relation to its width."""
        try:
            width, height = (float(axis.maximum - axis.minimum) for axis in (self.x, self.y))
        except TypeError as error:
            raise ValueError(f"panel {as_text(self.title).template!r}: equal axes need numbers at all ends") from error
        return height / width


def places_of(wide: Sequence[bool], columns: int) -> list[tuple[int, int | None]]:
    """Return row and column of each panel, as engine.js lays them out; None stands for a whole row.

    No panel is alone in the last row: the first of them has a row of its own instead.

    Examples
    --------
    >>> places_of([False, False, False], 2)
    [(0, None), (1, 0), (1, 1)]
    """
    beside = [number for number, whole in enumerate(wide) if not whole]
    alone = beside[0] if columns > 1 and len(beside) % columns == 1 else None
    places: list[tuple[int, int | None]] = []
    row = column = 0
    for number, whole in enumerate(wide):
        if column and (whole or number == alone or column == columns):
            row, column = row + 1, 0
        if whole or number == alone:
            places.append((row, None))
            row += 1
        else:
            places.append((row, column))
            column += 1
    return places
