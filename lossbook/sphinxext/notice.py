"""Says in the built book whose parts it distributes, and under which licences: ``NOTICE.txt``.

The texts of the licences come from the packages that bring the parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

NAME = "NOTICE.txt"
_REVEAL = "slides/_static/revealjs/"


@dataclass(frozen=True)
class Part:
    """Something that others have made, and that the book distributes.

    Attributes
    ----------
    name, holder, licence : str
        What it is, who holds its copyright, and its licence in short.
    files : str
        Regular expression for the paths of its files in the built book.
    package : str
        The distribution that brings it, whose own licence is printed in full; empty if that is another's.
    """

    name: str
    holder: str
    licence: str
    files: str
    package: str = ""


#: Of two parts that match a file, the first is meant.
PARTS = (
    Part(
        "STIX Two Math, a part of its glyphs",
        "2001-2021 The STIX Fonts Project Authors (https://github.com/stipub/stixfonts). Portions 1998-2003 "
        "MicroPress, Inc., with Reserved Font Name TM Math; 1990 Elsevier, Inc.; 2010, 2012, 2014 Adobe Systems "
        "Incorporated. STIX Fonts is a trademark of The Institute of Electrical and Electronics Engineers, Inc",
        "SIL Open Font License 1.1",
        r"(slides/)?_static/(stix-two-math|symbols)\.woff2",
    ),
    Part(
        "Font Awesome Free, a part of its icons; the fonts are renamed, since theirs is a Reserved Font Name",
        "2024 Fonticons, Inc. (https://fontawesome.com), with Reserved Font Name Font Awesome; brands' icons are "
        "trademarks of their owners",
        "icons: CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/legalcode); fonts: SIL Open Font License 1.1; "
        "code: MIT License",
        r"_static/vendor/fontawesome/.*",
    ),
    Part(
        "Source Sans Pro",
        "2010, 2012 Adobe Systems Incorporated, with Reserved Font Name Source",
        "SIL Open Font License 1.1",
        _REVEAL + r"dist/theme/fonts/source-sans-pro/.*",
    ),
    Part(
        "League Gothic",
        "2009-2011 The League of Moveable Type",
        "SIL Open Font License 1.1",
        _REVEAL + r"dist/theme/fonts/league-gothic/.*",
    ),
    Part(
        "highlight.js",
        "2006 Ivan Sagalaev and others",
        "BSD 3-Clause License",
        _REVEAL + r"plugin/highlight/.*",
    ),
    Part("marked", "2011-2022 Christopher Jeffrey", "MIT License", _REVEAL + r"plugin/markdown/.*"),
    Part("reveal.js", "2011-2024 Hakim El Hattab and reveal.js contributors", "MIT License", _REVEAL + ".*"),
    Part("Bootstrap", "2011-2024 The Bootstrap Authors", "MIT License", r"_static/scripts/bootstrap\.js.*"),
    Part("clipboard.js", "Zeno Rocha", "MIT License", r"_static/clipboard\.min\.js"),
    Part("Tabler Icons", "2020-2024 Paweł Kuna", "MIT License", r"_static/(copy-button|check-solid)\.svg"),
    Part(
        "PyData Sphinx Theme, with styles of Bootstrap and Font Awesome",
        "2018 pandas",
        "BSD 3-Clause License",
        r"_static/(scripts|styles)/(pydata-sphinx-theme|theme)\..*",
        "pydata-sphinx-theme",
    ),
    Part(
        "Sphinx Book Theme; the logos that it brings are trademarks of their owners",
        "2020 Chris Holdgraf",
        "BSD 3-Clause License",
        r"_static/((scripts|styles)/sphinx-book-theme|images/logo_|locales/|webpack-macros).*",
        "sphinx-book-theme",
    ),
    Part(
        "stemmer of the search, from Snowball",
        "2001 Dr Martin Porter; 2004, 2005 Richard Boulton",
        "BSD 3-Clause License",
        r"(slides/)?_static/language_data\.js",
        "snowballstemmer",
    ),
    Part(
        "Sphinx",
        "2007-2024 the Sphinx team",
        "BSD 2-Clause License",
        r"(slides/)?(searchindex\.js|_static/(basic\.css|doctools\.js|documentation_options\.js|searchtools\.js|"
        r"sphinx_highlight\.js|(file|minus|plus)\.png))",
        "sphinx",
    ),
    Part(
        "styles of code, from Pygments",
        "2006-2022 the respective authors",
        "BSD 2-Clause License",
        r"(slides/)?_static/pygments\.css",
        "pygments",
    ),
    Part(
        "sphinx-copybutton",
        "2018 Chris Holdgraf",
        "MIT License",
        r"_static/copybutton.*\.(js|css)",
        "sphinx-copybutton",
    ),
    Part(
        "sphinx-design",
        "2023 Chris Sewell",
        "MIT License",
        r"_static/(sphinx-design\.min\.css|design-tabs\.js)",
        "sphinx-design",
    ),
    Part(
        "sphinx-togglebutton",
        "2018 Chris Holdgraf",
        "MIT License",
        r"_static/togglebutton\.(js|css)",
        "sphinx-togglebutton",
    ),
    Part("MyST-NB", "2020 ExecutableBookProject", "BSD 3-Clause License", r"_static/mystnb\..*\.css", "myst-nb"),
    Part("sphinx-exercise", "2020 ExecutableBookProject", "MIT License", r"_static/exercise\.css", "sphinx-exercise"),
)

_HEAD = """\
What this book distributes, whose it is, and under which licence

