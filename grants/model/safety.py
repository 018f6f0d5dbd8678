"""What keeps money safe beyond one payment: changed details, a freeze, our pace, incidents, hints, looking back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base
from grants.model.people import Payee

_WAITING = text("applied_at IS NULL AND dropped_at IS NULL")


class PayeeChange(Base):
    """New bank details in place of old ones, sealed: a second person agrees, and a day passes, before they hold.

    ``usable_at`` is when that day is over; ``waived_by`` and ``agreed_by`` together may let it hold at once,
    with a reason. At most one change of a payee waits.
    """

    __tablename__ = "payee_changes"
    __table_args__ = (
        Index("ux_payee_changes_waiting", "payee_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> asked_by", name="two_different_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("payees.id"), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    hint: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(200), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    agreed_at: Mapped[datetime | None]
    usable_at: Mapped[datetime]
    waived_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    waived_why: Mapped[str] = mapped_column(Text, default="")
    applied_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]

    payee: Mapped[Payee] = relationship()


class Freeze(Base):
    """A stop on all paying, such as after a backup was put back; it ends when every payment outside is matched.

    ``since`` is the time of the backup: what the provider made after it is not in our books. ``looked_at`` is
    when a reconcile last read everything that the providers hold, ``left`` how many things did not fit then.
    Two people may end it: one asks and says why, another agrees.
    """

    __tablename__ = "freezes"
    __table_args__ = (CheckConstraint("lifted_by IS NULL OR lifted_by <> asked_by", name="two_different_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    begun_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    left: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_why: Mapped[str] = mapped_column(Text, default="")
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Bucket(Base):
    """A token bucket that all workers share, by name: how many requests may still be made just now."""

    __tablename__ = "buckets"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    tokens: Mapped[float] = mapped_column(Float)
    at: Mapped[float] = mapped_column(Float)


class Incident(Base):
    """A loss or a thing that went wrong with money, for trustees and for a report of a serious incident."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("funds.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    amount: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    words: Mapped[str] = mapped_column(Text)
    happened_on: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
    reported_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, default="")


class TrusteeChoice(Base):
    """A choice that trustees recorded, such as whether names are checked against sanctions lists; the newest holds.

    ``minutes`` is where their meeting wrote it down.
    """

    __tablename__ = "trustee_choices"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    value: Mapped[str] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(Text)
    minutes: Mapped[str] = mapped_column(String(100), default="")
    chosen_on: Mapped[date]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]


class HintLook(Base):
    """Somebody looked at a hint about an account or a pace, and found it fine; it is quiet from then on.

    ``matter`` is what the hint was about, within its ``kind``; ``seen`` is how many there were of what it counts.
    """

    __tablename__ = "hint_looks"
    __table_args__ = (Index("ix_hint_looks_matter", "kind", "matter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    matter: Mapped[str] = mapped_column(String(80))
    seen: Mapped[int]
    why: Mapped[str] = mapped_column(Text)
    looked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    looked_at: Mapped[datetime]


class LookBack(Base):
    """One month's seeded draw from the decisions that one person made alone, for trustees to look back at.

    ``population`` is how many decisions there were, ``share`` the part drawn, in hundredths; anybody with the seed
    can run the draw again.
    """

    __tablename__ = "look_backs"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(unique=True)
    seed: Mapped[str] = mapped_column(String(64))
    share: Mapped[int]
    population: Mapped[int]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class LookedBack(Base):
    """One drawn decision; ``finding`` is empty until a trustee looked, then ``fine`` or ``talk``, with words."""

    __tablename__ = "looked_back"
    __table_args__ = (UniqueConstraint("look_back_id", "decision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    look_back_id: Mapped[int] = mapped_column(ForeignKey("look_backs.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), index=True)
    place: Mapped[int]
    finding: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    looked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    looked_at: Mapped[datetime | None]

    look_back: Mapped[LookBack] = relationship()
