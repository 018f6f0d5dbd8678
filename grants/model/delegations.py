"""Delegations: how much a worker may award alone; and whom a worker is connected with."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class Delegation(Base):
    """A worker's limits in minor units of one currency, with the date on which trustees approved them."""

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("per_grant > 0 AND per_day > 0 AND per_person_per_year > 0", name="limits_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    per_grant: Mapped[int]
    per_day: Mapped[int]
    per_person_per_year: Mapped[int]
    approved_on: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Connection(Base):
    """A declared connection between a worker and a person, by name: they decide nothing for each other."""

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), index=True)
    declared_at: Mapped[datetime]
