"""What several tests share: the book, built once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from building import ROOT, run_jupyter_book
from filelock import FileLock
from hypothesis import settings

from lossbook.experiments import EXPERIMENTS

# These machines are shared, so no example has a deadline. In CI the examples are always the same ones, so that a
# change is judged by itself; everywhere else new ones are sought at each run.
settings.register_profile("search", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, max_examples=8)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "search")


# In tests a claim that does not hold is an error.
os.environ["LOSSBOOK_STRICT"] = "1"

ROUNDING = pytest.StashKey[str]()


# What the quick tests do without: folders, fixtures by name, functions by module and name.
SLOW_FOLDERS = {"browser"}
SLOW_FIXTURES = {"book_html"}
SLOW_FUNCTIONS = [
    ("building", "run_sphinx"),
    ("lossbook.grading.working", "_context"),
    ("lossbook.experiments.running", "run"),
    *((f"lossbook.experiments.{name}", train) for name in EXPERIMENTS for train in ("train", "_measure")),
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--quick``."""
    parser.addoption("--quick", action="store_true", help="only tests that need no book, no browser and no training")


@pytest.fixture(scope="session", autouse=True)
def quick(pytestconfig: pytest.Config) -> None:
    """Have the quick tests skip whatever builds a book or trains; it is found out where that begins."""
    if not pytestconfig.getoption("quick"):
        return
    for place, name in SLOW_FUNCTIONS:
        # No other module is loaded for this: PyTorch alone takes seconds.
        if hasattr(sys.modules.get(place), name):
            setattr(sys.modules[place], name, lambda *_, what=f"{place}.{name}", **__: pytest.skip(f"slow: {what}"))
    start = subprocess.Popen.__init__

    def start_unless_python(self: Any, args: Any, *more: Any, **options: Any) -> None:
        # Another Python loads NumPy, SymPy or PyTorch again, and most of them run a kernel, Sphinx or pytest.
        if not isinstance(args, str) and os.fspath(args[0]) == sys.executable:
            pytest.skip("slow: starts another Python")
        start(self, args, *more, **options)

    subprocess.Popen.__init__ = start_unless_python  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    """Draw how the book's training runs are perturbed in this run of the tests; all its processes agree."""
    if config.getoption("quick"):
        settings.load_profile("quick")
    # What a shell starts in the background ignores Ctrl-C, and so would the builds that tests interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    drawn = os.environ.get("LOSSBOOK_ROUNDING") or str(random.SystemRandom().randrange(1, 2**31))
    config.stash[ROUNDING] = getattr(config, "workerinput", {}).get("rounding", drawn)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of pytest-xdist what was drawn."""
    node.workerinput["rounding"] = node.config.stash[ROUNDING]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was drawn, so that the run can be repeated."""
    terminalreporter.write_line(f"the book is built under LOSSBOOK_ROUNDING={config.stash[ROUNDING]}")


@pytest.fixture(scope="session")
def rounding(pytestconfig: pytest.Config) -> dict[str, str]:
    """Return the environment in which the book is built."""
    return {"LOSSBOOK_ROUNDING": pytestconfig.stash[ROUNDING]}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Have the quick tests not even load what they leave out as a whole: Playwright alone takes a second."""
    return config.getoption("quick") and collection_path.name in SLOW_FOLDERS or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start with a test that builds the book and end with the others that read it, so that no process waits long."""
    if config.getoption("quick"):
        slow = {item for item in items if SLOW_FIXTURES & set(getattr(item, "fixturenames", ()))}
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
    readers = [item for item in items if "book_html" in getattr(item, "fixturenames", ())]
    reading = set(readers)
    others = [item for item in items if item not in reading]
    items[:] = readers[:1] + others + readers[1:]


@pytest.fixture(scope="session")
def book_html(tmp_path_factory: pytest.TempPathFactory, rounding: dict[str, str]) -> Path:
    """Return the folder of the HTML book, built from clean with warnings as errors and all references checked.

    The processes of pytest-xdist share one build: the first that needs it builds, the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    output, outcome = shared / "book", shared / "book-outcome.txt"
    with FileLock(shared / "book.lock"):
        if not outcome.exists():
            output.mkdir()
            result = run_jupyter_book(ROOT, output, "-W", "-n", "--keep-going", environment=rounding)
            complaint = f"the book cannot be built under {rounding}:\n{result.stdout[-4000:]}\n{result.stderr[-8000:]}"
            outcome.write_text(complaint if result.returncode else "", encoding="utf-8")
    if complaint := outcome.read_text(encoding="utf-8"):
        pytest.fail(complaint, pytrace=False)
    return output / "_build" / "html"
