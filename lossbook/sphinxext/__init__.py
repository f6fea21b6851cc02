"""What the book adds to Sphinx: fresh outputs, claims, losses, libraries, figures, decks, answers, an edition.

Where something is false or fails, a reader's build goes on and says so (`faults`); where ``LOSSBOOK_STRICT=1`` is set
in the environment, it stops. Either way the exit status is not 0.

List it last among the extensions in ``_config.yml``; the renderers of outputs are found by MyST-NB through the entry
points in ``pyproject.toml``.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import (
    address,
    answers,
    embedding,
    everyloss,
    faults,
    figurelinks,
    house,
    insides,
    lectures,
    ledger,
    libraries,
    lighter,
    mathematics,
    notice,
    outputs,
    quiet,
    recorded,
    solutions,
    stale,
    steps,
    whole,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts; Sphinx calls this."""
    insides.find_plugins_once()
    insides.read_template_once()
    address.setup(app)
    answers.setup(app)
    embedding.setup(app)
    everyloss.setup(app)
    faults.setup(app)
    figurelinks.setup(app)
    house.setup(app)
    lectures.setup(app)
    ledger.setup(app)
    libraries.setup(app)
    lighter.setup(app)
    mathematics.setup(app)
    notice.setup(app)
    outputs.setup(app)
    quiet.setup(app)
    recorded.setup(app)
    solutions.setup(app)
    stale.setup(app)
    steps.setup(app)
    whole.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
