"""Asks: what a grant hopes for afterwards, and what was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base
from grants.model.grants import Grant


class GrantAsk(Base):
    """One ask of one grant, copied from its frozen terms so that it can be listed by date."""

    __tablename__ = "asks"
    __table_args__ = (UniqueConstraint("grant_id", "slug"), Index("ix_asks_due", "state", "due_on", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    slug: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    form: Mapped[str] = mapped_column(String(40))
    of: Mapped[str] = mapped_column(String(10))
    minutes: Mapped[int]
    due_on: Mapped[date]
    if_missed: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="open")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answered_at: Mapped[datetime | None]
    how: Mapped[str] = mapped_column(String(10), default="")
    why: Mapped[str] = mapped_column(Text, default="")

    grant: Mapped[Grant] = relationship()
