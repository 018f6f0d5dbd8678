"""A practice story says what each party was asked, what was paid and what waited, as it truly went."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, validate

from grants import Ask, Authority, Band, Field, Form, Money, Policy, Question, Schedule, Terms
from grants.testing import Journey, Story
from grants.testing.strategies import terms

FEW = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
"""Each journey takes some work."""


def under(terms: Terms) -> Policy:
    return Policy(slug="mine", title="Mine", promise="A word.", terms=lambda settings, facts: terms)


def an_ask(slug: str, **more: object) -> Ask:
    usual: dict[str, object] = {
        "slug": slug,
        "title": slug.title(),
        "purpose": "To learn.",
        "minutes": 5,
        "due_days": 30,
    }
    return Ask(**usual | more)  # type: ignore[arg-type]  # named values of an Ask


STORY = an_ask("story")
RECEIPTS = an_ask("receipts", if_missed="hold_next_payment", minutes=20, cost=150, due_days=14)


def test_the_empty_policy_asks_nothing_and_pays_at_once(journey: Journey) -> None:
    told = journey(under(Terms()))
    assert (told.minutes(), told.minutes(when="applying")) == (0, 3)
    assert (told.days_to_money, told.people, told.state) == (0, 1, "completed")
    assert told.paid == told.amount == Money(150_00)
    assert str(told) == (
        "mine: A word.\n"
        "  applying    3 minutes: The charity’s own questions\n"
        "  awarded     £150.00, by one person\n"
        "  paid        at once: £150.00\n"
        "The recipient was asked for 3 minutes before the award and 0 minutes after it. The grant is completed."
    )


def test_each_party_is_counted_for_itself(journey: Journey) -> None:
    asks = (STORY, an_ask("letter", of="referrer", minutes=7), an_ask("list", of="charity", minutes=9, cost=200))
    question = Question(slug="school", text="Which school?", purpose="To pay it.", minutes=2, required=True, cost=30)
    told = journey(under(Terms(asks=asks, questions=(question,))), amount=Money(80_00))
    assert [told.minutes(party) for party in ("recipient", "referrer", "charity")] == [5, 7, 9]
    assert (told.minutes(when="applying"), told.cost(when="applying")) == (5, Money(30))
    assert told.cost("charity") == Money(200)
    assert {each.ended for each in told.asked} == {"answered"}
    assert told.paid == Money(80_00)


def test_silence_lapses_and_the_money_came_all_the_same(journey: Journey) -> None:
    asks = (STORY, an_ask("list", of="charity"))
    told = journey(under(Terms(asks=asks)), silent=True)
    assert [each.what for each in told.ended("lapsed")] == ["Story"]
    assert [each.what for each in told.ended("answered")] == ["List"]
    assert (told.paid, told.state) == (told.amount, "completed")
    assert told.days == 61


def test_instalments_come_when_they_are_due(journey: Journey) -> None:
    told = journey(under(Terms(schedule=Schedule(parts=3, every_months=1, after_days=7))), amount=Money(100_00))
    assert [(paid.on, paid.amount.amount) for paid in told.payments] == [
        (date(2026, 3, 9), 33_34),
        (date(2026, 4, 9), 33_33),
        (date(2026, 5, 9), 33_33),
    ]
    assert (told.days_to_money, told.waited) == (7, ())


def test_a_condition_holds_the_next_payment_until_a_person_lets_it_go(journey: Journey) -> None:
    policy = under(Terms(asks=(RECEIPTS,), schedule=Schedule(parts=2)))
    answered = journey(policy)
    assert (answered.waited, answered.asked[-1].condition, answered.cost()) == ((), True, Money(150))
    quiet = journey(policy, silent=True)
    assert [(wait.number, wait.for_what, wait.days) for wait in quiet.waited] == [(2, "Receipts", 10)]
    assert [each.what for each in quiet.ended("waived")] == ["Receipts"]
    assert quiet.paid == quiet.amount
    assert "  waited      payment 2, 10 days: Receipts" in str(quiet)


def test_two_decide_where_the_terms_say_so(journey: Journey) -> None:
    told = journey(under(Terms(authority=Authority(bands=(Band(people=2),)))))
    assert told.people == 2
    assert "by 2 people" in str(told)


class Postcard(Schema):
    """A form of the author's own."""

    picture = fields.String(required=True, validate=validate.Length(40, 90))
    stars = fields.Integer(required=True, validate=validate.Range(3, 5))
    kind = fields.String(required=True, validate=validate.OneOf(["sea", "hill"]))
    glad = fields.Boolean(required=True)
    on = fields.Date(required=True)
    more = fields.String(load_default="")


POSTCARD = Form(slug="postcard", title="A postcard", schema=Postcard)


def test_forms_of_the_author_and_forms_as_data_are_answered(journey: Journey) -> None:
    blanks = (
        Field(slug="words", label="What?", required=True),
        Field(slug="count", label="How many?", kind="number", required=True),
        Field(slug="again", label="Again?", kind="yes_no", required=True),
        Field(slug="which", label="Which?", kind="choice", choices=("A", "B"), required=True),
    )
    asks = (
        an_ask("card", form="postcard"),
        an_ask("lines", fields=blanks),
        an_ask("photo", accepts=("photo",), intrusiveness="document"),
        an_ask("line", accepts=("bank_line", "photo"), intrusiveness="document"),
        an_ask("words", accepts=("photo", "own_words")),
    )
    told = journey(under(Terms(asks=asks)), forms=[POSTCARD])
    assert [each.what for each in told.ended("answered")] == ["Card", "Lines", "Photo", "Line", "Words"]


def test_a_form_that_nobody_offers_is_named(journey: Journey) -> None:
    with pytest.raises(AssertionError, match=r"mine: .*“postcard”"):
        journey(under(Terms(asks=(an_ask("card", form="postcard"),))))


def test_settings_are_the_funder_s(journey: Journey) -> None:
    class Tunable(Schema):
        minutes = fields.Integer(load_default=5, validate=validate.Range(1, 15))

    policy = Policy(
        slug="mine",
        title="Mine",
        promise="A word.",
        settings=Tunable,
        terms=lambda settings, facts: Terms(asks=(an_ask("story", minutes=settings["minutes"]),)),
    )
    assert (journey(policy).minutes(), journey(policy, {"minutes": 12}).minutes()) == (5, 12)
    with pytest.raises(AssertionError, match=r"mine: .*minutes"):
        journey(policy, {"minutes": 99})


def test_a_policy_that_cannot_be_chosen_says_why(journey: Journey) -> None:
    broken = Policy(slug="mine", title="Mine", promise="A word.", terms=lambda settings, facts: Terms(asks=(1,)))  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match=r"mine: The policy “Mine” does not work right now .*policy.unsound"):
        journey(broken)
    with pytest.raises(AssertionError, match="amount is too small"):
        journey(under(Terms(schedule=Schedule(parts=3))), amount=Money(2))


@FEW
@given(some=terms().filter(lambda some: some.schedule.parts <= 12), silent=st.booleans())
def test_a_grant_under_any_sound_terms_comes_to_its_end(journey: Journey, some: Terms, silent: bool) -> None:
    told = journey(under(some), silent=silent)
    assert (told.paid, told.state) == (told.amount, "completed"), str(told)
    assert {each.ended for each in told.asked} <= {"answered", "lapsed", "waived"}


def test_nothing_is_left_behind(journey: Journey, tmp_path: Path) -> None:
    assert isinstance(journey(under(Terms())), Story)
    assert list(tmp_path.iterdir()) == []
