"""What a notebook's output holds beside a widget, so that something good is seen wherever the notebook is read.

While it runs, the widget is alive in any front end of Jupyter. A still picture stands in the same output for viewers
that draw no widgets, such as GitHub's; a script beside it brings the widget to life where the notebook is saved as a
page and read offline.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from .assets import offline_source

#: "1": outputs hold still pictures, as in the book, whose pages have a script of their own. "0": they hold nothing but
#: the widget, and Matplotlib's 0.2 s for each picture are saved. Where it is not set, kernels of Jupyter add both.
STILLS = "LOSSBOOK_STILLS"


def stills() -> bool:
    """Tell whether an output is to hold a still picture."""
    return os.environ.get(STILLS) == "1" or _in_a_notebook()


def _in_a_notebook() -> bool:
    """Tell whether this is a kernel, and nobody has said what its outputs are to hold."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return STILLS not in os.environ and hasattr(shell, "kernel")


def show(widget: Any) -> None:
    """Show a widget in a notebook, with the script for pages beside it.

    Parameters
    ----------
    widget : AnyWidget
        A figure or a workbench.

    Raises
    ------
    NotImplementedError
        Elsewhere: IPython then shows the widget as any other.
    """
    if not _in_a_notebook():
        raise NotImplementedError
    from IPython.display import display

    bundle = widget._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    display(data, metadata=metadata, raw=True)
    script = f'<script class="lb-offline">{offline_source()}</script>'
    display({"text/html": script, "text/plain": ""}, raw=True)
