"""Losses: a loss that stands with no fund is borne by a named fund once two people said so.

One proposes with a reason, another agrees (J13). When a loss comes back after a fund bore it, that fund gets it back
at once (J13b), the one that bore last first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import close_one, new_task, open_one
from grants.flow.pay import attempts, costs, people
from grants.flow.pay.costs import LOSS
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.books import Account, Journal, Line
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.tasks import Task

AGREE = "bear_loss"
"""The task of the second person of a loss."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A loss that somebody says a fund bears, and that waits for a second person."""

    amount: Money
    why: str
    by: int
    task: Task


def propose_loss(desk: Desk, fund: Fund, amount: Money, why: str) -> Task:
    """Says that a fund bears a loss, with the reason; returns the task of the second person."""
    worker = desk.need("pay.build", "Your role does not include this. Ask finance.")
    costs.need_why(why)
    one_by_one(desk, "costs")
    if open_one(desk, AGREE, "fund", fund.id) is not None:
        raise Refusal("cost.waiting", "A colleague said so of this fund already. Look at that first.")
    costs.refuse(desk, LOSS, fund, amount)
    record(desk, "fund.loss_proposed", "fund", fund.id, why, amount=amount.amount)
    title = f"Agree? {fund.name} bears a loss of {format_amount(amount)}"
    return new_task(desk, AGREE, "fund", fund.id, title, why.strip(), not_for=[worker])


def proposal(desk: Desk, fund: Fund) -> Proposal | None:
    """Returns the loss that waits for a second person to say that this fund bears it, or None."""
    task = open_one(desk, AGREE, "fund", fund.id)
    if task is None:
        return None
    said = select(EventRow.data).where(
        EventRow.subject == "fund", EventRow.subject_id == fund.id, EventRow.name == "fund.loss_proposed"
    )
    data: Mapping[str, int] = desk.session.scalar(said.order_by(EventRow.id.desc()).limit(1)) or {}
    return Proposal(Money(data.get("amount", 0), fund.currency), task.words, task.not_for[0], task)


def waiting_funds(desk: Desk) -> frozenset[int]:
    """Returns the funds of which somebody said that they bear a loss, and that wait for a second person."""
    found = select(Task.subject_id).where(Task.kind == AGREE, Task.subject == "fund", Task.closed_at.is_(None))
    return frozenset(desk.session.scalars(found))


def agree_problem(desk: Desk, waiting: Proposal) -> str:
    """Returns why the one who acts may not agree, and who may; empty when they may."""
    return people.second_problem(desk, waiting.by, "proposed")


def agree_loss(desk: Desk, fund: Fund) -> None:
    """Agrees, as the second person, that a fund bears a loss (J13)."""
    one_by_one(desk, "costs")
    waiting = _waiting(desk, fund)
    problem = agree_problem(desk, waiting)
    if problem:
        raise NotAllowed("cost.same_person", problem)
    costs.refuse(desk, LOSS, fund, waiting.amount)
    record(desk, "fund.bore_loss", "fund", fund.id, amount=waiting.amount.amount, proposed_by=waiting.by)
    close_one(desk, waiting.task, "Agreed.")
    attempts.post_all(desk, [costs.borne(LOSS, fund, waiting.amount, f"task.{waiting.task.id}", waiting.why)])


def drop_loss(desk: Desk, fund: Fund, why: str) -> None:
    """Puts aside that a fund bears a loss, whoever said it."""
    desk.need("pay.build", "Your role does not include this. Ask finance.")
    costs.need_why(why)
    one_by_one(desk, "costs")
    waiting = _waiting(desk, fund)
    record(desk, "fund.loss_put_aside", "fund", fund.id, why, amount=waiting.amount.amount)
    close_one(desk, waiting.task, why.strip())


def give_back(desk: Desk, source: str) -> None:
    """Gives funds back what they bore of losses that came back (J13b), when they bore more than there is now.

    ``source`` names in the journals' keys the posting by which the loss came back.
    """
    held = select(Account.balance, Account.currency).where(Account.name == accounts.LOSS)
    row = desk.session.execute(held).one_or_none()
    over = -row.balance if row else 0
    if row is None or over <= 0:
        return
    entries: list[Entry] = []
    for fund_id, bore in _bore_losses(desk):
        part = min(over, bore)
        over -= part
        amount = Money(part, row.currency)
        why = "A loss that this fund bore came back."
        key = f"J13b.{source}.fund.{fund_id}"
        entries.append(costs.entry(key, "J13b", accounts.LOSS, accounts.fund(fund_id), amount, why, fund_id))
        record(desk, "fund.loss_came_back", "fund", fund_id, amount=part)
        if not over:
            break
    attempts.post_all(desk, entries)


def stood(desk: Desk, currency: str) -> Money:
    """Returns how much of losses stands, with no fund and with the funds that bore them."""
    held = select(Account.balance).where(Account.name == accounts.LOSS, Account.currency == currency)
    left = desk.session.scalar(held)
    return Money(0 if left is None else left + sum(bore for _, bore in _bore_losses(desk)), currency)


def _bore_losses(desk: Desk) -> list[tuple[int, int]]:
    """Returns what funds bore of losses and did not get back (minor units), the one that bore last first."""
    found = (
        select(Journal.fund_id, func.sum(Line.amount))
        .join(Line, Line.journal_id == Journal.id)
        .join(Account, Account.id == Line.account_id)
        .where(Journal.kind.in_(("J13", "J13b")), Account.kind == "F")
        .group_by(Journal.fund_id)
        .having(func.sum(Line.amount) > 0)
        .order_by(func.max(Journal.id).desc())
    )
    return [(fund_id or 0, int(total)) for fund_id, total in desk.session.execute(found)]


def _waiting(desk: Desk, fund: Fund) -> Proposal:
    waiting = proposal(desk, fund)
    if waiting is None:
        raise Refusal("cost.nothing", "Nobody said that this fund bears a loss, or it is settled already.")
    return waiting
