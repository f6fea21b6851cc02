"""The arguments of a loss: each is checked whenever it is set, by the constructor or by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

import numpy as np

from lossbook.functions import Array, as_floats

T = TypeVar("T")
Check = Callable[[Any, str], T]


class Option(Generic[T]):
    """An argument of a loss, kept under its own name in the loss's `vars`.

    Parameters
    ----------
    check : callable
        Takes a value and the argument's name; returns what is kept, or raises ValueError.
    """

    def __init__(self, check: Check[T]) -> None:
        self.check = check
        self.__doc__ = None  # the loss says what its arguments mean

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, loss: None, owner: type) -> Self: ...
    @overload
    def __get__(self, loss: object, owner: type) -> T: ...
    def __get__(self, loss: object | None, owner: type) -> Self | T:
        if loss is None:
            return self
        try:
            return vars(loss)[self.name]
        except KeyError:
            raise AttributeError(f"{owner.__name__} has no {self.name} yet") from None

    def __set__(self, loss: object, value: Any) -> None:
        vars(loss)[self.name] = self.check(value, self.name)


def as_number(value: Any) -> float | None:
    """Return a real number of any type (Python's, NumPy's, an array or tensor without axes), or None if it is none."""
    if isinstance(value, bool | np.ma.MaskedArray):
        return None
    try:
        array = np.asarray(value)
    except (RuntimeError, TypeError, ValueError):  # a ragged list, or a tensor that PyTorch keeps to itself
        return None
    return float(array) if array.shape == () and array.dtype.kind in "iuf" else None


def check_positive(value: Any, name: str) -> float:
    """Return a finite number above 0, or raise ValueError."""
    number = as_number(value)
    if number is None or not 0 < number < math.inf:
        raise ValueError(f"{name}: expected a finite number above 0, got {value!r}")
    return number


def check_number(value: Any, name: str, minimum: float = -math.inf, maximum: float = math.inf) -> float:
    """Return a finite number between the two, ends included, or raise ValueError."""
    number = as_number(value)
    if number is None or not math.isfinite(number) or not minimum <= number <= maximum:
        where = f"from {minimum:g} to {maximum:g}" if maximum < math.inf else f"at least {minimum:g}"
        wanted = f"a finite number, {where}" if minimum > -math.inf else "a finite number"
        raise ValueError(f"{name}: expected {wanted}, got {value!r}")
    return number


def between(minimum: float, maximum: float = math.inf) -> Check[float]:
    """Return the check for a finite number between the two, ends included."""
    return lambda value, name: check_number(value, name, minimum, maximum)


def check_shape(value: Any, name: str) -> float:
    """Return a number, which may be infinite, or raise ValueError."""
    number = as_number(value)
    if number is None or math.isnan(number):
        raise ValueError(f"{name}: expected a number, −inf and inf included, got {value!r}")
    return number


def check_share(value: Any, name: str) -> float:
    """Return a number strictly between 0 and 1, or raise ValueError."""
    number = as_number(value)
    if number is None or not 0 < number < 1:
        raise ValueError(f"{name}: expected a number strictly between 0 and 1, got {value!r}")
    return number


def check_flag(value: Any, name: str) -> bool:
    """Return True or False, or raise ValueError."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def integer(minimum: float = -math.inf) -> Check[int]:
    """Return the check for an integer, at least the minimum."""

    def check(value: Any, name: str) -> int:
        number = as_number(value)
        if number is None or np.asarray(value).dtype.kind == "f" or number < minimum:
            least = f", at least {minimum:g}" if minimum > -math.inf else ""
            raise ValueError(f"{name}: expected an integer{least}, got {value!r}")
        return int(value)

    return check


def one_of(*choices: T) -> Check[T]:
    """Return the check for one of several words or integers."""

    def check(value: Any, name: str) -> T:
        if isinstance(value, str | int | np.integer) and not isinstance(value, bool) and value in choices:
            return choices[choices.index(value)]
        raise ValueError(f"{name}: expected one of {', '.join(map(str, choices))}, got {value!r}")

    return check


def or_none(check: Check[T]) -> Check[T | None]:
    """Return a check that lets None pass."""
    return lambda value, name: None if value is None else check(value, name)


def check_weights(value: Any, name: str) -> Array:
    """Return a row of finite weights, none negative, as an array that cannot be written to, or raise ValueError."""
    array = as_floats(value, name).copy()
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: expected a row of weights, got shape {array.shape}")
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        raise ValueError(f"{name}: expected finite weights that are not negative, got {array[wrong][0]}")
    array.flags.writeable = False
    return array
