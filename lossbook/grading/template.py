"""What chapters import, imported once: notebooks run in copies of a process that has imported this module."""

from __future__ import annotations

import contextlib
import gc
import importlib

from lossbook.pages.exercises import all_exercises

_MODULES = (
    "IPython.core.inputtransformer2",
    "matplotlib.pyplot",
    "scipy.optimize",
    "sklearn.datasets",
    "sklearn.svm",
    "sympy",
    "torch",
    "lossbook.pages.claims",
    "lossbook.pages.crosscheck",
    "lossbook.figures",
    "lossbook.grading.running",
    "lossbook.pages.quizzes",
    "lossbook.pages.source",
    "lossbook.derivations",
    "lossbook.symbolic",
)

all_exercises()
for name in _MODULES:
    # What is not installed only notebooks that need it will miss.
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
# The collector would write into memory that the copies share, and so multiply it.
gc.freeze()
