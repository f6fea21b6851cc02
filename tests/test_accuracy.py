"""Values and gradients against truth at hundreds of digits, at ordinary and extreme residuals."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from lossbook.losses import (
    CauchyLoss,
    EpsilonInsensitiveLoss,
    GeneralRobustLoss,
    HuberLoss,
    L1Loss,
    LogCoshLoss,
    Loss,
    MSELoss,
    PseudoHuberLoss,
    QuantileLoss,
    SmoothL1Loss,
    TukeyBiweightLoss,
)

DIGITS = 700
LARGEST, SMALLEST = 1.7976931348623157e308, 2.2250738585072014e-308
SIZES = [1e-300, 1e-150, 1e-20, 1e-12, 1e-8, 1e-3, 0.1, 0.5, 0.999999, 1.0, 1.3, 2.0, 4.685, 5.0, 19.0, 37.0]
SIZES += [300.0, 700.0, 1e3, 1e5, 1e8, 1e10, 1e20, 1e100, 1e150]
RESIDUALS = [0.0, *SIZES, *(-size for size in SIZES)]


#: Value and slope of a loss, and losses of one width, ask for the same ones; always at as many digits.
log1p, expm1 = cache(mpmath.log1p), cache(mpmath.expm1)


def barron(alpha: float, c: float) -> Callable[[mpf], mpf]:
    def value(r: mpf) -> mpf:
        half = (r / mpf(c)) ** 2 / 2
        if alpha == 2:
            return half
        if alpha == 0:
            return log1p(half)
        if math.isinf(alpha):
            if alpha > 0 and half > 2000:
                return mpf("inf")
            return expm1(half) if alpha > 0 else -expm1(-min(half, mpf(10) ** 6))
        a = mpf(alpha)
        b = abs(a - 2)
        return b / a * expm1(a / 2 * log1p(2 * half / b))

    return value


def barron_slope(alpha: float, c: float) -> Callable[[mpf], mpf]:
    def value(r: mpf) -> mpf:
        half = (r / mpf(c)) ** 2 / 2
        if alpha == 2:
            return r / mpf(c) ** 2
        if math.isinf(alpha):
            if alpha > 0 and half > 2000:
                return mpmath.sign(r) * mpf("inf")
            return r / mpf(c) ** 2 * mpmath.exp(half if alpha > 0 else -min(half, mpf(10) ** 6))
        a = mpf(alpha)
        b = abs(a - 2)
        return r / mpf(c) ** 2 * mpmath.exp((a / 2 - 1) * log1p(2 * half / b))

    return value


def tukey(c: float) -> Callable[[mpf], mpf]:
    return lambda r: mpf(c) ** 2 / 6 * (1 - (1 - min((r / mpf(c)) ** 2, mpf(1))) ** 3)


def logcosh(r: mpf) -> mpf:
    return abs(r) - mpmath.log(2) + (log1p(mpmath.exp(-2 * abs(r))) if abs(r) < 10**4 else 0)


def huber(d: float) -> Callable[[mpf], mpf]:
    return lambda r: r**2 / 2 if abs(r) <= mpf(d) else mpf(d) * (abs(r) - mpf(d) / 2)


def clip(low: mpf, x: mpf, high: mpf) -> mpf:
    return max(low, min(x, high))


# loss, value, slope at a residual r = prediction − target
Truth = tuple[Loss, Callable[[mpf], mpf], Callable[[mpf], mpf]]
TRUTH: list[Truth] = [
    (MSELoss(reduction="none"), lambda r: r**2, lambda r: 2 * r),
    (MSELoss(half=True, reduction="none"), lambda r: r**2 / 2, lambda r: r),
    (L1Loss(reduction="none"), abs, mpmath.sign),
    (LogCoshLoss(reduction="none"), logcosh, lambda r: mpmath.tanh(clip(mpf(-5000), r, mpf(5000)))),
]
for d in (1.0, 1.345, 1e-3, 1e6):
    TRUTH += [
        (HuberLoss(delta=d, reduction="none"), huber(d), lambda r, d=d: clip(-mpf(d), r, mpf(d))),
        (
            SmoothL1Loss(beta=d, reduction="none"),
            lambda r, d=d: huber(d)(r) / mpf(d),
            lambda r, d=d: clip(mpf(-1), r / mpf(d), mpf(1)),
        ),
        (
            PseudoHuberLoss(delta=d, reduction="none"),
            lambda r, d=d: r**2 / (1 + mpmath.sqrt(1 + (r / mpf(d)) ** 2)),
            lambda r, d=d: r / mpmath.sqrt(1 + (r / mpf(d)) ** 2),
        ),
        (
            CauchyLoss(c=d, reduction="none"),
            lambda r, d=d: mpf(d) ** 2 / 2 * log1p((r / mpf(d)) ** 2),
            lambda r, d=d: r / (1 + (r / mpf(d)) ** 2),
        ),
        (
            TukeyBiweightLoss(c=d, reduction="none"),
            tukey(d),
            lambda r, d=d: r * (1 - (r / mpf(d)) ** 2) ** 2 if abs(r) <= mpf(d) else mpf(0),
        ),
    ]
TRUTH.append((SmoothL1Loss(beta=0, reduction="none"), abs, mpmath.sign))
for q in (0.5, 0.1, 0.99):
    TRUTH.append(
        (
            QuantileLoss(q=q, reduction="none"),
            lambda r, q=q: (1 - mpf(q)) * r if r > 0 else -mpf(q) * r,
            lambda r, q=q: mpf(0) if r == 0 else (1 - mpf(q) if r > 0 else -mpf(q)),
        )
    )
for e in (0.0, 0.1, 2.0):
    TRUTH.append(
        (
            EpsilonInsensitiveLoss(epsilon=e, reduction="none"),
            lambda r, e=e: max(mpf(0), abs(r) - mpf(e)),
            lambda r, e=e: mpmath.sign(r) if abs(r) > mpf(e) else mpf(0),
        )
    )
ALPHAS = [2, 2 - 1e-8, 2 + 1e-8, 2 - 1e-12, 1.5, 1, 1 + 1e-8, 0.5, 1e-8, 1e-12, 0, -1e-8, -1, -2, -10, -100, 3, 8]
ALPHAS += [-300, -1e8, -1e40, 300, 1e40]
for alpha in [*ALPHAS, -math.inf, math.inf]:
    for c in (1.0, 0.3):
        TRUTH.append((GeneralRobustLoss(alpha=alpha, c=c, reduction="none"), barron(alpha, c), barron_slope(alpha, c)))


def as_float(exact: mpf) -> float:
    return float(mpmath.sign(exact)) * math.inf if abs(exact) > LARGEST else float(exact)


def assert_close(got: float, exact: mpf, what: str) -> None:
    if abs(exact) > LARGEST:
        assert got == as_float(exact), what
    elif abs(exact) < SMALLEST:  # the format itself has fewer digits here
        assert abs(got) <= SMALLEST, what
    else:
        error = abs((mpf(got) - exact) / exact)
        assert error <= mpf("1e-13"), f"{what}: {got!r}, truth {float(exact)!r}, relative error {float(error):.1e}"


@pytest.mark.parametrize("loss, value, slope", TRUTH, ids=[repr(truth[0]) for truth in TRUTH])
def test_regression_losses(loss: Loss, value: Callable[[mpf], mpf], slope: Callable[[mpf], mpf]) -> None:
    residuals = np.array(RESIDUALS)
    terms, slopes = loss.loss_and_grad(residuals, np.zeros_like(residuals))
    assert (loss.loss(residuals, np.zeros_like(residuals)) == terms).all()
    with mpmath.workdps(DIGITS):
        for r, term, derivative in zip(RESIDUALS, terms, slopes, strict=True):
            assert_close(term, value(mpf(r)), f"value at r = {r!r}")
            assert_close(derivative, slope(mpf(r)), f"slope at r = {r!r}")
