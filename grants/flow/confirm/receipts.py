"""Receipts: pictures sent with an answer, drawn anew (``flow/pictures.py``) and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy import delete as delete_from

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.pictures import MEDIA_TYPE, redraw_all
from grants.flow.step import record
from grants.model.asks import Attachment, GrantAsk
from grants.model.grants import Grant

UNSENT_HOURS = 24
"""How long pictures stay that were added and never sent."""


def add_pictures(desk: Desk, ask: GrantAsk, files: Iterable[bytes]) -> int:
    """Keeps pictures for an ask, all or none, and returns how many there are now.

    Raises Refusal with the field ``pictures`` for what is no picture, is too large, or one too many. Whoever may
    answer the ask may do this; the caller has looked at that.
    """
    desk.session.refresh(ask, with_for_update=True)
    if ask.state != "open":
        raise Refusal("ask.closed", "We no longer ask this. There is nothing you need to do.")
    before = how_many(desk, ask)
    drawn_anew = redraw_all(before, files)
    for drawn in drawn_anew:
        row = Attachment(
            ask_id=ask.id,
            media_type=MEDIA_TYPE,
            width=drawn.width,
            height=drawn.height,
            size=len(drawn.data),
            sealed=desk.vault.seal_bytes(drawn.data),
            added_by=desk.actor.user_id,
            added_at=desk.now(),
        )
        desk.session.add(row)
    desk.session.flush()
    return before + len(drawn_anew)


def remove_picture(desk: Desk, ask: GrantAsk, number: int) -> None:
    """Throws a picture away before the answer is sent; one that is gone already is no matter."""
    desk.session.refresh(ask, with_for_update=True)
    if ask.state == "open":
        one = Attachment.id == number, Attachment.ask_id == ask.id
        desk.session.execute(delete_from(Attachment).where(*one))


def how_many(desk: Desk, ask: GrantAsk) -> int:
    """Returns how many pictures there are with this ask."""
    counted = select(func.count()).select_from(Attachment).where(Attachment.ask_id == ask.id)
    return desk.session.scalar(counted) or 0


def pictures_of(desk: Desk, ask_ids: Sequence[int]) -> dict[int, list[int]]:
    """Returns the numbers of the pictures of each ask, in the order in which they came; one statement."""
    found = select(Attachment.ask_id, Attachment.id).where(Attachment.ask_id.in_(ask_ids)).order_by(Attachment.id)
    sorted_out: dict[int, list[int]] = {}
    for ask_id, number in desk.session.execute(found):
        sorted_out.setdefault(ask_id, []).append(number)
    return sorted_out


def open_picture(desk: Desk, grant: Grant, number: int) -> bytes | None:
    """Returns a picture that was sent with an answer about this grant, or None; raises NotAllowed.

    What was added and not sent yet is nobody's to see.
    """
    desk.need("confirm.record", "Your role does not include looking at these pictures.")
    found = (
        select(Attachment.sealed)
        .join(GrantAsk, GrantAsk.id == Attachment.ask_id)
        .where(Attachment.id == number, GrantAsk.grant_id == grant.id, GrantAsk.state == "met")
    )
    sealed = desk.session.scalar(found)
    return desk.vault.open_bytes(sealed) or None if sealed else None


def forget_pictures(desk: Desk, days: int, limit: int) -> int:
    """Deletes pictures ``days`` after they were sent, a day after they were added if they never were; how many."""
    long_ago, a_day_ago = desk.now() - timedelta(days=days), desk.now() - timedelta(hours=UNSENT_HOURS)
    never_sent = and_(GrantAsk.answered_at.is_(None), Attachment.added_at < a_day_ago)
    due = (
        select(Attachment.id, Attachment.ask_id)
        .join(GrantAsk, GrantAsk.id == Attachment.ask_id)
        .where(or_(GrantAsk.answered_at < long_ago, never_sent))
        .order_by(Attachment.id)
        .limit(limit)
    )
    rows = desk.session.execute(due).all()
    desk.session.execute(delete_from(Attachment).where(Attachment.id.in_([number for number, _ask in rows])))
    for ask_id in sorted({ask for _number, ask in rows}):
        record(desk, "ask.pictures_forgotten", "ask", ask_id)
    return len(rows)
