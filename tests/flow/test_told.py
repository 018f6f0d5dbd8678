"""Told: nobody is found by subtracting what is told on one day from what is told on another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from grants.domain.money import Money
from grants.domain.terms import Pace, Schedule, Statement, Terms
from grants.flow import confirm, learn
from grants.flow.desk import Actor, Desk
from grants.flow.learn.told import figures_told, joined, months_told, purposes_told
from grants.flow.step import advance
from grants.model.funds import Fund
from grants.model.grants import Grant
from tests.conftest import Clock
from tests.flow.assuring import a_written_policy, pay_by_hand
from tests.scenes import a_fund, a_grant, a_worker


def told(desk: Desk, fund: Fund) -> dict[str, int]:
    """Everything that a funder is told of a fund, by name: counts and amounts, tables too."""
    seen = learn.statement(desk, fund)
    found = {}
    for step in seen.steps:
        found[f"{step.name} count"], found[f"{step.name} amount"] = step.count or 0, step.amount or 0
    for name, bars in (("month", seen.months), ("purpose", seen.purposes)):
        for bar in bars or ():
            found[f"{name} {bar.key} count"], found[f"{name} {bar.key} amount"] = bar.count or 0, bar.amount or 0
    found["left"] = seen.left or 0
    return found


def life(desk: Desk, fund: Fund, clock: Clock, steps: int) -> Iterator[None]:
    """Lives through awards, payments, words and cancellations by chance, one at a time.

    Each grant is of £100 and some pence of its own, so that a difference tells of how many grants it is.
    """
    chance = random.Random(7)
    worker, one, two = a_worker(desk), a_worker(desk, "finance", limit=0), a_worker(desk, "finance", limit=0)
    alive: list[Grant] = []
    paid: list[Grant] = []
    for n in range(steps):
        act = chance.choice(("award", "award", "award", "pay", "pay", "say", "cancel", "month"))
        if act == "award":
            code = chance.choice(("GTIP050", "GTIP050", "GTIP080", "GTIP070"))
            alive.append(a_grant(desk, fund, worker, amount=Money(100_00 + n), purposes=(code,)))
        elif act == "pay" and alive:
            grant = alive.pop(chance.randrange(len(alive)))
            pay_by_hand(desk, grant, one, two)
            paid.append(grant)
        elif act == "say" and paid:
            confirm.arrived(desk.acting(Actor(kind="recipient")), paid.pop(chance.randrange(len(paid))))
        elif act == "cancel" and alive and chance.random() < 0.4:
            advance(desk, alive.pop(chance.randrange(len(alive))), "cancel")
        elif act == "month":
            clock.move(days=9)
        clock.move(seconds=1)
        yield


def test_what_is_told_moves_by_whole_lots_or_not_at_all(desk: Desk, clock: Clock) -> None:
    smallest = 3
    terms = Terms(statement=Statement(smallest_cell=smallest))
    fund = a_fund(desk, pounds=50_000, policy=a_written_policy(desk, "three", terms))
    views = [told(desk, fund)]
    for _ in life(desk, fund, clock, 150):
        views.append(told(desk, fund))
    assert views[-1]["awarded count"] > 40
    assert views[-1]["confirmed count"] > 0
    for name in views[-1]:
        if name.endswith("count"):
            values = [view.get(name, 0) for view in views]
            assert all(value % smallest == 0 for value in values), name
    for name in views[-1]:
        if name.endswith("amount") or name == "left":
            values = [view.get(name, 0) for view in views if name != "left" or view["left"]]
            assert not {grants_in(b - a) % smallest for a, b in pairwise(values)} - {0}, name


def grants_in(pence: int) -> int:
    """Returns of how many grants a difference in money is."""
    return round(abs(pence) / 100_00)


def test_two_views_far_apart_differ_by_whole_lots_too(desk: Desk, clock: Clock) -> None:
    terms = Terms(statement=Statement(smallest_cell=5))
    fund = a_fund(desk, pounds=50_000, policy=a_written_policy(desk, "five", terms))
    views = []
    for n, _ in enumerate(life(desk, fund, clock, 120)):
        if n % 7 == 0:
            views.append(told(desk, fund))
    for i, before in enumerate(views):
        for after in views[i + 1 :]:
            for name in after:
                gap = after[name] - before.get(name, 0)
                if name.endswith("count"):
                    assert gap % 5 == 0, name
                elif name.endswith("amount"):
                    assert grants_in(gap) % 5 == 0, name


def test_rows_lie_within_the_whole_and_what_is_left_out_is_a_lot(desk: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=50_000)
    for _ in life(desk, fund, clock, 120):
        pass
    whole = joined(desk, fund)
    for table in (months_told(desk, fund), purposes_told(desk, fund)):
        rest = whole - sum(tally.count for tally in table.values())
        assert rest >= 0
        assert rest % 5 == 0


def test_instalments_count_by_the_people_and_not_by_the_payments(desk: Desk, clock: Clock) -> None:
    """Ten payments to one person are no lot: each instalment waits until five people had theirs."""
    terms = Terms(schedule=Schedule(parts=3, every_days=7, choices=(Pace(parts=1),)))
    fund = a_fund(desk, pounds=50_000, policy=a_written_policy(desk, "weekly", terms))
    worker, one, two = a_worker(desk), a_worker(desk, "finance", limit=0), a_worker(desk, "finance", limit=0)
    grants = [a_grant(desk, fund, worker, amount=Money(300_00)) for _ in range(6)]
    clock.move(days=30)
    for grant in grants[:4]:
        pay_by_hand(desk, grant, one, two)
    [found] = figures_told(desk, [fund])
    assert (found.paid.count, found.paid.amount) == (4, 0), "told as a few, with no amount"
    pay_by_hand(desk, grants[4], one, two)
    [found] = figures_told(desk, [fund])
    assert (found.paid.count, found.paid.amount) == (5, 1500_00)


def test_the_books_are_proved_to_the_last_penny_all_the_same(desk: Desk) -> None:
    fund = a_fund(desk, pounds=10_000)
    grants = [a_grant(desk, fund) for _ in range(7)]
    [found] = figures_told(desk, [fund])
    assert found.books_agree
    grants[6].amount += 1
    desk.session.flush()
    assert not figures_told(desk, [fund])[0].books_agree


@pytest.mark.parametrize("many", [0, 1, 4, 5, 9, 10])
def test_the_newest_wait_for_the_next_lot(desk: Desk, clock: Clock, many: int) -> None:
    fund = a_fund(desk, pounds=10_000)
    worker = a_worker(desk)
    for _ in range(many):
        a_grant(desk, fund, worker)
        clock.move(minutes=1)
    seen = learn.statement(desk, fund)
    assert joined(desk, fund) == many - many % 5
    if 0 < many < 5:
        assert seen.has_small
        assert seen.left is None
    else:
        assert (seen.steps[0].count, seen.steps[0].amount) == (many - many % 5, (many - many % 5) * 150_00)


def test_what_came_after_the_day_is_left_out(desk: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=10_000)
    worker = a_worker(desk)
    for _ in range(6):
        a_grant(desk, fund, worker)
    then = desk.now() + timedelta(hours=1)
    before = told(desk, fund)
    clock.move(days=1)
    for _ in range(10):
        a_grant(desk, fund, worker)
    [found] = figures_told(desk, [fund], then)
    assert (found.awarded.count, joined(desk, fund, then)) == (5, 5)
    assert before["awarded count"] == 5
    assert told(desk, fund)["awarded count"] == 15
