"""Clearing what stands in suspense: one person says what it is and why, another agrees, and it is posted (J10b).

A line of the bank’s statement is explained elsewhere, in explain.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import close_one, new_task, open_one
from grants.flow.pay import attempts, losses, people, suspense
from grants.flow.pay.costs import need_why
from grants.flow.pay.suspense import Suspended
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.books import Journal
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.payments import Attempt
from grants.model.tasks import Task

AGREE = "agree_suspense"
"""The task of the second person."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that it can be: words, whether money is missing, and the account it goes to (empty: a fund’s)."""

    slug: str
    words: str
    missing: bool
    account: str = ""


MEANINGS: Mapping[str, Meaning] = {
    meaning.slug: meaning
    for meaning in (
        Meaning("fund", "It belongs to a fund", missing=False),
        Meaning("went_out", "All of it went out after all", missing=False, account=accounts.PSP),
        Meaning(
            "not_given",
            "It is cash of a payment that is written down as come back",
            missing=False,
            account=accounts.CASH,
        ),
        Meaning("loss_back", "It makes good a loss that we had", missing=False, account=accounts.LOSS),
        Meaning("loss", "It does not come back: it is a loss", missing=True, account=accounts.LOSS),
        Meaning("from_fund", "The fund that got it gives it back", missing=True),
    )
}
"""What it can be, by slug."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody said it is, and waits for a second person."""

    meaning: Meaning
    fund_id: int
    why: str
    by: int
    task: Task


def meanings_for(desk: Desk, row: Suspended) -> list[Meaning]:
    """Returns what it can be, by what it came from and what stands in the books now."""
    return [each for each in MEANINGS.values() if each.missing is row.missing and _fits(desk, row, each.slug)]


def funds_for(desk: Desk, row: Suspended) -> list[Fund]:
    """Returns the funds that it can belong to: only the fund of the payment, where it is about one."""
    found = select(Fund).where(Fund.currency == row.amount.currency).order_by(Fund.name)
    if row.journal.fund_id is not None:
        found = found.where(Fund.id == row.journal.fund_id)
    return list(desk.session.scalars(found))


def propose(desk: Desk, number: int, meaning: str, why: str, fund_id: int = 0) -> Task:
    """Says what the money of this journal is, and why; returns the task of the second person."""
    worker = desk.need("pay.build", "Your role does not include this. Ask finance.")
    need_why(why)
    one_by_one(desk, "suspense")
    row = _waits(desk, number)
    if open_one(desk, AGREE, "journal", number) is not None:
        raise Refusal("suspense.waiting", "A colleague said something about this already. Look at that first.")
    chosen = _chosen(desk, row, meaning)
    fund = _fund(desk, row, fund_id) if not chosen.account else None
    said = {"meaning": chosen.slug, "fund": fund.id if fund else 0, "amount": row.amount.amount}
    record(desk, "suspense.said", "journal", number, why, **said)
    title = f"Agree? {chosen.words}: {row.words}"
    return new_task(desk, AGREE, "journal", number, title[:200], why.strip(), not_for=[worker])


def proposal(desk: Desk, number: int) -> Proposal | None:
    """Returns what waits for a second person about this journal, or None."""
    task = open_one(desk, AGREE, "journal", number)
    if task is None:
        return None
    said = select(EventRow.data).where(
        EventRow.subject == "journal", EventRow.subject_id == number, EventRow.name == "suspense.said"
    )
    data = desk.session.scalar(said.order_by(EventRow.id.desc()).limit(1)) or {}
    return Proposal(MEANINGS[data["meaning"]], int(data["fund"]), task.words, task.not_for[0], task)


def agree_problem(desk: Desk, said: Proposal) -> str:
    """Returns why the one who acts may not agree, and who may; empty when they may."""
    return people.second_problem(desk, said.by)


def agree(desk: Desk, number: int) -> None:
    """Agrees, as the second person, to what a colleague said, and posts it once (J10b)."""
    _hold(desk, number)
    said = _said(desk, number)
    problem = agree_problem(desk, said)
    if problem:
        raise NotAllowed("suspense.same_person", problem)
    row = _waits(desk, number)
    chosen = _chosen(desk, row, said.meaning.slug)
    fund = _fund(desk, row, said.fund_id) if not chosen.account else None
    data = {"meaning": chosen.slug, "fund": fund.id if fund else 0, "amount": row.amount.amount}
    record(desk, "suspense.explained", "journal", number, said.why, proposed_by=said.by, **data)
    close_one(desk, said.task, "Agreed.")
    attempts.post_all(desk, [_entry(row, chosen, fund, said.why)])
    if chosen.slug == "loss" and row.source != "stranger":
        _enter(desk, row)
    if chosen.slug == "loss_back":
        losses.give_back(desk, f"suspense.{number}")
    suspense.end_task(desk)


