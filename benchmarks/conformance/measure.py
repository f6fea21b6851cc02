"""The largest errors of a twin over ordinary and over extreme input, each with the smallest input that shows it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from mpmath import mpf

from yardstick.cases import Case
from yardstick.more import WIDE
from yardstick.truth import relative_error, truth

from .libraries import LIBRARIES, TYPES, Library, Refused, run
from .twins import ROWS, TERMS, TWINS, Twin

#: Up to how many roundings an error is nothing to be shown.
ROUNDINGS = 64
#: Which sizes of numbers are ordinary input.
ORDINARY = (1e-3, 30.0)
KINDS = ("ordinary", "extreme")
#: Predictions and target of some rows.
Batch = Sequence[tuple[Sequence[float], Any]]
#: What stands for NaN, and for a number that is infinite, or finite, by mistake.
NAN, INFINITE = "NaN", "∞"


def own(case: str) -> Twin:
    """Return the call of our own loss for a case of the yardstick."""
    loss = WIDE[case].loss
    # An array in what the loss says of itself is NumPy's.
    call = f"losses.{loss!r}".replace("=array(", "=np.array(")
    return Twin(type(loss).__name__, "lossbook", case, f"{call}.loss({{x}}, {{t}})",
                slope=f"{call}.grad({{x}}, {{t}})")  # fmt: skip


def twins() -> list[Twin]:
    """Return the calls of our own losses, one for each case that has a twin, and all twins."""
    return [*map(own, dict.fromkeys(twin.case for twin in TWINS)), *TWINS]


def rows(case: Case, kind: str) -> list[tuple[tuple[float, ...], Any]]:
    """Return the rows of a case whose numbers the type can hold, rounded to it."""
    found = []
    tiny, largest = np.finfo(kind).tiny, np.finfo(kind).max
    for row, target in case.rows:
        numbers = [*row, *(target if isinstance(target, tuple) else [target] if isinstance(target, float) else [])]
        if kind != "float64" and not all(v == 0 or tiny <= abs(v) <= largest for v in numbers):
            continue
        rounded = [float(np.dtype(kind).type(v)) for v in numbers]
        x, t = tuple(rounded[: len(row)]), rounded[len(row) :]
        if case.kind == "chance" and not 0 < x[0] < 1:
            continue  # rounded to a certainty, whose slope is infinite
        found.append((x, tuple(t) if isinstance(target, tuple) else t[0] if t else target))
    return found


def is_ordinary(row: Sequence[float], target: Any) -> bool:
    """Say whether all numbers, and what lies between prediction and target, are of an ordinary size, or 0."""
    wanted = target if isinstance(target, tuple) else (target,) if isinstance(target, float) else ()
    numbers = [*row, *wanted]
    if len(wanted) == len(row):
        gaps = [abs(a - b) for a, b in zip(row, wanted, strict=True)]
        numbers.append(max(gaps))
    return all(v == 0 or ORDINARY[0] <= abs(v) <= ORDINARY[1] for v in numbers)


def size(row: Sequence[float], target: Any) -> float:
    """Return how far from 1 the numbers of a row are, in powers of ten, and how many there are."""
    numbers = [*row, *(target if isinstance(target, tuple) else [])]
    return sum(1 + (abs(math.log10(abs(v))) if v else 0) for v in numbers)


def literals(library: Library, case: Case, kind: str, batch: Batch) -> dict[str, str]:
    """Return what the names in a template stand for."""
    (row, target), *_ = batch
    targets = [wanted for _, wanted in batch]
    x = list(row) if case.kind == "batch" else [x[0] if len(x) == 1 else list(x) for x, _ in batch]
    fields = {"x": library.numbers(x, kind), "type": kind}
    if isinstance(target, int):
        hot = [[float(k == wanted) for k in range(len(row))] for wanted in targets]
        fields["t"] = library.whole(targets)
        fields["hot"] = library.numbers(hot, kind)
        fields["labels"] = library.numbers([float(wanted) for wanted in targets], kind)
    elif isinstance(target, tuple):
        fields["t"] = library.numbers(list(target) if case.kind == "batch" else [*map(list, targets)], kind)
    else:
        fields["t"] = library.numbers(targets, kind)
        fields["yes"] = library.numbers([(wanted + 1) / 2 for wanted in targets], kind)
    return fields


def codes(twin: Twin, kind: str, batch: Batch) -> tuple[str, str]:
    """Return the lines that give a twin's value, and its slope or nothing, for some rows."""
    library, case = LIBRARIES[twin.library], WIDE[twin.case]
    fields = literals(library, case, kind, batch)
    if twin.slope:
        slope = twin.slope.format(**fields)
    else:
        slope = library.slope and library.slope.format(call=twin.call.format(**fields | {"x": "x"}), x=fields["x"])
    return twin.call.format(**fields), slope


