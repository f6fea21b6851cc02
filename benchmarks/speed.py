"""How much processor time value and gradient take, and how much memory, beside naive NumPy and other libraries.

All with one thread, and in turns, so that what else the machine does meets all alike.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch.nn import functional as F  # noqa: N812

from lossbook import information
from lossbook.functions import log_softmax, softmax
from yardstick.cases import CASES, Case

Pair = tuple[NDArray[Any], NDArray[Any]]
Run = Callable[[], Any]
#: How many numbers the predictions have.
SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
#: Kinds of input with a target for each number, and with a target for each row.
FLAT = ("residual", "margin", "logit", "hard logit", "chance", "log chance")
ROWS = ("classes", "log classes", "soft classes", "teacher", "simplex")
COLUMNS = ("naive NumPy", "PyTorch", "SciPy", "scikit-learn")


def milliseconds(runs: Sequence[Run | None]) -> list[float | None]:
    """Return the processor's time of each run: the shortest of several turns, what the others add is not its own."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        numbers = [run and max(1, int(0.02 / max(_seconds(run, 1), 1e-7))) for run in runs]
        best: list[float] = [np.inf] * len(runs)
        for _ in range(7):
            for k, (run, number) in enumerate(zip(runs, numbers, strict=True)):
                if run and number:
                    best[k] = min(best[k], _seconds(run, number) / number)
    return [1e3 * seconds if run else None for run, seconds in zip(runs, best, strict=True)]


def _seconds(run: Run, number: int) -> float:
    start = time.process_time()
    for _ in range(number):
        run()
    return time.process_time() - start


def pair(case: Case, count: int) -> Pair:
    """Return predictions and targets with `count` numbers in the predictions."""
    chance = np.random.default_rng(0)
    x = 3 * chance.normal(size=count)
    if case.kind in FLAT:
        if case.kind == "residual":
            return x, chance.normal(size=count)
        if case.kind == "chance":
            return chance.uniform(size=count), chance.choice([0.0, 1.0], count)
        if case.kind == "log chance":
            return -np.abs(x), chance.uniform(size=count)
        return x, chance.choice([-1.0, 1.0] if case.kind == "margin" else [0.0, 1.0], count)
    classes = 3 if _has_three_classes(case) else 10
    z = x[: count // classes * classes].reshape(-1, classes)
    if case.kind == "log classes":
        z = log_softmax(z)
    if case.kind == "simplex":
        z = softmax(z)
    if case.kind == "teacher":
        return z, 3 * chance.normal(size=z.shape)
    if case.kind == "soft classes":
        return z, softmax(chance.normal(size=z.shape))
    return z, chance.integers(0, classes, len(z))


def _has_three_classes(case: Case) -> bool:
    return any(getattr(case.loss, name, None) is not None for name in ("weight", "alpha"))


def naive_huber(x: NDArray[Any], t: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Huber's loss as it is written down in a hurry, δ = 1.345."""
    r, delta = x - t, 1.345
    near = np.abs(r) <= delta
    value = np.where(near, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)).mean()
    return value, np.where(near, r, delta * np.sign(r)) / r.size


def naive_logistic(x: NDArray[Any], y: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Logistic loss as it is written down by somebody who knows logaddexp."""
    m = y * x
    return np.logaddexp(0, -m).mean(), -y / (1 + np.exp(m)) / m.size


def naive_binary(x: NDArray[Any], y: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Binary cross-entropy of logits as those write it who know how it overflows."""
    value = (np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))).mean()
    return value, (1 / (1 + np.exp(-x)) - y) / x.size


def naive_cross_entropy(x: NDArray[Any], y: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Softmax cross-entropy with the maximum taken out."""
    z = x - x.max(axis=1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    value = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return value, p / len(x)


NAIVE = {
    "HuberLoss(delta=1.345) on residual": naive_huber,
    "LogisticLoss() on margin": naive_logistic,
    "BCEWithLogitsLoss() on logit": naive_binary,
    "CrossEntropyLoss(label_smoothing=0.0, temperature=1.0) on classes": naive_cross_entropy,
}


def by_scipy(name: str) -> Callable[[Pair], Run] | None:
    """Return what SciPy offers: values only, so the gradient is written beside it."""
    try:
        from scipy import special
    except ImportError:
        return None

    def huber(data: Pair) -> Run:
        x, t = data
        return lambda: (special.huber(1.345, x - t).mean(), np.clip(x - t, -1.345, 1.345) / x.size)

    def logistic(data: Pair) -> Run:
        x, y = data
        return lambda: (-special.log_expit(y * x).mean(), -y * special.expit(-y * x) / x.size)

    def binary(data: Pair) -> Run:
        x, y = data
        return lambda: (
            -(y * special.log_expit(x) + (1 - y) * special.log_expit(-x)).mean(), (special.expit(x) - y) / x.size
        )  # fmt: skip

    def cross_entropy(data: Pair) -> Run:
        x, y = data
        rows = np.arange(len(x))

        def run() -> Any:
            log_p = special.log_softmax(x, axis=1)
            p = np.exp(log_p)
            p[rows, y] -= 1
            return -log_p[rows, y].mean(), p / len(x)

        return run

    return dict(zip(NAIVE, (huber, logistic, binary, cross_entropy), strict=True)).get(name)


def by_sklearn(name: str) -> Callable[[Pair], Run] | None:
    """Return scikit-learn's compiled loss with one thread."""
    try:
        from sklearn._loss import loss as compiled
    except ImportError:
        return None

    def run_of(theirs: Any, labels: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Pair], Run]:
        def prepare(data: Pair) -> Run:
            x, t = data[0], labels(data[1])

            def run() -> Any:
                terms, slopes = theirs.loss_gradient(t, x)
                return terms.mean(), slopes / len(terms)

            return run

        return prepare

    peers = (
        run_of(compiled.HuberLoss(delta=1.345), lambda t: t),
        run_of(compiled.HalfBinomialLoss(), lambda y: (y + 1) / 2),
        run_of(compiled.HalfBinomialLoss(), lambda y: y),
        run_of(compiled.HalfMultinomialLoss(n_classes=10), lambda y: y.astype(float)),
    )
    return dict(zip(NAIVE, peers, strict=True)).get(name)


