"""Runs: put together by one person, released by another who decided nothing in it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts, people
from grants.flow.pay.due import BLOCKED, due_query
from grants.flow.pay.record import cancel_unsent
from grants.flow.step import advance
from grants.ledger.book import Entry
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.runs import Run


def build_run(desk: Desk, rail: str) -> Run:
    """Puts everything that is due by an automatic rail into a run, sets its money aside (J2), and returns the run.

    Raises Refusal ``run.by_hand`` for a rail that people carry, ``run.nothing_due``, and ``run.another``
    when a colleague is doing the same at this moment.
    """
    builder = desk.need("pay.build", "Your role does not include putting a payment run together.")
    if not desk.catalogue.rail(rail).automatic:
        raise Refusal("run.by_hand", "These payments are made by hand, one by one.")
    run = Run(rail=rail, built_by=builder, built_at=desk.now())
    desk.session.add(run)
    desk.session.flush()
    try:
        count = _fill(desk, run)
    except IntegrityError as error:
        raise Refusal("run.another", "Somebody is putting a run together right now. Look at theirs first.") from error
    if not count:
        raise Refusal("run.nothing_due", "Nothing is due by this way to pay.")
    advance(desk, run, "build", rail=rail, payments=count)
    return run


def drop_run(desk: Desk, run: Run, why: str) -> None:
    """Takes a run apart that nobody released yet; its payments are due again."""
    desk.need("pay.build")
    advance(desk, _held(desk, run), "drop", why)
    cancel_unsent(desk, of_run(desk, run.id, "created"), "run_dropped")


def release_problem(desk: Desk, run: Run) -> str:
    """Returns why the one who acts may not release this run, and who may; empty when they may."""
    user = desk.actor.user_id
    others = decided_in(desk, run) | ({run.built_by} if run.built_by else set())
    if user is None or not desk.actor.may("pay.release"):
        problem = "Your role does not include releasing money."
    elif user == run.built_by:
        problem = "You put this run together, so somebody else releases it."
    elif user in others:
        problem = "You decided a grant in this run, so somebody else releases it."
    else:
        return ""
    return f"{problem} {people.somebody(desk, 'pay.release', others)}"


def release(desk: Desk, run: Run) -> None:
    """Releases a run's money and queues its sending; by somebody who neither built it nor decided a grant in it."""
    run = _held(desk, run)
    problem = release_problem(desk, run)
    if problem:
        raise NotAllowed("run.same_person", problem)
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
    run = _held(desk, run)
    run.why = ""
    advance(desk, run, "resume")
    close_tasks(desk, ("run_paused",), "run", run.id, "The run goes on.")
    desk.later.queue(desk.session, "perform_run", run.id)


def decided_in(desk: Desk, run: Run) -> set[int]:
    """Returns everybody who decided a grant that this run pays."""
    found = (
        select(Grant.decided_by, Grant.second_by)
        .join(Payment, Payment.grant_id == Grant.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.run_id == run.id)
        .distinct()
    )
    return {user for pair in desk.session.execute(found) for user in pair if user is not None}


def of_run(desk: Desk, run_id: int, *states: str) -> list[Attempt]:
    """Returns the run's attempts in these states, held until the end of the transaction, in the order of their ids."""
    found = select(Attempt).where(Attempt.run_id == run_id, Attempt.state.in_(states)).order_by(Attempt.id)
    return list(desk.session.scalars(found.with_for_update().execution_options(populate_existing=True)))


def _fill(desk: Desk, run: Run) -> int:
    entries: list[Entry] = []
    wanted = due_query(desk, run.rail).order_by(Payment.id).with_for_update(skip_locked=True)
    fresh = list(desk.session.scalars(wanted))
    for payment in fresh:
        attempts.make_attempt(desk, payment, entries, run.id)
    attempts.post_all(desk, entries)
    again = _sent_anew(desk, run.rail)
    for attempt in again:
        attempt.run_id = run.id
    desk.session.flush()
    return len(fresh) + len(again)


def _sent_anew(desk: Desk, rail: str) -> list[Attempt]:
    """Returns attempts that a person made after an earlier one failed or came back, and that wait for a run."""
    found = (
        select(Attempt)
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Grant, Grant.id == Payment.grant_id)
        .join(Payee, Payee.id == Grant.payee_id)
        .where(Attempt.state == "created", Attempt.run_id.is_(None), Attempt.rail == rail)
        .where(Grant.state == "active", Payee.check.not_in(BLOCKED))
        .options(contains_eager(Attempt.payment).contains_eager(Payment.grant))
        .order_by(Attempt.id)
        .with_for_update(skip_locked=True)
    )
    return list(desk.session.scalars(found))


def _held(desk: Desk, run: Run) -> Run:
    found = select(Run).where(Run.id == run.id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()
