"""A payment run over the stand-in, so that confirmations can be measured while money is being sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from grants.app import desk_over, open_house
from grants.config import Settings
from grants.domain.money import Money
from grants.flow import apply, decide, pay, people
from grants.flow.desk import Actor, Desk
from grants.model.funds import Fund
from grants.model.runs import Run
from grants.model.users import User
from grants.standin.process import Standin
from grants.web.edge import House, actor_of
from tests.paying import through

RAIL = "stripe"


@contextmanager
def with_standin(settings: Settings) -> Iterator[Settings]:
    """Gives settings that pay through a stand-in, which is stopped at the end."""
    with Standin(Path(settings.home) / "standin", opening=10**9) as standin:
        yield through(settings, standin)


def award(settings: Settings, payments: int) -> None:
    """Lets so many people apply and be awarded through the flow, with money to pay them."""
    house = open_house(settings)
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        worker = people.invite(desk, people.NewUser(name="Amina Yu", email="a@example.org", roles=("front-line",)))
        people.invite(desk, people.NewUser(name="Ben Osei", email="b@example.org", roles=("finance",)))
        people.invite(desk, people.NewUser(name="Gita Rao", email="g@example.org", roles=("finance",)))
        limit, approved = Money(10**9), desk.today() - timedelta(days=1)
        people.set_limit(desk, worker, per_grant=limit, per_day=limit, per_person_per_year=limit, approved_on=approved)
        pay.top_up(_at(desk, "bea@"), Money(10**8), reference="Bench")
    house.database.close()
    award_more(settings, payments)


def award_more(settings: Settings, payments: int, first: int = 0) -> None:
    """Lets so many more people apply and be awarded, numbered from ``first`` on."""
    house = open_house(settings)
    for number in range(first, first + payments):
        with house.database.transaction() as session:
            _award_one(desk_over(house, session), number)
    house.database.close()


def _award_one(desk: Desk, number: int) -> None:
    fund = desk.session.scalars(select(Fund)).one()
    answers = apply.Answers(
        name=f"Leila Haddad {number}",
        amount=Money(150_00),
        how="bank",
        sort_code="10-88-00",
        account_number=f"{30_000_000 + number}",
        channel="email",
        contact_safe=True,
        email=f"leila{number}@post.example.org",
    )
    application = apply.submit(desk.acting(Actor(kind="recipient")), fund, answers)
    decide.award(_at(desk, "a@"), application.id, Money(150_00), "Known to us.")


def release(settings: Settings) -> int:
    """Builds a run and releases it, by two people; the server's engine sends it."""
    house = open_house(settings)
    run_id = build(house)
    let_go(house, run_id)
    house.database.close()
    return run_id


def build(house: House) -> int:
    """Lets one person build a run of all that is due, and returns its number."""
    with house.database.transaction() as session:
        return pay.build_run(_at(desk_over(house, session), "b@"), RAIL).id


def let_go(house: House, run_id: int) -> None:
    """Lets another person release a run."""
    with house.database.transaction() as session:
        desk = _at(desk_over(house, session), "g@")
        pay.release(desk, desk.session.get_one(Run, run_id))


def seconds_until_finished(settings: Settings, run_id: int, most: float = 300) -> float:
    """Waits for a run and returns the seconds from its release to its end."""
    house = open_house(settings)
    for _ in range(int(most * 5)):
        with house.database.session() as session:
            run = session.get_one(Run, run_id)
            if run.finished_at and run.released_at:
                house.database.close()
                return (run.finished_at - run.released_at).total_seconds()
        time.sleep(0.2)
    raise SystemExit("the run did not finish")


def _at(desk: Desk, start: str) -> Desk:
    return desk.acting(actor_of(desk.session.scalars(select(User).where(User.email.startswith(start))).one()))
