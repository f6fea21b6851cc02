"""How long value and gradient take together, and how much memory, beside naive NumPy and other libraries."""

from __future__ import annotations

import timeit
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossbook.functions import log_softmax
from yardstick.cases import CASES, Case

Pair = tuple[NDArray[Any], NDArray[Any]]


def milliseconds(run: Callable[[], Any]) -> float:
    """Return the shortest of several runs: what the others add is somebody else's."""
    once = timeit.timeit(run, number=1)
    number = max(1, int(0.02 / max(once, 1e-7)))
    return 1e3 * min(timeit.repeat(run, number=number, repeat=7)) / number


def pair(case: Case, count: int) -> Pair:
    """Return predictions and targets with `count` numbers in the predictions."""
    chance = np.random.default_rng(0)
    x = 3 * chance.normal(size=count)
    flat: dict[str, Callable[[], NDArray[Any]]] = {
        "residual": lambda: chance.normal(size=count),
        "margin": lambda: chance.choice([-1.0, 1.0], count),
        "logit": lambda: chance.choice([0.0, 1.0], count),
        "hard logit": lambda: chance.choice([0.0, 1.0], count),
        "chance": lambda: chance.choice([0.0, 1.0], count),
    }
    if case.kind in flat:
        return (chance.uniform(size=count) if case.kind == "chance" else x), flat[case.kind]()
    z = x[: count // 10 * 10].reshape(-1, 10)
    if case.kind == "log classes":
        z = log_softmax(z)
    return z, chance.integers(0, 10, len(z))


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
    "CrossEntropyLoss(label_smoothing=0.0, temperature=1.0) on classes": naive_cross_entropy,
}


def by_scipy(name: str) -> Callable[[Pair], Callable[[], Any]] | None:
    """Return what SciPy offers: values only, so the gradient is written beside it."""
    try:
        from scipy import special
    except ImportError:
        return None

    def huber(data: Pair) -> Callable[[], Any]:
        x, t = data
        return lambda: (special.huber(1.345, x - t).mean(), np.clip(x - t, -1.345, 1.345) / x.size)

    def logistic(data: Pair) -> Callable[[], Any]:
        x, y = data
        return lambda: (-special.log_expit(y * x).mean(), -y * special.expit(-y * x) / x.size)

    def cross_entropy(data: Pair) -> Callable[[], Any]:
        x, y = data
        rows = np.arange(len(x))

        def run() -> Any:
            log_p = special.log_softmax(x, axis=1)
            p = np.exp(log_p)
            p[rows, y] -= 1
            return -log_p[rows, y].mean(), p / len(x)

        return run

    return dict(zip(NAIVE, (huber, logistic, cross_entropy), strict=True)).get(name)


def by_sklearn(name: str) -> Callable[[Pair], Callable[[], Any]] | None:
    """Return scikit-learn's compiled loss with one thread."""
    try:
        from sklearn._loss import loss as compiled
    except ImportError:
        return None

    def run_of(theirs: Any, labels: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Pair], Callable[[], Any]]:
        def prepare(data: Pair) -> Callable[[], Any]:
            x, t = data[0], labels(data[1])

            def run() -> Any:
                terms, slopes = theirs.loss_gradient(t, x)
                return terms.mean(), slopes / len(terms)

            return run

        return prepare

    peers = (
        run_of(compiled.HuberLoss(delta=1.345), lambda t: t),
        run_of(compiled.HalfBinomialLoss(), lambda y: (y + 1) / 2),
        run_of(compiled.HalfMultinomialLoss(n_classes=10), lambda y: y.astype(float)),
    )
    return dict(zip(NAIVE, peers, strict=True)).get(name)


def by_torch(case: Case, data: Pair) -> Callable[[], Any] | None:
    """Return PyTorch's forward and backward pass."""
    if case.torch is None:
        return None
    loss, x, t = case.torch, torch.tensor(data[0], requires_grad=True), torch.tensor(data[1])

    def run() -> Any:
        x.grad = None
        value = loss(x, t)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    return run


def temporaries(run: Callable[[], Any], size: int) -> float:
    """Return the most memory that a run holds at once, in arrays of `size` float64."""
    run()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (8 * size)


def report() -> Iterator[str]:
    """Yield the table line by line."""
    torch.set_num_threads(2)
    yield "Value and gradient together, ms (in brackets: times lossbook). Memory: peak, in arrays of the input's size"
    yield f"{'loss':<58}{'numbers':>9}{'lossbook':>10}{'memory':>8}" + "".join(
        f"{name:>18}" for name in ("naive NumPy", "PyTorch", "SciPy", "scikit-learn")
    )
    for case in CASES:
        if case.kind not in ("residual", "margin", "logit", "hard logit", "chance", "classes", "log classes"):
            continue
        if _bound_to_three_classes(case):
            continue
        loss = type(case.loss).__new__(type(case.loss))
        vars(loss).update(vars(case.loss) | {"reduction": "mean"})
        for count in (1000, 1_000_000):
            data = pair(case, count)
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                own = milliseconds(lambda: loss.loss_and_grad(*data))  # noqa: B023
                memory = temporaries(lambda: loss.loss_and_grad(*data), data[0].size)  # noqa: B023
                name = str(case)
                naive, scipy, sklearn = NAIVE.get(name), by_scipy(name), by_sklearn(name)
                runs = [
                    None if naive is None else lambda: naive(*data),  # noqa: B023
                    by_torch(case, data),
                    None if scipy is None else scipy(data),
                    None if sklearn is None else sklearn(data),
                ]
                cells = ["" if run is None else _ratio(milliseconds(run), own) for run in runs]
            yield f"{name:<58.58}{count:>9,}{own:>10.3f}{memory:>8.1f}" + "".join(f"{cell:>18}" for cell in cells)


def _bound_to_three_classes(case: Case) -> bool:
    return any(getattr(case.loss, name, None) is not None for name in ("weight", "alpha")) and case.kind == "classes"


def _ratio(theirs: float, own: float) -> str:
    return f"{theirs:.3f} ({theirs / own:.2f}×)"


if __name__ == "__main__":
    for line in report():
        print(line, flush=True)
