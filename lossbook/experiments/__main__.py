"""Make the records of the experiments, or compare them with a part that is run again.

``python -m lossbook.experiments record [NAME …]``
``python -m lossbook.experiments verify [NAME …]``
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from lossbook.extras import need

from . import EXPERIMENTS, experiment


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m lossbook.experiments", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["record", "verify"])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all if not given: {', '.join(EXPERIMENTS)}")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many run side by side")
    parser.add_argument("--seed", type=int, help="verify: the first new seed, random if not given")
    parser.add_argument("--starts", type=int, help="verify: how many new seeds")
    parser.add_argument("--fast", action="store_true", help="only experiments that take seconds")
    given = parser.parse_args(arguments)
    need("torch", "sklearn")  # said in one line
    from .running import record, verify

    names: Iterable[str] = given.names or EXPERIMENTS
    if unknown := [name for name in names if name not in EXPERIMENTS]:
        parser.error(f"no experiment is called {', '.join(unknown)}; there are {', '.join(EXPERIMENTS)}")
    names = [name for name in names if experiment(name).fast or not given.fast]
    if given.what == "record":
        for name in names:
            record(name, given.processes)
        return 0
    # Seeds that no record has, new ones at each run: the rate of false alarms holds for each.
    first = given.seed if given.seed is not None else int(np.random.default_rng().integers(10_000, 2**31 - 10_000))
    return 0 if all([verify(name, given.processes, first, given.starts) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
