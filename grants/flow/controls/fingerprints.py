"""Fingerprints: which payees have the same account, known without opening what is sealed.

They are made when details are typed. Details from before there were fingerprints, or under an earlier key, are
marked once; after that nothing is opened to compare them.
"""

from __future__ import annotations

from sqlalchemy import select, update

from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.people import Payee
from grants.model.safety import HintLook, PayeeChange

SHARED = "shared"
"""The kind of hint whose matter is a fingerprint."""

UNREADABLE = "-"
"""Stands for the fingerprint of details that no key here opens."""

NONE = ("", UNREADABLE)

_MARKED: dict[str, type[Payee] | type[PayeeChange]] = {"payees": Payee, "payee_changes": PayeeChange}


def mark(desk: Desk, sealed: str) -> str:
    """Returns the fingerprint of sealed bank details; ``UNREADABLE`` when no key opens them."""
    kept = desk.vault.open(sealed)
    if not kept.get("account_number"):
        return UNREADABLE
    return desk.vault.fingerprint(str(kept["sort_code"]), str(kept["account_number"]))


def mark_again(desk: Desk, table: str, number: int, sealed: str | bytes) -> None:
    """Marks details anew that were sealed under the key of now; what was found fine about the account stays so."""
    model = _MARKED.get(table)
    if model is None or not isinstance(sealed, str):
        return
    before = desk.session.scalar(select(model.fingerprint).where(model.id == number))
    after = mark(desk, sealed)
    desk.session.execute(update(model).where(model.id == number, model.sealed == sealed).values(fingerprint=after))
    if before and before not in NONE:
        moved = update(HintLook).where(HintLook.kind == SHARED, HintLook.matter == before)
        desk.session.execute(moved.values(matter=after))


def mark_unmarked(desk: Desk, limit: int) -> int:
    """Marks details that have no fingerprint yet, at most ``limit`` of each table; returns how many."""
    count = 0
    for model in (Payee, PayeeChange):
        found = select(model.id, model.sealed).where(model.fingerprint == "", model.sealed != "").order_by(model.id)
        for number, sealed in desk.session.execute(found.limit(limit)).all():
            change = update(model).where(model.id == number, model.sealed == sealed)
            desk.session.execute(change.values(fingerprint=mark(desk, sealed)))
            count += 1
    if count:
        record(desk, "payee.fingerprinted", "payee", 0, count=count)
    return count
