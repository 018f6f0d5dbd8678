"""Schedules, delegation and names: the small rules that decide about money and people."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from grants.domain.delegation import Limit, Used, why_second
from grants.domain.money import Money, total
from grants.domain.names import digits, name_key
from grants.domain.schedule import later, plan
from grants.domain.terms import Authority, Band, Schedule

LIMIT = Limit(per_grant=30_000, per_day=60_000, per_person_per_year=50_000, approved_on=date(2026, 1, 15))


def test_the_default_schedule_pays_everything_on_the_day_of_the_award() -> None:
    (only,) = plan(Schedule(), Money(15_000), date(2026, 11, 23))
    assert (only.number, only.due_on, only.amount) == (1, date(2026, 11, 23), Money(15_000))


def test_monthly_instalments_keep_their_day_and_end_short_months_early() -> None:
    days = [part.due_on for part in plan(Schedule(parts=4), Money(100), date(2027, 11, 30))]
    assert days == [date(2027, 11, 30), date(2027, 12, 30), date(2028, 1, 30), date(2028, 2, 29)]


@given(st.integers(1, 10**9), st.integers(1, 120), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_instalments_sum_to_the_award_and_never_go_back_in_time(pence: int, parts: int, day: date) -> None:
    planned = plan(Schedule(parts=parts), Money(pence), day)
    assert total([part.amount for part in planned], "GBP") == Money(pence)
    assert [part.due_on for part in planned] == sorted(part.due_on for part in planned)


def test_the_same_day_some_years_on() -> None:
    assert later(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_within_the_limit_a_worker_decides_alone() -> None:
    assert why_second(Money(30_000), LIMIT, Used(), 1) == ""


def test_over_any_limit_or_without_one_a_second_person_agrees_and_the_words_say_why() -> None:
    assert "one grant is £300.00" in why_second(Money(30_001), LIMIT, Used(), 1)
    assert "one day is £600.00" in why_second(Money(10_001), LIMIT, Used(today=50_000), 1)
    assert "one person in a year" in why_second(Money(10_001), LIMIT, Used(person_year=40_000), 1)
    assert "No limit is recorded" in why_second(Money(1), None, Used(), 1)
    assert "two people" in why_second(Money(1), LIMIT, Used(), 2)


def test_the_fund_says_how_many_people_by_amount() -> None:
    authority = Authority(bands=(Band(up_to=30_000, people=1), Band(up_to=200_000, people=2), Band(people=3)))
    assert [authority.people(pence) for pence in (1, 30_000, 30_001, 200_000, 200_001)] == [1, 1, 2, 2, 3]
    assert Authority().people(10**9) == 1


def test_names_are_the_same_whatever_the_title_case_or_accent() -> None:
    assert name_key("Dr. Zoë  O'Brien") == name_key("zoe o brien")
    assert name_key("Ms Amina Yusuf") == name_key("AMINA YUSUF")
    assert name_key("أمينة يوسف") != ""
    assert name_key("Dr") == "dr"
    assert name_key("  ") == ""
    assert name_key("🙂") == ""


def test_only_figures_of_any_writing_are_kept() -> None:
    assert digits("10-88 00") == "108800"
    assert digits("١٢") == ""
