"""Payments later: performing runs, looking up hints, reconciling, chasing cash floats.

A rail is called here and nowhere else, always between two transactions: what is sent was committed as
sending before, so a crash at any point leaves an attempt that is looked up under its own key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from time import sleep
from typing import TypeVar

from grants.domain.errors import Refusal
from grants.flow import check
from grants.flow.pay import floats, hints, reconcile, record, send
from grants.jobs.context import Again, Job, JobContext
from grants.model.runs import Run
from grants.offers import Held, Outcome, Rail, Ready

T = TypeVar("T")

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
    if not context.step("start", lambda: _start(context, run_id)):
        return
    with _pool() as pool:
        while True:
            done = context.step("batch", lambda: send_batch(context, pool, run_id))
            if not done["left"]:
                break
            if not done["sent"] and done["tries"]:
                raise Again(min(LONGEST_WAIT, context_poll(context) * 2 ** done["tries"]))
        for look in range(LOOKS):
            left = context.step("look", lambda: _look_at_unknown(context, pool, run_id))
            if not left:
                break
            sleep(min(2.0, context_poll(context) * 2**look))
    context.step("finish", lambda: _finish(context, run_id))


def send_batch(context: JobContext, pool: ThreadPoolExecutor, run_id: int) -> dict[str, int]:
    """Sends one batch; returns how many attempts are ``left``, were ``sent``, and the fewest ``tries`` so far."""
    with context.desk() as desk:
        rail = desk.catalogue.rail(_run(desk.session.get(Run, run_id)).rail)
        chosen = send.choose(desk, run_id, BATCH)
    readied = dict(pool.map(lambda each: (each.attempt_id, _ready(rail, each)), chosen))
    with context.desk() as desk:
        going = send.mark_sending(desk, run_id, readied)
    outcomes = dict(pool.map(lambda each: (each.attempt_id, _send(rail, each)), going))
    with context.desk() as desk:
        record.record_outcomes(desk, outcomes)
        send.stop_for(desk, run_id, outcomes.values())
        left, tries = send.waiting_of_run(desk, run_id), send.fewest_tries(desk, run_id)
    sent = sum(outcome.state != "put_back" for outcome in outcomes.values())
    return {"left": left, "sent": sent, "tries": tries}


def look_again(context: JobContext, event_id: int) -> None:
    """Fetches the object that a stored webhook is about and records what it shows."""
    with context.desk() as desk:
        attempt_id = hints.attempt_for(desk, event_id)
        found = send.to_check(desk, [attempt_id]) if attempt_id else []
        rails = desk.catalogue.rails
    outcomes = {}
    for each in found:
        rail = rails.get(each.rail)
        if rail is not None:
            outcomes[each.attempt_id] = _check(rail, each)
    with context.desk() as desk:
        record.record_outcomes(desk, outcomes)
        hints.handled(desk, event_id, hints.MATCHED if outcomes else hints.UNMATCHED)


def reconcile_now(context: JobContext) -> list[str]:
    """Asks every automatic rail about every open attempt and reads what it holds; returns a line for each change.

    Right with no webhook at all. A rail that cannot be asked just now is named in a line of its own.
    """
    with context.desk() as desk:
        record.lose(desk, reconcile.stale_sending(desk))
        rails = [rail for rail in desk.catalogue.rails.values() if rail.automatic]
    lines: list[str] = []
    with _pool() as pool:
        for rail in rails:
            lines += _ask_about_open(context, pool, rail)
            lines += _read_what_is_held(context, rail)
    with context.desk() as desk:
        send.ask_people(desk)
    return lines


def reconcile_job(context: JobContext) -> None:
    """Reconciles on schedule."""
    reconcile_now(context)


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


def context_poll(context: JobContext) -> float:
    """Returns the shortest wait in seconds, from the settings."""
    with context.desk() as desk:
        return desk.settings.poll_seconds


def _start(context: JobContext, run_id: int) -> bool:
    with context.desk() as desk:
        return send.start(desk, run_id, check.books(desk))


def _finish(context: JobContext, run_id: int) -> bool:
    with context.desk() as desk:
        return send.finish(desk, run_id, check.books(desk))


def _look_at_unknown(context: JobContext, pool: ThreadPoolExecutor, run_id: int) -> int:
    with context.desk() as desk:
        ids = send.unknown_of_run(desk, run_id)
        rail = desk.catalogue.rail(_run(desk.session.get(Run, run_id)).rail)
    for part in _parts(ids, BATCH):
        _check_part(context, pool, rail, part)
    with context.desk() as desk:
        return len(send.unknown_of_run(desk, run_id))


def _check_part(context: JobContext, pool: ThreadPoolExecutor, rail: Rail, ids: Sequence[int]) -> list[str]:
    with context.desk() as desk:
        asked = send.to_check(desk, ids)
    outcomes = dict(pool.map(lambda each: (each.attempt_id, _check(rail, each)), asked))
    with context.desk() as desk:
        return [str(change) for change in record.record_outcomes(desk, outcomes)]


def _ask_about_open(context: JobContext, pool: ThreadPoolExecutor, rail: Rail) -> Iterator[str]:
    after = 0
    while True:
        with context.desk() as desk:
            ids = reconcile.open_ids(desk, rail.slug, after, BATCH)
        if not ids:
            return
        yield from _check_part(context, pool, rail, ids)
        after = ids[-1]


def _read_what_is_held(context: JobContext, rail: Rail) -> Iterator[str]:
    with context.desk() as desk:
        since = desk.now() - reconcile.LOOK_BACK
    try:
        for page in _pages(rail.since(since), 100):
            with context.desk() as desk:
                found = reconcile.match_held(desk, rail.slug, page)
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
    except Exception:
        return Ready(later=True)


def _send(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Sends; whatever a rail raises means that the outcome is unknown."""
    try:
        return rail.send(sendable.order, sendable.key)
    except Exception as error:
        return Outcome(state="unknown", code=type(error).__name__)


def _check(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Looks up; whatever a rail raises, or an answer that only fits a sending, means: still unknown."""
    try:
        outcome = rail.check(sendable.order, sendable.key, sendable.reference)
    except Exception as error:
        return Outcome(state="unknown", code=type(error).__name__)
    return Outcome(state="unknown", code=outcome.code) if outcome.state == "put_back" else outcome


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(THREADS, thread_name_prefix="rail") as pool:
        yield pool


def _run(run: Run | None) -> Run:
    if run is None:
        raise LookupError("there is no such run")
    return run


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _pages(held: Iterable[Held], size: int) -> Iterator[list[Held]]:
    rest = iter(held)
    while page := list(islice(rest, size)):
        yield page
