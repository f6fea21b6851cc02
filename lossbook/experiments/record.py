"""What an experiment found from many starts, kept in a small file, so that the book need not train for an hour.

``python -m lossbook.experiments record`` writes the files, ``verify`` runs a part of them again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .starts import Start, roundings

#: Where the files lie.
FOLDER = Path(__file__).with_name("records")
#: Digits that are kept of a number.
DIGITS = 4
#: What is kept for pictures only needs fewer.
PICTURE_DIGITS = 3

#: One number, or one list of numbers (one for each number of steps), of each start.
Measured = Mapping[str, NDArray[Any]]


class RecordError(Exception):
    """A record is missing, or was made by other code than what stands there now."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """An experiment that can be recorded.

    Attributes
    ----------
    name : str
        Of the module, and of the record's file.
    cases : sequence of str
        What is compared: losses, conditions.
    measure : callable
        Takes a case and a list of starts, returns arrays whose first axis is the starts.
    settings : mapping
        All that was chosen: rates, sizes, steps. Plain values only.
    seeds, roundings : int
        How many seeds are recorded, and how often the first seed with other rounding.
    batch : int
        How many starts `measure` gets at once.
    part : int
        How many new seeds `verify` tries.
    fast : bool
        Whether `make test` verifies it.
    extra : callable, optional
        Returns more that the page shows and no test compares, such as the samples of one start.
    """

    name: str
    cases: Sequence[str]
    measure: Callable[[str, Sequence[Start]], Measured]
    settings: Mapping[str, Any]
    seeds: int = 30
    roundings: int = 30
    batch: int = 30
    part: int = 12
    fast: bool = False
    extra: Callable[[], Any] | None = None

    def starts(self) -> list[Start]:
        """Return all recorded starts: the seeds as they are, then the first one with other rounding."""
        return [*(Start(seed, 0) for seed in range(self.seeds)), *roundings(self.roundings)]

    def batches(self, starts: Sequence[Start]) -> Iterator[Sequence[Start]]:
        """Cut starts into batches."""
        for first in range(0, len(starts), self.batch):
            yield starts[first : first + self.batch]

    def source(self) -> str:
        """Return a digest of the module's code, comments and docstrings left out."""
        module = sys.modules[self.measure.__module__]
        return digest_of_code(Path(str(module.__file__)).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Record:
    """What was found, read from the file.

    Attributes
    ----------
    experiment : Experiment
        What was run.
    data : dict
        The file's content.
    """

    experiment: Experiment
    data: dict[str, Any] = field(repr=False)

    def seeds(self, case: str, quantity: str) -> NDArray[np.float64]:
        """Return a quantity of every seed, shape (seeds,) or (seeds, numbers of steps)."""
        return self._values(case, quantity)[: self.experiment.seeds]

    def roundings(self, case: str, quantity: str) -> NDArray[np.float64]:
        """Return a quantity of the first seed with every other rounding, shapes as for `seeds`."""
        return self._values(case, quantity)[self.experiment.seeds :]

    def all(self, case: str, quantity: str) -> NDArray[np.float64]:
        """Return a quantity of every start, the seeds first."""
        return self._values(case, quantity)

    def _values(self, case: str, quantity: str) -> NDArray[np.float64]:
        return np.array(self.data["measured"][case][quantity], dtype=float)

    @property
    def extra(self) -> Any:
        """What was kept beside the measured numbers."""
        return self.data["extra"]

    @property
    def made(self) -> str:
        """When, where and with what it was made, in lines of at most 79 characters."""
        d = self.data
        versions = ", ".join(f"{name} {number}" for name, number in d["versions"].items())
        where = f"in {d['minutes']:g} minutes on {d['processor']}"
        made = f"Recorded on {d['date']} {where}, with {versions}:"
        return textwrap.fill(made, 79) + f"\n{d['command']}"

    def place(self, case: str, quantity: str, value: float, *, at: int | None = None) -> str:
        """Say where a reader's own number lies among those of the recorded seeds.

        The repeats of the first seed with other rounding are left out: most lie where that one seed lies.

        Parameters
        ----------
        case, quantity : str
            What it is compared with.
        value : float
            The reader's own number.
        at : int, optional
            Which number of steps, where the quantity was measured at several.
        """
        value = float(plain(value))  # rounded as the record is
        recorded = self.seeds(case, quantity) if at is None else self.seeds(case, quantity)[:, at]
        low, high = recorded.min(), recorded.max()
        if not low <= value <= high:
            return f"{value:.3g}: outside the {len(recorded)} recorded seeds ({low:.3g} … {high:.3g})"
        below, same = int((recorded < value).sum()), int((recorded == value).sum())
        equal = f", {same} equal" if same else ""
        return f"{value:.3g}: {below} of {len(recorded)} recorded seeds lie below{equal} ({low:.3g} … {high:.3g})"


def digest_of_code(code: str) -> str:
    """Return a digest of Python code that words about it do not change: docstrings, comment lines, empty lines."""
    tree = ast.parse(code)
    words: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and body and isinstance(body[0], ast.Expr):
            text = body[0].value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                words.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    lines = [line.rstrip() for number, line in enumerate(code.splitlines(), 1) if number not in words]
    kept = "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def path_of(name: str) -> Path:
    """Return where the record of an experiment lies."""
    return FOLDER / f"{name}.json"


def plain(value: Any, digits: int = DIGITS) -> Any:
    """Return a value as the file holds it: numbers rounded to a few digits, arrays as lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry, digits) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), digits)
    if isinstance(value, (list, tuple)):
        return [plain(entry, digits) for entry in value]
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"a record holds finite numbers, got {number}")
    rounded = float(f"{number:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded


@cache
def load(experiment: Experiment) -> Record:
    """Read the record of an experiment.

    Raises
    ------
    RecordError
        If there is none, or the experiment's code or settings have changed since it was made.
    """
    path = path_of(experiment.name)
    again = f"python -m lossbook.experiments record {experiment.name}"
    if not path.exists():
        raise RecordError(f"there is no record of {experiment.name}; make one: {again}")
    data = json.loads(path.read_text(encoding="utf-8"))
    wanted = {
        "source": experiment.source(),
        "settings": plain(experiment.settings),
        "seeds": experiment.seeds,
        "roundings": experiment.roundings,
    }
    differing = [key for key, value in wanted.items() if data.get(key) != value]
    if differing:
        raise RecordError(
            f"the record of {experiment.name} was made by another experiment ({', '.join(differing)} changed since); "
            f"make a new one: {again}"
        )
    return Record(experiment, data)
