"""Books that somebody changed behind everybody's back: rows that no act wrote, in a charity of three awards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from grants.ledger import checks
from grants.model.base import Base
from tests.paying import Charity

A_JOURNAL = "INSERT INTO journals (id, key, kind, posted_on, at, why, fund_id, attempt_id, grant_id) VALUES "
AN_ACCOUNT = "INSERT INTO accounts (id, name, kind, currency, balance) VALUES "
A_LINE = "INSERT INTO lines (journal_id, account_id, amount) VALUES "
ON = "'2026-11-23', '2026-11-23', ''"

Check = Callable[[Session], Iterator[str]]
Case = tuple[Check, list[str], list[str]]


def journal(number: int, kind: str = "J0", fund: str = "NULL", attempt: str = "NULL", grant: str = "NULL") -> str:
    """A journal that no act wrote."""
    return f"{A_JOURNAL}({number}, 'odd {number}', '{kind}', {ON}, {fund}, {attempt}, {grant})"


def account(number: int, name: str, balance: int, currency: str = "GBP") -> str:
    """An account that no act opened."""
    kind = name.rstrip("0123456789").rstrip(".")
    return f"{AN_ACCOUNT}({number}, '{name}', '{kind}', '{currency}', {balance})"


def line(journal: int, account: int, amount: int) -> str:
    """A line that no act wrote."""
    return f"{A_LINE}({journal}, {account}, {amount})"


def unguarded(table: str) -> str:
    """A copy of a table without its guards, which stands before it: as if nothing had ever refused a row."""
    return f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table}"


def again(model: type[Base], of: int = 1, **other: object) -> str:
    """One row of a table once more, with other values."""
    names = [column.name for column in model.__table__.columns]
    values = [str(other.get(name, name)) for name in names]
    table = model.__tablename__
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} WHERE id = {of}"


MANY = range(90, 90 + checks.SHOWN + 5)
"""The numbers of more odd rows than a check names."""


def three_awards(charity: Charity) -> None:
    """Brings the charity to where every case begins.

    The charity of every case: £10,000.00 came into fund 1, of which £5,000.00 lie at the provider. Ann awarded £80.00
    (grant 1, in flight as attempt 1 of run 1, which Ben built), £60.00 (grant 2) and £50.00 (grant 3), owed.
    Accounts: 1 the bank, 2 the fund, 3 the provider, 4 owed on grant 1, 5 in flight, 6 owed on grant 2,
    7 owed on grant 3.
    """
    for amount in (80_00, 60_00, 50_00):
        charity.award(amount)
        if amount == 80_00:
            charity.build()
    with charity.desk() as desk:
        for number, name in enumerate(("one", "two", "three"), 1):
            desk.session.execute(text(f"UPDATE grants SET reference = '{name}' WHERE id = {number}"))


def found_after(session: Session, check: Check, broken: Sequence[str]) -> list[str]:
    """Returns what a check finds once these rows are changed; they are as they were afterwards."""
    with session.begin_nested() as tampered:
        for statement in broken:
            session.execute(text(statement))
        found = sorted(check(session))
        tampered.rollback()
    return found
