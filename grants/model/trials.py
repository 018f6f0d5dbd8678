"""Trials: a lighter policy beside the standing one, for a share of new awards drawn by seed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base
from grants.model.funds import Fund

_RUNNING = text("ended_at IS NULL")


class Trial(Base):
    """Two policies side by side in one fund; ``share`` out of 100 new awards get the lighter one, drawn by ``seed``.

    ``agreed_on`` and ``agreed`` record the trustees' agreement, which comes first. At most one runs in a fund.
    """

    __tablename__ = "trials"
    __table_args__ = (
        Index("ux_trials_running", "fund_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        CheckConstraint("share > 0 AND share < 100", name="share_in_a_hundred"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    policy_slug: Mapped[str] = mapped_column(String(60))
    policy_version: Mapped[int] = mapped_column(default=0)
    policy_settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    terms: Mapped[str] = mapped_column(Text)
    standing_terms: Mapped[str] = mapped_column(Text)
    share: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    agreed_on: Mapped[date]
    agreed: Mapped[str] = mapped_column(Text)
    started_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
