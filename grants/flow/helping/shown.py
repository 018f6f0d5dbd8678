"""Shown: what a person sees of their own calls by a link that somebody else may hold: when, never what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from grants.flow.desk import Desk
from grants.flow.helping.call import about
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.helping import HelpCall


@dataclass(frozen=True, slots=True)
class Standing:
    """How the newest call stands: by when somebody answers, and whether somebody did. Neither kind nor words."""

    answer_by: datetime
    answered: bool


def standing(desk: Desk, thing: Grant | Application) -> Standing | None:
    """Returns how the newest call about this grant or application stands, or None when there is none; one statement."""
    found = select(HelpCall).filter_by(**about(thing)).order_by(HelpCall.id.desc()).limit(1)
    row = desk.session.scalar(found)
    return None if row is None else Standing(row.answer_by, row.answered_at is not None)
