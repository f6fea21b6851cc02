"""Says what to install where a room of the package is entered that needs more than NumPy."""

from __future__ import annotations

import importlib


def need(*packages: str) -> None:
    """Import packages that the extra ``notebooks`` brings.

    Parameters
    ----------
    *packages : str
        Names as one imports them.

    Raises
    ------
    ModuleNotFoundError
        If one is missing: with the command that installs it.
    """
    for name in packages:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            advice = "pip install 'lossbook[notebooks]', or in a copy of the book pip install -e '.[notebooks]'"
            raise ModuleNotFoundError(f"This part of lossbook needs {name}: {advice}", name=name) from None
