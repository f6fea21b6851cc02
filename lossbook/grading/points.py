"""What an exercise is worth."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from lossbook.pages.exercises import all_exercises

from .grades import exercises_of

# One point, if not named here: what the guide for teachers calls medium has two, what it calls hard three.
_MEDIUM = """
crossentropy.binary crossentropy.gradient crossentropy.jacobian crossentropy.pieces crossentropy.smoothed-gap
crossentropy.weighted-mean crossentropy.z-loss divergence.chi-square divergence.js divergence.kl divergence.lowest-term
divergence.moments entropy.bits entropy.mutual-information entropy.waiting gan.chi gan.trick gan.value
likelihood.log-likelihood likelihood.logit-gradient likelihood.poisson likelihood.weighted-nll margins.dpo
margins.logistic margins.psi margins.reweigh perceptual.gradient perceptual.layers perceptual.noise perceptual.pool
regression.contamination regression.log-cosh regression.minimiser regression.weight saturation.corrected
saturation.curvature saturation.slope saturation.softmax
"""
_HARD = """
crossentropy.calibration-error crossentropy.loss divergence.gradient entropy.loaded-die gan.penalty gan.size
likelihood.uniform margins.distillation margins.focal margins.score-of-entropy regression.barron regression.efficiency
saturation.hessian saturation.tanh
"""
_DECLARED = dict.fromkeys(_MEDIUM.split(), 2.0) | dict.fromkeys(_HARD.split(), 3.0)


def points_of(exercise: str) -> float:
    """Return the points of an exercise: 1, 2 or 3.

    Parameters
    ----------
    exercise : str
        Its name.
    """
    return _DECLARED.get(exercise, 1.0)


def all_points() -> dict[str, float]:
    """Return the points of every exercise of the book."""
    return {name: points_of(name) for name in all_exercises()}


def read_points(path: Path) -> Mapping[str, float]:
    """Return what a teacher's file counts: points by exercise, in the order of its lines.

    Parameters
    ----------
    path : Path
        A table of lines such as ``likelihood.poisson,2``. Without points a line has those of the book; the name of a
        chapter stands for all of its exercises.

    Raises
    ------
    ValueError
        If a line names no exercise, or no points.
    """
    found: dict[str, float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(line.replace(";", ",") for line in file), 1):
            name, *more = [cell.strip() for cell in row] or [""]
            if not name or (number == 1 and name == "exercise"):
                continue
            names = [name] if name in all_exercises() else exercises_of(name)
            if not names:
                raise ValueError(f"line {number}: there is no exercise and no chapter {name!r}")
            for one in names:
                found[one] = _number(more[0], number) if more and more[0] else points_of(one)
    if not found:
        raise ValueError("it names no exercise")
    return found


def _number(text: str, line: int) -> float:
    try:
        points = float(text)
    except ValueError:
        points = math.nan
    if not (math.isfinite(points) and points >= 0):
        raise ValueError(f"line {line}: {text!r} is no number of points")
    return points
