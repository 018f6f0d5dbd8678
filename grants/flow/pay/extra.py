"""What a payment took out beyond its own amount: where the extra money stands, and how it ends.

It stands in A.overpaid (J7d) until it comes back, in parts or whole (J7e), or until two people let the rest go (J7f).
When the whole payment comes back later, so does the extra: what stands (J7e), what was let go (J7g), and what had
come back already waits in suspense (J10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import func, select

from grants.domain.errors import Refusal
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.pay import attempts, overpaid, suspense
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.books import Account, Journal, Line
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt

SAID = ("extra_psp", "extra_bank", "extra_lost")
"""What may be said of extra money: it came back to the payment service, to the bank, or does not."""


def left(desk: Desk, attempt: Attempt) -> Money:
    """Returns how much extra money of this attempt still stands as overpaid."""
    return Money(sum(_moved(desk, attempt, accounts.OVERPAID).values()), attempt.currency)


def shown(desk: Desk, attempt: Attempt) -> Money | None:
    """Returns the other amount that two people agreed a provider had shown rightly, or None."""
    found = select(Journal.kind, func.max(Line.amount)).join(Line, Line.journal_id == Journal.id)
    keys = [f"{kind}.attempt.{attempt.id}" for kind in ("J7d", "J10")]
    of_attempt = found.where(Journal.key.in_(keys), Line.amount > 0)
    rows = {kind: int(amount) for kind, amount in desk.session.execute(of_attempt.group_by(Journal.kind))}
    if not rows:
        return None
    return Money(attempt.amount + rows.get("J7d", 0) - rows.get("J10", 0), attempt.currency)


def asked(desk: Desk, attempt: Attempt, slug: str, typed: Money | None) -> dict[str, int]:
    """Returns for the event how much somebody says came back, all that is left when nothing was typed."""
    if slug not in SAID:
        return {}
    there = left(desk, attempt)
    amount = there if typed is None or slug == "extra_lost" else typed
    if amount.currency != there.currency or not 0 < amount.amount <= there.amount:
        words = f"{format_amount(there)} of extra money is out. Enter what came back of it, or leave this empty."
        raise Refusal("extra.amount", words, "amount")
    return {"amount": amount.amount}


def said(desk: Desk, attempt: Attempt, slug: str) -> Money | None:
    """Returns the amount that was said last with this slug, None for what is said without one."""
    if slug not in SAID:
        return None
    found = select(EventRow.data).where(
        EventRow.subject == "attempt", EventRow.subject_id == attempt.id, EventRow.name == f"attempt.said_{slug}"
    )
    data = desk.session.scalar(found.order_by(EventRow.id.desc()).limit(1)) or {}
    return Money(data.get("amount", 0), attempt.currency)


def come_back(desk: Desk, attempt: Attempt, amount: Money, source: str, key: str = "") -> str:
    """Posts J7e: so much of the extra money came back to the source account; returns the journal's key.

    Raises Refusal when less of it is out. The task and the incident end with the last of it.
    """
    grant = attempts.lock_grant(desk, attempt.payment.grant_id)
    there = left(desk, attempt)
    if amount.currency != there.currency or amount > there:
        raise Refusal("extra.amount", f"Only {format_amount(there)} of extra money is out.", "reference")
    number = key or f"J7e.attempt.{attempt.id}.{_times(desk, attempt) + 1}"
    attempts.post_all(desk, [_entry("J7e", attempt, grant, source, accounts.OVERPAID, amount.amount, number)])
    if amount == there:
        overpaid.end(desk, attempt, "The extra money came back.")
    return number


def returned(desk: Desk, attempt: Attempt, grant: Grant, source: str, amount: Money | None) -> list[Entry]:
    """Returns the postings of the difference when a payment of another amount came back whole, none otherwise."""
    ours = Money(attempt.amount, attempt.currency)
    if amount is None or amount == ours or amount != shown(desk, attempt):
        return []
    if amount < ours:
        off = attempt.amount - amount.amount
        suspense.takes_back(desk, f"J10.attempt.{attempt.id}")
        return [_entry("J10", attempt, grant, accounts.SUSPENSE, source, off, f"J10.attempt.{attempt.id}.back")]
    stands, lost = left(desk, attempt).amount, sum(_moved(desk, attempt, accounts.LOSS).values())
    parts = (
        ("J7e", accounts.OVERPAID, stands),
        ("J7g", accounts.LOSS, lost),
        ("J10", accounts.SUSPENSE, amount.amount - attempt.amount - stands - lost),
    )
    if amount.amount - attempt.amount > stands + lost:
        suspense.landed(desk)
    if stands:
        overpaid.end(desk, attempt, "The bank sent it back.")
    return [
        _entry(kind, attempt, grant, source, account, off, f"{kind}.attempt.{attempt.id}.back")
        for kind, account, off in parts
        if off
    ]


def _moved(desk: Desk, attempt: Attempt, account: str) -> dict[str, int]:
    """Returns the sums of the lines of extra money on one account (debit positive), by kind of journal."""
    found = (
        select(Journal.kind, func.sum(Line.amount))
        .join(Line, Line.journal_id == Journal.id)
        .join(Account, Account.id == Line.account_id)
        .where(Journal.attempt_id == attempt.id, Journal.kind.in_(("J7d", "J7e", "J7f", "J7g")))
        .where(Account.name == account)
        .group_by(Journal.kind)
    )
    return {kind: int(total) for kind, total in desk.session.execute(found)}


def _times(desk: Desk, attempt: Attempt) -> int:
    found = select(func.count()).select_from(Journal).where(Journal.attempt_id == attempt.id, Journal.kind == "J7e")
    return desk.session.scalar(found) or 0


def _entry(kind: str, attempt: Attempt, grant: Grant, debit: str, credit: str, amount: int, key: str) -> Entry:
    return Entry(
        key=key,
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        currency=attempt.currency,
        fund_id=grant.fund_id,
        grant_id=grant.id,
        attempt_id=attempt.id,
    )


def _back_to(source: str, slug: str) -> Callable[[Desk, Attempt, str], None]:
    def act(desk: Desk, attempt: Attempt, evidence: str) -> None:
        come_back(desk, attempt, said(desk, attempt, slug) or left(desk, attempt), source)

    return act


def _let_go(desk: Desk, attempt: Attempt, evidence: str) -> None:
    """Posts J7f: the rest does not come back, and is a loss."""
    grant = attempts.lock_grant(desk, attempt.payment.grant_id)
    rest, key = left(desk, attempt).amount, f"J7f.attempt.{attempt.id}"
    attempts.post_all(desk, [_entry("J7f", attempt, grant, accounts.LOSS, accounts.OVERPAID, rest, key)])
    overpaid.end(desk, attempt, "The rest was let go.")


ACTS: Mapping[str, Callable[[Desk, Attempt, str], None]] = {
    "extra_psp": _back_to(accounts.PSP, "extra_psp"),
    "extra_bank": _back_to(accounts.BANK, "extra_bank"),
    "extra_lost": _let_go,
}
"""What two people agreed to, by what was said."""
