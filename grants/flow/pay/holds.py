"""A grant on hold, going on again, and cancelled by two people."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.confirm.closing import close_of_asks
from grants.flow.desk import Desk
from grants.flow.opening import open_one, open_task
from grants.flow.pay import attempts, people
from grants.flow.pay.follow import follow_payments
from grants.flow.step import advance, record
from grants.ledger import accounts
from grants.ledger.book import Entry, balance
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.tasks import Task

CANCEL = "cancel_grant"


def hold_grant(desk: Desk, grant: Grant, why: str) -> None:
    """Holds a grant with a reason: nothing more of it is sent until it goes on."""
    desk.need("grant.act", "Your role does not include holding a grant. Ask a manager.")
    _need_why(why)
    grant = attempts.lock_grant(desk, grant.id)
    grant.hold_reason = why.strip()
    advance(desk, grant, "hold", why)


def resume_grant(desk: Desk, grant: Grant, why: str = "") -> None:
    """Lets a grant on hold go on."""
    desk.need("grant.act", "Your role does not include this. Ask a manager.")
    grant = attempts.lock_grant(desk, grant.id)
    advance(desk, grant, "resume", why)
    grant.hold_reason = ""
    follow_payments(desk, grant)


def propose_cancel(desk: Desk, grant: Grant, why: str, *, given_up: bool = False) -> Task:
    """Asks a second person to cancel what is not yet paid of a grant; returns the task for them.

    A provisional award that became firm is cancelled only where its person gave it up (``given_up``) or died.
    """
    worker = desk.need("grant.act", "Your role does not include cancelling a grant. Ask a manager.")
    _need_why(why)
    grant = attempts.lock_grant(desk, grant.id)
    _refuse_under_way(desk, grant)
    if is_firm(desk, grant) and not given_up:
        raise Refusal("grant.firm", f"{_since(grant)} Tick below if the person gave it up.", "given_up")
    record(desk, "grant.cancel_proposed", "grant", grant.id, why)
    return open_task(desk, CANCEL, "grant", grant.id, f"Agree to cancel {grant.reference}?", why, not_for=[worker])


def agree_cancel(desk: Desk, grant: Grant) -> None:
    """Cancels the unpaid rest of a grant, as the second person: it goes back to the fund (J8); open asks are let go."""
    grant = attempts.lock_grant(desk, grant.id)
    task = open_one(desk, CANCEL, "grant", grant.id)
    if task is None:
        raise Refusal("grant.not_proposed", "Somebody first has to say why this grant should be cancelled.")
    worker = desk.need(
        "grant.act", f"Your role does not include this. {people.somebody(desk, 'grant.act', task.not_for)}"
    )
    if worker in task.not_for:
        words = f"You proposed this, so somebody else agrees. {people.somebody(desk, 'grant.act', task.not_for)}"
        raise NotAllowed("grant.same_person", words)
    _refuse_under_way(desk, grant)
    if grant.firm_on and task.opened_at.date() < grant.firm_on <= desk.today():
        raise Refusal("grant.firm", f"{_since(grant)} This was proposed before. Close it, or propose it anew.")
    advance(desk, grant, "cancel", task.words)
    _give_back(desk, grant)
    found = select(GrantAsk).where(GrantAsk.grant_id == grant.id, GrantAsk.state == "open")
    asks = desk.session.scalars(found).all()
    for ask in asks:
        advance(desk, ask, "waive", "The grant was cancelled.")
    close_of_asks(desk, [ask.id for ask in asks], "The grant was cancelled.")
    task.closed_at = desk.now()
    task.closed_by = worker
    task.outcome = "Agreed."


def is_firm(desk: Desk, grant: Grant) -> bool:
    """Returns whether a provisional award has become firm; an award that never was provisional answers no."""
    return grant.firm_on is not None and desk.today() >= grant.firm_on


def _since(grant: Grant) -> str:
    day = grant.firm_on
    return f"This award is firm since {day.day} {day:%B %Y}: nobody here withdraws it any more." if day else ""


def _give_back(desk: Desk, grant: Grant) -> None:
    rest = -balance(desk.session, accounts.payable(grant.id))
    if rest <= 0:
        return
    entry = Entry(
        key=f"J8.grant.{grant.id}",
        kind="J8",
        debit=accounts.payable(grant.id),
        credit=accounts.fund(grant.fund_id),
        amount=rest,
        currency=grant.currency,
        fund_id=grant.fund_id,
        grant_id=grant.id,
    )
    attempts.post_all(desk, [entry])


def _refuse_under_way(desk: Desk, grant: Grant) -> None:
    payments = list(desk.session.scalars(select(Payment.id).where(Payment.grant_id == grant.id)))
    under_way = attempts.open_attempt(desk, *payments)
    if under_way is None:
        return
    if under_way.state == "unknown":
        words = "We do not know yet whether a payment went out. Settle that first: the task is in the list."
        raise Refusal("grant.payment_outcome_unknown", words)
    raise Refusal("grant.payment_under_way", "A payment of this grant is under way. Wait until it is done.")


def _need_why(why: str) -> None:
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
