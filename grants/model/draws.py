"""Draws: a sample of grants for the file check or for calls, and the auditor who may look at it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base
from grants.model.funds import Fund
from grants.model.grants import Grant

_ANNOUNCED = text("drawn_at IS NULL")


class Draw(Base):
    """One seeded draw of a fund's grants: ``files`` are looked at on a screen, for ``calls`` people are asked.

    ``seed_hash`` is published when the draw is announced, ``seed`` with the draw, so that anybody can run it again.
    ``numbers`` are all numbers of the population, each fresh and meaningless; ``result`` are the totals once the
    draw is closed. At most one draw of a kind is announced and not drawn in a fund.
    """

    __tablename__ = "draws"
    __table_args__ = (
        CheckConstraint("size >= 0 AND size <= population", name="size_fits"),
        Index(
            "ux_draws_announced",
            "fund_id",
            "kind",
            unique=True,
            sqlite_where=_ANNOUNCED,
            postgresql_where=_ANNOUNCED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    from_on: Mapped[date]
    up_to: Mapped[date]
    population: Mapped[int] = mapped_column(default=0)
    confidence: Mapped[int]
    margin: Mapped[int]
    size: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(Text, default="")
    seed: Mapped[str] = mapped_column(String(64))
    seed_hash: Mapped[str] = mapped_column(String(64))
    numbers: Mapped[list[str]] = mapped_column(default=list, deferred=True)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    announced_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()


class Drawn(Base):
    """One drawn grant, in the order of the draw; ``number`` is a fresh one, for those outside.

    ``outcome``: empty until looked at; for files ``fine`` or ``question``, for calls ``yes``, ``no`` or ``silent``.
    """

    __tablename__ = "drawn"
    __table_args__ = (
        UniqueConstraint("draw_id", "grant_id"),
        UniqueConstraint("draw_id", "place"),
        Index("ix_drawn_grant_id", "grant_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"))
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    place: Mapped[int]
    number: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(12), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime | None]

    draw: Mapped[Draw] = relationship()
    grant: Mapped[Grant] = relationship()


class AuditorPass(Base):
    """A named auditor's right to look at one draw's files, for a time."""

    __tablename__ = "auditor_passes"
    __table_args__ = (UniqueConstraint("user_id", "draw_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), index=True)
    given_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    draw: Mapped[Draw] = relationship()
