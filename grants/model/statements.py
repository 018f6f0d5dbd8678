"""Statements to funders, frozen when they are issued, and the questions that funders ask."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class IssuedStatement(Base):
    """What a funder was told of a fund up to a day; it never changes, so that nobody can be found by subtraction."""

    __tablename__ = "statements"
    __table_args__ = (UniqueConstraint("fund_id", "up_to"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"))
    up_to: Mapped[date]
    grants: Mapped[int]
    data: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]


class AskedByFunder(Base):
    """A funder's question; ``query`` names what we hold that answers it; without one it is to be talked about."""

    __tablename__ = "funder_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    funder_id: Mapped[int] = mapped_column(ForeignKey("funders.id"), index=True)
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("funds.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(String(40), default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
