"""What a figure draws, held against the NumPy losses: the machine behind the table in `test_figure_losses`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from lossbook.figures import all_figures
from lossbook.live import Bars, Choice, Contour, Curve, Figure, Point, Rule, Segment, Slider, Toggle, Trajectory
from lossbook.live.marks import Mark
from lossbook.live.text import as_text
from lossbook.symbolic.printing import numpy_function

#: Gives the height that belongs at the abscissae x (for a contour a pair of arrays), with the numbers of the figure.
Expected = Callable[[Any, SimpleNamespace], Any]


@dataclass(frozen=True)
class Row:
    """A mark of a figure and what it must draw."""

    figure: str
    panel: int
    mark: str | int
    expected: Expected
    step: str
    over: tuple[float, float]
    held: dict[str, Any]

    def __str__(self) -> str:
        words = [self.figure, str(self.panel), str(self.mark), *map(str, self.held.values())]
        return "-".join([*words, self.step] if self.step else words)


def row(
    figure: str,
    panel: int,
    mark: str | int,
    expected: Expected,
    *,
    step: str = "",
    over: tuple[float, float] = (-3, 3),
    **held: Any,
) -> Row:
    """Return a row of the table.

    Parameters
    ----------
    figure : str
        Its name in `all_figures`.
    panel, mark : int, str or int
        Number of the panel; the mark's label, or its number.
    expected : callable
        ``expected(x, p)``: the height at x, or at (x, y) of a contour. ``p.name`` is the number that a parameter or
        state of the figure has. Bars with names have x = 0, 1, 2 …; a point, a rule, a segment's end has one x.
    step : str
        Of a trajectory, the state whose next value is compared; x is then its present value, within `over`.
    **held
        Parameters that keep one value, as the figure takes them: ``loss="Huber"``. All others are moved.
    """
    return Row(figure, panel, mark, expected, step, over, held)


def value(loss: type, x: Any, target: Any = 0.0, **arguments: Any) -> np.ndarray:
    """Return the terms of a loss: of residuals x, or of predictions with the `target`, a number for all or an array."""
    return loss(**arguments, reduction="none").loss(x, _targets(x, target))


def slope(loss: type, x: Any, target: Any = 0.0, **arguments: Any) -> np.ndarray:
    """Return the gradient of a loss, as `value` does."""
    return loss(**arguments, reduction="none").grad(x, _targets(x, target))


def _targets(x: Any, target: Any) -> Any:
    return np.full(np.shape(x), target, dtype=float) if np.ndim(target) == 0 else target


@cache
def built(name: str) -> Figure:
    """Return a figure of the book, built once."""
    return all_figures()[name]()


def mark_of(figure: Figure, row: Row) -> Mark:
    """Return the mark that a row names."""
    marks = figure.panels[row.panel].marks
    if isinstance(row.mark, int):
        return marks[row.mark]
    (found,) = [mark for mark in marks if as_text(mark.label).template == row.mark]
    return found


def compare(row: Row, figure: Figure | None = None, mark: Mark | None = None) -> None:
    """Assert that a mark draws what its row says, to eleven digits, at the ends of all controls and between.

    Parameters
    ----------
    row : Row
        What is drawn where.
    figure, mark : Figure, Mark, optional
        Those to look at, in place of the book's.
    """
    figure = figure or built(row.figure)
    mark = mark or mark_of(figure, row)
    alive = False
    for chosen in settings_of(figure, row.held):
        numbers = figure.values(**chosen)
        p = SimpleNamespace(**dict(zip(figure.program.names, numbers, strict=True)))
        x, drawn = _heights(figure, row, mark, numbers)
        wanted = np.broadcast_to(row.expected(x, p), np.shape(drawn))
        smallest = 1e-14 * np.max(np.abs(wanted), where=np.isfinite(wanted), initial=0)
        np.testing.assert_allclose(drawn, wanted, rtol=1e-11, atol=smallest, equal_nan=False, err_msg=str(chosen))
        alive |= smallest > 0
    assert alive, "nothing but zeros was compared"


def ends_of(figure: Figure, control: dict[str, Any], chosen: dict[str, Any]) -> tuple[float, float]:
    """Return between which numbers a slider moves, given what was chosen for others."""
    low, high = control["min"], control["max"]
    # Values take time where a figure follows paths, and most ends are plain numbers.
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low, high
    values = figure.values(**chosen)
    return figure.number(low, values), figure.number(high, values)


def settings_of(figure: Figure, held: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield choices of all parameters: each at its lowest, each at its highest, then by chance."""
    chance = np.random.default_rng(0)
    controls = {control["name"]: control for control in figure.spec["controls"] if "min" in control}
    for number in range(12):
        chosen = dict(held)
        for name, parameter in figure.parameters.items():
            if name in held:
                continue
            if isinstance(parameter, Choice):
                chosen[name] = list(parameter.options)[number % len(parameter.options)]
            elif isinstance(parameter, Toggle):
                chosen[name] = bool(number % 2)
            else:
                assert isinstance(parameter, Slider)
                low, high = ends_of(figure, controls[name], chosen)
                share = number if number < 2 else chance.random()
                log = parameter.scale == "log"
                at = low * (high / low) ** share if log else low + share * (high - low)
                at = min(max(at, low), high)
                chosen[name] = round(at) if parameter.integer else float(at)
        yield chosen


def _heights(figure: Figure, row: Row, mark: Any, numbers: np.ndarray) -> tuple[Any, Any]:
    """Return abscissae along a mark, and the heights that it draws there."""
    symbols = figure.program.symbols
    panel = figure.panels[row.panel]

    def number(expression: Any) -> Any:
        return numpy_function(symbols, expression)(*numbers)

    def over(variable: Any, ends: Any, log: bool = False, whole: bool = False) -> np.ndarray:
        low, high = map(float, map(number, ends))
        if whole:
            return np.arange(low, high + 1)
        inner = np.random.default_rng(1).random(40)  # where no kink lies
        share = np.array([0.0, *inner, 1.0])
        return np.clip(low * (high / low) ** share if log else low + share * (high - low), low, high)

    axis = (panel.x.minimum, panel.x.maximum)
    if isinstance(mark, Trajectory):
        (state,) = [symbol for symbol in mark.step if str(symbol) == row.step]
        x = np.linspace(*row.over, 41)
        present = [x if symbol == state else at for symbol, at in zip(symbols, numbers, strict=True)]
        return x, numpy_function(symbols, mark.step[state])(*present)
    if isinstance(mark, Curve):
        x = over(mark.variable, mark.range or axis, log=panel.x.scale == "log" and not mark.range)
        return x, numpy_function([*symbols, mark.variable], mark.y)(*numbers, x)
    if isinstance(mark, Bars) and mark.variable is not None:
        x = over(mark.variable, mark.range, whole=True)
        return x, numpy_function([*symbols, mark.variable], mark.heights)(*numbers, x)
    if isinstance(mark, Bars):
        return np.arange(len(mark.heights)), np.array([number(height) for height in mark.heights])
    if isinstance(mark, Contour):
        ends = (axis, (panel.y.minimum, panel.y.maximum))
        u, v = np.meshgrid(*(over(v, e)[::4] for v, e in zip(mark.variables, ends, strict=True)))
        return (u, v), numpy_function([*symbols, *mark.variables], mark.z)(*numbers, u, v)
    if isinstance(mark, Point):
        return number(mark.x), number(mark.y)
    if isinstance(mark, Segment):
        return number(mark.x2), number(mark.y2)
    assert isinstance(mark, Rule)
    return np.array(0.0), number(mark.y if mark.x is None else mark.x)
