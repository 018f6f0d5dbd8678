"""Applications: what people send, and what workers decide about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base
from grants.model.funds import Fund
from grants.model.people import Payee, Person


class Application(Base):
    """One application; ``entered_by`` is set when staff or a partner typed it, ``notes`` are for staff only.

    ``form_key`` makes a double click one application, ``import_key`` makes a second import nothing.
    ``conditions`` are the asks that were named to the person, before they sent it, as able to hold a payment;
    ``attested`` says that the partner who referred them said that the money is meant for them. ``typed_by`` says of
    each answer who typed it: person, helper, staff or partner.
    """

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_applications_queue", "state", "submitted_at", "id"),
        Index("ix_applications_fund", "fund_id", "state", "submitted_at", "id"),
        Index("ix_applications_partner", "partner_id", "state", "submitted_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("payees.id"), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    need: Mapped[str] = mapped_column(Text, default="")
    purposes: Mapped[list[str]] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(String(10), default="")
    route: Mapped[str] = mapped_column(String(10), default="self")
    helper_name: Mapped[str] = mapped_column(String(200), default="")
    helper_organisation: Mapped[str] = mapped_column(String(200), default="")
    helper_contact: Mapped[str] = mapped_column(String(254), default="")
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    attested: Mapped[bool] = mapped_column(default=False)
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    conditions: Mapped[list[str]] = mapped_column(default=list)
    typed_by: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default="draft")
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    form_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    import_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    repeat_of: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))

    fund: Mapped[Fund] = relationship()
    person: Mapped[Person] = relationship()
    payee: Mapped[Payee] = relationship()


class Decision(Base):
    """What a worker decided, and the second person's agreement where one is needed.

    ``why_second`` is empty when one person may decide alone; ``eligible`` is the worker's attestation in
    their own words; ``withdrawn_at`` marks a proposal that was taken back or turned down.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("second_by IS NULL OR second_by <> by", name="two_different_people"),
        Index(
            "ux_decisions_waiting",
            "application_id",
            unique=True,
            sqlite_where=text("waiting"),
            postgresql_where=text("waiting"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    eligible: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    at: Mapped[datetime]
    why_second: Mapped[str] = mapped_column(Text, default="")
    second_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second_at: Mapped[datetime | None]
    waiting: Mapped[bool] = mapped_column(default=False, index=True)
    withdrawn_at: Mapped[datetime | None]
