"""A fund that pays an organisation: it holds the money and answers for it; the person agrees, and that is all."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from tests.journeys.conftest import Town, apply, award, own_page
from tests.journeys.walk import Walker

REFERRAL = {
    "name": "Severina Preda",
    "amount": "380",
    "need": "Beds and bedding for two children.",
    "question_consent": "yes",
    "whose": "Quayside Families",
    "sort_code": "20-00-00",
    "account_number": "31926819",
    "channel": "none",
    "attested": "yes",
}


def asks_the_agency(manager: Walker) -> None:
    manager.sees("To apply about 4 minutes", "After the award 0 minutes", "Send the receipts")
    manager.sees("Asked of the helper.")
    manager.sees("It goes to an organisation that helps them.")


def test_the_organisation_is_paid_and_answers_for_the_money(town: Town) -> None:
    town.limit("ann", 400)
    agency = town.joined("petra", "partner", organisation="Quayside Families")
    town.make_fund("Chances", "agency-held", asks_the_agency)

    agency.open("/staff/").follow("Apply for somebody").sees("This fund pays somebody who holds it for the person")
    assert "own_account" not in agency.fields("Send it in")
    agency.press("Send it in", REFERRAL).sees("It is in the queue", "In this fund the charity decides.")

    ann = town.staff("ann").open("/staff/applications").follow("Severina Preda")
    ann.sees("The one who referred them says", "May the organisation that helps you hold this money for you?")
    ann.press("Award").sees("£380 is set aside", "Quayside Families", "Send the spending plan")

    ben = town.staff("ben").open("/staff/payments").follow("Pay them by hand").sees("Quayside Families")
    ben.follow("Severina Preda").follow("Write down that it was paid").sees("Whose account Quayside Families")
    ben.press("Write it down", how="bank", reference="Bank line 12")
    town.staff("hugo").open("/staff/payments/by-hand").follow("Severina Preda").press("Yes, I found it")

    own = town.stranger().open(own_page(town, agency, "Severina Preda"))
    own.sees("You need do nothing.", "The money goes to those who hold it for you").sees_no("What we hope for")
    own.press("It arrived").sees("Thank you.")

    agency.open("/staff/asked").sees("Send the spending plan", "Send the receipts", "Fill in the survey")
    for asked, told in (
        ("spending plan", {"plan": "Two beds, £300. Bedding, £80."}),
        ("survey", {"changed": "Sleep."}),
    ):
        agency.open("/staff/asked").follow(asked).sees("Anything else?").press("Keep the answer", told)
    with town.desk() as desk:
        states = dict(desk.session.execute(select(GrantAsk.slug, GrantAsk.state)).all())
        assert states == {"plan": "met", "receipts": "open", "survey": "met"}

    town.clock.move(days=56 + 31)
    town.strikes("lapse_asks")
    with town.desk() as desk:
        assert desk.session.scalars(select(Grant.state)).one() == "completed", "late papers change nothing for anybody"
    town.stranger().open(own_page(town, town.staff("petra"), "Severina Preda")).sees_no("receipts")
    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Chances"))
    lena.open("/funders/").follow("Chances").follow("Read the statement").sees_no("Severina", "Quayside", "£380")
    assert town.findings() == []


def test_somebody_who_applies_themselves_names_who_holds_it(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Chances", "agency-held")
    amina = town.stranger("amina").open(fund).sees("It goes to an organisation that helps you.")
    holder = {"whose": "Advice on the Hill"}
    apply(amina, fund, holder=holder, question_consent={"consent": "yes"})
    ann = award(town.staff("ann"), "Amina Yusuf").sees("somebody else’s account: Advice on the Hill")
    assert "31926819" not in ann.html
    assert town.findings() == []