def by_torch(case: Case, data: Pair) -> tuple[Run, Run] | tuple[None, None]:
    """Return PyTorch's forward pass, and its forward and backward pass."""
    loss = F.kl_div if case.kind == "log chance" else case.torch
    if loss is None:
        return None, None
    x, t = torch.tensor(data[0], requires_grad=True), torch.tensor(data[1])

    def forward() -> Any:
        with torch.no_grad():
            return loss(x, t)

    def both() -> Any:
        x.grad = None
        value = loss(x, t)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    return forward, both


def temporaries(run: Run, size: int) -> float:
    """Return the most memory that a run holds at once, in arrays of `size` float64."""
    run()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (8 * size)


def with_mean(loss: Any) -> Any:
    """Return the loss of a case with a mean in place of single terms."""
    other = type(loss).__new__(type(loss))
    vars(other).update(vars(loss) | {"reduction": "mean"})
    return other


def report(sizes: Sequence[int] = SIZES, only: str = "") -> Iterator[str]:
    """Yield the table line by line: losses whose name begins with `only`, at these sizes."""
    torch.set_num_threads(1)
    threadpool_limits(1)  # the linear algebra below NumPy
    yield (
        "Processor's time in ms with one thread, of the value, then of value and gradient together (in brackets: times "
        "lossbook). Memory: peak, in arrays of the input's size"
    )
    yield f"{'loss':<58}{'numbers':>11}{'value':>9}{'PyTorch':>18}{'both':>10}{'memory':>8}" + "".join(
        f"{name:>18}" for name in COLUMNS
    )
    for case in CASES:
        if case.kind not in FLAT + ROWS or not str(case).startswith(only):
            continue
        for count in sizes:
            yield _line(case, count)
    if "kl_divergence".startswith(only):
        for count in sizes:
            yield _line_of_divergence(count)


def _line(case: Case, count: int) -> str:
    loss, data, name = with_mean(case.loss), pair(case, count), str(case)
    forward, both = by_torch(case, data)
    own, theirs = milliseconds([lambda: loss.loss(*data), forward])
    naive, scipy, sklearn = NAIVE.get(name), by_scipy(name), by_sklearn(name)
    of_naive = None if naive is None else lambda: naive(*data)
    others = [of_naive, both, scipy and scipy(data), sklearn and sklearn(data)]
    together, *peers = milliseconds([lambda: loss.loss_and_grad(*data), *others])
    memory = temporaries(lambda: loss.loss_and_grad(*data), data[0].size)
    cells = "".join(f"{_ratio(peer, together):>18}" for peer in peers)
    return (
        f"{name:<58.58}{count:>11,}{own or 0:>9.3f}{_ratio(theirs, own):>18}{together or 0:>10.3f}{memory:>8.1f}{cells}"
    )


def _line_of_divergence(count: int) -> str:
    """Return the line of the divergence of whole rows, which has a value only."""
    p, q = (softmax(np.random.default_rng(seed).normal(size=(count // 10, 10))) for seed in (0, 1))
    first, second = torch.tensor(p), torch.tensor(q)

    def by_special() -> Any:
        from scipy import special

        return special.rel_entr(p, q).sum(axis=1)

    def by_naive() -> Any:
        return (p * np.log(p / q)).sum(axis=1)

    def by_pytorch() -> Any:
        return F.kl_div(second.log(), first, reduction="none").sum(1)

    own, *peers = milliseconds([lambda: information.kl_divergence(p, q), by_naive, by_pytorch, by_special])
    memory = temporaries(lambda: information.kl_divergence(p, q), p.size)
    naive, pytorch, scipy = (f"{_ratio(peer, own):>18}" for peer in peers)
    first_half = f"{'information.kl_divergence':<58}{count:>11,}{own or 0:>9.3f}{pytorch}"
    return f"{first_half}{'':>10}{memory:>8.1f}{naive}{'':>18}{scipy}"


def _ratio(theirs: float | None, own: float | None) -> str:
    return "" if theirs is None or own is None else f"{theirs:.3f} ({theirs / own:.2f}×)"


def main() -> None:
    """Print the table as far as the command line asks for it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="?", default="", help="what the losses' names begin with")
    parser.add_argument("--sizes", type=lambda text: [int(float(size)) for size in text.split(",")], default=SIZES)
    arguments = parser.parse_args()
    for line in report(arguments.sizes, arguments.only):
        print(line, flush=True)


if __name__ == "__main__":
    main()
