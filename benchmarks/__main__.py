"""Print the book's figures of merit beside what the stock way costs: `make bench`, or `python -m benchmarks BOOK`.

Nothing here is a test: the machines that run it are shared, so times are printed and not judged by the exit status.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import accuracy, classroom, imports, notebooks, pages, speed, stock


def row(what: str, measured: str, limit: str = "") -> None:
    """Print one line of the table."""
    print(f"{what:<68} {measured:>22}   {limit}")


def main(book: Path) -> None:
    """Measure and print."""
    row("what", "measured", "at most")
    extra, modules = imports.cost_of_lossbook()
    row("import lossbook over import numpy, ms (median)", f"{extra:.1f}", "50")
    row("heavy modules imported with it", ", ".join(modules) or "none", "none")
    for name, size in pages.script_sizes().items():
        row(f"script: {name}, bytes", f"{size:,}", "45,000 in all" if name == "all" else "")
    measured = pages.measure(book)
    row("a further figure on a page, bytes (largest)", f"{measured.bytes_per_figure:,.0f}", "6,000")
    row("figures in view alive after DOMContentLoaded, ms", f"{measured.in_view_ms:.0f}", "150")
    row("all figures of the page alive after DOMContentLoaded, ms", f"{measured.all_ms:.0f}", "400")
    row(
        "redraw after an input event, ms: median / slowest figure's 95th percentile",
        f"{measured.redraw_ms[0]:.2f} / {measured.redraw_ms[1]:.2f}",
        "4 / 8",
    )
    for name, tail, ratio in measured.slowest_first():
        row(f"  {name}, ms: 95th percentile", f"{tail:.2f}", f"ratio {ratio:.1f} to the coin")
    row("requests to other hosts", str(measured.foreign), "0")
    interact = stock.interact_redraw_ms()
    row(
        "stock: ipywidgets.interact with Matplotlib inline, ms (kernel only)",
        f"{interact:.1f}",
        f"ratio {interact / measured.redraw_ms[0]:.0f}",
    )
    manager = stock.html_manager_bytes()
    ours = pages.script_sizes()["all"]
    if manager is None:
        row("stock: html-manager", "not measured", "npm or the registry is not at hand")
    else:
        row("stock: html-manager, bytes", f"{manager:,}", f"ratio {manager / ours:.0f}")
    graded = classroom.measure()
    row("a class of 300 notebooks graded, s", f"{graded.seconds:.0f}", "600")
    for table in (notebooks, speed, accuracy):
        print()
        for line in table.report():
            print(line, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html"))
