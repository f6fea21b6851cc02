"""The same losses in other libraries: value and slopes of single rows, in float64, as their users would call them.

Each peer gives for a case a function of (predictions, targets) that returns terms, and slopes or None. A library that
is not installed has no entries, and the table says so.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from yardstick.cases import Case

Answer = tuple[NDArray[Any], NDArray[Any] | None]
Peer = Callable[[NDArray[Any], NDArray[Any]], Answer]


def by_torch(case: Case) -> Peer | None:
    """Return PyTorch's loss of each row alone, with autograd's slopes."""
    if case.torch is None or getattr(case.loss, "weight", None) is not None:  # the mean of one row has no weight
        return None

    def answer(x: NDArray[Any], t: NDArray[Any]) -> Answer:
        assert case.torch is not None
        row = torch.tensor(x, requires_grad=True)
        value = case.torch(row, torch.tensor(t)).sum()
        (slopes,) = torch.autograd.grad(value, row)
        return np.array([value.item()]), slopes.numpy()

    return answer


def by_scipy(case: Case) -> Peer | None:
    """Return SciPy's special function, where there is one; it has no slopes."""
    if importlib.util.find_spec("scipy") is None:
        return None
    from scipy import special

    loss: Any = case.loss
    functions: dict[str, Callable[[NDArray[Any], NDArray[Any]], Any]] = {
        "HuberLoss": lambda x, t: special.huber(loss.delta, x - t),
        "PseudoHuberLoss": lambda x, t: special.pseudo_huber(loss.delta, x - t),
        "LogisticLoss": lambda x, t: -special.log_expit(x * t),
        "BCEWithLogitsLoss": lambda x, t: -t * special.log_expit(x) - (1 - t) * special.log_expit(-x),
        "BCELoss": lambda p, t: -special.xlogy(t, p) - special.xlog1py(1 - t, -p),
        "CrossEntropyLoss": lambda x, t: -special.log_softmax(x, axis=1)[np.arange(len(x)), t],
    }
    plain = getattr(loss, "temperature", 1) == 1 and not getattr(loss, "label_smoothing", 0)
    unweighted = getattr(loss, "weight", None) is None and getattr(loss, "pos_weight", None) is None
    function = functions.get(type(loss).__name__)
    if function is None or not (plain and unweighted) or case.kind == "soft classes":
        return None
    return lambda x, t: (np.asarray(function(x, t)), None)


def by_sklearn(case: Case) -> Peer | None:
    """Return scikit-learn's compiled loss, where there is one."""
    if importlib.util.find_spec("sklearn") is None:
        return None
    from sklearn._loss import loss as compiled

    loss: Any = case.loss
    name = type(loss).__name__
    theirs: Any = None
    if name == "MSELoss" and loss.half:
        theirs = compiled.HalfSquaredError()
    elif name == "L1Loss":
        theirs = compiled.AbsoluteError()
    elif name == "HuberLoss":
        theirs = compiled.HuberLoss(delta=loss.delta)
    elif name == "QuantileLoss":
        theirs = compiled.PinballLoss(quantile=loss.q)
    elif name == "BCEWithLogitsLoss" and loss.pos_weight is None:
        theirs = compiled.HalfBinomialLoss()
    elif name == "CrossEntropyLoss" and case.kind == "classes" and _plain(loss):
        theirs = compiled.HalfMultinomialLoss(n_classes=3)
    elif name == "ExponentialLoss":
        theirs = compiled.ExponentialLoss()
    if theirs is None:
        return None

    def answer(x: NDArray[Any], t: NDArray[Any]) -> Answer:
        labels = t.astype(np.float64)
        terms, slopes = theirs.loss_gradient((labels + 1) / 2 if name == "ExponentialLoss" else labels, x)
        return terms, slopes

    return answer


def by_optax(case: Case) -> Peer | None:
    """Return Optax's loss with JAX's slopes, where there is one."""
    if importlib.util.find_spec("optax") is None:
        return None
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    loss: Any = case.loss
    o: Any = optax.losses
    hot = lambda t: jax.nn.one_hot(t, 3, dtype="float64")  # noqa: E731
    functions: dict[str, Callable[..., Any]] = {
        "HuberLoss": lambda x, t: o.huber_loss(x, t, delta=loss.delta),
        "LogCoshLoss": o.log_cosh,
        "BCEWithLogitsLoss": o.sigmoid_binary_cross_entropy,
        "CrossEntropyLoss": lambda x, t: (
            o.softmax_cross_entropy(x, t) if case.kind == "soft classes"
            else o.softmax_cross_entropy_with_integer_labels(x, t)
        ),
        "Poly1Loss": lambda x, t: o.poly_loss_cross_entropy(x, hot(t), epsilon=loss.epsilon),
        "SigmoidFocalLoss": lambda x, t: o.sigmoid_focal_loss(x, t, alpha=loss.alpha, gamma=loss.gamma),
        "KLDivLoss": o.kl_divergence,
    }  # fmt: skip
    if type(loss).__name__ == "MSELoss":
        functions["MSELoss"] = o.l2_loss if loss.half else o.squared_error
    function = functions.get(type(loss).__name__)
    if function is None or not _plain(loss) or getattr(loss, "pos_weight", None) is not None:
        return None

    def answer(x: NDArray[Any], t: NDArray[Any]) -> Answer:
        def total(at: Any) -> Any:
            return function(at, t).sum()

        value, slopes = jax.value_and_grad(total)(jax.numpy.asarray(x))
        return np.array([float(value)]), np.asarray(slopes)

    return answer


def _plain(loss: Any) -> bool:
    smoothing = getattr(loss, "label_smoothing", 0) or getattr(loss, "weight", None) is not None
    return getattr(loss, "temperature", 1) == 1 and not smoothing


#: The libraries by name, in the order of the table.
PEERS: dict[str, Callable[[Case], Peer | None]] = {
    "PyTorch": by_torch,
    "SciPy": by_scipy,
    "scikit-learn": by_sklearn,
    "Optax": by_optax,
}
_MODULES = {"PyTorch": "torch", "SciPy": "scipy", "scikit-learn": "sklearn", "Optax": "optax"}


def installed(name: str) -> bool:
    """Say whether a library is there."""
    return importlib.util.find_spec(_MODULES[name]) is not None
