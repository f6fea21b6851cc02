"""``python -m benchmarks.conformance record`` or ``verify``; needs ``benchmarks/requirements.txt``."""

from __future__ import annotations

import sys

from . import record
from .libraries import LIBRARIES


def main(task: str) -> int:
    """Do what is asked for; return the exit status."""
    absent = [library.distribution for library in LIBRARIES.values() if not library.installed()]
    if absent:
        print(f"not installed, and left out: {', '.join(absent)} (see benchmarks/requirements.txt)", file=sys.stderr)
    if task == "record":
        if absent:
            print("a record is of all libraries", file=sys.stderr)
            return 1
        record.write(record.made(lambda done: print(done, file=sys.stderr, flush=True)))
        return 0
    found = list(record.differences(record.load()))
    for line in found:
        print(line)
    print(f"{len(found)} differences" if found else "The record holds.")
    return bool(found)


if __name__ == "__main__":
    if sys.argv[1:] not in (["record"], ["verify"]):
        sys.exit("usage: python -m benchmarks.conformance record|verify")
    sys.exit(main(sys.argv[1]))
