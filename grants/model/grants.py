"""Grants: money and frozen terms for one recipient, from the award on; and the links that lead to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.applications import Application
from grants.model.base import Base
from grants.model.funds import Fund
from grants.model.people import Payee, Person


class Grant(Base):
    """One grant; ``terms`` and ``facts`` are JSON frozen at the award, ``awarded_on`` the day of it.

    ``policy_source`` names the distribution and version that offered the policy: for the record only.
    ``minutes`` is the recipient's burden after the award, counted once. ``pace`` is how the person chose to be
    paid, ``firm_on`` the day on which a provisional award is firm, ``arm`` standing or lighter in a trial.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_grants_list", "awarded_at", "id"),
        Index("ix_grants_fund_state", "fund_id", "state"),
        Index("ix_grants_fund_list", "fund_id", "awarded_at", "id"),
        Index("ix_grants_state_list", "state", "awarded_at", "id"),
        Index("ix_grants_decided", "decided_by", "awarded_on"),
        Index("ix_grants_person", "person_id", "awarded_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("payees.id"), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    terms: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    policy_slug: Mapped[str] = mapped_column(String(60))
    policy_source: Mapped[str] = mapped_column(String(120), default="")
    minutes: Mapped[int] = mapped_column(default=0)
    decided_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    second_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(String(12), default="awarded")
    awarded_at: Mapped[datetime]
    awarded_on: Mapped[date]
    paid_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    hold_reason: Mapped[str] = mapped_column(Text, default="")
    pace: Mapped[dict[str, Any]] = mapped_column(default=dict)
    firm_on: Mapped[date | None]
    trial_id: Mapped[int | None] = mapped_column(ForeignKey("trials.id"), index=True)
    arm: Mapped[str] = mapped_column(String(10), default="")

    application: Mapped[Application] = relationship()
    fund: Mapped[Fund] = relationship()
    person: Mapped[Person] = relationship()
    payee: Mapped[Payee] = relationship()


class Link(Base):
    """A person's link to their grant, or to their application: only the SHA-256 of its token is kept; revocable."""

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("(grant_id IS NULL) <> (application_id IS NULL)", name="to_one_thing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class LetterCode(Base):
    """A short code from a letter: on ``/code`` it only says “it arrived” or “something is wrong”, and shows nothing."""

    __tablename__ = "letter_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class TypedCode(Base):
    """What somebody typed on ``/code``, known or not: a job looks it up, so that the page does the same for all.

    ``code_hash`` goes as soon as it was looked up; the row stays a day, to count how many came.
    """

    __tablename__ = "typed_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    said: Mapped[str] = mapped_column(String(10))
    typed_at: Mapped[datetime] = mapped_column(index=True)
