"""Passes: a named auditor may look at the files of one draw, on a screen, for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.roles import AUDITOR
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.step import record
from grants.model.draws import AuditorPass, Draw
from grants.model.users import User

LONGEST_DAYS = 30
"""A pass lasts at most so many days."""


def auditors(desk: Desk) -> Sequence[User]:
    """Returns the auditors who were invited and have not left, by name."""
    rows = desk.session.scalars(select(User).where(User.active, User.left_at.is_(None)).order_by(User.name))
    return [user for user in rows if AUDITOR in user.role_names]


def give_pass(desk: Desk, draw: Draw, auditor: User, from_on: date, until: date) -> AuditorPass:
    """Lets an auditor look at the files of a draw from the start of one day to the end of another.

    A second pass for the same draw takes the place of the first. Raises Refusal for a draw of calls, days that
    do not fit or are too many, somebody who is no auditor, or terms that let no files be seen.
    """
    by = desk.need("assure.draw")
    if draw.kind != "files" or draw.drawn_at is None:
        raise Refusal("pass.kind", "A pass is for files that were drawn. Draw them first.")
    if AUDITOR not in auditor.role_names or not auditor.active:
        raise Refusal("pass.auditor", "Choose an auditor. A manager can invite one on the page of people.", "auditor")
    if not terms_of(draw.fund).statement.file_check:
        words = "The policy of this fund lets nobody from outside see files. Our own people look at them."
        raise Refusal("pass.terms", words)
    if from_on < desk.today() or until < from_on:
        raise Refusal("pass.days", "Enter a first day from today on, and a last day after it.", "until")
    if (until - from_on).days >= LONGEST_DAYS:
        raise Refusal("pass.long", f"A pass lasts {LONGEST_DAYS} days at most. Enter an earlier last day.", "until")
    row = desk.session.scalar(
        select(AuditorPass).where(AuditorPass.user_id == auditor.id, AuditorPass.draw_id == draw.id)
    )
    if row is None:
        row = AuditorPass(user_id=auditor.id, draw_id=draw.id)
        desk.session.add(row)
    row.given_by, row.ended_at = by, None
    row.from_at, row.until_at = _midnight(from_on), _midnight(until + timedelta(days=1))
    desk.session.flush()
    record(desk, "assure.pass_given", "draw", draw.id, auditor=auditor.id, until=until.isoformat())
    return row


def end_pass(desk: Desk, row: AuditorPass) -> None:
    """Ends a pass at once; the auditor's next click finds nothing."""
    desk.need("assure.draw")
    if row.ended_at is None:
        row.ended_at = desk.now()
        record(desk, "assure.pass_ended", "draw", row.draw_id, auditor=row.user_id)


def passes_of(desk: Desk, draw: Draw) -> Sequence[AuditorPass]:
    """Returns the passes of a draw, ended ones too, the newest first; one statement."""
    return desk.session.scalars(
        select(AuditorPass).where(AuditorPass.draw_id == draw.id).order_by(AuditorPass.id.desc())
    ).all()


def my_passes(desk: Desk) -> Sequence[AuditorPass]:
    """Returns the passes of whoever acts that last now; one statement."""
    now = desk.now()
    found = select(AuditorPass).where(
        AuditorPass.user_id == desk.actor.user_id,
        AuditorPass.ended_at.is_(None),
        AuditorPass.from_at <= now,
        AuditorPass.until_at > now,
    )
    return desk.session.scalars(found.order_by(AuditorPass.id)).all()


def holds(desk: Desk, draw_id: int) -> AuditorPass | None:
    """Returns the pass with which whoever acts may look at a draw now, or None."""
    return next((row for row in my_passes(desk) if row.draw_id == draw_id), None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
