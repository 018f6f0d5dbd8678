"""Matching restored books with what a provider holds: attempts that we lost are made again, others are moved on.

An attempt's number and key come from our own ids, so what the provider holds says which attempt it was. When
its payment is not in our books the money goes to suspense, with an incident and a task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks
from grants.flow.pay import attempts
from grants.flow.pay.reconcile import Found, double
from grants.flow.pay.record import Change, cancel_unsent, record_outcomes
from grants.flow.pay.strangers import stranger
from grants.flow.step import advance, advance_many, record
from grants.ledger.book import Entry
from grants.model.payments import Attempt, Payment
from grants.offers import Held, Outcome

ALIVE = ("accepted", "settled")
"""States in which money is under way or has arrived."""

LATER = "found at the payment service after a backup was put back"


@dataclass(slots=True)
class Matching:
    """One page being matched: what is to be recorded, what does not fit, what is better looked at last."""

    desk: Desk
    rail: str
    last: bool
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    waiting: list[Held] = field(default_factory=list)


def match_restored(desk: Desk, rail: str, held: Sequence[Held], *, last: bool = False) -> tuple[Found, list[Held]]:
    """Brings our attempts to where the provider is; returns what changed, and what is to be given again as ``last``.

    Those are later attempts of a payment whose earlier one is still open here: the earlier one may be on a
    page that was not read yet. When it is not there at all, it never went out.
    """
    matching = Matching(desk, rail, last)
    ours = sorted((each for each in held if each.number), key=lambda each: _parts(each.number))
    payments = _payments(desk, ours)
    for each in ours:
        _match(matching, payments.get(_parts(each.number)[0]), each)
    attempts.post_all(desk, matching.entries)
    changes: list[Change] = record_outcomes(desk, matching.outcomes)
    return Found(changes, matching.findings + _other_amounts(desk, matching.outcomes)), matching.waiting


def lose_all(desk: Desk, rail: str) -> None:
    """Marks what a rail was sending when the backup was made as unknown: whoever sent it is gone."""
    found = select(Attempt).where(Attempt.rail == rail, Attempt.state == "sending").order_by(Attempt.id)
    advance_many(desk, desk.session.scalars(found.with_for_update()).all(), "lose")


def _match(matching: Matching, payment: Payment | None, held: Held) -> None:
    if payment is None:
        matching.findings.append(stranger(matching.desk, matching.rail, held))
        return
    if held.outcome.state == "unknown":
        matching.findings.append(f"{held.number} cannot be read at the provider")
        return
    others = {attempt.number: attempt for attempt in _attempts(matching.desk, payment)}
    number = _parts(held.number)[1]
    known = others.pop(number, None)
    if known is not None:
        _known(matching, known, held)
    else:
        _lost(matching, payment, number, list(others.values()), held)


def _known(matching: Matching, attempt: Attempt, held: Held) -> None:
    kept = attempt.provider_reference
    if attempt.id in matching.outcomes or (kept and kept != held.outcome.reference):
        matching.findings.append(double(matching.desk, attempt))
        return
    if attempt.state == "created" and attempt.recorded_by is None:
        _send(matching.desk, attempt, held)
    if attempt.state != held.outcome.state:
        matching.outcomes[attempt.id] = held.outcome


def _lost(matching: Matching, payment: Payment, number: int, others: list[Attempt], held: Held) -> None:
    """Makes an attempt again that our books lost, when nothing else of its payment stands in the way."""
    desk = matching.desk
    if held.outcome.state in ALIVE and any(other.state in ALIVE for other in others):
        matching.findings.append(double(desk, next(other for other in others if other.state in ALIVE)))
        return
    if payment.grant.state == "cancelled":
        matching.findings.append(stranger(desk, matching.rail, held, payment.grant.fund_id))
        return
    standing = [other for other in others if other.state in OPEN_ATTEMPT]
    if standing and not matching.last:
        matching.waiting.append(held)
        return
    strange = next((other for other in standing if other.state == "accepted" or other.number > number), None)
    if strange is not None:
        matching.findings.append(double(desk, strange))
        return
    for other in standing:
        _never_went_out(desk, other)
    attempt = _again(matching, payment, number, held)
    _send(desk, attempt, held)
    if held.outcome.state != attempt.state:
        matching.outcomes[attempt.id] = held.outcome


def _again(matching: Matching, payment: Payment, number: int, held: Held) -> Attempt:
    desk = matching.desk
    attempt = Attempt(
        payment_id=payment.id,
        number=number,
        rail=matching.rail,
        amount=payment.amount,
        currency=payment.currency,
        key=attempts.key_of(desk, payment, number),
        created_at=held.created,
    )
    desk.session.add(attempt)
    desk.session.flush()
    record(desk, "attempt.found_again", "attempt", attempt.id, payment=payment.id, number=number)
    matching.entries.append(attempts.set_aside(attempt, payment.grant))
    return attempt


def _send(desk: Desk, attempt: Attempt, held: Held) -> None:
    attempt.sent_at = held.created
    attempt.tries += 1
    advance(desk, attempt, "send", LATER)


def _never_went_out(desk: Desk, attempt: Attempt) -> None:
    """Closes an earlier attempt: a later one exists, so it was over before that, and the provider never made it."""
    if attempt.state == "created":
        cancel_unsent(desk, [attempt], "superseded")
    else:
        record_outcomes(desk, {attempt.id: Outcome(state="failed", code="superseded")})
    close_tasks(desk, ("payment_failed",), "attempt", attempt.id, "A later attempt was found at the payment service.")


def _other_amounts(desk: Desk, outcomes: dict[int, Outcome]) -> list[str]:
    """Finds attempts that the provider shows with another amount: these have a task already."""
    found = select(Attempt).where(Attempt.id.in_(outcomes)).order_by(Attempt.id)
    return [
        f"{attempts.number_of(attempt)} shows another amount at the provider"
        for attempt in desk.session.scalars(found)
        if (amount := outcomes[attempt.id].amount) is not None and amount.amount != attempt.amount
    ]


def _payments(desk: Desk, held: Sequence[Held]) -> dict[str, Payment]:
    statements = {f"REF {_parts(each.number)[0]}" for each in held}
    found = desk.session.scalars(select(Payment).where(Payment.statement.in_(statements)))
    return {payment.statement.removeprefix("REF "): payment for payment in found}


def _attempts(desk: Desk, payment: Payment) -> list[Attempt]:
    found = select(Attempt).where(Attempt.payment_id == payment.id).order_by(Attempt.number)
    return list(desk.session.scalars(found.options(*attempts.WHOLE)))


def _parts(number: str) -> tuple[str, int]:
    head, _, tail = number.rpartition("-")
    return (head, int(tail)) if tail.isascii() and tail.isdigit() and len(tail) < 9 else (number, 0)
