"""Words: what is frozen in terms is said so that a nine-year-old could read it."""

from __future__ import annotations

import pytest

from grants.domain import words
from grants.domain.money import Money
from grants.domain.terms import Ask, Authority, Band, Confirmation, Promise, Question, Schedule, Statement, Terms

RECEIPTS = Ask(
    slug="receipts",
    title="Send receipts",
    purpose="The funder checks the items.",
    minutes=35,
    due_days=30,
    intrusiveness="document",
    if_missed="hold_next_payment",
)


def test_the_empty_terms_ask_nothing() -> None:
    assert words.what_is_asked(Terms()) == ("Nothing is asked of you after the award.",)
    assert words.what_is_asked(Terms(), "staff") == ("Nothing is asked of the person after the award.",)
    assert words.what_applying_takes(Terms()) == (
        "Applying takes about 3 minutes.",
        "There are no extra questions.",
    )
    assert words.how_paid(Terms()) == "Paid in one go, as soon as it is awarded."


def test_an_ask_says_time_reason_date_and_what_if_not() -> None:
    head, line = words.what_is_asked(Terms(asks=(RECEIPTS,)))
    assert head == "One thing is hoped for from you after the award: about 35 minutes in all."
    assert line == (
        "Send receipts: about 35 minutes, 30 days after the award. Why: The funder checks the items. "
        "If it does not come, your next payment waits until a person has looked at it."
    )
    assert words.asks(Terms(asks=(RECEIPTS,)))[0].extra == "needs a paper or a photo"


def test_what_is_asked_of_others_is_not_told_to_the_recipient() -> None:
    terms = Terms(asks=(Ask(slug="visit", title="Visit", purpose="To see.", minutes=60, of="referrer"),))
    assert words.what_is_asked(terms) == ("Nothing is asked of you after the award.",)
    assert "Visit (asked of the helper): about 1 hour" in words.what_is_asked(terms, "staff")[1]


@pytest.mark.parametrize(
    ("missed", "reminders", "said"),
    [
        ("let_go", 0, "If it does not come, nothing happens."),
        ("remind", 0, "If it does not come, nothing happens."),
        ("remind", 1, "If it does not come, we remind you once, then let it go."),
        ("remind", 2, "If it does not come, we remind you at most 2 times, then let it go."),
        (
            "further_grant",
            0,
            "If it does not come, a person looks at it before a further grant. This grant does not change.",
        ),
    ],
)
def test_silence(missed: str, reminders: int, said: str) -> None:
    ask = Ask(slug="a", title="A", purpose="B.", minutes=1, if_missed=missed, reminders=reminders)
    assert words.if_missed(ask) == said


def test_how_it_is_paid() -> None:
    monthly = Terms(schedule=Schedule(parts=6, after_days=14, payees=("recipient", "supplier")))
    assert words.how_paid(monthly, Money(60_000)) == (
        "Paid in 6 parts of about £100.00, one each month, from 2 weeks after the award on. "
        "It goes to you or a shop or supplier."
    )


def test_who_decides() -> None:
    bands = (Band(up_to=30_000), Band(people=2))
    assert words.who_decides(Terms(authority=Authority(bands=bands, partners=True))) == (
        "Up to £300.00, one worker decides.",
        "Above £300.00, two people decide together.",
        "A partner organisation may decide about the people it referred.",
        "Somebody else always releases the money.",
    )
    assert words.who_decides(Terms())[0] == "One worker decides alone, within the limit that trustees set for them."


def test_what_the_funder_sees() -> None:
    quote = Question(slug="q", text="Which school?", purpose="To know.", seen_by=("staff", "funder"))
    terms = Terms(questions=(quote,), statement=Statement(aggregates=("money", "counts"), every_months=1))
    first, hidden, answers = words.what_funder_sees(terms)
    assert first == (
        "Every month, the funder sees: money in, awarded and arrived; how many grants, and for what kind of thing."
    )
    assert "fewer than 5 people is hidden" in hidden
    assert answers == "The funder also sees the answers to: “Which school?”"


def test_confirming_never_binds() -> None:
    for mode in ("offered", "hoped_for", "sampled"):
        terms = Terms(confirmation=Confirmation(mode=mode, share=10))
        assert words.confirming(terms).endswith("Not answering changes nothing.")
    assert (
        words.confirming(Terms(confirmation=Confirmation(mode="none"))) == "You are not asked whether the money came."
    )


@pytest.mark.parametrize(
    ("count", "said"), [(0, "no time"), (1, "1 minute"), (60, "1 hour"), (95, "1 hour 35 minutes")]
)
def test_minutes(count: int, said: str) -> None:
    assert words.minutes(count) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "today"), (1, "1 day"), (14, "2 weeks"), (30, "30 days"), (180, "6 months"), (730, "2 years")],
)
def test_days(count: int, said: str) -> None:
    assert words.days(count) == said


def test_promises_end_as_sentences() -> None:
    assert words.promises(Terms(promises=(Promise(by="charity", text="We decide in 2 days"),))) == (
        "We decide in 2 days.",
    )
