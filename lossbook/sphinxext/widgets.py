"""Leaves out of a page what nobody sees there: the figures that a cell makes only to compute with them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from lossbook.live.figure import FIGURE_MIMETYPE

#: The state of all widgets of a notebook or page, and the place where one of them is shown.
STATE_MIMETYPE = "application/vnd.jupyter.widget-state+json"
VIEW_MIMETYPE = "application/vnd.jupyter.widget-view+json"
_LINKS = ("LinkModel", "DirectionalLinkModel")


def keep_shown(notebook: NotebookNode) -> None:
    """Remove the state of the widgets that no output shows, in place.

    What a shown widget refers to stays, and so do the links between widgets that stay.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook, which holds the state of its widgets.
    """
    state = notebook.metadata.get("widgets", {}).get(STATE_MIMETYPE, {}).get("state", {})
    kept = needed_by(_shown(notebook), state)
    for name in set(state) - kept:
        linked = _referred(state[name])
        if state[name]["model_name"] not in _LINKS or not linked <= kept:
            del state[name]


def needed_by(names: set[str], state: Mapping[str, Any]) -> set[str]:
    """Return the names of these widgets and of all that they refer to, among those that a state holds."""
    kept: set[str] = set()
    waiting = names & set(state)
    while waiting:
        kept |= waiting
        waiting = {other for name in waiting for other in _referred(state[name])} & set(state) - kept
    return kept


def _shown(notebook: NotebookNode) -> set[str]:
    """Return the names of the widgets that outputs show."""
    found = set()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for mimetype in (VIEW_MIMETYPE, FIGURE_MIMETYPE):
                content = output.get("data", {}).get(mimetype)
                if content is not None:
                    found.add((json.loads(content) if isinstance(content, str) else content)["model_id"])
    return found


def _referred(record: Any) -> set[str]:
    """Return the names of the widgets that a widget's state mentions."""
    return set(re.findall(r"IPY_MODEL_(\w+)", json.dumps(record["state"])))
