"""What the book's figures draw as a loss or its slope is the loss of the NumPy library, and its gradient.

To add a figure, add rows to the table: figure, panel, mark, and what it must draw there (see `drawn.row`).
"""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
from drawn import Row, built, compare, mark_of, row, settings_of, slope, value

from lossbook import functions, information
from lossbook import losses as L  # noqa: N812
from lossbook.figures import all_figures, regression
from lossbook.live import Segment, Trajectory
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid

# Each loss takes `value` or `slope` first.
SHAPES = [
    ("bounded", "absolute", lambda f, x, p: f(L.L1Loss, x)),
    ("bounded", "Huber", lambda f, x, p: f(L.HuberLoss, x, delta=p.s)),
    ("bounded", "smooth L1", lambda f, x, p: f(L.SmoothL1Loss, x, beta=p.s)),
    ("bounded", "pseudo-Huber", lambda f, x, p: f(L.PseudoHuberLoss, x, delta=p.s)),
    ("bounded", "log-cosh", lambda f, x, p: f(L.LogCoshLoss, x)),
    ("fading", "Huber", lambda f, x, p: f(L.HuberLoss, x, delta=p.s)),
    ("fading", "Cauchy", lambda f, x, p: f(L.CauchyLoss, x, c=p.s)),
    ("fading", "Tukey", lambda f, x, p: f(L.TukeyBiweightLoss, x, c=p.s)),
]
WAITING = [-3 * math.log((10 - n) / 10) for n in range(1, 10)]


def barron(f, x, p):
    return f(L.GeneralRobustLoss, x, alpha=-math.inf if p.welsch else p.alpha, c=p.c)


def mean_over(terms):
    return sum(terms) / len(terms)


def residuals(p):
    """Return the residuals of the figure of Huber's δ."""
    return [*(i / 4 for i in range(1, 8)), p.far]


REGRESSION = [
    *(row(f"regression.{name}", 0, "chosen", lambda x, p, f=f: f(value, x, p), loss=loss) for name, loss, f in SHAPES),
    *(row(f"regression.{name}", 0, 2, lambda x, p, f=f: f(value, x, p), loss=loss) for name, loss, f in SHAPES),
    *(row(f"regression.{name}", 1, 1, lambda x, p, f=f: f(slope, x, p), loss=loss) for name, loss, f in SHAPES),
    *(row(f"regression.{name}", 1, 2, lambda x, p, f=f: f(slope, x, p), loss=loss) for name, loss, f in SHAPES),
    *(row(f"regression.{name}", 2, 1, lambda x, p, f=f: np.exp(-f(value, x, p) / p.T), loss=loss)
      for name, loss, f in SHAPES),
    *(
        row(f"regression.{name}", panel, 0, lambda x, p, f=f: f(L.MSELoss, x, half=True))
        for name in ("bounded", "fading") for panel, f in enumerate((value, slope))
    ),
    row("regression.mean_to_median", 0, 0, lambda x, p: mean_over(
        [value(L.HuberLoss, x - getattr(p, f"x{i}"), delta=p.delta) for i in range(1, 6)]) / p.delta),
    row("regression.tilted", 0, "τ = ½", lambda x, p: value(L.QuantileLoss, x, q=0.5)),
    row("regression.tilted", 0, "chosen τ", lambda x, p: value(L.QuantileLoss, x, q=p.tau)),
    row("regression.tilted", 1, 0, lambda x, p: slope(L.QuantileLoss, x, q=0.5)),
    row("regression.tilted", 1, 1, lambda x, p: slope(L.QuantileLoss, x, q=p.tau)),
    row("regression.tilted", 2, 1, lambda x, p: np.exp(-value(L.QuantileLoss, x, q=p.tau))),
    row("regression.tilted", 3, 0, lambda x, p: mean_over([value(L.QuantileLoss, x - y, q=p.tau) for y in WAITING])),
    row("regression.barron", 0, 0, lambda x, p: barron(value, x, p)),
    row("regression.barron", 1, 0, lambda x, p: barron(slope, x, p)),
    row("regression.barron", 2, 0, lambda x, p: np.exp(-barron(value, x, p))),
    row("regression.reductions", 0, "½ mean", lambda x, p: x - p.eta * slope(L.MSELoss, x, half=True), step="e0"),
    row("regression.reductions", 0, "mean", lambda x, p: x - p.eta * slope(L.MSELoss, x), step="e1"),
    row("regression.reductions", 0, "sum", lambda x, p: x - p.eta * p.N * slope(L.MSELoss, x), step="e2"),
    row("regression.reductions", 0, "RMSE", lambda x, p: [
        at - p.eta * sum(L.RMSELoss().grad([at + p.spread, at - p.spread], [0.0, 0.0])) for at in x], step="e3"),
    row("robustness.delta_descent", 0, 0, lambda x, p: mean_over(
        [np.array([value(L.HuberLoss, r, delta=delta) for delta in x]) for r in residuals(p)]), t=0),
]  # fmt: skip

