"""Apply from a file: rows become applications in small lots, each row once, however often the file is brought."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grants.domain.errors import Refusal
from grants.domain.names import digits, name_key
from grants.flow.account_check import doubt
from grants.flow.apply import Answers, possible_repeat, refuse_closed, refuse_misfits, submit
from grants.flow.desk import Desk
from grants.flow.opening import new_task
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.people import Person

LOT = 100
"""How many rows are stored in one transaction: few, so that others who write wait less than half a second."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One sound row: its number in the file, its answers, what makes it itself, and when it was sent."""

    row: int
    answers: Answers
    content: tuple[tuple[str, str], ...]
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, or would: in, already there, the same as another row, or refused.

    ``like`` says whom it may repeat (``row 3`` or ``A-7F3KQ2``), ``column`` and ``words`` why it was refused,
    ``doubt`` that no bank may know the account.
    """

    row: int
    what: Literal["in", "already", "same", "refused"]
    like: str = ""
    field: str = ""
    words: str = ""
    ahead: bool = False
    doubt: str = ""


@dataclass(slots=True)
class Intake:
    """The import of one file into one fund: remembers its rows, so that repeats in it are seen.

    ``store`` is called once for each lot, each time in a transaction of its own; ``foresee`` tells the same
    and writes nothing.
    """

    slug: str
    rows: dict[str, int] = field(default_factory=dict)
    people: dict[tuple[str, ...], int] = field(default_factory=dict)

    def store(self, desk: Desk, fund: Fund, lot: Sequence[Incoming]) -> list[Outcome]:
        """Stores a lot and returns what became of each row; raises Refusal for a closed fund."""
        refuse_closed(desk, fund)
        outcomes = [outcome or self._submit(desk, fund, row, key) for row, key, outcome in self._known(desk, lot)]
        stored = sum(1 for outcome in outcomes if outcome.what == "in")
        if stored:
            record(desk, "fund.applications_imported", "fund", fund.id, count=stored)
        return outcomes

    def foresee(self, desk: Desk, fund: Fund, lot: Sequence[Incoming]) -> list[Outcome]:
        """Returns what would become of each row; raises Refusal for a closed fund, writes nothing."""
        refuse_closed(desk, fund)
        return [outcome or self._try(desk, fund, row, key) for row, key, outcome in self._known(desk, lot)]

    def _known(self, desk: Desk, lot: Sequence[Incoming]) -> Iterator[tuple[Incoming, str, Outcome | None]]:
        """Gives each row with its key, and its outcome where it is there already."""
        keys = [import_key(self.slug, row.content) for row in lot]
        stored = set(desk.session.scalars(select(Application.import_key).where(Application.import_key.in_(keys))))
        for row, key in zip(lot, keys, strict=True):
            if key in self.rows:
                yield row, key, Outcome(row.row, "same", like=f"row {self.rows[key]}")
                continue
            self.rows[key] = row.row
            yield row, key, Outcome(row.row, "already") if key in stored else None

    def _submit(self, desk: Desk, fund: Fund, row: Incoming, key: str) -> Outcome:
        at = row.sent if row.sent and row.sent <= desk.now() else None
        earlier = _same_place(desk, row.answers)
        try:
            with desk.session.begin_nested():
                application = submit(desk, fund, row.answers, import_key=key, submitted_at=at)
                application.repeat_of = application.repeat_of or earlier
                _open_account_check(desk, application, row.answers)
        except Refusal as refusal:
            return Outcome(row.row, "refused", field=refusal.field or "", words=refusal.message)
        except IntegrityError:
            if desk.session.scalar(select(Application.id).where(Application.import_key == key)) is None:
                raise
            return Outcome(row.row, "already")
        like = self._like(row) or _reference(desk, application.repeat_of)
        return Outcome(row.row, "in", like=like, ahead=row.sent != at, doubt=_doubt(desk, row))

    def _try(self, desk: Desk, fund: Fund, row: Incoming, key: str) -> Outcome:
        try:
            refuse_misfits(fund, row.answers)
        except Refusal as refusal:
            return Outcome(row.row, "refused", field=refusal.field or "", words=refusal.message)
        answers = row.answers
        someone = Person(
            name_key=name_key(answers.name), phone=digits(answers.phone), email=answers.email.strip().casefold()
        )
        earlier = possible_repeat(desk, someone) or _same_place(desk, answers)
        like = self._like(row) or _reference(desk, earlier)
        ahead = bool(row.sent and row.sent > desk.now())
        return Outcome(row.row, "in", like=like, ahead=ahead, doubt=_doubt(desk, row))

    def _like(self, row: Incoming) -> str:
        """Returns the earlier row of this file that may be the same person's, and remembers this one."""
        answers, known = row.answers, name_key(row.answers.name)
        marks = [("phone", answers.phone), ("email", answers.email), ("district", answers.district)]
        signs = [(kind, known, mark) for kind, mark in marks if mark]
        earlier = next((self.people[sign] for sign in signs if sign in self.people), None)
        for sign in signs:
            self.people.setdefault(sign, row.row)
        return f"row {earlier}" if earlier else ""


def _doubt(desk: Desk, row: Incoming) -> str:
    return doubt(desk, row.answers.sort_code, row.answers.account_number)


def import_key(slug: str, content: Sequence[tuple[str, str]]) -> str:
    """Returns what makes a row of a fund's file known again: SHA-256 over the fund and the row's content.

    The content holds nothing that is never kept, so nothing can be guessed back from the key.
    """
    said = json.dumps([slug, sorted(content)], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _same_place(desk: Desk, answers: Answers) -> int | None:
    """Returns an earlier application, of the last 90 days, of this name from the same district; a hint only."""
    if not answers.district:
        return None
    found = (
        select(Application.id)
        .join(Person, Person.id == Application.person_id)
        .where(
            Person.name_key == name_key(answers.name),
            Person.district == answers.district,
            Application.submitted_at >= desk.now() - timedelta(days=90),
        )
        .order_by(Application.id.desc())
        .limit(1)
    )
    return desk.session.scalar(found)


def _reference(desk: Desk, application_id: int | None) -> str:
    if application_id is None:
        return ""
    return desk.session.scalar(select(Application.reference).where(Application.id == application_id)) or ""


def _open_account_check(desk: Desk, application: Application, answers: Answers) -> None:
    """Asks a worker to find out whose account it is, where the file only says “someone else's”."""
    if answers.own_account:
        return
    words = "The file says “someone else's account” and no more. Ask the person alone, before any money moves."
    new_task(desk, "check_payee", "application", application.id, "Ask whose account this is, and why", words)
