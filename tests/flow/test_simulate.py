"""Simulate: a fund's real history under other policies: nobody's name, nothing written, nobody kept away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from marshmallow import Schema, validate
from marshmallow import fields as asked
from sqlalchemy import insert

from grants import Policy
from grants.domain.assumed import Assumptions
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.replay import Past, Result
from grants.domain.replay_words import problems
from grants.domain.synthetic import year
from grants.domain.terms import Ask, Authority, Band, Schedule, Terms
from grants.flow import decide, history, pay, simulate
from grants.flow.desk import Desk
from grants.flow.simulate import AS_IT_WAS, BATCH, Candidate
from grants.model.engine import WroteWhileReading, reading
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from tests.conftest import Clock
from tests.scenes import a_fund, a_grant, a_worker, an_application, at

SUPPOSED = Assumptions()
REPORT = Ask(slug="report", title="Report", purpose="To know.", minutes=10, if_missed="hold_next_payment")


class Pounds(Schema):
    """Settings of a policy that makes a difference by amount."""

    alone = asked.Integer(load_default=100, validate=validate.Range(1, 1000))


def by_facts(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Two people above so many pounds, in parts and on condition for who had a grant before, later in December."""
    alone = settings["alone"] * 100
    return Terms(
        authority=Authority(bands=(Band(up_to=alone), Band(people=2))),
        schedule=Schedule(parts=1 if facts.first_grant else 2, after_days=10 if facts.awarded_on.month == 12 else 0),
        asks=() if facts.first_grant else (REPORT,),
    )


BY_FACTS = Policy(slug="by-facts", title="By facts", promise="It depends.", terms=by_facts, settings=Pounds)
TRUST = Policy(slug="trust", title="Trust", promise="Nothing is asked.", terms=lambda settings, facts: Terms())


def policy(terms: Any) -> Candidate:
    return Candidate(Policy(slug="odd", title="Odd", promise="Who knows.", terms=terms), "Odd")


@pytest.fixture
def fund(desk: Desk, clock: Clock) -> Fund:
    """Three awards, one of them paid after three days and one to somebody who had one before, and one decline."""
    fund = a_fund(desk, pounds=3000)
    worker, one, two = a_worker(desk), a_worker(desk, "finance"), a_worker(desk, "finance")
    first = a_grant(desk, fund, worker, amount=Money(80_00), purposes=("GTIP050",), reason="GTIR010")
    clock.move(days=3)
    payment = desk.session.query(Payment).where(Payment.grant_id == first.id).one()
    attempt = pay.record_by_hand(at(desk, one), payment, desk.today(), "BANK 1")
    pay.confirm_by_hand(at(desk, two), attempt)
    a_grant(desk, fund, worker, amount=Money(300_00))
    again = a_grant(desk, fund, worker, amount=Money(100_00))
    again.facts = again.facts | {"first_grant": False}
    decide.decline(at(desk, worker), an_application(desk, fund).id, "The fund is for another town.")
    a_grant(desk, a_fund(desk), worker)
    desk.session.flush()
    return fund


def by_title(desk: Desk, fund: Fund, *candidates: Candidate) -> dict[str, Result]:
    columns = simulate.run(history.past(desk, fund), candidates, SUPPOSED)
    return {column.title: column.result for column in columns}


