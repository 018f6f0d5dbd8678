"""Forget: what we said we would keep only so long goes when its time has come; the accounts stay, without names.

Periods as the page “What we keep about you, and why” promises them. Source: the ICO's guidance on storage
limitation: keep personal data no longer than needed, review it, erase or anonymise it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from grants.flow.confirm.receipts import forget_pictures
from grants.flow.desk import Desk
from grants.flow.forget_told import WORDS_DAYS, forget_told, forget_with_name
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.bank import BankFile, BankFileKey, BankLine
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.lines import Objection
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person
from grants.model.safety import PayeeChange

BANK_DAYS = 90
"""Days that bank details stay after the last payment, in case the bank sends it back."""

NAME_DAYS = 365
"""Days that a name and how to reach the person stay after the last grant or application ended."""

FORGOTTEN = "Name no longer kept"

LOT = 500


def forget_due(desk: Desk, limit: int = LOT) -> int:
    """Forgets what is due, at most ``limit`` of each kind, and returns how many things were forgotten."""
    pictures = forget_pictures(desk, WORDS_DAYS, limit)
    words = _words(desk, limit) + _told(desk, limit) + _objected(desk, limit) + _called(desk, limit)
    words += forget_told(desk, limit)
    return pictures + _bank_details(desk, limit) + _bank_papers(desk, limit) + words + _names(desk, limit)


def _bank_details(desk: Desk, limit: int) -> int:
    before = desk.now() - timedelta(days=BANK_DAYS)
    last_move = (
        select(func.max(func.coalesce(Attempt.settled_at, Attempt.created_at)))
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Grant, Grant.id == Payment.grant_id)
        .where(Grant.payee_id == Payee.id)
        .scalar_subquery()
    )
    due = (
        select(Payee.id)
        .where(or_(Payee.sealed != "", Payee.token != ""), ~_needed(Payee.id), Payee.created_at < before)
        .where(or_(last_move.is_(None), last_move < before))
        .limit(limit)
    )
    ids = list(desk.session.scalars(due))
    desk.session.execute(update(Payee).where(Payee.id.in_(ids)).values(sealed="", fingerprint="", token="", hint=""))
    changes = update(PayeeChange).where(PayeeChange.payee_id.in_(ids))
    desk.session.execute(changes.values(sealed="", fingerprint="", name="", hint="", why="", waived_why=""))
    return _note(desk, "payee.details_forgotten", "payee", ids)


def _bank_papers(desk: Desk, limit: int) -> int:
    """Takes away what opens old bank files, which stay and tell nothing; and what the bank wrote of people."""
    before = desk.now() - timedelta(days=BANK_DAYS)
    old = select(BankFileKey.file_id).join(BankFile, BankFile.id == BankFileKey.file_id)
    files = list(desk.session.scalars(old.where(BankFile.made_at < before).limit(limit)))
    desk.session.execute(delete(BankFileKey).where(BankFileKey.file_id.in_(files)))
    told = or_(BankLine.words != "", BankLine.reference != "")
    due = select(BankLine.id).where(BankLine.state != "suspense", told, BankLine.imported_at < before).limit(limit)
    lines = list(desk.session.scalars(due))
    desk.session.execute(update(BankLine).where(BankLine.id.in_(lines)).values(words="", reference=""))
    if lines:
        record(desk, "bank.words_forgotten", "bank_line", 0, count=len(lines))
    return _note(desk, "bank_file.forgotten", "bank_file", files) + len(lines)


def _words(desk: Desk, limit: int) -> int:
    before = desk.now() - timedelta(days=WORDS_DAYS)
    said = or_(Application.need != "", Application.notes != "", Application.helper_contact != "")
    ended = or_(
        Application.decided_at < before, and_(Application.state == "withdrawn", Application.submitted_at < before)
    )
    ids = list(desk.session.scalars(select(Application.id).where(said, ended).limit(limit)))
    empty = {"need": "", "notes": "", "answers": {}, "helper_name": "", "helper_contact": ""}
    desk.session.execute(update(Application).where(Application.id.in_(ids)).values(empty))
    return _note(desk, "application.words_forgotten", "application", ids)


def _told(desk: Desk, limit: int) -> int:
    before = desk.now() - timedelta(days=WORDS_DAYS)
    due = select(Confirmation.id, Confirmation.grant_id).where(Confirmation.words != "", Confirmation.at < before)
    rows = list(desk.session.execute(due.limit(limit)))
    ids = [row.id for row in rows]
    desk.session.execute(update(Confirmation).where(Confirmation.id.in_(ids)).values(words=""))
    return _note(desk, "grant.words_forgotten", "grant", sorted({row.grant_id for row in rows}))


def _objected(desk: Desk, limit: int) -> int:
    """Forgets what people said about rules, and what we answered; nameless words for outside stay."""
    before = desk.now() - timedelta(days=WORDS_DAYS)
    due = select(Objection.id).where(Objection.words != "", Objection.answered_at < before)
    ids = list(desk.session.scalars(due.limit(limit)))
    desk.session.execute(update(Objection).where(Objection.id.in_(ids)).values(words="", answer=""))
    return _note(desk, "objection.words_forgotten", "objection", ids)


def _called(desk: Desk, limit: int) -> int:
    """Forgets what people said when they called for help, and what we answered, once that is over."""
    before = desk.now() - timedelta(days=WORDS_DAYS)
    due = select(HelpCall.id).where(or_(HelpCall.sealed != "", HelpCall.answer != ""), HelpCall.closed_at < before)
    ids = list(desk.session.scalars(due.limit(limit)))
    desk.session.execute(update(HelpCall).where(HelpCall.id.in_(ids)).values(sealed="", answer=""))
    return _note(desk, "help.words_forgotten", "help_call", ids)


def _names(desk: Desk, limit: int) -> int:
    before = desk.now() - timedelta(days=NAME_DAYS)
    waiting = exists().where(
        Application.person_id == Person.id,
        or_(Application.state == "submitted", Application.decided_at >= before, Application.submitted_at >= before),
    )
    running = exists().where(
        Grant.person_id == Person.id,
        or_(Grant.state.not_in(("completed", "cancelled")), Grant.awarded_at >= before, Grant.paid_at >= before),
    )
    due = select(Person.id).where(Person.name_key != "", Person.created_at < before, ~waiting, ~running).limit(limit)
    ids = list(desk.session.scalars(due))
    gone = {"name": FORGOTTEN, "name_key": "", "phone": "", "email": "", "address": "", "contact_wish": ""}
    safe = {"channel": "none", "contact_safe": False}
    desk.session.execute(update(Person).where(Person.id.in_(ids)).values(gone | safe))
    forget_with_name(desk, ids)
    return _note(desk, "person.name_forgotten", "person", ids)


def _needed(payee_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Says whether a payee's details may still be needed: an application waits, or a grant is not at its end."""
    waits = exists().where(Application.payee_id == payee_id, Application.state.in_(("draft", "submitted")))
    runs = exists().where(Grant.payee_id == payee_id, Grant.state.not_in(("completed", "cancelled")))
    return or_(waits, runs)


def _note(desk: Desk, name: str, subject: str, ids: list[int]) -> int:
    for number in ids:
        record(desk, name, subject, number)
    return len(ids)
