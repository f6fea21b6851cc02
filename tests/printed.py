"""What stands where on the pages of a PDF."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

#: Points in a millimetre.
MM = 72 / 25.4
# Letters lean out of their boxes, and lines are set to whole pixels.
_SLACK = 2.5


@dataclass(frozen=True)
class Sheet:
    """A printed page.

    Attributes
    ----------
    width, height : float
        Of the paper, in points.
    words : list of (str, tuple of float)
        Runs of text with their boxes: left, bottom, right, top.
    pictures : list of tuple of float
        Boxes of pictures.
    filled : float
        How far down the page something stands between its margins: 0 is blank, 1 is full.
    """

    width: float
    height: float
    words: list[tuple[str, tuple[float, float, float, float]]]
    pictures: list[tuple[float, float, float, float]]
    filled: float

    def beyond(self, margin: float) -> list[str]:
        """Return what stands nearer to the left or right edge than a margin in millimetres."""
        low, high = margin * MM - _SLACK, self.width - margin * MM + _SLACK
        boxes = [*self.words, *(("a picture", box) for box in self.pictures)]
        return [f"{text!r} at {box[0]:.0f}–{box[2]:.0f}" for text, box in boxes if box[0] < low or box[2] > high]


def sheets(path: Path, margin: float) -> list[Sheet]:
    """Read a PDF with margins of so many millimetres at top and bottom; page numbers may stand below."""
    document = pdfium.PdfDocument(path)
    found = []
    for page in document:
        width, height = page.get_size()
        text = page.get_textpage()
        boxes = [text.get_rect(number) for number in range(text.count_rects())]
        words = [(text.get_text_bounded(*box).strip(), box) for box in boxes]
        pictures = [part.get_bounds() for part in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=8)]
        ink = np.asarray(page.render(scale=0.4, grayscale=True).to_numpy()).reshape(-1, round(0.4 * width + 0.499))
        first, last = (round(part * ink.shape[0]) for part in (margin * MM / height, 1 - margin * MM / height))
        rows = np.flatnonzero(ink[first:last].min(axis=1) < 250)
        filled = (rows[-1] + 1) / (last - first) if rows.size else 0.0
        found.append(Sheet(width, height, words, pictures, filled))
    return found


def smallest_letters(path: Path) -> float:
    """Return the size of the smallest letters of a PDF, in points; those in the font of formulas may be indices."""
    return min(_smallest(page.get_textpage()) for page in pdfium.PdfDocument(path))


def _smallest(text: pdfium.PdfTextPage) -> float:
    sizes = [float("inf")]
    name = ctypes.create_string_buffer(200)
    for number in range(text.count_chars()):
        pdfium_c.FPDFText_GetFontInfo(text, number, name, 200, None)
        if b"STIX" not in name.value and chr(pdfium_c.FPDFText_GetUnicode(text, number)).isalpha():
            _, bottom, _, top = text.get_charbox(number, loose=True)
            sizes.append(top - bottom)
    return min(sizes)