def drop(desk: Desk, number: int, why: str) -> None:
    """Puts aside what was said about this journal, whoever said it."""
    desk.need("pay.build", "Your role does not include this. Ask finance.")
    need_why(why)
    one_by_one(desk, "suspense")
    said = _said(desk, number)
    record(desk, "suspense.put_aside", "journal", number, why, meaning=said.meaning.slug)
    close_one(desk, said.task, why.strip())


def _fits(desk: Desk, row: Suspended, slug: str) -> bool:
    if slug == "went_out":
        return row.source == "attempt" and not row.came_back
    if slug == "not_given":
        return row.source == "float" and row.amount.amount <= _not_given(desk, row.number)
    if slug == "loss_back":
        return row.amount <= losses.stood(desk, row.amount.currency)
    if slug == "from_fund":
        return _took(desk, row) is not None
    return True


def _not_given(desk: Desk, float_id: int) -> int:
    """Returns how much of a float was paid out by its records and then written down as come back (minor units)."""
    found = select(func.sum(Attempt.amount)).where(Attempt.float_id == float_id, Attempt.state == "returned")
    return int(desk.session.scalar(found) or 0)


def _took(desk: Desk, row: Suspended) -> int | None:
    """Returns the fund that got the money which comes back now, or None when no fund did."""
    found = select(Journal.fund_id).where(Journal.key == suspense.explanation(row.base))
    return desk.session.scalar(found) if row.came_back else None


def _chosen(desk: Desk, row: Suspended, slug: str) -> Meaning:
    chosen = next((each for each in meanings_for(desk, row) if each.slug == slug), None)
    if chosen is None:
        raise Refusal("suspense.meaning", "This cannot be so by our books now. Choose what it is.", "meaning")
    return chosen


def _fund(desk: Desk, row: Suspended, fund_id: int) -> Fund:
    funds = funds_for(desk, row)
    wanted = _took(desk, row) if row.missing else fund_id or (funds[0].id if len(funds) == 1 else 0)
    fund = next((each for each in funds if each.id == wanted), None)
    if fund is None:
        raise Refusal("suspense.fund", "Choose the fund that it belongs to.", "fund")
    return fund


def _entry(row: Suspended, chosen: Meaning, fund: Fund | None, why: str) -> Entry:
    there = accounts.fund(fund.id) if fund else chosen.account
    return Entry(
        key=suspense.explanation(row.journal.key),
        kind="J10b",
        debit=there if row.missing else accounts.SUSPENSE,
        credit=accounts.SUSPENSE if row.missing else there,
        amount=row.amount.amount,
        currency=row.amount.currency,
        fund_id=fund.id if fund else None,
        why=why,
    )


def _enter(desk: Desk, row: Suspended) -> None:
    """Enters the loss in the register; a payment that we do not know stands there since it was found."""
    happened = incidents.Happened(
        kind="loss",
        words=f"{row.words}. It does not come back.",
        on=desk.today(),
        amount=row.amount,
        fund_id=row.journal.fund_id,
        attempt_id=row.journal.attempt_id,
    )
    incidents.enter(desk, happened)


def _hold(desk: Desk, number: int) -> None:
    """Holds what could change meanwhile, in the order in which all others do: the attempt, then everybody’s turn."""
    row = suspense.find(desk, number)
    if row is not None and row.journal.attempt_id is not None:
        attempts.locked(desk, [row.journal.attempt_id])
    for name in ("suspense", "costs"):
        one_by_one(desk, name)


def _waits(desk: Desk, number: int) -> Suspended:
    row = suspense.find(desk, number)
    if row is None or not row.waits:
        raise Refusal("suspense.done", "This does not wait any more: it is explained, or it came back.")
    return row


def _said(desk: Desk, number: int) -> Proposal:
    said = proposal(desk, number)
    if said is None:
        raise Refusal("suspense.nothing", "Nobody said anything about this that waits for a second person.")
    return said
