"""What stories of assurance begin with: a policy of any terms, a fund under it, and grants that were paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from grants.domain.policy_file import Written, write
from grants.domain.terms import Confirmation, Statement, Terms
from grants.domain.terms_json import dump
from grants.flow import assure, pay
from grants.flow.desk import Desk
from grants.model.draws import Draw
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.policies import PolicyFile
from grants.model.users import User
from tests.scenes import a_fund, a_grant, a_worker, at

SEEN = Terms(statement=Statement(file_check=True))
"""Terms that let an auditor look at drawn files."""

SAMPLED = Terms(
    confirmation=Confirmation(mode="sampled", confidence=80, margin=10), statement=Statement(file_check=True)
)
"""Terms under which some people are asked, and files may be seen."""


def a_written_policy(desk: Desk, slug: str, terms: Terms) -> str:
    """Adds a policy without code that two people accepted; returns its name."""
    row = PolicyFile(
        slug=slug,
        version=1,
        title=slug.title(),
        promise="As it says.",
        source=write(Written(slug=slug, title=slug.title(), promise="As it says.", terms=terms)),
        terms=dump(terms),
        proposed_at=desk.now(),
        state="accepted",
    )
    desk.session.add(row)
    desk.session.flush()
    return slug


def paid_grants(desk: Desk, fund: Fund, many: int, worker: User | None = None, **more: Any) -> list[Grant]:
    """Awards so many grants of £150 and pays each by hand, by two people of finance."""
    worker = worker or a_worker(desk)
    one, two = a_worker(desk, "finance", limit=0), a_worker(desk, "finance", limit=0)
    made = [a_grant(desk, fund, worker, **more) for _ in range(many)]
    for grant in made:
        pay_by_hand(desk, grant, one, two)
    return made


def pay_by_hand(desk: Desk, grant: Grant, one: User, two: User) -> None:
    """Pays what is left of a grant by hand."""
    payments = desk.session.query(Payment).filter(Payment.grant_id == grant.id, Payment.done.is_(False))
    for payment in payments.order_by(Payment.number).all():
        attempt = pay.record_by_hand(at(desk, one), payment, desk.today(), f"BANK {payment.id}")
        pay.confirm_by_hand(at(desk, two), attempt)


def a_sampled_fund(desk: Desk, pounds: int = 10_000) -> Fund:
    """Adds a fund whose terms ask a sample of people."""
    return a_fund(desk, pounds=pounds, policy=a_written_policy(desk, "sampled", SAMPLED))


def a_draw(mona: Desk, fund: Fund, kind: str = "files", **more: object) -> Draw:
    """Announces a draw from the fund’s first day to today, or as said, and makes it."""
    new = assure.NewDraw(kind=kind, from_on=fund.starts_on, up_to=mona.today(), why="A question about the bank.")
    return assure.make(mona, assure.announce(mona, fund, replace(new, **more)))


def events(desk: Desk, name: str) -> list[EventRow]:
    """Returns the events of this name, oldest first."""
    return list(desk.session.scalars(select(EventRow).where(EventRow.name == name).order_by(EventRow.id)))
