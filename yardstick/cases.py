"""Every loss that takes predictions and targets, with its formula, its rows and its likeness in PyTorch.

A case has the loss, its formula, rows of ordinary and extreme input, and what kind of input it takes.
A row is one independent part of a batch: a single prediction, or the scores of all classes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
import torch
from sympy import Rational
from torch.nn import functional as F  # noqa: N812

from lossbook import losses as L  # noqa: N812
from lossbook.symbolic import losses as S  # noqa: N812

Row = tuple[tuple[float, ...], Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One loss with its parameters set.

    Attributes
    ----------
    loss : Loss
        With ``reduction="none"`` where it has that.
    formula : callable
        Takes the symbols of a row's predictions and its target; returns the row's term.
    rows : list
        Predictions and target of rows whose term and gradient are compared with the truth.
    kind : str
        What input it takes; see `inputs` in tests/test_every_loss.py.
    torch : callable, optional
        PyTorch's loss, or a composition of PyTorch's functions, with a mean.
    scale : callable, optional
        For a row: the largest of the terms of order one that may cancel in the value, and in each slope.
    link : callable, optional
        From the best prediction to the probability of the label 1 (of each class), for proper losses.
    """

    loss: Any
    formula: Callable[[Sequence[Any], Any], sympy.Expr]
    rows: list[Row]
    kind: str
    torch: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None
    scale: Callable[[Sequence[float], Any], tuple[float, Sequence[float]]] | None = None
    link: Callable[[Any], Any] | None = None

    def __str__(self) -> str:
        unsaid = ("reduction", "edges", "class_vectors")
        set_ = [
            f"{name}={value}" for name, value in vars(self.loss).items()
            if name not in unsaid and value is not None and (name, value) != ("ignore_index", -100)
        ]  # fmt: skip
        return f"{type(self.loss).__name__}({', '.join(set_)}) on {self.kind}"


def exact(number: Any) -> Any:
    """Return a number as SymPy has it exactly: a float is a fraction."""
    if isinstance(number, float):
        return {math.inf: sympy.oo, -math.inf: -sympy.oo}.get(number, Rational(number) if math.isfinite(number) else 0)
    return number


SIZES = [1e-300, 1e-150, 1e-20, 1e-12, 1e-8, 1e-3, 0.1, 0.5, 0.999999, 1.3, 2.0, 5.0, 37.0, 300.0, 700.0, 1e3, 1e5]
SIZES += [1e8, 1e10, 1e20, 1e100, 1e150]
RESIDUAL_ROWS: list[Row] = [((sign * size,), 0.0) for size in SIZES for sign in (1.0, -1.0)]
RESIDUAL_ROWS += [((0.0,), 0.0), ((0.3,), 0.1), ((-2.5,), 1.25), ((1e8,), 1e8 - 1.0), ((7.0,), 7.0 - 2.0**-40)]

LOGITS = [0.0, 1e-300, 1e-20, 1e-8, 0.3, 1.0, 5.0, 37.0, 88.0, 300.0, 700.0, 1e3, 1e20]
LOGITS = sorted({sign * z for z in LOGITS for sign in (1.0, -1.0)})
MARGIN_ROWS: list[Row] = [((z,), y) for z in LOGITS for y in (-1.0, 1.0)]
BINARY_ROWS: list[Row] = [((z,), t) for z in LOGITS for t in (0.0, 1.0)]
SOFT_ROWS: list[Row] = [((z,), t) for z in LOGITS for t in (0.25, 1e-300, 1 - 2.0**-53)]
CHANCES = [1e-300, 1e-20, 1e-8, 0.3, 0.5, 0.9, 1 - 1e-8, 1 - 2.0**-53]
CHANCE_ROWS: list[Row] = [((p,), t) for p in CHANCES for t in (0.0, 1.0)]

