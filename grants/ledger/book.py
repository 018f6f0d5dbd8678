"""Posting: one journal, unique by its key, whose lines sum to zero, with every balance moved at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import cast

from sqlalchemy import Table, bindparam, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grants.domain.errors import Refusal
from grants.domain.money import Money, format_amount
from grants.ledger import accounts
from grants.model import rows
from grants.model.books import Account, Journal, Line

_ACCOUNTS = cast(Table, Account.__table__)
_JOURNALS = cast(Table, Journal.__table__)
_LINES = cast(Table, Line.__table__)
_MOVE = (
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.name == bindparam("account"))
    .values(balance=_ACCOUNTS.c.balance + bindparam("moved"))
)
_MOVE_ALL = text(
    "UPDATE accounts SET balance = balance + moved.amount "
    "FROM unnest(CAST(:names AS varchar[]), CAST(:amounts AS bigint[])) AS moved(name, amount) "
    "WHERE accounts.name = moved.name"
)
"""Many balances in one statement of PostgreSQL, on accounts that are held already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal to post: money moves from the credit account to the debit account.

    ``key`` makes a second posting of the same fact an error (``J3.attempt.17``); ``amount`` is in
    minor units and above zero.
    """

    key: str
    kind: str
    debit: str
    credit: str
    amount: int
    currency: str
    fund_id: int | None = None
    grant_id: int | None = None
    attempt_id: int | None = None
    why: str = ""


def post(session: Session, entry: Entry, at: datetime) -> int:
    """Posts one journal and returns its id; raises Refusal ``fund.not_enough`` rather than overspend a fund."""
    return post_many(session, [entry], at)[0]


def post_many(session: Session, entries: Sequence[Entry], at: datetime) -> list[int]:
    """Posts journals in one go and returns their ids, in order; balances are moved in the order of account names.

    The order keeps two transactions on PostgreSQL from waiting for each other in a circle.
    """
    if not entries:
        return []
    _refuse_nonsense(entries)
    moves: dict[str, int] = {}
    for entry in entries:
        moves[entry.debit] = moves.get(entry.debit, 0) + entry.amount
        moves[entry.credit] = moves.get(entry.credit, 0) - entry.amount
    ids = _move(session, moves, entries[0].currency)
    journals = [_journal(entry, at) for entry in entries]
    made = _insert(session, journals)
    lines = [
        {"journal_id": journal_id, "account_id": ids[name], "amount": amount}
        for journal_id, entry in zip(made, entries, strict=True)
        for name, amount in ((entry.debit, entry.amount), (entry.credit, -entry.amount))
    ]
    rows.add(session, _LINES, lines)
    return made


def posted(session: Session, key: str) -> bool:
    """Returns whether a journal with this key stands in the books."""
    return session.scalar(select(Journal.id).where(Journal.key == key)) is not None


def balance(session: Session, name: str) -> int:
    """Returns the balance of an account in minor units, debit positive; zero when it was never used."""
    return session.scalar(select(Account.balance).where(Account.name == name)) or 0


def balances(session: Session, names: Sequence[str]) -> dict[str, int]:
    """Returns the balances of several accounts, in one statement."""
    kept = dict.fromkeys(names, 0)
    for name, amount in session.execute(select(Account.name, Account.balance).where(Account.name.in_(names))):
        kept[name] = amount
    return kept


def _refuse_nonsense(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.amount <= 0 or entry.debit == entry.credit:
            raise ValueError(f"{entry.key}: a journal moves an amount above zero between two accounts")
    if len({entry.currency for entry in entries}) > 1:
        raise ValueError("journals of one posting share a currency")


def _journal(entry: Entry, at: datetime) -> dict[str, object]:
    return {
        "key": entry.key,
        "kind": entry.kind,
        "posted_on": at.date(),
        "at": at,
        "fund_id": entry.fund_id,
        "grant_id": entry.grant_id,
        "attempt_id": entry.attempt_id,
        "why": entry.why,
    }


def _insert(session: Session, journals: list[dict[str, object]]) -> list[int]:
    """Inserts journals and returns their ids, in order: by their keys, as SQLite gives back one row at a time only."""
    keys = [str(each["key"]) for each in journals]
    rows.add(session, _JOURNALS, journals)
    found = session.execute(select(Journal.key, Journal.id).where(rows.among(session, Journal.key, keys)))
    known = {row.key: row.id for row in found}
    return [known[key] for key in keys]


def _move(session: Session, moves: dict[str, int], currency: str) -> dict[str, int]:
    """Moves balances and returns account ids by name; a fund is moved only as far as it has money."""
    names = sorted(moves)
    ids = _open(session, names, currency)
    for guarded, some in groupby(names, lambda name: accounts.kind(name) == "F" and moves[name] > 0):
        if not guarded:
            _move_all(session, {name: moves[name] for name in some})
            continue
        for name in some:
            change = update(Account).where(Account.name == name, Account.balance + moves[name] <= 0)
            change = change.values(balance=Account.balance + moves[name]).returning(Account.id)
            if session.scalar(change) is None:
                raise _refused(session, name)
    return ids


def _move_all(session: Session, moves: dict[str, int]) -> None:
    """Moves balances that may go either way, in one statement where the driver would send them one by one."""
    if rows.on_postgres(session):
        session.execute(_MOVE_ALL, {"names": list(moves), "amounts": list(moves.values())})
    else:
        session.connection().execute(_MOVE, [{"account": name, "moved": moved} for name, moved in moves.items()])


def _refused(session: Session, name: str) -> Refusal:
    row = session.execute(select(Account.balance, Account.currency).where(Account.name == name)).one()
    left = format_amount(Money(-row.balance, row.currency))
    return Refusal("fund.not_enough", f"There is not enough left in this fund: {left} is left.")


def _open(session: Session, names: Sequence[str], currency: str) -> dict[str, int]:
    """Opens the accounts that are new, and returns the ids of all by name; raises ValueError for another currency."""
    known = _known(session, names)
    fresh = [{"name": n, "kind": accounts.kind(n), "currency": currency, "balance": 0} for n in names if n not in known]
    if fresh:
        make = postgresql.insert(Account) if rows.on_postgres(session) else sqlite.insert(Account)
        session.execute(make.on_conflict_do_nothing(), fresh)
        known |= _known(session, [str(row["name"]) for row in fresh])
    other = next((name for name in names if known[name][1] != currency), None)
    if other is not None:
        raise ValueError(f"account {other} keeps another currency")
    return {name: number for name, (number, _) in known.items()}


def _known(session: Session, names: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Returns what is known of these accounts, held in the order of their names: nobody waits in a circle."""
    found = select(Account.name, Account.id, Account.currency).where(rows.among(session, Account.name, names))
    held = session.execute(found.order_by(Account.name).with_for_update())
    return {name: (number, currency) for name, number, currency in held}
