"""Runs a reader's code, which may fail in any way and may never end, and comes back in any case."""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

# Seconds until a limit that was passed strikes again: a bare `except:` in a loop swallows the first.
_AGAIN = 0.01
# More of what an error says than this is cut.
_LONGEST = 200


class TooLong(BaseException):
    """Raised into code that takes too long; no ``except Exception`` in it stops it."""


def attempt(work: Callable[[], T], seconds: float) -> tuple[T | None, BaseException | None]:
    """Run something for some seconds at most, whatever it raises.

    In the main thread an alarm of the system ends it, where there is one, and a limit around this one stays in force.
    Elsewhere a second thread does, which cannot end a call that waits (`time.sleep`); neither ends one long
    computation outside Python's own code. Nothing is left behind: handler and alarm are put back as they were.

    Parameters
    ----------
    work : callable
        Is called without arguments.
    seconds : float
        The limit.

    Returns
    -------
    result : object
        What it returns; None where it fails.
    error : BaseException or None
        What it raises, ``SystemExit`` and ``KeyboardInterrupt`` included; `TooLong` where it had to be stopped.

    Examples
    --------
    >>> attempt(lambda: 1 / 0, seconds=1)
    (None, ZeroDivisionError('division by zero'))
    """
    # By a class of its own it can be told from the limit of an attempt around this one.
    ours: type[TooLong] = type("TooLong", (TooLong,), {})
    result: T | None = None
    error: BaseException | None = None

    def run() -> None:
        nonlocal result, error
        try:
            result = work()
        except BaseException as raised:
            if isinstance(raised, TooLong) and not isinstance(raised, ours):
                raise
            error = raised

    limit = _Alarm(ours, seconds) if _has_alarm() else _Watcher(ours, seconds)
    try:
        try:
            limit.start()
            run()
        finally:
            # Twice: the limit may strike in the first.
            try:
                limit.stop()
            finally:
                limit.stop()
    except ours as raised:
        error = raised
    return (result, None) if error is None else (None, error)


def described(error: BaseException) -> str:
    """Return an error's kind and message on one line, even if the error cannot say what it is.

    Parameters
    ----------
    error : BaseException
        What was raised.
    """
    kind = type(error).__name__
    message, _ = attempt(lambda: " ".join(str(error).split()), 1.0)
    text = f"{kind}: {message}" if message else kind
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _has_alarm() -> bool:
    """Whether this is a thread that an alarm reaches, and whoever has set one before can have it back."""
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is not None


class _Alarm:
    """A limit by the system's alarm, of which there is one: what was set before rings when it is due."""

    def __init__(self, error: type[TooLong], seconds: float) -> None:
        self._error, self._seconds = error, seconds
        self._over = self._given_back = False
        self._began = time.monotonic()
        self._outer = (0.0, 0.0)
        self._handler: Any = None

    def start(self) -> None:
        self._outer = signal.setitimer(signal.ITIMER_REAL, 0)
        self._handler = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, min(self._seconds, self._outer[0] or self._seconds), _AGAIN)

    def _ring(self, *_: object) -> None:
        if not self._over:
            raise self._error

    def stop(self) -> None:
        self._over = True
        if self._given_back or self._handler is None:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)
        self._given_back = True
        due, again = self._outer
        if due:
            signal.setitimer(signal.ITIMER_REAL, max(due - (time.monotonic() - self._began), 1e-6), again)


class _Watcher:
    """A limit by a second thread, which raises an error in this one."""

    def __init__(self, error: type[TooLong], seconds: float) -> None:
        self._error, self._seconds = error, seconds
        self._watched = ctypes.c_ulong(threading.get_ident())
        self._lock, self._over = threading.Lock(), threading.Event()
        self._struck = False

    def start(self) -> None:
        try:
            threading.Thread(target=self._watch, daemon=True).start()
        except RuntimeError:  # where there are no threads, as in a browser, there is no limit
            self._over.set()

    def _watch(self) -> None:
        seconds = self._seconds
        while not self._over.wait(seconds):
            with self._lock:
                if not self._over.is_set():
                    self._struck = True
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(self._watched, ctypes.py_object(self._error))
            seconds = _AGAIN

    def stop(self) -> None:
        with self._lock:
            self._over.set()
        if self._struck:
            # What has not arrived yet must not arrive in what comes next.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self._watched, None)


__all__ = ["TooLong", "attempt", "described"]
