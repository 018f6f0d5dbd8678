"""Reminders: when an ask is due people are told once, reminded as declared, only in a safe way, then left alone.

``told_at`` is when they were last told; ``reminded`` counts what went out after the first word. A reminder that
could not be given in a safe way is not made up for: ``reminders``, what this one ask may still have in all, gets less.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import contains_eager

from grants.domain.words import minutes
from grants.flow import letters
from grants.flow.confirm.asks import GRACE_DAYS, REMIND_DAYS, reminders_allowed
from grants.flow.confirm.closing import OURS, TOLD_BY_HELPER, TOLD_BY_WORKER
from grants.flow.confirm.conditions import HOLDS
from grants.flow.desk import Desk
from grants.flow.opening import open_one, open_task
from grants.flow.step import record
from grants.flow.telling_people import tell
from grants.model.applications import Application
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.people import Person
from grants.model.users import User

ALIVE = ("active", "completed")
"""Grants whose people may be told: not one on hold, where somebody speaks with the person first."""

BY_WORKER = {
    "text": "They said that a text message is safe.",
    "letter": "They said that a letter is safe.",
    "worker": "They said that a call through somebody who helps them is safe.",
}
"""Safe ways that a worker goes, in words for the task."""

NOT_SAFE = "Do not contact them: no way is known to be safe. Ask when they call, or through whoever helps them."


def tell_due(desk: Desk, limit: int = 100) -> int:
    """Tells those of whom something is due, or reminds them; returns how many were looked at.

    Each is looked at in this transaction and marked with it, so that however often the job runs, and wherever it
    was cut off, nobody is told twice. Call it again while it returns ``limit``.
    """
    found = (
        select(GrantAsk)
        .join(Grant, Grant.id == GrantAsk.grant_id)
        .join(Person, Person.id == Grant.person_id)
        .where(GrantAsk.state == "open", Grant.state.in_(ALIVE), or_(_first(desk), _again(desk)))
        .options(contains_eager(GrantAsk.grant).contains_eager(Grant.person))
        .order_by(GrantAsk.due_on, GrantAsk.id)
        .limit(limit)
    )
    rows = desk.session.scalars(found.with_for_update(of=GrantAsk, skip_locked=True)).all()
    for ask in rows:
        _tell(desk, ask)
    return len(rows)


def _first(desk: Desk) -> ColumnElement[bool]:
    """Says whether somebody is to hear of an ask for the first time: from its day on, unless it is about to lapse."""
    today = desk.today()
    in_time = or_(GrantAsk.due_on >= today - timedelta(days=GRACE_DAYS), GrantAsk.if_missed == HOLDS)
    return and_(GrantAsk.told_at.is_(None), GrantAsk.due_on <= today, in_time)


def _again(desk: Desk) -> ColumnElement[bool]:
    quiet = desk.now() - timedelta(days=REMIND_DAYS)
    return and_(GrantAsk.told_at <= quiet, GrantAsk.reminded < reminders_allowed())


def _tell(desk: Desk, ask: GrantAsk) -> None:
    first = ask.told_at is None
    way = {"recipient": _person, "referrer": _helper, "charity": _ourselves}[ask.of](desk, ask, first)
    ask.told_at = desk.now()
    if first:
        record(desk, "ask.told", "ask", ask.id, way=way)
    elif way:
        ask.reminded += 1
        record(desk, "ask.reminded", "ask", ask.id, way=way, number=ask.reminded)
    else:
        ask.reminders -= 1
        record(desk, "ask.reminder_left_out", "ask", ask.id)
    desk.session.flush()


def _person(desk: Desk, ask: GrantAsk, first: bool) -> str:
    """Tells the recipient, or asks a worker to; returns the way, empty when nothing was done."""
    person = ask.grant.person
    if not person.contact_safe or person.channel == "none":
        return _by_task(desk, ask, TOLD_BY_WORKER, NOT_SAFE) if first else ""
    message = tell(desk, "ask_due", person, grant=ask.grant, key=f"ask_due:{ask.id}:{0 if first else ask.reminded + 1}")
    if message is not None:
        return message.channel
    safe = BY_WORKER.get(person.channel, NOT_SAFE)
    return _by_task(desk, ask, TOLD_BY_WORKER, f"Nothing was sent. {safe} They need not answer.")


def _helper(desk: Desk, ask: GrantAsk, first: bool) -> str:
    """Tells the partner who referred the person, or asks a worker to reach whoever helps them."""
    whose = select(User).join(Application, Application.partner_id == User.id)
    partner = desk.session.scalar(whose.where(Application.id == ask.grant.application_id, User.active))
    if partner is None or partner.left_at is not None:
        words = "It is asked of whoever helped them to apply. The page of the application says who that is."
        return _by_task(desk, ask, TOLD_BY_HELPER, words)
    url = f"{desk.settings.base_url.rstrip('/')}/staff/asked"
    letters.write(desk, partner, "asked", ask=ask, time=minutes(ask.minutes), first=first, url=url)
    return "email"


def _ourselves(desk: Desk, ask: GrantAsk, first: bool) -> str:
    return _by_task(desk, ask, OURS, "The funder asks this of us, not of the person.") if first else ""


def _by_task(desk: Desk, ask: GrantAsk, kind: str, words: str) -> str:
    """Opens a task, unless one is open: somebody who was not asked yet is not reminded."""
    if open_one(desk, kind, "ask", ask.id) is not None:
        return ""
    open_task(desk, kind, "ask", ask.id, f"Ask: {ask.title}"[:200], words)
    return "task"
