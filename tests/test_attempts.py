"""Code that fails in any way, or never ends, is left behind, and nothing of the limit is."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from lossbook.pages import attempts
from lossbook.pages.attempts import TooLong, attempt, described

ALARM = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the platform has no alarm")


def endless():
    while True:
        pass


@pytest.fixture(params=["alarm", "thread"])
def kind(request, monkeypatch):
    """Both ways to end what takes too long."""
    if request.param == "thread":
        monkeypatch.setattr(attempts, "_has_alarm", lambda: False)
    elif not hasattr(signal, "setitimer"):
        pytest.skip("the platform has no alarm")
    return request.param


def test_a_result_or_an_error_comes_back(kind):
    assert attempt(lambda: 7, 5) == (7, None)
    for raised in (ValueError("no"), SystemExit(3), KeyboardInterrupt()):

        def fails(raised=raised):
            raise raised

        assert attempt(fails, 5) == (None, raised)


def test_what_never_ends_is_ended(kind):
    began = time.monotonic()
    result, error = attempt(endless, 0.2)
    assert result is None and isinstance(error, TooLong)
    assert 0.2 <= time.monotonic() - began < 20


def test_a_loop_that_swallows_the_first_error_is_ended(kind):
    def swallows():
        try:
            endless()
        except BaseException:  # noqa: BLE001
            endless()

    assert isinstance(attempt(swallows, 0.1)[1], TooLong)


def test_nothing_comes_later(kind):
    for _ in range(300):
        # Ends at about the time at which the limit strikes.
        attempt(lambda: time.sleep(0.0005), 0.0005)
    began = time.monotonic()
    while time.monotonic() - began < 0.3:
        pass


def test_of_two_limits_each_ends_its_own(kind):
    def inner():
        return attempt(endless, 0.1)[1], "went on"

    (error, then), outer = attempt(inner, 30)
    assert isinstance(error, TooLong) and then == "went on" and outer is None
    result, outer = attempt(lambda: attempt(endless, 30), 0.2)
    assert result is None and isinstance(outer, TooLong)


@ALARM
def test_handler_and_alarm_are_put_back():
    rung = []
    before = signal.signal(signal.SIGALRM, handler := lambda *_: rung.append(1))
    try:
        for work in (lambda: 7, endless, lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN)):
            signal.setitimer(signal.ITIMER_REAL, 50, 3)
            attempt(work, 0.1)
            due, again = signal.setitimer(signal.ITIMER_REAL, 0)
            assert 0 < due <= 50 and again == 3
            assert signal.getsignal(signal.SIGALRM) is handler
            attempt(work, 0.1)
            assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        assert not rung
        # What was due first still rings.
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        assert isinstance(attempt(endless, 30)[1], TooLong)
        time.sleep(0.05)
        assert rung == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_without_threads_and_alarm_there_is_no_limit(monkeypatch):
    def refuses(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(attempts, "_has_alarm", lambda: False)
    monkeypatch.setattr(threading.Thread, "start", refuses)
    assert attempt(lambda: 7, 0.001) == (7, None)


def test_errors_are_described_on_one_line():
    assert described(ValueError("so\nand  so")) == "ValueError: so and so"
    assert described(SystemExit()) == "SystemExit"
    assert len(described(ValueError("x" * 10_000))) == 200
