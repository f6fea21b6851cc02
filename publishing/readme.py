"""Writes the addresses of ``[project.urls]`` into README.md: ``python -m publishing.readme``.

With them the picture shows on PyPI, too, and leads to the published book. Once more changes nothing.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PICTURE = ".github/figure.svg"
_IMAGE = re.compile(r"^\[?!\[(?P<alt>[^\]]*)\]\(\S*?" + re.escape(_PICTURE) + r"\)(?:\]\(\S*\))?$", re.M)
_READ = re.compile(r"^- \*\*Read\*\*: .*$", re.M)
_ASK = re.compile(r"^Ask, and tell what is wrong, .*$", re.M)


def with_addresses(text: str, repository: str = "", site: str = "") -> str:
    """Return the README with addresses, or without them.

    Parameters
    ----------
    text : str
        As it is.
    repository, site : str
        Of the source and of the published book; empty where they are not known.
    """
    place = f"{repository.replace('github.com', 'raw.githubusercontent.com')}/main/" if repository else ""
    link = site or repository

    def image(match: re.Match[str]) -> str:
        shown = f"![{match['alt']}]({place}{_PICTURE})"
        return f"[{shown}]({link})" if link else shown

    read = f"[the book]({site})" if site else "`make zip` makes one file of the book"
    ask = (
        f"in [an issue]({repository}/issues)" if repository else "in an issue of the repository that you have this from"
    )
    text = _IMAGE.sub(image, text)
    text = _READ.sub(f"- **Read**: {read}. Any browser will do, also offline; every figure moves.", text)
    return _ASK.sub(f"Ask, and tell what is wrong, {ask}; `_build/book.log` and the kind of machine help.", text)


def write(root: Path) -> bool:
    """Write the addresses that the settings in a folder hold; tell whether anything changed.

    Parameters
    ----------
    root : Path
        The book's folder.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    urls = project.get("urls", {})
    path = root / "README.md"
    before = path.read_text(encoding="utf-8")
    after = with_addresses(before, urls.get("Repository", ""), urls.get("Homepage", ""))
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after != before


if __name__ == "__main__":
    print("README.md", "has changed" if write(ROOT) else "stays as it is")
