"""A funder that wants totals: it asks the charity, and never the person."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.asks import GrantAsk
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

COUNTED = "Count this grant in the totals for the funder"


def asks_the_charity(manager: Walker) -> None:
    manager.sees("After the award 0 minutes", COUNTED, "Asked of us.", "fewer than 10 people is hidden")


def test_totals_are_asked_of_the_charity_and_nothing_of_the_person(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Household support", "aggregate-only", asks_the_charity)

    amina = town.stranger("amina").open(fund).sees("Nothing is asked of you afterwards.", "no receipts")
    amina.sees("We send the funder totals only.")
    assert COUNTED not in amina.reads, "what the charity does is no business of theirs"
    apply(amina, fund)
    ann = award(town.staff("ann"), "Amina Yusuf").sees("£150 is set aside", COUNTED, "Asked of us.")

    pay_by_service(town, "£150")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00]
    phone = town.stranger("amina").open(own_page(town, ann, "Amina Yusuf")).press("It arrived")
    phone.sees("You need do nothing.").sees_no(COUNTED)

    town.clock.move(days=60)
    ann = town.staff("ann").open("/staff/grants").follow("Amina Yusuf")
    ann.follow("Answer this").press("Keep the answer", sent="With the winter figures.")
    with town.desk() as desk:
        [ask] = desk.session.scalars(select(GrantAsk))
        assert (ask.of, ask.state) == ("charity", "met")

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Household support"))
    lena.open("/funders/").follow("Household support").sees("fewer than 10 people is hidden")
    lena.follow("Read the statement").sees_no("Amina", "£150", "winter figures")
    assert town.findings() == []


def test_totals_that_are_late_trouble_nobody(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Household support", "aggregate-only")
    apply(town.stranger(), fund)
    award(town.staff("ann"), "Amina Yusuf")
    town.clock.move(days=90 + 31)
    town.strikes("lapse_asks")
    with town.desk() as desk:
        assert desk.session.scalars(select(GrantAsk.state)).all() == ["lapsed"]
    own = town.stranger().open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    own.sees("You need do nothing.").sees_no(COUNTED)
    assert town.findings() == []
