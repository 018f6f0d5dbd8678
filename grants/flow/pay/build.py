"""Runs: put together by one person, released by another who decided nothing in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts, third
from grants.flow.pay.due import due_query, payable
from grants.flow.pay.freeze import refuse_frozen
from grants.flow.pay.record import cancel_unsent
from grants.flow.step import advance, record_many
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.runs import Run

AT_ONCE = 1000
"""How many payments are put into a run, or taken back from one, in one transaction: a job does the rest."""

_ATTEMPTS = cast(Table, Attempt.__table__)


def build_run(desk: Desk, rail: str) -> Run:
    """Puts what is due by an automatic rail into a run, sets its money aside (J2), and returns the run.

    A long run is still ``building`` then: a job goes on with it. Raises Refusal ``run.by_hand`` for a rail that people
    carry, ``run.nothing_due``, and ``run.another`` when a colleague is doing the same at this moment.
    """
    builder = desk.need("pay.build", "Your role does not include putting a payment run together.")
    if not desk.catalogue.rail(rail).automatic:
        raise Refusal("run.by_hand", "These payments are made by hand, one by one.")
    run = Run(rail=rail, built_by=builder, built_at=desk.now())
    desk.session.add(run)
    desk.session.flush()
    try:
        last = _fill(desk, run)
    except IntegrityError as error:
        raise Refusal("run.another", "Somebody is putting a run together right now. Look at theirs first.") from error
    if last:
        desk.later.queue(desk.session, "build_run", run.id)
    elif not _built(desk, run):
        raise Refusal("run.nothing_due", "Nothing is due by this way to pay.")
    return run


def go_on_building(desk: Desk, run_id: int, after: int = 0) -> int:
    """Puts the next payments, by id from ``after`` on, into a run; returns the last id, or 0 when the run is built."""
    run = desk.session.get_one(Run, run_id)
    run = _held(desk, run)
    if run.state != "building":
        return 0
    last = _fill(desk, run, after)
    if not last:
        _built(desk, run)
    return last


def drop_run(desk: Desk, run: Run, why: str) -> None:
    """Takes a run apart that nobody released yet; its payments are due again (of a long run, a job does the rest)."""
    desk.need("pay.build")
    advance(desk, _held(desk, run), "drop", why)
    if take_back(desk, run.id, "run_dropped"):
        desk.later.queue(desk.session, "empty_run", run.id)


def take_back(desk: Desk, run_id: int, why: str) -> int:
    """Takes back attempts of a run that were never sent (J4), some at a time; returns how many it was, 0 at the end."""
    ids = desk.session.scalars(
        select(Attempt.id).where(Attempt.run_id == run_id, Attempt.state == "created").limit(AT_ONCE)
    ).all()
    cancel_unsent(desk, attempts.locked(desk, sorted(ids)), why)
    return len(ids)


def release_problem(desk: Desk, run: Run) -> str:
    """Returns why the one who acts may not release this run, and who may; empty when they may."""
    return third.release_problem(desk, run)


def release(desk: Desk, run: Run) -> None:
    """Releases a run's money and queues its sending; by somebody whom the table of roles over money lets."""
    run = _held(desk, run)
    problem = release_problem(desk, run)
    if problem:
        raise NotAllowed("run.same_person", problem)
    refuse_frozen(desk, run.rail)
    run.released_by = desk.actor.user_id
    run.released_at = desk.now()
    advance(desk, run, "release")
    desk.later.queue(desk.session, "perform_run", run.id)


def pause_run(desk: Desk, run: Run, why: str) -> None:
    """Stops a run after the payments that are being sent now; the rest waits with the reason."""
    if desk.actor.kind != "system":
        desk.need("pay.release")
    run = _held(desk, run)
    run.why = why
    advance(desk, run, "pause", why)
    open_task(desk, "run_paused", "run", run.id, f"Payment run {run.id} waits", why)


