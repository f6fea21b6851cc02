"""Values to try for a figure's parameters: the ends of every control among them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from drawn import ends_of

from lossbook.live import Choice, Figure, Slider, Toggle


def candidates(figure: Figure, name: str, chosen: dict[str, Any]) -> list[Any]:
    """Return both ends, the middle and the first value of a parameter, given those chosen before it."""
    parameter = figure.parameters[name]
    if isinstance(parameter, Choice):
        return list(parameter.options)
    if isinstance(parameter, Toggle):
        return [False, True]
    assert isinstance(parameter, Slider)
    spec = next(control for control in figure.spec["controls"] if control.get("name") == name)
    low, high = ends_of(figure, spec, chosen)
    middle = np.sqrt(low * high) if parameter.scale == "log" else (low + high) / 2
    found = [low, high, middle, min(max(parameter.value, low), high)]
    return [int(round(v)) for v in found] if parameter.integer else [float(v) for v in found]


def parameter_grid(figure: Figure, most: int = 120) -> list[dict[str, Any]]:
    """Return combinations of `candidates`: all of them, or an even choice that keeps all ends of each control."""
    grid: list[dict[str, Any]] = [{}]
    for name in figure.parameters:
        grid = [{**chosen, name: value} for chosen in grid for value in candidates(figure, name, chosen)]
        if len(grid) > 4 * most:
            keep = np.random.default_rng(0).choice(len(grid), 4 * most, replace=False)
            grid = [grid[i] for i in sorted({0, len(grid) - 1, *keep.tolist()})]
    if len(grid) > most:
        grid = list(itertools.islice(grid, 0, None, len(grid) // most))
    return grid