WEIGHTS = {
    "squared": lambda e, p: slope(L.MSELoss, e, half=True),
    "absolute": lambda e, p: slope(L.HuberLoss, e, delta=0.01),
    "Huber": lambda e, p: slope(L.HuberLoss, e, delta=p.c),
    "pseudo-Huber": lambda e, p: slope(L.PseudoHuberLoss, e, delta=p.c),
    "Cauchy": lambda e, p: slope(L.CauchyLoss, e, c=p.c),
    "Geman–McClure": lambda e, p: slope(L.GeneralRobustLoss, e, alpha=-2, c=p.c / 2) * p.c**2 / 4,
    "Tukey": lambda e, p: slope(L.TukeyBiweightLoss, e, c=p.c),
}


def weight(loss, p):
    """Return the weight of the last of seven points around the line of the figure."""
    e = p.q - p.a - 3 * p.b
    return WEIGHTS[loss](np.array([e]), p)[0] / e + 1e-7


# Heights of eight points over −7, −5 … 7.
EIGHT = (-0.35, -2.15, -1.75, 0.25, -0.35, 1.65, 2.25, 0.55)


def eight(p, slope_):
    return [p.a + slope_ * x - y for x, y in zip(range(-7, 8, 2), EIGHT, strict=True)]


def gaussian_nll(r, width):
    r, width = np.broadcast_arrays(r, width)
    return value(L.GaussianNLLLoss, np.stack([r, 2 * np.log(width)], axis=-1), np.zeros(r.shape))


def turned_sum(loss, p, a, b):
    """Return the sum of the weights of the figure's ten points and the wild one."""
    residuals_ = [*(a + b * i - i for i in range(10)), a + b * p.far - p.wild]
    safe = [r if abs(r) > 1e-9 else 1e-9 for r in residuals_]
    return sum(loss(r) / r for r in safe) + 11e-9


ROBUSTNESS = [
    row("leverage.turned", 1, 0, lambda x, p: turned_sum(lambda r: slope(L.HuberLoss, [r], delta=1.0)[0], p,
        p.a_huber, p.b_huber), step="w_huber", t=1),
    row("leverage.turned", 1, 2, lambda x, p: turned_sum(lambda r: slope(L.TukeyBiweightLoss, [r], c=p.c)[0], p,
        p.a_tukey, p.b_tukey), step="w_tukey", t=1),
    row("leverage.same_sum", 1, "Σ |r|", lambda b, p: sum(value(L.L1Loss, r) for r in eight(p, b))),
    row("leverage.same_sum", 1, "Σ ½r²", lambda b, p: sum(value(L.MSELoss, r, half=True) for r in eight(p, b))),
    row("spread.contamination", 1, "worst", lambda u, p: np.exp(-value(L.HuberLoss, u, delta=p.delta)) / (
        math.sqrt(2 * math.pi) * math.erf(p.delta / math.sqrt(2)) + 2 / p.delta * math.exp(-p.delta**2 / 2))),
    row("spread.predicted_width", 0, "ln σ + r²/2σ²", lambda width, p: gaussian_nll(p.r, width)),
    row("spread.predicted_width", 1, 0, lambda r, p: gaussian_nll(r, p.sigma)),
    *(row("robustness.line_fit", 1, 0, lambda x, p, loss=loss: weight(loss, p), step="w7", loss=loss, t=1)
      for loss in WEIGHTS),
]  # fmt: skip


def examples(p):
    return [(1, 1, p.x1), (-1, 0, 0), (1, 1, 1), (-1, 0, p.x4)]


def expected(loss, q, seen):
    """Return the expectation of a loss of the forecasts q when a share of the labels says yes."""
    return seen * value(loss, q, 1.0) + (1 - seen) * value(loss, q, 0.0)


def seen(p):
    return p.theta * (1 - p.flip) + (1 - p.theta) * p.flip


