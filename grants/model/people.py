"""People: those who apply and receive, with how it is safe to reach them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base

CHANNELS = ("none", "text", "email", "letter", "worker")
"""How a person wants to be reached; ``worker`` means by phone through somebody they trust."""


class Person(Base):
    """A person; ``number`` is theirs in messages to providers and means nothing outside.

    ``contact_safe`` is False until the person, or a worker who asked them, said that ``channel`` is safe:
    no message goes out before. ``sender`` is what the sender may be called (empty: the charity's neutral word),
    ``discreet`` whether messages say nothing of money, ``avoid`` further words that may not appear; messages leave
    only from ``hours_from`` up to ``hours_until``, hours of the charity's clock. ``erased_at`` is set when they asked
    to be erased and were.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), index=True)
    language: Mapped[str] = mapped_column(String(20), default="en")
    ward: Mapped[str] = mapped_column(String(20), default="")
    area: Mapped[str] = mapped_column(String(100), default="")
    district: Mapped[str] = mapped_column(String(10), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(10), default="none")
    contact_safe: Mapped[bool] = mapped_column(default=False)
    contact_wish: Mapped[str] = mapped_column(Text, default="")
    contact_checked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    contact_checked_at: Mapped[datetime | None]
    household_size: Mapped[int | None]
    created_at: Mapped[datetime]
    sender: Mapped[str] = mapped_column(String(20), default="")
    discreet: Mapped[bool] = mapped_column(default=True)
    avoid: Mapped[list[str]] = mapped_column(default=list)
    hours_from: Mapped[int] = mapped_column(default=9)
    hours_until: Mapped[int] = mapped_column(default=18)
    voicemail: Mapped[bool] = mapped_column(default=False)
    shared: Mapped[bool] = mapped_column(default=False)
    erased_at: Mapped[datetime | None]


class PersonKey(Base):
    """One person's own key, sealed by the vault: destroyed, what was sealed under it tells nothing any more."""

    __tablename__ = "person_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


class Payee(Base):
    """Where a person's money goes: their own account, someone else's (whose and why), cash or a voucher.

    ``sealed`` holds bank details encrypted, ``hint`` their last two figures, ``token`` what a rail keeps
    for this payee, ``check`` the last Confirmation of Payee result. ``fingerprint`` tells, under our own key,
    that two payees have the same account, and nothing else; it goes when the details go.
    """

    __tablename__ = "payees"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    how: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200), default="")
    own: Mapped[bool] = mapped_column(default=True)
    whose: Mapped[str] = mapped_column(String(200), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    sealed: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="", index=True)
    hint: Mapped[str] = mapped_column(String(4), default="")
    token: Mapped[str] = mapped_column(Text, default="")
    check: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]


class Draft(Base):
    """An application half typed on the web: sealed answers, found only by the browser's own token.

    ``code_hash`` is of the code by which the person comes back from anywhere, until ``kept_until``. Where somebody
    helps, ``helper_hash`` is of the token of the helper's browser, and ``holder`` says who types now: person or helper.
    """

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"))
    sealed: Mapped[str] = mapped_column(Text, default="")
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))
    touched_at: Mapped[datetime] = mapped_column(index=True)
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    kept_until: Mapped[datetime | None]
    helper_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    holder: Mapped[str] = mapped_column(String(10), default="person")
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referrals.id"))
