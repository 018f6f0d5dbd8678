"""Money that goes back to its funder: proposed by one person, agreed to by another, posted then (J14)."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.fund import available
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import people
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry, post
from grants.model.books import FundReturn
from grants.model.funds import Fund

TASK = "fund_return"
"""The task to agree, or not; one for a fund."""

LONGEST = 60


def propose(desk: Desk, fund: Fund, amount: Money, reference: str, why: str) -> FundReturn:
    """Proposes that money of a fund goes back to its funder; raises Refusal with the field to mend.

    ``reference`` is what the bank shows. Only what is not awarded can go: what was awarded belongs to people.
    """
    worker = desk.need("pay.build", "Your role does not include sending money back. Ask finance.")
    _refuse_misfits(fund, amount, reference, why)
    one_by_one(desk, f"fund {fund.id} back")
    if waiting(desk, fund) is not None:
        raise Refusal("return.waiting", "Something waits to be agreed already. Agree to that first, or drop it.")
    _refuse_too_much(desk, fund, amount.amount)
    made = FundReturn(
        fund_id=fund.id,
        amount=amount.amount,
        reference=reference.strip(),
        why=why.strip(),
        proposed_by=worker,
        proposed_at=desk.now(),
    )
    desk.session.add(made)
    desk.session.flush()
    record(desk, "fund.return_proposed", "fund", fund.id, why.strip(), amount=amount.amount)
    words = f"{format_amount(amount)} of {fund.name} would go back to {fund.funder.name}. Read why, then agree or not."
    open_task(desk, TASK, TASK, fund.id, "Agree that money goes back to a funder?", words, not_for=[worker])
    return made


def agree(desk: Desk, back: FundReturn) -> None:
    """Agrees, as the second person: the money leaves the fund and the bank (J14)."""
    back = _open(desk, back)
    problem = agree_problem(desk, back)
    if problem:
        raise NotAllowed("return.same_person", problem)
    fund = desk.session.get_one(Fund, back.fund_id)
    _refuse_too_much(desk, fund, back.amount)
    back.agreed_by = desk.need("pay.release", "Your role does not include agreeing to this. Ask finance or a manager.")
    back.agreed_at = desk.now()
    record(desk, "fund.returned", "fund", fund.id, back.why, amount=back.amount)
    entry = Entry(
        key=f"J14.return.{back.id}",
        kind="J14",
        debit=accounts.fund(fund.id),
        credit=accounts.BANK,
        amount=back.amount,
        currency=fund.currency,
        fund_id=fund.id,
        why=back.reference,
    )
    post(desk.session, entry, desk.now())
    close_tasks(desk, (TASK,), TASK, fund.id, "Agreed.")


def agree_problem(desk: Desk, back: FundReturn) -> str:
    """Returns why this person cannot be the second one, in words with who can; empty when they can."""
    if desk.actor.user_id != back.proposed_by:
        return ""
    others = people.somebody(desk, "pay.release", [back.proposed_by])
    return f"You proposed this, so somebody else agrees. {others}"


def drop(desk: Desk, back: FundReturn, why: str) -> None:
    """Drops a proposal, by whoever made it or anybody who could agree: the money stays in the fund."""
    back = _open(desk, back)
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    back.dropped_by = desk.need("pay.build", "Your role does not include this. Ask finance.")
    back.dropped_at = desk.now()
    record(desk, "fund.return_dropped", "fund", back.fund_id, why.strip(), amount=back.amount)
    close_tasks(desk, (TASK,), TASK, back.fund_id, "Dropped: the money stays in the fund.")


def waiting(desk: Desk, fund: Fund) -> FundReturn | None:
    """Returns the proposal that waits for a second person, or None."""
    found = select(FundReturn).where(FundReturn.fund_id == fund.id, *_WAITING)
    return desk.session.scalar(found)


_WAITING = (FundReturn.agreed_at.is_(None), FundReturn.dropped_at.is_(None))


def _open(desk: Desk, back: FundReturn) -> FundReturn:
    found = select(FundReturn).where(FundReturn.id == back.id).with_for_update()
    held = desk.session.scalars(found.execution_options(populate_existing=True)).one()
    if held.agreed_at or held.dropped_at:
        raise Refusal("return.ended", "This was agreed or dropped already. Look at the page again.")
    return held


def _refuse_misfits(fund: Fund, amount: Money, reference: str, why: str) -> None:
    if amount.currency != fund.currency:
        raise Refusal("currency.mixed", f"This fund is kept in {fund.currency}.", "amount")
    if amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "amount")
    if not reference.strip() or len(reference.strip()) > LONGEST:
        words = f"Enter the reference that the bank will show, up to {LONGEST} characters."
        raise Refusal("return.reference", words, "reference")
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")


def _refuse_too_much(desk: Desk, fund: Fund, amount: int) -> None:
    left = available(desk, fund)
    if amount > left.amount:
        words = (
            f"{format_amount(left)} is left in this fund. What is awarded belongs to the people, so it cannot go back."
        )
        raise Refusal("fund.not_enough", words, "amount")