CONVEXITY = [
    row("convexity.valleys", 0, 0, lambda w, p: value(L.MSELoss, functions.sigmoid(w), 1.0, half=True)
        + value(L.MSELoss, functions.sigmoid(p.far * w), 0.0, half=True)),
    row("convexity.valleys", 1, 0, lambda w, p: value(L.BCEWithLogitsLoss, w, 1.0)
        + value(L.BCEWithLogitsLoss, p.far * w, 0.0)),
    row("convexity.valleys", 1, 1, lambda w, p: w - p.eta * (slope(L.BCEWithLogitsLoss, w, 1.0)
        + p.far * slope(L.BCEWithLogitsLoss, p.far * w, 0.0)), step="q"),
    row("convexity.valleys", 0, 1, lambda w, p: w - p.eta * sum(
        at * slope(L.MSELoss, functions.sigmoid(at * w), y, half=True)
        * functions.sigmoid(at * w) * functions.sigmoid(-at * w) for at, y in ((1, 1.0), (p.far, 0.0))), step="r"),
    *(row("convexity.surfaces", panel, 0, lambda at, p, f=f: sum(
        f(at[0] * x + at[1], float(y))
        for x, y in zip((p.x1, 0, 1, p.x4), (0, 1 - p.parted, p.parted, 1), strict=True)))
      for panel, f in enumerate((lambda z, y: value(L.MSELoss, functions.sigmoid(z), y),
                                 lambda z, y: value(L.BCEWithLogitsLoss, z, y)))),
    row("convexity.fair_scores", 0, "cross-entropy", lambda q, p: expected(L.BCELoss, q, seen(p))),
    row("convexity.fair_scores", 0, "squared error (p − y)²", lambda q, p: expected(L.MSELoss, q, seen(p))),
    row("convexity.fair_scores", 0, "absolute error", lambda q, p: expected(L.L1Loss, q, seen(p))),
    # On average the correction gives what the true labels would.
    row("convexity.fair_scores", 0, "corrected", lambda q, p: expected(L.BCELoss, q, p.theta)),
]  # fmt: skip


def rows_of(z, p):
    """Return logits of K classes: z and zeros."""
    rows = np.zeros((len(z), int(p.K)))
    rows[:, 0] = z
    return rows


def smoothed(z, p):
    return L.CrossEntropyLoss(label_smoothing=p.s, reduction="none").loss_and_grad(
        rows_of(z, p), np.zeros(len(z), dtype=int)
    )


def labels_kl(z, p):
    target = functions.smooth_labels(functions.one_hot(np.zeros(len(z), dtype=int), int(p.K)), p.s)
    return information.kl_divergence(target, functions.softmax(rows_of(z, p)))


def mean_nll(temperature, p):
    u = np.arange(9) / 2
    return [value(L.BCEWithLogitsLoss, p.k * u / at, functions.sigmoid(u)).mean() for at in temperature]


def weighted(w, p):
    """Return the weighted sum of n rare rows and 10 − n common ones."""
    rows = np.log([[p.p, 1 - p.p], [1 - p.q, p.q]])
    rare, common = (np.array([value(L.NLLLoss, rows, np.arange(2), weight=[at, 1.0])[k] for at in w]) for k in (0, 1))
    return p.n * rare + (10 - p.n) * common


LABELS = [
    row("labels.class_weights", 0, 0, lambda w, p: weighted(w, p) / (p.n * w + 10 - p.n)),
    row("labels.class_weights", 0, 1, lambda w, p: weighted(w, p) / 10),
    row("labels.label_smoothing", 0, "cross-entropy", lambda z, p: smoothed(z, p)[0]),
    row("labels.label_smoothing", 0, "KL divergence", lambda z, p: labels_kl(z, p)),
    row("labels.label_smoothing", 1, 0, lambda z, p: smoothed(z, p)[1][:, 0]),
    row("labels.temperature", 1, 0, mean_nll),
    row("labels.binary", 0, "cost of a yes", lambda z, p: value(L.BCEWithLogitsLoss, z, 1.0)),
    row("labels.binary", 0, "cost of a no", lambda z, p: value(L.BCEWithLogitsLoss, z, 0.0)),
    row("labels.binary", 0, "their mix", lambda z, p: value(L.BCEWithLogitsLoss, z, p.t)),
    row("labels.binary", 1, "slope of the loss", lambda z, p: slope(L.BCEWithLogitsLoss, z, p.t)),
    row("labels.one_or_many", 0, 0, lambda i, p: functions.softmax([p.cat, p.dog, p.horse])),
    row("labels.one_or_many", 1, 0, lambda i, p: functions.sigmoid([p.cat, p.dog, p.horse])),
]

FEATURES = {
    "both pixels": lambda x, y: [x, y],
    "their sum": lambda x, y: [(x + y) / 2**0.5],
    "their energy x₁² + x₂²": lambda x, y: [(x**2 + y**2) / 2],
}


def versions(p):
    """Return the row of pixels, and it shifted, blurred and with noise."""
    i = np.arange(25.0)

    def stroke(at, width):
        return np.exp(-(((at - 11) / width) ** 2) / 2) / width

    row = stroke(i, 1)
    return row, stroke(i - p.d, 1), stroke(i, math.hypot(1, p.b)), row + p.n * np.sin(5 * i**2 + i)


def distances(feature, p):
    kept, *distorted = map(feature, versions(p))
    return [value(L.MSELoss, row, kept).mean() for row in distorted]


