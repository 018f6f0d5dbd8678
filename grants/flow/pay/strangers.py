"""Payments that a provider made for us and our books do not know: to suspense, with an incident and a task."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.money import Money
from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.opening import open_one, open_task
from grants.flow.pay import attempts, suspense
from grants.ledger import accounts
from grants.ledger.book import Entry, posted
from grants.model.safety import Incident
from grants.offers import Held

KIND = "unknown_payment"


def stranger(desk: Desk, rail: str, held: Held, fund_id: int | None = None) -> str:
    """Writes down a payment that is not in our books, once, and returns a sentence on it.

    When its money has left it is booked out of the payment service into suspense (J10); when it came back, back again.
    """
    _incident(desk, rail, held, fund_id)
    _post(desk, rail, held)
    if not _explained(desk, rail, held) and open_one(desk, "payment_incident", "rail", 0) is None:
        words = (
            f"It carries the number {held.number}, which is not in our books. Was an older copy of the books put back? "
            "Find out who was paid. The money is in suspense until then."
        )
        open_task(desk, "payment_incident", "rail", 0, f"A payment that we do not know ({rail})", words)
    return f"{held.number} is held by the provider and not known here"


def _incident(desk: Desk, rail: str, held: Held, fund_id: int | None) -> None:
    words = f"The payment service ({rail}) holds the payment {held.number}, which is not in our books."
    if desk.session.scalar(select(Incident.id).where(Incident.kind == KIND, Incident.words == words)) is not None:
        return
    amount = held.outcome.amount
    happened = incidents.Happened(
        kind=KIND, words=words, on=held.created.date(), amount=amount or Money(0), fund_id=fund_id
    )
    incidents.enter(desk, happened)


def _post(desk: Desk, rail: str, held: Held) -> None:
    key = _key(rail, held)
    out, back = posted(desk.session, key), posted(desk.session, f"{key}{suspense.BACK}")
    if held.outcome.amount is None:
        return
    if held.outcome.state == "settled" and not out:
        _entry(desk, key, accounts.SUSPENSE, accounts.PSP, held)
    elif held.outcome.state in ("failed", "returned", "cancelled") and out and not back:
        _entry(desk, f"{key}{suspense.BACK}", accounts.PSP, accounts.SUSPENSE, held)


def _explained(desk: Desk, rail: str, held: Held) -> bool:
    """Returns whether two people have said what it is, and if it came back since, what that is."""
    key = _key(rail, held)
    back = f"{key}{suspense.BACK}"
    return suspense.explained(desk, key) and (suspense.explained(desk, back) or not posted(desk.session, back))


def _key(rail: str, held: Held) -> str:
    return f"J10.{rail}.{held.number}"[:74]


def _entry(desk: Desk, key: str, debit: str, credit: str, held: Held) -> None:
    amount = held.outcome.amount
    assert amount is not None
    entry = Entry(key=key, kind="J10", debit=debit, credit=credit, amount=amount.amount, currency=amount.currency)
    attempts.post_all(desk, [entry])