def resume_run(desk: Desk, run: Run) -> None:
    """Lets a paused run go on, under the release that it has."""
    desk.need("pay.release")
    refuse_frozen(desk, run.rail)
    run = _held(desk, run)
    run.why = ""
    advance(desk, run, "resume")
    close_tasks(desk, ("run_paused",), "run", run.id, "The run goes on.")
    desk.later.queue(desk.session, "perform_run", run.id)


def decided_in(desk: Desk, run: Run) -> set[int]:
    """Returns everybody who decided a grant that this run pays."""
    return third.deciders_of_run(desk, run.id)


def _fill(desk: Desk, run: Run, after: int = 0) -> int:
    """Puts some payments into the run; returns the last one's id, or 0 when nothing more is due."""
    number = select(func.coalesce(func.max(Attempt.number), 0)).where(Attempt.payment_id == Payment.id)
    columns = (
        Payment.id,
        Payment.statement,
        Payment.amount,
        Payment.currency,
        Payment.grant_id,
        Grant.fund_id,
        number.scalar_subquery().label("number"),
    )
    wanted = due_query(desk, run.rail).where(Payment.id > after).with_only_columns(*columns).order_by(Payment.id)
    rows = desk.session.execute(wanted.limit(AT_ONCE).with_for_update(of=Payment, skip_locked=True)).all()
    _add(desk, run, rows)
    return rows[-1].id if len(rows) == AT_ONCE else 0


def _add(desk: Desk, run: Run, rows: Sequence[Row[Any]]) -> None:
    """Makes one attempt for each payment of a run, with its key, its event and its posting J2, in few statements."""
    if not rows:
        return
    made = [_attempt(desk, run, row) for row in rows]
    ids = list(desk.session.scalars(insert(_ATTEMPTS).returning(_ATTEMPTS.c.id, sort_by_parameter_order=True), made))
    record_many(
        desk,
        "attempt.created",
        "attempt",
        [(number, "", {"payment": row.id, "number": row.number + 1}) for number, row in zip(ids, rows, strict=True)],
    )
    attempts.post_all(desk, [_set_aside(number, row) for number, row in zip(ids, rows, strict=True)])


def _attempt(desk: Desk, run: Run, row: Row[Any]) -> dict[str, object]:
    return {
        "payment_id": row.id,
        "run_id": run.id,
        "number": row.number + 1,
        "rail": run.rail,
        "amount": row.amount,
        "currency": row.currency,
        "key": attempts.key_for(desk, row.id, row.statement, row.number + 1),
        "created_at": desk.now(),
    }


def _set_aside(attempt_id: int, row: Row[Any]) -> Entry:
    return Entry(
        key=f"J2.attempt.{attempt_id}",
        kind="J2",
        debit=accounts.payable(row.grant_id),
        credit=accounts.in_flight(attempt_id),
        amount=row.amount,
        currency=row.currency,
        fund_id=row.fund_id,
        grant_id=row.grant_id,
        attempt_id=attempt_id,
    )


def _built(desk: Desk, run: Run) -> int:
    """Adds what people sent anew, and says that the run is built; returns how many payments it holds."""
    _add_sent_anew(desk, run)
    count = desk.session.scalar(select(func.count()).select_from(Attempt).where(Attempt.run_id == run.id)) or 0
    if count:
        advance(desk, run, "build", rail=run.rail, payments=count)
    return count


def _add_sent_anew(desk: Desk, run: Run) -> None:
    """Adds attempts that a person made after an earlier one failed or came back, and that wait for a run."""
    found = (
        select(Attempt.id)
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Grant, Grant.id == Payment.grant_id)
        .join(Payee, Payee.id == Grant.payee_id)
        .where(Attempt.state == "created", Attempt.run_id.is_(None), Attempt.rail == run.rail)
        .where(Grant.state == "active", payable())
        .order_by(Attempt.id)
        .with_for_update(of=Attempt, skip_locked=True)
    )
    ids = list(desk.session.scalars(found))
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        desk.session.execute(update(_ATTEMPTS).where(_ATTEMPTS.c.id.in_(part)).values(run_id=run.id))


def _held(desk: Desk, run: Run) -> Run:
    found = select(Run).where(Run.id == run.id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()
