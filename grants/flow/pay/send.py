"""Sending, in three parts with a commit between: choose, mark as sending, record. The rail is called in between.

Nothing here calls a rail except ``Rail.body``, which is pure. A job calls the rest outside any transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select

from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts
from grants.flow.pay.build import of_run, pause_run
from grants.flow.pay.changes import changing_among
from grants.flow.pay.due import BLOCKED
from grants.flow.pay.freeze import frozen, words
from grants.flow.pay.record import cancel_unsent, record_outcomes, unknown_task
from grants.flow.step import advance, record
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.model.people import Payee
from grants.model.runs import Run
from grants.offers import Order, Outcome, Ready
from grants.offers import Payee as OfferedPayee

MOST_TRIES = 8
"""How often one run tries to send an attempt that is put back again and again."""

WAIT = timedelta(minutes=15)
"""How long an outcome may stay unknown before a person is asked to look."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An attempt about to be sent: its payee as the rail sees them, and whether its request is frozen already."""

    attempt_id: int
    payee: OfferedPayee
    frozen: bool


@dataclass(frozen=True, slots=True)
class Sendable:
    """An attempt committed as sent (or to be looked up): all that a rail needs, with no session behind it."""

    attempt_id: int
    rail: str
    order: Order
    key: str
    reference: str = ""


def start(desk: Desk, run_id: int, problems: Sequence[str]) -> bool:
    """Starts a released run, or goes on with a running one; returns whether it may send now.

    With problems in the books nothing starts.
    """
    run = _run(desk, run_id)
    if _frozen(desk, run):
        return False
    if run.state == "released" and problems:
        pause_run(desk, run, f"The books do not add up, so nothing is sent: {problems[0]}")
        return False
    if run.state == "released":
        advance(desk, run, "start")
    return run.state == "running"


def choose(desk: Desk, run_id: int, size: int) -> list[Chosen]:
    """Returns the next attempts to send, one for each payee; those of grants on hold are taken back (J4).

    Called only when nothing of the run is being sent: what still is was left by a crash, and becomes unknown.
    """
    if _run(desk, run_id).state != "running":
        return []
    _lose_left(desk, run_id)
    wanted = (
        select(Attempt.id)
        .where(Attempt.run_id == run_id, Attempt.state == "created", Attempt.tries < MOST_TRIES)
        .order_by(Attempt.tries, Attempt.id)
        .limit(size)
    )
    chosen: dict[int, Chosen] = {}
    stopped = []
    held = attempts.locked(desk, sorted(desk.session.scalars(wanted)))
    changing = changing_among(desk, (attempt.payment.grant.payee_id for attempt in held))
    for attempt in held:
        grant = attempt.payment.grant
        if grant.state != "active" or grant.payee.check in BLOCKED or grant.payee_id in changing:
            stopped.append(attempt)
        elif grant.payee_id not in chosen:
            payee = attempts.offered(desk, grant.payee, grant.person, attempts.number_of(attempt))
            chosen[grant.payee_id] = Chosen(attempt.id, payee, bool(attempt.body))
    cancel_unsent(desk, stopped, "stopped")
    return list(chosen.values())


def mark_sending(desk: Desk, run_id: int, readied: Mapping[int, Ready]) -> list[Sendable]:
    """Freezes the requests of attempts whose payee is ready and marks them sending; to be committed before any is sent.

    An attempt whose payee is not ready is taken back with a task; one that could not be asked about waits.
    """
    run = _run(desk, run_id)
    if run.state != "running" or _frozen(desk, run):
        return []
    going, stopped = [], []
    held = attempts.locked(desk, sorted(readied))
    changing = changing_among(desk, (attempt.payment.grant.payee_id for attempt in held))
    for attempt in held:
        ready = readied[attempt.id]
        if attempt.state != "created":
            continue
        if ready.later:
            attempt.tries += 1
        elif attempt.payment.grant.payee_id in changing:
            stopped.append(attempt)
        elif _payee_ready(desk, attempt, ready):
            going.append(_sending(desk, attempt))
        else:
            stopped.append(attempt)
    cancel_unsent(desk, stopped, "payee")
    if any(ready.pause for ready in readied.values()):
        pause_run(desk, run, "The payment service does not accept our keys or rights. Check them, then go on.")
    return going


def to_check(desk: Desk, ids: Sequence[int]) -> list[Sendable]:
    """Returns attempts as they are to be looked up at their rail."""
    wanted = select(Attempt).where(Attempt.id.in_(ids)).order_by(Attempt.id).options(*attempts.WHOLE)
    found = desk.session.scalars(wanted)
    return [_sendable(desk, attempt) for attempt in found if attempt.state in ("unknown", "accepted", "settled")]


def unknown_of_run(desk: Desk, run_id: int) -> list[int]:
    """Returns the ids of the run's attempts whose outcome is unknown."""
    found = select(Attempt.id).where(Attempt.run_id == run_id, Attempt.state == "unknown").order_by(Attempt.id)
    return list(desk.session.scalars(found))


def waiting_of_run(desk: Desk, run_id: int) -> int:
    """Returns how many attempts of a running run can still be sent."""
    if _run(desk, run_id).state != "running":
        return 0
    wanted = (Attempt.run_id == run_id, Attempt.state == "created", Attempt.tries < MOST_TRIES)
    return desk.session.scalar(select(func.count()).select_from(Attempt).where(*wanted)) or 0


