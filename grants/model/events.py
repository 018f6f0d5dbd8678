"""Events: past facts, written in the transaction of the change that they tell; never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class EventRow(Base):
    """One fact: what happened to which thing, by whom; ``data`` holds ids and codes, no personal data."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    why: Mapped[str] = mapped_column(String(500), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class UntoldEvent(Base):
    """An event that the plugins who listen have not heard yet: the outbox of ``grants_event``."""

    __tablename__ = "untold_events"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")
