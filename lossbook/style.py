"""The look of all pictures: colours that the live figures use, too, and the one style of Matplotlib."""

from __future__ import annotations

from typing import Any

#: Okabe and Ito's colours, darkened to a contrast of 3:1 with a white page: the palette of live figures in light mode.
PALETTE = ("#0072b2", "#c44e00", "#00805e", "#a8457f", "#8a6d00", "#2b83ba", "#5a5a5a")
#: Of axes and numbers; of what the reader is to look at.
QUIET, ACCENT = "#555555", PALETTE[1]
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
