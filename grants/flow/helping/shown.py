"""Shown: what a person sees of their own calls by a link that somebody else may hold: when, never what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from grants.flow.desk import Desk
from grants.flow.helping.call import about
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.helping import HelpCall

SHOWN = timedelta(days=30)
"""So long a page says that somebody answered."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the newest call stands: by when somebody answers, and whether somebody did. Neither kind nor words."""

    answer_by: datetime
    answered: bool


def standing(desk: Desk, thing: Grant | Application, *, quiet: bool = False) -> Standing | None:
    """Returns how the newest call about this grant or application stands, or None when there is none; one statement.

    ``quiet`` leaves out what the page must not give away to somebody else who holds the phone: that the person said
    that they are not safe, or wants somebody from outside; and what has been over for 30 days.
    """
    found = select(HelpCall).filter_by(**about(thing)).order_by(HelpCall.id.desc()).limit(1)
    if quiet:
        lately = or_(HelpCall.closed_at.is_(None), HelpCall.closed_at >= desk.now() - SHOWN)
        found = found.where(HelpCall.code != "not_safe", HelpCall.outside.is_(False), lately)
    row = desk.session.scalar(found)
    return None if row is None else Standing(row.answer_by, row.answered_at is not None)
