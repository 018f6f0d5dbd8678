"""What a recipient says of their money: it arrived, or something is wrong, which opens a call for help."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from grants.domain.helping import HELP, PROBLEMS
from grants.flow import helping
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant
from grants.model.helping import HelpCall

__all__ = ["PROBLEMS", "arrived", "by_phone", "problem", "problem_count", "told"]

_GRANTS = cast(Table, Grant.__table__)
_CONFIRM = (
    update(_GRANTS)
    .where(_GRANTS.c.id == bindparam("number"), _GRANTS.c.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("now"))
)
_SAY = insert(cast(Table, Confirmation.__table__))
"""Built once, straight to the tables: this is what most people who get money do."""


def arrived(desk: Desk, grant: Grant, how: str = "link") -> bool:
    """Records that the person said the money came; returns False, and keeps nothing, when they said so before.

    ``how`` is link, phone or letter. The first time is kept on the grant; nothing else follows from it.
    """
    now = desk.now()
    connection = desk.session.connection()
    if not connection.execute(_CONFIRM, {"number": grant.id, "now": now}).rowcount:
        return False
    set_committed_value(grant, "confirmed_at", now)
    row = {"grant_id": grant.id, "kind": "arrived", "how": how, "recorded_by": desk.actor.user_id, "at": now}
    connection.execute(_SAY, row)
    record(desk, "grant.confirmed", "grant", grant.id, how=how)
    return True


def problem(desk: Desk, grant: Grant, kind: str, words: str = "", how: str = "link") -> HelpCall:
    """Records that something is wrong and opens a call for help to somebody who neither decided nor paid.

    While that call is open, saying the same again adds only new words to it. “Not mine” and “not safe”
    put the grant on hold. Raises Refusal ``problem.kind`` or ``text.too_long``.
    """
    return helping.call(desk, grant=grant, kind=HELP, code=kind, words=words, how=how)


def by_phone(desk: Desk, grant: Grant, kind: str = "arrived", words: str = "") -> bool:
    """Records what the person told a worker, the same as if they had tapped it; returns whether it was new.

    Raises NotAllowed without ``confirm.record``.
    """
    desk.need("confirm.record")
    if kind == "arrived":
        return arrived(desk, grant, "phone")
    before = problem_count(desk, grant, kind)
    problem(desk, grant, kind, words, "phone")
    return problem_count(desk, grant, kind) > before


def told(desk: Desk, grant: Grant) -> list[Confirmation]:
    """Returns everything that the person said of this grant's money, oldest first; one statement."""
    found = select(Confirmation).where(Confirmation.grant_id == grant.id).order_by(Confirmation.id)
    return list(desk.session.scalars(found))


def problem_count(desk: Desk, grant: Grant, kind: str) -> int:
    """Returns how often this problem was recorded for the grant."""
    counted = select(func.count()).select_from(Confirmation)
    return desk.session.scalar(counted.where(Confirmation.grant_id == grant.id, Confirmation.kind == kind)) or 0
