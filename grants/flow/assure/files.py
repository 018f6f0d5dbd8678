"""Files: what held records prove of one drawn grant, with nobody contacted: no name, no contact, no free words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from grants.domain.errors import Refusal
from grants.domain.roles import ROLES
from grants.domain.terms_json import load
from grants.flow.assure.draws import held
from grants.flow.assure.passes import holds
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.applications import Decision
from grants.model.asks import GrantAsk
from grants.model.confirmations import Confirmation
from grants.model.delegations import Delegation
from grants.model.draws import Drawn
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.model.users import User

FINDINGS = ("fine", "question")
"""What somebody who looked can find: it is in order, or there is a question."""


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment: its amount in minor units, the day it settled (None: not yet), the last three characters of its
    reference, and whether somebody else than whoever decided let it go.
    """

    amount: int
    settled_on: date | None
    ends_with: str
    two_people: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is held of one drawn grant. ``words_kept`` says that words exist; the words themselves are never here.

    ``attested_by`` is worker, referrer or document, ``roles`` are the titles of the roles of whoever decided,
    ``limit`` the limit (minor units) that trustees had approved on ``limit_on``, None where a second person agreed.
    ``confirmed`` is the day on which the person said that the money came.
    """

    number: str
    amount: int
    currency: str
    awarded_on: date
    attested: bool
    attested_by: str
    roles: tuple[str, ...]
    second_roles: tuple[str, ...]
    limit: int | None
    limit_on: date | None
    payments: tuple[Paid, ...]
    confirmed: date | None
    asks: tuple[tuple[str, int], ...]
    outcome: str = ""
    note: str = ""

    @property
    def within(self) -> bool:
        """Returns whether the decision was two people's, or within a limit that trustees had set."""
        return bool(self.second_roles) or (self.limit is not None and self.limit >= self.amount)

    @property
    def arrived(self) -> bool:
        """Returns whether every payment of it settled."""
        return bool(self.payments) and all(paid.settled_on for paid in self.payments)


def open_file(desk: Desk, row: Drawn) -> File:
    """Returns the file of one drawn grant, and writes down who looked.

    Staff who draw may look; an auditor only while a pass lasts, and only where the grant's own terms let files be
    seen. Raises NotAllowed or Refusal otherwise.
    """
    if row.draw.kind != "files":
        raise Refusal("file.kind", "People were drawn here, not files.")
    given = _may_look(desk, row)
    by_pass: dict[str, Any] = {"pass": given} if given else {}
    record(desk, "assure.file_seen", "drawn", row.id, draw=row.draw_id, **by_pass)
    return _file(desk, row)


def judge(desk: Desk, row: Drawn, outcome: str, note: str = "") -> Drawn:
    """Writes down what was found in a file; a question needs a note, which names nobody.

    Raises Refusal once the draw is closed.
    """
    _may_look(desk, row)
    if held(desk, row.draw).closed_at is not None:
        raise Refusal("file.closed", "This check has ended. Its findings stand.")
    if row.draw.kind != "files" or outcome not in FINDINGS:
        raise Refusal("file.outcome", "Choose whether it is in order.", "outcome")
    if outcome == "question" and not note.strip():
        raise Refusal("file.note", "Write down what the question is. Name nobody.", "note")
    row.outcome, row.note, row.by, row.at = outcome, note.strip(), desk.actor.user_id, desk.now()
    desk.session.flush()
    record(desk, "assure.file_judged", "drawn", row.id, draw=row.draw_id, outcome=outcome)
    return row


def _may_look(desk: Desk, row: Drawn) -> int | None:
    """Returns the number of the pass of an auditor, None for staff; raises when neither may look."""
    if desk.actor.may("assure.draw"):
        desk.need("assure.draw")
        return None
    desk.need("assure.look")
    given = holds(desk, row.draw_id)
    if given is None:
        raise Refusal("pass.over", "Your time for these files is over. The charity can give you more.")
    if not load(row.grant.terms).statement.file_check:
        raise Refusal("file.not_in_terms", "When this grant was made, its terms let nobody from outside see its file.")
    return given.id


def _file(desk: Desk, row: Drawn) -> File:
    grant = row.grant
    decision = desk.session.scalar(
        select(Decision)
        .where(Decision.application_id == grant.application_id, Decision.kind == "award")
        .where(Decision.withdrawn_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(1)
    )
    limit = _limit(desk, grant)
    roles = _roles(desk, (grant.decided_by, grant.second_by))
    said = select(func.min(Confirmation.at)).where(Confirmation.grant_id == grant.id, Confirmation.kind == "arrived")
    confirmed = desk.session.scalar(said)
    asks = select(GrantAsk.state, func.count()).where(GrantAsk.grant_id == grant.id).group_by(GrantAsk.state)
    return File(
        number=row.number,
        amount=grant.amount,
        currency=grant.currency,
        awarded_on=grant.awarded_on,
        attested=bool(decision and decision.eligible),
        attested_by=load(grant.terms).eligibility.attested_by,
        roles=roles.get(grant.decided_by, ()),
        second_roles=roles.get(grant.second_by or 0, ()),
        limit=limit.per_grant if limit else None,
        limit_on=limit.approved_on if limit else None,
        payments=_payments(desk, grant),
        confirmed=confirmed.date() if confirmed else None,
        asks=tuple((state, count) for state, count in desk.session.execute(asks.order_by(GrantAsk.state))),
        outcome=row.outcome,
        note=row.note,
    )


def _limit(desk: Desk, grant: Grant) -> Delegation | None:
    """Returns the limit under which the grant was decided, as it stood at that moment."""
    found = (
        select(Delegation)
        .where(Delegation.user_id == grant.decided_by, Delegation.currency == grant.currency)
        .where(Delegation.approved_on <= grant.awarded_on, Delegation.recorded_at <= grant.awarded_at)
        .where(or_(Delegation.ended_at.is_(None), Delegation.ended_at > grant.awarded_at))
        .order_by(Delegation.id.desc())
        .limit(1)
    )
    return desk.session.scalar(found)


def _roles(desk: Desk, ids: Sequence[int | None]) -> dict[int, tuple[str, ...]]:
    found = select(User.id, User.role_names).where(User.id.in_([one for one in ids if one is not None]))
    return {user: tuple(ROLES[name].title for name in names) for user, names in desk.session.execute(found)}


def _payments(desk: Desk, grant: Grant) -> tuple[Paid, ...]:
    found = (
        select(Payment, Attempt, Run.released_by)
        .outerjoin(Attempt, (Attempt.payment_id == Payment.id) & (Attempt.state == "settled"))
        .outerjoin(Run, Run.id == Attempt.run_id)
        .where(Payment.grant_id == grant.id)
        .order_by(Payment.number, Attempt.id)
    )
    return tuple(_paid(grant, *row) for row in desk.session.execute(found))


def _paid(grant: Grant, payment: Payment, attempt: Attempt | None, released_by: int | None) -> Paid:
    if attempt is None:
        return Paid(payment.amount, None, "", False)
    hands: set[Any] = {released_by, attempt.recorded_by, attempt.confirmed_by} - {None, grant.decided_by}
    settled = attempt.paid_on or (attempt.settled_at.date() if attempt.settled_at else None)
    shown = attempt.hand_reference or payment.statement
    return Paid(payment.amount, settled, shown[-3:], bool(hands))
