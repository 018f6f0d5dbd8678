"""Deciding at one moment: never twice, never more than the fund, the person or the day allows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from grants.app import desk_over
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import decide, fund
from grants.flow.desk import Desk
from grants.model.applications import Application, Decision
from grants.model.books import Account, Journal
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.users import User
from grants.web.edge import House, actor_of
from tests.conftest import AtDesk
from tests.flow.deciding import a_day, award, count
from tests.scenes import ELIGIBLE, a_fund, a_worker, an_application


def all_at_once(house: House, acts: Sequence[Callable[[Desk], object]], users: Sequence[User]) -> list[str]:
    """Runs the acts at one moment, each in a transaction of its own; returns ``done`` or the code of the refusal."""
    begin = threading.Barrier(len(acts))

    def run(number: int) -> str:
        begin.wait(timeout=60)
        try:
            with house.database.transaction() as session:
                acts[number](desk_over(house, session, actor_of(users[number])))
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, range(len(acts))))


def test_a_hundred_people_award_at_one_moment_and_the_fund_is_never_overspent(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        to = a_fund(desk, 3700)
        ids = [an_application(desk, to, amount=Money(100_00)).id for _ in range(100)]
        workers = [a_worker(desk, name=f"Worker {n}") for n in range(100)]
    acts = [lambda desk, n=n: decide.award(desk, n, Money(100_00), ELIGIBLE) for n in ids]
    results = all_at_once(house, acts, workers)
    assert results.count("done") == 37
    assert results.count("fund.not_enough") == 63
    with at_desk() as desk:
        assert fund.available(desk, to) == Money(0)
        assert count(desk, Grant) == count(desk, Payment) == count(desk, Decision) == 37
        assert desk.session.scalar(select(func.sum(Account.balance))) == 0
        waiting = select(func.count()).select_from(Application).where(Application.state == "submitted")
        assert desk.session.scalar(waiting) == 63


def test_two_people_decide_at_one_moment_and_one_of_them_does(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        to = a_fund(desk, 5000)
        application = an_application(desk, to).id
        workers = [a_worker(desk, name=f"Worker {n}") for n in range(4)]
    acts: list[Callable[[Desk], object]] = [
        lambda desk: decide.award(desk, application, Money(150_00), ELIGIBLE),
        lambda desk: decide.decline(desk, application, "The council pays this"),
    ] * 2
    results = all_at_once(house, acts, workers)
    assert sorted(results) == ["application.decided"] * 3 + ["done"]
    with at_desk() as desk:
        assert count(desk, Decision) == 1
        assert count(desk, Grant) <= 1


def test_two_agree_to_one_proposal_at_one_moment_and_it_is_one_grant(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        proposed = award(desk, a_worker(desk, limit=0), an_application(desk, a_fund(desk))).decision.id
        managers = [a_worker(desk, "manager", name=f"Manager {n}") for n in range(3)]
    results = all_at_once(house, [lambda desk: decide.agree(desk, proposed)] * 3, managers)
    assert results.count("done") == 1
    with at_desk() as desk:
        assert count(desk, Grant) == 1
        assert desk.session.scalar(select(func.count()).select_from(Journal).where(Journal.kind == "J1")) == 1


def test_the_ceiling_of_one_person_holds_when_two_workers_award_at_one_moment(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        to = a_fund(desk, 5000, ceiling=Money(200_00))
        same = {"name": "Amina Yusuf", "email": "amina@post.example.org"}
        ids = [an_application(desk, to, **same).id for _ in range(4)]
        workers = [a_worker(desk, name=f"Worker {n}") for n in range(4)]
    acts = [lambda desk, n=n: decide.award(desk, n, Money(150_00), ELIGIBLE) for n in ids]
    results = all_at_once(house, acts, workers)
    assert sorted(results) == ["amount.over_ceiling"] * 3 + ["done"]


def test_the_limit_of_a_day_holds_when_one_worker_awards_from_two_windows(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        to = a_fund(desk, 50_000)
        worker = a_day(desk, a_worker(desk), 40_00)
        for _ in range(2):
            award(desk, worker, an_application(desk, to, amount=Money(10_00)), 10_00)
        ids = [an_application(desk, to, amount=Money(10_00)).id for _ in range(6)]
    acts = [lambda desk, n=n: decide.award(desk, n, Money(10_00), ELIGIBLE) for n in ids]
    all_at_once(house, acts, [worker] * 6)
    with at_desk() as desk:
        assert count(desk, Grant) == 4
        assert desk.session.scalar(select(func.count()).select_from(Decision).where(Decision.waiting)) == 4