SCORES = [
    (0.0, 0.0, 0.0), (1e-20, 0.0, -1e-20), (1e-8, 0.0, 3e-8), (0.3, -2.0, 5.0), (10.0, 0.0, -10.0), (8.0, 8.0, 8.0),
    (37.0, 0.0, -37.0), (300.0, 299.5, -300.0), (700.0, 0.0, 699.0), (1e3, -1e3, 0.0), (-700.0, 0.25, -37.0),
    (1e20, 0.0, -1e20), (-1e20, 5.0, 5.25),
]  # fmt: skip
CLASS_ROWS: list[Row] = [(z, y) for z in SCORES for y in range(3)]
# Without rows whose two worst classes are equally bad: there the worst one has several slopes.
UNTIED_ROWS = [(z, y) for z, y in CLASS_ROWS[3:] if len({z[k] - z[y] for k in range(3) if k != y}) == 2]
SOFT_CLASS_ROWS: list[Row] = [
    (z, t) for z in SCORES[:-2] for t in ((0.5, 0.25, 0.25), (0.0, 1.0, 0.0), (1e-3, 0.0, 1 - 1e-3))
]
LOG_ROWS: list[Row] = [
    (p, y) for p in ((-1e-20, -46.0, -46.5), (-1.0, -0.7, -2.0), (-745.0, -1e-300, -700.0)) for y in range(3)
]
DISTRIBUTIONS = [(0.5, 0.25, 0.25), (0.0, 1.0, 0.0), (1e-300, 1e-3, 1 - 1e-3), (1 / 3, 1 / 3, 1 - 2 / 3)]
SIMPLEX_ROWS: list[Row] = [(p, y) for p in DISTRIBUTIONS for y in range(3)]
TEACHER_ROWS: list[Row] = [
    (z, b)
    for z in SCORES[:-2]
    for b in ((0.3, -2.0, 5.0), (10.0, 0.0, -10.0), tuple(a + d for a, d in zip(z, (1e-9, -2e-8, 0.0), strict=True)))
]
FEATURE_ROWS: list[Row] = [
    (x, y)
    for x in ((1.0, 0.5), (-2.0, 0.25), (1e-8, -3e-8), (0.1, 3.0), (-4.0, -5.0), (12.0, -9.0), (1e-300, 1e-300))
    for y in range(3)
]
VECTORS = ((1.0, 0.25), (-0.5, 1.5), (-0.75, -1.0))
EDGES = (-2.0, -0.5, 0.0, 1.0, 4.0)
# Mean and log-variance. The last rows: far off under a wide noise, and a speck off under a narrow one.
WIDTH_ROWS: list[Row] = [
    *(
        ((m, s), t)
        for m, t in ((0.0, 0.0), (0.3, 0.1), (-2.5, 1.25), (1e8, 1e8 - 1.0), (1e-8, 0.0), (37.0, -0.5))
        for s in (0.0, 1e-20, -1.0, 5.0, -30.0, 80.0)
    ),
    ((1e300, 1300.0), -1e300), ((1.7e308, 1415.0), -1.7e308), ((1e-300, -700.0), 0.0), ((1e-300, -1500.0), 0.0),
]  # fmt: skip
BINS_ROWS: list[Row] = [
    (z, y) for z in ((0.0, 0.0, 0.0, 0.0), (1.0, -2.0, 0.5, 3.0), (37.0, 0.0, -37.0, 5.0), (700.0, -1.0, 0.0, 2.0))
    for y in (-2.0, -0.25, 0.0, 0.9, 4.0)
]  # fmt: skip


def residual(name: str, torch_loss: Any = None, rows: list[Row] = RESIDUAL_ROWS, **options: Any) -> Case:
    """Return the case of a loss of the residual."""
    formula = {key: value if isinstance(value, bool) else exact(value) for key, value in options.items()}
    return Case(
        getattr(L, name)(reduction="none", **options),
        lambda x, t: getattr(S, name)(x[0] - t, **formula),
        rows,
        "residual",
        torch_loss,
    )


def margin(name: str, torch_loss: Any = None, link: Any = None, **options: Any) -> Case:
    """Return the case of a loss of the margin."""
    formula = {key: exact(value) for key, value in options.items()}
    twin = getattr(S, name)
    loss = getattr(L, name)(reduction="none", **options)
    return Case(loss, lambda x, t: twin(x[0] * t, **formula), MARGIN_ROWS, "margin", torch_loss, link=link)


