"""Limits of the process that a notebook runs in, as far as the platform has them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

#: What a notebook sees of the grader's environment; everything else, tokens and proxies too, is left out.
ALLOWED = {
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS",
}  # fmt: skip
# One notebook for each core: more threads would only stand in each other's way.
_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
_LARGEST_FILE = 64 * 2**20
# Room for what else the user starts meanwhile; the grader itself watches for less.
_MORE_PROCESSES = 256
_PR_SET_CHILD_SUBREAPER = 36


@contextlib.contextmanager
def scrubbed_environment(home: Path) -> Iterator[None]:
    """Leave only what a notebook may see in this process's environment, which its children inherit.

    Parameters
    ----------
    home : Path
        What stands in for the home and for temporary folders.
    """
    before = dict(os.environ)
    kept = {name: value for name, value in before.items() if name.upper() in ALLOWED}
    os.environ.clear()
    os.environ.update(kept | dict.fromkeys(_THREADS, "1") | {"MPLBACKEND": "Agg", "PYTHONNOUSERSITE": "1"})
    _set_home(home)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _set_home(folder: Path) -> None:
    names = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR", "IPYTHONDIR")
    os.environ.update(dict.fromkeys(names, str(folder)))


def limit_this_process(folder: Path, seconds: float, megabytes: int) -> None:
    """Cut this process off from its parent's files and session, and set its limits.

    Parameters
    ----------
    folder : Path
        Where it works, and its home.
    seconds : float
        Of the processor's time.
    megabytes : int
        Of memory. Linux alone enforces it here; elsewhere the grader watches (with psutil).
    """
    os.chdir(folder)
    _set_home(folder)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    if sys.platform == "win32":
        return
    import resource

    os.setsid()
    wanted = {
        resource.RLIMIT_CPU: int(seconds) + 5,
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        # What the notebook starts stays below this process, even if it cuts itself off, and is ended with it.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        # Not the address space: libraries reserve gigabytes of it and use little.
        wanted[resource.RLIMIT_DATA] = megabytes * 2**20
        # It counts all processes of the user, and their threads.
        wanted[resource.RLIMIT_NPROC] = _threads_of_user() + _MORE_PROCESSES
    for limit, value in wanted.items():
        _, hardest = resource.getrlimit(limit)
        value = value if hardest == resource.RLIM_INFINITY else min(value, hardest)
        resource.setrlimit(limit, (value, value))


def close_all_but(kept: int) -> None:
    """Close what this process has inherited from the template, whose own affairs a notebook could disturb.

    Parameters
    ----------
    kept : int
        The descriptor that stays open, with those of standard input and output.
    """
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _threads_of_user() -> int:
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.getuid():
                found += len(os.listdir(folder / "task"))
    return found
