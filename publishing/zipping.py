"""Packs the built book into one file, to be read offline: ``make zip``. What has not changed is not packed again."""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

from .build import outputs

# What Sphinx keeps for itself.
_NOT_READ = {".doctrees", ".buildinfo"}


def pack(book: Path, archive: Path) -> bool:
    """Write an archive that unpacks to one folder by its name; tell whether that was needed.

    Parameters
    ----------
    book : Path
        The book as HTML.
    archive : Path
        The file, such as ``lossbook.zip``.
    """
    mark = outputs(book).encode()
    if archive.exists() and zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as there:
            if there.comment == mark:
                return False
    growing = archive.with_suffix(".part")
    with zipfile.ZipFile(growing, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = mark
        for path in sorted(book.rglob("*")):
            inside = path.relative_to(book)
            if path.is_file() and not _NOT_READ & set(inside.parts):
                made.write(path, Path(archive.stem) / inside)
    growing.replace(archive)
    return True


def main() -> None:
    """Pack what the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("book", type=Path)
    arguments.add_argument("archive", type=Path)
    chosen = arguments.parse_args()
    pack(chosen.book, chosen.archive)
    print(f"The book as a file: {chosen.archive.resolve()}")


if __name__ == "__main__":
    main()
