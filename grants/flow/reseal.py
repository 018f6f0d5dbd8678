"""Reseal: what earlier keys sealed is sealed anew under the key of now, lot by lot, so that they can be thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from grants.flow.controls import fingerprints
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.asks import Attachment
from grants.model.bank import BankFileKey
from grants.model.messages import OutboxMessage
from grants.model.people import Draft, Payee, PersonKey
from grants.model.safety import PayeeChange

LOT = 200
"""How many values are sealed anew in one transaction."""

SEALED: Mapping[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[Any]]] = {
    "payees": (Payee.id, Payee.sealed),
    "payee_changes": (PayeeChange.id, PayeeChange.sealed),
    "drafts": (Draft.id, Draft.sealed),
    "bank_file_keys": (BankFileKey.file_id, BankFileKey.sealed),
    "attachments": (Attachment.id, Attachment.sealed),
    "person_keys": (PersonKey.person_id, PersonKey.sealed),
    "messages": (OutboxMessage.id, OutboxMessage.secret),
}
"""Every column that the vault seals, by table, with the number of its row."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of one lot: how many were sealed anew, how many no key opens, and where the next lot begins.

    ``after`` is 0 when there is no next lot.
    """

    anew: int
    shut: int
    after: int


def reseal_lot(desk: Desk, table: str, after: int = 0, limit: int = LOT) -> Resealed:
    """Seals the next rows of a table anew, by number from ``after`` on, where an earlier key sealed them."""
    number, column = SEALED[table]
    rows = _next(desk, number, column, after, limit)
    stale = [(row_id, sealed) for row_id, sealed in rows if sealed and not desk.vault.fresh(sealed)]
    opened = [(row_id, sealed, _anew(desk, sealed)) for row_id, sealed in stale]
    for row_id, before, fresh in opened:
        if fresh is not None:
            # Only where it is still what was read: somebody may have typed other details meanwhile.
            change = update(number.class_).where(number == row_id, column == before)
            desk.session.execute(change.values({column.key: fresh}))
            fingerprints.mark_again(desk, table, row_id, fresh)
    count = sum(fresh is not None for _, _, fresh in opened)
    if count:
        record(desk, "keys.resealed", "key", 0, table=table, count=count, key=desk.vault.key_id)
    return Resealed(count, len(opened) - count, rows[-1][0] if len(rows) == limit else 0)


def stale(desk: Desk, table: str, after: int = 0, limit: int = LOT) -> Resealed:
    """Counts the next rows that an earlier key sealed (``anew``) or that no key opens (``shut``); changes nothing."""
    number, column = SEALED[table]
    rows = _next(desk, number, column, after, limit)
    found = [_anew(desk, sealed) for _, sealed in rows if sealed and not desk.vault.fresh(sealed)]
    shut = sum(fresh is None for fresh in found)
    return Resealed(len(found) - shut, shut, rows[-1][0] if len(rows) == limit else 0)


def _next(
    desk: Desk, number: InstrumentedAttribute[int], column: InstrumentedAttribute[Any], after: int, limit: int
) -> list[tuple[int, str | bytes]]:
    found = select(number, column).where(number > after).order_by(number).limit(limit)
    return [(row_id, sealed) for row_id, sealed in desk.session.execute(found)]


def _anew(desk: Desk, sealed: str | bytes) -> str | bytes | None:
    if isinstance(sealed, bytes):
        return desk.vault.anew(sealed)
    fresh = desk.vault.anew(sealed.encode())
    return None if fresh is None else fresh.decode()
