"""Sending a run in batches: while one batch is sent, the payees of the next are made ready.

Each batch is committed as sending before its first request and recorded after its last; what is kept in memory is
two batches, however long the run is. All requests go at the pace that all workers share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from grants.flow.desk import Desk
from grants.flow.pay import record, send
from grants.jobs import ask
from grants.jobs.paced import Pacer
from grants.offers import Rail, Ready

Work = Callable[[], AbstractContextManager[Desk]]
"""Gives a desk and commits at its end, such as ``JobContext.desk``."""

THREADS = 32
"""How many requests to a rail are under way at once, at most: slow answers must not slow a run down."""


def paced(work: Work, rail: Rail, act: str) -> Pacer:
    """Returns the pace of one kind of request to a rail (ready, send, list): providers count each kind apart."""
    with work() as desk:
        settings = desk.settings
    return Pacer(work, f"{rail.slug} {act}", settings.rail_rate, settings.lease_seconds)


class Sending:
    """One worker's part in a run, from its first batch to its last; a context manager.

    ``by`` names the worker; what it does once the run is another's raises TakenOver, and changes nothing.
    """

    def __init__(self, work: Work, run_id: int, by: str = "") -> None:
        self.work = work
        self.run_id = run_id
        self.by = by
        with work() as desk:
            self.rail = desk.catalogue.rail(send.rail_of(desk, run_id))
            most = desk.settings.run_batch
        self._ready, self._send = paced(work, self.rail, "ready"), paced(work, self.rail, "send")
        self._size = min(most, self._send.stretch)
        # Two, as whoever waits for a moment holds a thread: those who ask about payees must not keep payments waiting.
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="rail")
        self._asking = ThreadPoolExecutor(THREADS, thread_name_prefix="ready")
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._next: Future[list[send.Readied]] | None = None
        self._fresh = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """Waits for what is under way: nothing of this run is asked of anybody afterwards."""
        self._ahead.shutdown(cancel_futures=True)
        self._asking.shutdown()
        self._pool.shutdown()

    def batch(self) -> dict[str, int]:
        """Sends one batch; returns how many were ``sent``, ``limited`` by the provider, and what is ``left``.

        ``tries`` are the fewest tries of what is left.
        """
        readied = self._next.result() if self._next else self._choose()
        with self.work() as desk:
            going = send.mark_sending(desk, self.run_id, readied, by=self.by)
            more = send.left_of_run(desk, self.run_id).any
        self._next = self._ahead.submit(self._choose) if more and going else None
        outcomes = self._send.map(self._pool, lambda each: ask.send_one(self.rail, each), going, ask.NOT_SENT)
        with self.work() as desk:
            told = {each.attempt_id: outcome for each, outcome in zip(going, outcomes, strict=True)}
            send.record_batch(desk, self.run_id, told, by=self.by)
            left = send.left_of_run(desk, self.run_id)
        limited = sum(outcome.code == send.LIMITED for outcome in outcomes)
        limited += sum(each.ready.code == send.LIMITED for each in readied)
        sent = sum(outcome.state != "put_back" for outcome in outcomes)
        return {"left": int(left.any), "sent": sent, "tries": left.tries, "limited": limited}

    def look_at_unknown(self) -> int:
        """Looks up what is unknown of the run, and returns how many still are."""
        after = left = 0
        while True:
            with self.work() as desk:
                ids = send.unknown_of_run(desk, self.run_id, after, self._size)
            if not ids:
                return left
            check_part(self.work, self._pool, self.rail, ids)
            after = ids[-1]
            with self.work() as desk:
                left += len(send.still_unknown(desk, ids))

    def slow(self, seconds: float) -> None:
        """Slows all workers down, after too many requests."""
        self._ready.slow(seconds)
        self._send.slow(seconds)

    def _choose(self) -> list[send.Readied]:
        """Chooses the next attempts and asks the rail about their payees; those frozen before are not asked about."""
        with self.work() as desk:
            chosen = send.choose(desk, self.run_id, self._size, fresh=self._fresh, by=self.by)
        self._fresh = False
        asked = [each for each in chosen if not each.frozen]
        answers = self._ready.map(self._asking, lambda each: ask.ready(self.rail, each), asked, ask.NOT_READY)
        known = {each.attempt_id: ready for each, ready in zip(asked, answers, strict=True)}
        return [send.Readied(each, known.get(each.attempt_id, Ready())) for each in chosen]


def check_part(work: Work, pool: ThreadPoolExecutor, rail: Rail, ids: Sequence[int]) -> list[str]:
    """Looks some attempts up at their rail and records what it says; returns a line for each change."""
    with work() as desk:
        asked = send.to_check(desk, ids)
    pace = paced(work, rail, "send")
    changes: list[str] = []
    for start in range(0, len(asked), pace.stretch):
        part = asked[start : start + pace.stretch]
        outcomes = pace.map(pool, lambda each: ask.check(rail, each), part, ask.NOT_KNOWN)
        with work() as desk:
            told = {each.attempt_id: outcome for each, outcome in zip(part, outcomes, strict=True)}
            changes += [str(change) for change in record.record_outcomes(desk, told)]
    return changes
