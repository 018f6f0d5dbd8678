"""The charity's line: how much burden it accepts for people; each new line is a row, the newest one holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class CharityLine(Base):
    """A ceiling on burden: its cost as a share of a typical award (in a hundred), how intrusive it may be at most.

    ``hourly`` is what an hour of a person's time is taken to be worth, in minor units.
    """

    __tablename__ = "charity_lines"
    __table_args__ = (CheckConstraint("share >= 0 AND share <= 100", name="share_in_a_hundred"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    share: Mapped[int]
    intrusiveness: Mapped[str] = mapped_column(String(20))
    hourly: Mapped[int]
    why: Mapped[str] = mapped_column(Text, default="")
    set_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime]


class Objection(Base):
    """“This rule gets in the way”, said by a worker, a partner or a recipient; answered by a date.

    ``said_by`` is worker, partner or recipient. ``words`` never leave the charity: outside it is told how often,
    where that picks out nobody, and ``told_as``, the nameless words of whoever answered.
    """

    __tablename__ = "objections"
    __table_args__ = (Index("ix_objections_open", "answered_at", "answer_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    policy_slug: Mapped[str] = mapped_column(String(60))
    ask_slug: Mapped[str] = mapped_column(String(40), default="")
    said_by: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    answer_by: Mapped[date]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    told_as: Mapped[str] = mapped_column(Text, default="")


class TurnedDown(Base):
    """Money that the charity did not take because of a condition, with the condition in words."""

    __tablename__ = "turned_down"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    funder: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    condition: Mapped[str] = mapped_column(Text)
    minutes: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    on: Mapped[date] = mapped_column("turned_down_on")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
