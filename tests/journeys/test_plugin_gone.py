"""A plugin is taken away in the middle of a grant: the grant stays whole, and only new awards wait."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.grants import Grant
from tests.journeys.conftest import Town, apply, own_page, pay_by_service
from tests.journeys.test_full_receipts import ASKED, ITEMS, MISSED, proposed

GONE = "The policy “full-receipts” is not installed here now, so new awards under it wait."


def test_a_grant_outlives_its_plugin(town: Town) -> None:
    fund = proposed(town)
    town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    apply(town.stranger("bilal"), fund, **(ITEMS | {"name": {"name": "Bilal Noor"}}))
    before = terms(town)

    town.without_plugins()
    assert terms(town) == before

    pay_by_service(town, "£150", releaser="fay")
    town.strikes("reconcile", "tell")
    assert [out.amount for out in town.went_out()] == [150_00], "what was awarded is paid"
    phone = town.stranger("amina").open(page).sees(ASKED, MISSED).press("It arrived")
    phone.sees("You told us").follow("Answer this").press("Send", words="A cooker and a kettle. I kept the receipts.")
    phone.sees("Thank you. We have what you told us.")

    ann = town.staff("ann").open("/staff/grants").follow("Amina Yusuf").sees(ASKED, MISSED, "I kept the receipts.")
    mona = town.staff("mona")
    for there in ("/staff/", "/staff/funds", "/staff/applications", "/staff/learn", "/staff/plugins", "/staff/tasks"):
        mona.open(there)
    mona.open("/staff/funds").follow("Furniture fund").sees("is not installed now, so new awards wait")
    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Furniture fund"))
    lena.open("/funders/").follow("Furniture fund").sees("about 35 minutes").follow("Read the statement")

    ann.open("/staff/applications").follow("Bilal Noor")
    ann.press("Propose this award", tick="yes", eligible="I know them.", status=422).sees(GONE, "go on as they are")
    with town.desk() as desk:
        assert len(desk.session.scalars(select(Grant)).all()) == 1
    fresh = town.stranger("carla")
    apply(fresh, fund, **(ITEMS | {"name": {"name": "Carla Díaz"}}))
    fresh.sees("We have it")
    assert town.findings() == []


def test_a_fund_whose_plugin_went_is_given_another_policy(town: Town) -> None:
    proposed(town)
    town.without_plugins()
    gita = town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it", status=409)
    gita.sees(GONE)
    mona = town.staff("mona").open("/staff/funds").follow("Furniture fund").follow("Change for new awards")
    mona.press("Choose", having={"__policy": "unconditional"})
    mona.sees("After the award 0 minutes").press("Use this for new awards")
    town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it").sees("Nothing is asked")
    assert town.findings() == []


def terms(town: Town) -> object:
    with town.desk() as desk:
        return desk.session.scalars(select(Grant.terms)).one()
