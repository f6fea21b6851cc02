"""Executes notebooks side by side before their pages are read, and keeps their outputs by content.

MyST-NB alone executes one notebook after the other, and stops at the first that fails. Here those that
``jupyter-cache`` does not hold are executed in as many kernels as there are cores; MyST-NB is handed the outputs. The
key of an output holds the notebook's code and the fingerprint of all that the code depends on, and no path: a cache
that was copied to another folder serves there, too.

A notebook that fails is not kept, so it is executed again at the next build. Its page has the outputs up to the
failure (`faults` says so at its head), unless the build is strict: then the first failure ends it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.execute import ExecutionError
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from ..live.showing import STILLS
from ..pages.claims import CLAIM_MIMETYPE, strict
from . import insides
from .stale import read_notebook
from .widgets import keep_shown

logger = logging.getLogger(__name__)

#: Executed notebooks that are kept; the least recently used go first.
KEPT = 100
#: What a kernel may take, in bytes: no more run side by side than fit into the memory that is free.
MEMORY = 10**9


@dataclass(frozen=True)
class Failure:
    """Where and why a notebook stopped.

    Attributes
    ----------
    cell : int
        Number of the cell as Jupyter counts, from 1; 0 if no cell is to blame.
    error : str
        Kind of error and message, in one line.
    details : str
        The traceback.
    """

    cell: int
    error: str
    details: str


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs; with ``failure`` it has those up to there."""

    notebook: NotebookNode
    seconds: float
    failure: Failure | None = None


#: By path of the source. MyST-NB asks for them while it reads the pages, also in processes forked from this one.
_executed: dict[str, Executed] = {}


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", _prepare)
    app.connect("env-before-read-docs", _execute)
    app.connect("env-get-outdated", lambda app, env, *_: sorted(failures(env)))
    insides.hand_outputs(_given)


def failures(env: Any) -> dict[str, Failure]:
    """Return the pages that could not be executed to their ends."""
    if not hasattr(env, "lossbook_failures"):
        env.lossbook_failures = {}
    return env.lossbook_failures


def _prepare(app: Sphinx, config: Config) -> None:
    config.nb_execution_raise_on_error = strict()
    # Kernels inherit it: pages need the still pictures, without JavaScript and in print.
    os.environ[STILLS] = "1"


def _given(path: str) -> NotebookNode | None:
    if path not in _executed:
        return None
    keep_shown(_executed[path].notebook)
    return _executed[path].notebook


def _execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Have the outputs of all pages that are about to be read."""
    _executed.clear()
    config: Any = env.mystnb_config  # type: ignore[attr-defined]
    if config.execution_mode != "cache":
        return
    store = Store(Path(config.execution_cache_path))
    waiting: dict[str, NotebookNode] = {}
    for docname in {*failures(env), *docnames} - (env.found_docs - set(docnames)):
        failures(env).pop(docname, None)
    for docname in docnames:
        notebook = read_notebook(env, docname)
        if notebook is None:
            continue
        # jupyter-cache's key is made of the code and of this entry of the metadata.
        kernel = notebook.metadata.setdefault("kernelspec", NotebookNode())
        kernel["lossbook"] = app.lossbook_fingerprints[docname]  # type: ignore[attr-defined]
        held = store.get(notebook)
        if held is None:
            waiting[docname] = notebook
        else:
            _executed[env.doc2path(docname)] = held
    if _executed:
        logger.info("notebooks with outputs in the cache: %d", len(_executed))

    def take(docname: str, done: Executed) -> None:
        _executed[env.doc2path(docname)] = done
        if done.failure is None:
            store.put(env.doc2path(docname), done)
            logger.info("%s: executed in %.0f s", docname, done.seconds)
            return
        logger.info("%s: stopped after %.0f s in cell %d", docname, done.seconds, done.failure.cell)
        failures(env)[docname] = done.failure
        if strict():
            message = "Executing notebook failed: %s"
            logger.warning(message, done.failure.details, type="mystnb", subtype="exec", location=docname)
            raise ExecutionError(f"{docname}: {done.failure.error}")

    if waiting:
        at_once = min(len(waiting), _kernels())
        logger.info("notebooks to execute: %d, %d at a time", len(waiting), at_once)
        folders = {docname: Path(env.doc2path(docname)).parent for docname in waiting}
        _run_beside(_side_by_side(waiting, folders, at_once, config.execution_timeout, take))


class Store:
    """Executed notebooks by content.

    Parameters
    ----------
    folder : Path
        Of ``jupyter-cache``.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.cache = get_cache(str(folder))
        self.cache.change_cache_limit(KEPT)

    def get(self, notebook: NotebookNode) -> Executed | None:
        """Return the notebook with its outputs, or None if there are none that serve."""
        try:
            key, executed = self.cache.merge_match_into_notebook(notebook)
        except (KeyError, OSError, ValueError):  # none, or a file that an interrupted build left half-written
            return None
        if strict() and _false_claims(executed):
            return None  # made where a false claim was no error
        return Executed(executed, self.cache.get_cache_record(key).data.get("execution_seconds", 0.0))

    def put(self, path: str, done: Executed) -> None:
        """Keep a notebook with its outputs; the path serves those who look into the cache."""
        _, key = self.cache.create_hashed_notebook(done.notebook)
        # jupyter-cache stumbles over what an interrupted build left of it.
        shutil.rmtree(self.folder / "executed" / key, ignore_errors=True)
        bundle = CacheBundleIn(done.notebook, path, data={"execution_seconds": done.seconds})
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def _false_claims(notebook: NotebookNode) -> bool:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return any(not output.get("data", {}).get(CLAIM_MIMETYPE, {}).get("holds", True) for output in outputs)


