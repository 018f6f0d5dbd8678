"""Audit: the events and the books as anybody with oversight may read them; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.treasurer import OWN, Chosen, Told, conditions
from grants.ledger import accounts
from grants.model.applications import Application
from grants.model.books import Account, Journal, Line
from grants.model.events import EventRow
from grants.model.grants import Grant

PLACES = {
    accounts.BANK: "In the bank",
    accounts.PSP: "With the payment service",
    accounts.CASH: "In the cash box",
    accounts.VOUCHERS: "In vouchers",
    "A.float": "Counted out as cash floats",
    accounts.OVERPAID: "Paid twice, to get back",
}
"""Where money is, by kind of account, in the order in which pages show it."""

PLEDGED = {
    "F": "In funds, not awarded yet",
    "L.payable": "Awarded, to be paid",
    "L.in_flight": "On its way",
    accounts.SUSPENSE: "Not explained yet",
}
"""Whose the money is, by kind of account."""

COSTS = {accounts.FEES: "Fees that no fund bears yet", accounts.LOSS: "Losses that no fund bears yet"}
"""Costs that wait for a fund, by kind of account."""

NAMES = {
    accounts.BANK: "Bank",
    accounts.PSP: "Payment service",
    accounts.CASH: "Cash box",
    accounts.VOUCHERS: "Vouchers",
    accounts.OVERPAID: "Paid twice",
    accounts.SUSPENSE: "Not explained yet",
    accounts.FEES: "Fees",
    accounts.LOSS: "Losses",
    "A.float": "Cash float",
    "F": "Fund",
    "L.payable": "Owed for grant",
    "L.in_flight": "On its way, attempt",
    "X.funder": "Funder",
}
"""What each kind of account is called."""

ASKED = {OWN: "A fund’s own: left, owed and on its way"} | NAMES
"""Accounts by which journals can be asked for, in words."""

EVERY = Chosen()


@dataclass(frozen=True, slots=True)
class Balances:
    """The books of one currency on one page, each figure with its journals."""

    currency: str
    places: tuple[Told, ...]
    pledged: tuple[Told, ...]
    costs: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One journal with its lines: (account in words, amount, debit positive)."""

    journal: Journal
    lines: tuple[tuple[str, Money], ...]


def balances(desk: Desk) -> list[Balances]:
    """Returns how much money there is, where, and whose it is, by currency; one statement."""
    found = select(Account.currency, Account.kind, func.sum(Account.balance)).group_by(Account.currency, Account.kind)
    sums: dict[str, dict[str, int]] = {}
    for currency, kind, total in desk.session.execute(found):
        sums.setdefault(currency, {})[kind] = int(total)
    return [_balances(currency, kinds) for currency, kinds in sorted(sums.items())]


def events(desk: Desk, subject: str = "", number: int | None = None, before: int = 0) -> Page[EventRow]:
    """Returns events, newest first: all of them, or those about one kind of thing, or about one thing."""
    found = select(EventRow).order_by(EventRow.id.desc()).limit(PAGE + 1)
    if subject:
        found = found.where(EventRow.subject == subject)
    if number is not None:
        found = found.where(EventRow.subject_id == number)
    if before:
        found = found.where(EventRow.id < before)
    rows = list(desk.session.scalars(found))
    return Page(tuple(rows[:PAGE]), str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def about(desk: Desk, reference: str) -> tuple[str, int] | None:
    """Returns the kind and the number of the grant or application with this reference, or None."""
    for kind, model in (("grant", Grant), ("application", Application)):
        number = desk.session.scalar(select(model.id).where(model.reference == reference))
        if number is not None:
            return kind, number
    return None


def journals(desk: Desk, before: int = 0, chosen: Chosen = EVERY) -> Page[JournalRow]:
    """Returns journals with their lines, newest first, the chosen ones or all; two statements."""
    found = select(Journal).where(*conditions(chosen)).order_by(Journal.id.desc()).limit(PAGE + 1)
    if before:
        found = found.where(Journal.id < before)
    rows = list(desk.session.scalars(found))
    lines = _lines(desk, [row.id for row in rows[:PAGE]])
    shown = tuple(JournalRow(row, tuple(lines.get(row.id, ()))) for row in rows[:PAGE])
    return Page(shown, str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def account_words(name: str) -> str:
    """Returns an account's name in words: ``L.payable.17`` → ``Owed for grant 17``."""
    kind = accounts.kind(name)
    known = NAMES.get(kind, kind)
    return known if kind == name else f"{known} {name.rpartition('.')[2]}"


def _lines(desk: Desk, ids: list[int]) -> dict[int, list[tuple[str, Money]]]:
    found = (
        select(Line.journal_id, Account.name, Line.amount, Account.currency)
        .join(Account, Account.id == Line.account_id)
        .where(Line.journal_id.in_(ids))
        .order_by(Line.journal_id, Line.id)
    )
    by_journal: dict[int, list[tuple[str, Money]]] = {}
    for journal_id, name, amount, currency in desk.session.execute(found):
        by_journal.setdefault(journal_id, []).append((account_words(name), Money(amount, currency)))
    return by_journal


def _balances(currency: str, sums: Mapping[str, int]) -> Balances:
    def rows(kinds: Mapping[str, str], sign: int) -> tuple[Told, ...]:
        return tuple(
            Told(words, Money(sign * sums.get(kind, 0), currency), Chosen(accounts=(kind,)))
            for kind, words in kinds.items()
        )

    return Balances(currency, rows(PLACES, 1), rows(PLEDGED, -1), rows(COSTS, 1))
