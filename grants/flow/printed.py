"""Printed: letters are printed by people, each time with a fresh link and a fresh short code; those before end.

The address in the window is the person's as it is now. A letter that is not safe any more is not printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.typable import spaced
from grants.flow import codes, telling_people
from grants.flow.confirm import links
from grants.flow.desk import Desk
from grants.flow.telling_people import sending
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.people import Person

AGAIN_DAYS = 14
"""For so many days a printed letter can be printed once more: the printer jammed, or the post lost it."""

MOST = 50
"""Letters on one page, and in one printing."""

LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter in the list: its person, the grant's reference (may be empty), and when it was printed, if it was."""

    row: OutboxMessage
    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it is printed: the lines of the window, the words, and what leads to the page and to ``/code``."""

    number: int
    address: tuple[str, ...]
    paragraphs: tuple[str, ...]
    language: str
    url: str = ""
    code: str = ""


def to_print(desk: Desk, *, again: bool = False) -> list[Waiting]:
    """Returns letters that wait to be printed, the oldest first; ``again``: those printed lately, the newest first.

    Raises NotAllowed without ``confirm.record``; one statement.
    """
    desk.need("confirm.record")
    lately = OutboxMessage.printed_at > desk.now() - timedelta(days=AGAIN_DAYS)
    found = (
        select(OutboxMessage, Person.name, Grant.reference)
        .join(Person, Person.id == OutboxMessage.person_id)
        .outerjoin(Grant, Grant.id == OutboxMessage.grant_id)
        .where(OutboxMessage.channel == LETTER, OutboxMessage.gave_up_at.is_(None))
        .where(lately if again else OutboxMessage.printed_at.is_(None))
        .order_by(OutboxMessage.printed_at.desc(), OutboxMessage.id)
        .limit(MOST)
    )
    return [Waiting(row, name, reference or "") for row, name, reference in desk.session.execute(found)]


def print_letters(desk: Desk, numbers: Iterable[int]) -> list[Letter]:
    """Makes letters as they are printed now, with one fresh link and code for each grant; notes who printed them.

    One that is not safe any more is given up, and left out: a worker is asked. Raises NotAllowed without
    ``confirm.record``, and Refusal ``letter.none`` when none of these numbers is a letter.
    """
    desk.need("confirm.record")
    asked = list(numbers)[:MOST]
    found = select(OutboxMessage).where(
        OutboxMessage.id.in_(asked), OutboxMessage.channel == LETTER, OutboxMessage.gave_up_at.is_(None)
    )
    rows = desk.session.scalars(found.order_by(OutboxMessage.id).with_for_update()).all()
    if not rows:
        raise Refusal("letter.none", "There is no such letter to print now. Look at the list again.")
    return list(_printed(desk, rows))


def write_letter(desk: Desk, grant: Grant) -> OutboxMessage:
    """Writes a letter with the link to their page, to be printed; one a day at most.

    Raises NotAllowed without ``confirm.record``, Refusal ``letter.unsafe`` when letters are not this person's safe way.
    """
    desk.need("confirm.record")
    key = f"letter:{grant.id}:{desk.today():%Y%m%d}"
    safe = telling_people.way_to(desk, grant.person) == LETTER
    row = telling_people.tell(desk, "decided_award", grant.person, grant=grant, key=key) if safe else None
    if row is None:
        raise Refusal("letter.unsafe", "Letters are not the safe way for this person. Ask them first what is.")
    return row


def _printed(desk: Desk, rows: Sequence[OutboxMessage]) -> Iterator[Letter]:
    made: dict[int, tuple[str, str]] = {}
    for row in rows:
        try:
            sending.letter(desk, row)
        except Refusal as refusal:
            sending.give_up(desk, row, refusal.code)
            continue
        if row.grant_id is not None and row.grant_id not in made:
            grant = desk.session.get_one(Grant, row.grant_id)
            url = links.link_url(desk, links.new_link(desk, grant))
            made[row.grant_id] = url, spaced(codes.new_code(desk, grant))
        yield _letter(desk, row, *made.get(row.grant_id or 0, ("", "")))
        sending.printed(desk, row)


def _letter(desk: Desk, row: OutboxMessage, url: str, code: str) -> Letter:
    person = desk.session.get_one(Person, row.person_id)
    words = sending.letter(desk, row, link=url, code=code)
    address = [line.strip() for line in (person.name, *person.address.splitlines())]
    paragraphs = tuple(part.strip() for part in words.text.split("\n\n") if part.strip())
    return Letter(row.id, tuple(filter(None, address)), paragraphs, row.language, url, code)
