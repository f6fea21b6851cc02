"""Small sets of real data, entered as facts with their source."""

from __future__ import annotations

import numpy as np

from lossbook.functions import Array

# Rousseeuw and Leroy, Robust Regression and Outlier Detection (Wiley 1987), page 26, table 2;
# from the Belgian Statistical Survey.
_CALLS = (
    0.44, 0.47, 0.47, 0.59, 0.66, 0.73, 0.81, 0.88, 1.06, 1.20, 1.35, 1.49,
    1.61, 2.12, 11.90, 12.40, 14.20, 15.90, 18.20, 21.20, 4.30, 2.40, 2.70, 2.90,
)  # fmt: skip


def belgian_calls() -> tuple[Array, Array]:
    """Return the years 1950 to 1973 and the international telephone calls from Belgium, in tens of millions.

    From 1964 to 1969 another recording system was in use, which counted minutes in place of calls: six wild values,
    and not by chance.

    Examples
    --------
    >>> years, calls = belgian_calls()
    >>> int(years[calls.argmax()]), float(calls.max())
    (1969, 21.2)
    """
    return np.arange(1950.0, 1974.0), np.array(_CALLS)
