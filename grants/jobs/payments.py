"""Payments later: performing runs, looking up hints, reconciling, chasing cash floats.

A rail is called here and nowhere else, always between two transactions: what is sent was committed as
sending before, so a crash at any point leaves an attempt that is looked up under its own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import islice
from time import sleep
from typing import TypeVar

import structlog

from grants.domain.errors import Refusal
from grants.flow import check
from grants.flow.desk import Desk
from grants.flow.pay import floats, hints, record, send
from grants.flow.pay import reconcile as books
from grants.jobs.context import Again, Job, JobContext
from grants.jobs.restored import reconcile_restored
from grants.model.engine import reading
from grants.offers import Held, Outcome, Rail, Ready

T = TypeVar("T")

log = structlog.get_logger("grants.jobs")

Work = Callable[[], AbstractContextManager[Desk]]
"""Gives a desk and commits at its end, such as ``JobContext.desk``."""

BATCH = 20
"""Attempts in one batch: committed together before and after, sent side by side between."""

THREADS = 8
"""How many requests to a rail are under way at once."""

LOOKS = 3
"""How often a run looks again for outcomes that are unknown, before it leaves them to the reconcile."""

LONGEST_WAIT = 60.0


def perform_run(context: JobContext, run_id: int) -> None:
    """Sends a released run to its end, or until it is paused; run again after a crash, it goes on where it was.

    Raises Again when everything left was put back by the provider (too many requests, no connection).
    """
    work = context.desk
    if not context.step("start", lambda: _start(work, run_id)):
        return
    with ThreadPoolExecutor(THREADS, thread_name_prefix="rail") as pool:
        while True:
            _send_all(context, pool, run_id)
            _look_at_all_unknown(context, pool, run_id)
            if context.step("finish", lambda: _finish(work, run_id)) != "more":
                return


def send_batch(work: Work, pool: ThreadPoolExecutor, run_id: int) -> dict[str, int]:
    """Sends one batch; returns how many attempts are ``left``, were ``sent``, and the fewest ``tries`` so far."""
    with work() as desk:
        rail = desk.catalogue.rail(send.rail_of(desk, run_id))
        chosen = send.choose(desk, run_id, BATCH)
    readied = dict(pool.map(lambda each: (each.attempt_id, _ready(rail, each)), chosen))
    with work() as desk:
        going = send.mark_sending(desk, run_id, readied)
    outcomes = dict(pool.map(lambda each: (each.attempt_id, _send(rail, each)), going))
    with work() as desk:
        send.record_batch(desk, run_id, outcomes)
        left, tries = send.waiting_of_run(desk, run_id), send.fewest_tries(desk, run_id)
    sent = sum(outcome.state != "put_back" for outcome in outcomes.values())
    return {"left": left, "sent": sent, "tries": tries}


def look_again(context: JobContext, event_id: int) -> None:
    """Fetches the object that a stored webhook is about and records what it shows."""
    with context.desk() as desk:
        attempt_id = hints.attempt_for(desk, event_id)
        found = send.to_check(desk, [attempt_id]) if attempt_id else []
    rails = context.catalogue.rails
    outcomes = {each.attempt_id: _check(rails[each.rail], each) for each in found if each.rail in rails}
    with context.desk() as desk:
        record.record_outcomes(desk, outcomes)
        hints.handled(desk, event_id, hints.MATCHED if outcomes else hints.UNMATCHED)


def reconcile(work: Work) -> list[str]:
    """Asks every automatic rail about every open attempt and reads what it holds; returns a line for each change.

    Right with no webhook at all. A rail that cannot be asked just now is named in a line of its own.
    """
    after_restore = reconcile_restored(work)
    if after_restore is not None:
        return after_restore
    with work() as desk:
        record.lose(desk, books.stale_sending(desk))
        rails = [rail for rail in desk.catalogue.rails.values() if rail.automatic]
    lines: list[str] = []
    with ThreadPoolExecutor(THREADS, thread_name_prefix="rail") as pool:
        for rail in rails:
            lines += _ask_about_open(work, pool, rail)
            lines += _read_what_is_held(work, rail)
    with work() as desk:
        send.ask_people(desk)
        send.nudge(desk)
    return lines


def reconcile_job(context: JobContext) -> None:
    """Reconciles on schedule."""
    reconcile(context.desk)


def chase_floats(context: JobContext) -> None:
    """Opens tasks for cash floats that are not counted back in time."""
    with context.desk() as desk:
        floats.chase_floats(desk)


JOBS: Mapping[str, Job] = {
    "perform_run": perform_run,
    "look_again": look_again,
    "reconcile": reconcile_job,
    "chase_floats": chase_floats,
}
"""The jobs about money, by the names under which flow queues them."""

EVERY: Mapping[str, float] = {"reconcile": 900.0, "chase_floats": 3600.0}
"""Jobs that are queued by themselves, once in so many seconds."""


def _send_all(context: JobContext, pool: ThreadPoolExecutor, run_id: int) -> None:
    while True:
        done = context.step("batch", lambda: send_batch(context.desk, pool, run_id))
        if not done["left"]:
            return
        if not done["sent"] and done["tries"]:
            raise Again(min(LONGEST_WAIT, _poll(context) * 2 ** done["tries"]))


def _look_at_all_unknown(context: JobContext, pool: ThreadPoolExecutor, run_id: int) -> None:
    for look in range(LOOKS):
        left = context.step("look", lambda: _look_at_unknown(context.desk, pool, run_id))
        if not left:
            return
        sleep(min(2.0, _poll(context) * 2**look))


def _poll(context: JobContext) -> float:
    """Returns the shortest wait in seconds, from the settings."""
    with context.desk() as desk:
        return desk.settings.poll_seconds


def _start(work: Work, run_id: int) -> bool:
    problems = _problems(work)
    with work() as desk:
        return send.start(desk, run_id, problems)


def _finish(work: Work, run_id: int) -> str:
    problems = _problems(work)
    with work() as desk:
        return send.finish(desk, run_id, problems)


def _problems(work: Work) -> list[str]:
    """Proves the books in a transaction that only reads: many years of them must not keep others from writing."""
    with reading(), work() as desk:
        return check.books(desk)


def _look_at_unknown(work: Work, pool: ThreadPoolExecutor, run_id: int) -> int:
    with work() as desk:
        ids = send.unknown_of_run(desk, run_id)
        rail = desk.catalogue.rail(send.rail_of(desk, run_id))
    for part in _parts(ids, BATCH):
        _check_part(work, pool, rail, part)
    with work() as desk:
        return len(send.unknown_of_run(desk, run_id))


def _check_part(work: Work, pool: ThreadPoolExecutor, rail: Rail, ids: Sequence[int]) -> list[str]:
    with work() as desk:
        asked = send.to_check(desk, ids)
    outcomes = dict(pool.map(lambda each: (each.attempt_id, _check(rail, each)), asked))
    with work() as desk:
        return [str(change) for change in record.record_outcomes(desk, outcomes)]


def _ask_about_open(work: Work, pool: ThreadPoolExecutor, rail: Rail) -> Iterator[str]:
    after = 0
    while True:
        with work() as desk:
            ids = books.open_ids(desk, rail.slug, after, BATCH)
        if not ids:
            return
        yield from _check_part(work, pool, rail, ids)
        after = ids[-1]


def _read_what_is_held(work: Work, rail: Rail) -> Iterator[str]:
    with work() as desk:
        since = desk.now() - books.LOOK_BACK
    try:
        for page in _pages(rail.since(since), 100):
            with work() as desk:
                found = books.match_held(desk, rail.slug, page)
            yield from map(str, found.changes)
            yield from found.findings
    except Refusal as problem:
        yield f"{rail.title}: {problem.message}"


def _ready(rail: Rail, chosen: send.Chosen) -> Ready:
    """Asks a rail about a payee; whatever it raises means: not now."""
    if chosen.frozen:
        return Ready()
    try:
        return rail.ready(chosen.payee)
    except Exception as error:
        _tell(rail, "ready", chosen.attempt_id, error)
        return Ready(later=True)


def _send(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Sends; whatever a rail raises means that the outcome is unknown."""
    try:
        return rail.send(sendable.order, sendable.key)
    except Exception as error:
        _tell(rail, "send", sendable.attempt_id, error)
        return Outcome(state="unknown", code=type(error).__name__)


def _check(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Looks up; whatever a rail raises, or an answer that only fits a sending, means: still unknown."""
    try:
        outcome = rail.check(sendable.order, sendable.key, sendable.reference)
    except Exception as error:
        _tell(rail, "check", sendable.attempt_id, error)
        return Outcome(state="unknown", code=type(error).__name__)
    return Outcome(state="unknown", code=outcome.code) if outcome.state == "put_back" else outcome


def _tell(rail: Rail, act: str, attempt_id: int, error: Exception) -> None:
    """Logs what a rail raised, by its kind alone: the text may hold somebody's details."""
    log.warning("rail_raised", rail=rail.slug, act=act, attempt=attempt_id, error=type(error).__name__)


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _pages(held: Iterable[Held], size: int) -> Iterator[list[Held]]:
    rest = iter(held)
    while page := list(islice(rest, size)):
        yield page
