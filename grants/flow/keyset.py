"""Keyset: lists page by a time and an id, so that the last page costs what the first one does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, Tuple, literal, tuple_

from grants.model.base import UtcDateTime

Row = TypeVar("Row")

S = TypeVar("S", bound=Select[*tuple[Any, ...]])

PAGE = 30
"""Rows on one page of a list."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next page begins (an empty text at the end)."""

    rows: tuple[Row, ...] = ()
    after: str = ""


def keyset(found: S, key: Tuple, after: str, limit: int, *, oldest_first: bool) -> S:
    """Returns the query for one page, with one row more, which tells whether there is a next page.

    ``key`` is ``tuple_(a time, an id)`` and has an index; ``after`` is a mark, or empty for the start.
    """
    at = _from_mark(after)
    if at is not None:
        here = tuple_(literal(at[0], UtcDateTime()), literal(at[1]))
        found = found.where(key > here if oldest_first else key < here)
    columns = list(key.clauses)
    return found.order_by(*(columns if oldest_first else [part.desc() for part in columns])).limit(limit + 1)


def mark(at: datetime, number: int) -> str:
    """Returns where the next page begins: after the row with this time and id."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{number}"


def _from_mark(mark: str) -> tuple[datetime, int] | None:
    """Returns where a page begins, or None, the start of the list, for a mark that we did not make."""
    at, _, number = mark.partition("-")
    if not (at.isascii() and at.isdigit() and number.isascii() and number.isdigit()):
        return None
    if len(at) > 17 or len(number) > 18:
        return None
    return _EPOCH + timedelta(microseconds=int(at)), int(number)
