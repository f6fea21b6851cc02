"""How long each notebook of the book runs in a fresh kernel, and how much memory it takes at its peak.

Memory is what the system holds for the kernel and all that it starts (resident set), looked at many times a second:
what a server must have for each reader.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
#: Seconds between two looks.
_INTERVAL = 0.05
#: Bytes of a megabyte, of which a gigabyte has a thousand.
_MEGA = 10**6
LIMIT_MB = 1000
LIMIT_SECONDS = 60


def notebooks() -> list[Path]:
    """Return the notebooks of the book."""
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def resident(pid: int) -> int:
    """Return the bytes that a process and its descendants hold; 0 where there is none any more."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


@dataclass(frozen=True)
class Cost:
    """What a notebook took.

    Attributes
    ----------
    seconds : float
        From before the kernel's start to the last output.
    cpu_seconds : float
        Of the kernel on all cores.
    peak_mb, fresh_mb : float
        Memory at its largest, and before the first cell.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    fresh_mb: float


def run(notebook: Any, folder: Path) -> Cost:
    """Execute a notebook in a kernel of its own.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        What is executed; it gets its outputs.
    folder : Path
        Where its kernel works.

    """
    held: list[int] = []
    done = threading.Event()

    def watch(pid: int) -> None:
        while not done.wait(_INTERVAL):
            held.append(resident(pid))

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    start = time.perf_counter()
    with client.setup_kernel():
        pid = client.km.provisioner.pid
        fresh = resident(pid)
        watcher = threading.Thread(target=watch, args=(pid,), daemon=True)
        watcher.start()
        try:
            for number, cell in enumerate(notebook.cells):
                client.execute_cell(cell, number)
        finally:
            done.set()
            watcher.join()
            held.append(resident(pid))
        spent = time.perf_counter() - start
        times = psutil.Process(pid).cpu_times()
    return Cost(spent, times.user + times.system, max(held) / _MEGA, fresh / _MEGA)


def report() -> Iterator[str]:
    """Yield the table line by line."""
    yield "Each notebook in a fresh kernel; memory: the peak, and in brackets before the first cell"
    yield f"{'notebook':<40}{'s':>8}{'at most':>10}{'CPU s':>10}{'MB':>16}{'at most':>10}"
    for path in notebooks():
        cost = run(nbformat.read(path, as_version=4), path.parent)
        memory = f"{cost.peak_mb:.0f} ({cost.fresh_mb:.0f})"
        yield (
            f"{path.stem:<40}{cost.seconds:>8.0f}{LIMIT_SECONDS:>10}{cost.cpu_seconds:>10.0f}{memory:>16}{LIMIT_MB:>10}"
        )


if __name__ == "__main__":
    for line in report():
        print(line, flush=True)
