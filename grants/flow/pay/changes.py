"""Changed bank details: asked by one person, agreed to by another, and usable a day later; nothing is paid meanwhile.

The first details of a payee are taken as they are. The person paid is told nothing by us of a change: a message
could reach whoever else reads their post, and the one who asked them is the one to tell them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, or_, select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.answers import bank_details
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import people
from grants.flow.step import record
from grants.model import rows
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.safety import PayeeChange

WAIT = timedelta(hours=24)
"""How long agreed details wait before they are used: time for somebody to notice what is wrong."""

LAPSE = timedelta(days=14)
"""How long a change waits for a second person before it is let go."""

BLOCKED_WORDS = "New bank details wait to be agreed to, so nothing is paid to this account, the old or the new."
"""Why nothing is paid to a payee whose details are being changed."""


def changing() -> ColumnElement[bool]:
    """Returns the condition that a payee’s details are being changed, for a statement over payees."""
    return exists().where(PayeeChange.payee_id == Payee.id, *_OPEN)


def waiting_change(desk: Desk, payee: Payee) -> PayeeChange | None:
    """Returns the change that waits for this payee, or None."""
    return desk.session.scalar(select(PayeeChange).where(PayeeChange.payee_id == payee.id, *_OPEN))


def changing_among(desk: Desk, payee_ids: Iterable[int]) -> set[int]:
    """Returns which of these payees have a change that waits; one statement."""
    found = select(PayeeChange.payee_id).where(rows.among(desk.session, PayeeChange.payee_id, set(payee_ids)), *_OPEN)
    return set(desk.session.scalars(found))


def new_details(
    desk: Desk, payee: Payee, sort_code: str, account_number: str, name: str = "", why: str = ""
) -> PayeeChange | None:
    """Keeps a payee’s first bank details at once, or asks for a change of them, and returns that change.

    Raises Refusal for numbers that cannot be, for the details that are held already, without a reason, and while
    another change waits.
    """
    asker = desk.need("pay.hand", "Your role does not include changing bank details. Ask finance.")
    sort, account = bank_details(sort_code, account_number)
    payee = _held(desk, payee)
    if waiting_change(desk, payee) is not None:
        raise Refusal("change.waiting", "Other new details wait already. Drop those first, or agree to them.")
    kept = {"sort_code": sort, "account_number": account}
    if takes_first(desk, payee):
        _put(desk, payee, _Sealed.of(desk, kept), name.strip())
        record(desk, "payee.new_details", "payee", payee.id)
        return None
    if desk.vault.open(payee.sealed) == kept and name.strip() in ("", payee.name):
        raise Refusal("change.same", "These are the details that we hold already.", "account_number")
    if not why.strip():
        raise Refusal("why.missing", "Say how you heard of the new details, in a few words.", "why")
    return _asked(desk, payee, asker, _Sealed.of(desk, kept), name.strip(), why)


def takes_first(desk: Desk, payee: Payee) -> bool:
    """Returns whether details typed now are this payee’s first: none are held, and nothing was ever sent to them."""
    if payee.sealed or payee.token:
        return False
    sent = exists().where(Grant.payee_id == payee.id, Payment.grant_id == Grant.id, Attempt.payment_id == Payment.id)
    changed = exists().where(PayeeChange.payee_id == payee.id, PayeeChange.applied_at.is_not(None))
    return not desk.session.scalar(select(or_(sent.where(Attempt.sent_at.is_not(None)), changed)))


def agree_change(desk: Desk, change: PayeeChange) -> None:
    """Agrees to new details as a second person: they are used a day later."""
    change = _open(desk, change)
    problem = agree_problem(desk, change)
    if problem:
        raise NotAllowed("change.same_person", problem)
    if change.agreed_by is not None:
        raise Refusal("change.agreed", "A second person has agreed to these details already.")
    change.agreed_by, change.agreed_at = desk.actor.user_id, desk.now()
    change.usable_at = desk.now() + WAIT
    record(desk, "payee.change_agreed", "payee", change.payee_id, change=change.id)
    close_tasks(desk, ("payee_change",), "payee", change.payee_id, "A second person agreed.")


def agree_problem(desk: Desk, change: PayeeChange) -> str:
    """Returns why the one who acts may not agree to these details, and who may; empty when they may."""
    if not desk.actor.may("pay.release") or desk.actor.user_id is None:
        problem = "Your role does not include agreeing to new bank details."
    elif desk.actor.user_id == change.asked_by:
        problem = "You typed these details, so somebody else agrees to them."
    else:
        return ""
    return f"{problem} {people.somebody(desk, 'pay.release', [change.asked_by])}"


def waive_wait(desk: Desk, change: PayeeChange, why: str) -> None:
    """Uses agreed details at once, with a reason: by one more person than the one who agreed."""
    change = _open(desk, change)
    problem = waive_problem(desk, change)
    if problem:
        raise NotAllowed("change.same_person", problem)
    if not why.strip():
        raise Refusal("why.missing", "Say why it cannot wait a day, in a few words.", "why")
    change.waived_by, change.waived_why = desk.actor.user_id, why.strip()
    change.usable_at = desk.now()
    record(desk, "payee.wait_waived", "payee", change.payee_id, why, change=change.id)
    _apply(desk, change)


def waive_problem(desk: Desk, change: PayeeChange) -> str:
    """Returns why the one who acts may not end the wait, and who may; empty when they may."""
    if change.agreed_by is None:
        return "A second person agrees to the new details first."
    if not desk.actor.may("pay.hand") or desk.actor.user_id is None:
        problem = "Your role does not include ending the wait."
    elif desk.actor.user_id == change.agreed_by:
        problem = "You agreed to these details, so somebody else ends the wait with you."
    else:
        return ""
    return f"{problem} {people.somebody(desk, 'pay.hand', [change.agreed_by])}"


def drop_change(desk: Desk, change: PayeeChange, why: str) -> None:
    """Drops new details that wait, by anybody who may change them: the old ones stand."""
    desk.need("pay.hand", "Your role does not include changing bank details. Ask finance.")
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    _drop(desk, _open(desk, change), why)


def apply_due(desk: Desk, limit: int = 50) -> int:
    """Uses the details whose day is over, drops what nobody agreed to; returns how many were looked at."""
    long_ago = desk.now() - LAPSE
    ready = PayeeChange.agreed_by.is_not(None) & (PayeeChange.usable_at <= desk.now())
    lapsed = PayeeChange.agreed_by.is_(None) & (PayeeChange.asked_at < long_ago)
    found = select(PayeeChange.id).where(*_OPEN, or_(ready, lapsed)).order_by(PayeeChange.id).limit(limit)
    numbers = list(desk.session.scalars(found))
    for number in numbers:
        change = _locked(desk, number)
        if change.applied_at is not None or change.dropped_at is not None:
            continue
        if change.agreed_by is None:
            _drop(desk, change, "Nobody agreed within 14 days.")
        else:
            _apply(desk, change)
    return len(numbers)


_OPEN = (PayeeChange.applied_at.is_(None), PayeeChange.dropped_at.is_(None))


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Bank details as they are kept: encrypted, their fingerprint, and their last two figures."""

    sealed: str
    fingerprint: str
    hint: str

    @staticmethod
    def of(desk: Desk, kept: dict[str, str]) -> _Sealed:
        """Returns bank details as they are kept."""
        marked = desk.vault.fingerprint(kept["sort_code"], kept["account_number"])
        return _Sealed(desk.vault.seal(kept), marked, kept["account_number"][-2:])


