"""The tables of the books: accounts, journals and their lines; journals and lines are append-only."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base

_WAITING = text("agreed_at IS NULL AND dropped_at IS NULL")


class Account(Base):
    """One account of one currency, ``F.3`` or ``L.payable.17``; ``balance`` is debit-positive minor units.

    A fund's account never goes into debit: the database itself refuses to overspend it.
    """

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("kind <> 'F' OR balance <= 0", name="fund_not_overspent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    balance: Mapped[int] = mapped_column(default=0)


class Journal(Base):
    """One posting of the books, unique by ``key``; its lines sum to zero. Never changed, never deleted."""

    __tablename__ = "journals"
    __table_args__ = (Index("ix_journals_fund", "fund_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    on: Mapped[date] = mapped_column("posted_on")
    at: Mapped[datetime]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("funds.id"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    why: Mapped[str] = mapped_column(Text, default="")


class Line(Base):
    """One line of a journal: debit positive, credit negative, in minor units."""

    __tablename__ = "lines"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index("ix_lines_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount: Mapped[int]


class Seal(Base):
    """One link of the chain over events and journals: the hash of the one before and of the sealed row.

    Links are added in order and never changed; the newest hash, kept elsewhere, proves all that came before.
    """

    __tablename__ = "seals"
    __table_args__ = (UniqueConstraint("source", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(8))
    row_id: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Period(Base):
    """The books are closed up to and with a day: nothing is posted on or before it."""

    __tablename__ = "periods"

    id: Mapped[int] = mapped_column(primary_key=True)
    closed_up_to: Mapped[date] = mapped_column(unique=True)
    closed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text, default="")


# Closed days refuse journals, so a backup that is put back loads the journals first.
cast(Table, Period.__table__).add_is_dependent_on(cast(Table, Journal.__table__))


class FundReturn(Base):
    """Money of a fund that goes back to its funder: one person proposes it, another agrees, and it is posted (J14).

    ``amount`` is in minor units of the fund's currency, ``reference`` what the bank shows. At most one waits in a fund.
    """

    __tablename__ = "fund_returns"
    __table_args__ = (
        Index("ux_fund_returns_waiting", "fund_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> proposed_by", name="two_different_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    amount: Mapped[int]
    reference: Mapped[str] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    agreed_at: Mapped[datetime | None]
    dropped_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dropped_at: Mapped[datetime | None]
