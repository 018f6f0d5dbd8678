"""A charity whose one policy is whatever terms a story needs: asks, conditions, pictures, reminders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from grants.app import desk_over, house_of, job_context
from grants.domain.later import Notebook
from grants.domain.terms import Ask, Schedule, Terms
from grants.flow import confirm
from grants.flow.desk import Actor, Desk
from grants.jobs.context import run_by_hand
from grants.jobs.registry import JOBS
from grants.model.asks import GrantAsk
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.users import User
from grants.offers import Message, Messenger, Policy
from grants.web import edge
from grants.web.edge import House, actor_of
from tests.conftest import add_user, browser
from tests.scenes import a_fund, a_grant, a_worker
from tests.visitor import Visitor

RECEIPTS = Ask(
    slug="receipts",
    title="Show what you bought",
    purpose="The funder wants to know.",
    minutes=10,
    due_days=10,
    intrusiveness="document",
    accepts=("photo", "bank_line", "own_words"),
)

CONDITION = replace(RECEIPTS, if_missed="hold_next_payment")

IN_PARTS = Schedule(parts=3, every_months=1)


@dataclass
class Asking:
    """The charity: its app, who works there, what its policy says now, and what was sent."""

    app: Flask
    terms: Terms = field(default_factory=Terms)
    staff: dict[str, User] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)

    @property
    def house(self) -> House:
        """Returns the house, with the one policy and a messenger that keeps what it is given."""
        return house_of(self.app)

    @contextmanager
    def desk(self, who: str = "") -> Iterator[Desk]:
        """Opens a desk for somebody (nobody: the system) and commits at its end."""
        with self.house.database.transaction() as session:
            yield desk_over(self.house, session, actor_of(self.staff[who]) if who else Actor())

    def join(self, name: str, *roles: str) -> User:
        """Lets somebody join the charity."""
        with self.desk() as desk:
            add = a_worker if {"front-line", "manager"} & set(roles) else add_user
            self.staff[name] = add(desk, *roles, name=name.title())
        return self.staff[name]

    def fund(self, *asks: Ask, **more: Any) -> int:
        """Makes a fund that asks this; ``schedule`` says how it pays."""
        self.terms = Terms(asks=asks, schedule=more.pop("schedule", Schedule()))
        with self.desk() as desk:
            return a_fund(desk, policy="asks", **more).id

    def award(self, fund: int, **more: Any) -> int:
        """Awards £150 from the fund to somebody new, who is sent their link; returns the id of the grant."""
        with self.desk() as desk:
            made = a_grant(desk, desk.session.get_one(Fund, fund), **more).id
        self.strikes()
        return made

    def link(self, grant: int) -> str:
        """Makes a link to the recipient’s page and returns its token."""
        with self.desk() as desk:
            return confirm.new_link(desk, desk.session.get_one(Grant, grant))

    def ask(self, grant: int) -> GrantAsk:
        """Returns the only ask of a grant as it is now."""
        with self.desk() as desk:
            return desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == grant)).one()

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Returns what was written down with these events, oldest first."""
        with self.desk() as desk:
            found = select(EventRow.data).where(EventRow.name.in_(names)).order_by(EventRow.id)
            return list(desk.session.scalars(found))

    def phone(self) -> Visitor:
        """Returns a browser that nobody is signed in with."""
        return browser(self.app)

    def strikes(self, *jobs: str) -> None:
        """Lets the clock start these jobs, and does them with what they queue."""
        notebook = self.house.later
        assert isinstance(notebook, Notebook)
        notebook.jobs += [(job, ()) for job in jobs]
        run_by_hand(JOBS, job_context(self.house), notebook)


@pytest.fixture
def asking(app: Flask) -> Asking:
    """A charity whose one policy says what ``asking.fund`` was given."""
    made = Asking(app)
    house = house_of(app)
    policy = Policy(slug="asks", title="Asks", promise="It asks.", terms=lambda settings, facts: made.terms)
    kept = Messenger(slug="kept", title="Kept", channel="email", send=made.sent.append)
    catalogue = replace(
        house.catalogue, policies=MappingProxyType({"asks": policy}), messengers=MappingProxyType({"kept": kept})
    )
    app.extensions[edge.KEY] = replace(house, catalogue=catalogue)
    return made


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    """Returns a picture as a phone or a browser sends it."""
    out = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, (0, 128, 128) if mode == "RGB" else (0, 128, 128, 200)).save(out, kind, **more)
    return out.getvalue()
