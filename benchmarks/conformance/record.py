"""The record: what was found, when, with what, on what; and whether the same is found again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lossbook.experiments.running import processor

from .libraries import LIBRARIES, Refused, run
from .measure import INFINITE, NAN, all_types, shown, twins
from .probes import CONVENTION, NONSENSE, NUMBER, PROBES, Probe
from .twins import Twin

PATH = Path(__file__).with_name("record.json")
#: What came of a probe.
RIGHT, WRONG, ACCEPTED, NOTICED, CONVENTIONAL = "right", "wrong", "accepted", "noticed", "convention"


def outcome(library: str, code: str, digits: int = 4) -> str:
    """Return in a few characters what a line of code gives: a number, NaN, ∞, nothing, or the name of an error."""
    try:
        numbers = run(library, code)
    except Refused as refusal:
        return str(refusal)
    return shown(numbers[0], digits) if numbers.size else "nothing"


def verdict(probe: Probe, library: str, code: str) -> str:
    """Judge what a line of code gives."""
    if probe.kind == CONVENTION:
        return CONVENTIONAL
    try:
        numbers = run(library, code)
    except Refused:
        return NOTICED if probe.kind == NONSENSE else WRONG
    if probe.kind == NONSENSE:
        return NOTICED if np.isnan(numbers[0]) else ACCEPTED
    assert probe.kind == NUMBER and probe.right is not None
    got = float(numbers[0])
    if math.isinf(probe.right) or math.isnan(got) or math.isinf(got):
        return RIGHT if got == probe.right else WRONG
    return RIGHT if abs(got - probe.right) <= max(probe.room * abs(probe.right), 1e-100) else WRONG


def described(twin: Twin) -> dict[str, Any]:
    """Return what the page says of a twin before anything is measured."""
    said = {"loss": twin.loss, "library": twin.library, "case": twin.case, "call": twin.call.format_map(_Plain()),
            "reduction": twin.reduction, "order": twin.order}  # fmt: skip
    more = {"factor": twin.factor if twin.factor != 1 else "", "ignored": twin.ignored, "differs": twin.differs,
            "limit": twin.limit}  # fmt: skip
    return said | {key: value for key, value in more.items() if value}


class _Plain(dict[str, str]):
    """Fills the names of a template with themselves."""

    def __missing__(self, key: str) -> str:
        return {"type": "float64", "hot": "one_hot", "yes": "labels"}.get(key, key)


def examined(probe: Probe) -> dict[str, Any]:
    """Return a probe with what came of it in the installed libraries."""
    digits = 4 if probe.room >= 1e-3 else 10  # as many as are asked for
    found = {
        library: {"code": code, "came": outcome(library, code, digits), "verdict": verdict(probe, library, code)}
        for library, code in probe.calls.items()
        if LIBRARIES[library].installed()
    }
    for library, entry in found.items():
        if library in probe.reports:
            entry["report"] = {"label": probe.reports[library].label, "address": probe.reports[library].address}
        if library in probe.documented:
            entry["documented"] = probe.documented[library]
    return {"name": probe.name, "title": probe.title, "says": probe.says, "kind": probe.kind, "found": found}


def made(tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure all installed libraries, and tell which call is done; takes some minutes."""

    def entry(twin: Twin) -> dict[str, Any]:
        found = described(twin) | {"errors": all_types(twin)}
        tell(f"{twin.library}: {found['call']}")
        return found

    there = {name: library for name, library in LIBRARIES.items() if library.installed()}
    return {
        "date": date.today().isoformat(),
        "processor": processor(),
        "versions": {name: library.version() for name, library in there.items()},
        "distributions": {name: library.distribution for name, library in there.items()},
        "imports": {name: library.imports for name, library in there.items()},
        "twins": [entry(twin) for twin in twins() if twin.library in there],
        "probes": [examined(probe) for probe in PROBES],
    }


def write(content: Mapping[str, Any]) -> None:
    """Write the record."""
    PATH.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load() -> dict[str, Any]:
    """Read the record."""
    content: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return content


def same_order(recorded: Any, found: Any, kind: str) -> bool:
    """Say whether two errors are of one order of magnitude; below ten roundings all are alike.

    NaN and an infinity by mistake are alike too: which of them it is may depend on the processor.
    """
    smallest = math.log10(10 * np.finfo(kind).eps)

    def rank(value: Any) -> float:
        return 1000.0 if value in (NAN, INFINITE) else -math.inf if value is None or value <= smallest else value

    first, second = rank(recorded), rank(found)
    return first == second or abs(first - second) <= 1


def differences(recorded: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the installed libraries give something else than the record says."""
    there = {name: library for name, library in LIBRARIES.items() if library.installed()}
    for name, library in there.items():
        was = recorded["versions"].get(name)
        if was != library.version():
            yield f"{name}: recorded with {was}, here is {library.version()}"
    entries = {(entry["library"], entry["call"], entry["case"]): entry for entry in recorded["twins"]}
    for twin in twins():
        if twin.library not in there:
            continue
        said = described(twin)
        entry = entries.get((twin.library, said["call"], twin.case))
        if entry is None or any(entry.get(key) != value for key, value in said.items()):
            yield f"{twin.library}, {twin.loss}: the record says something else of {said['call']}"
            continue
        for kind, cells in all_types(twin).items():
            for what, cell in cells.items():
                was = entry["errors"][kind].get(what)
                if not isinstance(cell, dict) or not isinstance(was, dict):
                    alike = cell == was
                else:
                    alike = same_order(was["order"], cell["order"], kind)
                if not alike:
                    yield f"{twin.library}, {said['call']}, {kind}, {what}: recorded {was}, found {cell}"
    yield from differing_probes(recorded)


def differing_probes(recorded: Mapping[str, Any]) -> Iterator[str]:
    """Yield the probes that end otherwise than the record says."""
    entries = {entry["name"]: entry for entry in recorded["probes"]}
    for probe in PROBES:
        if probe.name not in entries:
            yield f"{probe.name}: not in the record"
            continue
        for library, now in examined(probe)["found"].items():
            was = entries[probe.name]["found"].get(library)
            if was is None or was["code"] != now["code"] or was["verdict"] != now["verdict"]:
                yield f"{probe.name}, {library}: recorded {was}, found {now}"
