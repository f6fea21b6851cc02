"""Makes the built pages light: of icons, of fonts and of styles they are given what the book uses.

The theme brings 2,000 icons, as a script, as fonts and as style rules, and shows eleven. Pictures are loaded when the
reader comes near them, and have the 256 colours that tell them apart.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import PIL
from docutils import nodes
from PIL import Image
from rjsmin import jsmin
from sphinx.application import Sphinx

from . import house, insides, mathematics, styles
from .whole import whole

#: Pygments' names, punctuation, modules and blanks: they have the colour of code, and most of a page's nodes.
PLAIN_TOKENS = ("n", "p", "nn", "w")
_PLAIN_TOKEN = re.compile(rf'<span class="(?:{"|".join(PLAIN_TOKENS)})">([^<]*)</span>')
#: Bytes of a style sheet above which it is worth while to look for rules that no page needs.
HEAVY = 15_000
#: Pixels of a picture above which it is not squeezed into the width of a phone.
WIDE = 800
#: What sphinx-design brings, whose cards the front page shows and no chapter.
_DESIGN = re.compile(r"sphinx-design\.min\.css|design-tabs\.js")
#: Names that a font's licence reserves for the whole font, and what a part of it is called instead.
RENAMED = {"Font Awesome": "Lossbook Icons", "FontAwesome": "LossbookIcons"}
#: By which a font is known: of family, style, version and PostScript.
_NAMES = (1, 3, 4, 6, 16, 18, 21, 25)
_PICTURE = re.compile(r'(<img\b(?![^>]*\bwidth=)[^>]*\bsrc="[^"]*?([^"/]+\.png)"[^>]*?) ?/>')


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("doctree-read", _load_pictures_late)
    app.connect("html-page-context", _reserve_room)
    app.connect("html-page-context", _unwrap_plain_tokens)
    app.connect("html-page-context", _leave_out_design)
    app.connect("html-page-context", _note_writing)
    # After the extensions that copy their files at the end of a build.
    app.connect("build-finished", _lighten, priority=900)


def _load_pictures_late(app: Sphinx, doctree: nodes.document) -> None:
    for picture in doctree.findall(nodes.image):
        picture["loading"] = "lazy"


def _reserve_room(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell the browser the sizes of pictures that come late, so that nothing moves when they are there."""
    sources = {Path(name).name: Path(app.srcdir, source) for source, name in app.builder.images.items()}

    def sized(tag: re.Match[str]) -> str:
        name = unquote(tag[2])
        if name not in sources:
            return tag[0]
        with Image.open(sources[name]) as picture:
            width, height = picture.size
        wide = " data-wide" if width > WIDE else ""
        return f'{tag[1]} width="{width}" height="{height}"{wide} />'

    context["body"] = _PICTURE.sub(sized, context.get("body", ""))


