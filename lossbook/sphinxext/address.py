"""Where the book can be found: one setting, ``[project.urls]`` in ``pyproject.toml``, which is read when it is built.

From ``Repository`` come the buttons of the pages, from ``Homepage`` the addresses that other sites show; the directive
``addresses`` lists what opens the first chapter elsewhere. Where a key is missing, no button and no link needs it. The
hub of a class is Jupyter Book's own setting, ``launch_buttons: jupyterhub_url`` in ``_config.yml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective

from ..style import PALETTE

_SETTINGS = "pyproject.toml"
_FIRST = "chapters/01-likelihood.ipynb"
_BINDER = "https://mybinder.org"
_COLAB = "https://colab.research.google.com"


@dataclass(frozen=True)
class Addresses:
    """Where the book can be found; an empty text where that is not known.

    Parameters
    ----------
    repository : str
        ``https://github.com/owner/name``.
    site : str
        The published book.
    """

    repository: str = ""
    site: str = ""

    def __post_init__(self) -> None:
        # What follows a repository's address is made for GitHub: Colab, archives, links to files.
        if self.repository and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", self.repository):
            raise ValueError(f"Repository must be like https://github.com/owner/name, got {self.repository!r}")
        if self.site and not re.fullmatch(r"https://[\w.-]+(?::\d+)?/(?:[\w.~/-]*/)?", self.site):
            raise ValueError(f"Homepage must be like https://example.org/book/, got {self.site!r}")


def read(folder: Path) -> Addresses:
    """Return the addresses that the settings in a folder hold.

    Parameters
    ----------
    folder : Path
        The book's.

    Raises
    ------
    ValueError
        If one has not the form of an address.
    """
    settings = folder / _SETTINGS
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    urls = tomllib.loads(text).get("project", {}).get("urls", {})
    return Addresses(urls.get("Repository", ""), urls.get("Homepage", ""))


def links(repository: str, branch: str, hub: str) -> str:
    """Return the addresses that open the first chapter elsewhere; capitals stand for what is not known."""
    repository = repository or "https://github.com/OWNER/NAME"
    owner, name = repository.split("/")[-2:]
    pulled = quote(f"lab/tree/{name}/{_FIRST}", safe="")
    places = {
        "Binder": f"{_BINDER}/v2/gh/{owner}/{name}/{branch}?urlpath=lab/tree/{_FIRST}",
        "Colab": f"{_COLAB}/github/{owner}/{name}/blob/{branch}/{_FIRST}",
        "Kaggle": f"https://www.kaggle.com/kernels/welcome?src={repository}/blob/{branch}/{_FIRST}",
        "JupyterHub": f"{hub.rstrip('/') or 'https://HUB'}/hub/user-redirect/git-pull"
        f"?repo={quote(repository, safe='')}&branch={branch}&urlpath={pulled}",
        "all files": f"{repository}/archive/refs/heads/{branch}.zip",
    }
    return "".join(f"{place}\n    {address}\n" for place, address in places.items())


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("addresses", AddressList)
    app.connect("config-inited", _show)


class AddressList(SphinxDirective):
    """``addresses``, without arguments: where the first chapter can be opened."""

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        self.env.note_dependency(str(Path(self.env.srcdir, _SETTINGS)))
        options = self.config.html_theme_options
        hub = options["launch_buttons"].get("jupyterhub_url", "")
        text = links(options["repository_url"], options["repository_branch"], hub)
        return [nodes.literal_block(text, text, language="text")]


def _show(app: Sphinx, config: Config) -> None:
    """Set buttons and cards if, and only if, the addresses are known that they need: no link may be dead."""
    try:
        addresses = read(Path(app.srcdir))
    except ValueError as error:  # of TOML's syntax, too
        raise ConfigError(f"{_SETTINGS}: {error}") from error
    options = dict(config.html_theme_options)
    known = bool(addresses.repository)
    hub = options.get("launch_buttons", {}).get("jupyterhub_url", "")
    places = {"binderhub_url": _BINDER, "colab_url": _COLAB, "jupyterhub_url": hub}
    config.html_theme_options = {
        **options,
        "repository_url": addresses.repository,
        "use_repository_button": known,
        "use_issues_button": known,
        "launch_buttons": {"notebook_interface": "jupyterlab", **places} if known else {},
    }
    config.ogp_site_url = addresses.site
    # Other sites want the full address of a picture.
    config.ogp_social_cards = {"enable": bool(addresses.site), "line_color": PALETTE[0]}
