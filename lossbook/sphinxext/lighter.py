"""Makes the built pages light: of the theme's icons and of MathJax it keeps what the book uses.

The theme brings 2,000 icons, as a script, as fonts and as style rules, and shows thirty; MathJax comes in ten
combinations, of which a page would load one, menus and all. Pictures are loaded when the reader comes near them.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

# An icon in the theme's script: name, width, height, aliases, code point, outline.
_ICON = re.compile(
    r'(?<=[{,])"?(?P<name>[a-z0-9-]+)"?:\[\d+,\d+,\[(?P<aliases>[^\]]*)\],"(?P<code>[0-9a-f]+)",'
    r'(?:"[^"]*"|\[[^\]]*\])\],?'
)
# The rule of an icon in the theme's style sheet, with the names that share it.
_RULE = re.compile(
    r'(?P<selectors>\.fa-[a-z0-9-]+:+before(?:,\.fa-[a-z0-9-]+:+before)*)\{content:"(?:\\[0-9a-f]+|.)"\}'
)
_NAME = re.compile(r"\bfa-([a-z0-9-]+)")
# A code point in a style sheet, written out or as the character of the private area itself.
_CODE = re.compile(r'"(?:\\([ef][0-9a-f]{3})|([\ue000-\uf8ff]))"')
#: The parts of MathJax that a page needs. Its own combination holds the menu of each formula as well, which is a third
#: of it, and which makes each formula a stop on the way of the tab key.
_PARTS = ("core", "input/tex", "output/chtml", "a11y/assistive-mml")
#: What may be asked for: these parts, what starts them, extensions of TeX, fonts.
_MATHJAX = ("startup.js", "core.js", "input", "output", "a11y")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", _choose_mathjax)
    app.connect("doctree-read", _load_pictures_late)
    app.connect("html-page-context", _note_writing)
    # After the extensions that copy their files at the end of a build.
    app.connect("build-finished", _lighten, priority=900)


def _choose_mathjax(app: Sphinx, config: Config) -> None:
    config.mathjax_path = "mathjax/startup.js"
    config.mathjax3_config = {**(config.mathjax3_config or {}), "loader": {"load": list(_PARTS)}}


def _load_pictures_late(app: Sphinx, doctree: nodes.document) -> None:
    for picture in doctree.findall(nodes.image):
        picture["loading"] = "lazy"


def _note_writing(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    app.lossbook_has_written = True  # type: ignore[attr-defined]


def _lighten(app: Sphinx, error: Exception | None) -> None:
    # Sphinx copies the theme's files anew at each build that writes a page, and at no other.
    if error is not None or app.builder.format != "html" or not hasattr(app, "lossbook_has_written"):
        return
    store = Path(app.doctreedir).parent / ".fonts"
    static = Path(app.outdir, "_static")
    script = static / "scripts" / "fontawesome.js"
    if script.exists():
        pages = (path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html"))
        scripts = [path for path in static.rglob("*.js") if path != script and "mathjax" not in path.parts]
        used = {name for text in pages for name in _NAME.findall(text)}
        used |= {name for path in scripts for name in _NAME.findall(path.read_text(encoding="utf-8"))}
        codes = _subset_icons(script, used)
        for sheet in static.rglob("*.css"):
            codes |= _subset_rules(sheet, used)
        for font in (static / "vendor" / "fontawesome" / "webfonts").glob("*.woff2"):
            _subset_font(font, codes, store)
            font.with_suffix(".ttf").unlink(missing_ok=True)  # for browsers older than woff2
    for part in (static / "mathjax").glob("*"):
        if part.name not in _MATHJAX:
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    for source_map in static.rglob("*.js.map"):
        source_map.unlink()


def _subset_icons(script: Path, used: set[str]) -> set[str]:
    """Keep the icons that are used; return their code points."""
    codes: set[str] = set()

    def keep(icon: re.Match[str]) -> str:
        names = {icon["name"], *re.findall(r'"([^"]+)"', icon["aliases"])}
        if not names & used:
            return ""
        codes.add(icon["code"])
        return icon[0]

    script.write_text(_ICON.sub(keep, script.read_text(encoding="utf-8")), encoding="utf-8")
    return codes


def _subset_rules(sheet: Path, used: set[str]) -> set[str]:
    """Keep the rules of icons that are used; return all code points that the style sheet then names."""

    def keep(rule: re.Match[str]) -> str:
        return rule[0] if set(_NAME.findall(rule["selectors"])) & used else ""

    before = sheet.read_text(encoding="utf-8")
    after = _RULE.sub(keep, before)
    if after != before:
        sheet.write_text(after, encoding="utf-8")
    return {written or f"{ord(character):x}" for written, character in _CODE.findall(after)}


def _subset_font(font: Path, codes: set[str], store: Path) -> None:
    """Keep the glyphs of these code points; what was made once is kept, since it takes seconds."""
    key = hashlib.sha256(font.read_bytes() + " ".join(sorted(codes)).encode()).hexdigest()
    kept = store / f"{key}.woff2"
    if not kept.exists():
        made = _with_glyphs(font, codes)
        store.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(".part")
        beside.write_bytes(made)
        beside.replace(kept)
    shutil.copyfile(kept, font)


def _with_glyphs(font: Path, codes: set[str]) -> bytes:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table
    options: Any = subset.Options(flavor="woff2", layout_features=["*"])
    loaded = subset.load_font(str(font), options)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[int(code, 16) for code in codes])
    worker.subset(loaded)
    made = io.BytesIO()
    subset.save_font(loaded, made, options)
    return made.getvalue()
