"""Parameters of a live figure and the controls that move them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import sympy
import traitlets

from .program import Program, as_expression
from .text import format_number


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number that the reader can change.

    Parameters
    ----------
    symbol : sympy.Symbol
        The symbol that stands for the parameter in the figure's expressions.
        Its name is also the name of the widget's trait.
    label : str
        What the reader sees beside the control; the symbol's name if empty.
    """

    symbol: sympy.Symbol
    label: str = ""
    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """Name of the symbol and of the trait."""
        return str(self.symbol.name)

    def number(self, value: Any) -> float:
        """Return the number that expressions see for a trait's `value`."""
        return float(value)

    def shown(self, number: float) -> str:
        """Return the number as the reader sees it."""
        raise TypeError(f"{type(self).__name__} is abstract")

    def trait(self) -> traitlets.TraitType:
        """Return the trait that holds the parameter in Jupyter."""
        raise TypeError(f"{type(self).__name__} is abstract")

    def spec(self, program: Program) -> dict[str, Any]:
        """Return the declaration that the engine reads."""
        return {"kind": self.kind, "name": self.name, "label": self.label or self.name}


@dataclass(frozen=True, kw_only=True)
class Slider(Parameter):
    """A range control, linear or logarithmic, real or integer.

    Parameters
    ----------
    minimum, maximum : number or sympy.Expr
        Ends of the range. An expression may use the parameters declared before this one:
        the number of heads ends at the number of tosses.
    value : float
        Where the slider stands at first.
    step : float, optional
        Distance of neighbouring values; 1 for integers, about 1/200 of the range otherwise.
    scale : {"linear", "log"}
        A logarithmic slider needs a positive minimum.
    integer : bool
        Whether only whole numbers are taken.
    format : str
        How the value is shown, as in Python's format strings: ``".2f"``, ``".3g"``, ``"d"``, ``".0%"``.
    visible : bool
        False for a parameter that is moved by dragging a point only.
    cell : tuple of str, optional
        Row and column of the table that sliders with a cell stand in. Where all have the same column, they stand below
        one another, with their labels.
    """

    minimum: Any
    maximum: Any
    value: float
    step: float | None = None
    scale: str = "linear"
    integer: bool = False
    format: str = ""
    visible: bool = True
    cell: tuple[str, str] | None = None
    kind: ClassVar[str] = "slider"

    def __post_init__(self) -> None:
        if self.scale not in ("linear", "log"):
            raise ValueError(f"slider {self.name}: scale must be 'linear' or 'log', got {self.scale!r}")
        if self.step is not None and not self.step > 0:
            raise ValueError(f"slider {self.name}: step must be positive, got {self.step}")
        low, high = (as_expression(end) for end in (self.minimum, self.maximum))
        for end, word in ((low, "minimum"), (high, "maximum")):
            if end.is_number and not end.is_finite:
                raise ValueError(f"slider {self.name}: {word} must be finite, got {end}")
        if low.is_number and high.is_number and not low < high:
            raise ValueError(f"slider {self.name}: empty range from {low} to {high}")
        if self.scale == "log" and low.is_number and not low > 0:
            raise ValueError(f"slider {self.name}: a logarithmic range needs a positive minimum, got {low}")
        for end, outside in ((low, low.is_number and self.value < low), (high, high.is_number and self.value > high)):
            if outside:
                raise ValueError(f"slider {self.name}: value {self.value} lies outside the range, beyond {end}")
        if self.integer and self.value != int(self.value):
            raise ValueError(f"slider {self.name}: an integer slider cannot start at {self.value}")

    @property
    def _format(self) -> str:
        return self.format or ("d" if self.integer else ".3g")

    def shown(self, number: float) -> str:  # noqa: D102
        return format_number(number, self._format)

    def trait(self) -> traitlets.TraitType:  # noqa: D102
        return traitlets.Int(int(self.value)) if self.integer else traitlets.Float(float(self.value))

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        spec = super().spec(program) | {
            "min": program.number(self.minimum, where=f"minimum of slider {self.name}"),
            "max": program.number(self.maximum, where=f"maximum of slider {self.name}"),
            "format": self._format,
        }
        if self.step is not None:
            spec["step"] = self.step
        if self.scale == "log":
            spec["log"] = True
        if self.integer:
            spec["integer"] = True
        if not self.visible:
            spec["hidden"] = True
        if self.cell:
            spec["cell"] = list(self.cell)
        return spec


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One of several named options; expressions see the option's number.

    Parameters
    ----------
    options : dict of str to number
        Label and the number that stands for it in expressions.
    value : str
        The label chosen at first; the first option if empty.
    """

    options: dict[str, float] = field(default_factory=dict)
    value: str = ""
    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        if len(self.options) < 2:
            raise ValueError(f"choice {self.name}: needs at least two options, got {list(self.options)}")
        if len(set(self.options.values())) < len(self.options):
            raise ValueError(f"choice {self.name}: two options are the same number: {self.options}")
        if self.value and self.value not in self.options:
            raise ValueError(f"choice {self.name}: {self.value!r} is not among the options {list(self.options)}")

    def number(self, value: Any) -> float:  # noqa: D102
        if value not in self.options:
            raise ValueError(f"choice {self.name}: {value!r} is not among the options {list(self.options)}")
        return float(self.options[value])

    def shown(self, number: float) -> str:  # noqa: D102
        return next(label for label, value in self.options.items() if value == number)

    def trait(self) -> traitlets.TraitType:  # noqa: D102
        return traitlets.Enum(list(self.options), default_value=self.value or next(iter(self.options)))

    def spec(self, program: Program) -> dict[str, Any]:  # noqa: D102
        return super().spec(program) | {"options": [[label, number] for label, number in self.options.items()]}


@dataclass(frozen=True, kw_only=True)
class Toggle(Parameter):
    """A check box; expressions see 1 or 0."""

    value: bool = False
    kind: ClassVar[str] = "toggle"

    def shown(self, number: float) -> str:  # noqa: D102
        return "on" if number else "off"

    def trait(self) -> traitlets.TraitType:  # noqa: D102
        return traitlets.Bool(self.value)


@dataclass(frozen=True, kw_only=True)
class Play:
    """Buttons that run an integer slider from its place to its end, stop it, and put it back.

    Parameters
    ----------
    symbol : sympy.Symbol
        The slider that is moved.
    seconds : float
        How long a run over the whole range takes.
    """

    symbol: sympy.Symbol
    seconds: float = 4.0

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"play {self.symbol}: seconds must be positive, got {self.seconds}")
