"""A fund that trusts over time: nothing is asked, and the person chooses how it comes and changes their mind."""

from __future__ import annotations

from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

MONTHLY = "6 parts of about £25, one each month"
FORTNIGHTLY = "12 parts of about £12.50, one every 2 weeks"


def asks_nothing(manager: Walker) -> None:
    manager.sees("After the award 0 minutes", "Nothing is asked of the person after the award.", "every 2 weeks")


def test_a_person_chooses_how_it_comes_and_changes_their_mind(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Steady fund", "unconditional-instalments", asks_nothing)

    amina = town.stranger("amina").open(fund).sees("Nothing is asked of you afterwards.", "no receipts")
    amina.sees("You may change how the rest is paid, as often as you like.")
    apply(amina, fund)

    award(town.staff("ann"), "Amina Yusuf").sees(
        "£150 is set aside", f"The person chooses how it comes. Now: {MONTHLY}"
    )

    pay_by_service(town, "£25")
    town.strikes("reconcile")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    phone = (
        town.stranger("amina").open(page).sees("You choose how it comes", f"Now: {MONTHLY}.", "You need do nothing.")
    )
    phone.follow("Choose another way").sees("It is the same money either way.", "£125 on 23 November 2026.")
    phone.press("Keep this", pace="12-1-14").sees("This is how it comes now.", f"Now: {FORTNIGHTLY}.")
    town.clock.move(days=14)
    pay_by_service(town, "£12.50")
    ann = town.staff("ann").open("/staff/grants").follow("Amina Yusuf").follow("Choose another way with them")
    ann.press("Keep this", pace="1-1-0").sees("They chose how it comes", "Now: all at once")
    pay_by_service(town, "£112.50")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [25_00, 12_50, 112_50], "every penny, and not one twice"

    phone = town.stranger("amina").open(own_page(town, ann, "Amina Yusuf")).press("It arrived").sees("You told us on")
    assert "You choose how it comes" not in phone.reads, "nothing is left to choose"
    phone.open(f"{phone.at}/pace").sees("You need do nothing.")

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Steady fund"))
    lena.open("/funders/").follow("Steady fund").follow("Read the statement").sees_no("Amina", "£150")
    assert town.findings() == []
