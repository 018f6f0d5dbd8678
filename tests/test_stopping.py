"""Ctrl-C is heard between two acts, so that none is left half done; a signal to stop is heard whoever handles it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from grants.stopping import STOPS, between_acts, told_to_stop


def tell(*presses: int) -> tuple[list[int], bool]:
    """Tells a story with so many presses of Ctrl-C in each act; returns the acts that ended, and if it stopped."""
    ended: list[int] = []
    try:
        with between_acts() as rest:
            for act, times in enumerate(presses, start=1):
                rest()
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)
                ended.append(act)
    except KeyboardInterrupt:
        return ended, True
    return ended, False


@pytest.mark.parametrize(
    ("presses", "ended"),
    [((1, 0), [1]), ((0, 1, 0), [1, 2]), ((0, 0, 1), [1, 2, 3])],
    ids=["in the first act", "in the middle", "in the last act"],
)
def test_an_act_ends_before_ctrl_c_is_heard(presses: tuple[int, ...], ended: list[int]) -> None:
    assert tell(*presses) == (ended, True)


def test_whoever_presses_twice_waits_for_nothing() -> None:
    assert tell(0, 2, 0) == ([1], True)


def test_a_story_that_nobody_stops_is_told_and_ctrl_c_is_what_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert tell(0, 0) == ([1, 2], False)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("stop", STOPS)
def test_a_process_hears_that_it_should_stop_and_no_other_signal(stop: signal.Signals) -> None:
    heard: list[int] = []
    before = {number: signal.signal(number, lambda seen, _: heard.append(seen)) for number in (signal.SIGUSR1, stop)}
    try:
        wait = told_to_stop()
        signal.raise_signal(signal.SIGUSR1)
        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        signal.raise_signal(stop)
        waiting.join(30)
        assert not waiting.is_alive()
        assert heard == [signal.SIGUSR1, stop]
    finally:
        os.close(signal.set_wakeup_fd(-1))
        for number, handler in before.items():
            signal.signal(number, handler)
