"""What a live figure draws: each mark is a few expressions and how they look.

Every mark says in `spec` what the engine needs; `lossbook.live.drawing` draws the same marks with Matplotlib.
Colours are numbers into the book's palette (0 to 6); where none is given, marks of a panel take them in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import sympy

from ..style import check_color
from .program import Program, names_in
from .text import Text, as_text, check_format

Bounds = tuple[Any, Any]
Dragged: TypeAlias = "sympy.Symbol | tuple[sympy.Symbol, sympy.Lambda] | None"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What all marks share.

    Parameters
    ----------
    label : str or Text
        Name in the legend; for points, segments and rules a text that stands beside the mark.
    color : int, optional
        Number in the palette.
    dashed : bool
        Whether lines are dashed, so that curves differ by more than their colour.
    show : sympy expression
        Where it is zero the mark is left out.
    """

    label: str | Text = ""
    color: int | None = None
    dashed: bool = False
    show: Any = 1

    kind: ClassVar[str]
    #: The part of the engine that draws it, if it is one that travels by itself.
    part: ClassVar[str] = ""

    def __post_init__(self) -> None:
        check_color(self.color, self.where)

    @property
    def where(self) -> str:
        """The mark's name in error messages."""
        name = as_text(self.label).template
        return f"{self.kind} {name!r}" if name else self.kind

    def numbers(self, program: Program, *names: str, bound: Sequence[sympy.Symbol] = ()) -> dict[str, Any]:
        """Compile the fields `names`, leaving out those that are None."""
        return {
            name: program.number(getattr(self, name), where=f"{self.where}, {name}", bound=bound)
            for name in names
            if getattr(self, name) is not None
        }

    def spec(self, program: Program) -> dict[str, Any]:
        """Return the declaration that the engine reads."""
        spec: dict[str, Any] = {"kind": self.kind}
        if as_text(self.label).template:
            spec["label"] = as_text(self.label).spec(program, self.where)
        if self.color is not None:
            spec["color"] = self.color
        if self.dashed:
            spec["dashed"] = True
        if self.show != 1:
            spec |= self.numbers(program, "show")
        return spec


def _check_bounds(bounds: Bounds | None, where: str) -> None:
    if bounds is None:
        return
    if len(bounds) != 2:
        raise ValueError(f"{where}: a range has two ends, got {bounds!r}")
    low, high = map(sympy.sympify, bounds)
    if low.is_number and high.is_number and not low < high:
        raise ValueError(f"{where}: empty range from {low} to {high}")


@dataclass(frozen=True, kw_only=True)
class Curve(Mark):
    """The curve ``y(variable)``, or with `x` the parametric curve ``(x(variable), y(variable))``.

    Parameters
    ----------
    y : sympy.Expr
        Height.
    variable : sympy.Symbol
        What runs along the curve.
    range : (low, high), optional
        Ends of the variable; the panel's x-axis if not given. Ends may be expressions.
    x : sympy.Expr, optional
        Abscissa of a parametric curve.
    """

    y: Any
    variable: sympy.Symbol
    range: Bounds | None = None
    x: Any = None
    kind: ClassVar[str] = "curve"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_bounds(self.range, self.where)
        if self.x is not None and self.range is None:
            raise ValueError(f"{self.where}: a parametric curve needs the range of {self.variable}")

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        spec = super().spec(program) | {"y": {"f": program.function(self.y, [self.variable], where=self.where)}}
        if self.x is not None:
            spec["x"] = {"f": program.function(self.x, [self.variable], where=f"{self.where}, x")}
        if self.range is not None:
            spec["range"] = [program.number(end, where=f"{self.where}, range") for end in self.range]
        return spec


@dataclass(frozen=True, kw_only=True)
class Area(Mark):
    """The area between ``y(variable)`` and ``base(variable)``."""

    y: Any
    variable: sympy.Symbol
    base: Any = 0
    range: Bounds | None = None
    kind: ClassVar[str] = "area"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_bounds(self.range, self.where)

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        spec = super().spec(program) | {
            "y": {"f": program.function(self.y, [self.variable], where=self.where)},
            "base": {"f": program.function(self.base, [self.variable], where=f"{self.where}, base")},
        }
        if self.range is not None:
            spec["range"] = [program.number(end, where=f"{self.where}, range") for end in self.range]
        return spec


