"""Asked: every question of ours says why, and its time makes up the minutes that people are told."""

from __future__ import annotations

from dataclasses import fields

import pytest

from grants.domain import asked, burden
from grants.domain.terms import Question, Terms
from grants.flow import forget
from grants.flow.answers import Answers

OUR_OWN = {
    "currency_and_place": {"language", "ward", "area", "district", "household_size", "route"},
    "who_sends_it": {"own_account", "notes", "attested", "typed_by", "extra", "contact_safe"},
}
"""Answers that no page asks: known from elsewhere, or typed by staff alone."""


def test_every_answer_that_a_page_asks_is_declared_with_all_that_stands_beside_it() -> None:
    known = {field.name for field in fields(Answers)} - set().union(*OUR_OWN.values())
    assert known <= set(asked.BY_FIELD)
    assert len(asked.BY_FIELD) == len(asked.DECLARED)
    for each in asked.DECLARED:
        assert each.purpose.endswith("."), each.field
        assert each.seconds > 0
        assert asked.SEEN[each.seen]
        assert asked.KEPT[each.kept]


def test_the_times_that_things_are_kept_are_those_that_the_system_keeps_to() -> None:
    assert f"{forget.BANK_DAYS} days after the last payment" in asked.KEPT["bank"]
    assert f"{forget.WORDS_DAYS} days after we decide" in asked.KEPT["words"]
    assert (forget.NAME_DAYS, "a year after your grant ends" in asked.KEPT["name"]) == (365, True)


def test_the_minutes_that_people_are_told_are_one_sum_of_what_is_declared() -> None:
    ours = sum(each.seconds for each in asked.DECLARED if each.usual) / 60
    assert asked.MINUTES - 1 < ours <= asked.MINUTES == burden.APPLYING_MINUTES
    two = (
        Question(slug="school", text="Which school?", purpose="To pay it.", minutes=4),
        Question(slug="a", text="?", purpose="B", minutes=2),
    )
    assert burden.of_applicant(Terms(questions=two)).minutes == asked.MINUTES + 6


@pytest.mark.parametrize(
    ("question", "answers", "held"),
    [
        (Question(slug="phone", text="Your phone?", purpose="To call."), {"phone": "07700900982"}, "07700900982"),
        (Question(slug="mobile", text="Your mobile?", purpose="To call."), {"phone": ""}, ""),
        (Question(slug="who", text="What is your name?", purpose="To know."), {"name": " Amina "}, "Amina"),
        (Question(slug="amount", text="How much?", purpose="To know.", kind="number"), {"amount": 150_05}, "150.05"),
        (Question(slug="need", text="Is it a need?", purpose="To know.", kind="yes_no"), {"need": "Coats"}, ""),
        (Question(slug="school", text="Which school?", purpose="To pay it."), {"name": "Amina"}, ""),
    ],
)
def test_what_a_policy_asks_again_is_answered_from_what_we_hold(
    question: Question, answers: dict[str, object], held: str
) -> None:
    assert asked.held(question, answers) == held
    assert asked.to_ask((question,), answers) == (() if held else (question,))


def test_answers_are_named_in_lists() -> None:
    assert asked.said_of("amount") == "the amount"
    assert asked.said_of("reach-text") == "where to reach them"
    assert asked.said_of("holder") == "who holds the money"
    pages = ["question-school", "helper", "reach-text", "amount", "reach", "name"]
    assert sorted(pages, key=asked.place_of) == ["amount", "name", "reach", "reach-text", "helper", "question-school"]
    assert asked.said_of("something-new") == "something new"
