"""Policies that are data: written in a file or on a page, proposed, and accepted by two people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class PolicyFile(Base):
    """One version of a policy without code; ``terms`` is its frozen JSON, ``source`` the file as it was given.

    What a funder or a worker writes is a proposal until two people of the charity accept it: ``first_by``,
    then ``second_by``. A version never changes; editing makes the next one.
    """

    __tablename__ = "policies"
    __table_args__ = (
        UniqueConstraint("slug", "version"),
        CheckConstraint("second_by IS NULL OR second_by <> first_by", name="two_different_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    promise: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="proposed", index=True)
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funders.id"), index=True)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime]
    first_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(Text, default="")
