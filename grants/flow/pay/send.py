"""Sending, in three parts with a commit between: choose, mark as sending, record. The rail is called in between.

Nothing here calls a rail except ``Rail.body``, which is pure. A job calls the rest outside any transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Select, func, select

from grants.flow.desk import Desk
from grants.flow.opening import close_many, open_task
from grants.flow.pay import attempts, payees
from grants.flow.pay.build import pause_run, take_back
from grants.flow.pay.changes import changing_among
from grants.flow.pay.due import BLOCKED
from grants.flow.pay.freeze import frozen, words
from grants.flow.pay.holder import held
from grants.flow.pay.record import cancel_unsent, lose, record_outcomes
from grants.flow.step import advance, advance_many
from grants.model import rows
from grants.model.payments import Attempt
from grants.model.people import Payee
from grants.model.runs import Run
from grants.offers import Order, Outcome, Ready
from grants.offers import Payee as OfferedPayee

MOST_TRIES = 8
"""How often one run tries to send an attempt that is put back again and again."""

LIMITED = "rate_limit"
"""The code of a rail that is asked too often: all workers slow down, and it counts as no try."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An attempt about to be sent: its payee as the rail sees them, made of what, and whether it is frozen already."""

    attempt_id: int
    payee: OfferedPayee
    frozen: bool
    made_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Readied:
    """A chosen attempt with what its rail said about the payee."""

    chosen: Chosen
    ready: Ready


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a run to be sent: whether anything is, and the fewest tries of what is."""

    any: bool
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Sendable:
    """An attempt committed as sent (or to be looked up): all that a rail needs, with no session behind it."""

    attempt_id: int
    rail: str
    order: Order
    key: str
    reference: str = ""


def start(desk: Desk, run_id: int, problems: Sequence[str], *, by: str = "") -> bool:
    """Starts a released run, or goes on with a running one; returns whether it may send now.

    With problems in the books nothing starts. Here and below ``by`` names the worker: TakenOver is raised, and nothing
    changes, when the run is another's by now.
    """
    run = held(desk, run_id, by)
    if _frozen(desk, run):
        return False
    if run.state == "released" and problems:
        pause_run(desk, run, f"The books do not add up, so nothing is sent: {problems[0]}")
        return False
    if run.state == "released":
        advance(desk, run, "start")
    return run.state == "running"


def choose(desk: Desk, run_id: int, size: int, *, fresh: bool = True, by: str = "") -> list[Chosen]:
    """Returns the next attempts to send, one for each payee; those of grants on hold are taken back (J4).

    ``fresh`` says that whoever asks has sent nothing of this run yet: what still is being sent was left by a crash,
    and becomes unknown.
    """
    if held(desk, run_id, by).state != "running":
        return []
    if fresh:
        _lose_left(desk, run_id)
    wanted = _waiting(run_id).with_only_columns(Attempt.id).order_by(Attempt.tries, Attempt.id).limit(size)
    found = attempts.locked(desk, sorted(desk.session.scalars(wanted)))
    stops = _stopped(desk, found)
    chosen: dict[int, Chosen] = {}
    for attempt in found:
        grant = attempt.payment.grant
        if attempt.id not in stops and grant.payee_id not in chosen:
            chosen[grant.payee_id] = Chosen(
                attempt.id, _offered(desk, attempt), bool(attempt.body), attempts.made_of(attempt)
            )
    cancel_unsent(desk, [attempt for attempt in found if attempt.id in stops], "stopped")
    return list(chosen.values())


def mark_sending(desk: Desk, run_id: int, readied: Sequence[Readied], *, by: str = "") -> list[Sendable]:
    """Freezes the requests of attempts whose payee is ready and marks them sending; to be committed before any is sent.

    An attempt whose payee is not ready is taken back with a task; one that could not be asked about waits, and so
    does one whose payee changed since they were asked about.
    """
    run = held(desk, run_id, by)
    if run.state != "running" or _frozen(desk, run):
        return []
    known = {each.chosen.attempt_id: each for each in readied}
    found = [each for each in attempts.locked(desk, sorted(known)) if each.state == "created"]
    stops = _stopped(desk, found)
    going: list[Attempt] = []
    unready: list[Attempt] = []
    learnt: dict[Payee, dict[str, object]] = {}
    for attempt in found:
        each = known[attempt.id]
        if attempt.id in stops or each.chosen.made_of != attempts.made_of(attempt):
            continue
        if each.ready.later:
            attempt.tries += 0 if each.ready.code == LIMITED else 1
        elif each.ready.problem:
            payees.not_ready(desk, attempt, each.ready)
            unready.append(attempt)
        else:
            learnt[attempt.payment.grant.payee] = payees.learnt(attempt.payment.grant.payee, each.ready)
            going.append(attempt)
    rows.change(desk.session, list(learnt), list(learnt.values()))
    cancel_unsent(desk, [attempt for attempt in found if attempt.id in stops], "stopped")
    cancel_unsent(desk, unready, "payee")
    if any(each.ready.pause for each in readied):
        pause_run(desk, run, "The payment service does not accept our keys or rights. Check them, then go on.")
    offered = {
        attempt.id: replace(known[attempt.id].chosen.payee, token=attempt.payment.grant.payee.token)
        for attempt in going
    }
    return _sending(desk, going, offered)


def to_check(desk: Desk, ids: Sequence[int]) -> list[Sendable]:
    """Returns attempts as they are to be looked up at their rail; closed ones only by the provider's own reference.

    While paying is stopped no key is sent again, not even to look.
    """
    wanted = select(Attempt).where(Attempt.id.in_(ids)).order_by(Attempt.id).options(*attempts.WHOLE)
    alive = ("unknown", "accepted", "settled")
    stopped = frozen(desk) is not None
    return [
        _only_looked_up(_sendable(desk, attempt)) if stopped else _sendable(desk, attempt)
        for attempt in desk.session.scalars(wanted)
        if attempt.state in alive or (attempt.state in ("failed", "cancelled") and attempt.provider_reference)
    ]


def unknown_of_run(desk: Desk, run_id: int, after: int = 0, limit: int = 100) -> list[int]:
    """Returns the ids of the run's attempts whose outcome is unknown, by id from ``after`` on."""
    found = select(Attempt.id).where(Attempt.run_id == run_id, Attempt.state == "unknown", Attempt.id > after)
    return list(desk.session.scalars(found.order_by(Attempt.id).limit(limit)))


