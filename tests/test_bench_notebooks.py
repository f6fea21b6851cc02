"""The benchmark of the notebooks counts what a notebook and its children hold, at the peak."""

from nbformat.v4 import new_code_cell, new_notebook

from benchmarks import notebooks

HOLD = "import time\nheld = bytearray(b'x') * 300_000_000\ntime.sleep(1)\ndel held"
IN_A_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {HOLD!r}], check=True)"


def peak(folder, *cells):
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    cost = notebooks.run(notebook, folder)
    assert 0 < cost.fresh_mb <= cost.peak_mb and 0 < cost.cpu_seconds
    return cost.peak_mb


def test_the_peak_is_seen_although_it_is_over_at_the_end(tmp_path):
    little = peak(tmp_path, "1 + 1")
    assert 250 < peak(tmp_path, HOLD, "1 + 1") - little < 400
    assert 250 < peak(tmp_path, IN_A_CHILD, "1 + 1") - little < 450
