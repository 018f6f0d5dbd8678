"""The ground of all tables: names of constraints, UTC times, short references."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(types.TypeDecorator[datetime]):
    """Keeps times as UTC and gives them back aware, on both databases; naive times are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turns an aware time into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the time back as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")

Number = BigInteger().with_variant(Integer(), "sqlite")
"""Whole numbers of 64 bits on both databases: amounts outgrow 32 bits."""


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: Number, datetime: UtcDateTime(), dict[str, Any]: Json, list[str]: Json, list[int]: Json}


ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Figures and capitals without 0 O 1 I L U, so that a reference can be read aloud."""


def reference(prefix: str, length: int = 6) -> str:
    """Returns a fresh reference such as ``A-7F3KQ2``; random, so it tells nothing (30**6 = 729 million)."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(length))}"
