"""What chapters train in PyTorch and scikit-learn, and the records of many runs of it.

A statement about training is a statement about a distribution. Each experiment can be run from any start; what many
starts gave is kept in ``records/``, and `findings` says what that shows. With `lossbook.pages.crosscheck` these are
the only rooms that import PyTorch.
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from .record import Experiment

#: The modules with an experiment that has a record.
EXPERIMENTS = (
    "calibration", "saturation", "noisy_labels", "imbalance", "binned", "adaptive_shape", "perceptual", "enlarging",
    "ring",
)  # fmt: skip


def experiment(name: str) -> Experiment:
    """Return an experiment by the name of its module."""
    if name not in EXPERIMENTS:
        raise ValueError(f"name: expected one of {', '.join(EXPERIMENTS)}, got {name!r}")
    found: Experiment = import_module(f"{__name__}.{name}").EXPERIMENT
    return found


class Picture:
    """A Matplotlib drawing that shows itself in a notebook, without pyplot and its list of open figures.

    Parameters
    ----------
    drawing : matplotlib.figure.Figure
        What is shown.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        # On no ground of its own, so that it stands on the page's, dark mode's too.
        self.drawing.savefig(buffer, format="png", dpi=160, transparent=True)
        return buffer.getvalue()


__all__ = ["EXPERIMENTS", "Picture", "experiment"]
