"""Payments later: performing runs, looking up hints, reconciling, chasing cash floats.

A rail is called here and nowhere else, always between two transactions: what is sent was committed as
sending before, so a crash at any point leaves an attempt that is looked up under its own key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from time import sleep
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from grants.domain.errors import Refusal
from grants.flow import check
from grants.flow.pay import bankfile, build, chase, evidence, floats, holder, record, send
from grants.flow.pay import reconcile as books
from grants.jobs import ask
from grants.jobs.context import Again, Job, JobContext
from grants.jobs.hints import look_again, look_at_kept
from grants.jobs.restored import reconcile_restored
from grants.jobs.sending import THREADS, Sending, Work, check_part, paced
from grants.model.engine import reading
from grants.offers import Held, Rail

T = TypeVar("T")

log = structlog.get_logger("grants.jobs")

LOOKS = 3
"""How often a run looks again for outcomes that are unknown, before it leaves them to the reconcile."""

LONGEST_WAIT = 60.0
"""The most seconds until a run is gone on with after the provider put everything back."""

HELD_WAIT = 2.0
"""Seconds until a run that another worker sends is looked at again."""

LONGEST_SLOW = 2.0
"""The most seconds by which all workers slow down at once after too many requests."""

PAGE = 100
"""How many attempts are looked up, or read from a provider's list, in one transaction."""


def perform_run(context: JobContext, run_id: int) -> None:
    """Sends a released run to its end, or until it is paused; run again after a crash, it goes on where it was.

    Raises Again when everything left was put back by the provider (too many requests, no connection), and while
    another worker, which it names, sends the run.
    """
    try:
        with _holding(context, run_id):
            _perform(context, run_id)
    except Refusal as refused:
        if refused.code not in ("run.held", "run.taken_over"):
            raise
        raise Again(HELD_WAIT, refused.message) from None


def build_run(context: JobContext, run_id: int) -> None:
    """Goes on with putting a long run together, some payments in each transaction."""
    after = 0
    while True:
        with context.desk() as desk:
            after = build.go_on_building(desk, run_id, after)
        if not after:
            return


def empty_run(context: JobContext, run_id: int) -> None:
    """Goes on with taking a long run apart, some payments in each transaction."""
    while True:
        with context.desk() as desk:
            if not build.take_back(desk, run_id, "run_dropped"):
                return


def stop_attempt(context: JobContext, attempt_id: int) -> None:
    """Asks the provider to stop a payment that is on its way, and records what became of it."""
    with context.desk() as desk:
        asked = send.to_check(desk, [attempt_id])
    for each in asked:
        rail = context.catalogue.rail(each.rail)
        paced(context.desk, rail, "send").wait()
        stopped = ask.cancel(rail, each)
        outcome = stopped if stopped.state != "unknown" else ask.check(rail, each)
        with context.desk() as desk:
            record.record_outcomes(desk, {each.attempt_id: outcome})


def close_absent(context: JobContext, attempt_id: int) -> None:
    """Looks one last time for a payment that two people said never went out, and closes it when it is not there.

    Raises Again while the provider cannot say.
    """
    with context.desk() as desk:
        asked = send.to_check(desk, [attempt_id])
    for each in asked:
        rail = context.catalogue.rail(each.rail)
        paced(context.desk, rail, "send").wait()
        outcome = ask.check(rail, each)
        with context.desk() as desk:
            settled = evidence.close_absent(desk, attempt_id, outcome)
        if not settled:
            raise Again(LONGEST_WAIT)


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
            lines += look_at_kept(work, rail)
    with work() as desk:
        chase.ask_people(desk)
        chase.nudge(desk)
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
    "build_run": build_run,
    "empty_run": empty_run,
    "look_again": look_again,
    "stop_attempt": stop_attempt,
    "close_absent": close_absent,
    "reconcile": reconcile_job,
    "chase_floats": chase_floats,
}
"""The jobs about money, by the names under which flow queues them."""

