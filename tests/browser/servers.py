"""Programs of others that serve pages on this machine while tests look at them."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def serving(
    command: Callable[[int], Sequence[str]], alive: str, environment: Mapping[str, str], folder: Path | None = None
) -> Iterator[str]:
    """Start a server, wait until it answers, and give its address; end it afterwards.

    Parameters
    ----------
    command : callable
        Takes the port, and returns what to start.
    alive : str
        The path that answers as soon as the server is there.
    environment : mapping
        Of the process.
    folder : Path, optional
        Where it runs.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = command(port)
    process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(360):
            try:
                urllib.request.urlopen(address + alive, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail(f"{' '.join(words)} did not start within three minutes")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
