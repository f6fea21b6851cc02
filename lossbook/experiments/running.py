"""Runs experiments from many starts in several processes: to make records, and to verify them."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from typing import Any

import numpy as np

from . import EXPERIMENTS, experiment
from .record import FOLDER, PICTURE_DIGITS, Record, RecordError, load, path_of, plain
from .starts import Start
from .uncertainty import chance_of_gap

#: The rate of false alarms of one run of `verify`, over all numbers of all experiments.
FALSE_ALARMS = 1e-6
_VERSIONS = ("numpy", "scipy", "scikit-learn", "torch")


def _measure(name: str, case: str, starts: Sequence[Start]) -> dict[str, Any]:
    """Run in a process of its own: one case, one batch of starts."""
    import torch

    torch.set_num_threads(1)
    return dict(experiment(name).measure(case, starts))


def _extra(name: str) -> Any:
    wanted = experiment(name).extra
    return wanted() if wanted else None


def run(
    name: str, starts: Sequence[Start], processes: int, tell: Callable[[str], None] = lambda line: None
) -> dict[str, dict[str, np.ndarray]]:
    """Measure every case from the given starts, in several processes.

    Returns
    -------
    mapping
        Case, then quantity: an array whose first axis is the starts.
    """
    chosen = experiment(name)
    began = time.monotonic()
    # Fresh processes: a fork of one that has run PyTorch's threads may hang.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = {
            case: [pool.submit(_measure, name, case, batch) for batch in chosen.batches(starts)]
            for case in chosen.cases
        }
        measured = {}
        for case, parts in waiting.items():
            done = [part.result() for part in parts]
            measured[case] = {key: np.concatenate([np.asarray(part[key]) for part in done]) for key in done[0]}
            tell(f"  {case}: {(time.monotonic() - began) / 60:.1f} min")
    return measured


def processor() -> str:
    """Return the processor's name, its cores, and the kernels that PyTorch chose for it."""
    import torch

    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}"


def record(name: str, processes: int) -> None:
    """Run an experiment from all its starts, and write the record."""
    chosen = experiment(name)
    source = chosen.source()
    print(f"{name}: {len(chosen.cases)} cases from {len(chosen.starts())} starts each", flush=True)
    began = time.monotonic()
    measured = run(name, chosen.starts(), processes, lambda line: print(line, flush=True))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        extra = pool.submit(_extra, name).result()
    if chosen.source() != source:
        raise RecordError(f"the code of {name} has changed while it ran: record it again")
    content = {
        "experiment": name,
        "command": f"python -m lossbook.experiments record {name}",
        "date": date.today().isoformat(),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "processor": processor(),
        "versions": {"python": platform.python_version(), **{package: version(package) for package in _VERSIONS}},
        "source": source,
        "settings": plain(chosen.settings),
        "seeds": chosen.seeds,
        "roundings": chosen.roundings,
        "measured": plain(measured),
        "extra": plain(extra, PICTURE_DIGITS),
    }
    FOLDER.mkdir(exist_ok=True)
    path_of(name).write_text(_lines(content) + "\n", encoding="utf-8")
    print(f"{name}: {content['minutes']} min, {path_of(name).stat().st_size / 1000:.0f} kB", flush=True)


def _lines(value: Any, depth: int = 0) -> str:
    """Write JSON with an entry of a table on each line and lists in one line, so that changes can be read."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    inner = ",\n".join(
        " " * (depth + 1) + json.dumps(key, ensure_ascii=False) + ": " + _lines(entry, depth + 1)
        for key, entry in value.items()
    )
    return "{\n" + inner + "\n" + " " * depth + "}"


def compare(recorded: Record, again: dict[str, dict[str, np.ndarray]]) -> list[tuple[float, str]]:
    """Return for every number that was measured again how probable so large a gap is, smallest first."""
    rows = []
    for case, quantities in again.items():
        for quantity, values in quantities.items():
            before = recorded.seeds(case, quantity)
            # As the file rounds, so that equal numbers stay equal.
            now = np.array(plain(np.asarray(values)), dtype=float)
            for column in range(before.shape[1]) if before.ndim == 2 else [None]:
                one, other = (values if column is None else values[:, column] for values in (before, now))
                place = "" if column is None else f"[{column}]"
                rows.append((chance_of_gap(one, other), f"{case}: {quantity}{place}"))
    return sorted(rows)


def verify(name: str, processes: int, first: int, count: int | None = None) -> bool:
    """Run an experiment from new seeds, and tell whether the record may come from the same distribution.

    Parameters
    ----------
    name : str
        Of the experiment.
    processes : int
        How many run side by side.
    first : int
        The first of the new seeds.
    count : int, optional
        How many seeds; the experiment's own part if not given.
    """
    chosen = experiment(name)
    recorded = load(chosen)
    starts = [Start(first + number) for number in range(count or chosen.part)]
    rows = compare(recorded, run(name, starts, processes))
    # So many comparisons share the rate of false alarms, in all experiments together.
    bound = FALSE_ALARMS / (len(rows) * len(EXPERIMENTS))
    wrong = [f"{what}: probability {chance:.1e}" for chance, what in rows if chance < bound]
    least = f"least probable: {rows[0][1]}, {rows[0][0]:.1e}; the bound is {bound:.1e}"
    print(f"{name}: seeds {first} to {starts[-1].seed}, {len(rows)} numbers compared, {least}")
    for line in wrong:
        print(f"  differs from the record: {line}")
    return not wrong
