"""Choosing kindly: the fund that asks least comes first, and an application may move there with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import decide, fund, kindly
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.funds import Fund
from tests.scenes import ELIGIBLE, a_fund, a_grant, a_worker, an_application, at


@pytest.fixture
def funds(desk: Desk) -> dict[str, Fund]:
    """One fund of each weight."""
    return {slug: a_fund(desk, policy=slug) for slug in ("full-receipts", "light-report", "unconditional")}


@pytest.fixture
def waiting(desk: Desk, funds: dict[str, Fund]) -> Application:
    """Somebody who asked the heaviest fund for £150."""
    heavy = funds["full-receipts"]
    return an_application(desk, heavy, extra={q.slug: "As you asked." for q in fund.terms_of(heavy).questions})


def slugs(desk: Desk, application: Application) -> list[str]:
    """Returns the policies of the funds that could help, in their order."""
    return [choice.fund.policy_slug for choice in kindly.choices(desk, application)]


def test_the_fund_that_asks_least_comes_first_and_where_it_is_now_is_marked(desk: Desk, waiting: Application) -> None:
    assert slugs(desk, waiting) == ["unconditional", "light-report", "full-receipts"]
    assert [choice.here for choice in kindly.choices(desk, waiting)] == [False, False, True]
    minutes = [choice.asks.minutes for choice in kindly.choices(desk, waiting)]
    assert minutes == sorted(minutes)
    assert minutes[0] == 3


def test_only_funds_that_could_help_today_are_shown(desk: Desk, waiting: Application, funds: dict[str, Fund]) -> None:
    manager = at(desk, a_worker(desk, "manager", limit=0))
    light = funds["light-report"]
    fund.set_open(manager, light, False)
    assert slugs(desk, waiting) == ["unconditional", "full-receipts"], "a closed fund is not"
    fund.set_open(manager, light, True)
    light.ceiling = 149_99
    assert slugs(desk, waiting) == ["unconditional", "full-receipts"], "nor one that gives less to one person"
    light.ceiling, light.currency = 1000_00, "EUR"
    assert slugs(desk, waiting) == ["unconditional", "full-receipts"], "nor one in another currency"
    light.currency, light.spend_by = "GBP", light.starts_on
    assert slugs(desk, waiting) == ["unconditional", "full-receipts"], "nor one whose time is over"
    light.spend_by = None
    poor = a_fund(desk, pounds=149)
    assert poor.policy_slug == "unconditional"
    assert slugs(desk, waiting) == ["unconditional", "light-report", "full-receipts"], "nor one without the money"


def test_what_this_person_has_had_from_a_fund_counts_there(desk: Desk, funds: dict[str, Fund]) -> None:
    known = {"name": "Ida Lund", "email": "ida@post.example.org"}
    funds["unconditional"].ceiling = 200_00
    a_grant(desk, funds["unconditional"], **known)
    again = an_application(desk, funds["light-report"], **known)
    assert "unconditional" not in slugs(desk, again), "£150 of £200 is had already"
    assert "unconditional" in slugs(desk, an_application(desk, funds["light-report"]))


def test_a_worker_moves_it_with_a_reason_and_only_what_the_new_fund_asks_is_kept(
    desk: Desk, waiting: Application, funds: dict[str, Fund]
) -> None:
    worker = at(desk, a_worker(desk))
    target = funds["unconditional"]
    with pytest.raises(Refusal, match="Say why"):
        kindly.move(worker, waiting.id, target.id, " ")
    moved = kindly.move(worker, waiting.id, target.id, "It asks for no receipts.")
    assert (moved.fund_id, moved.answers, moved.conditions) == (target.id, {}, [])
    event = desk.session.scalars(select(EventRow).where(EventRow.name == "application.moved")).one()
    assert event.data == {"before": funds["full-receipts"].id, "fund": target.id}
    assert event.why == "It asks for no receipts."
    decided = decide.award(worker, waiting.id, Money(150_00), ELIGIBLE)
    assert decided.grant is not None
    assert (decided.grant.fund_id, decided.grant.minutes) == (target.id, 0)


def test_a_fund_that_must_know_more_waits_for_an_answer_by_phone(desk: Desk, funds: dict[str, Fund]) -> None:
    worker = at(desk, a_worker(desk))
    heavy = funds["full-receipts"]
    row = an_application(desk, funds["unconditional"])
    missing = next(choice for choice in kindly.choices(desk, row) if choice.fund.id == heavy.id).missing
    assert missing, "it has questions that must be answered"
    with pytest.raises(Refusal, match="Ask the person by phone") as refused:
        kindly.move(worker, row.id, heavy.id, "They want it so.")
    assert missing[0].text in refused.value.message
    assert row.fund_id == funds["unconditional"].id
    answers = {question.slug: "They told me." for question in missing}
    moved = kindly.move(worker, row.id, heavy.id, "They want it so.", answers | {"nobody": "asked"})
    assert (moved.fund_id, moved.answers) == (heavy.id, answers)


def test_only_while_it_waits_and_before_anybody_proposed(
    desk: Desk, waiting: Application, funds: dict[str, Fund]
) -> None:
    worker = a_worker(desk)
    target = funds["unconditional"].id
    with pytest.raises(NotAllowed):
        kindly.move(at(desk, a_worker(desk, "partner", limit=0)), waiting.id, target, "Better.")
    with pytest.raises(NotAllowed):
        kindly.move(at(desk, a_worker(desk, "finance", limit=0)), waiting.id, target, "Better.")
    with pytest.raises(Refusal, match="cannot help"):
        kindly.move(at(desk, worker), waiting.id, funds["full-receipts"].id, "It is there already.")
    decide.award(at(desk, worker), waiting.id, Money(150_00), ELIGIBLE)
    with pytest.raises(Refusal, match="proposed already"):
        kindly.move(at(desk, worker), waiting.id, target, "Better.")
    other = an_application(desk, funds["light-report"])
    decide.decline(at(desk, worker), other.id, "Not this fund.")
    with pytest.raises(Refusal, match="does not wait"):
        kindly.move(at(desk, worker), other.id, target, "Better.")
