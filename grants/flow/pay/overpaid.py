"""Money that went out twice for one payment: where it stands in the books, and how it ends.

It stands in A.overpaid (J7) until the other payment turns out not to have been made and this one takes its place
(J7a), until it is recovered (J7b), or until two people write it off (J7c).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.domain.money import Money, format_amount
from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.books import Journal
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.model.safety import Incident

TASK = "overpaid"

KIND = "overpaid"
"""What the register of incidents calls it."""

_JOURNALS = ("J7", "J7a", "J7b", "J7c")


def owed_back(attempt: Attempt, grant: Grant, source: str) -> Entry:
    """Returns J7: the money left the source account although the payment was made, or is being made, otherwise."""
    return attempts.entry("J7", attempt, grant, accounts.OVERPAID, source)


def taken_back(attempt: Attempt, grant: Grant, source: str, standing: str) -> Entry:
    """Returns J7b: the money came back to the source account from where it stood."""
    return attempts.entry("J7b", attempt, grant, source, standing)


def written_off(attempt: Attempt, grant: Grant) -> Entry:
    """Returns J7c: it does not come back, and is a loss."""
    return attempts.entry("J7c", attempt, grant, accounts.LOSS, accounts.OVERPAID)


def standing(desk: Desk, attempt_ids: Iterable[int]) -> dict[int, str]:
    """Returns where the overpayments of these attempts stand now, by attempt: A.overpaid, or E.loss once written off.

    An attempt that is not overpaid, or no longer, is not in it.
    """
    found = select(Journal.attempt_id, Journal.kind).where(
        Journal.attempt_id.in_(list(attempt_ids)), Journal.kind.in_(_JOURNALS)
    )
    kinds: dict[int, set[str]] = {}
    for number, kind in desk.session.execute(found):
        kinds.setdefault(number or 0, set()).add(kind)
    return {
        number: accounts.LOSS if "J7c" in posted else accounts.OVERPAID
        for number, posted in kinds.items()
        if not posted & {"J7a", "J7b"}
    }


def tell(desk: Desk, attempt: Attempt, grant: Grant, extra: int = 0) -> None:
    """Opens the task of an overpayment and enters it in the register of incidents.

    ``extra`` (minor units) is what went out beyond the amount of a payment that was made once.
    """
    amount = format_amount(Money(extra or attempt.amount, attempt.currency))
    what = "more than this payment" if extra else "although this payment was made, or is being made, in another way"
    words = (
        f"{amount} went out {what}. Ask the payment service "
        "and the person, safely and without blame. Then say on the page of the payment what came of it."
    )
    title = f"A payment of {grant.reference} went out {'with too much' if extra else 'twice'}"
    open_task(desk, TASK, "attempt", attempt.id, title, words)
    went = Money(extra or attempt.amount, attempt.currency)
    told = {"fund_id": grant.fund_id, "attempt_id": attempt.id}
    incidents.enter(desk, incidents.Happened(kind=KIND, words=f"{title}.", on=desk.today(), amount=went, **told))


def end(desk: Desk, attempt: Attempt, outcome: str) -> None:
    """Closes the task and the incident of an overpayment, saying what came of it."""
    close_tasks(desk, (TASK,), "attempt", attempt.id, outcome)
    found = select(Incident).where(
        Incident.kind == KIND, Incident.attempt_id == attempt.id, Incident.closed_at.is_(None)
    )
    for incident in desk.session.scalars(found):
        incidents.end(desk, incident, outcome)


def take_its_place(desk: Desk, payment_ids: Iterable[int], grants: Mapping[int, Grant]) -> list[Entry]:
    """Returns J7a for each payment whose other attempt came to nothing: the overpaid one turns out to have paid it."""
    found = select(Attempt).where(
        Attempt.payment_id.in_(list(payment_ids)), Attempt.state.in_([*OPEN_ATTEMPT, "settled"])
    )
    living: dict[int, list[Attempt]] = {}
    for attempt in desk.session.scalars(found.order_by(Attempt.id)):
        living.setdefault(attempt.payment_id, []).append(attempt)
    stand = standing(desk, [attempt.id for alive in living.values() for attempt in alive])
    entries = []
    for alive in living.values():
        if all(attempt.id in stand for attempt in alive):
            first = alive[0]
            grant = grants[first.payment.grant_id]
            entries.append(attempts.entry("J7a", first, grant, accounts.payable(grant.id), stand[first.id]))
            record(desk, "attempt.took_the_place", "attempt", first.id, payment=first.payment_id)
            end(desk, first, "The other payment was not made, so this one is the payment.")
    return entries