def _asked(desk: Desk, payee: Payee, asker: int, details: _Sealed, name: str, why: str) -> PayeeChange:
    change = PayeeChange(
        payee_id=payee.id,
        sealed=details.sealed,
        fingerprint=details.fingerprint,
        hint=details.hint,
        name=name,
        why=why.strip(),
        asked_by=asker,
        asked_at=desk.now(),
        usable_at=desk.now() + WAIT,
    )
    desk.session.add(change)
    desk.session.flush()
    record(desk, "payee.change_asked", "payee", payee.id, change=change.id)
    words = "Somebody typed new bank details. Ask the person in a way that you knew before, then agree or drop them."
    open_task(desk, "payee_change", "payee", payee.id, "Agree to new bank details", words, not_for=[asker])
    return change


def _apply(desk: Desk, change: PayeeChange) -> None:
    payee = _held(desk, change.payee)
    _put(desk, payee, _Sealed(change.sealed, change.fingerprint, change.hint), change.name)
    change.applied_at = desk.now()
    _empty(change)
    record(desk, "payee.change_applied", "payee", payee.id, change=change.id)


def _put(desk: Desk, payee: Payee, details: _Sealed, name: str) -> None:
    """Puts details in place; whose account it is, is asked again before anything is sent."""
    payee.how = "bank"
    payee.sealed, payee.fingerprint, payee.hint = details.sealed, details.fingerprint, details.hint
    payee.name = name or payee.name
    payee.check = ""
    close_tasks(desk, ("payee",), "payee", payee.id, "New details.")


def _drop(desk: Desk, change: PayeeChange, why: str) -> None:
    change.dropped_at = desk.now()
    _empty(change)
    record(desk, "payee.change_dropped", "payee", change.payee_id, why, change=change.id)
    close_tasks(desk, ("payee_change",), "payee", change.payee_id, "The new details were dropped.")


def _empty(change: PayeeChange) -> None:
    """Keeps no second copy of what the payee holds, or of what never came to hold."""
    change.sealed, change.fingerprint, change.name = "", "", ""


def _held(desk: Desk, payee: Payee) -> Payee:
    """Returns the payee as they are now, held until the end of the transaction."""
    found = select(Payee).where(Payee.id == payee.id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()


def _locked(desk: Desk, number: int) -> PayeeChange:
    found = select(PayeeChange).where(PayeeChange.id == number).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()


def _open(desk: Desk, change: PayeeChange) -> PayeeChange:
    """Returns a change that still waits, held; raises Refusal for one that is over."""
    change = _locked(desk, change.id)
    if change.applied_at is not None or change.dropped_at is not None:
        raise Refusal("change.over", "These details do not wait any more. Look at the page again.")
    return change
