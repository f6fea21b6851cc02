"""What chapters run in PyTorch: small enough for a laptop, the same at every build.

With `lossbook.crosscheck` these are the only rooms that import PyTorch.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


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


__all__ = ["Picture"]
