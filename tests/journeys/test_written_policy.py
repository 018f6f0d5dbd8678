"""A funder writes a policy on a page, two people accept it, a fund uses it, and a grant keeps its version."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.terms_json import load
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

ASKED = "A few words on how it went"


def written(vera: Walker) -> str:
    """Vera of the funder writes a policy, block by block, and proposes it; returns its address at the funders’ door."""
    page = vera.open("/funders/").follow("Your policies").follow("Write a policy")
    page.sees("Left as it is, this policy asks nothing", "Nothing is asked of you after the award.")
    page.press("Add something hoped for", title="One story, later", promise="One short story. Silence is fine.")
    page.press("Count again", {"asks-0-title": ASKED, "asks-0-minutes": "30"}).sees("about 30 minutes")
    page.press("Count again", {"asks-0-minutes": "6", "typical": "150"}).sees(
        "about 6 minutes", "Left of £150", "£148.20"
    )
    page.press("Save as a proposal", status=422).sees("Something needs mending", "Write this in a few words.")
    page.press("Save as a proposal", {"asks-0-purpose": "So that we learn what helps."})
    return page.sees("Saved as a proposal.", "Two people of the charity read it.", ASKED).at


def test_from_the_funders_page_to_a_grant_that_keeps_its_terms(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Home start", "unconditional")
    vera = town.joined("vera", "funder-viewer", funder_id=town.funder("Home start"))
    there = written(vera)

    mona = town.staff("mona").open("/staff/funds").follow("Policies").sees("Waiting for us", "Needs two people", "Vera")
    mona.follow("One story, later").press("Agree").sees(
        "You agreed. Somebody else of the charity is the second person."
    )
    town.staff("mona").open("/staff/funds").follow("Home start").follow("Change for new awards").sees_no(
        "One story, later"
    )
    vera.open(there).sees("One person of the charity agreed.")
    town.staff("tess").open("/staff/more").follow("Policies").follow("One story, later").press("Agree").sees("Accepted")

    mona.open("/staff/funds").follow("Home start").follow("Change for new awards").sees(
        "Written without code, version 1"
    )
    mona.press("Choose", having={"__policy": "one-story-later"}).sees("For awards from now on", ASKED)
    mona.press("Use this for new awards").sees("How it trusts: One story, later")
    town.stranger("amina").open(fund).sees("about 6 minutes", ASKED)
    apply(town.stranger("amina"), fund)
    award(town.staff("ann"), "Amina Yusuf").sees(ASKED, "about 6 minutes")
    pay_by_service(town, "£150")
    town.strikes("reconcile")
    old = own_page(town, town.staff("ann"), "Amina Yusuf")
    town.stranger("amina").open(old).press("It arrived").sees(ASKED, "About 6 minutes")

    vera.open(there).follow("Write a new version")
    vera.press("Save as a proposal", {"asks-0-minutes": "2"}).sees("Version 2")
    for who in ("mona", "tess"):
        town.staff(who).open("/staff/policies").follow("One story, later").press("Agree")
    mona.open("/staff/funds").follow("Home start").sees("A newer version of this policy exists: version 2.")
    mona.follow("Change for new awards").press("Choose", having={"__policy": "one-story-later"})
    mona.press("Use this for new awards").sees_no("A newer version of this policy exists")
    apply(town.stranger("bilal"), fund, name={"name": "Bilal Khan"}, reach={"channel": "none"})
    award(town.staff("ann"), "Bilal Khan").sees(ASKED, "about 2 minutes")

    town.stranger("amina").open(old).sees(ASKED, "About 6 minutes")
    with town.desk() as desk:
        first, second = desk.session.scalars(select(Grant).order_by(Grant.id))
        assert [load(grant.terms).asks[0].minutes for grant in (first, second)] == [6, 2]
        assert [ask.minutes for ask in desk.session.scalars(select(GrantAsk).order_by(GrantAsk.id))] == [6, 2]
        assert desk.session.scalars(select(Fund)).one().policy_version == 2
        assert first.policy_source == "written without code, version 1"
    assert [out.amount for out in town.went_out()] == [150_00]
    assert town.findings() == []


def test_the_charity_says_no_and_the_funder_reads_why(town: Town) -> None:
    town.make_fund("Home start", "unconditional")
    vera = town.joined("vera", "funder-viewer", funder_id=town.funder("Home start"))
    there = written(vera)
    tess = town.staff("tess").open("/staff/policies").follow("One story, later")
    tess.press("Say no to it", status=422).sees("Write why, in a sentence.")
    tess.press("Say no to it", why="People in need have no six minutes.").sees("The answer was no")
    vera.open(there).sees("What the charity wrote", "People in need have no six minutes.", "Not this time")
    vera.follow("Write a new version").press("Take this away").sees("Nothing is asked of you after the award.")
    vera.press("Save as a proposal").sees("Version 2", "Waiting for two people", "Nothing is asked of the person")
    assert town.findings() == []
