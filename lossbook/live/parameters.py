"""Parameters of a live figure and the controls that move them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import sympy
import traitlets

from ..style import check_color
from .program import Program, as_expression
from .text import Text, as_text, format_number


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
    color : int, optional
        Number in the palette: of the control, and of its symbol in the figure's formula. It is that of the mark which
        the slider moves.
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
    color: int | None = None
    kind: ClassVar[str] = "slider"

    def __post_init__(self) -> None:
        if self.scale not in ("linear", "log"):
            raise ValueError(f"slider {self.name}: scale must be 'linear' or 'log', got {self.scale!r}")
        check_color(self.color, f"slider {self.name}")
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
        if self.color is not None:
            spec["color"] = self.color
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
    #: The part of the engine that runs it.
    part: ClassVar[str] = "play"

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"play {self.symbol}: seconds must be positive, got {self.seconds}")


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button that moves sliders by a rule, in which chance may have its part: a toss, a step, a point more.

    Parameters
    ----------
    label : str
        What stands on the button.
    sets : dict of sympy.Symbol to sympy.Expr
        The next value of each slider in terms of the present ones; values out of range end at its ends.
    chance : sympy.Symbol, optional
        In `sets` it stands for a number between 0 and 1, drawn evenly and anew each time.
    times : int
        How many times one press applies the rule.
    """

    label: str
    sets: Mapping[sympy.Symbol, Any]
    chance: sympy.Symbol | None = None
    times: int = 1

    def __post_init__(self) -> None:
        if not self.sets or self.times < 1:
            raise ValueError(f"action {self.label!r}: needs something to set, at least once")

    def spec(self, program: Program) -> dict[str, Any]:
        """Return the declaration that the engine reads."""
        bound = [self.chance] if self.chance else []
        where = f"action {self.label!r}"
        sets = [[_slider(symbol, program, where), program.number(rule, bound=bound, where=where)]
                for symbol, rule in self.sets.items()]  # fmt: skip
        return {"kind": "action", "label": self.label, "sets": sets, "times": self.times}


@dataclass(frozen=True, kw_only=True)
class Predict:
    """A question that is asked before the figure shows the answer; who does not want to guess may skip it.

    Marks that would give the answer away have ``show=revealed``. The reader guesses with the figure's own sliders and
    points, or chooses one of `options`. Then the figure reveals what happens and says `answer`.

    Parameters
    ----------
    question : str
        What the reader is asked.
    revealed : sympy.Symbol
        A hidden slider from 0 to 1: 1 when the answer is shown.
    answer : str or Text
        What is said then, with the present numbers: what happens, and how far off the guess was.
    options : sequence of str
        What the reader may choose from; empty where a point is dragged.
    right : int, optional
        Which of the options is right, from 0.
    sets : dict of sympy.Symbol to sympy.Expr
        Sliders that are moved when the answer is shown.
    """

    question: str
    revealed: sympy.Symbol
    answer: str | Text
    options: Sequence[str] = ()
    right: int | None = None
    sets: Mapping[sympy.Symbol, Any] = field(default_factory=dict)
    #: The part of the engine that asks it.
    part: ClassVar[str] = "predict"

    def __post_init__(self) -> None:
        if bool(self.options) != (self.right is not None) or (
            self.options and self.right not in range(len(self.options))
        ):
            raise ValueError(f"predict {self.question!r}: right must be the number of one of the options")

    def spec(self, program: Program) -> dict[str, Any]:
        """Return the declaration that the engine reads."""
        where = f"predict {self.question!r}"
        sets = {**self.sets, self.revealed: 1}
        spec: dict[str, Any] = {
            "kind": "predict",
            "question": self.question,
            "revealed": _slider(self.revealed, program, where),
            "answer": as_text(self.answer).spec(program, where),
            "sets": [[_slider(symbol, program, where), program.number(to, where=where)] for symbol, to in sets.items()],
        }
        if self.options:
            spec |= {"options": list(self.options), "right": self.right}
        return spec


def _slider(symbol: sympy.Symbol, program: Program, where: str) -> str:
    if not isinstance(program.parameters.get(str(symbol.name)), sympy.Symbol):
        raise ValueError(f"{where}: {symbol} is no parameter of the figure")
    return str(symbol.name)


#: What stands among the controls of a figure.
Control = Parameter | Play | Action | Predict
