"""A plugin is taken away in the middle of a grant: the grant stays whole, and only new awards wait."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grants.model.grants import Grant
from grants.model.payments import Payment
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
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


HOLDER = {"holder": {"whose": "Advice on the Hill"}, "question_consent": {"consent": "yes"}}

MORE: dict[str, dict[str, Any]] = {"agency-held": HOLDER, "full-receipts": ITEMS}
"""What else a policy asks of somebody who applies."""

PAGES = ("", "funds", "applications", "grants", "payments", "payments/by-hand", "learn", "plugins", "tasks", "asked")


@pytest.mark.parametrize(
    "slug",
    [
        "unconditional-instalments",
        "emergency-referral",
        "sample-assured",
        "aggregate-only",
        "light-report",
        "keep-receipts-spot-check",
        "agency-held",
        "full-receipts",
    ],
)
def test_every_grant_goes_on_when_the_plugin_of_its_policy_goes(town: Town, slug: str) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Any fund", slug)
    apply(town.stranger("amina"), fund, **MORE.get(slug, {}))
    awarded(town)
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    hoped = "What we hope for" in town.stranger("amina").open(page).reads
    before = terms(town)

    town.without_plugins()
    assert terms(town) == before
    assert ("What we hope for" in town.stranger("amina").open(page).reads) == hoped, "as much is asked as before"
    for there in PAGES:
        town.staff("mona").open(f"/staff/{there}")
    town.staff("ann").open("/staff/grants").follow("Amina Yusuf").follow("See the application")

    pay_first(town, "by hand" if slug == "agency-held" else "£25" if slug == "unconditional-instalments" else "£150")
    if slug == "unconditional-instalments":
        town.stranger("amina").open(f"{page}/pace").press("Keep this", pace="1-1-0").sees("Now: all at once")
        pay_by_service(town, "£125", releaser="fay")
    town.strikes("reconcile", "tell", "tell_asks", "lapse_asks")
    with town.desk() as desk:
        assert all(desk.session.scalars(select(Payment.done))), "what was awarded is paid"
        assert desk.session.scalars(select(Grant.state)).one() == "completed"
    phone = town.stranger("amina").open(page)
    if slug != "emergency-referral":
        phone.press("It arrived").sees("You told us")
    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Any fund"))
    lena.open("/funders/").follow("Any fund").follow("Read the statement").sees_no("Amina")

    apply(town.stranger("bilal"), fund, **(MORE.get(slug, {}) | {"name": {"name": "Bilal Noor"}}))
    ann = town.staff("ann").open("/staff/applications").follow("Bilal Noor")
    ann.press("Propose" if slug in TWO else "Award", tick="yes", eligible="I know them.", status=422)
    ann.sees(f"The policy “{slug}” is not installed here now, so new awards under it wait.")
    assert town.findings() == []


TWO = {"keep-receipts-spot-check", "full-receipts"}
"""Policies under which two people decide."""


def awarded(town: Town) -> None:
    """Ann awards it, and Gita agrees where the fund asks for two."""
    ann = town.staff("ann").open("/staff/").follow("Applications").follow("Amina Yusuf")
    alone = "Award" in ann.buttons()
    award(ann, "Amina Yusuf", "Award" if alone else "Propose")
    if not alone:
        town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it")


def pay_first(town: Town, how: str) -> None:
    """What is due goes out by the service, or by two people."""
    if how != "by hand":
        pay_by_service(town, how, releaser="fay")
        return
    ben = town.staff("ben").open("/staff/payments/by-hand").follow("Amina Yusuf")
    ben.follow("Write down that it was paid").press("Write it down", how="bank", reference="Bank line 12")
    town.staff("hugo").open("/staff/payments/by-hand").follow("Amina Yusuf").press("Yes, I found it")


def terms(town: Town) -> object:
    with town.desk() as desk:
        return desk.session.scalars(select(Grant.terms)).one()
