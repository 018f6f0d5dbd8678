"""Funders and their funds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base


class Funder(Base):
    """Whoever puts money in, with an org-id where there is one (``GB-CHC-123456``)."""

    __tablename__ = "funders"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    org_id: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]


class Fund(Base):
    """A pot with one policy; ``ceiling`` is the most one person may have, in minor units.

    ``terms`` is what the policy and its settings ask, frozen as JSON when the policy was chosen: applying
    reads it and runs no plugin code. ``policy_version`` is 0 where a plugin offers the policy. ``typical`` is a
    usual award in minor units, ``over_line`` the reason why a policy beyond the charity's line was chosen.
    ``fees_allowed`` and ``losses_allowed`` say whether it may bear bank fees, and money that was lost.
    The money itself stands in the ledger.
    """

    __tablename__ = "funds"
    __table_args__ = (
        CheckConstraint("ceiling > 0", name="ceiling_positive"),
        CheckConstraint("spend_by IS NULL OR spend_by >= starts_on", name="dates_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    funder_id: Mapped[int] = mapped_column(ForeignKey("funders.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    restriction: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date]
    spend_by: Mapped[date | None]
    fees_allowed: Mapped[bool] = mapped_column(default=False)
    losses_allowed: Mapped[bool] = mapped_column(default=False)
    ceiling: Mapped[int]
    is_open: Mapped[bool] = mapped_column(default=True)
    is_emergency: Mapped[bool] = mapped_column(default=False)
    policy_slug: Mapped[str] = mapped_column(String(60))
    policy_settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    policy_version: Mapped[int] = mapped_column(default=0)
    terms: Mapped[str] = mapped_column(Text)
    typical: Mapped[int | None]
    over_line: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    funder: Mapped[Funder] = relationship(lazy="joined", innerjoin=True)
