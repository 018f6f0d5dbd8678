"""Tasks: what waits for a person, each with somebody who may take it and some who may not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class Task(Base):
    """Something for a person to do: a call for help, an unknown outcome, a contact to check.

    ``not_for`` lists users who must not see it: those who decided or paid, when a recipient calls for help.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_open", "closed_at", "opened_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    not_for: Mapped[list[int]] = mapped_column(default=list)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str] = mapped_column(Text, default="")
