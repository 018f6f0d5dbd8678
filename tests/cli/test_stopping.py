"""Ctrl-C is heard between two acts, so that no act is left half done."""

from __future__ import annotations

import signal

import pytest

from grants.cli.stopping import between_acts


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
