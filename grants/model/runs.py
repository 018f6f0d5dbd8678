"""Payment runs: many payments, released by somebody who neither decided them nor built the run."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class Run(Base):
    """One run over one rail; its counts are read from its attempts. ``held_by`` names the worker that sends it now."""

    __tablename__ = "runs"
    __table_args__ = (CheckConstraint("released_by IS NULL OR released_by <> built_by", name="two_different_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rail: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="building")
    built_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    built_at: Mapped[datetime]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(Text, default="")
    held_by: Mapped[str] = mapped_column(String(160), default="")
