"""What the usual way costs: a slider that calls Python, and the stock scripts that show it in a page."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

# The coin's curve, drawn anew by Matplotlib at each move of the slider. Times are taken inside the kernel:
# what the messages and the browser's decoding of the picture add comes on top.
_INTERACT = """
%matplotlib inline
import time
import numpy as np
import matplotlib.pyplot as plt
from ipywidgets import interactive
theta = np.linspace(0, 1, 400)
def draw(heads):
    plt.plot(theta, theta**heads * (1 - theta) ** (100 - heads))
    plt.show()
widget = interactive(draw, heads=(0, 100))
display(widget)
times = []
for heads in range(20, 60):
    start = time.perf_counter()
    widget.children[0].value = heads
    times.append(1000 * (time.perf_counter() - start))
print("TIMES", *times)
"""


def interact_redraw_ms() -> float:
    """Return the median time of a redraw by `ipywidgets.interact`."""
    manager, client = start_new_kernel()
    printed: list[str] = []
    try:
        client.execute_interactive(
            _INTERACT,
            timeout=120,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    line = next(line for line in "".join(printed).splitlines() if line.startswith("TIMES"))
    return statistics.median(map(float, line.split()[1:]))


def html_manager_bytes() -> int | None:
    """Return the size of the script that static pages load for stock widgets, or None if npm cannot fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            [npm, "pack", "--silent", "@jupyter-widgets/html-manager@1.0.14"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        if packed.returncode:
            return None
        shutil.unpack_archive(next(Path(folder).glob("*.tgz")), folder)
        return (Path(folder) / "package/dist/embed-amd.js").stat().st_size