def fewest_tries(desk: Desk, run_id: int) -> int:
    """Returns the fewest tries of those attempts of a run that can still be sent; 0 when there are none."""
    wanted = (Attempt.run_id == run_id, Attempt.state == "created", Attempt.tries < MOST_TRIES)
    return desk.session.scalar(select(func.min(Attempt.tries)).where(*wanted)) or 0


def record_batch(desk: Desk, run_id: int, outcomes: Mapping[int, Outcome]) -> None:
    """Records a batch's outcomes, and pauses the run when one says that the cause is on our side.

    The run is held before its attempts, as everywhere: so no two workers wait for each other in a circle.
    """
    run = _run(desk, run_id)
    record_outcomes(desk, outcomes)
    codes = sorted({outcome.code for outcome in outcomes.values() if outcome.pause})
    if codes and run.state == "running":
        pause_run(desk, run, f"The payment service stopped us ({', '.join(codes)}). Mend this, then let the run go on.")


def finish(desk: Desk, run_id: int, problems: Sequence[str]) -> Literal["done", "paused", "more"]:
    """Finishes a running run: what could not be sent is due again, what is off in the books becomes a task.

    Returns ``more`` instead when there is still something to send: the run was paused and resumed meanwhile.
    """
    run = _run(desk, run_id)
    if run.state != "running":
        return "paused"
    if waiting_of_run(desk, run_id):
        return "more"
    _lose_left(desk, run_id)
    cancel_unsent(desk, of_run(desk, run.id, "created"), "not_reached")
    run.finished_at = desk.now()
    if problems:
        run.why = f"The books do not add up after this run: {problems[0]}"
        open_task(desk, "books", "run", run.id, f"The books do not add up after run {run.id}", "\n".join(problems))
    advance(desk, run, "finish", problems=len(problems))
    return "done"


def rail_of(desk: Desk, run_id: int) -> str:
    """Returns the slug of a run's rail."""
    return desk.session.get_one(Run, run_id).rail


def nudge(desk: Desk) -> None:
    """Queues the sending of every run that is released or running: the same job is never queued twice."""
    for run_id in desk.session.scalars(select(Run.id).where(Run.state.in_(("released", "running")))):
        desk.later.queue(desk.session, "perform_run", run_id)


def ask_people(desk: Desk) -> int:
    """Opens a task for each attempt that has stayed unknown for a while; returns how many are unknown that long."""
    found = select(Attempt).where(Attempt.state == "unknown", Attempt.sent_at < desk.now() - WAIT)
    late = list(desk.session.scalars(found))
    for attempt in late:
        unknown_task(desk, attempt)
    return len(late)


def _frozen(desk: Desk, run: Run) -> bool:
    """Pauses a run that must not send because paying is stopped, and returns whether it is."""
    freeze = frozen(desk)
    if freeze is not None and run.state in ("released", "running"):
        pause_run(desk, run, words(freeze))
    return freeze is not None


def _lose_left(desk: Desk, run_id: int) -> None:
    for attempt in of_run(desk, run_id, "sending"):
        advance(desk, attempt, "lose", "left sending")


def _payee_ready(desk: Desk, attempt: Attempt, ready: Ready) -> bool:
    grant = attempt.payment.grant
    payee = grant.payee
    if ready.token:
        payee.token = ready.token
    if not ready.problem:
        if ready.check:
            payee.check = "match" if ready.check == "match" else "accepted"
        return True
    payee.check = ready.check if ready.check in BLOCKED else "problem"
    _payee_task(desk, grant, payee, ready.problem)
    return False


def _payee_task(desk: Desk, grant: Grant, payee: Payee, problem: str) -> None:
    record(desk, "payee.not_ready", "payee", payee.id, check=payee.check, grant=grant.id)
    words = f"{problem} Nothing was paid. Ask the person, safely. Then change the details, accept this, or pay by hand."
    open_task(desk, "payee", "payee", payee.id, f"Check how {grant.reference} is paid", words)


def _sending(desk: Desk, attempt: Attempt) -> Sendable:
    grant = attempt.payment.grant
    if not attempt.body:
        payee = attempts.offered(desk, grant.payee, grant.person, attempts.number_of(attempt))
        attempts.freeze(attempt, desk.catalogue.rail(attempt.rail).body(attempts.order_of(desk, attempt, payee)))
    attempt.tries += 1
    attempt.sent_at = desk.now()
    advance(desk, attempt, "send")
    close_tasks(desk, ("payee",), "payee", grant.payee_id, "It was paid after all.")
    return _sendable(desk, attempt)


def _sendable(desk: Desk, attempt: Attempt) -> Sendable:
    grant = attempt.payment.grant
    payee = attempts.offered(desk, grant.payee, grant.person, attempts.number_of(attempt))
    order = attempts.order_of(desk, attempt, payee)
    return Sendable(attempt.id, attempt.rail, order, attempt.key, attempt.provider_reference)


def _run(desk: Desk, run_id: int) -> Run:
    found = select(Run).where(Run.id == run_id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()
