"""Inbox: the calls that somebody may see; one that is not for them does not exist for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from grants.domain.helping import COMPLAINT
from grants.domain.roles import READER
from grants.flow import hands
from grants.flow.desk import Desk
from grants.flow.person_keys import open_for
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.people import Person
from grants.model.tasks import Task

PAGE = 50

Which = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Calls:
    """Some calls of a list, who each is with, and the id after which the list goes on; 0 when it ends here."""

    rows: tuple[HelpCall, ...]
    with_whom: Mapping[int, int | None]
    after: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What a call is about, for whoever answers it: the person, and their grant or application."""

    person: Person
    grant: Grant | None
    application: Application


def calls(desk: Desk, which: Which = "open", after: int = 0, limit: int = PAGE) -> Calls:
    """Returns the calls that the one who acts may see: open ones oldest first, closed ones newest first."""
    desk.need("help.read")
    found = select(HelpCall).where(*_allowed(desk))
    if which == "closed":
        found = found.where(HelpCall.closed_at.is_not(None)).order_by(HelpCall.id.desc())
        found = found.where(HelpCall.id < after) if after else found
    else:
        found = found.where(HelpCall.closed_at.is_(None), HelpCall.id > after).order_by(HelpCall.id)
    rows = list(desk.session.scalars(found.limit(limit + 1)))
    shown = visible(desk, rows[:limit])
    return Calls(tuple(shown), _with_whom(desk, shown), rows[limit - 1].id if len(rows) > limit else 0)


def find(desk: Desk, number: int) -> HelpCall | None:
    """Returns the call, or None when there is none or it is not for the one who acts."""
    row = desk.session.scalar(select(HelpCall).where(HelpCall.id == number, *_allowed(desk)))
    return row if row is not None and visible(desk, [row]) else None


def visible(desk: Desk, rows: Sequence[HelpCall]) -> list[HelpCall]:
    """Returns those of these calls that the one who acts may see.

    Whoever had a hand in the matter since the call came is kept out as well, unless they had taken the call before.
    """
    me = desk.actor.user_id
    mine = [row for row in rows if me is not None and me not in row.not_for]
    on_grants = hands.on_grants(desk, {row.grant_id for row in mine if row.grant_id})
    on_applications = hands.on_applications(desk, {row.application_id for row in mine if row.application_id})
    return [
        row
        for row in mine
        if row.taken_by == me
        or me not in on_grants.get(row.grant_id or 0, set()) | on_applications.get(row.application_id or 0, set())
    ]


def about_what(desk: Desk, row: HelpCall) -> About:
    """Returns what a call is about; at most two statements."""
    person = desk.session.get_one(Person, row.person_id)
    if row.grant_id is not None:
        found = select(Grant).where(Grant.id == row.grant_id).options(joinedload(Grant.application))
        grant = desk.session.scalars(found).one()
        return About(person, grant, grant.application)
    return About(person, None, desk.session.get_one(Application, row.application_id))


def with_whom(desk: Desk, row: HelpCall) -> int | None:
    """Returns with whom a call lies now, taken or laid before them, or None."""
    return _with_whom(desk, [row]).get(row.id)


def answered_with(desk: Desk, row: HelpCall) -> str:
    """Returns what was answered, as kept; empty when nobody answered, or the person's key was destroyed."""
    return str(open_for(desk, row.person_id, row.answer).get("words", ""))


def _with_whom(desk: Desk, rows: Sequence[HelpCall]) -> dict[int, int | None]:
    tasks = {row.task_id: row.id for row in rows if row.task_id}
    found = {row.id: row.taken_by or row.reader_id for row in rows if row.taken_by or (row.outside and row.reader_id)}
    if tasks:
        laid = select(Task.id, Task.assigned_to).where(Task.id.in_(tasks), Task.assigned_to.is_not(None))
        for task, user in desk.session.execute(laid):
            found.setdefault(tasks[task], user)
    return found


def _allowed(desk: Desk) -> list[ColumnElement[bool]]:
    """Returns what the role of the one who acts lets them see at all."""
    conditions: list[ColumnElement[bool]] = []
    if not desk.actor.may("help.read"):
        conditions.append(HelpCall.id.is_(None))
    if not desk.actor.may("help.complaint"):
        conditions.append(HelpCall.kind != COMPLAINT)
    if READER not in desk.actor.roles:
        conditions.append(HelpCall.outside.is_(False))
    return conditions