The text and the pictures: (c) 2026 the lossbook authors, CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/legalcode).
The code, that of figures and pages included: (c) 2026 the lossbook authors, BSD 3-Clause License.
Formulas are MathML, which the browser draws; no program for that is distributed.

What others have made:
"""


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", _write)


def _write(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html" and app.builder.name != "revealjs":
        Path(app.outdir, NAME).write_text(notice(), encoding="utf-8")


def notice() -> str:
    """Return the text of the notice: a list of the parts, and the licences in full."""
    listed = [f"* {part.name}.\n  Copyright (c) {part.holder}.\n  {part.licence}." for part in PARTS]
    reveal = _file_of("sphinx_revealjs", "_static/revealjs/LICENSE")
    open_font = _file_of("sphinx_revealjs", "_static/revealjs/dist/theme/fonts/source-sans-pro/LICENSE")
    texts = [
        ("SIL Open Font License 1.1", open_font[open_font.index("PREAMBLE") :]),
        ("MIT License", reveal[reveal.index("Permission is hereby granted") :]),
        ("BSD 3-Clause License, for highlight.js and for the lossbook authors", _bsd_terms()),
        *((f"{part.name.partition(',')[0].partition(';')[0]}: {part.licence}", _licence_of(part.package))
          for part in PARTS if part.package),
    ]  # fmt: skip
    full = [f"{'-' * 80}\n{title}\n{'-' * 80}\n\n{text.strip()}\n" for title, text in texts]
    return "\n".join([_HEAD, *listed, "", "The licences in full:", "", *full])


def _licence_of(package: str) -> str:
    """Return what an installed distribution says of its licence."""
    files = [
        file
        for file in distribution(package).files or []
        if ".dist-info" in file.parts[0] and re.match(r"licen[cs]e|copying", file.name, re.IGNORECASE)
    ]
    if not files:
        raise ValueError(f"{package} has no text of its licence")
    return "\n\n".join(Path(str(file.locate())).read_text(encoding="utf-8") for file in files)


def _file_of(package: str, name: str) -> str:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).with_name(name.partition("/")[0]).joinpath(name.partition("/")[2]).read_text("utf-8")


def _bsd_terms() -> str:
    """Return the terms that all BSD 3-Clause licences share, without a name."""
    text = _licence_of("myst-nb")
    return text[text.index("Redistribution and use") :]
