"""Languages: which parts of a translation a speaker has read and found right."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class LanguageReview(Base):
    """A speaker's review of one part of one language: decisions, safety or benefits, or the rest.

    It holds for the sentences whose SHA-256 is ``digest``: when one of them changes, it is read again.
    """

    __tablename__ = "language_reviews"
    __table_args__ = (Index("ix_language_reviews_part", "language", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    reviewer: Mapped[str] = mapped_column(String(200))
    reviewed_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(500), default="")
    recorded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