@dataclass(frozen=True, kw_only=True)
class Bars(Mark):
    """Bars over named categories, or over the integers of a range.

    Parameters
    ----------
    heights : sequence of sympy.Expr, or one sympy.Expr
        A height for each name, or the height as an expression in `variable`.
    names : sequence of str
        Categories, at the abscissae 0, 1, 2 …
    variable, range : sympy.Symbol, (low, high)
        The integer and its first and last value, which may be expressions.
    highlight : sympy.Expr, optional
        Abscissa of the bar that is drawn in the accent colour.
    values : str
        Number format of the heights written above the bars; none if empty.
    """

    heights: Any
    names: Sequence[str] = ()
    variable: sympy.Symbol | None = None
    range: Bounds | None = None
    highlight: Any = None
    values: str = ""
    kind: ClassVar[str] = "bars"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_bounds(self.range, self.where)
        if bool(self.names) == (self.variable is not None):
            raise ValueError(f"{self.where}: give either names, or variable and range")
        if self.variable is not None and self.range is None:
            raise ValueError(f"{self.where}: variable {self.variable} needs a range")
        if self.names and len(self.names) != len(self.heights):
            raise ValueError(f"{self.where}: {len(self.heights)} heights for {len(self.names)} names")
        if self.values:
            check_format(self.values, self.where)

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        spec = super().spec(program) | self.numbers(program, "highlight")
        if self.values:
            spec["values"] = self.values
        if self.variable is None:
            spec["names"] = list(self.names)
            spec["heights"] = [program.number(height, where=self.where) for height in self.heights]
            return spec
        assert self.range is not None
        spec["y"] = {"f": program.function(self.heights, [self.variable], where=self.where)}
        spec["range"] = [program.number(end, where=f"{self.where}, range") for end in self.range]
        return spec


@dataclass(frozen=True, kw_only=True)
class Point(Mark):
    """A point with its text beside it; with `drag` the reader can move it.

    Parameters
    ----------
    x, y : sympy.Expr
        Where it stands.
    drag : (one or None, one or None)
        The parameters that follow the pointer's x and y, each a sympy.Symbol. Where the parameter is not the
        coordinate itself: (sympy.Symbol, sympy.Lambda), which gives the parameter that a coordinate stands for.
    """

    x: Any
    y: Any
    drag: tuple[Dragged, Dragged] = (None, None)
    kind: ClassVar[str] = "point"

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        spec = super().spec(program) | self.numbers(program, "x", "y")
        if any(self.drag):
            spec["drag"] = [one and self._dragged(one, program) for one in self.drag]
        return spec

    def dragged(self) -> list[sympy.Symbol]:
        """Return the parameters that it moves."""
        return [one[0] if isinstance(one, tuple) else one for one in self.drag if one is not None]

    def _dragged(self, one: Any, program: Program) -> list[Any]:
        symbol, meant = one if isinstance(one, tuple) else (one, None)
        program.function(symbol, where=f"{self.where}, drag")
        if meant is None:
            return [str(symbol)]
        return [str(symbol), program.number(meant.expr, bound=meant.variables, where=f"{self.where}, drag")]


@dataclass(frozen=True, kw_only=True)
class Segment(Mark):
    """A straight line between two points, as an arrow if wanted."""

    x1: Any
    y1: Any
    x2: Any
    y2: Any
    arrow: bool = False
    kind: ClassVar[str] = "segment"

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        return super().spec(program) | self.numbers(program, "x1", "y1", "x2", "y2") | {"arrow": self.arrow}


@dataclass(frozen=True, kw_only=True)
class Rule(Mark):
    """A line across the whole panel at `x` or at `y`."""

    x: Any = None
    y: Any = None
    kind: ClassVar[str] = "rule"

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.x is None) == (self.y is None):
            raise ValueError(f"{self.where}: give either x or y")

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        return super().spec(program) | self.numbers(program, "x", "y")


