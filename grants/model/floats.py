"""Cash floats: counted out by one person, handed over by its holder, counted back by another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class CashFloat(Base):
    """A pre-counted float in minor units; due back within a working day; ``counted_back`` is what was left."""

    __tablename__ = "floats"
    __table_args__ = (
        CheckConstraint("counted_by <> holder_id", name="two_different_people"),
        CheckConstraint("reconciled_by IS NULL OR reconciled_by <> holder_id", name="reconciled_by_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    counted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    opened_at: Mapped[datetime]
    due_back_at: Mapped[datetime]
    counted_back: Mapped[int | None]
    reconciled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reconciled_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