class TestHistory:
    def test_facts_as_frozen_with_how_it_went_and_nobodys_name(self, desk: Desk, fund: Fund) -> None:
        found = list(history.past(desk, fund))
        assert len(found) == history.count(desk, fund) == 4
        assert [(one.facts.amount.amount, one.awarded, one.waited) for one in found] == [
            (80_00, True, 3),
            (300_00, True, None),
            (100_00, True, None),
            (150_00, False, None),
        ]
        assert (found[0].facts.purposes, found[0].facts.reason) == (("GTIP050",), "GTIR010")
        assert [one.facts.first_grant for one in found] == [True, True, False, True]
        assert {part.name for part in fields(Past)} == {"facts", "terms", "awarded", "people", "waited"}
        for person in (grant.person for grant in desk.session.query(Grant)):
            assert person.name not in repr(found)
            assert person.email not in repr(found)

    def test_a_cancelled_grant_is_left_out(self, desk: Desk, fund: Fund) -> None:
        grant = desk.session.query(Grant).where(Grant.fund_id == fund.id, Grant.amount == 300_00).one()
        grant.state = "cancelled"  # as a manager cancels it, without its money, which is not what is told here
        desk.session.flush()
        assert [one.facts.amount.amount for one in history.past(desk, fund) if one.awarded] == [80_00, 100_00]
        assert history.count(desk, fund) == 3

    def test_a_decline_knows_whether_the_person_had_a_grant_before(self, desk: Desk, fund: Fund, clock: Clock) -> None:
        clock.move(days=1)
        before = desk.session.query(Grant).where(Grant.fund_id == fund.id).first()
        assert before is not None
        application = an_application(desk, fund)
        application.person_id = before.person_id
        desk.session.flush()
        decide.decline(at(desk, a_worker(desk)), application.id, "There is too little left.")
        assert [one.facts.first_grant for one in history.past(desk, fund) if not one.awarded] == [True, False]

    def test_only_the_newest_where_there_is_little_time(self, desk: Desk, fund: Fund, clock: Clock) -> None:
        assert history.newest(desk, fund, 3) is None
        since = history.newest(desk, fund, 2)
        assert since == desk.now() - timedelta(days=3)
        recent = list(history.past(desk, fund, since))
        assert [(one.facts.amount.amount, one.awarded) for one in recent] == [
            (300_00, True),
            (100_00, True),
            (150_00, False),
        ]

    def test_a_grant_brought_in_without_facts_has_its_amount_and_day(self, desk: Desk, fund: Fund) -> None:
        for grant in desk.session.query(Grant):
            grant.facts = {}
        desk.session.flush()
        first = next(history.past(desk, fund))
        assert first.facts == Facts(amount=Money(80_00), awarded_on=date(2026, 11, 23))


class TestRun:
    def test_each_policy_is_told_the_facts_of_each_award(self, desk: Desk, fund: Fund) -> None:
        found = by_title(desk, fund, Candidate(BY_FACTS, "By facts"), Candidate(TRUST, "Trust"))
        assert list(found) == [AS_IT_WAS, "By facts", "Trust"]
        was, other = found[AS_IT_WAS].touched, found["By facts"].touched
        assert (was.awards, was.declined, was.slowed, was.later) == (3, 1, 0, 0)
        assert (other.awards, other.declined) == (3, 1)
        assert (other.two_people, other.slowed, other.in_parts, other.held, other.looked_at) == (1, 1, 1, 1, 0)
        assert found["By facts"].afterwards == 10
        assert found["Trust"] == found[AS_IT_WAS]
        assert found[AS_IT_WAS].days_median == 3

    def test_other_settings_make_another_column(self, desk: Desk, fund: Fund) -> None:
        found = by_title(desk, fund, Candidate(BY_FACTS, "£50 alone", {"alone": 50}))
        assert found["£50 alone"].touched.two_people == 3

    def test_the_funds_own_settings_are_taken_where_it_is_the_funds_policy(self, desk: Desk) -> None:
        fund = a_fund(desk, policy="light-report", settings={"months": 3, "minutes": 7})
        own, usual = simulate.candidate(desk, "light-report", fund), simulate.candidate(desk, "light-report")
        assert (own.settings, usual.settings) == ({"months": 3, "minutes": 7}, {})
        assert own.title == f"{usual.title} (as this fund has it)"
        typed = simulate.candidate(desk, "light-report", fund, {"minutes": "9"})
        assert (typed.title, typed.settings) == (f"{usual.title} (minutes 9)", {"minutes": "9"})
        assert simulate.candidate(desk, "unconditional", fund).settings == {}
        found = simulate.run(year(BATCH + 20, "1", desk.today()), [own, typed, usual], SUPPOSED)
        awards = found[0].result.touched.awards
        assert [column.result.afterwards for column in found] == [0, awards * 7, awards * 9, awards * 5]

    def test_the_day_of_then_counts(self, desk: Desk) -> None:
        made = [
            Past(facts=Facts(amount=Money(80_00), awarded_on=date(2025, month, 5)), terms=Terms(), waited=1)
            for month in range(1, 13)
        ]
        [_, column] = simulate.run(made, [Candidate(BY_FACTS, "By facts")], SUPPOSED)
        assert (column.result.touched.delayed, column.result.days_median, column.result.days_p90) == (1, 1, 1)

    def test_nothing_can_be_written_while_it_is_replayed(self, desk: Desk, fund: Fund) -> None:
        desk.session.commit()
        with reading():
            assert by_title(desk, fund, Candidate(TRUST, "Trust"))["Trust"].touched.awards == 3
            with pytest.raises(WroteWhileReading):
                desk.session.execute(insert(Fund).values(slug="other"))
            desk.session.rollback()

    def test_an_unknown_policy_is_refused_in_words(self, desk: Desk) -> None:
        with pytest.raises(Refusal):
            simulate.candidate(desk, "no-such-policy")