def roughness(row):
    return (np.diff(row) ** 2).reshape(6, 4).sum(axis=1)


PERCEPTUAL = [
    row("perceptual.distortions", 1, 0, lambda i, p: distances(lambda row: row[:-1], p)),
    row("perceptual.distortions", 2, 0, lambda i, p: distances(roughness, p)),
    *(row("perceptual.matching", 0, 0, lambda at, p, f=f: sum(
        value(L.MSELoss, x, y, half=True) for x, y in zip(f(*at), f(1.5, 0.5), strict=True)), feature=feature)
      for feature, f in FEATURES.items()),
]  # fmt: skip

RESIDUAL = ("L1", "SmoothL1", "Huber", "PseudoHuber", "LogCosh", "Quantile", "EpsilonInsensitive", "Cauchy",
            "TukeyBiweight", "GeneralRobust")  # fmt: skip
ATLAS = [
    row(f"atlas.{name}Loss", panel, 0, lambda x, p, f=f, name=name: f(
        getattr(L, f"{name}Loss"), x, **{argument: at for argument, at in vars(p).items() if argument != "x"}))
    for name in RESIDUAL for panel, f in enumerate((value, slope))
]  # fmt: skip

KINDS = {
    "hinge": lambda f, m: f(L.HingeLoss, m, 1.0),
    "squared hinge": lambda f, m: f(L.SquaredHingeLoss, m, 1.0),
    "logistic": lambda f, m: f(L.LogisticLoss, m, 1.0),
    "exponential": lambda f, m: f(L.ExponentialLoss, m, 1.0),
    "squared": lambda f, m: f(L.MSELoss, m, 1.0),
    "focal, γ = 2": lambda f, m: f(L.SigmoidFocalLoss, m, 1.0, gamma=2, alpha=None),
}
RISKS = KINDS | {
    f"focal, γ = {gamma}": lambda f, m, gamma=gamma: f(L.SigmoidFocalLoss, m, 1.0, gamma=gamma, alpha=None)
    for gamma in (1, 2, 5)
}


def logit(q):
    with np.errstate(divide="ignore"):  # at the ends of the axis
        return np.log(q / (1 - q))


def next_weight(w, p):
    """Return the weight of x₁ after a step down the mean hinge loss and its penalty, from the margins counted last."""
    places = ((p.a1, 1), (2, 1), (p.b1, -1), (-3, -1))
    slopes = sum(y * at * slope(L.HingeLoss, [getattr(p, f"m{k}")], 1.0)[0] for k, (at, y) in enumerate(places))
    return w - p.odd / (4 + p.n**2 * np.maximum(1, 4 * p.lam) / 1200) * (4 * p.lam * w + slopes)


def expected_of_pair(difference, share):
    """Return the mean loss of a pair whose first answer a share prefers."""
    return share * value(L.LogisticLoss, difference, 1.0) + (1 - share) * value(L.LogisticLoss, difference, -1.0)


def brier(chance, forecast):
    """Return the expected Brier score of a forecast."""
    said = coins(np.broadcast_to(forecast, np.shape(chance)))
    rain, dry = (value(L.BrierLoss, said, np.full(len(said), k)) for k in (0, 1))
    return chance * rain + (1 - chance) * dry


SCORES = {
    "log loss": lambda chance, q: expected(L.BCELoss, np.broadcast_to(q, np.shape(chance)), chance),
    "Brier score": brier,
    "mistakes (0-1)": lambda chance, q: np.where(np.asarray(q) > 0.5, 1 - chance, chance),
}
MARGINS = [
    row("margins.support_vectors", 0, 0, next_weight, step="w1", t=4, over=(-1, 1)),
    row("margins.margins", 0, "0-1", lambda m, p: value(L.ZeroOneLoss, m, 1.0)),
    *(row("margins.margins", 0, name, lambda m, p, f=f: f(value, m)) for name, f in KINDS.items()),
    *(row("margins.margins", 1, k + 2, lambda m, p, f=f: f(slope, m)) for k, f in enumerate(KINDS.values())),
    *(row("margins.risks", 0, 1, lambda m, p, f=f: p.eta * f(value, m) + (1 - p.eta) * f(value, -m), kind=name)
      for name, f in RISKS.items()),
    row("margins.focal", 0, "cross-entropy", lambda q, p: value(L.BCELoss, q, 1.0)),
    row("margins.focal", 0, 1, lambda q, p: value(L.SigmoidFocalLoss, logit(q), 1.0, gamma=p.gamma, alpha=p.alpha)),
    row("margins.focal", 1, 0, lambda q, p: -slope(L.BCEWithLogitsLoss, logit(q), 1.0)),
    row("margins.focal", 1, 1, lambda q, p: -slope(L.SigmoidFocalLoss, logit(q), 1.0, gamma=p.gamma, alpha=p.alpha)),
    row("margins.scores", 0, "log loss", lambda q, p: value(L.BCELoss, q, 1.0)),
    row("margins.scores", 0, "Brier score", lambda q, p: value(
        L.BrierLoss, coins(q), np.zeros(len(q), int))),
    *(row("proper.tangents", 0, mark, lambda chance, p, f=f, own=own: f(chance, chance if own else p.q), kind=name)
      for name, f in SCORES.items() for mark, own in enumerate((True, False))),
    row("proper.preferences", 0, "1 was preferred", lambda d, p: value(L.LogisticLoss, d, 1.0)),
    row("proper.preferences", 0, "2 was preferred", lambda d, p: value(L.LogisticLoss, d, -1.0)),
    row("proper.preferences", 0, "their mix", lambda d, p: expected_of_pair(d, p.eta)),
]  # fmt: skip


