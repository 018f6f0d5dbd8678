"""Emergency cash: a float counted out by one person, handed over by its holder, counted back by another."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money, format_amount
from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts, hand, people, suspense
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry, balance
from grants.model.floats import CashFloat
from grants.model.payments import Attempt, Payment
from grants.model.users import User

SATURDAY = 5


def open_float(desk: Desk, holder_id: int, amount: Money) -> CashFloat:
    """Counts cash out to a holder, who is somebody else and holds no other float: the bank pays the float (JF1)."""
    counter = desk.need("pay.float", "Your role does not include counting cash. Ask finance.")
    holder = desk.session.get(User, holder_id, with_for_update=True)
    if holder is None or not holder.active or "pay.hand" not in holder.permissions:
        raise Refusal("float.holder", "Choose a colleague who may hand over cash.", "holder")
    if holder_id == counter:
        words = f"Somebody else holds the cash that you count. {people.somebody(desk, 'pay.hand', [counter])}"
        raise NotAllowed("float.same_person", words)
    if amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "amount")
    _refuse_second(desk, holder)
    made = CashFloat(
        holder_id=holder_id,
        counted_by=counter,
        amount=amount.amount,
        currency=amount.currency,
        opened_at=desk.now(),
        due_back_at=due_back(desk.now(), desk.settings.float_hours),
    )
    desk.session.add(made)
    desk.session.flush()
    record(desk, "float.opened", "float", made.id, amount=amount.amount)
    _post(desk, made, "JF1", accounts.cash_float(made.id), accounts.BANK, made.amount)
    return made


def hand_over(
    desk: Desk, cash_float: CashFloat, payment: Payment, reference: str = "", paid_on: date | None = None
) -> Attempt:
    """Records cash that the holder handed over from their float: paid at once (J2, J3m), counted back later.

    The holder never hands over what they decided. An empty reference is made from the float's number.
    """
    worker = desk.need("pay.hand", "Your role does not include handing over cash. Ask finance.")
    cash_float = _held(desk, cash_float)
    grant = attempts.lock_grant(desk, payment.grant_id)
    if worker != cash_float.holder_id or cash_float.reconciled_at:
        raise NotAllowed(
            "float.not_yours", "Only the person who holds this float hands cash over from it, while it is open."
        )
    if worker in people.deciders([grant]):
        others = people.deciders([grant])
        words = f"You decided this, so somebody else hands it over. {people.somebody(desk, 'pay.hand', others)}"
        raise NotAllowed("float.same_person", words)
    _refuse_too_much(desk, cash_float, payment)
    text = reference.strip() or f"FLOAT {cash_float.id}-{payment.statement.rpartition(' ')[2]}"
    attempt = hand.record_by_hand(desk, payment, paid_on or desk.today(), text, "cash")
    attempt.float_id = cash_float.id
    hand.settle(desk, attempt, accounts.cash_float(cash_float.id))
    return attempt


def reconcile_float(desk: Desk, cash_float: CashFloat, counted: Money, why: str = "") -> None:
    """Counts a float back, by somebody who did not hold it; the rest goes to the bank (JF2).

    What is missing is a loss with its reason and a task (JF3); what is too much waits in suspense (J10).
    """
    others = [cash_float.holder_id]
    counter = desk.need(
        "pay.float", f"Your role does not include counting cash. {people.somebody(desk, 'pay.float', others)}"
    )
    cash_float = _held(desk, cash_float)
    if cash_float.reconciled_at:
        raise Refusal("float.counted", "This float was counted back already.")
    if counter == cash_float.holder_id:
        words = f"You held this cash, so somebody else counts it. {people.somebody(desk, 'pay.float', others)}"
        raise NotAllowed("float.same_person", words)
    if counted.amount < 0 or counted.currency != cash_float.currency:
        raise Refusal("amount.out_of_range", "Enter what was counted: 0 or more.", "counted")
    left = float_left(desk, cash_float)
    if counted != left and not why.strip():
        raise Refusal("float.why", f"{format_amount(left)} should be left. Say why it is not.", "why")
    cash_float.counted_back = counted.amount
    cash_float.reconciled_by = counter
    cash_float.reconciled_at = desk.now()
    cash_float.note = why.strip()
    record(desk, "float.counted_back", "float", cash_float.id, why, counted=counted.amount, expected=left.amount)
    _return_rest(desk, cash_float, counted.amount, left.amount)
    close_tasks(desk, ("float",), "float", cash_float.id, "It was counted back.")


def float_left(desk: Desk, cash_float: CashFloat) -> Money:
    """Returns what should be left in a float."""
    return Money(balance(desk.session, accounts.cash_float(cash_float.id)), cash_float.currency)


def open_floats(desk: Desk) -> list[CashFloat]:
    """Returns the floats that nobody counted back yet, oldest first."""
    found = select(CashFloat).where(CashFloat.reconciled_at.is_(None)).order_by(CashFloat.due_back_at, CashFloat.id)
    return list(desk.session.scalars(found))


def chase_floats(desk: Desk) -> int:
    """Opens a task for each float that should have been counted back by now; returns how many there are."""
    late = [each for each in open_floats(desk) if each.due_back_at < desk.now()]
    for each in late:
        words = "Count it with its holder, and write down what is there."
        open_task(
            desk,
            "float",
            "float",
            each.id,
            f"Cash float {each.id} is not counted back yet",
            words,
            not_for=[each.holder_id],
        )
    return len(late)


def due_back(opened_at: datetime, hours: int) -> datetime:
    """Returns when a float is due back: so many hours on, and never on a Saturday or Sunday."""
    day = opened_at + timedelta(hours=hours)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def _return_rest(desk: Desk, cash_float: CashFloat, counted: int, left: int) -> None:
    account = accounts.cash_float(cash_float.id)
    if counted < left:
        _post(desk, cash_float, "JF3", accounts.LOSS, account, left - counted)
        words = (
            f"{format_amount(Money(left - counted, cash_float.currency))} is missing. Reason given: {cash_float.note}"
        )
        title = f"Cash float {cash_float.id} came back short"
        lost = Money(left - counted, cash_float.currency)
        incidents.enter(desk, incidents.Happened(kind="float", words=f"{title}.", on=desk.today(), amount=lost))
        open_task(desk, "float_loss", "float", cash_float.id, title, words, not_for=[cash_float.holder_id])
    if counted > left:
        suspense.landed(desk)
        _post(desk, cash_float, "J10", account, accounts.SUSPENSE, counted - left)
    if counted:
        _post(desk, cash_float, "JF2", accounts.BANK, account, counted)


def _refuse_second(desk: Desk, holder: User) -> None:
    held = select(CashFloat.id).where(CashFloat.holder_id == holder.id, CashFloat.reconciled_at.is_(None))
    number = desk.session.scalar(held.limit(1))
    if number is not None:
        words = f"{holder.name} holds cash float {number} already. Count that one back first."
        raise Refusal("float.held_already", words, "holder")


def _refuse_too_much(desk: Desk, cash_float: CashFloat, payment: Payment) -> None:
    left = float_left(desk, cash_float)
    if payment.currency != cash_float.currency or payment.amount > left.amount:
        raise Refusal("float.not_enough", f"There is not enough in this float: {format_amount(left)} is left.")


def _post(desk: Desk, cash_float: CashFloat, kind: str, debit: str, credit: str, amount: int) -> None:
    entry = Entry(
        key=f"{kind}.float.{cash_float.id}",
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        currency=cash_float.currency,
        why=cash_float.note,
    )
    attempts.post_all(desk, [entry])


def _held(desk: Desk, cash_float: CashFloat) -> CashFloat:
    found = select(CashFloat).where(CashFloat.id == cash_float.id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()
