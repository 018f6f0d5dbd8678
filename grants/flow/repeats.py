"""Repeats: two applications that may be the same person's are looked at side by side; the answer stops nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from grants.domain.errors import Refusal
from grants.flow import find
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.applications import Application

Said = Literal["different", "same"]

EVENTS: dict[str, str] = {"different": "application.repeat_different", "same": "application.repeat_same"}
"""The event that each answer writes: two different people; one person, and it goes on all the same."""


@dataclass(frozen=True, slots=True)
class Two:
    """An application, and the earlier one that may be the same person's."""

    now: Application
    earlier: Application


def side_by_side(desk: Desk, application: Application) -> Two | None:
    """Returns the two applications, or None where nothing earlier is known or the actor may not read it."""
    if application.repeat_of is None:
        return None
    parts = (joinedload(Application.fund), joinedload(Application.person), joinedload(Application.payee))
    found = select(Application).where(Application.id == application.repeat_of, find.reachable(desk)).options(*parts)
    earlier = desk.session.scalar(found)
    return Two(application, earlier) if earlier is not None else None


def looked(desk: Desk, application: Application, said: str) -> None:
    """Writes down what a worker found; nothing about the application changes, and it never counts against anybody.

    Raises Refusal ``repeat.none`` where nothing earlier is known, ``repeat.said`` for another answer than the two.
    """
    desk.need("apply.enter")
    if application.repeat_of is None:
        raise Refusal("repeat.none", "Nothing like an earlier application is known here.")
    if said not in EVENTS:
        raise Refusal("repeat.said", "Choose one of the two.", "said")
    record(desk, EVENTS[said], "application", application.id, earlier=application.repeat_of)
