"""Words: what is frozen in terms is said so that a nine-year-old could read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from grants.domain import words
from grants.domain.money import Money
from grants.domain.terms import (
    Ask,
    Authority,
    Band,
    Confirmation,
    Eligibility,
    FunderQuestion,
    IfMissed,
    Pace,
    Promise,
    Question,
    Rows,
    Schedule,
    Statement,
    Terms,
)

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
def test_silence(missed: IfMissed, reminders: int, said: str) -> None:
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
    assert words.who_decides(Terms())[0] == "One worker decides alone. Trustees set how much they may award."


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


def test_several_asks_are_summed_and_reminders_told_before_what_follows() -> None:
    asks = (RECEIPTS, replace(RECEIPTS, slug="more", if_missed="further_grant", reminders=2))
    assert words.what_is_asked(Terms(asks=asks))[0].startswith("2 things are hoped for from you after the award")
    assert words.if_missed(asks[1], "staff") == (
        "We remind them at most 2 times. If it does not come, a person looks at it before a further grant. "
        "This grant does not change."
    )
    assert words.if_missed(replace(RECEIPTS, reminders=1)).startswith("We remind you once. If it does not come")


def test_a_drawn_ask_says_of_how_many_and_which_proof_is_enough() -> None:
    drawn = replace(RECEIPTS, share=5, seed="a", accepts=("photo", "bank_line", "own_words"))
    line = words.what_is_asked(Terms(asks=(drawn,)))[1]
    assert "5 in 100 people are asked, drawn by chance." in line
    assert "A photo, a line from the bank or your own words are enough." in line
    said = words.asks(Terms(asks=(drawn,)), "staff")[0]
    assert said.extra == (
        "a photo, a line from the bank or their own words are enough, asked of 5 in 100, drawn by chance"
    )


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        (Pace(), "in one go"),
        (Pace(parts=6), "in 6 parts, one each month"),
        (Pace(parts=4, every_months=3), "in 4 parts, one every 3 months"),
        (Pace(parts=26, every_days=14), "in 26 parts, one every 2 weeks"),
        (Pace(parts=3, every_days=7), "in 3 parts, one each week"),
        (Pace(parts=3, every_days=1), "in 3 parts, one each day"),
    ],
)
def test_a_pace(pace: Pace, said: str) -> None:
    assert words.pace(pace) == said


def test_the_person_chooses_buys_first_and_waits_until_it_is_firm() -> None:
    choosing = Schedule(choices=(Pace(parts=6), Pace(parts=12, every_days=14)), before_purchase=False)
    terms = Terms(schedule=replace(choosing, provisional_days=90))
    assert words.how_paid(terms) == (
        "Paid in one go, 3 months after the award. "
        "You can choose to be paid in 6 parts, one each month instead. Or in 12 parts, one every 2 weeks. "
        "You can change this until all is paid. You buy first. Then we pay you back. "
        "For 3 months after the award this may still be taken back, by two people, with a reason. "
        "After that it is yours."
    )
    assert words.provisional(terms, "recipient", date(2026, 12, 3)) == (
        "Until 3 March 2027 this may still be taken back, by two people, with a reason.",
        "After that it is yours.",
    )
    assert words.provisional(terms, "staff")[-1] == "After that it is theirs."
    assert words.provisional(Terms()) == ()


def test_bands_name_managers_and_trustees_and_colleagues_look_afterwards() -> None:
    bands = (Band(up_to=30_000), Band(up_to=90_000, who="manager"), Band(people=2, who="trustee"))
    assert words.who_decides(Terms(authority=Authority(bands=bands, peer_look=10))) == (
        "Up to £300.00, one worker decides.",
        "Up to £900.00, one manager decides.",
        "Above £900.00, two people decide together. One of them is a trustee.",
        "Later 10 in 100 awards are drawn by chance. A colleague looks at them.",
        "Somebody else always releases the money.",
    )


def test_who_it_is_for_and_whose_word_is_enough() -> None:
    assert words.who_for(Terms()) == (
        "Anybody who is finding it hard to pay for what they need.",
        "A worker reads what was said and ticks that it fits. No papers are needed for this.",
    )
    by_referrer = Eligibility(sentence="People in Dorset", attested_by="referrer")
    assert words.who_for(Terms(eligibility=by_referrer)) == (
        "People in Dorset.",
        "Whoever sends the form for somebody says that it fits. Their word is enough.",
    )
    by_paper = Terms(eligibility=Eligibility(sentence="P", attested_by="document", proof="receipts"), asks=(RECEIPTS,))
    assert words.who_for(by_paper, "staff")[1] == "The person shows it with a paper: “Send receipts”."


def test_lines_files_and_questions_of_the_funder_are_told() -> None:
    statement = Statement(
        rows=Rows(columns=("month", "amount"), reason="The law", agreement="Of May", notice="We share one line"),
        file_check=True,
        questions=(FunderQuestion(slug="a", text="How many?", query="grants"), FunderQuestion(slug="b", text="Well?")),
    )
    told = words.what_funder_sees(Terms(statement=statement))
    assert told[2:5] == (
        "The funder also gets one line for each grant. It says the month and how much it was. It holds no name.",
        "Why: The law.",
        "We share one line.",
    )
    assert told[5].startswith("Somebody from the funder may look at a few files on a screen.")
    assert told[-2:] == (
        "The funder asked: “How many?” We answer from what we know. Nobody is asked for it.",
        "The funder asked: “Well?” We do not know. Nobody is asked for it.",
    )


def test_a_sample_by_size_says_how_sure_it_is() -> None:
    sampled = Terms(confirmation=Confirmation(mode="sampled", confidence=95, margin=5))
    assert "just enough of them to be 95 in 100 sure, give or take 5 in 100" in words.confirming(sampled)
