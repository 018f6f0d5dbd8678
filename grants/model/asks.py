"""Asks: what a grant hopes for afterwards, and what was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
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
    reminders: Mapped[int] = mapped_column(default=0)
    reminded: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    decide_by: Mapped[date | None]

    grant: Mapped[Grant] = relationship()


class Attachment(Base):
    """A picture sent with an answer: re-encoded, without metadata, sealed; never the file as it came."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("asks.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(index=True)

    ask: Mapped[GrantAsk] = relationship()


class FurtherQuestion(Base):
    """The question of a further grant after an ask lapsed: a person answers it; “not now” ends after 12 months.

    ``answer`` is empty, ``go_on`` or ``not_now``. An appeal goes to somebody else; their word stands.
    """

    __tablename__ = "further_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("asks.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    funder_id: Mapped[int] = mapped_column(ForeignKey("funders.id"))
    opened_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(10), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    expires_on: Mapped[date]
    appealed_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(Text, default="")
    appeal_answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    appeal_answered_at: Mapped[datetime | None]

    ask: Mapped[GrantAsk] = relationship()


class Timing(Base):
    """How long something took somebody who let us count; nothing says who, and only the day is kept.

    ``part`` is ``applying`` or the slug of an ask; ``declared`` is what the policy said, in minutes.
    """

    __tablename__ = "timings"
    __table_args__ = (Index("ix_timings_policy", "policy_slug", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    policy_slug: Mapped[str] = mapped_column(String(60))
    part: Mapped[str] = mapped_column(String(40))
    declared: Mapped[int]
    seconds: Mapped[int]
    on: Mapped[date] = mapped_column("timed_on")
