"""Confirmations: “it arrived” or “something is wrong”, by link or by phone; silence changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class Confirmation(Base):
    """What a recipient said about their money; ``kind`` is arrived or one of the problems."""

    __tablename__ = "confirmations"

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    how: Mapped[str] = mapped_column(String(10))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