def squared_neuron(f, z, y):
    """Return the value, or the slope by the logit, of half the squared error of a sigmoid."""
    a = functions.sigmoid(z)
    by_output = f(L.MSELoss, a, y, half=True)
    return by_output if f is value else (2 * y - 1) * -functions.sigmoid((1 - 2 * y) * z) * a * functions.sigmoid(-z)


def softmax_errors(p):
    return functions.softmax([p.cat, p.dog, p.horse]) - [1, 0, 0]


def squared_pull(p):
    q, errors = functions.softmax([p.cat, p.dog, p.horse]), softmax_errors(p)
    return -(slope(L.MSELoss, errors, half=True) @ (np.diag(q) - np.outer(q, q)))


def race(x, p, kind):
    """Return the next lead of the true class over the others, which are K − 1, one of them in the lead at first."""
    after = []
    for at in x:
        logits = np.array([at, getattr(p, f"false_{kind}"), *np.zeros(round(p.K) - 2)])
        if kind == "c":
            pull = -slope(L.CrossEntropyLoss, [logits], np.array([0]))[0]
        else:
            q = functions.softmax(logits)
            pull = -slope(L.MSELoss, q - (np.arange(len(q)) == 0), half=True) @ (np.diag(q) - np.outer(q, q))
        after.append(at + p.eta * (pull[0] - pull[2]))
    return np.array(after)


OUTPUTS = {
    "linear": lambda f, z: f(L.MSELoss, z, 1.0, half=True),
    "sigmoid": lambda f, z: f(L.BCEWithLogitsLoss, z, 1.0),
    "tanh": lambda f, z: f(L.BCEWithLogitsLoss, 2 * z, 1.0) * (1 if f is value else 2),
}
SATURATION = [
    *(row("saturation.race", 1, mark, lambda z, p: z - p.eta * (1 + p.x**2) * slope(L.BCEWithLogitsLoss, z, 0.0),
          step=f"c_{name}", t=1) for name, mark in (("worse", 0), ("better", 3))),
    row("saturation.race", 0, 0, lambda z, p: z - p.eta * (1 + p.x**2) * squared_neuron(slope, z, 0),
        step="s_worse", t=1),
    *(row("saturation.gradients", panel, 1, lambda z, p, f=f: f(L.BCEWithLogitsLoss, z, p.y))
      for panel, f in enumerate((value, slope))),
    *(row("saturation.gradients", panel, 2, lambda z, p, f=f: squared_neuron(f, (1 - 2 * p.y) * z, 0)
          * (1 if f is value else 1 - 2 * p.y)) for panel, f in enumerate((value, slope))),
    row("saturation.wrong_derivative", 1, 0, lambda z, p: z - 2 * p.eta * slope(L.BCEWithLogitsLoss, z, 0.0),
        step="right", t=1),
    row("saturation.wrong_derivative", 1, 1, lambda z, p: z - 2 * p.eta * slope(L.BCELoss, functions.sigmoid(z), 0.0),
        step="wrong", t=1),
    row("saturation.softmax_pull", 1, 0, lambda i, p: -slope(L.CrossEntropyLoss, [[p.cat, p.dog, p.horse]],
        np.array([0]))[0]),
    row("saturation.softmax_pull", 2, 0, lambda i, p: squared_pull(p)),
    *(row("saturation.softmax_race", 0, mark, lambda x, p, kind=kind: race(x, p, kind), step=f"true_{kind}", t=1,
          over=(-3, 3)) for mark, kind in ((0, "c"), (2, "s"))),
    *(row("saturation.outputs", panel, first, lambda z, p, g=g, f=f: g(f, z), out=name)
      for panel, first, f in ((1, 0, value), (2, 0, slope)) for name, g in OUTPUTS.items()),
]  # fmt: skip


def three(p):
    return [[p.cat, p.dog, p.horse]]


