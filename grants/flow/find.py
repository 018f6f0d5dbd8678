"""Find: what staff read, as lists by keyset and things by their reference; a partner finds only their own referrals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, tuple_
from sqlalchemy.orm import aliased, contains_eager, joinedload

from grants.domain.money import Money
from grants.domain.names import name_key
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page, keyset, mark
from grants.model.applications import Application, Decision
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant, Link
from grants.model.payments import Attempt, Payment
from grants.model.people import Person
from grants.model.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One application as a list shows it; ``need`` is the beginning of the person's own words."""

    reference: str
    name: str
    amount: Money
    need: str
    fund: str
    state: str
    submitted_at: datetime
    route: str
    entered: bool
    unsafe: bool
    repeat: bool
    proposed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    """One grant as a list shows it."""

    reference: str
    name: str
    amount: Money
    fund: str
    state: str
    awarded_at: datetime
    paid: bool
    confirmed: bool


def applications(
    desk: Desk, *, state: str = "submitted", fund_id: int | None = None, after: str = "", limit: int = PAGE
) -> Page[Waiting]:
    """Returns a page of applications: those that wait oldest first, decided ones newest first."""
    oldest_first = state == "submitted"
    key = tuple_(Application.submitted_at, Application.id)
    found = _listed(desk).where(Application.state == state)
    if fund_id is not None:
        found = found.where(Application.fund_id == fund_id)
    found = keyset(found, key, after, limit, oldest_first=oldest_first)
    rows = desk.session.execute(found).all()
    shown = tuple(_waiting(*row) for row in rows[:limit])
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(shown, mark(last.submitted_at, last.id) if last else "")


def look_up(desk: Desk, typed: str, limit: int = PAGE) -> list[Waiting]:
    """Returns applications by their reference or their grant's, or by the beginning of the person's name."""
    reference, key = typed.strip().upper(), name_key(typed)
    if re.fullmatch(r"A-\w+", reference):
        meant: ColumnElement[bool] = Application.reference == reference
    elif re.fullmatch(r"G-\w+", reference):
        meant = Application.id.in_(select(Grant.application_id).where(Grant.reference == reference))
    elif key:
        meant = Person.name_key.startswith(key, autoescape=True)
    else:
        return []
    found = _listed(desk).where(meant).order_by(Application.id.desc()).limit(limit)
    return [_waiting(*row) for row in desk.session.execute(found)]


def _listed(desk: Desk) -> Select[Application, str, bool, str, int]:
    return (
        select(Application, Person.name, Person.contact_safe, Fund.name, Decision.id)
        .join(Person, Person.id == Application.person_id)
        .join(Fund, Fund.id == Application.fund_id)
        .outerjoin(Decision, and_(Decision.application_id == Application.id, Decision.waiting))
        .where(reachable(desk))
    )


def _waiting(row: Application, name: str, contact_safe: bool, fund: str, proposal: int | None) -> Waiting:
    return Waiting(
        reference=row.reference,
        name=name,
        amount=Money(row.amount, row.currency),
        need=_beginning(row.need),
        fund=fund,
        state=row.state,
        submitted_at=row.submitted_at,
        route=row.route,
        entered=row.entered_by is not None,
        unsafe=not contact_safe,
        repeat=row.repeat_of is not None,
        proposed=proposal is not None,
    )


def application(desk: Desk, reference: str) -> Application | None:
    """Returns an application with its fund, person and payee in one statement, or None."""
    found = select(Application).where(Application.reference == reference.strip().upper(), reachable(desk))
    parts = (joinedload(Application.fund), joinedload(Application.person), joinedload(Application.payee))
    return desk.session.scalar(found.options(*parts))


def decisions(desk: Desk, application_id: int) -> Sequence[tuple[Decision, str, str | None]]:
    """Returns the decisions about an application, newest first, with who made each and who agreed."""
    first, second = aliased(User), aliased(User)
    found = (
        select(Decision, first.name, second.name)
        .join(first, first.id == Decision.by)
        .outerjoin(second, second.id == Decision.second_by)
        .where(Decision.application_id == application_id)
        .order_by(Decision.id.desc())
    )
    return desk.session.execute(found).all()


def proposals(desk: Desk, limit: int = PAGE) -> Sequence[tuple[Decision, Application, str, str]]:
    """Returns awards that wait for a second person other than the actor, with whose it is."""
    found = (
        select(Decision, Application, Person.name, User.name)
        .join(Application, Application.id == Decision.application_id)
        .join(Person, Person.id == Application.person_id)
        .join(User, User.id == Decision.by)
        .where(Decision.waiting, Decision.by != (desk.actor.user_id or 0), reachable(desk))
        .order_by(Decision.id)
        .limit(limit)
    )
    return desk.session.execute(found).all()


