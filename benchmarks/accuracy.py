"""The largest relative error of every loss over ordinary and extreme input, here and in other libraries."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from mpmath import mpf
from numpy.typing import NDArray

from yardstick.cases import CASES, Case
from yardstick.truth import relative_error, truth

from .peers import PEERS, Answer, Peer, installed


def ours(case: Case) -> Peer:
    """Return lossbook's answer in the form of a peer's."""

    def answer(x: NDArray[Any], t: NDArray[Any]) -> Answer:
        terms, slopes = case.loss.loss_and_grad(x, t)
        return np.atleast_1d(terms), slopes

    return answer


def largest_errors(case: Case, exact: list[list[mpf]], peer: Peer) -> tuple[float, float | None]:
    """Return the largest relative error of the value and of the slopes over a case's rows."""
    of_value, of_slopes = 0.0, 0.0
    has_slopes = True
    for (row, target), (term, *derivatives) in zip(case.rows, exact, strict=True):
        batch = np.array(row) if case.kind == "batch" or len(row) == 1 else np.array([row])
        wanted = np.array(target) if case.kind == "batch" else np.array([target])
        scale, scales = case.scale(row, target) if case.scale else (0.0, [0.0] * len(row))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            terms, slopes = peer(batch, wanted)
        of_value = max(of_value, relative_error(float(np.ravel(terms)[0]), term, scale))
        if slopes is None:
            has_slopes = False
            continue
        for got, slope, room in zip(np.ravel(slopes), derivatives, scales, strict=True):
            if slope == 0 and not case.loss.facts.smooth:
                continue  # at a kink another slope than ours is as right
            of_slopes = max(of_slopes, relative_error(float(got), slope, room))
    return of_value, of_slopes if has_slopes else None


def shown(errors: tuple[float, float | None]) -> str:
    """Return errors as they stand in the table: value / gradient."""
    return " / ".join("–" if error is None else "0" if error == 0 else f"{error:.0e}" for error in errors)


def report() -> Iterator[str]:
    """Yield the table line by line."""
    yield "Largest relative error over ordinary and extreme input, value / gradient (inf: NaN, or infinite by mistake)"
    absent = [name for name in PEERS if not installed(name)]
    if absent:
        yield f"not installed: {', '.join(absent)} (see benchmarks/requirements.txt)"
    yield f"{'loss':<64}" + "".join(f"{name:>16}" for name in ("lossbook", *PEERS))
    for case in CASES:
        exact = [truth(case, row, target) for row, target in case.rows]
        peers = [ours(case), *(make(case) for make in PEERS.values())]
        cells = ["" if peer is None else shown(largest_errors(case, exact, peer)) for peer in peers]
        yield f"{str(case):<64.64}" + "".join(f"{cell:>16}" for cell in cells)


if __name__ == "__main__":
    for line in report():
        print(line, flush=True)
