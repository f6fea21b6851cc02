"""Lines fitted under many losses, and quantile regression: fits of fixed data, which arithmetic alone decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossbook.experiments import Picture
from lossbook.functions import Array
from lossbook.losses import ResidualLoss


def fit_line(
    loss: ResidualLoss, x: ArrayLike, y: ArrayLike, *, steps: int = 500, start: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Fit ŷ = a + b x by iteratively reweighted least squares.

    Each residual gets the weight ℓ′(r)/r, the line is the weighted least-squares one, and so on until it stands.

    Parameters
    ----------
    loss : ResidualLoss
        Any loss of the residual; its gradient gives the weights.
    x, y : array_like, shape (N,)
        The data.
    steps : int
        Most steps that are taken.
    start : (a, b), optional
        Where to start; least squares if not given. It matters for losses that are not convex.

    Returns
    -------
    a, b : float
        Height of the line at x = 0, and its slope.

    Examples
    --------
    >>> from lossbook.losses import HuberLoss
    >>> a, b = fit_line(HuberLoss(delta=0.1), [0, 1, 2, 3, 4], [0, 1, 2, 3, 40])
    >>> bool(b < 1.1)
    True
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    columns = np.stack([np.ones_like(x), x - x.mean()], axis=1)
    line = np.linalg.lstsq(columns, y, rcond=None)[0]
    if start is not None:
        line = np.array([start[0] + start[1] * x.mean(), start[1]])
    terms = type(loss)(**{**_arguments(loss), "reduction": "none"})
    for _ in range(steps):
        r = columns @ line - y
        size = np.where(np.abs(r) < 1e-6, 1e-6, r)  # a weight for points on the line, also where the loss has a kink
        root = np.sqrt(np.maximum(terms.grad(y + size, y) / size, 1e-12))
        new = np.linalg.lstsq(columns * root[:, None], y * root, rcond=None)[0]
        if np.abs(new - line).max() < 1e-12 * (1 + np.abs(line).max()):
            break
        line = new
    return float(line[0] - line[1] * x.mean()), float(line[1])


def _arguments(loss: ResidualLoss) -> dict[str, Any]:
    return dict(vars(loss))


def least_trimmed_squares(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Return height at 0 and slope of the line that fits a good half of the data best, and forgets the rest.

    Its (N + 3)/2 smallest squared residuals have the least sum. Every line through two of the data is tried, and the
    best of them is fitted anew to the data that it is nearest to, until it stays.

    Parameters
    ----------
    x, y : array_like, shape (N,)
        The data, at two places x at least.

    Examples
    --------
    >>> a, b = least_trimmed_squares([0, 1, 2, 3, 60], [0, 1, 2, 3, 0])
    >>> bool(abs(a) < 1e-12 and abs(b - 1) < 1e-12)
    True
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    keep = (len(x) + 3) // 2
    first, second = np.triu_indices(len(x), 1)
    first, second = first[x[first] != x[second]], second[x[first] != x[second]]
    slopes = (y[second] - y[first]) / (x[second] - x[first])
    heights = y[first] - slopes * x[first]
    squares = np.sort((heights[:, None] + slopes[:, None] * x - y) ** 2, axis=1)
    best = squares[:, :keep].sum(axis=1).argmin()
    line = np.array([heights[best], slopes[best]])
    columns = np.stack([np.ones_like(x), x], axis=1)
    for _ in range(100):
        near = np.argsort(np.abs(columns @ line - y), kind="stable")[:keep]
        new = np.linalg.lstsq(columns[near], y[near], rcond=None)[0]
        if np.allclose(new, line, rtol=1e-12, atol=1e-12):
            break
        line = new
    return float(line[0]), float(line[1])


def quantile_lines(x: ArrayLike, y: ArrayLike, quantiles: Sequence[float]) -> dict[float, tuple[float, float]]:
    """Return height at 0 and slope of the line with the least quantile loss, exactly, for each quantile."""
    from sklearn.linear_model import QuantileRegressor

    lines = {}
    for q in quantiles:
        model = QuantileRegressor(quantile=q, alpha=0).fit(np.asarray(x, float)[:, None], y)
        lines[q] = (float(model.intercept_), float(model.coef_[0]))
    return lines


def fan(count: int = 200) -> tuple[Array, Array]:
    """Return data whose noise grows with x: y = 1 + x/2 + (0.2 + 0.3 x) z, with z normal."""
    chance = np.random.default_rng(3)
    x = chance.uniform(0, 5, count)
    return x, 1 + x / 2 + (0.2 + 0.3 * x) * chance.normal(size=count)


def panels(columns: int = 1, height: float = 3.2) -> tuple[Any, Any]:
    """Return an empty drawing in the book's style, and its panels side by side."""
    import matplotlib
    from matplotlib.figure import Figure

    from lossbook.style import STYLE

    with matplotlib.rc_context(STYLE):
        drawing = Figure(figsize=(7, height), layout="constrained")
        return drawing, drawing.subplots(1, columns, squeeze=False)[0]


def draw_lines(
    x: ArrayLike, y: ArrayLike, lines: Mapping[str, tuple[float, float]], *, labels: tuple[str, str], top: float
) -> Picture:
    """Draw points and named lines (height at 0, slope) through them."""
    from lossbook.style import PALETTE

    drawing, (axes,) = panels()
    x = np.asarray(x, float)
    axes.plot(x, y, "o", color=PALETTE[6], markersize=4)
    ends = np.array([x.min(), x.max()])
    for number, (name, (a, b)) in enumerate(lines.items()):
        style = ("-", "--", ":", "-.")[number % 4]
        axes.plot(ends, a + b * ends, style, color=PALETTE[number % 6], lw=2, label=name)
    axes.set(xlabel=labels[0], ylabel=labels[1], ylim=(min(-1.0, float(np.min(y)) - 0.5), top))
    axes.legend(fontsize=8, loc="upper left")
    return Picture(drawing)