def double(z, p):
    return rows_of(z, p), np.zeros(len(z), dtype=int)


CLASSES = [
    row("classes.staircase", 1, "logistic", lambda b, p: sum(value(L.LogisticLoss, y * (x - b), 1.0) for x, y in
        [(x, -1) for x in (-3, -2, -1, 0.5)] + [(x, 1) for x in (-0.5, 1, 2, 3)])),
    row("classes.staircase", 1, 3, lambda b, p: p.cost + sum(-y * slope(L.LogisticLoss, y * (x - p.b), 1.0) for x, y in
        [(x, -1) for x in (-3, -2, -1, 0.5)] + [(x, 1) for x in (-0.5, 1, 2, 3)])),
    row("classes.distillation", 2, 0, lambda i, p: L.DistillationLoss(
        temperature=p.T, scaled=bool(p.squared), reduction="sum").grad(three(p), [[p.t_cat, p.t_dog, p.t_horse]])[0],
        t_cat=3.0),
    *(row("crossentropy.softmax", 0, k + 1, lambda x, p, k=k: [p.cat, p.dog, p.horse][k] + p.c - 3 * slope(
        L.CrossEntropyLoss, three(p), np.array([int(p.label)]), temperature=p.T)[0][k]) for k in range(3)),
    row("crossentropy.small_losses", 0, "the loss", lambda m, p: value(L.LogisticLoss, m, 1.0)),
    row("crossentropy.double_softmax", 0, "softmax once", lambda z, p: value(L.CrossEntropyLoss, *double(z, p))),
    row("crossentropy.double_softmax", 0, "softmax twice", lambda z, p: value(
        L.CrossEntropyLoss, functions.softmax(rows_of(z, p)), np.zeros(len(z), dtype=int))),
    row("crossentropy.double_softmax", 1, 0, lambda z, p: -slope(L.CrossEntropyLoss, *double(z, p))[:, 0]),
]  # fmt: skip

GAMES = {
    "minimax": L.MinimaxGANLoss(), "non-saturating": L.NonSaturatingGANLoss(), "Wasserstein": L.WassersteinGANLoss(),
    "least squares": L.LeastSquaresGANLoss(a=-1, b=1, c=1), "hinge": L.HingeGANLoss(),
}  # fmt: skip


def made_up(game, s):
    """Return the slope of the discriminator's term of each made-up score."""
    return np.array([game.discriminator.grad([0.0], [at])[1][0] for at in s])


def generated(game, s):
    return np.array([game.generator.grad([at])[0] for at in s])


def generator_loss(game, s):
    return np.array([game.generator.loss([at]) for at in s])


def penalty(psi, kind):
    return {"none": 0 * psi, "R1": psi, "WGAN-GP": psi - np.sign(psi)}[kind]


LINE = {name: GAMES[name] for name in ("minimax", "non-saturating", "Wasserstein")}


def line_pull(game, p, at):
    """Return the mean slope of the generator's loss by the score, over the made-up samples around `at`."""
    k = np.arange(-7, 8) / 2
    return np.exp(-k * k / 2) / math.sqrt(2 * math.pi) / 2 @ generated(game, p.w * (at + k) + p.b)


SHOWN = {"minimax": L.MinimaxGANLoss(), "non-saturating": L.NonSaturatingGANLoss(),
         "Wasserstein, hinge": L.WassersteinGANLoss(), "least squares": L.LeastSquaresGANLoss()}  # fmt: skip
GANS = [
    *(row("dirac.portrait", 0, 1, lambda x, p, g=g: x - p.eta * generated(g, p.psi * x) * p.psi, step="theta", t=1,
          loss=name, turns=False) for name, g in GAMES.items()),
    *(row("dirac.portrait", 0, 1, lambda x, p, g=g, k=k: x + p.eta * (-made_up(g, x * p.theta) * p.theta
          - p.gamma * penalty(x, k)), step="psi", t=1, loss=name, turns=False, penalty=k)
      for name, g in GAMES.items() for k in ("none", "R1", "WGAN-GP")),
    row("dirac.loss_sensitive", 1, 0, lambda u, p: [
        L.LossSensitiveGANLoss(weight=p.lam).discriminator.loss([p.real], [at], [p.far]) for at in u]),
    *(row("duality.line_game", 1, 0, lambda x, p, g=g: [at - p.eta * p.w * line_pull(g, p, at) for at in x],
        step="theta", t=1, loss=name) for name, g in LINE.items()),
    *(row("gan.generator_pull", 0, name, lambda s, p, g=g: generator_loss(g, s)) for name, g in SHOWN.items()),
    *(row("gan.generator_pull", 1, k, lambda s, p, g=g: -generated(g, s)) for k, g in enumerate(SHOWN.values())),
    row("gan.unequal_errors", 1, 0, lambda i, p: unequal(p)),
]  # fmt: skip


