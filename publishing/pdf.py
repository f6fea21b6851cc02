"""Prints the book on one page (``jupyter-book build --builder singlehtml``) as a PDF: ``make pdf``.

Live figures give way to their still pictures, folded code is left out, solutions are unfolded; links lead within the
document.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .chromium import chromium_tab

# What the page becomes before it is printed.
_PREPARE = """async () => {
  await document.fonts.ready;
  const parser = new DOMParser();
  for (const figure of document.querySelectorAll(".lossbook-figure")) {
    const still = figure.querySelector("noscript");
    if (still) figure.replaceChildren(...parser.parseFromString(still.textContent, "text/html").body.childNodes);
  }
  // Claims are folded together with the code that checks them; a printed page shows the former.
  document.querySelectorAll("details.hide").forEach((fold) => fold.after(...fold.querySelectorAll(".lossbook-claim")));
  document.querySelectorAll("details.hide, .headerlink, script").forEach((part) => part.remove());
  document.querySelectorAll(".toggle-hidden").forEach((part) => part.classList.remove("toggle-hidden"));
  const pictures = [...document.images];
  pictures.forEach((picture) => (picture.loading = "eager"));
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => null)));
  return pictures.filter((picture) => !picture.naturalWidth).map((picture) => picture.src.slice(0, 200));
}"""

_STYLE = """
.bd-header, .bd-header-article, .bd-sidebar-primary, .bd-sidebar-secondary, .prev-next-footer, .bd-footer-content,
.bd-footer, .toggle-details__summary, .copybtn, button { display: none !important; }
.bd-container, .bd-content, .bd-article-container, .bd-article { max-width: none !important; width: 100% !important; }
html { font-size: 11px; }
h1 { break-before: page; }
h2, h3 { break-after: avoid; }
.lossbook-figure, .admonition, pre, img, table { break-inside: avoid; }
pre, .math { overflow: visible !important; white-space: pre-wrap; }
.lossbook-figure img { max-width: 100%; height: auto; }
"""

_FOOTER = '<div style="font-size: 8px; width: 100%; text-align: center"><span class="pageNumber"></span></div>'


def print_book(page: Path, output: Path) -> None:
    """Print a page to a PDF file.

    Parameters
    ----------
    page : Path
        The whole book as HTML.
    output : Path
        Where the PDF goes.

    Raises
    ------
    RuntimeError
        If there is no Chromium, or a picture is missing.
    """
    with chromium_tab() as tab:
        tab.goto(page.resolve().as_uri())
        missing = tab.evaluate(_PREPARE)
        if missing:
            raise RuntimeError(f"pictures that cannot be shown: {', '.join(missing)}")
        tab.add_style_tag(content=_STYLE)
        tab.pdf(
            path=str(output), format="A4", outline=True, tagged=True, print_background=True,
            display_header_footer=True, header_template="<span></span>", footer_template=_FOOTER,
            margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
        )  # fmt: skip


def main() -> None:
    """Print what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("page", type=Path)
    arguments.add_argument("output", type=Path)
    chosen = arguments.parse_args()
    print_book(chosen.page, chosen.output)


if __name__ == "__main__":
    main()
