"""Due: what time and money bring about: it is on its way, it came back, and, once, whether it came.

The money itself never waits for words: a job looks for what nobody was told yet. Only money to a bank account is told
of: cash and vouchers are handed over by somebody. What was settled long ago is left alone, as after a restore.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.flow.telling_people.telling import tell
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person
from grants.model.tasks import Task

RECENT_DAYS = 3
"""News of money that is older than this is no news."""

ASKED_WITHIN_DAYS = 14
"""For so many days after its day the question may still be asked; then it is left."""

ALIVE = ("active", "completed")
"""Grants whose people may be told: not one on hold, where somebody speaks with the person first."""

LEFT = "the terms ask nothing of the kind"

ASKS_WHETHER = ("offered", "hoped_for")
"""Where terms say that “it came” is offered; where a sample is called, nobody writes."""


def tell_sent(desk: Desk, limit: int) -> int:
    """Tells those whose money has gone out, once for each attempt; returns how many were looked at."""
    since = desk.now() - timedelta(days=RECENT_DAYS)
    gone = or_(
        and_(Attempt.state == "settled", Attempt.settled_at > since),
        and_(Attempt.state == "accepted", Attempt.sent_at > since),
    )
    found = _untold(gone, "money_sent:", Attempt.id).limit(limit)
    rows = desk.session.scalars(found).unique().all()
    for attempt in rows:
        grant = attempt.payment.grant
        tell(desk, "money_sent", grant.person, grant=grant, key=f"money_sent:{attempt.id}")
    return len(rows)


def tell_returned(desk: Desk, limit: int) -> int:
    """Tells those whose money came back, while somebody still looks into it; returns how many were looked at."""
    looked_into = exists().where(
        Task.kind == "payment_returned",
        Task.subject == "attempt",
        Task.subject_id == Attempt.id,
        Task.closed_at.is_(None),
    )
    found = _untold(and_(Attempt.state == "returned", looked_into), "payment_returned:", Attempt.id).limit(limit)
    rows = desk.session.scalars(found).unique().all()
    for attempt in rows:
        grant = attempt.payment.grant
        tell(desk, "payment_returned", grant.person, grant=grant, key=f"payment_returned:{attempt.id}")
    return len(rows)


def ask_whether_it_came(desk: Desk, limit: int) -> int:
    """Asks once for each grant, some days after the money went, where saying so is offered; silence is fine.

    Returns how many were looked at; whoever is not to be asked is noted too, and not looked at again.
    """
    until = desk.now() - timedelta(days=desk.settings.did_it_come_days)
    settled = and_(
        Attempt.state == "settled",
        Attempt.settled_at <= until,
        Attempt.settled_at > until - timedelta(days=ASKED_WITHIN_DAYS),
        Grant.confirmed_at.is_(None),
    )
    found = _untold(settled, "did_it_come:", Grant.id).limit(limit)
    rows = desk.session.scalars(found).unique().all()
    for grant in _once_each(rows):
        if load(grant.terms).confirmation.mode in ASKS_WHETHER:
            tell(desk, "did_it_come", grant.person, grant=grant, key=f"did_it_come:{grant.id}")
        else:
            _leave(desk, grant, f"did_it_come:{grant.id}")
    return len(rows)


def _untold(which: ColumnElement[bool], key: str, number: InstrumentedAttribute[int]) -> Select[Attempt]:
    """Returns the query of attempts to a bank account of which nobody has been told under this key."""
    told = exists().where(OutboxMessage.key == literal(key) + cast(number, String))
    return (
        select(Attempt)
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Grant, Grant.id == Payment.grant_id)
        .join(Person, Person.id == Grant.person_id)
        .join(Payee, Payee.id == Grant.payee_id)
        .where(which, ~told, Grant.state.in_(ALIVE), Payee.how == "bank", Person.erased_at.is_(None))
        .options(
            contains_eager(Attempt.payment).contains_eager(Payment.grant).contains_eager(Grant.person),
            contains_eager(Attempt.payment).contains_eager(Payment.grant).contains_eager(Grant.payee),
        )
        .order_by(Attempt.id)
    )


def _once_each(attempts: Sequence[Attempt]) -> list[Grant]:
    return list({attempt.payment.grant_id: attempt.payment.grant for attempt in attempts}.values())


def _leave(desk: Desk, grant: Grant, key: str) -> None:
    """Notes that nobody is told this of the grant."""
    row = OutboxMessage(
        number=secrets.token_hex(16),
        channel="none",
        to="",
        text="",
        person_id=grant.person_id,
        grant_id=grant.id,
        event=key.partition(":")[0],
        key=key,
        queued_at=desk.now(),
        gave_up_at=desk.now(),
        problem=LEFT,
    )
    desk.session.add(row)
    desk.session.flush()
