"""Sampled calls: drawn people are asked whether the money came, only in a safe way; silence is fine and no mark."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.sampling import in_order
from grants.flow.assure.draws import held
from grants.flow.assure.population import grants_of, numbered
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.draws import Draw, Drawn
from grants.model.grants import Grant
from grants.model.people import Person

ANSWERS = ("yes", "no", "silent")
"""What comes of asking; whoever does not want to answer is silent."""

LOT = 30
"""So many people stand on one page of the list."""


@dataclass(frozen=True, slots=True)
class ToCall:
    """One drawn person; ``safe`` says whether there is a safe way to reach them: without one nobody asks."""

    row: Drawn
    person: Person
    safe: bool


@dataclass(frozen=True, slots=True)
class CallList:
    """Some of the drawn people in the order of the draw, and the place after which the list goes on (0: the end)."""

    rows: tuple[ToCall, ...]
    after: int = 0


def call_list(desk: Desk, draw: Draw, after: int = 0) -> CallList:
    """Returns whom to ask, and how it is safe to reach each; one statement."""
    desk.need("confirm.record")
    found = (
        select(Drawn)
        .where(Drawn.draw_id == draw.id, Drawn.place > after)
        .order_by(Drawn.place)
        .limit(LOT + 1)
        .options(joinedload(Drawn.grant).joinedload(Grant.person))
    )
    rows = desk.session.scalars(found).all()
    shown = tuple(ToCall(row, row.grant.person, safe(row.grant.person)) for row in rows[:LOT])
    return CallList(shown, shown[-1].row.place if len(rows) > LOT else 0)


def safe(person: Person) -> bool:
    """Returns whether the person, or a worker who asked them, named a safe way to reach them."""
    return person.contact_safe and person.channel != "none"


def said(desk: Desk, row: Drawn, answer: str) -> Drawn:
    """Writes down what came of asking one drawn person; nothing else about them or their grant changes.

    Raises NotAllowed for whoever decided this grant: a colleague asks. Raises Refusal without a safe way, for
    another answer than yes, no or silent, and once the draw is closed.
    """
    by = desk.need("confirm.record")
    draw = held(desk, row.draw)
    if draw.kind != "calls" or draw.closed_at is not None:
        raise Refusal("call.closed", "This sample has ended. Nobody is asked any more.")
    if answer not in ANSWERS:
        raise Refusal("call.answer", "Choose yes, no, or no answer.", "answer")
    if answer != "silent" and not safe(row.grant.person):
        raise Refusal("call.not_safe", "We know no safe way to reach this person, so nobody asks them.")
    if by in (row.grant.decided_by, row.grant.second_by):
        raise NotAllowed("call.decided", "You decided this grant, so a colleague asks.")
    row.outcome, row.by, row.at = answer, by, desk.now()
    desk.session.flush()
    record(desk, "draw.asked", "draw", draw.id, place=row.place)
    return row


def draw_next(desk: Desk, draw: Draw) -> Drawn:
    """Takes the next in the order of the draw in place of somebody silent, who still counts as silent.

    Raises Refusal when nobody is silent, everybody was drawn, or the next grant is not there any more.
    """
    desk.need("assure.draw")
    draw = held(desk, draw)
    if draw.kind != "calls" or draw.drawn_at is None or draw.closed_at is not None:
        raise Refusal("call.closed", "This sample has ended, or was not drawn yet.")
    places = select(func.count(), func.count().filter(Drawn.outcome == "silent")).where(Drawn.draw_id == draw.id)
    taken, silent = desk.session.execute(places).one()
    if taken - draw.size >= silent:
        raise Refusal("call.nobody_silent", "Each one who stayed silent has somebody in their place already.")
    if taken >= draw.population:
        raise Refusal("call.everybody", "Everybody was drawn.")
    number = in_order(draw.seed, draw.numbers)[taken]
    of = numbered(desk, draw, grants_of(desk, draw.fund_id, draw.kind, draw.from_on, draw.up_to))
    if number not in of:
        raise Refusal("call.gone", "The grant that comes next cannot be taken any more. The sample stays as it is.")
    row = Drawn(draw_id=draw.id, grant_id=of[number], place=taken + 1, number=number)
    desk.session.add(row)
    desk.session.flush()
    record(desk, "draw.next", "draw", draw.id, place=row.place)
    return row