class TestBrokenPolicies:
    def test_one_that_breaks_is_a_named_line_and_keeps_nobody_else_away(self, desk: Desk, fund: Fund) -> None:
        def breaks(settings: object, facts: Facts) -> Terms:
            raise RuntimeError("not today")

        columns = simulate.run(history.past(desk, fund), [policy(breaks), Candidate(TRUST, "Trust")], SUPPOSED)
        assert problems(columns) == ["Odd: It does not work: RuntimeError."]
        assert columns[2].result.touched.awards == 3

    def test_one_that_breaks_now_and_then_is_counted(self, desk: Desk, fund: Fund) -> None:
        def picky(settings: object, facts: Facts) -> Terms:
            if facts.amount.amount == 300_00:
                raise ValueError("too much")
            return Terms()

        [_, column] = simulate.run(history.past(desk, fund), [policy(picky)], SUPPOSED)
        assert column.result.broken == (("ValueError", 1),)
        assert (column.result.touched.awards, column.result.moved) == (3, 180_00)
        assert problems([column]) == ["Odd: 1 award would wait (ValueError)."]

    def test_one_that_changes_its_mind_is_not_believed(self, desk: Desk, fund: Fund) -> None:
        def moods() -> Iterator[Terms]:
            while True:
                yield Terms()
                yield Terms(asks=(REPORT,))

        mood = moods()
        [_, column] = simulate.run(history.past(desk, fund), [policy(lambda settings, facts: next(mood))], SUPPOSED)
        assert "differently the second time" in column.result.problem

    def test_settings_that_do_not_fit_are_named(self, desk: Desk, fund: Fund) -> None:
        [_, column] = simulate.run(history.past(desk, fund), [Candidate(BY_FACTS, "B", {"alone": 0})], SUPPOSED)
        assert column.result.problem.startswith("Its settings do not fit. alone: ")

    def test_lists_where_tuples_belong_are_counted_like_tuples(self, desk: Desk, fund: Fund) -> None:
        careless = policy(lambda settings, facts: replace(Terms(), asks=[REPORT]))
        found = by_title(desk, fund, careless)
        assert found["Odd"].afterwards == 30


class TestMadeUp:
    def test_a_year_that_ends_today(self, desk: Desk) -> None:
        made = list(simulate.made_up(desk, 200, "1"))
        assert {one.facts.awarded_on.year for one in made} == {2025, 2026}
        assert max(one.facts.awarded_on for one in made) <= desk.today()

    @pytest.mark.parametrize("number", [0, -1, 1_000_001])
    def test_too_many_or_too_few_are_refused(self, desk: Desk, number: int) -> None:
        with pytest.raises(Refusal):
            simulate.made_up(desk, number, "1")

    def test_a_report_says_what_it_is_made_of(self) -> None:
        real, made = simulate.Report((), SUPPOSED), simulate.Report((), SUPPOSED, "7")
        assert "no names" in real.notes[0]
        assert "made up from the seed “7”" in made.notes[0]
        assert dict(made.assumptions)["Declined"] == "12 in 100"
        assert set(real.assumptions) < set(made.assumptions)
