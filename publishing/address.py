"""Writes the addresses of the repository and of the published book wherever they belong.

``python -m publishing.address https://github.com/owner/name --site https://owner.github.io/name/`` fills them in:
settings, first cell of each notebook, metadata of the package, citation, links of the README, the page on running the
book. Once more changes nothing; ``python -m publishing.address ""`` takes them all out.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
#: The cell that installs the package; its place is below the title.
CELL = "install"
_PLACE = 1
_FIRST = "chapters/01-likelihood.ipynb"

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


@dataclass(frozen=True)
class Addresses:
    """Where the book can be found; an empty text where that is not known.

    Parameters
    ----------
    repository : str
        ``https://github.com/owner/name``.
    branch : str
        The branch that readers get.
    site : str
        The published book.
    hub : str
        The JupyterHub of a class.
    """

    repository: str = ""
    branch: str = "main"
    site: str = ""
    hub: str = ""

    def __post_init__(self) -> None:
        # What follows a repository's address is made for GitHub: Colab, archives, links to files.
        if self.repository and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", self.repository):
            raise ValueError(f"repository must be like https://github.com/owner/name, got {self.repository!r}")
        for name, value in (("site", self.site), ("hub", self.hub)):
            if value and not re.fullmatch(r"https://[\w.-]+(?::\d+)?(?:/[\w.~/-]*)?", value):
                raise ValueError(f"{name} must be like https://example.org/book/, got {value!r}")

    @property
    def archive(self) -> str:
        """The repository as a file, for which pip needs no git."""
        return self.repository and f"{self.repository}/archive/refs/heads/{self.branch}.zip"

    def file(self, name: str) -> str:
        """Return the address of one file, or its name within the repository."""
        return f"{self.repository}/blob/{self.branch}/{name}" if self.repository else name


def read(root: Path) -> Addresses:
    """Return the addresses that the settings hold."""
    text = (root / "_config.yml").read_text(encoding="utf-8")

    def value(key: str) -> str:
        (found,) = re.findall(rf"(?m)^ +{key}: *(\S*)$", text)
        return str(found).strip('"')

    return Addresses(value("url"), value("branch"), value("ogp_site_url"), value("jupyterhub_url"))


def install_cell(addresses: Addresses) -> dict[str, object]:
    """Return the first code cell of each notebook; the book does not show it."""
    source = _SOURCE.format(source=addresses.archive).splitlines(keepends=True)
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": CELL,
        "metadata": {"tags": ["remove-cell"]},
        "outputs": [],
        "source": source,
    }


def notebook(text: str, addresses: Addresses) -> str:
    """Return a notebook's JSON with the cell, in place of an older one if there is one."""
    content = json.loads(text)
    cells = [cell for cell in content["cells"] if cell["id"] != CELL]
    content["cells"] = [*cells[:_PLACE], install_cell(addresses), *cells[_PLACE:]]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def settings(text: str, addresses: Addresses) -> str:
    """Return ``_config.yml`` with the addresses."""
    values = {"url": addresses.repository, "ogp_site_url": addresses.site, "jupyterhub_url": addresses.hub}
    for key, value in values.items():
        quoted = value or '""'
        text = _replace(rf"(?m)^( +{key}:).*$", lambda match, quoted=quoted: f"{match[1]} {quoted}", text)
    return text


def metadata(text: str, addresses: Addresses) -> str:
    """Return ``pyproject.toml`` with the table of addresses, or without it."""
    text = re.sub(r"(?m)^\[project\.urls\]\n(?:.+\n)*\n", "", text)
    named = {
        "Homepage": addresses.site,
        "Repository": addresses.repository,
        "Changelog": addresses.repository and addresses.file("CHANGELOG.md"),
    }
    lines = "".join(f'{name} = "{value}"\n' for name, value in named.items() if value)
    table = f"[project.urls]\n{lines}\n" if lines else ""
    return _replace(r"(?m)^\[project\.optional-dependencies\]$", lambda match: table + match[0], text)


