"""First: what has to be done before somebody can be erased, in plain words; money on its way is never lost."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.bank import BankFile
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.payments import Attempt, Payment


def to_do_first(desk: Desk, person_id: int) -> tuple[str, ...]:
    """Returns what stands in the way of erasing a person, each with what to do; empty when nothing does."""
    return (
        *_applications(desk, person_id),
        *_grants(desk, person_id),
        *_files(desk, person_id),
        *_calls(desk, person_id),
    )


def _applications(desk: Desk, person_id: int) -> Iterator[str]:
    waiting = select(Application.reference).where(
        Application.person_id == person_id, Application.state.in_(("draft", "submitted"))
    )
    for reference in desk.session.scalars(waiting.order_by(Application.id)):
        yield f"Application {reference} waits. Decide it, or withdraw it as they wish, first."


def _grants(desk: Desk, person_id: int) -> Iterator[str]:
    moving = select(Attempt.id).join(Payment, Payment.id == Attempt.payment_id)
    moving = moving.where(Payment.grant_id == Grant.id, Attempt.state.in_(OPEN_ATTEMPT))
    running = select(Grant.reference, moving.exists()).where(
        Grant.person_id == person_id, Grant.state.not_in(("completed", "cancelled")) | moving.exists()
    )
    for reference, on_its_way in desk.session.execute(running.order_by(Grant.id)):
        if on_its_way:
            yield f"Money of grant {reference} is on its way. Wait until it has arrived or come back."
        else:
            yield f"Grant {reference} still has money to pay. Pay it, or cancel what is left, first."


def _files(desk: Desk, person_id: int) -> Iterator[str]:
    """A file for the bank is shut with them, so nobody may need it any more."""
    mine = (
        select(Attempt.run_id).join(Payment, Payment.id == Attempt.payment_id).join(Grant, Grant.id == Payment.grant_id)
    )
    theirs = BankFile.run_id.in_(mine.where(Grant.person_id == person_id, Attempt.run_id.is_not(None)))
    moving = exists().where(Attempt.run_id == BankFile.run_id, Attempt.state.in_(OPEN_ATTEMPT))
    for number in desk.session.scalars(select(BankFile.id).where(theirs, moving).order_by(BankFile.id)):
        yield f"Payments of bank file {number}, which names them, are on their way. Wait until the bank has done them."


def _calls(desk: Desk, person_id: int) -> Iterator[str]:
    waiting = select(HelpCall.id).where(HelpCall.person_id == person_id, HelpCall.closed_at.is_(None))
    if desk.session.scalar(waiting.limit(1)) is not None:
        yield "They called for help, and nobody has ended that yet. Answer it, and close it, first."
