"""Reads the numbers in a reader's answer, and says how they lie to the right ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Digits from which on a computed number counts as right.
_ENOUGH = 3

_HALF = "twice or half the one asked for: where does a factor ½ belong?"
#: By which factor an answer is often off, and what its reader is told; answers.js of lossbook.sphinxext has them, too.
SLIPS = (
    (math.log(2), "ln 2 times the one asked for: bits or nats?"),
    (1 / math.log(2), "1/ln 2 times the one asked for: bits or nats?"),
    (2.0, _HALF),
    (0.5, _HALF),
    (-1.0, "the one asked for but for its sign."),
)
SIZE = "off by a size of the data as a factor: is a sum asked for, or a mean, and over what?"


class NoNumber(Exception):
    """Says what an answer is instead of a number."""


def numbers(answer: Any) -> NDArray[np.floating[Any]]:
    """Return the numbers in an answer: of Python, NumPy, SymPy and the like, or in a tensor of any library.

    Parameters
    ----------
    answer : object
        A number, an array, a tensor, or a list of them.

    Returns
    -------
    array of floats
        In the precision of the answer, without dimensions for a single number.

    Raises
    ------
    NoNumber
        If it is none: text that looks like a number, a truth value, a complex number.

    Examples
    --------
    >>> from fractions import Fraction
    >>> numbers(Fraction(9, 10))
    array(0.9)
    """
    found = np.asarray(_plain(answer))
    elements = found.ravel().tolist() if found.dtype.kind == "O" else []
    if found.dtype.kind in "USV" or any(isinstance(one, str | bytes) for one in elements):
        raise NoNumber("it is text, no number; leave the quotation marks out")
    if found.dtype.kind == "b" or any(isinstance(one, bool) for one in elements):
        raise NoNumber("it is a truth value, no number")
    if found.dtype.kind == "c":
        if found.imag.any():
            raise NoNumber("it is a complex number, and a real one is asked for")
        found = found.real
    if found.dtype.kind not in "iufO":
        raise NoNumber("it is no number")
    return found if found.dtype.kind == "f" else found.astype(float)


def _plain(answer: Any) -> Any:
    if isinstance(answer, list | tuple):
        return [_plain(one) for one in answer]
    # A tensor leaves its gradient and its device behind; its library need not be known here.
    for step in ("detach", "cpu"):
        answer = getattr(answer, step, lambda same=answer: same)()
    if hasattr(answer, "__array__"):
        try:
            return np.asarray(answer)
        except TypeError:  # of a type that NumPy lacks, as bfloat16
            return answer.tolist()
    return answer.item() if callable(getattr(answer, "item", None)) else answer


def agree(got: NDArray[Any], wanted: NDArray[Any], rtol: float) -> bool:
    """Tell whether all numbers lie close enough to the right ones, as far as the precision of the answer allows.

    Parameters
    ----------
    got, wanted : array
        The answer, and the right one.
    rtol : float
        How far they may lie apart, relative to the right one.
    """
    coarse = float(np.finfo(got.dtype).eps)
    # float32 counts for what it stands for; what is coarser has too few digits.
    rtol = max(rtol, 8 * coarse) if coarse < 1e-6 else rtol
    return got.shape == wanted.shape and bool(np.allclose(got.astype(float), wanted, rtol=rtol, atol=0))


def right_digits(got: float, wanted: float) -> tuple[int, bool]:
    """Tell how many digits of a number are right, and whether it ends with them.

    Parameters
    ----------
    got, wanted : float
        The answer, and the right one.

    Examples
    --------
    >>> right_digits(0.63, 0.63212), right_digits(0.632, 0.63212), right_digits(0.6324, 0.63212)
    ((2, True), (3, True), (3, False))
    """
    if not (math.isfinite(got) and math.isfinite(wanted)) or wanted == 0:
        return 0, False
    digits, unit = 0, 10.0 ** (math.floor(math.log10(abs(wanted))) + 1)
    while digits < 15 and abs(got - wanted) <= unit / 20 * (1 + 1e-9):
        digits, unit = digits + 1, unit / 10
    return digits, abs(got / unit - round(got / unit)) < 1e-6


def rounded(got: NDArray[Any], wanted: NDArray[Any]) -> bool:
    """Tell whether a number is the right one up to rounding: three digits, or more of which four are right.

    So is one that its type cannot hold better.

    Parameters
    ----------
    got, wanted : array
        The answer, and the right one; arrays with dimensions are no single number.
    """
    if got.shape or wanted.shape:
        return False
    digits, ends = right_digits(float(got), float(wanted))
    return digits > _ENOUGH or (digits == _ENOUGH and ends) or bool(got == wanted.astype(got.dtype))


def has_scale(values: NDArray[Any]) -> bool:
    """Tell whether a factor would change any of the numbers: not if each is 0 or infinite.

    Parameters
    ----------
    values : array
        Numbers.
    """
    return bool((np.isfinite(values) & (values != 0)).any())


def slip(
    got: NDArray[Any],
    wanted: NDArray[Any],
    sizes: Iterable[int],
    same: Callable[[NDArray[Any], NDArray[Any]], bool],
) -> str:
    """Return which common slip makes an answer out of the right one; empty if none does.

    Parameters
    ----------
    got, wanted : array
        The answer, and the right one.
    sizes : iterable of int
        What a sum may have been divided by.
    same : callable
        Tells whether two answers agree.
    """
    if not has_scale(wanted):
        return ""
    for factor, said in SLIPS:
        if same(got, factor * wanted):
            return said
    if any(same(got, wanted * size) or same(got, wanted / size) for size in sizes if size > 2):
        return SIZE
    return ""


__all__ = ["SIZE", "SLIPS", "NoNumber", "agree", "has_scale", "numbers", "right_digits", "rounded", "slip"]
