"""Payments and the attempts to make them: one attempt, one key, one frozen request."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.model.base import Base
from grants.model.grants import Grant

_OPEN = text(f"state IN ({', '.join(repr(state) for state in OPEN_ATTEMPT)})")

_WAITING = text("state = 'created'")

_SETTLED = text("settled_at IS NOT NULL")

_UNSETTLED = text("result IN ('', 'unmatched')")


class Payment(Base):
    """One instalment of a grant; how it stands is read from its attempts, never stored.

    ``statement`` is the discreet reference that the recipient's bank shows (at most 18 characters).
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("grant_id", "number"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_payments_due", "rail", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    number: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    due_on: Mapped[date]
    rail: Mapped[str] = mapped_column(String(40))
    statement: Mapped[str] = mapped_column(String(18), unique=True)
    done: Mapped[bool] = mapped_column(default=False)

    grant: Mapped[Grant] = relationship()


class Attempt(Base):
    """One instruction to a rail. ``body`` is the frozen request, ``body_hash`` its SHA-256.

    By hand: ``paid_on``, ``hand_reference``, ``recorded_by`` and then ``confirmed_by``, another person;
    ``float_id`` where cash came from a counted float.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("payment_id", "number"),
        Index("ux_attempts_open", "payment_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_attempts_state", "state", "id"),
        Index("ix_attempts_run", "run_id", "id"),
        Index("ix_attempts_settled", "settled_at", sqlite_where=_SETTLED, postgresql_where=_SETTLED),
        Index("ix_attempts_waiting", "run_id", "tries", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> recorded_by", name="two_different_people"),
        UniqueConstraint("rail", "hand_reference"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    number: Mapped[int]
    rail: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    body: Mapped[str] = mapped_column(Text, default="")
    body_hash: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(12), default="created")
    provider_reference: Mapped[str] = mapped_column(String(120), default="", index=True)
    code: Mapped[str] = mapped_column(String(80), default="")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    hand_reference: Mapped[str | None] = mapped_column(String(60))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    float_id: Mapped[int | None] = mapped_column(ForeignKey("floats.id"))

    payment: Mapped[Payment] = relationship()


class ProviderEvent(Base):
    """The inbox of webhooks, unique by the rail and its own event id: a hint to look again, never the truth.

    ``tries`` counts how often its object was looked for among our attempts.
    """

    __tablename__ = "provider_events"
    __table_args__ = (
        UniqueConstraint("rail", "event_id"),
        Index("ix_provider_events_waiting", "rail", "about", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rail: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(120), default="")
    about: Mapped[str] = mapped_column(String(120), default="")
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(40), default="")
    tries: Mapped[int] = mapped_column(default=0)
