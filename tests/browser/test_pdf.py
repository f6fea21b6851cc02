"""The PDF shows still pictures in place of live figures, formulas that can be read, and links within itself."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from building import ROOT
from conftest import write_static_page
from pypdf import PdfReader

from lossbook.figures import likelihood


def test_a_figure_becomes_its_picture(tmp_path: Path) -> None:
    figure = likelihood.coin()
    page = write_static_page(tmp_path / "page.html", [figure])
    text = page.read_text(encoding="utf-8")
    picture = base64.b64encode(figure.png()).decode()
    still = f'<noscript><img alt="{figure.alt}" src="data:image/png;base64,{picture}"></noscript>'
    text = text.replace('<div class="figure">', f'<h1 id="top">A coin</h1><div class="lossbook-figure">{still}')
    text += '<details class="hide"><summary>Folded</summary>secret code</details>'
    text += '<p><a href="#top">Back to the coin</a></p>'
    page.write_text(text, encoding="utf-8")
    output = tmp_path / "book.pdf"
    # In a process of its own, since the tests' browser is open in this one.
    subprocess.run([sys.executable, "-m", "publishing.pdf", str(page), str(output)], cwd=ROOT, check=True)
    document = PdfReader(output)
    words = " ".join(part.extract_text() for part in document.pages)
    assert "Back to the coin" in words and "secret code" not in words and "Folded" not in words
    assert "Reset" not in words  # no dead control
    assert sum(len(part.images) for part in document.pages) == 1
    links = [note.get_object() for part in document.pages for note in part.get("/Annots", [])]
    assert any("/Dest" in link or "/D" in link.get("/A", {}) for link in links)
    assert document.outline
