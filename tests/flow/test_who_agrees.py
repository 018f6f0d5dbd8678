"""Whose word counts: a manager among two, a referrer in place of a worker, and a colleague who looks afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.sampling import drawn
from grants.domain.terms import Authority, Band, Eligibility, Schedule, Terms
from grants.flow import apply, decide, pay
from grants.flow.check import check
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.tasks import Task
from tests.conftest import Clock, add_user
from tests.flow.deciding import a_policy, award, with_policy
from tests.scenes import a_fund, a_worker, an_application, answers, at


def under(desk: Desk, terms: Terms) -> tuple[Desk, Fund]:
    """A fund whose policy always says these terms, and the desk on which it is offered."""
    offered = with_policy(desk, a_policy(terms))
    return offered, a_fund(offered, policy="fixed")


def banded(people: int, who: str) -> Terms:
    return Terms(authority=Authority(bands=(Band(people=people, who=who),)))  # type: ignore[arg-type]


def test_a_manager_decides_alone_what_only_a_manager_may(desk: Desk) -> None:
    desk, to = under(desk, banded(1, "manager"))
    assert award(desk, a_worker(desk, "manager"), an_application(desk, to)).grant
    proposed = award(desk, a_worker(desk), an_application(desk, to)).decision
    assert proposed.why_second == "This fund asks a manager to agree to an award of this size."
    assert decide.agree(at(desk, add_user(desk, "manager")), proposed.id)


def test_one_of_two_must_hold_the_role_whichever_of_them(desk: Desk) -> None:
    desk, to = under(desk, banded(2, "trustee"))
    by_worker = award(desk, a_worker(desk), an_application(desk, to)).decision
    assert by_worker.why_second.endswith("of this size, one of them a trustee.")
    with pytest.raises(NotAllowed) as refused:
        decide.agree(at(desk, add_user(desk, "manager")), by_worker.id)
    assert "Nobody else here has that role and may agree yet." in refused.value.message
    both = add_user(desk, "trustee", "manager", name="Tess Tide")
    with pytest.raises(NotAllowed, match="Tess Tide may agree"):
        decide.agree(at(desk, add_user(desk, "manager")), by_worker.id)
    assert decide.agree(at(desk, both), by_worker.id)

    by_both = award(desk, both, an_application(desk, to)).decision
    assert by_both.why_second == "This fund asks two people to agree to an award of this size."
    assert decide.agree(at(desk, add_user(desk, "manager")), by_both.id)


REFERRED = Terms(eligibility=Eligibility(sentence="People in danger.", attested_by="referrer"))


def referred(desk: Desk, to: Fund, *, attested: bool = True) -> Application:
    partner = add_user(desk, "partner")
    return apply.submit(at(desk, partner), to, answers(route="referred", attested=attested))


def test_a_referrer_s_word_stands_and_the_worker_writes_no_reason(desk: Desk) -> None:
    desk, to = under(desk, REFERRED)
    done = award(desk, a_worker(desk), referred(desk, to), eligible="")
    assert done.grant
    assert done.decision.eligible == "The one who referred them says that it fits."


@pytest.mark.parametrize("terms", [REFERRED, Terms()])
def test_without_a_referrer_s_word_or_where_the_fund_does_not_take_it_a_worker_says_why(
    desk: Desk, terms: Terms
) -> None:
    desk, to = under(desk, terms)
    unsaid = referred(desk, to, attested=terms == Terms())
    by_themselves = an_application(desk, to, attested=True)
    for application in (unsaid, by_themselves):
        with pytest.raises(Refusal) as refused:
            award(desk, a_worker(desk), application, eligible=" ")
        assert refused.value.code == "eligible.missing"
    assert not by_themselves.attested, "nobody vouches for themselves"


def test_a_share_of_awards_is_looked_at_by_a_colleague_and_nothing_waits(desk: Desk) -> None:
    desk, to = under(desk, Terms(authority=Authority(peer_look=40)))
    ann = a_worker(desk)
    grants = [award(desk, ann, an_application(desk, to, amount=Money(10_00)), 10_00).grant for _ in range(20)]
    expected = {grant.id for grant in grants if grant and drawn(f"peer {to.slug}", grant.application.reference, 40)}
    looks = desk.session.scalars(select(Task).where(Task.kind == "peer_look")).all()
    assert {task.subject_id for task in looks} == expected
    assert all(task.not_for == [ann.id] for task in looks), "nobody looks at their own"
    assert len(pay.due(desk)) == 20, "and every one of them is due"


HELD = Terms(schedule=Schedule(payees=("agency",)))


def test_money_that_an_agency_holds_goes_to_it_and_is_paid_by_hand(desk: Desk) -> None:
    desk, to = under(desk, HELD)
    with pytest.raises(Refusal) as refused:
        an_application(desk, to)
    assert (refused.value.code, refused.value.field) == ("payee.held", "whose")
    held = {"own_account": False, "whose": "Quayside Refuge", "account_name": "Quayside Refuge", "why": "It holds it."}
    grant = award(desk, a_worker(desk), an_application(desk, to, **held)).grant
    assert grant
    [payment] = pay.due(desk, "manual")
    assert (grant.payee.name, grant.payee.own) == ("Quayside Refuge", False)
    recorded = pay.record_by_hand(at(desk, add_user(desk, "finance")), payment, desk.today(), "Bank line 9")
    pay.confirm_by_hand(at(desk, add_user(desk, "finance")), recorded)
    assert grant.state == "completed"
    assert check(desk) == []


PROVISIONAL = Terms(schedule=Schedule(provisional_days=90))


def test_a_provisional_award_is_paid_when_it_is_firm_and_not_before(desk: Desk, clock: Clock) -> None:
    desk, to = under(desk, PROVISIONAL)
    grant = award(desk, a_worker(desk), an_application(desk, to, how="cash", channel="none")).grant
    assert grant
    assert grant.firm_on
    assert (grant.firm_on - grant.awarded_on).days == 90
    assert pay.due(desk) == []
    clock.move(days=90)
    assert len(pay.due(desk)) == 1


def test_until_it_is_firm_two_people_may_withdraw_it_and_afterwards_only_its_person(desk: Desk, clock: Clock) -> None:
    desk, to = under(desk, PROVISIONAL)
    ann, one, other = a_worker(desk), add_user(desk, "manager"), add_user(desk, "manager")
    first, second, third = (award(desk, ann, an_application(desk, to)).grant for _ in range(3))
    assert first
    assert second
    assert third
    pay.propose_cancel(at(desk, one), first, "The payments stopped.")
    pay.agree_cancel(at(desk, other), first)
    assert first.state == "cancelled"

    pay.propose_cancel(at(desk, one), second, "The payments stopped.")
    clock.move(days=90)
    for act in (
        lambda: pay.agree_cancel(at(desk, other), second),
        lambda: pay.propose_cancel(at(desk, one), third, "Changed our mind."),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "grant.firm"
    pay.propose_cancel(at(desk, one), third, "She does not need it any more.", given_up=True)
    pay.agree_cancel(at(desk, other), third)
    assert (first.state, second.state, third.state) == ("cancelled", "active", "cancelled")
    assert Money(sum(p.amount for p in pay.due(desk))) == Money(150_00)
    assert check(desk) == []