def unequal(p):
    real = np.array([0.4995, 0.4995, 0.001])
    fake = np.array([(1 - p.nonsense) * (1 + p.missing) / 2, (1 - p.nonsense) * (1 - p.missing) / 2, p.nonsense])
    there, back = information.kl_divergence(real, fake), information.kl_divergence(fake, real)
    twice = 2 * information.js_divergence(real, fake)
    return np.array([there, back, twice, back - twice])


def four(z):
    return np.stack([z, 0 * z, 0 * z, 0 * z], -1)


def coins(q):
    return np.stack([q, 1 - q], -1)


INFORMATION = [
    row("divergence.two_coins", 0, "D(p‖q)", lambda q, p: information.kl_divergence(coins(0 * q + p.p), coins(q))),
    row("divergence.two_coins", 0, "Jensen–Shannon", lambda q, p: information.js_divergence(
        coins(0 * q + p.p), coins(q))),
    row("divergence.same_slope", 0, "cross-entropy H(p, q)", lambda z, p: value(
        L.CrossEntropyLoss, four(z), np.zeros(len(z), int), label_smoothing=p.s)),
    row("divergence.same_slope", 1, "of both", lambda z, p: slope(
        L.CrossEntropyLoss, four(z), np.zeros(len(z), int), label_smoothing=p.s)[:, 0]),
    row("entropy.binary_entropy", 1, 0, lambda q, p: information.entropy(coins(q)) / p.unit),
    row("likelihood.noise_and_loss", 1, 0, lambda r, p: value(L.MSELoss, r / p.s, half=True)
        + math.log(p.s * math.sqrt(2 * math.pi)), noise="Gaussian"),
    row("likelihood.noise_and_loss", 1, 0, lambda r, p: value(L.L1Loss, r) / p.s + math.log(2 * p.s), noise="Laplace"),
    row("likelihood.categorical_nll", 0, 0, lambda i, p: functions.softmax(three(p)[0])),
    row("likelihood.gradient_descent", 0, 0, lambda q, p: value(L.BCELoss, q, p.f)),
    row("likelihood.gradient_descent", 0, 2, lambda w, p: w - p.eta * slope(L.BCELoss, w, p.f), step="w", t=1,
        over=(0.02, 0.98), way="θ itself"),
]  # fmt: skip

ROWS: list[Row] = [
    *REGRESSION, *ROBUSTNESS, *CONVEXITY, *LABELS, *PERCEPTUAL, *ATLAS, *MARGINS, *SATURATION, *CLASSES, *GANS,
    *INFORMATION,
]  # fmt: skip

#: Figures that draw no loss of the library and no slope, and why; a whole module under its name.
NO_LOSS = {
    "atlas": "the other losses: drawn by their names in lossbook.symbolic, which test_every_loss holds to the classes",
    "coding": "lengths of codes, and the means of surprises",
    "divergence_fits": "integrals over a mixture, which test_divergence_figures does another way",
    "classes.large_margin": "where a feature is accepted",
    "convexity.two_answers": "densities and chances",
    "crossentropy.overflow": "the naive softmax is what it shows",
    "dirac.critic_training": "the slope of a linear critic",
    "dirac.multipliers": "multipliers of the linearised game, which derivations prove",
    "divergence.both_directions": "terms of a sum; test_divergence_figures adds them up",
    "divergence.boxes": "closed forms for two boxes, which claims of the chapter compare with sums over cells",
    "divergence.gibbs": "a logarithm and its tangent",
    "divergence.truncation": "an integral over a part of the line",
    "duality.two_sides": "claims of a linear critic, and lengths that are carried",
    "fdivergences": "convex functions of a ratio; test_divergence_figures compares their sums with the library",
    "entropy.additive": "surprises",
    "entropy.continuous": "entropies of bins, which test_entropy does another way",
    "entropy.outcomes": "entropies, which test_entropy does another way",
    "entropy.surprise": "−log p",
    "entropy.triangle": "entropies, which test_entropy does another way",
    "gan.parallel_lines": "distances in closed form",
    "gan.pointwise": "the best score of a place, which a derivation proves",
    "gan.two_normals": "integrals over two densities",
    "likelihood.coin": "a likelihood, taken from lossbook.symbolic",
    "likelihood.curvature": "a likelihood, taken from lossbook.symbolic",
    "likelihood.grid_search": "a likelihood, taken from lossbook.symbolic",
    "likelihood.log_likelihood": "products of probabilities",
    "likelihood.two_readings": "a binomial probability",
    "noise": "densities and fitted lines, which test_likelihood fits another way",
    "perceptual.average": "pictures, and expectations in closed form",
    "perceptual.layers": "shares of a sum",
    "perceptual.shift": "the distance of two strokes, an integral in closed form that a derivation proves",
    "repeated": "counts, and binomial chances, which test_likelihood adds up",
    "robustness.efficiency": "the variance of an estimate",
}


