"""A fund that hopes for one story: paid at once, asked much later, and let go without blame when it does not come."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.tasks import Task
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

ASKED = "Tell us how it went, if you like"
TOLD = "We are warm. <b>Thank you</b> 🌻"


def asks_one_story(manager: Walker) -> None:
    manager.sees(
        "After the award about 8 minutes", ASKED, "6 months after the award", "If it does not come, nothing happens."
    )


def paid(town: Town) -> str:
    """Somebody has their money from a fund that hopes for a story; returns the address of their own page."""
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Home start", "light-report", asks_one_story, settings={"months": "6", "minutes": "8"})
    amina = town.stranger("amina").open(fund)
    amina.sees("Afterwards we hope to hear from you: about 8 minutes.", ASKED, "6 months after the award")
    amina.sees("So that the funder and we learn what helps. It changes nothing for you.")
    apply(amina, fund)
    award(town.staff("ann"), "Amina Yusuf").sees(ASKED, "about 8 minutes", "If it does not come, nothing happens.")
    pay_by_service(town, "£150")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00]
    return own_page(town, town.staff("ann"), "Amina Yusuf")


def test_a_story_is_told(town: Town) -> None:
    page = paid(town)
    phone = town.stranger("amina").open(page).press("It arrived")
    phone.sees("What we hope for", ASKED, "About 8 minutes, by 22 May 2027.", "Nothing changes.")
    assert "You need do nothing." not in phone.reads, "something is hoped for, so the page does not say that nothing is"

    town.clock.move(days=178)
    later = town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    asked = later.follow("Answer this").sees("Why:", "If it does not come, nothing happens.", "Not now")
    asked.press("Send", status=422).sees("Something needs mending")
    asked.press("Send", story=TOLD, to_charity="yes", to_funder="yes").sees("Thank you. We have what you told us.")
    assert ASKED not in asked.reads
    town.clock.move(days=60)
    town.strikes("lapse_asks")
    ann = town.staff("ann").open("/staff/stories").sees("Home start", TOLD, "For us", "For the funder")
    ann.sees_no("<b>Thank you</b>", "Amina").follow("For everybody").sees_no("We are warm")
    with town.desk() as desk:
        [ask] = desk.session.scalars(select(GrantAsk))
        assert (ask.state, ask.how, ask.answers) == ("met", "link", {}), "its words are sealed with the story"
    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Home start"))
    for there in ("/funders/", "/funders/funds/home-start", "/funders/funds/home-start/statement"):
        lena.open(there).sees_no("We are warm", "Amina")
    lena.open("/funders/funds/home-start").follow("Stories people let you read").sees(TOLD, "May 2027").sees_no("Amina")

    theirs = town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf")).follow("Tell your story")
    theirs.sees("You told us on", "The funder may read it. Yes Take this back").sees_no("We are warm")
    theirs.press("Take this back : The funder may read it.").sees("It is taken back.")
    lena.open("/funders/funds/home-start/stories").sees_no("We are warm")
    town.staff("ann").open("/staff/stories").sees(TOLD).sees_no("For the funder\n")
    theirs.press("Take it away").sees("Your story is gone.")
    town.staff("ann").open("/staff/stories").sees_no("We are warm")
    assert town.findings() == []


def test_a_story_lapses_and_nobody_is_blamed(town: Town) -> None:
    page = paid(town)
    town.clock.move(days=180 + 31)
    town.strikes("lapse_asks", "reconcile", "tell")
    with town.desk() as desk:
        [ask] = desk.session.scalars(select(GrantAsk))
        assert (ask.state, ask.answers) == ("lapsed", {})
        [grant] = desk.session.scalars(select(Grant))
        assert grant.state == "completed"
        assert desk.session.scalars(select(Task).where(Task.closed_at.is_(None))).all() == []
    ann = town.staff("ann").open("/staff/grants").follow("Amina Yusuf").sees("Let go")
    again = town.stranger("amina").open(own_page(town, ann, "Amina Yusuf"))
    again.sees("You need do nothing.").sees_no("What we hope for", "missed", "sorry")
    again.open(f"{again.at}/ask/story").sees("You need do nothing.")

    fund = "/apply/home-start"
    apply(town.stranger("amina"), fund)
    ann.open("/staff/applications").follow("Amina Yusuf").sees("You can decide this alone.")
    assert not any(word in ann.reads for word in ("missed", "lapsed", "Let go")), "silence never counts"
    assert page
    assert town.findings() == []
