"""A fund that asks nobody for papers: what its funder learns comes from a few, drawn by chance, who may stay silent."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

DRAWN = "We ask some people whether the money came. They are drawn by chance."


def asks_nobody(manager: Walker) -> None:
    manager.sees("After the award 0 minutes", "We ask just enough of them to be 90 in 100 sure, give or take 10")
    manager.sees(
        "Up to £500", "Above £2,000", "One of them is a manager.", "We pay within 3 working days of the award."
    )


def test_nobody_sends_papers_and_silence_changes_nothing(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Open hand fund", "sample-assured", asks_nobody, settings={"seed": "harbour 2026"})

    amina = town.stranger("amina").open(fund).sees("no receipts", "Nothing is asked of you afterwards.")
    amina.sees("If we call and you do not answer, nothing changes for you.")
    for name in ("Amina Yusuf", "Bilal Noor"):
        apply(town.stranger(), fund, name={"name": name})
        award(town.staff("ann"), name).sees("Nothing is asked of the person after the award.", DRAWN)

    pay_by_service(town, "£300")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00, 150_00]

    town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf")).press("It arrived").sees("Thank you.")
    town.clock.move(days=200)
    town.strikes("lapse_asks", "reconcile")
    silent = town.stranger("bilal").open(own_page(town, town.staff("ann"), "Bilal Noor"))
    silent.sees("You need do nothing.").sees_no("What we hope for")
    with town.desk() as desk:
        assert desk.session.scalars(select(GrantAsk)).all() == []
        assert set(desk.session.scalars(select(Grant.state))) == {"completed"}, "told or not, both grants are whole"

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Open hand fund"))
    lena.open("/funders/").follow("Open hand fund").sees(DRAWN).follow("Read the statement")
    lena.sees_no("Amina", "Bilal")
    assert town.findings() == []


def test_an_award_above_what_one_person_decides_takes_two(town: Town) -> None:
    town.limit("ann", 1000)
    fund = town.make_fund("Open hand fund", "sample-assured", ceiling="900")
    apply(town.stranger(), fund, amount={"amount": "600"})
    award(town.staff("ann"), "Amina Yusuf", "Propose").sees("two people to agree to an award of this size.")
    town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it").sees("£600 is set aside")
    assert town.findings() == []
