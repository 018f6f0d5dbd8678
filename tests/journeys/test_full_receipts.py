"""A fund that trusts least: questions about items, two people decide, receipts are hoped for in 30 days."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from grants.model.grants import Grant
from grants.model.payments import Payment
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

ASKED = "Send a list of what you bought, with the receipts"
MISSED = "If it does not come, a person looks at it before a further grant. This grant does not change."
ITEMS: dict[str, dict[str, Any]] = {
    "question_items": {"items": "A cooker, £140. A kettle, £10."},
    "question_quote": {"quote": "The second-hand shop on Quay Street."},
    "question_statements": {"statements": "£412 came in, £409 went out."},
    "question_letter": {"letter": "They need a cooker. R. Osei, health visitor."},
}


def asks_much(manager: Walker) -> None:
    manager.sees(
        "To apply about 1 hour 28 minutes",
        "What will you buy, and what does each thing cost?",
        "The funder agrees to each item before it pays.",
        "After the award about 35 minutes",
        ASKED,
        "Two people decide together.",
        MISSED,
    )


def proposed(town: Town, **settings: str) -> str:
    """Somebody has applied for a cooker and Ann has proposed to award it; returns the fund’s address."""
    town.limits()
    town.fill_purse(1000)
    look = asks_much if not settings else bool
    fund = town.make_fund("Furniture fund", "full-receipts", look, settings=settings)
    amina = town.stranger("amina").open(fund)
    amina.sees(
        "It takes about 1 hour 28 minutes.", "You need no account.", "What this fund also asks", "About 15 minutes."
    )
    amina.sees("The funder compares prices.", "What is hoped for afterwards", ASKED, "About 35 minutes")
    assert "no receipts" not in amina.reads
    apply(amina, fund, **ITEMS)
    ann = award(town.staff("ann"), "Amina Yusuf", "Propose this award")
    ann.sees("Proposed.", "Waits for a second person", "somebody else agrees to it", "A cooker, £140. A kettle, £10.")
    assert "Agree: award it" not in ann.buttons(), "nobody agrees with themselves"
    return fund


def test_every_question_says_why_it_is_asked(town: Town) -> None:
    fund = town.make_fund("Furniture fund", "full-receipts")
    amina = town.stranger("amina")
    apply(amina, fund, **ITEMS)
    for page, why in (("items", "The funder agrees to each item before it pays."), ("quote", "The funder compares")):
        fresh = town.stranger().open(fund).press("Start now")
        fresh.open(f"{fund}/question-{page}").sees("Why we ask", why, "We keep it for")
        assert fresh.reads.count("Why we ask") == 1, page


def test_two_people_decide_and_receipts_are_told(town: Town) -> None:
    proposed(town)
    with town.desk() as desk:
        assert desk.session.scalars(select(Grant)).all() == [], "a proposal is no grant"
    gita = town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it")
    gita.sees("£150 is set aside", ASKED, "35 minutes", MISSED)

    pay_by_service(town, "£150", releaser="fay")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00]
    phone = town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    phone.sees("What we hope for", ASKED, "About 35 minutes, by 23 December 2026.", MISSED)
    phone.sees(
        "A photo, a line from the bank or your own words are enough.",
        "The funder answers questions about items within 5 days.",
    )
    phone.follow("Answer this").press("Send", items="A cooker, £138, and a kettle, £9", missing="", anything_else="")
    phone.sees("Thank you. We have what you told us.")
    assert ASKED not in phone.reads
    assert "You need do nothing." in phone.reads
    town.clock.move(days=100)
    town.strikes("lapse_asks")
    assert "Talk with this person" not in town.staff("mona").open("/staff/tasks").reads
    assert town.findings() == []


def test_receipts_that_do_not_come_change_nothing_about_this_grant(town: Town) -> None:
    fund = proposed(town)
    town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it")
    pay_by_service(town, "£150", releaser="fay")
    town.strikes("reconcile")
    before = grant_and_payments(town)
    town.clock.move(days=61)
    town.strikes("lapse_asks", "lapse_asks", "reconcile")
    assert grant_and_payments(town) == before, "the money of this grant is untouched"
    mona = town.staff("mona").open("/staff/tasks").follow("Talk with this person before a further grant")
    mona.sees("nobody is to blame", "Their grant does not change", ASKED).follow("Open grant").sees("Amina Yusuf")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    town.stranger("amina").open(page).sees("You need do nothing.").sees_no("further grant", "missed")

    apply(town.stranger("amina"), fund, **ITEMS)
    ann = award(town.staff("ann"), "Amina Yusuf", "Propose this award")
    ann.sees("Proposed.")
    task = mona.open("/staff/tasks").follow("Talk with this person before a further grant")
    task.follow("It is done: close it").press("Close the task", outcome="They were in hospital. Award as for anybody.")
    assert town.findings() == []


def test_reminders_are_told_before_anybody_applies(town: Town) -> None:
    remind = {"if_missed": "remind", "reminders": "2", "alone_up_to": "200", "days": "60"}
    town.limits()
    fund = town.make_fund("Furniture fund", "full-receipts", settings=remind)
    told = "If it does not come, we remind you at most 2 times, then let it go."
    town.stranger("amina").open(fund).sees(told, "2 months after the award")
    amina = town.stranger("amina")
    apply(amina, fund, **ITEMS)
    ann = award(town.staff("ann"), "Amina Yusuf")
    ann.sees("we remind them at most 2 times, then let it go.")
    town.stranger("amina").open(own_page(town, ann, "Amina Yusuf")).sees(told)
    assert town.findings() == []


def grant_and_payments(town: Town) -> list[tuple[Any, ...]]:
    with town.desk() as desk:
        grants = desk.session.execute(select(Grant.state, Grant.amount, Grant.hold_reason, Grant.terms)).all()
        return [*map(tuple, grants), *map(tuple, desk.session.execute(select(Payment.amount, Payment.done)))]