def chance(name: str, torch_loss: Any = None, link: Any = None, **options: Any) -> Case:
    """Return the case of a loss of the probability that was given to what happens."""
    formula = {key: exact(value) for key, value in options.items()}

    def mean(x: Sequence[Any], t: Any) -> sympy.Expr:
        # What never happens costs nothing, and what it would cost may be infinite.
        parts = ((t, x[0]), (1 - t, 1 - x[0]))
        return sum(sympy.Piecewise((0, sympy.Eq(c, 0)), (c * getattr(S, name)(p, **formula), True)) for c, p in parts)

    return Case(getattr(L, name)(reduction="none", **options), mean, CHANCE_ROWS, "chance", torch_loss, link=link)


def sigmoid(z: Any) -> Any:
    """Return the probability of a logit."""
    return 1 / (1 + np.exp(-np.asarray(z)))


def softmax(z: Any) -> Any:
    """Return the probabilities of logits."""
    powers = np.exp(np.asarray(z) - np.max(z))
    return powers / powers.sum()


def torch_focal(gamma: float, alpha: float | None) -> Any:
    """Return focal loss as one would write it in PyTorch."""

    def loss(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        p = torch.sigmoid(x) * t + torch.sigmoid(-x) * (1 - t)
        weight = 1 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
        return (weight * (1 - p) ** gamma * F.binary_cross_entropy_with_logits(x, t, reduction="none")).mean()

    return loss


def one(values: Any) -> list[Any]:
    """Return 1 at the index and 0 elsewhere."""
    return [int(k == values) for k in range(3)]


def of_order_one(x: Sequence[float], t: Any) -> tuple[float, Sequence[float]]:
    """Slopes are differences of two probabilities."""
    return 0.0, [1.0] * len(x)


def soft_scale(x: Sequence[float], t: Any) -> tuple[float, Sequence[float]]:
    """Slopes are differences of the two probabilities p and t."""
    p = softmax(x)
    return 0.0, [max(a, b) for a, b in zip(p, t, strict=True)]


REGRESSION = [
    residual("L1Loss", F.l1_loss),
    residual("MSELoss", F.mse_loss),
    residual("MSELoss", lambda x, t: F.mse_loss(x, t) / 2, half=True),
    residual("SmoothL1Loss", lambda x, t: F.smooth_l1_loss(x, t, beta=0.5), beta=0.5),
    residual("SmoothL1Loss", lambda x, t: F.smooth_l1_loss(x, t, beta=0.0), beta=0.0),
    residual("HuberLoss", lambda x, t: F.huber_loss(x, t, delta=1.345), delta=1.345),
    residual("HuberLoss", lambda x, t: F.huber_loss(x, t, delta=0.25), delta=0.25),
    residual("PseudoHuberLoss", lambda x, t: 0.5625 * (torch.sqrt(1 + ((x - t) / 0.75) ** 2) - 1).mean(), delta=0.75),
    residual("LogCoshLoss", lambda x, t: (torch.logaddexp(x - t, t - x) - math.log(2)).mean()),
    residual("QuantileLoss", lambda x, t: torch.maximum(0.75 * (x - t), 0.25 * (t - x)).mean(), q=0.25),
    residual("EpsilonInsensitiveLoss", lambda x, t: F.relu((x - t).abs() - 0.25).mean(), epsilon=0.25),
    residual("CauchyLoss", lambda x, t: 2 * torch.log1p(((x - t) / 2) ** 2).mean(), c=2.0),
    residual("TukeyBiweightLoss", None, c=3.0),
    *(
        residual("GeneralRobustLoss", None, alpha=alpha, c=0.5)
        for alpha in (2.0, 2 - 1e-8, 1 + 1e-8, 1.0, 1e-8, 0.0, -1e-8, -2.0, 1.5, 0.5, 3.0, -math.inf, math.inf)
    ),
    *(
        Case(
            L.AdaptiveRobustLoss(alpha, c, reduction="none"),
            lambda x, t, a=int(alpha), c=exact(c): S.AdaptiveRobustLoss(x[0] - t, a, c),
            RESIDUAL_ROWS,
            "residual",
            scale=lambda x, t: (1.0, [0.0]),
        )
        for alpha, c in ((0.0, 1.0), (1.0, 0.5), (2.0, 3.0))
    ),
    Case(
        L.RMSELoss(),
        lambda x, t: S.RMSELoss([a - b for a, b in zip(x, t, strict=True)]),
        [((1.0, -2.0, 0.5), (0.0, 0.0, 0.25)), ((1e150, -1e150, 1e-3), (0.0, 0.0, 0.0)),
         ((1e-200, 2e-200, -1e-200), (0.0, 0.0, 0.0)), ((1e300, 1e300, 0.0), (-1e300, 0.0, 0.0))],
        "batch",
        lambda x, t: torch.sqrt(F.mse_loss(x, t)),
    ),
    Case(
        L.GaussianNLLLoss(reduction="none"),
        lambda x, t: S.GaussianNLLLoss(x[0], x[1], exact(t)),
        WIDTH_ROWS,
        "width",
        lambda x, t: F.gaussian_nll_loss(x[:, 0], t, x[:, 1].exp(), eps=1e-12),
        # The price of the width and what it saves may cancel, as may the two parts of its slope.
        scale=lambda x, t: (1 + abs(x[1]), [0.0, 1.0]),
    ),
    *(
        Case(
            L.BinnedCrossEntropyLoss(EDGES, sigma=sigma, reduction="none"),
            lambda x, t, s=exact(sigma): S.BinnedCrossEntropyLoss(x, exact(t), [exact(e) for e in EDGES], s),
            BINS_ROWS,
            "bins",
            scale=of_order_one,
        )
        for sigma in (0.0, 0.5)
    ),
]  # fmt: skip

BINARY = [
    margin("ZeroOneLoss"),
    margin("HingeLoss", lambda x, t: F.relu(1.5 - x * t).mean(), margin=1.5),
    margin("SquaredHingeLoss", lambda x, t: (F.relu(0.5 - x * t) ** 2).mean(), lambda f: (f / 0.5 + 1) / 2, margin=0.5),
    margin("ExponentialLoss", lambda x, t: torch.exp(-x * t).mean(), lambda f: sigmoid(2 * f)),
    margin("LogisticLoss", F.soft_margin_loss, sigmoid),
    Case(
        L.BCEWithLogitsLoss(reduction="none"), lambda x, t: S.BCEWithLogitsLoss(x[0], t), BINARY_ROWS + SOFT_ROWS,
        "logit", F.binary_cross_entropy_with_logits, of_order_one, sigmoid,
    ),
    Case(
        L.BCEWithLogitsLoss(pos_weight=2.5, reduction="none"), lambda x, t: S.BCEWithLogitsLoss(x[0], t, exact(2.5)),
        BINARY_ROWS, "logit", lambda x, t: F.binary_cross_entropy_with_logits(x, t, pos_weight=torch.tensor(2.5)),
    ),
    Case(
        L.BCELoss(reduction="none"), lambda x, t: S.BCELoss(x[0], t), CHANCE_ROWS, "chance", F.binary_cross_entropy,
        None, lambda p: p,
    ),
    *(
        Case(
            L.SigmoidFocalLoss(gamma=gamma, alpha=alpha, reduction="none"),
            lambda x, t, g=exact(gamma), a=exact(alpha): S.SigmoidFocalLoss(x[0], int(t), g, a),
            BINARY_ROWS, "hard logit", torch_focal(gamma, alpha), None, sigmoid,
        )
        for gamma, alpha in ((2.0, None), (0.5, 0.25), (0.0, None), (5.0, 0.5))
    ),
]  # fmt: skip

CLASSES = [
    Case(
        L.NLLLoss(reduction="none"), lambda x, t: S.NLLLoss(x, t), LOG_ROWS, "log classes", F.nll_loss,
    ),
    Case(
        L.CrossEntropyLoss(reduction="none"), lambda x, t: S.CrossEntropyLoss(x, one(t)), CLASS_ROWS, "classes",
        F.cross_entropy, None, softmax,
    ),
    *(
        Case(
            L.CrossEntropyLoss(temperature=temperature, reduction="none"),
            lambda x, t, c=exact(temperature): S.CrossEntropyLoss(x, one(t), temperature=c), CLASS_ROWS, "classes",
            lambda x, t, c=temperature: F.cross_entropy(x / c, t),
        )
        for temperature in (0.5, 3.0)
    ),
    Case(
        L.CrossEntropyLoss(weight=[1.0, 0.25, 4.0], reduction="none"),
        lambda x, t: S.CrossEntropyLoss(x, one(t), weight=(1, exact(0.25), 4)), CLASS_ROWS, "classes",
        lambda x, t: F.cross_entropy(x, t, weight=torch.tensor([1.0, 0.25, 4.0], dtype=x.dtype)),
    ),
    Case(
        L.CrossEntropyLoss(reduction="none"), lambda x, t: S.CrossEntropyLoss(x, [exact(p) for p in t]),
        SOFT_CLASS_ROWS, "soft classes", F.cross_entropy, soft_scale, softmax,
    ),
    Case(
        L.CrossEntropyLoss(label_smoothing=0.1, reduction="none"),
        lambda x, t: S.CrossEntropyLoss(x, [(1 - exact(0.1)) * hot + exact(0.1) / 3 for hot in one(t)]),
        CLASS_ROWS[:-6], "classes", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), of_order_one, softmax,
    ),
    *(
        Case(
            L.SoftmaxFocalLoss(gamma=gamma, alpha=alpha, reduction="none"),
            lambda x, t, g=exact(gamma), a=alpha: S.SoftmaxFocalLoss(x, t, g, a and [exact(w) for w in a]),
            CLASS_ROWS, "classes", None, None, softmax,
        )
        for gamma, alpha in ((2.0, None), (0.5, [0.5, 0.25, 2.0]), (0.0, None))
    ),
    *(
        Case(
            L.Poly1Loss(epsilon=epsilon, reduction="none"), lambda x, t, e=exact(epsilon): S.Poly1Loss(x, t, e),
            CLASS_ROWS, "classes", lambda x, t, e=epsilon: (
                F.cross_entropy(x, t) + e * (1 - torch.softmax(x, 1).gather(1, t[:, None])).mean()
            ), None, softmax,
        )
        for epsilon in (1.0, -1.0, 0.0, 4.0)
    ),
    *(
        Case(
            L.LargeMarginSoftmaxLoss(VECTORS, margin=m, reduction="none"),
            lambda x, t, m=m: S.LargeMarginSoftmaxLoss(x, [[exact(w) for w in row] for row in VECTORS], t, m),
            FEATURE_ROWS, "features", scale=lambda x, t: (0.0, [1.0, 1.0]),
        )
        for m in (1, 2, 4)
    ),
    *(
        Case(
            L.MultiMarginLoss(p=p, margin=0.75, weight=None, form=form, reduction="none"),
            lambda x, t, p=p, form=form: S.MultiMarginLoss(x, t, p, exact(0.75), form=form), UNTIED_ROWS, "classes",
            (lambda x, t, p=p: F.multi_margin_loss(x, t, p, 0.75)) if form == "weston-watkins" else None,
        )
        for p in (1, 2) for form in ("weston-watkins", "crammer-singer")
    ),
    *(
        Case(
            L.DistillationLoss(temperature=temperature, reduction="none"),
            lambda x, t, c=exact(temperature): S.DistillationLoss(x, [exact(b) for b in t], c), TEACHER_ROWS,
            "teacher", lambda x, t, c=temperature: c * c * F.kl_div(
                F.log_softmax(x / c, 1), F.log_softmax(t / c, 1), reduction="batchmean", log_target=True
            ), lambda x, t, c=temperature: (0.0, [c] * len(x)), softmax,
        )
        for temperature in (1.0, 4.0)
    ),
    Case(
        L.KLDivLoss(reduction="none"), lambda x, t: S.KLDivLoss(x, [t]), [
            ((x,), t) for x in (-1e-20, -0.7, -37.0, -745.0) for t in (1e-300, 0.25, 1.0)
        ], "log chance", None,
    ),
    Case(
        L.BrierLoss(reduction="none"), lambda x, t: S.BrierLoss(x, one(t)), SIMPLEX_ROWS, "simplex",
        lambda x, t: ((x - F.one_hot(t, x.shape[1])) ** 2).sum(1).mean(), of_order_one, lambda p: p,
    ),
]  # fmt: skip

CASES = REGRESSION + BINARY + CLASSES
