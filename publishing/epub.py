"""Makes the book an EPUB 3: ``make epub``.

Each page of the built book is a chapter that stands still (`still`), as XHTML; formulas are MathML, figures are
pictures. What lies in the file follows from the book alone: the same book gives the same file.
"""

from __future__ import annotations

import argparse
import html
import uuid
import zipfile
from pathlib import Path
from urllib.parse import quote

from bs4 import Tag

from lossbook import __version__

from .still import Page, Part, inks, link, pictures, read_book

STYLE = Path(__file__).with_name("epub.css")
_FONT = "stix-two-math.woff2"
_TYPES = {
    ".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".css": "text/css", ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
}  # fmt: skip
# The parser writes names as HTML does, in small letters; in XML these have capitals.
_SVG_NAMES = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
# In MathML 3, which EPUB has, no other elements than these bear these attributes.
_BEARERS = {"displaystyle": ("math", "mstyle", "mtable"), "scriptlevel": ("math", "mstyle")}
_IN_ADDRESSES = "%/:=&?~#+!$,;'@()*[]"
_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" href="book.css"/></head>
<body>{body}</body>
</html>
"""
_PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>
  <dc:title>{title}</dc:title>
  <dc:language>en</dc:language>
  <dc:creator>The lossbook authors</dc:creator>
  <meta property="dcterms:modified">{modified}</meta>
  <meta property="schema:accessMode">textual</meta>
  <meta property="schema:accessMode">visual</meta>
  <meta property="schema:accessModeSufficient">textual</meta>
  <meta property="schema:accessibilityFeature">MathML</meta>
  <meta property="schema:accessibilityFeature">alternativeText</meta>
  <meta property="schema:accessibilityFeature">tableOfContents</meta>
  <meta property="schema:accessibilityHazard">none</meta>
  <meta property="schema:accessibilitySummary">Formulas are MathML, and each figure is described in words.</meta>
</metadata>
<manifest>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
#: When the contents changed is not known, and the file shall not differ for it.
_MODIFIED = "2026-01-01T00:00:00Z"
_MOMENT = (2026, 1, 1, 0, 0, 0)


def write_epub(folder: Path, output: Path) -> None:
    """Write the built book as an EPUB.

    Parameters
    ----------
    folder : Path
        The built book.
    output : Path
        Where the EPUB goes.
    """
    parts = read_book(folder)
    pages = [page for part in parts for page in part.pages]
    images: dict[str, str] = {}
    for page in pages:
        for picture, name in pictures(page):
            picture["src"] = images.setdefault(name, f"images/{Path(name).name}")
    link(parts, lambda page, place: f"{page.slug}.xhtml#{place}" if place else f"{page.slug}.xhtml")
    files: dict[str, str | bytes] = {f"{page.slug}.xhtml": _xhtml(page) for page in pages}
    files["contents.xhtml"] = _contents(parts)
    files["book.css"] = f"{STYLE.read_text(encoding='utf-8')}\n{inks()}\n"
    files[_FONT] = (folder / "_static" / _FONT).read_bytes()
    files |= {place: (folder / name).read_bytes() for name, place in images.items()}
    files["book.opf"] = _package(pages, files)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        # First, and not compressed: so a file is known for an EPUB.
        archive.writestr(zipfile.ZipInfo("mimetype", _MOMENT), "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(zipfile.ZipInfo("META-INF/container.xml", _MOMENT), _CONTAINER, zipfile.ZIP_DEFLATED)
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"book/{name}", _MOMENT), content, zipfile.ZIP_DEFLATED)


def _xhtml(page: Page) -> str:
    for tag in page.body.find_all(True):
        _make_valid(tag)
    _make_identifiers_unique(page.body)
    body = page.body.decode_contents(formatter="minimal")
    return _PAGE.format(title=html.escape(page.title), body=body)


def _make_valid(tag: Tag) -> None:
    """Turn what browsers forgive into what XHTML has."""
    for name in [name for name in tag.attrs if name in _SVG_NAMES]:
        tag[_SVG_NAMES[name]] = tag.attrs.pop(name)
    if tag.name == "svg":
        tag["xmlns"] = "http://www.w3.org/2000/svg"
    elif tag.name == "math":
        tag["xmlns"] = "http://www.w3.org/1998/Math/MathML"
    elif tag.name == "img" and not tag.get("alt"):
        tag["alt"] = ""
    elif tag.name == "a" and tag.get("href"):
        tag["href"] = quote(str(tag["href"]), safe=_IN_ADDRESSES)
    style = {name: tag.attrs.pop(name) for name, on in _BEARERS.items() if tag.name not in on and name in tag.attrs}
    if style:
        around = Tag(name="mstyle", attrs=style)
        if tag.name == "mtd":
            around.extend(tag.contents[:])
            tag.append(around)
        else:
            tag.wrap(around)


def _make_identifiers_unique(body: Tag) -> None:
    seen: set[str] = set()
    for tag in body.select("[id]"):
        if tag["id"] in seen:
            del tag["id"]
        else:
            seen.add(str(tag["id"]))


def _contents(parts: list[Part]) -> str:
    def entries(pages: list[Page]) -> str:
        return "".join(f'<li><a href="{page.slug}.xhtml">{html.escape(page.title)}</a></li>' for page in pages)

    lists = "".join(
        f"<li><span>{html.escape(part.caption)}</span><ol>{entries(part.pages)}</ol></li>"
        if part.caption
        else entries(part.pages)
        for part in parts
    )
    body = f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{lists}</ol></nav>'
    return _PAGE.format(title="Contents", body=body)


def _package(pages: list[Page], files: dict[str, str | bytes]) -> str:
    items = []
    for number, (name, content) in enumerate(files.items()):
        properties = [kind for kind in ("mathml", "svg") if isinstance(content, str) and f"<{kind[:4]}" in content]
        properties += ["nav"] if name == "contents.xhtml" else []
        marks = f' properties="{" ".join(properties)}"' if properties and name.endswith(".xhtml") else ""
        items.append(f'<item id="i{number}" href="{name}" media-type="{_TYPES[Path(name).suffix]}"{marks}/>')
    places = {name: number for number, name in enumerate(files)}
    order = ["contents.xhtml", *(f"{page.slug}.xhtml" for page in pages)]
    return _PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, f"lossbook/{__version__}"),
        title=html.escape(pages[0].title),
        modified=_MODIFIED,
        items="\n".join(items),
        spine="\n".join(f'<itemref idref="i{places[name]}"/>' for name in order),
    )


def main() -> None:
    """Write what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, help="the built book")
    arguments.add_argument("output", type=Path)
    chosen = arguments.parse_args()
    write_epub(chosen.folder, chosen.output)


if __name__ == "__main__":
    main()
