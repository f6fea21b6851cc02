"""Grades notebooks that a class hands in: ``python -m lossbook.grading grade FOLDER``."""

from __future__ import annotations

from .grades import Grade
from .points import points_of
from .working import grade

__all__ = ["Grade", "grade", "points_of"]
