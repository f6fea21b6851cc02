"""What the book adds to Sphinx: fresh outputs, the ledger of claims, live figures, lecture decks, a class's edition.

List it last among the extensions in ``_config.yml``; the renderers of outputs are found by MyST-NB through the entry
points in ``pyproject.toml``.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import house, lectures, ledger, lighter, recorded, solutions, stale


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts; Sphinx calls this."""
    house.setup(app)
    lectures.setup(app)
    ledger.setup(app)
    lighter.setup(app)
    recorded.setup(app)
    solutions.setup(app)
    stale.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
