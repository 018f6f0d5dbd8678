"""Unconditional instalments ask nothing, and offer three ways to be paid that all pay the whole award."""

from __future__ import annotations

from datetime import date

import pytest

from grants import Facts, Money, Pace
from grants.domain.burden import after_award, of_applicant
from grants.domain.schedule import plan
from grants.testing import check_policy
from grants_unconditional_instalments import grants_policies

POLICY = next(grants_policies())

ONCE, MONTHLY, FORTNIGHTLY = Pace(), Pace(parts=6), Pace(parts=12, every_days=14)


def test_the_policy_is_sound_and_asks_nothing() -> None:
    terms = check_policy(POLICY)
    assert (terms.asks, terms.questions, terms.authority.bands) == ((), (), ())
    assert (of_applicant(terms).minutes, after_award(terms).minutes) == (3, 0)
    assert {promise.by for promise in terms.promises} == {"charity", "funder"}


@pytest.mark.parametrize(("usual", "pace"), [("once", ONCE), ("monthly", MONTHLY), ("fortnightly", FORTNIGHTLY)])
def test_the_three_ways_are_there_whichever_is_usual(usual: str, pace: Pace) -> None:
    schedule = check_policy(POLICY, {"usual": usual}).schedule
    assert schedule.usual == pace
    assert set(schedule.paces) == {ONCE, MONTHLY, FORTNIGHTLY}
    for each in schedule.paces:
        parts = plan(schedule, Money(150_01), date(2026, 1, 31), each)
        assert sum(part.amount.amount for part in parts) == 150_01


def test_no_part_is_too_small_to_be_of_use() -> None:
    def parts(pence: int) -> list[int]:
        facts = Facts(amount=Money(pence), awarded_on=date(2026, 1, 31))
        return [pace.parts for pace in POLICY.terms(POLICY.settings().load({}), facts).schedule.paces]

    assert parts(150_00) == [6, 1, 12]
    assert parts(40_00) == [4, 1, 4]
    assert parts(19_99) == [1], "too small to spread: it comes at once, and there is nothing to choose"


def test_a_survey_is_asked_only_where_the_funder_wants_one_and_is_let_go() -> None:
    [survey] = check_policy(POLICY, {"survey": True, "months": 3, "survey_minutes": 4}).asks
    assert (survey.if_missed, survey.reminders, survey.due_days, survey.minutes) == ("let_go", 0, 90, 4)
    assert not any(field.required for field in survey.fields)