def _unwrap_plain_tokens(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    context["body"] = _PLAIN_TOKEN.sub(r"\1", context.get("body", ""))


def _leave_out_design(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if 'class="sd-' not in context.get("body", ""):
        for files in ("css_files", "script_files"):
            # In place: what other extensions add to this page later goes into the same list.
            context[files][:] = [
                file for file in context[files] if not _DESIGN.search(str(getattr(file, "filename", file)))
            ]


def _note_writing(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    app.lossbook_has_written = True  # type: ignore[attr-defined]


def _lighten(app: Sphinx, error: Exception | None) -> None:
    # Sphinx copies the theme's files anew at each build that writes a page, and at no other.
    if error is not None or app.builder.format != "html" or not hasattr(app, "lossbook_has_written"):
        return
    store = _store(app)
    static = Path(app.outdir, "_static")
    if "sphinx_book_theme" in app.extensions:
        insides.without_icon_script(static, whole)
        codes = insides.keep_icons(static)
        for font in insides.icon_fonts(static):
            _subset_font(font, codes, store, font)
            font.with_suffix(".ttf").unlink(missing_ok=True)  # for browsers older than woff2
    for picture in Path(app.outdir, app.builder.imagedir).glob("*.png"):
        _reduce_colours(picture, store)
    pages = [path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")]
    used = styles.names_in_use(pages, (path.read_text(encoding="utf-8") for path in static.rglob("*.js")))
    for sheet in static.rglob("*.css"):
        if sheet.stat().st_size > HEAVY:
            _leave_out_unused(sheet, used, store)
    _subset_font(mathematics.font_file(), mathematics.font_for(pages), store, static / mathematics.FONT)
    _subset_font(mathematics.font_file(), mathematics.SYMBOLS, store, static / mathematics.SYMBOLS_FONT)
    for script in static.glob("*.js"):
        if script.name in {own.name for own in house.SCRIPTS}:
            script.write_text(jsmin(script.read_text(encoding="utf-8")), encoding="utf-8")
    for source_map in static.rglob("*.js.map"):
        source_map.unlink()


def _store(app: Sphinx) -> Path:
    """Return where is kept what takes seconds to make: beside the executed notebooks, which editions share, too."""
    notebooks = getattr(getattr(app.env, "mystnb_config", None), "execution_cache_path", "")
    return Path(notebooks or app.doctreedir).parent / ".light"


def _reduce_colours(path: Path, store: Path) -> None:
    """Write a picture with a palette: a third of the bytes, and a difference that nobody sees."""
    with Image.open(path) as picture:
        if picture.mode == "P":
            return
    key = hashlib.sha256(path.read_bytes() + PIL.__version__.encode()).hexdigest()
    shutil.copyfile(_kept(store / f"{key}.png", lambda: _with_palette(path)), path)


def _with_palette(path: Path) -> bytes:
    with Image.open(path) as picture:
        see_through = "A" in picture.getbands() and picture.getchannel("A").getextrema() != (255, 255)
        method = Image.Quantize.FASTOCTREE if see_through else Image.Quantize.MEDIANCUT
        coloured = picture.convert("RGBA" if see_through else "RGB")
        reduced = coloured.quantize(256, method, dither=Image.Dither.NONE)
    made = io.BytesIO()
    reduced.save(made, "PNG")
    return made.getvalue()


def _leave_out_unused(sheet: Path, used: set[str], store: Path) -> None:
    """Write a style sheet without the rules that nothing asks for."""
    text = sheet.read_text(encoding="utf-8")
    made = _kept(
        store / f"{styles.key(text, used)}.css", lambda: styles.without_unused(text, used).encode(encoding="utf-8")
    )
    shutil.copyfile(made, sheet)


def _kept(place: Path, make: Callable[[], bytes]) -> Path:
    """Write a file whole, if it is not there."""
    if not place.exists():
        made = make()
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(".part")
        beside.write_bytes(made)
        beside.replace(place)
    return place


def _subset_font(font: Path, codes: set[str] | dict[str, str], store: Path, place: Path) -> None:
    """Write a font with the glyphs of these code points; what was made once is kept, since it takes seconds.

    Of a dictionary the keys are the code points, and their glyphs are those of the values.
    """
    # Forms of letters for indices and the like: formulas have them, prose has not.
    features = [] if isinstance(codes, dict) else ["*"]
    wanted = sorted(codes.items()) if isinstance(codes, dict) else sorted(codes)
    key = hashlib.sha256(font.read_bytes() + repr((wanted, features, RENAMED)).encode()).hexdigest()
    shutil.copyfile(_kept(store / f"{key}.woff2", lambda: _with_glyphs(font, codes, features)), place)


def _with_glyphs(font: Path, codes: set[str] | dict[str, str], features: list[str]) -> bytes:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table
    options: Any = subset.Options(flavor="woff2", layout_features=features, name_IDs=["*"], hinting=False)
    loaded = subset.load_font(str(font), options)
    if isinstance(codes, dict):
        del loaded["MATH"]
        glyphs = loaded.getBestCmap()
        for table in loaded["cmap"].tables:
            table.cmap.update({int(code, 16): glyphs[int(drawn, 16)] for code, drawn in codes.items()})
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[int(code, 16) for code in codes])
    worker.subset(loaded)
    for record in loaded["name"].names:
        if record.nameID in _NAMES:
            for reserved, ours in RENAMED.items():
                record.string = record.toUnicode().replace(reserved, ours)
    made = io.BytesIO()
    subset.save_font(loaded, made, options)
    loaded.close()
    return made.getvalue()
