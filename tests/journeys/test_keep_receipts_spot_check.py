"""A fund that asks a few people, drawn by chance, what they bought: any answer is enough, and silence is closed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from grants.domain.sampling import drawn
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

ASKED = "Tell us what you bought: a photo, a bank line or your own words"
FEW = "asked of 5 in 100, drawn by chance"


def asks_a_few(manager: Walker) -> None:
    manager.sees(ASKED, FEW, "about 10 minutes", "at most 2 times, then let it go.", "Two people decide together.")


def awarded(town: Town, fund: str, name: str, **more: dict[str, Any]) -> Walker:
    apply(town.stranger(), fund, name={"name": name}, **more)
    award(town.staff("ann"), name, "Propose")
    return town.staff("gita").open("/staff/applications").follow(name).press("Agree: award it")


def test_whoever_is_drawn_tells_it_in_their_own_words(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Play fund", "keep-receipts-spot-check", settings={"share": "100"})
    town.stranger("amina").open(fund).sees(ASKED, "We take nothing back.")
    awarded(town, fund, "Amina Yusuf").sees("£150 is set aside", ASKED)
    pay_by_service(town, "£150", releaser="fay")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00]

    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    phone = town.stranger("amina").open(page).press("It arrived").sees("What we hope for", ASKED)
    phone.follow("Answer this").sees("Anything else?").press("Send", bought="A pram, and a coat for the baby.")
    phone.sees("Thank you. We have what you told us.")
    with town.desk() as desk:
        assert desk.session.scalars(select(GrantAsk.state)).all() == ["met"]

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Play fund"))
    lena.open("/funders/").follow("Play fund").follow("Read the statement").sees_no("pram", "Amina")
    assert town.findings() == []


def test_whoever_is_silent_is_reminded_twice_and_then_it_is_closed(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Play fund", "keep-receipts-spot-check", settings={"share": "100"})
    awarded(town, fund, "Amina Yusuf")
    pay_by_service(town, "£150", releaser="fay")
    town.strikes("reconcile")
    before = written(town)
    for _ in range(20):
        town.clock.move(days=10)
        town.strikes("tell_asks", "lapse_asks")
    assert written(town) - before == 1 + 2, "told once, reminded twice, and never again"
    with town.desk() as desk:
        assert desk.session.scalars(select(GrantAsk.state)).all() == ["lapsed"]
        assert desk.session.scalars(select(Grant.state)).all() == ["completed"]
    own = town.stranger().open(own_page(town, town.staff("ann"), "Amina Yusuf")).sees("You need do nothing.")
    own.sees_no("missed", ASKED)
    assert town.findings() == []


def test_most_people_are_never_asked_and_anybody_can_run_the_draw_again(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Play fund", "keep-receipts-spot-check", asks_a_few, opening="9000")
    with town.desk() as desk:
        assert desk.session.scalars(select(Grant)).all() == []
    for number in range(6):
        awarded(town, fund, f"Ada Marsh {number}", amount={"amount": "20"})
    with town.desk() as desk:
        grants = desk.session.scalars(select(Grant)).all()
        asked = {ask.grant_id for ask in desk.session.scalars(select(GrantAsk))}
        assert asked == {grant.id for grant in grants if drawn("keep-receipts", grant.reference, 5)}
        assert {grant.id for grant in grants if grant.minutes} == asked, "whoever is not drawn owes nothing"
    assert town.findings() == []


def written(town: Town) -> int:
    with town.desk() as desk:
        return len(desk.session.scalars(select(OutboxMessage.id)).all())
