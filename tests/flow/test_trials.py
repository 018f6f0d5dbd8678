"""Trials: trust beside the old way; chance decides, it can only be lighter, and nobody is told more than there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.sampling import drawn, exact_interval
from grants.domain.terms import Ask, Authority, Band, Eligibility, Question, Schedule, Terms
from grants.domain.terms_json import load
from grants.domain.trial_words import ArmResult, share
from grants.flow import confirm, decide, trials
from grants.flow import fund as funding
from grants.flow.desk import Actor, Desk
from grants.flow.learn.trial import arms
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.trials import Trial
from grants.offers import Policy
from tests.flow.assuring import a_written_policy
from tests.flow.deciding import with_policy
from tests.scenes import ELIGIBLE, a_fund, a_grant, a_worker, an_application, at

RECEIPTS = Ask(slug="receipts", title="Receipts", purpose="To account", minutes=30, form="receipts")
HEAVY = Terms(
    eligibility=Eligibility(sentence="People in Dorset."),
    questions=(Question(slug="school", text="Which school?", purpose="To plan"),),
    authority=Authority(bands=(Band(people=2),)),
    asks=(RECEIPTS,),
)


@pytest.fixture
def mona(desk: Desk) -> Desk:
    return at(desk, a_worker(desk, "manager", limit=0, name="Mona"))


@pytest.fixture
def fund(desk: Desk) -> Fund:
    """A fund that asks everybody for receipts."""
    return a_fund(desk, pounds=20_000, policy=a_written_policy(desk, "receipts", replace(HEAVY, authority=Authority())))


def agreed(desk: Desk, **more: object) -> trials.NewTrial:
    usual = {"policy": "unconditional", "share": 50, "agreed_on": desk.today(), "agreed": "Minute 7 of November."}
    return trials.NewTrial(**(usual | more))  # type: ignore[arg-type]  # checked by each test's own words


def test_chance_alone_says_who_is_asked_less_and_the_event_says_it(desk: Desk, mona: Desk, fund: Fund) -> None:
    trial = trials.start(mona, fund, agreed(desk))
    worker = a_worker(desk)
    made = [a_grant(desk, fund, worker) for _ in range(30)]
    for grant in made:
        lighter = drawn(trial.seed, grant.application.reference, 50)
        assert (grant.trial_id, grant.arm) == (trial.id, "lighter" if lighter else "standing")
        assert (grant.minutes, grant.policy_slug) == ((0, "unconditional") if lighter else (30, "receipts"))
        assert load(grant.terms).asks == (() if lighter else (RECEIPTS,))
    assert {grant.arm for grant in made} == {"lighter", "standing"}
    told = desk.session.scalars(select(EventRow).where(EventRow.name == "grant.awarded")).all()
    assert [event.data["arm"] for event in told] == [grant.arm for grant in made]


def test_what_was_asked_at_the_start_and_who_decides_stay_as_shown(desk: Desk, mona: Desk) -> None:
    fund = a_fund(desk, pounds=5000, policy=a_written_policy(desk, "heavy", HEAVY))
    trial = trials.start(mona, fund, agreed(desk, share=99))
    application = an_application(desk, fund)
    while trials.arm_of(trial, application) != "lighter":
        application = an_application(desk, fund)
    decided = decide.award(at(desk, a_worker(desk)), application.id, Money(150_00), ELIGIBLE)
    assert decided.decision.waiting, "two people agree in both arms"
    grant = decide.agree(mona, decided.decision.id)
    terms = load(grant.terms)
    assert grant.arm == "lighter"
    assert (terms.eligibility, terms.authority) == (HEAVY.eligibility, HEAVY.authority)
    assert terms.asks == ()


def test_a_grant_never_gets_heavier_terms_by_chance(desk: Desk, mona: Desk) -> None:
    """The tried policy is lighter for a usual award, and heavier for a large one: then the standing terms hold."""

    def terms(_settings: object, facts: object) -> Terms:
        return Terms(asks=(replace(RECEIPTS, minutes=90),)) if facts.amount.amount < 200_00 else Terms()  # type: ignore[attr-defined]

    tried = Policy(slug="odd", title="Odd", promise="Mostly lighter.", terms=terms)
    fund = a_fund(desk, pounds=5000, policy=a_written_policy(desk, "light", Terms(asks=(RECEIPTS,))))
    odd, worker = with_policy(desk, tried), a_worker(desk)
    trials.start(with_policy(mona, tried), fund, agreed(desk, policy="odd", share=99))
    for _ in range(6):
        grant = a_grant(odd, fund, worker)
        assert load(grant.terms).asks == (RECEIPTS,)
        assert grant.policy_slug == "light"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"share": 0}, "1 to 99"),
        ({"share": 100}, "1 to 99"),
        ({"agreed": " "}, "their agreement comes first"),
        ({"agreed_on": "tomorrow"}, "cannot lie ahead"),
        ({"policy": "receipts"}, "asks the same"),
        ({"policy": "slower"}, "may only ask less"),
        ({"policy": "no-such"}, "not installed|no policy|none"),
    ],
)
def test_what_cannot_be_tried(desk: Desk, mona: Desk, fund: Fund, wrong: dict[str, object], words: str) -> None:
    a_written_policy(desk, "slower", Terms(schedule=Schedule(after_days=60)))
    if "agreed_on" in wrong:
        wrong = {"agreed_on": desk.today() + timedelta(days=1)}
    with pytest.raises(Refusal, match=words):
        trials.start(mona, fund, agreed(desk, **wrong))
    assert trials.of_fund(desk, fund) == []


def test_never_in_an_emergency_fund_and_one_at_a_time(desk: Desk, mona: Desk, fund: Fund) -> None:
    urgent = a_fund(desk, policy="receipts", is_emergency=True)
    with pytest.raises(Refusal, match="emergency"):
        trials.start(mona, urgent, agreed(desk))
    trials.start(mona, fund, agreed(desk))
    with pytest.raises(Refusal, match="runs in this fund already"):
        trials.start(mona, fund, agreed(desk))


@pytest.mark.parametrize("role", ["front-line", "finance", "trustee", "funder-viewer"])
def test_who_may_not_start_or_end_one(desk: Desk, mona: Desk, fund: Fund, role: str) -> None:
    trial = trials.start(mona, fund, agreed(desk))
    somebody = at(desk, a_worker(desk, role, limit=0))
    with pytest.raises(NotAllowed):
        trials.start(somebody, fund, agreed(desk))
    with pytest.raises(NotAllowed):
        trials.end(somebody, trial)


def test_when_it_ends_everybody_is_asked_the_same_again_and_grants_keep_theirs(
    desk: Desk, mona: Desk, fund: Fund
) -> None:
    trial = trials.start(mona, fund, agreed(desk, share=99))
    early = [a_grant(desk, fund) for _ in range(4)]
    terms = [grant.terms for grant in early]
    trials.end(mona, trial, "We have seen enough.")
    late = a_grant(desk, fund)
    assert (late.trial_id, late.arm, late.minutes) == (None, "", 30)
    assert [grant.terms for grant in early] == terms
    with pytest.raises(Refusal, match="ended already"):
        trials.end(mona, trial)
    assert trials.start(mona, fund, agreed(desk)).id != trial.id


def test_with_another_standing_policy_it_draws_nobody_until_it_is_ended(desk: Desk, mona: Desk, fund: Fund) -> None:
    trial = trials.start(mona, fund, agreed(desk, share=99))
    funding.choose_policy(mona, fund, a_written_policy(desk, "story", Terms(asks=(replace(RECEIPTS, minutes=5),))), {})
    assert trials.running(desk, fund) is None
    assert a_grant(desk, fund).arm == ""
    with pytest.raises(Refusal, match="runs in this fund already"):
        trials.start(mona, fund, agreed(desk))
    trials.end(mona, trial)


class TestResults:
    def tried(self, desk: Desk, mona: Desk, fund: Fund, many: int) -> tuple[Trial, list[Grant]]:
        trial = trials.start(mona, fund, agreed(desk))
        worker = a_worker(desk)
        return trial, [a_grant(desk, fund, worker) for _ in range(many)]

    def test_each_arm_has_its_figures_with_exact_ranges(self, desk: Desk, mona: Desk, fund: Fund) -> None:
        trial, made = self.tried(desk, mona, fund, 40)
        lighter = [grant for grant in made if grant.arm == "lighter"]
        standing = [grant for grant in made if grant.arm == "standing"]
        assert min(len(lighter), len(standing)) >= 10
        for grant in lighter[:5]:
            confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
        for grant in standing:
            confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
        found = {arm.arm: arm for arm in arms(desk, trial, 5)}
        assert (found["lighter"].grants, found["lighter"].minutes) == (len(lighter), 0)
        assert (found["standing"].grants, found["standing"].minutes) == (len(standing), 30)
        said = {one.name: one for one in found["lighter"].shares}["confirmed"]
        assert (said.yes, said.of, said.hidden) == (5, len(lighter), False)
        assert said.interval == exact_interval(5, len(lighter), 90)
        assert {one.name: (one.yes, one.of) for one in found["standing"].shares}["confirmed"] == (
            len(standing),
            len(standing),
        )

    def test_a_few_are_not_told(self, desk: Desk, mona: Desk, fund: Fund) -> None:
        trial, made = self.tried(desk, mona, fund, 40)
        lighter = [grant for grant in made if grant.arm == "lighter"]
        for grant in lighter[:3]:
            confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
        found = {one.name: one for one in arms(desk, trial, 5)[1].shares}["confirmed"]
        assert (found.hidden, found.yes, found.of) == (True, 0, 0)
        assert share("confirmed", 38, 40, 5).hidden, "nor the few who did not"
        assert not share("confirmed", 40, 40, 5).hidden

    def test_a_small_arm_tells_nothing(self, desk: Desk, mona: Desk, fund: Fund) -> None:
        trial, _made = self.tried(desk, mona, fund, 4)
        assert arms(desk, trial, 5) == (ArmResult(arm="standing"), ArmResult(arm="lighter"))
