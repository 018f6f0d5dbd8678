"""Late: an answer that we promised and did not give is asked for once of who has the call, then once of the reader.

The person is never reminded of anything.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from grants.domain.helping import answer_by
from grants.domain.roles import READER
from grants.flow import letters
from grants.flow.desk import Desk
from grants.flow.helping.answers import may_take
from grants.flow.helping.inbox import with_whom
from grants.flow.step import record
from grants.model.helping import HelpCall
from grants.model.users import User


def remind_late(desk: Desk, limit: int = 50) -> int:
    """Reminds, for at most ``limit`` late calls, whoever is next to be reminded; returns how many calls it was.

    The first reminder goes to who has the call on the day after the promised one, the second, a working day later,
    to the independent reader, or to a manager where there is none or the reader has it. Nobody is reminded twice.
    """
    now = desk.now()
    open_ = select(HelpCall).where(HelpCall.closed_at.is_(None), HelpCall.answered_at.is_(None), HelpCall.reminded < 2)
    rows = desk.session.scalars(open_.where(HelpCall.answer_by < now).order_by(HelpCall.answer_by, HelpCall.id))
    done = 0
    for row in rows:
        if done < limit and _due(row, now):
            _remind(desk, row)
            done += 1
    desk.session.flush()
    return done


def _due(row: HelpCall, now: datetime) -> bool:
    return row.reminded == 0 or answer_by(row.answer_by.date(), 1) < now


def _remind(desk: Desk, row: HelpCall) -> None:
    able = may_take(desk, row)
    has_it = with_whom(desk, row)
    told = _with_it(able, has_it) if row.reminded == 0 else _above(able, has_it)
    row.reminded += 1
    url = f"{desk.settings.base_url.rstrip('/')}/staff/help"
    for user in told:
        letters.write(desk, user, "help_waits", url=url, late=True)
    record(desk, "help.reminded", "help_call", row.id, who=[user.id for user in told])


def _with_it(able: list[User], has_it: int | None) -> list[User]:
    """Returns who has the call, else those who may be told instead."""
    return [user for user in able if user.id == has_it] or _above(able, has_it)


def _above(able: list[User], has_it: int | None) -> list[User]:
    """Returns the independent readers, or the managers where there are none but the one who has the call."""
    others = [user for user in able if user.id != has_it]
    readers = [user for user in others if READER in user.role_names]
    return readers or [user for user in others if "people.manage" in user.permissions]
