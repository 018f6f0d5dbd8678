"""The pace of requests to a rail: one token bucket for each kind of request, shared by all workers.

A stretch of tokens is taken at once, in a short transaction of its own; each request then waits for its moment. The
bucket may go into debt, so moments are handed out in order, whoever asks, and nobody is let past. The time is that
of the database where it has a clock, so that hosts need not agree on theirs.

A request whose moment was over for too long is not made at all: whoever slept so long (a frozen host, a closed lid) was
taken for lost, others went on with its work, and what it knew may no longer be so.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.model.safety import Bucket

T = TypeVar("T")
Result = TypeVar("Result")

SAVED = 0.2
"""Seconds of unused tokens that are kept: what a commit between two stretches cost is made good."""

LONGEST = 2.0
"""Seconds of tokens that one stretch takes at most, so that nobody waits long for the others, or for a stop."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by every clock that there is: some of them stand still while a machine sleeps, others do not.

    The clock that counts most is believed: a request that is not made costs nothing, one made too late may.
    """

    clocks: tuple[float, ...]

    @classmethod
    def now(cls) -> Moment:
        """Returns this moment."""
        boot = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else 0.0
        return cls((time.monotonic(), boot, time.time()))

    def ago(self) -> float:
        """Returns the seconds since then, by the clock that counts most."""
        return max(now - then for now, then in zip(Moment.now().clocks, self.clocks, strict=True))


class Gate:
    """Lets requests begin at their moments, and those whose moment is over one by one.

    When answers were slow, many moments are over at once; all together those requests would be too many.
    """

    def __init__(self, gap: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes the seconds between two late requests, and a clock that counts seconds."""
        self._gap, self._clock, self._lock = gap, clock, threading.Lock()
        self._last = -math.inf

    def wait(self, moment: float) -> float:
        """Returns in how many seconds the request with this moment may begin."""
        with self._lock:
            now = self._clock()
            begins = moment if now - moment <= SAVED else max(now, self._last + self._gap)
            self._last = max(self._last, begins)
        return max(0.0, begins - now)


@dataclass(frozen=True, slots=True)
class Pacer:
    """Lets requests of one kind pass at the settings' rate; ``work`` gives a desk and commits at its end.

    ``patience`` is after how many seconds a request comes too late to be made; none is too late without it.
    """

    work: Callable[[], AbstractContextManager[Desk]]
    name: str
    rate: float
    patience: float = math.inf

    @property
    def stretch(self) -> int:
        """Returns how many requests one stretch holds at most."""
        return max(1, int(self.rate * LONGEST))

    def map(
        self, pool: ThreadPoolExecutor, act: Callable[[T], Result], items: Iterable[T], too_late: Result
    ) -> list[Result]:
        """Returns what the act made of each item, in order, each begun at its own moment; ``too_late`` for the rest."""
        todo = list(items)
        begun = Moment.now()
        moments = self.take(len(todo))
        gate = Gate(1 / self.rate)

        def at_its_moment(place: int) -> Result:
            time.sleep(gate.wait(begun.clocks[0] + moments[place]))
            return act(todo[place]) if begun.ago() < moments[place] + self.patience else too_late

        return list(pool.map(at_its_moment, range(len(todo))))

    def wait(self) -> None:
        """Waits until one more request may be made; raises Refusal ``rail.too_late`` when its moment is long over."""
        begun = Moment.now()
        (seconds,) = self.take(1)
        time.sleep(seconds)
        if begun.ago() >= seconds + self.patience:
            raise Refusal("rail.too_late", "This machine slept for too long to go on with this. It is begun anew.")

    def take(self, count: int) -> list[float]:
        """Takes tokens and returns, for each, in how many seconds its request may begin."""
        if not count:
            return []
        with self.work() as desk:
            left = self._move(desk.session, -count) + count
        return [max(0.0, (place + 1 - left) / self.rate) for place in range(count)]

    def slow(self, seconds: float) -> None:
        """Lets everybody wait so much longer, after the provider said that we ask too often."""
        with self.work() as desk:
            self._move(desk.session, -seconds * self.rate)

    def _move(self, session: Session, tokens: float) -> float:
        """Fills the bucket up to now, puts tokens in (or takes them), and returns how many it holds then."""
        on_postgres = session.get_bind().dialect.name == "postgresql"
        most = max(1.0, self.rate * SAVED)
        make = (postgresql.insert(Bucket) if on_postgres else sqlite.insert(Bucket)).on_conflict_do_nothing()
        held = select(Bucket).where(Bucket.name == self.name).with_for_update()
        bucket = session.scalars(held).one_or_none()
        if bucket is None:
            session.execute(make.values(name=self.name, tokens=most, at=_now(session, on_postgres)))
            bucket = session.scalars(held).one()
        now = max(_now(session, on_postgres), bucket.at)
        bucket.tokens = min(most, bucket.tokens + (now - bucket.at) * self.rate) + tokens
        bucket.at = now
        return bucket.tokens


def _now(session: Session, on_postgres: bool) -> float:
    if not on_postgres:
        return time.time()
    return float(session.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
