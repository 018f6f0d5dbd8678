"""A fund for people in danger: whoever refers them vouches and decides, cash the same day, and nothing is asked."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.applications import Decision
from grants.model.messages import OutboxMessage
from tests.journeys.conftest import Town, own_page
from tests.journeys.walk import Walker

NAMED = "Severina Preda"
WHO = "Yes, this fits what the money is for: People who need money today to be safe."

REFERRAL = {
    "name": NAMED,
    "amount": "240",
    "need": "A coach ticket and two nights.",
    "how": "cash",
    "channel": "none",
    "contact_wish": "He sees her phone.",
}


def asks_nothing(manager: Walker) -> None:
    manager.sees("After the award 0 minutes", "The person is not asked whether the money came.", "Up to £250")


def test_the_one_who_refers_vouches_and_decides_and_nobody_is_asked_anything(town: Town) -> None:
    refuge = town.joined("petra", "partner", organisation="Quayside Refuge")
    town.limit("petra", 500)
    town.make_fund("Safe tonight", "emergency-referral", asks_nothing)

    refuge.open("/staff/").follow("Apply for somebody")
    unsaid = REFERRAL | {"household_size": "1"}
    refuge.press("Send it in", unsaid, status=422).sees("If it is not, this fund cannot be used.")
    refuge.press("Send it in", attested="yes").sees("It is in the queue", f"The one who referred them says: “{WHO}”")
    refuge.sees("You can decide this alone.")
    assert "How do you know?" not in refuge.reads, "nobody who vouched writes a reason"

    refuge.press("Award").sees("£240 is set aside")
    with town.desk() as desk:
        decision = desk.session.scalars(select(Decision)).one()
        assert (decision.by, decision.second_by) == (town.users["petra"].id, None)
        assert decision.eligible == "The one who referred them says that it fits."

    ben = town.staff("ben").open("/staff/payments").follow("Pay them by hand").follow(NAMED)
    ben.follow("Write down that it was paid").press("Write it down", how="cash", reference="Cash book 7")
    town.staff("ann").open("/staff/payments/by-hand").follow(NAMED).press("Yes, I found it")
    assert town.went_out() == [], "nothing by a bank"

    own = town.stranger().open(own_page(town, refuge, NAMED)).sees("You need do nothing.")
    own.sees_no("It arrived", "What we hope for", "Severina", "coach")
    town.clock.move(days=400)
    town.strikes("lapse_asks", "reconcile")
    with town.desk() as desk:
        written = select(OutboxMessage).where(OutboxMessage.channel != "none")
        assert desk.session.scalars(written).all() == [], "nobody wrote to them"

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Safe tonight"))
    lena.open("/funders/").follow("Safe tonight").follow("Read the statement").sees_no("Severina", "Quayside", "£240")
    assert town.findings() == []


def test_a_family_may_have_more_and_above_it_two_decide(town: Town) -> None:
    refuge = town.joined("petra", "partner", organisation="Quayside Refuge")
    town.limit("petra", 1000)
    town.make_fund("Safe tonight", "emergency-referral", ceiling="900")
    for name, size, amount in (("Ada Marsh", "3", "480"), ("Bea Marsh", "1", "260")):
        sent = REFERRAL | {"name": name, "household_size": size, "amount": amount, "attested": "yes"}
        refuge.open("/staff/").follow("Apply for somebody").press("Send it in", sent)
        refuge.press("Award" if size == "3" else "Propose")
    refuge.sees("This fund asks two people to agree to an award of this size.")
    refuge.open("/staff/grants").sees("Ada Marsh").sees_no("Bea Marsh")
    town.staff("gita").open("/staff/applications").follow("Bea Marsh").press("Agree: award it").sees(
        "£260 is set aside"
    )
    assert town.findings() == []
