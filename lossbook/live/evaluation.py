"""A figure's declaration, compiled, and what its expressions are worth: numbers, paths and words with NumPy."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from .formula import Formula, filled
from .marks import Point, Trajectory
from .panels import Panel
from .parameters import Action, Control, Parameter, Play, Predict, Slider
from .program import Program, names_in
from .text import Text, as_text, format_number


@dataclass(frozen=True)
class Definition:
    """A symbol that stands for an expression, which is computed once however often the symbol is used."""

    symbol: sympy.Symbol
    value: Any

    @property
    def symbols(self) -> list[sympy.Symbol]:
        """What is computed."""
        return [self.symbol]

    def needs(self) -> set[str]:
        """Return the names of the symbols that it is computed from."""
        return names_in(self.value)

    def computation(self, program: Program) -> dict[str, Any]:
        """Return what the engine computes."""
        name = str(self.symbol.name)
        return {"names": [name], "start": [program.number(self.value, where=f"definition of {name}")]}


class Evaluation:
    """A declaration, compiled for the engine, and evaluated with NumPy.

    Parameters
    ----------
    parameters, panels, description, readout, define, formula
        As those of `lossbook.live.Figure`.

    Attributes
    ----------
    parameters : dict of str to Parameter
        What the reader moves, by name.
    panels : list of Panel
        The drawings.
    trajectories : list of Trajectory
        Of all panels, in the order of the declaration.
    program : Program
        The compiled expressions.
    spec : dict
        The declaration that the engine reads.
    parts : list of str
        Parts of the engine that the figure needs.
    """

    def __init__(
        self,
        *,
        parameters: Sequence[Control],
        panels: Sequence[Panel],
        description: str | Text,
        readout: Sequence[str | Text] = (),
        define: Mapping[sympy.Symbol, Any] | None = None,
        formula: Formula | Sequence[Formula] = (),
    ) -> None:
        if not panels:
            raise ValueError("a figure needs at least one panel")
        moved = [parameter for parameter in parameters if isinstance(parameter, Parameter)]
        self.parameters = {parameter.name: parameter for parameter in moved}
        self.panels = list(panels)
        self.trajectories = [mark for panel in panels for mark in panel.marks if isinstance(mark, Trajectory)]
        computed: list[Definition | Trajectory] = [*(Definition(*item) for item in (define or {}).items())]
        computed += self.trajectories
        names = [parameter.name for parameter in moved] + [str(s.name) for one in computed for s in one.symbols]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two parameters, definitions or states of the figure are named {name!r}")
        self._computed = _in_order(computed)
        self.program = Program(
            [parameter.symbol for parameter in moved], [symbol for one in self._computed for symbol in one.symbols]
        )
        marks = [mark for panel in panels for mark in panel.marks]
        self.parts = sorted({part for one in (*marks, *parameters) if (part := getattr(one, "part", ""))})
        self._places = {name: place for place, name in enumerate(self.program.names)}
        #: The last parameters, as bytes, and all numbers computed from them.
        self._last: tuple[bytes, np.ndarray] = (b"", np.empty(0))
        formulas = [formula] if isinstance(formula, Formula) else formula
        colors = {p.name: p.color for p in moved if isinstance(p, Slider) and p.color is not None}
        self.spec = {
            "controls": self._controls(parameters),
            # What is computed at each redraw, in this order; expressions see it behind the parameters.
            "computed": [one.computation(self.program) for one in self._computed],
            "panels": [panel.spec(self.program) for panel in self.panels],
            "description": as_text(description).spec(self.program, "description"),
            "readout": [as_text(line).spec(self.program, "readout") for line in readout],
            "formulas": [one.spec(self.program, colors) for one in formulas],
        }

    def _controls(self, parameters: Sequence[Control]) -> list[dict[str, Any]]:
        controls = []
        before: set[str] = set()
        for parameter in parameters:
            if isinstance(parameter, Play):
                moved = self.parameters.get(str(parameter.symbol))
                if not isinstance(moved, Slider) or not moved.integer:
                    raise ValueError(f"play {parameter.symbol}: there is no integer slider of that name")
                controls.append({"kind": "play", "name": moved.name, "seconds": parameter.seconds})
                continue
            if isinstance(parameter, Action | Predict):
                controls.append(parameter.spec(self.program))
                continue
            controls.append(parameter.spec(self.program))
            if isinstance(parameter, Slider):
                late = (names_in(parameter.minimum) | names_in(parameter.maximum)) - before
                if late:
                    raise ValueError(
                        f"slider {parameter.name}: its range uses {min(late)}, which is no parameter declared before it"
                    )
            before.add(parameter.name)
        for mark in (mark for panel in self.panels for mark in panel.marks if isinstance(mark, Point)):
            for symbol in mark.dragged():
                if not isinstance(self.parameters.get(str(symbol)), Slider):
                    raise ValueError(f"{mark.where}: drag moves {symbol}, which is no slider of the figure")
        return controls

    def values(self, chosen: Mapping[str, Any]) -> np.ndarray:
        """Return the numbers that expressions see: parameters, then definitions and last states of trajectories.

        Parameters
        ----------
        chosen : dict of str to value
            The value of each parameter.
        """
        values = np.full(len(self._places), np.nan)
        values[: len(self.parameters)] = [p.number(chosen[name]) for name, p in self.parameters.items()]
        state = values.tobytes()
        if self._last[0] != state:  # words, formulas and heights of one state ask one after another
            for computation in self.spec["computed"]:
                self._compute(computation, values)
            self._last = state, values
        return self._last[1].copy()

    def path(self, trajectory: Trajectory, values: np.ndarray) -> np.ndarray:
        """Return the points that a trajectory is drawn through, (n, 2)."""
        return self._compute(self.spec["computed"][self._computed.index(trajectory)], values.copy())

    def _compute(self, computation: dict[str, Any], values: np.ndarray) -> np.ndarray:
        """Write a definition, or the last state of a trajectory, into `values`; return the points of its path."""
        places = [self._places[name] for name in computation["names"]]
        values[places] = [self.number(start, values) for start in computation["start"]]
        if "step" not in computation:
            return np.empty((0, 2))
        points = [[self.number(computation[side], values) for side in "xy"]]
        for _ in range(int(self.number(computation["steps"], values))):
            values[places] = [self.number(step, values) for step in computation["step"]]
            points.append([self.number(computation[side], values) for side in "xy"])
        return np.array(points)

    def number(self, reference: Any, values: np.ndarray, *bound: Any) -> Any:
        """Evaluate with NumPy what `Program.number` returned: a constant, or a compiled function."""
        if not isinstance(reference, dict):
            return reference
        result = self.program.numpy(reference["f"])(*values, *bound)
        return np.broadcast_to(result, np.broadcast(*bound).shape) if bound else float(result)

    def formulas(self, values: np.ndarray) -> list[str]:
        """Return the formulas that are shown, as MathML with their numbers filled in."""
        shown = (one for one in self.spec["formulas"] if self.number(one.get("show", 1), values) != 0)
        return [filled(one, lambda reference: self.number(reference, values)) for one in shown]

    def text(self, parts: Sequence[Any], values: np.ndarray) -> str:
        """Return a compiled text with its numbers filled in."""
        words = []
        for part in parts:
            if isinstance(part, str):
                words.append(part)
            elif len(part) == 1:
                words.append(self.parameters[part[0]].shown(values[self._places[part[0]]]))
            else:
                words.append(format_number(self.number(part[0], values), part[1]))
        return "".join(words)


def _in_order(computed: Sequence[Definition | Trajectory]) -> list[Definition | Trajectory]:
    """Return what is computed so that each comes after those that it needs."""
    maker = {str(symbol.name): number for number, one in enumerate(computed) for symbol in one.symbols}
    needs = {n: [maker[name] for name in sorted(one.needs()) if name in maker] for n, one in enumerate(computed)}
    try:
        return [computed[number] for number in graphlib.TopologicalSorter(needs).static_order()]
    except graphlib.CycleError as error:
        circle = [str(computed[number].symbols[0].name) for number in error.args[1]]
        raise ValueError(f"definitions and trajectories need one another in a circle: {' → '.join(circle)}") from None
