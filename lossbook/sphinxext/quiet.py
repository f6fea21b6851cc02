"""Folds the claims of a cell, and the code that checks them, into one line: a page is read, not audited."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from . import insides


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_post_transform(FoldClaims)


class FoldClaims(SphinxPostTransform):
    """Folds claims that hold, and with them the code where it prints nothing else; what is false stays in sight."""

    # After the outputs are chosen that a page shows, before MyST-NB folds.
    default_priority = 150
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Fold them."""
        for cell, output in insides.cells_with_outputs(self.document):
            claims = [part for part in output if part.get("lossbook_claim", {}).get("holds")]
            if not claims:
                continue
            count = f"{len(claims)} statements" if len(claims) > 1 else "1 statement"
            prompts = f"✓ {count} above checked", f"✓ {count} above checked, and how"
            if len(claims) == len(output) and insides.unfold_input(cell):
                cell[:] = [insides.folded(cell[:], *prompts)]
            else:  # the rest of the output stays in sight
                place = output.index(claims[0])
                for claim in claims:
                    output.remove(claim)
                output.insert(place, insides.folded(claims, *prompts))
