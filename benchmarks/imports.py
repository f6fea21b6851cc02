"""How long `import lossbook` takes, and what it drags in."""

from __future__ import annotations

import statistics
import subprocess
import sys

HEAVY = ("sympy", "matplotlib", "ipywidgets", "anywidget", "torch", "IPython")
_TIMED = """
import numpy, time
start = time.perf_counter()
import lossbook
spent = time.perf_counter() - start
import sys
print(1000 * spent, *[name for name in {heavy!r} if name in sys.modules])
"""


def cost_of_lossbook(runs: int = 7) -> tuple[float, list[str]]:
    """Return the median time in milliseconds over NumPy's, and the heavy modules that came along."""
    times, modules = [], set()
    for _ in range(runs):
        words = subprocess.run(
            [sys.executable, "-c", _TIMED.format(heavy=HEAVY)], capture_output=True, text=True, check=True
        ).stdout.split()
        times.append(float(words[0]))
        modules.update(words[1:])
    return statistics.median(times), sorted(modules)