def citation(text: str, addresses: Addresses) -> str:
    """Return ``CITATION.cff`` with the addresses, or without."""
    text = re.sub(r"(?m)^(?:repository-code|url): .*\n", "", text)
    named = {"repository-code": addresses.repository, "url": addresses.site}
    return text + "".join(f"{name}: {value}\n" for name, value in named.items() if value)


def readme(text: str, addresses: Addresses) -> str:
    """Return the README with links that also hold where it stands alone, as on PyPI."""
    return re.sub(
        r"\]\((?:https://github\.com/[^/)]+/[^/)]+/blob/[^/)]+/)?([\w.-]+\.(?:md|cff)|LICENSE)\)",
        lambda match: f"]({addresses.file(match[1])})",
        text,
    )


def page(text: str, addresses: Addresses) -> str:
    """Return the page on running the book with its list of addresses."""
    return _replace(
        r"(?m)(^% addresses: .*\n```text\n)(?:.*\n)*?(```\n)",
        lambda match: match[1] + links(addresses) + match[2],
        text,
    )


def links(addresses: Addresses) -> str:
    """Return the addresses that open the first chapter elsewhere; capitals stand for what is not known."""
    known = Addresses(
        addresses.repository or "https://github.com/OWNER/NAME", addresses.branch, hub=addresses.hub or "https://HUB"
    )
    owner, name = known.repository.split("/")[-2:]
    pulled = quote(f"lab/tree/{name}/{_FIRST}", safe="")
    repository = quote(known.repository, safe="")
    places = {
        "Binder": f"https://mybinder.org/v2/gh/{owner}/{name}/{known.branch}?urlpath=lab/tree/{_FIRST}",
        "Colab": f"https://colab.research.google.com/github/{owner}/{name}/blob/{known.branch}/{_FIRST}",
        "Kaggle": f"https://www.kaggle.com/kernels/welcome?src={known.file(_FIRST)}",
        "JupyterHub": f"{known.hub.rstrip('/')}/hub/user-redirect/git-pull"
        f"?repo={repository}&branch={known.branch}&urlpath={pulled}",
        "all files": known.archive,
    }
    return "".join(f"{place}\n    {address}\n" for place, address in places.items())


def write(root: Path, addresses: Addresses) -> list[Path]:
    """Write the addresses into all files that hold them.

    Parameters
    ----------
    root : Path
        The book's folder.
    addresses : Addresses
        What is written.

    Returns
    -------
    list of Path
        The files that changed.
    """
    writers = {
        root / "_config.yml": settings,
        root / "pyproject.toml": metadata,
        root / "CITATION.cff": citation,
        root / "README.md": readme,
        root / "chapters/running.md": page,
        **{path: notebook for path in sorted((root / "chapters").glob("*.ipynb"))},
    }
    before = {path: path.read_text(encoding="utf-8") for path in writers}
    # All are made before the first is written: an error leaves no half.
    after = {path: make(before[path], addresses) for path, make in writers.items()}
    changed = [path for path in writers if after[path] != before[path]]
    for path in changed:
        path.write_text(after[path], encoding="utf-8", newline="\n")
    return changed


def _replace(pattern: str, replacement: object, text: str) -> str:
    changed, count = re.subn(pattern, replacement, text)  # type: ignore[call-overload]
    if count != 1:
        raise ValueError(f"{pattern} is there {count} times, not once")
    return str(changed)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> None:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", help='https://github.com/owner/name, or "" to take all addresses out')
    parser.add_argument("--site", help="address of the published book; stays as it is if not given")
    parser.add_argument("--hub", help="address of a class's JupyterHub; stays as it is if not given")
    chosen = parser.parse_args(arguments)
    repository = chosen.repository.rstrip("/").removesuffix(".git")
    before = read(root)
    if not repository and (chosen.site or chosen.hub):
        parser.error("--site and --hub need a repository")
    kept = before if repository else Addresses()
    try:
        addresses = Addresses(
            repository,
            before.branch,
            kept.site if chosen.site is None else chosen.site,
            kept.hub if chosen.hub is None else chosen.hub,
        )
    except ValueError as error:
        parser.error(str(error))
    for path in write(root, addresses):
        print(path.relative_to(root).as_posix())


if __name__ == "__main__":
    main()