EVERY: Mapping[str, float] = {"reconcile": 900.0, "chase_floats": 3600.0}
"""Jobs that are queued by themselves, once in so many seconds."""


@contextmanager
def _holding(context: JobContext, run_id: int) -> Iterator[None]:
    """Makes this worker the one who sends the run, and lets it go at the end; no step, so done anew after a crash."""
    if not context.worker:  # by hand, with nobody beside it
        yield
        return
    with context.desk() as desk:
        holder.take(desk, run_id, context.worker, context.lives)
    try:
        yield
    finally:
        try:
            with context.desk() as desk:
                holder.let_go(desk, run_id, context.worker)
        except SQLAlchemyError as error:  # the database is away: the next try takes the run from this one
            log.warning("run_not_let_go", run=run_id, error=type(error).__name__)


def _perform(context: JobContext, run_id: int) -> None:
    work, by = context.desk, context.worker
    if not context.step("start", lambda: _start(work, run_id, by)):
        return
    if context.step("file", lambda: _make_file(work, run_id)):
        return  # people carry it from here
    with Sending(work, run_id, by) as sending:
        while True:
            _send_all(context, sending)
            _look_at_all_unknown(context, sending)
            if context.step("finish", lambda: _finish(work, run_id, by)) != "more":
                return


def _send_all(context: JobContext, sending: Sending) -> None:
    limited = 0
    while True:
        done = context.step("batch", sending.batch)
        if not done["left"]:
            return
        limited = limited + 1 if done["limited"] else 0
        wait = min(LONGEST_WAIT, _poll(context) * 2 ** (limited or done["tries"]))
        if not done["sent"] and (limited or done["tries"]):
            raise Again(wait)
        if limited:
            sending.slow(min(LONGEST_SLOW, wait))


def _look_at_all_unknown(context: JobContext, sending: Sending) -> None:
    for look in range(LOOKS):
        left = context.step("look", sending.look_at_unknown)
        if not left:
            return
        sleep(min(2.0, _poll(context) * 2**look))


def _poll(context: JobContext) -> float:
    """Returns the shortest wait in seconds, from the settings."""
    with context.desk() as desk:
        return desk.settings.poll_seconds


def _start(work: Work, run_id: int, by: str) -> bool:
    problems = _problems(work)
    with work() as desk:
        return send.start(desk, run_id, problems, by=by)


def _make_file(work: Work, run_id: int) -> bool:
    with work() as desk:
        return bankfile.make_file(desk, run_id)


def _finish(work: Work, run_id: int, by: str) -> str:
    problems = _problems(work)
    with work() as desk:
        return send.finish(desk, run_id, problems, by=by)


def _problems(work: Work) -> list[str]:
    """Proves the books in a transaction that only reads: many years of them must not keep others from writing."""
    with reading(), work() as desk:
        return check.books(desk)


def _ask_about_open(work: Work, pool: ThreadPoolExecutor, rail: Rail) -> Iterator[str]:
    after = 0
    while True:
        with work() as desk:
            ids = books.open_ids(desk, rail.slug, after, PAGE)
        if not ids:
            return
        yield from check_part(work, pool, rail, ids)
        after = ids[-1]


def _read_what_is_held(work: Work, rail: Rail) -> Iterator[str]:
    with work() as desk:
        since = desk.now() - books.LOOK_BACK
    try:
        for page in _pages(rail.since(since), PAGE):
            paced(work, rail, "list").wait()
            with work() as desk:
                found = books.match_held(desk, rail.slug, page)
            yield from map(str, found.changes)
            yield from found.findings
    except Refusal as problem:
        yield f"{rail.title}: {problem.message}"


def _pages(held: Iterable[Held], size: int) -> Iterator[list[Held]]:
    rest = iter(held)
    while page := list(islice(rest, size)):
        yield page
