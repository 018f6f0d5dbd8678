"""The charity's bank: files of payments that were released, and the lines of its statements."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base


class BankFile(Base):
    """One file of payments for the bank, made when its run was released; its row never changes.

    ``digest`` is an HMAC-SHA-256 of the file under the file's own key, so that it too tells nothing without it.
    """

    __tablename__ = "bank_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    payments: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    pay_on: Mapped[date]
    made_at: Mapped[datetime]


class BankFileKey(Base):
    """What opens one bank file, itself sealed: taken away, the file stays as it is and tells nothing any more."""

    __tablename__ = "bank_file_keys"

    file_id: Mapped[int] = mapped_column(ForeignKey("bank_files.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


class Download(Base):
    """Who took a bank file away, and when: once for each person."""

    __tablename__ = "bank_file_downloads"
    __table_args__ = (UniqueConstraint("file_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_files.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class BankLine(Base):
    """One line of a bank statement; ``state`` is matched, explained or suspense. ``key`` makes it come in once.

    ``amount`` is in minor units, money out below zero; ``kind`` is what we took the line for, or what is odd about it.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (Index("ix_bank_lines_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    on: Mapped[date] = mapped_column("line_on")
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    reference: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default="suspense")
    kind: Mapped[str] = mapped_column(String(20), default="")
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    journal_key: Mapped[str] = mapped_column(String(80), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    explained_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    imported_at: Mapped[datetime]