def _kernels() -> int:
    """Return how many kernels may run at a time."""
    return max(1, min(os.cpu_count() or 1, psutil.virtual_memory().available // MEMORY))


async def _side_by_side(
    notebooks: dict[str, NotebookNode],
    folders: dict[str, Path],
    at_once: int,
    timeout: int,
    take: Callable[[str, Executed], None],
) -> None:
    """Execute notebooks, each in a kernel of its own.

    The last chapters come first: they take longest, and at the end one is waited for alone.
    """
    gate = asyncio.Semaphore(at_once)

    async def execute(docname: str) -> None:
        async with gate:
            take(docname, await _executed_alone(notebooks[docname], folders[docname], timeout))

    await asyncio.gather(*(execute(docname) for docname in sorted(notebooks, reverse=True)))


async def _executed_alone(notebook: NotebookNode, folder: Path, timeout: int) -> Executed:
    # Quiet: else each kernel says that it listens on this machine without encryption.
    arguments = ["--IPKernelApp.log_level=ERROR"]
    client = NotebookClient(
        notebook,
        timeout=timeout,
        record_timing=False,  # it would be written into the cells, and so into their key
        extra_arguments=arguments,
        resources={"metadata": {"path": str(folder)}},
    )
    start = time.monotonic()
    failure = None
    try:
        await client.async_execute()
    except Exception as error:  # a cell's error, too much time, a kernel that died or did not start
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from None  # nbclient takes the end of the build for the kernel's death
        failure = _failure(client, error)
        client.set_widgets_metadata()  # so that the figures above the failure live
    finally:
        insides.leave_kernel(client)
    return Executed(notebook, time.monotonic() - start, failure)


def _failure(client: NotebookClient, error: Exception) -> Failure:
    if isinstance(error, CellExecutionError):
        message = f"{error.ename}: {error.evalue}"
    else:
        message = f"{type(error).__name__}: {error}"
    return Failure(client.code_cells_executed, " ".join(message.split())[:300], str(error))


def _run_beside(coroutine: Any) -> None:
    """Run a coroutine in a thread, and end it in good order where the main thread is interrupted.

    In the main thread nbclient would take Ctrl-C for itself, and kernels would be left behind.
    """
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
    begun = threading.Event()

    async def main() -> None:
        running.append((asyncio.get_running_loop(), asyncio.ensure_future(coroutine)))
        begun.set()
        await running[0][1]

    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(lambda: asyncio.run(main()))
        try:
            ended.result()
        except KeyboardInterrupt:
            begun.wait()
            loop, task = running[0]
            # A task of nbclient that finds its kernel gone would print a traceback.
            loop.call_soon_threadsafe(loop.set_exception_handler, lambda *_: None)
            loop.call_soon_threadsafe(task.cancel)
            ended.exception()  # waits until the kernels have ended
            raise
