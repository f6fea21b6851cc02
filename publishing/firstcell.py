"""Writes the first code cell of each notebook, which installs the package where it is missing.

Colab and Kaggle open notebooks as they stand in the repository, so that the address of the package stands there, too:
``python -m publishing.firstcell`` takes it from ``[project.urls]`` in ``pyproject.toml``. Once more changes nothing.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Name of the cell; its place is below the title.
CELL = "install"
_PLACE = 1

_SOURCE = """\
# Installs the book's package where it is missing, as on Colab and Kaggle.
import importlib.util
import subprocess
import sys

SOURCE = "{source}"

if importlib.util.find_spec("lossbook") is None:
    if not SOURCE:
        raise ModuleNotFoundError(
            "lossbook is not installed, and this copy of the book does not "
            "know its repository. Type in the book's folder: "
            'python -m pip install -e ".[notebooks]"'
        )
    wanted = f"lossbook[notebooks] @ {{SOURCE}}"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", wanted],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"lossbook cannot be installed: {{done.stderr}}")
    importlib.invalidate_caches()"""


def archive(root: Path) -> str:
    """Return the repository as a file, for which pip needs no git; empty where it is not known."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    repository = project.get("urls", {}).get("Repository")
    return f"{repository}/archive/refs/heads/main.zip" if repository else ""


def install_cell(source: str) -> dict[str, object]:
    """Return the cell; the book does not show it, and JupyterLab folds it."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": CELL,
        "metadata": {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]},
        "outputs": [],
        "source": _SOURCE.format(source=source).splitlines(keepends=True),
    }


def write(root: Path) -> list[Path]:
    """Write the cell into all chapters, in place of an older one if there is one.

    Parameters
    ----------
    root : Path
        The book's folder.

    Returns
    -------
    list of Path
        The files that changed.
    """
    changed = []
    for path in sorted((root / "chapters").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        notebook = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["id"] != CELL]
        notebook["cells"] = [*cells[:_PLACE], install_cell(archive(root)), *cells[_PLACE:]]
        after = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        if after != text:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in write(ROOT):
        print(path.relative_to(ROOT).as_posix())
