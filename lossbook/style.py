"""The look of all pictures: colours that the live figures use, too, and the one style of Matplotlib."""

from __future__ import annotations

from typing import Any

#: Okabe and Ito's colours, darkened to a contrast of 3:1 with a white page: the palette of live figures in light mode.
PALETTE = ("#0072b2", "#c44e00", "#00805e", "#a8457f", "#8a6d00", "#2b83ba", "#5a5a5a")
#: What each colour of the palette stands for, in every figure of the book. One name has one colour; a colour that
#: two names of a figure share is dashed for one of them.
INK = {
    # What holds, and what is believed or made up.
    "p": 6, "q": 2, "real": 6, "made up": 2,
    # What is measured of them.
    "entropy": 6, "cross-entropy": 0, "D(p‖q)": 1, "D(q‖p)": 4, "Jensen–Shannon": 0, "total variation": 3,
    "earth mover's": 5,
    # Losses.
    "log loss": 0, "squared error": 1, "absolute error": 2, "Huber": 0, "focal": 1, "hinge": 4, "squared hinge": 3,
    "exponential": 2, "0-1 loss": 6, "minimax": 1, "non-saturating": 0, "least squares": 3, "Wasserstein": 5,
    # What the reader moves.
    "moved": 1,
}  # fmt: skip
#: Of axes and numbers; of what the reader is to look at.
QUIET, ACCENT = "#555555", PALETTE[1]


def check_color(color: int | None, where: str) -> None:
    """Raise ValueError if this is no number in the palette; None stands for no colour."""
    if color is not None and color not in range(len(PALETTE)):
        raise ValueError(f"{where}: color must be a number from 0 to {len(PALETTE) - 1}, got {color!r}")


#: For ``matplotlib.rc_context``.
STYLE: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "mathtext.fontset": "stix",  # the typeface of the book's formulas
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#d8d8d8",
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "legend.frameon": False,
}
