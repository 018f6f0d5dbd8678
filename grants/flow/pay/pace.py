"""Pace: how a grant is paid, as its person picks it among what its terms allow, and changes it while some is unpaid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import exists, select

from grants.domain import paces
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.schedule import Instalment
from grants.domain.terms import Pace, Terms
from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.flow.pay import attempts
from grants.flow.pay.choose import statement_reference
from grants.flow.step import record
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment

OPEN = ("awarded", "active", "on_hold")
"""States of a grant whose money may still be spread anew."""

CONDITION = "hold_next_payment"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to be paid: its pace, its name in forms, and the parts that would still come."""

    pace: Pace
    key: str
    parts: tuple[Instalment, ...]
    now: bool


def pace_of(grant: Grant, terms: Terms) -> Pace:
    """Returns how the grant is paid: as its person picked, or as its terms say."""
    return Pace(**grant.pace) if grant.pace else terms.schedule.usual


def may_choose(grant: Grant, terms: Terms, untouched: bool, asked: Iterable[GrantAsk]) -> bool:
    """Returns whether there is something to pick; ``untouched`` says that a payment was never begun.

    While one of the open asks is a condition, nothing is spread anew: money would come past it, or later.
    """
    free = untouched and grant.state in OPEN and len(terms.schedule.paces) > 1
    return free and not any(ask.if_missed == CONDITION and ask.state == "open" for ask in asked)


def pace_choices(desk: Desk, grant: Grant) -> tuple[Choice, ...]:
    """Returns the ways to be paid that are open to this grant now, with what each would bring; empty when none is."""
    terms = load(grant.terms)
    stands, rest = _split(desk, grant)
    if not may_choose(grant, terms, bool(rest), _conditions(desk, grant)):
        return ()
    left = _money(grant, rest)
    chosen = pace_of(grant, terms)
    return tuple(
        Choice(pace, paces.key(pace), _planned(desk, grant, terms, pace, stands, left), pace == chosen)
        for pace in terms.schedule.paces
    )


def choose_pace(desk: Desk, grant: Grant, pace: Pace) -> Grant:
    """Spreads what nobody began to pay as the person wishes; paid and planned parts go on adding up to the award.

    A payment that was ever begun, or stands in a run, is left as it is. The same choice again changes nothing.
    Raises Refusal ``pace.not_offered``, ``pace.grant_ended``, ``pace.nothing_left`` or ``pace.waits``, in plain words.
    """
    if desk.actor.user_id is not None:
        desk.need("confirm.record", "Your role does not include this. Ask a colleague who pays or decides.")
    grant = attempts.lock_grant(desk, grant.id)
    terms = load(grant.terms)
    stands, rest = _split(desk, grant, hold=True)
    _refuse(grant, terms, pace, rest)
    _refuse_waiting(desk, grant)
    if pace == pace_of(grant, terms):
        return grant
    rail = rest[0].rail
    planned = _planned(desk, grant, terms, pace, stands, _money(grant, rest))
    _replace(desk, rest, [_payment(grant, part, rail) for part in planned])
    grant.pace = asdict(pace)
    record(desk, "grant.pace_chosen", "grant", grant.id, pace=paces.key(pace), parts=len(planned))
    desk.session.flush()
    return grant


def named(terms: Terms, key: str) -> Pace:
    """Returns the pace of this name in forms, or raises Refusal ``pace.not_offered``."""
    found = next((pace for pace in terms.schedule.paces if paces.key(pace) == key), None)
    if found is None:
        raise Refusal("pace.not_offered", "Choose one of the ways on this page.", "pace")
    return found


def _refuse(grant: Grant, terms: Terms, pace: Pace, rest: Sequence[Payment]) -> None:
    if pace not in terms.schedule.paces:
        raise Refusal("pace.not_offered", "Choose one of the ways on this page.", "pace")
    if grant.state not in OPEN:
        raise Refusal("pace.grant_ended", "Nothing more of this grant is going out, so nothing can be changed.")
    if not rest:
        words = "Every part is on its way already, so this cannot be changed any more."
        raise Refusal("pace.nothing_left", words)


def _refuse_waiting(desk: Desk, grant: Grant) -> None:
    waiting = _conditions(desk, grant)
    if waiting:
        words = f"The next part waits for one thing: {waiting[0].title}. Once that is settled, this can be changed."
        raise Refusal("pace.waits", words)


def _conditions(desk: Desk, grant: Grant) -> Sequence[GrantAsk]:
    found = select(GrantAsk).where(
        GrantAsk.grant_id == grant.id, GrantAsk.state == "open", GrantAsk.if_missed == CONDITION
    )
    return desk.session.scalars(found).all()


def _replace(desk: Desk, old: Sequence[Payment], new: Sequence[Payment]) -> None:
    """Puts fresh payments in place of old ones; these go last, so that no address of one ever leads to another."""
    for payment in old:
        payment.number = -payment.number
    desk.session.flush()
    desk.session.add_all(new)
    desk.session.flush()
    for payment in old:
        desk.session.delete(payment)
    desk.session.flush()


def _split(desk: Desk, grant: Grant, *, hold: bool = False) -> tuple[list[Payment], list[Payment]]:
    """Returns the payments that stand, because something was begun, and those that nobody touched, by number."""
    begun = exists().where(Attempt.payment_id == Payment.id)
    found = select(Payment, begun).where(Payment.grant_id == grant.id).order_by(Payment.number)
    if hold:
        found = found.with_for_update(of=Payment).execution_options(populate_existing=True)
    stands: list[Payment] = []
    rest: list[Payment] = []
    for payment, touched in desk.session.execute(found):
        (stands if touched or payment.done else rest).append(payment)
    return stands, rest


def _planned(
    desk: Desk, grant: Grant, terms: Terms, pace: Pace, stands: Sequence[Payment], left: Money
) -> tuple[Instalment, ...]:
    whole = Money(grant.amount, grant.currency)
    last = max(stands, key=lambda payment: payment.number, default=None)
    before = Instalment(last.number, last.due_on, Money(last.amount, last.currency)) if last else None
    first = paces.first_day(terms.schedule, grant.awarded_on)
    return paces.respread(paces.of_rest(pace, whole, left), left, first, desk.today(), before)


def _money(grant: Grant, payments: Sequence[Payment]) -> Money:
    return Money(sum(payment.amount for payment in payments), grant.currency)


def _payment(grant: Grant, part: Instalment, rail: str) -> Payment:
    return Payment(
        grant_id=grant.id,
        number=part.number,
        amount=part.amount.amount,
        currency=grant.currency,
        due_on=part.due_on,
        rail=rail,
        statement=statement_reference(),
    )
