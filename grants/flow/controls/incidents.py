"""Incidents: the register of losses and of what went wrong, for trustees and for a report of a serious incident.

What the flow knows itself (paid twice, a float that came back short, an unknown payment, an older copy put back) it
enters itself. Nobody who was helped is named in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select

from grants.domain.errors import Refusal
from grants.domain.incident_kinds import KINDS
from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.safety import Incident

LONGEST = 4000
"""The most characters of what happened, and of what came of it."""

NOTHING = Money(0)
"""What an incident costs that loses no money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened, as it goes into the register: its kind, the day, words without names, what it cost if anything.

    ``attempt_id`` is the payment that it is about; its fund stands for a fund that is not named.
    """

    kind: str
    words: str
    on: date
    amount: Money = NOTHING
    fund_id: int | None = None
    attempt_id: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One incident of the register, with the name of its fund and the reference of its grant, where it has them."""

    incident: Incident
    fund: str = ""
    grant: str = ""


def enter(desk: Desk, happened: Happened) -> Incident:
    """Enters what the flow itself knows of, with its event."""
    row = Incident(
        kind=happened.kind,
        fund_id=happened.fund_id,
        attempt_id=happened.attempt_id,
        amount=happened.amount.amount,
        currency=happened.amount.currency,
        words=happened.words,
        happened_on=happened.on,
        recorded_by=desk.actor.user_id,
        recorded_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "incident.recorded", "incident", row.id, kind=row.kind, amount=row.amount, fund=row.fund_id)
    return row


def enter_once(desk: Desk, happened: Happened) -> None:
    """Enters what the flow itself knows of, unless the same about the same payment is open already."""
    known = select(Incident.id).where(
        Incident.kind == happened.kind, Incident.attempt_id == happened.attempt_id, Incident.closed_at.is_(None)
    )
    if desk.session.scalar(known.limit(1)) is None:
        enter(desk, happened)


def twice(attempt: Attempt, today: date) -> Happened:
    """Returns what goes into the register when a provider shows two payments for one attempt."""
    amount = Money(attempt.amount, attempt.currency)
    words = "The payment service shows two payments for one of ours. Perhaps it was paid twice."
    return Happened(kind="double", words=words, on=today, amount=amount, attempt_id=attempt.id)


def write(desk: Desk, happened: Happened) -> Incident:
    """Enters what somebody tells. Raises Refusal for what cannot be, naming the field to mend."""
    desk.need("incident.write", "Finance and managers write in this register. Tell one of them.")
    if happened.kind not in KINDS or not KINDS[happened.kind].chosen:
        raise Refusal("incident.kind", "Choose what it is.", "kind")
    if not happened.words.strip() or len(happened.words) > LONGEST:
        raise Refusal("incident.words", f"Say what happened, in up to {LONGEST:,} characters. Name nobody.", "words")
    if happened.on > desk.today():
        raise Refusal("incident.day", "This day has not come yet. Enter the day on which it happened.", "happened_on")
    one_by_one(desk, "incidents")
    return _same(desk, happened) or enter(desk, happened)


def end(desk: Desk, row: Incident, outcome: str) -> None:
    """Closes an incident whose end the flow itself knows, with its event."""
    row.closed_at, row.outcome = desk.now(), outcome
    desk.session.flush()
    record(desk, "incident.closed", "incident", row.id, outcome, kind=row.kind)


def reported(desk: Desk, row: Incident, on: date) -> None:
    """Says that the regulator was told, and on which day."""
    desk.need("incident.report", "Trustees, managers and finance say that it was reported.")
    row = _held(desk, row)
    if row.reported_on is not None:
        raise Refusal("incident.reported", "Somebody has said already that this was reported.")
    if not row.happened_on <= on <= desk.today():
        words = "Enter a day from the day on which it happened to today."
        raise Refusal("incident.report_day", words, "reported_on")
    row.reported_on = on
    record(desk, "incident.reported", "incident", row.id, on=on.isoformat())


def close(desk: Desk, row: Incident, outcome: str) -> None:
    """Closes an incident with what came of it, and why it was reported or not; closed, it stands."""
    desk.need("incident.write", "Finance and managers write in this register. Tell one of them.")
    row = _held(desk, row)
    if row.closed_at is not None:
        raise Refusal("incident.closed", "This is closed already.")
    if not outcome.strip() or len(outcome) > LONGEST:
        raise Refusal("incident.outcome", f"Say what came of it, in up to {LONGEST:,} characters.", "outcome")
    end(desk, row, outcome.strip())


def listed(desk: Desk, before: int = 0, *, only_open: bool = False) -> Page[Listed]:
    """Returns the register, the newest entry first; one statement."""
    found = _with_places().order_by(Incident.id.desc()).limit(PAGE + 1)
    if before:
        found = found.where(Incident.id < before)
    if only_open:
        found = found.where(Incident.closed_at.is_(None))
    rows = [Listed(row, fund or "", grant or "") for row, fund, grant in desk.session.execute(found)]
    return Page(tuple(rows[:PAGE]), str(rows[PAGE - 1].incident.id) if len(rows) > PAGE else "")


def find(desk: Desk, number: int) -> Listed | None:
    """Returns one incident by its number, or None; one statement."""
    found = desk.session.execute(_with_places().where(Incident.id == number)).first()
    return Listed(found[0], found[1] or "", found[2] or "") if found else None


def open_count(desk: Desk) -> int:
    """Returns how many incidents are not closed; one statement."""
    return desk.session.scalar(select(func.count()).select_from(Incident).where(Incident.closed_at.is_(None))) or 0


def take_out(desk: Desk, how: str, number: int = 0) -> Sequence[Listed]:
    """Returns the whole register, or one incident of it, for a report, and writes down who took it out and how."""
    desk.need("incident.report", "Trustees, managers and finance take the register out.")
    found = _with_places().order_by(Incident.happened_on, Incident.id)
    if number:
        found = found.where(Incident.id == number)
    rows = [Listed(row, fund or "", grant or "") for row, fund, grant in desk.session.execute(found)]
    record(desk, "incident.taken_out", "incident", number, how=how, count=len(rows))
    return rows


def _with_places() -> Select[Incident, str, str]:
    return (
        select(Incident, Fund.name, Grant.reference)
        .outerjoin(Attempt, Attempt.id == Incident.attempt_id)
        .outerjoin(Payment, Payment.id == Attempt.payment_id)
        .outerjoin(Grant, Grant.id == Payment.grant_id)
        .outerjoin(Fund, Fund.id == func.coalesce(Incident.fund_id, Grant.fund_id))
    )


def _same(desk: Desk, happened: Happened) -> Incident | None:
    """Returns what the same person entered today in the same words: a second click, not a second loss."""
    found = select(Incident).where(
        Incident.kind == happened.kind,
        Incident.words == happened.words,
        Incident.happened_on == happened.on,
        Incident.amount == happened.amount.amount,
        Incident.recorded_by == desk.actor.user_id,
        Incident.closed_at.is_(None),
    )
    return desk.session.scalar(found.limit(1))


def _held(desk: Desk, row: Incident) -> Incident:
    found = select(Incident).where(Incident.id == row.id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()