@dataclass(frozen=True, kw_only=True)
class Contour(Mark):
    """Level lines of ``z(x, y)`` over the panel, filled in steps of one colour.

    Parameters
    ----------
    z : sympy.Expr
        The height.
    variables : (sympy.Symbol, sympy.Symbol)
        The symbols that run along the axes.
    levels : sequence of sympy.Expr
        Heights of the lines.
    filled : bool
        Whether what lies above a level is shaded.
    grid : int
        Number of grid points along each axis.
    """

    z: Any
    variables: tuple[sympy.Symbol, sympy.Symbol]
    levels: Sequence[Any]
    filled: bool = True
    grid: int = 48
    kind: ClassVar[str] = "contour"
    part: ClassVar[str] = "contours"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.levels:
            raise ValueError(f"{self.where}: needs at least one level")
        if not 4 <= self.grid <= 200:
            raise ValueError(f"{self.where}: grid must lie between 4 and 200, got {self.grid}")

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        return super().spec(program) | {
            "z": {"f": program.function(self.z, self.variables, where=self.where)},
            "levels": [program.number(level, where=f"{self.where}, levels") for level in self.levels],
            "filled": self.filled,
            "grid": self.grid,
        }


@dataclass(frozen=True, kw_only=True)
class VectorField(Mark):
    """Arrows ``(dx, dy)`` over the panel; the longest fills its place, the others are shorter by the square root."""

    dx: Any
    dy: Any
    variables: tuple[sympy.Symbol, sympy.Symbol]
    grid: int = 13
    kind: ClassVar[str] = "field"
    part: ClassVar[str] = "contours"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 3 <= self.grid <= 60:
            raise ValueError(f"{self.where}: grid must lie between 3 and 60, got {self.grid}")

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        return super().spec(program) | {
            "dx": {"f": program.function(self.dx, self.variables, where=f"{self.where}, dx")},
            "dy": {"f": program.function(self.dy, self.variables, where=f"{self.where}, dy")},
            "grid": self.grid,
        }


@dataclass(frozen=True, kw_only=True)
class Trajectory(Mark):
    """The path of an iterated update.

    The state symbols may be used everywhere else in the figure, where they stand for the last state.

    Parameters
    ----------
    start : dict of sympy.Symbol to sympy.Expr
        State at step 0.
    step : dict of sympy.Symbol to sympy.Expr
        The next state in terms of the present one (all updated at once).
    steps : sympy.Expr
        How many steps are taken.
    x, y : sympy.Expr
        Where a state is drawn.
    """

    start: dict[sympy.Symbol, Any]
    step: dict[sympy.Symbol, Any]
    steps: Any
    x: Any
    y: Any
    kind: ClassVar[str] = "trajectory"

    def __post_init__(self) -> None:
        super().__post_init__()
        if set(self.start) != set(self.step) or not self.start:
            raise ValueError(
                f"{self.where}: start has the states {sorted(map(str, self.start))}, "
                f"step has {sorted(map(str, self.step))}; they must be the same"
            )

    @property
    def symbols(self) -> list[sympy.Symbol]:
        """The states."""
        return list(self.start)

    def needs(self) -> set[str]:
        """Return the names of the symbols that it is computed from."""
        own = {str(state.name) for state in self.start}
        return names_in(*self.start.values()) | (names_in(*self.step.values(), self.steps, self.x, self.y) - own)

    def computation(self, program: Program) -> dict[str, Any]:
        """Return what the engine computes: the states, which a step reads as any other symbol, and the path."""
        return {
            "names": [str(state.name) for state in self.start],
            "start": [program.number(self.start[s], where=f"{self.where}, start of {s}") for s in self.start],
            "step": [{"f": program.function(self.step[s], where=f"{self.where}, step of {s}")} for s in self.start],
            **self.numbers(program, "steps", "x", "y"),
        }

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        return super().spec(program) | {"path": next(str(state.name) for state in self.start)}