def grants(
    desk: Desk, *, state: str = "", fund_id: int | None = None, after: str = "", limit: int = PAGE
) -> Page[GrantRow]:
    """Returns a page of grants, newest first."""
    found = (
        select(Grant, Person.name, Fund.name)
        .join(Person, Person.id == Grant.person_id)
        .join(Fund, Fund.id == Grant.fund_id)
        .where(_reachable_grants(desk))
    )
    if state:
        found = found.where(Grant.state == state)
    if fund_id is not None:
        found = found.where(Grant.fund_id == fund_id)
    found = keyset(found, tuple_(Grant.awarded_at, Grant.id), after, limit, oldest_first=False)
    rows = desk.session.execute(found).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(tuple(_grant_row(*row) for row in rows[:limit]), mark(last.awarded_at, last.id) if last else "")


def _grant_row(row: Grant, name: str, fund: str) -> GrantRow:
    return GrantRow(
        reference=row.reference,
        name=name,
        amount=Money(row.amount, row.currency),
        fund=fund,
        state=row.state,
        awarded_at=row.awarded_at,
        paid=row.paid_at is not None,
        confirmed=row.confirmed_at is not None,
    )


def grant(desk: Desk, reference: str) -> Grant | None:
    """Returns a grant with its application, fund, person and payee in one statement, or None."""
    found = select(Grant).join(Application, Application.id == Grant.application_id)
    found = found.where(Grant.reference == reference.strip().upper(), reachable(desk))
    parts = (joinedload(Grant.fund), joinedload(Grant.person), joinedload(Grant.payee))
    return desk.session.scalar(found.options(contains_eager(Grant.application), *parts))


def grant_of(desk: Desk, application_id: int) -> Grant | None:
    """Returns the grant that an application became, or None."""
    return desk.session.scalar(select(Grant).where(Grant.application_id == application_id).limit(1))


def payments(desk: Desk, grant_id: int) -> list[tuple[Payment, Attempt | None]]:
    """Returns a grant's payments in order, each with its latest attempt."""
    found = (
        select(Payment, Attempt)
        .outerjoin(Attempt, Attempt.payment_id == Payment.id)
        .where(Payment.grant_id == grant_id)
        .order_by(Payment.number, Attempt.number)
    )
    latest = {payment.id: (payment, attempt) for payment, attempt in desk.session.execute(found)}
    return list(latest.values())


def open_link(desk: Desk, grant_id: int) -> Link | None:
    """Returns the link that opens a grant's page now, or None; the link itself cannot be shown again."""
    alive = select(Link).where(Link.grant_id == grant_id, Link.revoked_at.is_(None), Link.expires_at > desk.now())
    return desk.session.scalar(alive.order_by(Link.id.desc()).limit(1))


def history(desk: Desk, things: Iterable[tuple[str, int]], limit: int = 60) -> Sequence[tuple[EventRow, str | None]]:
    """Returns what happened to some things, ``("grant", 7)`` and the like, newest first, with who did it."""
    about = [and_(EventRow.subject == subject, EventRow.subject_id == number) for subject, number in things]
    found = select(EventRow, User.name).outerjoin(User, User.id == EventRow.actor_id).where(or_(*about))
    return desk.session.execute(found.order_by(EventRow.id.desc()).limit(limit)).all()


def funds(desk: Desk) -> Sequence[Fund]:
    """Returns every fund with its funder: open ones first, by name."""
    return desk.session.scalars(select(Fund).order_by(Fund.is_open.desc(), Fund.name, Fund.id)).all()


def earlier(desk: Desk, number: int | None) -> tuple[str, timedelta] | None:
    """Returns the reference of a possible earlier application and how long ago it came, where the actor may see it."""
    if number is None:
        return None
    found = select(Application.reference, Application.submitted_at).where(Application.id == number, reachable(desk))
    row = desk.session.execute(found).first()
    return (row[0], desk.now() - row[1]) if row else None


def reachable(desk: Desk) -> ColumnElement[bool]:
    """Returns the condition on applications that the actor may read: a partner's own referrals, staff's all."""
    if desk.actor.may("apply.read"):
        return true()
    return Application.partner_id == (desk.actor.user_id or -1)


def _reachable_grants(desk: Desk) -> ColumnElement[bool]:
    if desk.actor.may("apply.read"):
        return true()
    own = select(Application.id).where(Application.partner_id == (desk.actor.user_id or -1))
    return Grant.application_id.in_(own)


def _beginning(need: str) -> str:
    first = next((line.strip() for line in need.splitlines() if line.strip()), "")
    return first if len(first) <= 160 else f"{first[:157].rstrip()}…"
