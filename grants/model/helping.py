"""Helping: calls for help, complaints and appeals, which those who decided or paid cannot read; who referred whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class HelpCall(Base):
    """Something that a person told us is wrong: ``kind`` is help, complaint or appeal, ``code`` what is wrong.

    ``sealed`` holds their words under their own key. ``not_for`` lists users who must not see it: those who decided
    or paid. ``reader_id`` is the independent reader whom it went to at once, ``chosen_id`` the worker they trust;
    ``outside`` says that they want the reader and nobody else. ``answer_by`` is when we promised that somebody
    answers, ``reminded`` how often somebody was reminded of that; ``outcome`` is one code, ``answer`` sealed words.
    """

    __tablename__ = "help_calls"
    __table_args__ = (
        CheckConstraint("grant_id IS NOT NULL OR application_id IS NOT NULL", name="about_something"),
        Index("ix_help_calls_open", "closed_at", "answer_by", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(20), default="")
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    sealed: Mapped[str] = mapped_column(Text, default="")
    not_for: Mapped[list[int]] = mapped_column(default=list)
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    chosen_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outside: Mapped[bool] = mapped_column(default=False)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    how: Mapped[str] = mapped_column(String(10), default="link")
    opened_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    reminded: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(String(20), default="")
    closed_at: Mapped[datetime | None]


class Referral(Base):
    """A one-time link by which a worker or an agency sends somebody to a fund; only its hash is kept.

    ``attested`` is the word of whoever made it that the money is meant for this person, where the fund takes that.
    """

    __tablename__ = "referrals"

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organisation: Mapped[str] = mapped_column(String(200), default="")
    for_whom: Mapped[str] = mapped_column(String(60), default="")
    attested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)


class ContactChange(Base):
    """A person's new way to be reached, sealed, until it is proven; the old way is never told.

    ``proven`` says that they knew the old one; else a worker asks them. ``code_hash`` is of what was sent to the new.
    """

    __tablename__ = "contact_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[str] = mapped_column(Text, default="")
    proven: Mapped[bool] = mapped_column(default=False)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dropped_at: Mapped[datetime | None]
