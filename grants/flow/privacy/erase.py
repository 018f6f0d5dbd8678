"""Erase: a person's key is destroyed and every word of theirs is blanked; the accounts stay, under a number.

Source: UK GDPR, article 17; not absolute where the law asks for a record (17(3)(b)), so books and acts stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update

from grants.domain.data_classes import TABLES
from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.person_keys import destroy_key
from grants.flow.privacy import requests
from grants.flow.privacy.plan import Plan, plan, told
from grants.flow.step import record
from grants.keeping import erased as listed
from grants.model import Base
from grants.model.bank import BankFile, BankFileKey
from grants.model.belonging import blank, theirs
from grants.model.messages import OutboxMessage
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person
from grants.model.safety import PayeeChange
from grants.model.tasks import Task

SAID = "The person was erased."
"""What tasks and messages say that end because of it."""


def erase(desk: Desk, person_id: int) -> Plan:
    """Erases a person for ever and returns what went and what stayed; erased already, it changes nothing.

    Raises Refusal ``person.not_yet``, saying what to do first, while money is on its way, an application waits or a
    call for help is open, and NotAllowed without ``person.erase``.
    """
    if desk.actor.kind != "system":
        desk.need("person.erase", "Managers erase people. Ask one of them.")
    person = desk.session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    found = plan(desk, person_id)
    if found.erased:
        return found
    if found.first:
        raise Refusal("person.not_yet", " ".join(found.first))
    _erase(desk, person, desk.now())
    listed.add(desk.settings.home, {person.number: desk.now()})
    return found


def erase_and_scrub(desk: Desk, person_id: int) -> Plan:
    """Erases like ``erase``, and queues the emptying of the database's log, for whoever cannot do that afterwards."""
    found = erase(desk, person_id)
    desk.later.queue(desk.session, "scrub", person_id)
    return found


def erase_again(desk: Desk, numbers: Mapping[str, datetime]) -> int:
    """Erases, after a backup was put back, everybody on the list whom it brought back; returns how many.

    Nothing is asked first: they were erased, whatever the backup says was still open then.
    """
    count = 0
    for number in sorted(numbers):
        person = desk.session.scalar(select(Person).where(Person.number == number))
        if person is not None and (person.erased_at is None or left_of(desk, person.id)):
            _erase(desk, person, numbers[number])
            count += 1
    listed.add(desk.settings.home, numbers)
    return count


def left_of(desk: Desk, person_id: int) -> list[str]:
    """Returns the tables that still say something of a person; empty once they were erased."""
    found = []
    for table in Base.metadata.sorted_tables:
        if TABLES[table.name].personal:
            rows = select(1).select_from(table).where(theirs(table, person_id), told(table)).limit(1)
            if desk.session.execute(rows).first() is not None:
                found.append(table.name)
    return found


def _erase(desk: Desk, person: Person, at: datetime) -> None:
    destroy_key(desk, person.id)
    _end_files(desk, person.id)
    _end(desk, person.id)
    requests.close_erased(desk, person.id)
    _forget_sent(desk, person.id)
    desk.session.flush()
    for table in reversed(Base.metadata.sorted_tables):
        _blank(desk, table, person.id)
    number = person.number
    desk.session.execute(update(Person).where(Person.id == person.id).values(name=number, erased_at=at))
    desk.session.expire_all()
    record(desk, "person.erased", "person", person.id)


def _blank(desk: Desk, table: Table, person_id: int) -> None:
    """Blanks what a table says of a person, or takes rows away that are nothing without it."""
    held = TABLES[table.name]
    if not held.personal:
        return
    if held.whole:
        desk.session.execute(delete(table).where(theirs(table, person_id)))
        return
    empty: dict[str, Any] = {name: blank(table.c[name]) for name in held.personal}
    desk.session.execute(update(table).where(theirs(table, person_id)).values(empty))


def _end(desk: Desk, person_id: int) -> None:
    """Ends links, codes, messages that wait, changed details that wait, and tasks."""
    now = desk.now()
    for name, ended in (("links", "revoked_at"), ("letter_codes", "revoked_at"), ("referrals", "withdrawn_at")):
        table = Base.metadata.tables[name]
        open_still = (theirs(table, person_id), table.c[ended].is_(None))
        desk.session.execute(update(table).where(*open_still).values({ended: now}))
    mine = theirs(cast(Table, OutboxMessage.__table__), person_id)
    unsent = update(OutboxMessage).where(mine, OutboxMessage.sent_at.is_(None), OutboxMessage.gave_up_at.is_(None))
    desk.session.execute(unsent.values(gave_up_at=now, problem=SAID))
    desk.session.execute(update(OutboxMessage).where(mine).values(secret=""))
    payees = select(Payee.id).where(Payee.person_id == person_id)
    changes = update(PayeeChange).where(PayeeChange.payee_id.in_(payees))
    waiting = changes.where(PayeeChange.applied_at.is_(None), PayeeChange.dropped_at.is_(None))
    desk.session.execute(waiting.values(dropped_at=now))
    tasks = update(Task).where(theirs(cast(Table, Task.__table__), person_id), Task.closed_at.is_(None))
    desk.session.execute(tasks.values(closed_at=now, closed_by=desk.actor.user_id))


def _end_files(desk: Desk, person_id: int) -> None:
    """Takes away what opens the bank files in which they stand: their payments are over, the files stay and are shut.

    Others in the same file lose nothing: what the bank did with each payment is in the books.
    """
    runs = (
        select(Attempt.run_id)
        .join(Payment, Payment.id == Attempt.payment_id)
        .where(Attempt.run_id.is_not(None), theirs(cast(Table, Payment.__table__), person_id))
    )
    files = select(BankFile.id).where(BankFile.run_id.in_(runs))
    desk.session.execute(delete(BankFileKey).where(BankFileKey.file_id.in_(files)))


def _forget_sent(desk: Desk, person_id: int) -> None:
    """Takes messages to them out of the practice outbox, where a demonstration keeps them as files."""
    mine = theirs(cast(Table, OutboxMessage.__table__), person_id)
    for number in desk.session.scalars(select(OutboxMessage.number).where(mine)):
        for file in (desk.settings.home / "outbox").glob(f"{number}*"):
            file.unlink(missing_ok=True)
