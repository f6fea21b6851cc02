"""What many starts say, and how surely: shares with an interval, means and differences with a standard error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: The level of all intervals.
LEVEL = 0.95
#: What two shares differ by: 93% is three percentage points more than 90%, and 3.3% more.
POINTS = "percentage points"


@dataclass(frozen=True)
class Share:
    """How many of independent starts do something.

    Attributes
    ----------
    count, total : int
        So many of so many.
    """

    count: int
    total: int

    @classmethod
    def of(cls, outcomes: ArrayLike) -> Share:
        """Count what is true in a list of truth values, one for each start."""
        each = np.asarray(outcomes)
        if each.dtype != bool or each.ndim != 1 or not each.size:
            raise ValueError(f"outcomes: expected truth values, one for each start, got {each.dtype} {each.shape}")
        return cls(int(each.sum()), each.size)

    @property
    def value(self) -> float:
        """The share itself."""
        return self.count / self.total

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The exact 95% interval of Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404."""
        from scipy.stats import binomtest

        low, high = binomtest(self.count, self.total).proportion_ci(LEVEL, method="exact")
        return float(low), float(high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count} of {self.total} (95%: {100 * low:.0f}–{100 * high:.0f}%)"


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean over independent starts, with its standard error.

    Attributes
    ----------
    values : ndarray, shape (starts,)
        One number of each start.
    unit : {"", "%", "percentage points"}
        Shares read better as percentages, differences of shares as percentage points.
    """

    values: NDArray[np.float64]
    unit: str = ""

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or self.values.size < 2:
            raise ValueError(f"values: expected one number of each of several starts, got shape {self.values.shape}")

    @property
    def value(self) -> float:
        """The mean."""
        return float(self.values.mean())

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return float(self.values.std(ddof=1) / np.sqrt(self.values.size))

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest start."""
        return float(self.values.min()), float(self.values.max())

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the mean by Student's t."""
        from scipy.stats import t

        reach = float(t.ppf((1 + LEVEL) / 2, self.values.size - 1)) * self.error
        return self.value - reach, self.value + reach

    def format(self, number: float) -> str:
        """Write a number with as many digits as the standard error bears."""
        scale = 100 if self.unit else 1
        error = scale * self.error
        digits = 2 if error == 0 else min(max(int(np.ceil(-np.log10(error))), 0), 4)
        return f"{scale * number:.{digits}f}".replace("-", "−") + ("%" if self.unit == "%" else "")

    @property
    def number(self) -> str:
        """The mean and its standard error; percentage points are not named, for the columns of tables."""
        return f"{self.format(self.value)} ± {self.format(self.error)}"

    @property
    def between(self) -> str:
        """The 95% interval in words; percentage points are not named."""
        low, high = (self.format(bound) for bound in self.interval)
        return f"{low} to {high}"

    def __str__(self) -> str:
        return f"{self.number} {POINTS}" if self.unit == POINTS else self.number


@dataclass(frozen=True, eq=False)
class Range:
    """The smallest and the largest of recorded numbers.

    Attributes
    ----------
    values : ndarray, shape (starts,)
        One number of each start.
    """

    values: NDArray[np.float64]

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number."""
        return float(self.values.min()), float(self.values.max())

    def __str__(self) -> str:
        low, high = (f"{end:#.2g}" if abs(end) < 10 else f"{end:.0f}" for end in self.ends)
        return f"{low} to {high}".replace("-", "−")


def mean(values: ArrayLike, *, percent: bool = False) -> Mean:
    """Return the mean over starts with its standard error."""
    return Mean(np.asarray(values, dtype=float), "%" if percent else "")


def difference(first: ArrayLike, second: ArrayLike, *, percent: bool = False) -> Mean:
    """Return the mean of first − second with its standard error, for pairs that share a seed.

    Pairs share their data, so that what both have in common falls out of the error.
    Shares (`percent`) differ by percentage points.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"pairs are wanted: got shapes {a.shape} and {b.shape}")
    return Mean(a - b, POINTS if percent else "")


def chance_of_gap(recorded: ArrayLike, again: ArrayLike) -> float:
    """Return how probable samples as different as these are, if both come from one distribution.

    This is the exact p-value of the test of Kolmogorov and Smirnov. With ties, which counts have, it is too large,
    never too small: the rate of false alarms stays below what is asked for.
    """
    from scipy.stats import ks_2samp

    result: Any = ks_2samp(np.asarray(recorded, dtype=float), np.asarray(again, dtype=float), method="exact")
    return float(result.pvalue)
