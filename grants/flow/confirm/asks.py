"""Asks: what was hoped for is told, let go or lapses; only a declared condition ever holds a later instalment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.step import advance, record
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.tasks import Task

GRACE_DAYS = 30
"""How long after its date an ask stays open before it lapses, without blame."""


def open_asks(desk: Desk, grant: Grant) -> Sequence[GrantAsk]:
    """Returns what is still hoped for of this grant's recipient, the nearest date first; one statement."""
    found = select(GrantAsk).where(GrantAsk.grant_id == grant.id, GrantAsk.state == "open", GrantAsk.of == "recipient")
    return desk.session.scalars(found.order_by(GrantAsk.due_on, GrantAsk.id)).all()


def answer_ask(desk: Desk, ask: GrantAsk, answers: Mapping[str, Any], how: str = "link") -> GrantAsk:
    """Stores what was told in answer to an ask, in the form that a plugin offers, and meets the ask.

    A second answer to a met ask changes nothing. Raises ValidationError with the fields to mend, Refusal
    ``form.missing`` when nobody offers the form now, ``ask.closed`` when this is no longer asked.
    """
    if desk.actor.user_id is not None:
        desk.need("confirm.record")
    desk.session.refresh(ask, with_for_update=True)
    if ask.state == "met":
        return ask
    if ask.state != "open":
        raise Refusal("ask.closed", "We no longer ask this. There is nothing you need to do.")
    form = desk.catalogue.forms.get(ask.form)
    if form is None:
        words = "We cannot take this in right now. It is our fault, and nothing is held against you."
        raise Refusal("form.missing", words)
    schema = form.schema()
    ask.answers = dict(schema.dump(schema.load(dict(answers))))
    ask.answered_at = desk.now()
    ask.how = how
    advance(desk, ask, "meet", how=how)
    return ask


def waive(desk: Desk, ask: GrantAsk, why: str) -> GrantAsk:
    """Lets an ask go because a worker said so, with the reason; raises NotAllowed without ``grant.act``."""
    desk.need("grant.act")
    if not why.strip():
        raise Refusal("waive.reason", "Say in a few words why it is no longer asked.", "why")
    desk.session.refresh(ask, with_for_update=True)
    ask.why = why.strip()
    advance(desk, ask, "waive")
    return ask


def lapse_due(desk: Desk, limit: int = 500) -> int:
    """Lets asks go that are 30 days past their date; returns how many, so that the job can come again.

    Where the terms said so, a task asks a person to look before a further grant; this grant does not change.
    A condition that holds a payment never lapses by itself: a person decides, and a task asks them to.
    """
    long_ago = desk.today() - timedelta(days=GRACE_DAYS)
    old = select(GrantAsk).where(GrantAsk.state == "open", GrantAsk.due_on < long_ago)
    lapsing = old.where(~_waited_for()).order_by(GrantAsk.due_on, GrantAsk.id).limit(limit)
    gone = desk.session.scalars(lapsing.with_for_update()).all()
    for ask in gone:
        advance(desk, ask, "lapse")
        if ask.if_missed == "further_grant":
            _look_before_further(desk, ask)
    undecided = old.where(_waited_for(), ~_decision_asked()).limit(limit)
    for ask in desk.session.scalars(undecided).all():
        _ask_decision(desk, ask)
    return len(gone)


def holds_back(today: date) -> ColumnElement[bool]:
    """Returns the SQL condition “this Payment waits for an ask”, to be used where Payment is selected.

    True of a second or later instalment while an open ask of its grant that may hold the next payment
    is past its date. A first payment is never held: nobody accounts for money that they have not had.
    """
    return exists().where(
        GrantAsk.grant_id == Payment.grant_id,
        GrantAsk.state == "open",
        GrantAsk.if_missed == "hold_next_payment",
        GrantAsk.due_on < today,
        Payment.number > 1,
    )


def held_back(desk: Desk, payment: Payment) -> GrantAsk | None:
    """Returns the ask that this payment waits for, or None when nothing holds it."""
    if payment.number == 1:
        return None
    found = select(GrantAsk).where(
        GrantAsk.grant_id == payment.grant_id,
        GrantAsk.state == "open",
        GrantAsk.if_missed == "hold_next_payment",
        GrantAsk.due_on < desk.today(),
    )
    return desk.session.scalar(found.order_by(GrantAsk.due_on).limit(1))


def _waited_for() -> ColumnElement[bool]:
    still = Payment.grant_id == GrantAsk.grant_id, Payment.number > 1, Payment.done.is_(False)
    return (GrantAsk.if_missed == "hold_next_payment") & exists().where(*still)


def _decision_asked() -> ColumnElement[bool]:
    return exists().where(Task.kind == "condition", Task.subject == "ask", Task.subject_id == GrantAsk.id)


def _look_before_further(desk: Desk, ask: GrantAsk) -> None:
    task = Task(
        kind="further_grant",
        title="Talk with this person before a further grant",
        words=f"We hoped for: {ask.title}. It did not come. Their grant does not change, and nobody is to blame.",
        subject="ask",
        subject_id=ask.id,
        opened_at=desk.now(),
    )
    desk.session.add(task)


def _ask_decision(desk: Desk, ask: GrantAsk) -> None:
    task = Task(
        kind="condition",
        title="Decide whether a payment still waits",
        words=f"It waits for: {ask.title}. Talk with the person, then let it go or agree what would help.",
        subject="ask",
        subject_id=ask.id,
        opened_at=desk.now(),
    )
    desk.session.add(task)
    record(desk, "ask.decision_asked", "ask", ask.id)
    desk.session.flush()