@cache
def exactly(case: str, row: tuple[float, ...], target: Any) -> list[mpf]:
    """Return the truth of a row."""
    return truth(WIDE[case], row, target)


def shown(number: Any, digits: int = 4) -> str:
    """Return a number in a few digits."""
    if math.isnan(number):
        return NAN
    value = float(number) if abs(number) <= np.finfo(float).max else math.copysign(math.inf, number)
    if math.isinf(value):
        return INFINITE if value > 0 else f"−{INFINITE}"
    return f"{value:.{digits}g}".replace("-", "−", 1) if value < 0 else f"{value + 0.0:.{digits}g}"


def order(error: float) -> int | None:
    """Return the power of ten that an error is nearest to; nothing for none."""
    return None if error == 0 else round(math.log10(error))


class Worst:
    """The largest error so far, and the smallest input that has one as large."""

    def __init__(self, roundings: float) -> None:
        self.bound = roundings
        self.error, self.entry, self.found = 0.0, None, []
        self.rows = 0

    def add(self, error: float, row_size: float, came: float, exact: mpf, code: str) -> None:
        """Take one more into account."""
        self.rows += 1
        error = error if math.isinf(error) else min(error, 1.0)  # with 1 no digit is right
        self.error = max(self.error, error)
        if error > self.bound:
            self.found.append((error, row_size, came, exact, code))

    def cell(self) -> dict[str, Any] | None:
        """Return what the record holds; nothing where nothing was measured."""
        if not self.rows:
            return None
        if self.error <= self.bound:
            return {"order": order(self.error)}
        alike = [entry for entry in self.found if math.isinf(entry[0]) == math.isinf(self.error)]
        alike = [entry for entry in alike if math.isinf(entry[0]) or entry[0] >= self.error / 3]
        error, _, came, exact, code = min(alike, key=lambda entry: entry[1])
        if math.isinf(error):
            return {"order": NAN if math.isnan(came) else INFINITE, "came": shown(came), "exact": shown(exact),
                    "code": code}  # fmt: skip
        return {"order": order(self.error), "came": shown(came), "exact": shown(exact), "code": code}


def answers(twin: Twin, kind: str, batch: Batch) -> list[tuple[Any, Any] | None]:
    """Return the value and the slopes of each row; nothing for a row that is refused.

    A library that gives one number per row is asked for all at once: tracing takes JAX its time, row by row.
    """
    together = twin.reduction in (TERMS, ROWS) and "[[0], " not in twin.call and WIDE[twin.case].kind != "log chance"
    found: list[tuple[Any, Any] | None] = []
    for part in [batch] if together else [[entry] for entry in batch]:
        value_code, slope_code = codes(twin, kind, part)
        try:
            values = run(twin.library, value_code)
            slopes = run(twin.library, slope_code).reshape(len(part), -1) if slope_code else [None] * len(part)
        except Refused:
            found += [None] * len(part)
            continue
        found += zip(values, slopes, strict=True)
    return found


def measure(twin: Twin, kind: str) -> dict[str, Any]:
    """Return the largest errors of a twin in one type: of the value and the slope, over each kind of input."""
    case = WIDE[twin.case]
    worst = {what: {which: Worst(ROUNDINGS * np.finfo(kind).eps) for which in KINDS} for what in ("value", "slope")}
    batch = rows(case, kind)
    refused = 0
    for (row, target), answer in zip(batch, answers(twin, kind, batch), strict=True):
        if answer is None:
            refused += 1
            continue
        came, slopes = answer
        term, *derivatives = exactly(twin.case, row, target)
        scale, scales = case.scale(row, target) if case.scale else (0.0, [0.0] * len(row))
        which = KINDS[not is_ordinary(row, target)]
        value_code, slope_code = codes(twin, kind, [(row, target)])
        exact = term * mpf(twin.factor)
        error = relative_error(came, exact, scale, kind)
        worst["value"][which].add(error, size(row, target), came, exact, value_code)
        if slopes is None:
            continue
        for got, slope, room in zip(slopes, derivatives, scales, strict=True):
            if slope == 0 and not case.loss.facts.smooth:
                continue  # at a kink another slope than ours is as right
            exact = slope * mpf(twin.factor)
            worst["slope"][which].add(relative_error(got, exact, room, kind), size(row, target), got, exact, slope_code)
    cells = {f"{what} {which}": worst[what][which].cell() for what in worst for which in KINDS}
    return cells | ({"refused": refused} if refused else {})


def all_types(twin: Twin) -> dict[str, Any]:
    """Return what `measure` finds in each type."""
    return {kind: measure(twin, kind) for kind in TYPES}
