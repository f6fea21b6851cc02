"""Lists of all losses that nobody keeps: the directive ``every-loss``, and sections from headings that cells put out.

The API page lists what `all_losses` finds; so does the atlas, whose one cell puts out a heading, a card and a picture
for each.
"""

from __future__ import annotations

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.ext.autosummary import Autosummary

from ..pages.atlas import all_losses
from .insides import outputs_with_headings


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("every-loss", EveryLoss)
    # Before Sphinx collects the headings of a page for its tables of contents, at 500.
    app.connect("doctree-read", _make_sections, priority=400)


class EveryLoss(Autosummary):
    """``every-loss``: an ``autosummary`` of all losses, each with its first line; the current module is theirs."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        self.options["nosignatures"] = None
        self.content = StringList([*all_losses()], source="every-loss")
        return super().run()


def _make_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Make a section of the page of each heading that a cell puts out, with all that follows it."""
    for outputs in list(outputs_with_headings(doctree)):
        cell = outputs.parent
        page = cell.parent
        sections: list[tuple[int, nodes.Element]] = [(0, page)]
        place = page.index(cell)
        for output in list(outputs):
            heading = next(output.findall(nodes.rubric), None)
            if heading is not None and "level" in heading:
                while sections[-1][0] >= heading["level"]:
                    sections.pop()
                section = nodes.section("", nodes.title("", "", *heading), ids=heading["ids"], names=heading["names"])
                outputs.remove(output)
                if len(sections) == 1:
                    place += 1
                    page.insert(place, section)
                else:
                    sections[-1][1].append(section)
                sections.append((heading["level"], section))
                for identity in heading["ids"]:
                    doctree.ids[identity] = section
            elif len(sections) > 1:
                outputs.remove(output)
                around = cell.copy()
                around += outputs.copy()
                around[0] += output
                sections[-1][1].append(around)