def large_margin(p):
    vectors = [[math.cos(p.phi), sign * math.sin(p.phi)] for sign in (1, -1)]
    return L.LargeMarginSoftmaxLoss(class_vectors=vectors, margin=int(p.m)).loss([[p.x, p.y]], [0])


#: Values of losses that stand below a figure and in no mark: the words before, the loss, how near.
TOLD = [
    ("classes.distillation", " the loss is ", lambda p: L.DistillationLoss(
        temperature=p.T, scaled=bool(p.squared)).loss(three(p), [[p.t_cat, p.t_dog, p.t_horse]]), 1e-11),
    # The figure adds a millionth to the feature's length, since an angle at 0 is none.
    ("classes.large_margin", " and loss ", large_margin, 1e-5),
]  # fmt: skip


@pytest.mark.parametrize("name, words, expected, near", TOLD)
def test_a_figure_tells_the_loss_of_the_library(name, words, expected, near):
    figure = built(name)
    *_, (told, _) = [
        after for line in figure.spec["readout"] for before, after in pairwise(line)
        if isinstance(before, str) and before.endswith(words)
    ]  # fmt: skip
    for chosen in settings_of(figure, {}):
        numbers = figure.values(**chosen)
        p = SimpleNamespace(**dict(zip(figure.program.names, numbers, strict=True)))
        assert figure.number(told, numbers) == pytest.approx(expected(p), rel=near), chosen


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_figure_draws_the_loss_of_the_library(row):
    compare(row)


def test_every_figure_stands_in_the_table_or_says_why_not():
    in_table = {row.figure for row in ROWS}
    excused = {name for name in all_figures() if name in NO_LOSS or name.split(".")[0] in NO_LOSS}
    assert in_table | excused == set(all_figures())
    assert not in_table & set(NO_LOSS)
    assert set(NO_LOSS) <= {part for name in all_figures() for part in (name, name.split(".")[0])}


def the_row(name: str) -> Row:
    (found,) = [row for row in ROWS if str(row) == name]
    return found


@pytest.mark.parametrize(
    "name, wrong",
    [
        ("regression.bounded-1-1-pseudo-Huber", "u / (1 + (u/s)**2)"),  # Cauchy's slope
        ("regression.bounded-1-1-log-cosh", "tanh(u/s)"),  # it has no scale
        ("regression.fading-0-chosen-Tukey", "s**2/6 * (1 - Max(0, 1 - (u/s)**2)**2)"),  # squared, not cubed
        ("regression.tilted-1-1", "Piecewise((1 - tau, u < 0), (-tau, True))"),
        ("labels.label_smoothing-1-0", "sigmoid(x - log(K - 1)) - 1 + s"),  # the true class keeps s/K
        ("labels.binary-1-slope of the loss", "sigmoid(x) - 1"),
        ("margins.margins-1-3", "-Max(0, 1 - u)"),  # the squared hinge, its slope halved
        ("saturation.outputs-1-0-tanh", "Piecewise((log(1 + exp(-u)), True))"),  # the sigmoid's matching loss
        ("crossentropy.softmax-0-1", "cat + c + T*(right - cat - c)"),  # the slope of softmax without 1/T
        ("dirac.portrait-0-1-1-non-saturating-False-theta", "theta + eta*psi*sigmoid(psi*theta)"),  # minimax's pull
    ],
)
def test_a_wrong_curve_is_caught(name, wrong):
    row = the_row(name)
    figure = built(row.figure)
    mark = mark_of(figure, row)
    names = {str(symbol): symbol for symbol in figure.program.symbols} | {"sigmoid": sigmoid}

    def faulty(right, **more):
        return sympy.sympify(wrong, locals=names | more | {"right": right})

    if isinstance(mark, Trajectory):
        (state,) = [symbol for symbol in mark.step if str(symbol) == row.step]
        changed = {"step": {**mark.step, state: faulty(mark.step[state])}}
    elif isinstance(mark, Segment):
        changed = {"y2": faulty(mark.y2)}
    else:
        changed = {"y": faulty(mark.y, **{str(mark.variable): mark.variable})}
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(row, figure, dataclasses.replace(mark, **changed))


def test_a_wrong_formula_is_caught(monkeypatch):
    right = S.TukeyBiweightLoss
    monkeypatch.setattr(S, "TukeyBiweightLoss", lambda r, c: right(r, c).subs(3, 2))
    for number, panel in ((0, "chosen"), (1, "1")):
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            compare(the_row(f"regression.fading-{number}-{panel}-Tukey"), regression.fading())
