"""The second person: who needs one, who may be one, and what is looked at again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.terms import Authority, Band, Terms
from grants.flow import decide, fund
from grants.flow.authority import why_second_for
from grants.flow.desk import Desk
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.offers import Policy
from tests.conftest import Clock
from tests.flow.deciding import a_day, award, count, with_policy
from tests.scenes import PAPERS, a_fund, a_worker, an_application, at


def test_no_recorded_limit_or_one_too_small_asks_a_second_person(desk: Desk) -> None:
    to = a_fund(desk)
    for limit, said in ((0, "No limit is recorded"), (100_00, "one grant is £100.00")):
        decided = award(desk, a_worker(desk, limit=limit), an_application(desk, to))
        assert decided.grant is None
        assert decided.decision.waiting
        assert said in decided.decision.why_second
    assert count(desk, Grant) == 0
    assert fund.available(desk, to) == Money(1000_00)


def test_the_limit_of_a_day_counts_what_was_awarded_alone_today(desk: Desk, clock: Clock) -> None:
    to = a_fund(desk, 100_000)
    worker = a_day(desk, a_worker(desk), 30_00)
    for _ in range(3):
        assert award(desk, worker, an_application(desk, to, amount=Money(10_00)), 10_00).grant
    last = award(desk, worker, an_application(desk, to, amount=Money(10_00)), 10_00)
    assert last.grant is None
    assert "one day is £30.00" in last.decision.why_second
    clock.move(days=1)
    assert award(desk, worker, an_application(desk, to, amount=Money(10_00)), 10_00).grant


def test_the_limit_for_one_person_in_a_year_counts_every_worker_s_grants(desk: Desk, clock: Clock) -> None:
    to = a_fund(desk, 100_000, ceiling=Money(9000_00))
    same = {"name": "Amina Yusuf", "email": "amina@post.example.org", "amount": Money(500_00)}
    for _ in range(2):
        assert award(desk, a_worker(desk, limit=1000_00), an_application(desk, to, **same), 500_00).grant
    worker = a_worker(desk, limit=100_00)  # £1,000 for one person in a year
    third = an_application(desk, to, **same | {"amount": Money(50_00)})
    assert "one person in a year is £1,000.00" in award(desk, worker, third, 50_00).decision.why_second
    clock.move(days=365)
    later = an_application(desk, to, **same | {"amount": Money(50_00)})
    assert award(desk, worker, later, 50_00).grant


def test_the_policy_may_ask_for_two_people(desk: Desk) -> None:
    to = a_fund(desk, policy="full-receipts")
    application = an_application(desk, to, extra=PAPERS)
    decided = award(desk, a_worker(desk), application)
    assert decided.decision.why_second == (
        "This fund asks two people to agree to an award of this size, one of them a manager."
    )


def test_what_the_policy_says_of_this_very_person_decides_who_decides(desk: Desk) -> None:
    """The fund's own terms are for a typical award; the terms at the award are the ones that count."""
    alone, two = Terms(), Terms(authority=Authority(bands=(Band(people=2),)))
    policy = Policy(
        slug="fixed",
        title="Fixed",
        promise="First one alone, later ones by two.",
        terms=lambda settings, facts: alone if facts.first_grant else two,
    )
    here = with_policy(desk, policy)
    to = a_fund(here, policy="fixed")
    same = {"name": "Amina Yusuf", "email": "amina@post.example.org"}
    worker = a_worker(here)
    assert award(here, worker, an_application(here, to, **same)).grant
    assert award(here, worker, an_application(here, to, **same)).grant is None


def test_a_second_person_agrees_and_is_named(desk: Desk) -> None:
    to = a_fund(desk)
    proposed = award(desk, a_worker(desk, limit=0), an_application(desk, to)).decision
    manager = a_worker(desk, "manager")
    grant = decide.agree(at(desk, manager), proposed.id)
    assert (grant.decided_by, grant.second_by) == (proposed.by, manager.id)
    assert not proposed.waiting
    assert fund.available(desk, to) == Money(850_00)


def test_nobody_is_their_own_second_person(desk: Desk) -> None:
    manager = a_worker(desk, "manager", limit=0)
    proposed = award(desk, manager, an_application(desk, a_fund(desk))).decision
    with pytest.raises(NotAllowed) as refused:
        decide.agree(at(desk, manager), proposed.id)
    assert refused.value.code == "decision.same_person"
    with pytest.raises(NotAllowed):
        decide.agree(at(desk, a_worker(desk, "front-line")), proposed.id)
    assert count(desk, Grant) == 0


def test_at_the_agreement_the_ceiling_and_the_money_are_looked_at_again(desk: Desk) -> None:
    to = a_fund(desk, 250, ceiling=Money(200_00))
    same = {"name": "Amina Yusuf", "email": "amina@post.example.org"}
    proposed = award(desk, a_worker(desk, limit=0), an_application(desk, to, **same)).decision
    manager = at(desk, a_worker(desk, "manager"))
    assert award(desk, a_worker(desk), an_application(desk, to, **same)).grant
    with pytest.raises(Refusal) as over:
        decide.agree(manager, proposed.id)
    assert over.value.code == "amount.over_ceiling"
    other = award(desk, a_worker(desk, limit=0), an_application(desk, to)).decision
    with pytest.raises(Refusal, match=r"£100\.00 is left") as short:
        decide.agree(manager, other.id)
    assert short.value.code == "fund.not_enough"


def test_a_proposal_is_taken_back_by_its_maker_or_refused_with_a_reason(desk: Desk) -> None:
    worker, manager = a_worker(desk, limit=0), a_worker(desk, "manager")
    application = an_application(desk, a_fund(desk))
    first = award(desk, worker, application).decision
    with pytest.raises(Refusal, match="is proposed already"):
        award(desk, a_worker(desk), application)
    with pytest.raises(NotAllowed):
        decide.take_back(at(desk, a_worker(desk)), first.id)
    decide.take_back(at(desk, worker), first.id)
    second = award(desk, worker, application).decision
    with pytest.raises(Refusal) as silent:
        decide.take_back(at(desk, manager), second.id)
    assert silent.value.field == "why"
    decide.take_back(at(desk, manager), second.id, "The school pays for this")
    with pytest.raises(Refusal, match="already answered"):
        decide.agree(at(desk, manager), second.id)
    assert application.state == "submitted"
    names = set(desk.session.scalars(select(EventRow.name)))
    assert {"decision.taken_back", "decision.refused"} <= names


def test_looking_takes_no_lock_and_says_the_same_as_deciding(desk: Desk) -> None:
    application = an_application(desk, a_fund(desk))
    for limit in (0, 100_00, 100_000):
        here = at(desk, a_worker(desk, limit=limit))
        asked = Money(application.amount)
        shown = why_second_for(here, application, asked, Authority())
        assert shown == why_second_for(here, application, asked, Authority(), hold=True)
