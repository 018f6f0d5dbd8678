"""One database, many processes of the real commands: whoever dies, vanishes or stops, the run goes on, once.

Different processes stand for different machines. Seconds are told, and only bounded by what was promised.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.machines.conftest import COUNT, LEASE, Town, wake
from tests.running import Served
from tests.sizes import PATIENCE

pytestmark = pytest.mark.timeout(PATIENCE)


Tell = Callable[[str, object], None]

SOON = 5.0 + 10.0
"""Seconds in which a killed process’s run is gone on with; the promise is 5, a busy test machine gets more."""

STOPPED = 20.0
"""Seconds in which a process that is told to stop is gone, whatever it is doing."""


def test_the_process_that_sends_is_killed_and_another_goes_on(town: Town, record_property: Tell) -> None:
    """Two serving commands and two workers share one database; pages are asked for all the while."""
    with town.serving() as first, town.serving() as second, town.working(2):
        over = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            asking = [pool.submit(_keep_asking, each, over) for each in (first, second)]
            try:
                run_id = town.run()
                holder, pid = town.in_the_middle(run_id)
                os.kill(pid, signal.SIGKILL)
                seconds = town.taken_over(run_id, holder)
                town.finished(run_id)
            finally:
                over.set()
            answers = [status for each in asking for status in each.result()]
    assert set(answers) <= {200, 0}, "0: that very server was killed, and comes back"
    record_property("seconds until a killed process's run was gone on with", round(seconds, 1))
    assert seconds < SOON
    town.agrees()


def _keep_asking(served: Served, over: threading.Event) -> list[int]:
    """Asks for pages until it is over; returns the statuses, 0 where nobody answered."""
    statuses = []
    while not over.wait(0.1):
        try:
            statuses += [served.get(path)[0] for path in ("/readyz", "/")]
        except OSError:
            statuses.append(0)
    return statuses


def test_a_host_vanishes_and_when_it_comes_back_it_does_nothing_twice(town: Town, record_property: Tell) -> None:
    """A frozen process stands for the host: its lock is held, its connections are open, and it does not move."""
    with town.working(2) as workers:
        run_id = town.run()
        holder, pid = town.in_the_middle(run_id)
        os.kill(pid, signal.SIGSTOP)
        try:
            seconds = town.taken_over(run_id, holder)
            town.finished(run_id)
            left, asked = town.recorded(run_id), len(town.orders())
        finally:
            wake(pid)
        [other] = [each for each in workers if each.process.pid != pid]
        assert other.stop(within=STOPPED) == 0
        again = town.run(2)  # only the one that woke is there to send it
        town.finished(again)
        assert town.recorded(run_id) == left
        keys = {row[0] for row in left}
        assert [key for key in town.orders()[asked:] if key in keys] == []
    record_property("seconds until a vanished host's run was gone on with (lease 2 s)", round(seconds, 1))
    assert seconds < LEASE + SOON
    town.agrees(COUNT + 2)


def test_a_worker_that_is_told_to_stop_within_a_run_leaves_it_to_the_next(town: Town, record_property: Tell) -> None:
    with town.working(1) as [first]:
        run_id = town.run()
        town.in_the_middle(run_id)
        began = time.monotonic()
        assert first.stop(within=STOPPED) == 0
        within_a_run = time.monotonic() - began
        assert first.nobody_left()
    assert town.holder(run_id) == "", "it let the run go"
    with town.working(1) as [second]:
        town.finished(run_id)
        began = time.monotonic()
        assert second.stop(within=STOPPED) == 0
        idle = time.monotonic() - began
    record_property("seconds until a worker stopped: within a run, idle", [round(within_a_run, 1), round(idle, 1)])
    town.agrees()


def test_a_server_that_is_told_to_stop_within_a_run_leaves_it_to_the_next(town: Town, record_property: Tell) -> None:
    with town.serving() as served:
        run_id = town.run()
        town.in_the_middle(run_id)
        began = time.monotonic()
        assert served.stop(within=STOPPED) == 0
        within_a_run = time.monotonic() - began
        assert served.nobody_left()
    with town.serving() as again:
        town.finished(run_id)
        began = time.monotonic()
        assert again.stop(within=STOPPED) == 0
        idle = time.monotonic() - began
    record_property("seconds until a server stopped: within a run, idle", [round(within_a_run, 1), round(idle, 1)])
    town.agrees()
