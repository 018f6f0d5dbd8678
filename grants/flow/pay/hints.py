"""The inbox of webhooks: each event stored once, then looked up; never believed.

What is about an object that we do not know yet is kept. Each reconcile looks whether it has become known, and after
three days a person is asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from grants.flow.desk import Desk
from grants.flow.opening import open_task
from grants.flow.pay.freeze import frozen
from grants.flow.pay.reconcile import STALE, match_held, sent_here
from grants.flow.pay.record import Change
from grants.flow.step import record
from grants.model.payments import Attempt, ProviderEvent
from grants.offers import Held, Hint

MATCHED, UNMATCHED, IGNORED, LEFT = "matched", "unmatched", "ignored", "left"
"""What came of a hint: looked up; about something not known yet; not about our payments; handed to a person."""

PATIENCE = timedelta(hours=72)
"""How long a hint is kept that is about nothing we know, before somebody is asked."""

TASK = "hint_left"

LONGEST = 120
"""Characters of a provider's own name for a thing; what is longer, or no plain text, is known by its fingerprint."""

PAGE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask a rail about: its own reference, our attempt when we know it, and the last hint this will answer."""

    rail: str
    about: str
    attempt_id: int | None
    up_to: int


def take_hint(desk: Desk, rail: str, hint: Hint) -> bool:
    """Stores a verified event and queues the look-up; returns whether it is new here.

    What is about none of our payments is stored as ignored, and nobody is asked about it. Several events about one
    object share a look-up: while one waits, those that follow are answered with it, or it queues theirs.
    """
    on_postgres = desk.session.get_bind().dialect.name == "postgresql"
    make = postgresql.insert(ProviderEvent) if on_postgres else sqlite.insert(ProviderEvent)
    about = _plain(hint.about)
    row = {
        "rail": rail,
        "event_id": _plain(hint.event_id),
        "kind": _plain(hint.kind),
        "about": about,
        "received_at": desk.now(),
        "handled_at": None if hint.about else desk.now(),
        "result": "" if hint.about else IGNORED,
    }
    stored = desk.session.scalar(make.values(row).on_conflict_do_nothing().returning(ProviderEvent.id))
    if stored is not None and hint.about and not _in_hand(desk, rail, about, stored):
        desk.later.queue(desk.session, "look_again", stored)
    return stored is not None


def asked(desk: Desk, event_id: int) -> Asked | None:
    """Returns what to ask about a stored event, or None when it was answered already.

    All that came about the same object meanwhile is answered with it. After a backup was put back nothing is asked:
    the reconcile finds what was missed.
    """
    event = desk.session.get_one(ProviderEvent, event_id)
    if event.result not in ("", UNMATCHED):
        return None
    same = _about(event.rail, event.about)
    last = desk.session.scalar(select(func.max(ProviderEvent.id)).where(same)) or event_id
    known = select(Attempt.id).where(Attempt.rail == event.rail, Attempt.provider_reference == event.about)
    found = Asked(event.rail, event.about, desk.session.scalar(known), last)
    if frozen(desk) is not None:
        answered(desk, found, UNMATCHED)
        return None
    return found


def match(desk: Desk, asked: Asked, held: Held | None) -> list[Change]:
    """Records what a provider holds under its own reference, by our number in it; returns what changed.

    So an event may overtake the answer to our own call. Payments without a number of ours are somebody else's.
    """
    if held is not None and not held.number:
        answered(desk, asked, IGNORED)
        return []
    if held is None or held.outcome.state == "unknown" or not sent_here(desk, asked.rail, held.number):
        answered(desk, asked, UNMATCHED)
        return []
    answered(desk, asked, MATCHED)
    return match_held(desk, asked.rail, [held]).changes


def answered(desk: Desk, asked: Asked, result: str) -> None:
    """Marks what was stored about an object, up to the last hint that this answers; what came since is looked up next.

    A hint that came since found this one waiting, so it has no look-up of its own.
    """
    mine = and_(_about(asked.rail, asked.about), ProviderEvent.id <= asked.up_to)
    desk.session.execute(
        update(ProviderEvent)
        .where(mine)
        .values(handled_at=desk.now(), result=result, tries=ProviderEvent.tries + 1)
        .execution_options(synchronize_session=False)
    )
    since = and_(_about(asked.rail, asked.about), ProviderEvent.result == "", ProviderEvent.id > asked.up_to)
    following = desk.session.scalar(select(func.min(ProviderEvent.id)).where(since))
    if following is not None:
        desk.later.queue(desk.session, "look_again", following)


def known_now(desk: Desk, rail: str, after: int = 0) -> list[int]:
    """Returns kept hints, by id from ``after`` on, whose payment has become known; a page at most.

    With them go those whose look-up was lost.
    """
    known = select(Attempt.id).where(Attempt.rail == rail, Attempt.provider_reference == ProviderEvent.about)
    lost = and_(ProviderEvent.result == "", ProviderEvent.received_at < desk.now() - STALE)
    found = _kept(rail).where(or_(lost, and_(ProviderEvent.result == UNMATCHED, known.exists())))
    rows = desk.session.scalars(found.where(ProviderEvent.id > after).order_by(ProviderEvent.id).limit(PAGE))
    return [event.id for event in rows]


def leave(desk: Desk, rail: str) -> list[str]:
    """Counts a try of each kept hint; gives those kept for too long to a person, and returns a sentence on each."""
    waiting = and_(ProviderEvent.rail == rail, ProviderEvent.result == UNMATCHED)
    one_more = update(ProviderEvent).where(waiting).values(tries=ProviderEvent.tries + 1)
    desk.session.execute(one_more.execution_options(synchronize_session=False))
    late = select(ProviderEvent).where(waiting, ProviderEvent.received_at < desk.now() - PATIENCE)
    told = []
    for event in desk.session.scalars(late.order_by(ProviderEvent.id).limit(PAGE)):
        event.result = LEFT
        record(desk, "hint.left", "hint", event.id, rail=rail, kind=event.kind, tries=event.tries)
        told.append(f"{rail} told us of {event.about or event.event_id}, which is not in our books")
    if told:
        words = (
            f"{told[0]}. We have looked for three days. Look it up on the payment service’s own page. "
            "If it is a payment of ours, tell finance at once."
        )
        open_task(desk, TASK, "rail", 0, f"A message about a payment that we do not know ({rail})", words)
    return told


def _in_hand(desk: Desk, rail: str, about: str, stored: int) -> bool:
    """Returns whether a look-up of this object waits already, for a hint that came before and was not answered yet.

    That hint is held until the new one is committed, so whoever answers it sees the new one. One that waits for too
    long has lost its look-up.
    """
    waits = and_(_about(rail, about), ProviderEvent.result == "", ProviderEvent.id < stored)
    found = select(ProviderEvent.id).where(waits, ProviderEvent.received_at >= desk.now() - STALE)
    return desk.session.scalar(found.order_by(ProviderEvent.id).limit(1).with_for_update(read=True)) is not None


def _kept(rail: str) -> Select[ProviderEvent]:
    return select(ProviderEvent).where(ProviderEvent.rail == rail, ProviderEvent.result.in_(("", UNMATCHED)))


def _about(rail: str, about: str) -> ColumnElement[bool]:
    """Returns the condition for hints about one object of a provider that still wait."""
    waits = ProviderEvent.result.in_(("", UNMATCHED))
    return and_(ProviderEvent.rail == rail, ProviderEvent.about == about, waits)


def _plain(text: str) -> str:
    if len(text) <= LONGEST and (text.isprintable() or not text):
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()}"
