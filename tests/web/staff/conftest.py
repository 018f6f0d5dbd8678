"""An office for the stories of the staff door: five people, a fund, and a payment service nobody calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from grants.app import desk_over, house_of
from grants.config import Settings
from grants.domain.money import Money
from grants.flow import pay
from grants.flow.desk import Actor, Desk
from grants.flow.pay.record import record_outcomes
from grants.flow.step import advance
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.model.users import User
from grants.offers import Outcome
from grants.web.edge import actor_of
from tests.conftest import SignIn, Start, add_user, browser
from tests.scenes import a_fund, a_grant, a_worker
from tests.visitor import Visitor

STAFF = {
    "ann": ("front-line",),
    "ben": ("finance",),
    "gita": ("manager",),
    "mona": ("manager",),
    "hugo": ("front-line",),
    "tess": ("trustee",),
}
"""Ann decides, Ben puts runs together, Gita and Mona release and act, Hugo hands over cash, Tess looks on."""


@dataclass
class Office:
    """The people of the charity, each with a browser of their own."""

    app: Flask
    sign_in: SignIn
    staff: dict[str, User] = field(default_factory=dict)
    fund: Fund | None = None
    browsers: dict[str, Visitor] = field(default_factory=dict)

    @contextmanager
    def desk(self, who: str = "") -> Iterator[Desk]:
        """Opens a desk for somebody (nobody: the system) and commits at its end."""
        house = house_of(self.app)
        with house.database.transaction() as session:
            yield desk_over(house, session, actor_of(self.staff[who]) if who else Actor())

    def at(self, who: str) -> Visitor:
        """Returns somebody’s browser, signed in."""
        if who not in self.browsers:
            self.browsers[who] = browser(self.app)
            self.sign_in(self.browsers[who], user=self.staff[who])
        return self.browsers[who]

    def award(self, **more: Any) -> int:
        """Ann awards £150; returns the id of the grant."""
        with self.desk() as desk:
            fund = desk.session.get_one(Fund, self.fund.id if self.fund else 0)
            return a_grant(desk, fund, desk.session.get_one(User, self.staff["ann"].id), **more).id

    def grant(self, grant_id: int) -> Grant:
        """Returns a grant as it is now."""
        with self.desk() as desk:
            return desk.session.get_one(Grant, grant_id)

    def payment(self, grant_id: int) -> Payment:
        """Returns the first payment of a grant as it is now."""
        with self.desk() as desk:
            return desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).first()  # type: ignore[return-value]

    def attempt(self, grant_id: int) -> Attempt:
        """Returns the newest attempt of a grant’s payments as it is now."""
        with self.desk() as desk:
            found = select(Attempt).join(Payment).where(Payment.grant_id == grant_id).order_by(Attempt.id.desc())
            return desk.session.scalars(found).first()  # type: ignore[return-value]

    def run(self, run_id: int) -> Run:
        """Returns a run as it is now."""
        with self.desk() as desk:
            return desk.session.get_one(Run, run_id)

    def build(self) -> int:
        """Ben puts a run together; returns its id."""
        with self.desk("ben") as desk:
            return pay.build_run(desk, "stripe").id

    def sent(self, run_id: int, **outcomes: Outcome) -> None:
        """Gita releases the run, and the payment service says what became of each grant’s payment (``g7=…``)."""
        with self.desk("gita") as desk:
            pay.release(desk, desk.session.get_one(Run, run_id))
        with self.desk() as desk:
            advance(desk, desk.session.get_one(Run, run_id), "start")
            told = {}
            for attempt in desk.session.scalars(select(Attempt).where(Attempt.run_id == run_id)):
                attempt.sent_at = desk.now()
                advance(desk, attempt, "send")
                told[attempt.id] = outcomes.get(f"g{attempt.payment.grant_id}", Outcome(state="settled"))
            record_outcomes(desk, told)


@pytest.fixture
def office(start: Start, settings: Settings, sign_in: SignIn) -> Office:
    """An office with money to give, where bank payments go by the payment service."""
    app = start(replace(settings, stripe_api_key="sk_test_office", stripe_financial_account="fa_office"))
    made = Office(app, sign_in)
    with made.desk() as desk:
        for name, roles in STAFF.items():
            add = a_worker if name == "ann" else add_user
            made.staff[name] = add(desk, *roles, name=name.title())
        made.fund = a_fund(desk, pounds=5000)
        desk.session.execute(update(User).where(User.name.startswith("Manager ")).values(active=False))
    with made.desk("gita") as desk:
        pay.top_up(desk, Money(1000_00))
    return made


Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(office: Office) -> Counting:
    """Counts what a page asks of the database: ``with statements() as sent:``."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        engine = house_of(office.app).database.engine
        sent: list[str] = []

        def note(*given: Any) -> None:
            if not given[2].startswith(("BEGIN", "PRAGMA", "SET", "COMMIT", "ROLLBACK")):
                sent.append(given[2])

        event.listen(engine, "before_cursor_execute", note)
        yield sent
        event.remove(engine, "before_cursor_execute", note)

    return counting
