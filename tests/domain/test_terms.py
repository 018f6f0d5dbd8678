"""Terms: empty asks nothing; data survives being frozen; nothing is asked without a purpose."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.burden import after_award, of_applicant
from grants.domain.terms import Ask, Authority, Band, Question, Schedule, Statement, Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError, dump, from_data, load

STORY = Ask(slug="story", title="A story", purpose="To learn.", minutes=5)
SCHOOL = Question(slug="school", text="Which school?", purpose="To pay the school.", minutes=1)

slugs = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).filter(str.strip)
asks = st.builds(
    Ask,
    slug=slugs,
    title=words,
    purpose=words,
    minutes=st.integers(0, 600),
    due_days=st.integers(0, 900),
    cost=st.integers(0, 10_000),
    intrusiveness=st.sampled_from(["none", "own_words", "document", "third_party", "account_access"]),
    if_missed=st.sampled_from(["let_go", "remind", "hold_next_payment", "further_grant"]),
)
questions = st.builds(Question, slug=slugs, text=words, purpose=words, minutes=st.integers(0, 60))
terms = st.builds(
    Terms,
    asks=st.lists(asks, max_size=4, unique_by=lambda ask: ask.slug).map(tuple),
    questions=st.lists(questions, max_size=4, unique_by=lambda question: question.slug).map(tuple),
    schedule=st.builds(Schedule, parts=st.integers(1, 24), every_months=st.integers(1, 6)),
    statement=st.builds(Statement, smallest_cell=st.integers(3, 20)),
)


def test_the_empty_terms_cost_a_recipient_nothing_after_the_award() -> None:
    assert after_award(Terms()).minutes == 0
    assert after_award(Terms()).things == 0
    assert check(Terms()) == Terms()


def test_burden_is_the_sum_of_what_is_asked_and_as_intrusive_as_its_worst_part() -> None:
    receipts = replace(STORY, slug="receipts", minutes=35, cost=120, intrusiveness="document")
    after = after_award(Terms(asks=(STORY, receipts)))
    assert (after.minutes, after.cost, after.intrusiveness, after.things) == (40, 120, "document", 2)
    assert of_applicant(Terms(questions=(SCHOOL,))).minutes == of_applicant(Terms()).minutes + 1


def test_what_the_charity_is_asked_is_no_burden_of_the_recipient() -> None:
    ours = replace(STORY, of="charity")
    assert after_award(Terms(asks=(ours,))).minutes == 0
    assert after_award(Terms(asks=(ours,)), "charity").minutes == 5


@given(terms)
def test_sound_terms_survive_being_frozen(some: Terms) -> None:
    assert load(dump(check(some))) == some
    assert dump(load(dump(some))) == dump(some)


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (Terms(asks=(replace(STORY, purpose="  "),)), "terms.asks[0].purpose"),
        (Terms(asks=(replace(STORY, minutes=-1),)), "terms.asks[0].minutes"),
        (Terms(asks=(STORY, STORY)), "terms.asks"),
        (Terms(questions=(replace(SCHOOL, slug="Which School"),)), "terms.questions[0].slug"),
        (Terms(questions=(replace(SCHOOL, kind="choice"),)), "terms.questions[0].choices"),
        (Terms(schedule=Schedule(parts=0)), "terms.schedule.parts"),
        (Terms(schedule=Schedule(parts=121)), "terms.schedule.parts"),
        (Terms(schedule=Schedule(payees=())), "terms.schedule.payees"),
        (Terms(statement=Statement(smallest_cell=1)), "terms.statement.smallest_cell"),
        (Terms(authority=Authority(bands=(Band(up_to=200), Band(up_to=100)))), "terms.authority.bands"),
        (Terms(authority=Authority(bands=(Band(), Band(up_to=100)))), "terms.authority.bands"),
        (Terms(asks=(replace(STORY, minutes=2.5),)), "terms.asks[0].minutes"),  # type: ignore[arg-type]
        (Terms(asks=(replace(STORY, minutes=True),)), "terms.asks[0].minutes"),
        (Terms(asks=[STORY]), None),  # type: ignore[arg-type]  # a list is read kindly, then compared
        ("Terms", "terms"),
        (None, "terms"),
    ],
)
def test_unsound_terms_are_refused_by_place(broken: object, place: str | None) -> None:
    if place is None:
        check(broken)
        return
    with pytest.raises(TermsError) as refused:
        check(broken)
    assert any(problem.startswith(place) for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"asks": [{"slug": "a"}]}, "terms.asks[0].title: missing"),
        ({"burden": 3}, "terms.burden: not a name we know"),
        ({"version": 2}, "version: expected 1"),
        ({"asks": "story"}, "terms.asks: expected a list"),
        ({"schedule": {"parts": "two"}}, "terms.schedule.parts: expected a whole number"),
        ({"confirmation": {"mode": "always"}}, "terms.confirmation.mode: expected one of"),
        ([], "terms: expected a group of named values"),
    ],
)
def test_data_that_is_no_terms_is_refused_with_the_place(data: object, problem: str) -> None:
    with pytest.raises(TermsError) as refused:
        from_data(data)
    assert any(found.startswith(problem) for found in refused.value.problems)


def test_old_frozen_terms_without_newer_parts_still_load() -> None:
    assert load(json.dumps({"version": 1, "asks": []})) == Terms()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (Terms(asks=(Ask(slug="a", title="A" * 201, purpose="B", minutes=1),)), "1 to 200 characters"),
        (Terms(asks=(Ask(slug="a", title="A", purpose="B", minutes=1, due_days=10**6),)), "3650 or less"),
        (Terms(asks=(Ask(slug="a", title="A\0", purpose="B", minutes=1),)), "hidden or broken characters"),
        (Terms(asks=(Ask(slug="a", title="A\ud800", purpose="B", minutes=1),)), "hidden or broken characters"),
        (Terms(schedule=Schedule(after_days=10**7)), "3650 or less"),
        (Terms(authority=Authority(bands=(Band(people=3),))), "one or two people"),
    ],
)
def test_what_no_column_or_calendar_holds_is_named(terms: Terms, said: str) -> None:
    with pytest.raises(TermsError, match=said):
        check(terms)
