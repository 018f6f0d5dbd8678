"""The charity's line: set by managers and trustees; beyond it a policy needs a reason that the funder reads."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import fund, line
from grants.flow.desk import Desk
from grants.model.events import EventRow
from grants.model.funds import Fund
from tests.scenes import a_fund, a_worker, at


@pytest.fixture
def manager(desk: Desk) -> Desk:
    """A manager's desk."""
    return at(desk, a_worker(desk, "manager", limit=0))


def test_each_line_is_kept_and_the_newest_holds(desk: Desk, manager: Desk) -> None:
    assert line.newest(desk) is None
    trustee = at(desk, a_worker(desk, "trustee", limit=0))
    line.set_line(trustee, 10, "document", Money(12_00), "To begin with.")
    line.set_line(manager, 5, "own_words", Money(12_71))
    now = line.newest(desk)
    assert now is not None
    assert (now.share, now.intrusiveness, now.hourly) == (5, "own_words", 12_71)
    assert [row.share for row in line.history(desk)] == [5, 10]
    events = desk.session.scalars(select(EventRow).where(EventRow.name == "line.set").order_by(EventRow.id)).all()
    assert [event.data["share"] for event in events] == [10, 5]


@pytest.mark.parametrize("role", ["front-line", "finance", "examiner", "partner"])
def test_only_managers_and_trustees_draw_it(desk: Desk, role: str) -> None:
    with pytest.raises(NotAllowed):
        line.set_line(at(desk, a_worker(desk, role, limit=0)), 5, "none", Money(12_00))


def test_what_makes_no_sense_is_refused(manager: Desk) -> None:
    for share, reach, hourly, code in (
        (101, "none", Money(1), "line.share"),
        (-1, "none", Money(1), "line.share"),
        (5, "everything", Money(1), "line.reach"),
        (5, "none", Money(0), "line.hourly"),
        (5, "none", Money(1, "EUR"), "line.hourly"),
    ):
        with pytest.raises(Refusal) as refused:
            line.set_line(manager, share, reach, hourly)
        assert refused.value.code == code
    assert line.newest(manager) is None


def test_without_a_line_nothing_is_in_the_way(desk: Desk) -> None:
    assert a_fund(desk, policy="full-receipts").over_line == ""


def test_beyond_the_line_a_reason_is_kept_with_the_fund_and_told_as_an_event(desk: Desk, manager: Desk) -> None:
    line.set_line(manager, 5, "own_words", Money(12_00))
    light = a_fund(desk)
    with pytest.raises(Refusal, match="the funder reads it") as refused:
        fund.choose_policy(manager, light, "full-receipts", {}, "  ")
    assert refused.value.field == "why_over"
    desk.session.refresh(light)
    assert light.policy_slug == "unconditional"
    fund.choose_policy(manager, light, "full-receipts", {}, "Their trustees meet in May.")
    assert light.over_line == "Their trustees meet in May."
    event = desk.session.scalars(select(EventRow).where(EventRow.name == "fund.over_line")).one()
    assert (event.subject_id, event.why, event.data["policy"]) == (light.id, light.over_line, "full-receipts")
    fund.choose_policy(manager, light, "unconditional", {})
    assert light.over_line == "", "within the line again"


def test_a_new_fund_is_held_against_the_line_by_its_usual_award(desk: Desk, manager: Desk) -> None:
    line.set_line(manager, 20, "account_access", Money(12_00))
    large = a_fund(desk, policy="full-receipts", typical=Money(1000_00))
    assert large.over_line == "", "an hour or two are little beside £1,000"
    with pytest.raises(Refusal, match="more of people"):
        a_fund(desk, policy="full-receipts", typical=Money(50_00))
    small = a_fund(desk, policy="full-receipts", typical=Money(50_00), why_over="One year only.")
    assert (small.typical, small.over_line) == (50_00, "One year only.")
    assert line.typical_of(small) == Money(50_00)
    small.typical = None
    assert line.typical_of(small) == Money(1000_00), "unless somebody says so, the most that one person can have"
    with pytest.raises(Refusal, match="more than one person can have"):
        a_fund(desk, typical=Money(1000_01))


def test_an_hour_in_another_currency_is_an_assumption(desk: Desk, manager: Desk) -> None:
    row = line.set_line(manager, 5, "none", Money(12_71))
    assert line.hourly(row, "GBP") == 12_71
    assert line.hourly(row, "EUR") == line.hourly(None, "EUR") > 0


def test_choosing_again_what_is_over_needs_a_reason_again(desk: Desk, manager: Desk) -> None:
    heavy = a_fund(desk, policy="full-receipts")
    line.set_line(manager, 5, "own_words", Money(12_00))
    with pytest.raises(Refusal):
        fund.choose_policy(manager, heavy, "full-receipts", {"days": 60})
    desk.session.expire_all()
    assert desk.session.get_one(Fund, heavy.id).over_line == ""
