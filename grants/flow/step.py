"""One step: the only place where a state is set, with its event in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from sqlalchemy import Table, insert, inspect

from grants.domain.lifecycle import APPLICATION, ASK, ATTEMPT, GRANT, PROPOSAL, RUN, Machine
from grants.flow.desk import Desk
from grants.model import rows
from grants.model.applications import Application
from grants.model.asks import GrantAsk
from grants.model.base import Base
from grants.model.events import EventRow, UntoldEvent
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.model.policies import PolicyFile
from grants.model.runs import Run


class Stateful(Protocol):
    """A row with a state."""

    id: Any
    state: Any


MACHINES: dict[type, Machine] = {
    Application: APPLICATION,
    Grant: GRANT,
    Attempt: ATTEMPT,
    GrantAsk: ASK,
    Run: RUN,
    PolicyFile: PROPOSAL,
}

_EVENTS = cast(Table, EventRow.__table__)
_UNTOLD = cast(Table, UntoldEvent.__table__)

_WRITE, _TELL = insert(_EVENTS), insert(_UNTOLD)
"""Built once, straight to the tables: an event is never changed, so no session need watch over it."""

PAST = {
    "submit": "submitted",
    "withdraw": "withdrawn",
    "hold": "held",
    "cancel": "cancelled",
    "return": "returned",
    "send": "sent",
    "lose": "lost",
    "put_back": "put_back",
    "meet": "met",
    "drop": "dropped",
    "build": "built",
}
"""Past forms of actions that do not just take “ed”, for the names of events."""


def advance(desk: Desk, thing: Stateful, action: str, why: str = "", **data: Any) -> None:
    """Moves a thing to its next state and writes the event, or raises IllegalMove naming what is allowed.

    A thing that is stored nowhere yet is stored with its new state. ``data`` goes into the event: ids and codes, never
    a name or other personal data.
    """
    machine = MACHINES[type(thing)]
    before = thing.state or machine.start
    _set(thing, machine.after(before, action))
    if inspect(thing).transient:
        rows.put(desk.session, cast(Base, thing))
    else:
        desk.session.flush()
    record(desk, f"{machine.name}.{past(action)}", machine.name, thing.id, why, before=before, **data)


def advance_many(
    desk: Desk,
    things: Sequence[Stateful],
    action: str,
    why: Sequence[str] = (),
    data: Sequence[Mapping[str, Any]] = (),
    *,
    also: Sequence[Mapping[str, object]] = (),
) -> None:
    """Moves many things of one kind by the same action, with one event each, in few statements.

    ``why``, ``data`` and ``also`` are in the order of the things, or empty; ``also`` are values of other columns that
    are written with the states, in the same statement. Raises IllegalMove for the first that may not.
    """
    if not things:
        return
    machine = MACHINES[type(things[0])]
    befores = [thing.state or machine.start for thing in things]
    afters = [machine.after(before, action) for before in befores]
    _set_many(desk, things, afters, also or [{}] * len(things))
    name = f"{machine.name}.{past(action)}"
    told = [
        (thing.id, why[place] if why else "", {"before": befores[place], **(data[place] if data else {})})
        for place, thing in enumerate(things)
    ]
    record_many(desk, name, machine.name, told)


def record_many(desk: Desk, name: str, subject: str, told: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
    """Writes one event for each (id, why, data), like ``record``, in few statements."""
    facts = [_row(desk, name, subject, number, why, data) for number, why, data in told]
    listens = desk.catalogue.listens
    made = rows.add(desk.session, _EVENTS, facts, ("id",) if listens else ())
    rows.add(desk.session, _UNTOLD, [{"event_id": number, "tries": 0, "problem": ""} for (number,) in made])


def record(desk: Desk, name: str, subject: str, subject_id: int, why: str = "", **data: Any) -> int:
    """Writes one event in this transaction, puts it in the outbox of those who listen, and returns its number."""
    connection = desk.session.connection()
    made = connection.execute(_WRITE, _row(desk, name, subject, subject_id, why, data))
    (number,) = made.inserted_primary_key or (0,)
    if desk.catalogue.listens:
        connection.execute(_TELL, {"event_id": number})
    return int(number)


def _set(thing: Stateful, state: str) -> None:
    thing.state = state


def _set_many(
    desk: Desk, things: Sequence[Stateful], states: Sequence[str], also: Sequence[Mapping[str, object]]
) -> None:
    pairs = zip(states, also, strict=True)
    rows.change(desk.session, cast(Sequence[Base], things), [{**more, "state": state} for state, more in pairs])


def _row(desk: Desk, name: str, subject: str, subject_id: int, why: str, data: Mapping[str, Any]) -> dict[str, object]:
    return {
        "at": desk.now(),
        "name": name,
        "subject": subject,
        "subject_id": subject_id,
        "actor_kind": desk.actor.kind,
        "actor_id": desk.actor.user_id,
        "why": why[:500],
        "data": dict(data),
    }


def past(action: str) -> str:
    """Returns the past form of an action: ``award`` → ``awarded``."""
    head, _, tail = action.partition("_")
    known = PAST.get(action)
    if known:
        return known
    stem = head[:-1] + "i" if head.endswith("y") else head.removesuffix("e")
    return f"{stem}ed{'_' + tail if tail else ''}"
