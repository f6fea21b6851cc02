"""Grades notebooks that a class hands in: ``python -m lossbook.grading grade FOLDER``."""

from __future__ import annotations

from .grades import Grade, write_table
from .working import grade

__all__ = ["Grade", "grade", "write_table"]