def still_unknown(desk: Desk, ids: Sequence[int]) -> list[int]:
    """Returns which of these attempts are still unknown."""
    return list(desk.session.scalars(select(Attempt.id).where(Attempt.id.in_(ids), Attempt.state == "unknown")))


def left_of_run(desk: Desk, run_id: int) -> Left:
    """Returns what of a running run can still be sent."""
    if held(desk, run_id).state != "running":
        return Left(any=False)
    fewest = desk.session.scalar(_waiting(run_id).with_only_columns(func.min(Attempt.tries)))
    return Left(any=False) if fewest is None else Left(any=True, tries=fewest)


def record_batch(desk: Desk, run_id: int, outcomes: Mapping[int, Outcome], *, by: str = "") -> None:
    """Records a batch's outcomes, and pauses the run when one says that the cause is on our side.

    The run is held before its attempts, as everywhere: so no two workers wait for each other in a circle.
    """
    run = held(desk, run_id, by)
    limited = [number for number, outcome in outcomes.items() if outcome.code == LIMITED]
    for attempt in attempts.locked(desk, sorted(limited)) if limited else ():
        attempt.tries -= 1
    record_outcomes(desk, outcomes)
    codes = sorted({outcome.code for outcome in outcomes.values() if outcome.pause})
    if codes and run.state == "running":
        pause_run(desk, run, f"The payment service stopped us ({', '.join(codes)}). Mend this, then let the run go on.")


def finish(desk: Desk, run_id: int, problems: Sequence[str], *, by: str = "") -> Literal["done", "paused", "more"]:
    """Finishes a running run: what could not be sent is due again, what is off in the books becomes a task.

    Returns ``more`` instead when there is still something to send: the run was paused and resumed meanwhile.
    """
    run = held(desk, run_id, by)
    if run.state != "running":
        return "paused"
    if left_of_run(desk, run_id).any:
        return "more"
    _lose_left(desk, run_id)
    if take_back(desk, run_id, "not_reached"):
        return "more"
    run.finished_at = desk.now()
    if problems:
        run.why = f"The books do not add up after this run: {problems[0]}"
        open_task(desk, "books", "run", run.id, f"The books do not add up after run {run.id}", "\n".join(problems))
    advance(desk, run, "finish", problems=len(problems))
    return "done"


def rail_of(desk: Desk, run_id: int) -> str:
    """Returns the slug of a run's rail."""
    return desk.session.get_one(Run, run_id).rail


def _only_looked_up(asked: Sendable) -> Sendable:
    return replace(asked, order=replace(asked.order, replay=False))


def _frozen(desk: Desk, run: Run) -> bool:
    """Pauses a run that must not send because paying is stopped, and returns whether it is."""
    freeze = frozen(desk)
    if freeze is not None and run.state in ("released", "running"):
        pause_run(desk, run, words(freeze))
    return freeze is not None


def _lose_left(desk: Desk, run_id: int) -> None:
    found = select(Attempt.id).where(Attempt.run_id == run_id, Attempt.state == "sending")
    left = desk.session.scalars(found).all()
    if left:
        lose(desk, left)


def _waiting(run_id: int) -> Select[Attempt]:
    return select(Attempt).where(Attempt.run_id == run_id, Attempt.state == "created", Attempt.tries < MOST_TRIES)


def _stopped(desk: Desk, found: Sequence[Attempt]) -> set[int]:
    """Returns which of these must not be sent: on hold, paid otherwise, or with a question open about the account."""
    changes = changing_among(desk, (attempt.payment.grant.payee_id for attempt in found))
    return {
        attempt.id
        for attempt in found
        if attempt.payment.grant.state != "active"
        or attempt.payment.done
        or attempt.payment.grant.payee.check in BLOCKED
        or attempt.payment.grant.payee_id in changes
    }


def _sending(desk: Desk, going: Sequence[Attempt], offered: Mapping[int, OfferedPayee]) -> list[Sendable]:
    also = []
    for attempt in going:
        more: dict[str, object] = {"tries": attempt.tries + 1, "sent_at": desk.now()}
        if not attempt.body:
            order = attempts.order_of(desk, attempt, offered[attempt.id])
            more |= attempts.frozen(desk.catalogue.rail(attempt.rail).body(order))
        also.append(more)
    advance_many(desk, going, "send", also=also)
    paid = [attempt.payment.grant.payee_id for attempt in going]
    close_many(desk, ("payee",), "payee", paid, "It was paid after all.")
    return [_sendable(desk, attempt, offered[attempt.id]) for attempt in going]


def _sendable(desk: Desk, attempt: Attempt, offered: OfferedPayee | None = None) -> Sendable:
    order = attempts.order_of(desk, attempt, offered or _offered(desk, attempt))
    return Sendable(attempt.id, attempt.rail, order, attempt.key, attempt.provider_reference)


def _offered(desk: Desk, attempt: Attempt) -> OfferedPayee:
    grant = attempt.payment.grant
    return attempts.offered(desk, grant.payee, grant.person, attempts.number_of(attempt))
