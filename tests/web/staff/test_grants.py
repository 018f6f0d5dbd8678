"""Grants on pages: what was agreed, in plain words, and a link that is shown once."""

from __future__ import annotations

import re

from grants.flow import fund as funding
from grants.flow.keyset import PAGE
from grants.model.funds import Fund
from grants.model.grants import Grant
from tests.conftest import browser
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office
from tests.web.staff.front_desk import applied, partner

LINK = re.compile(r"http://localhost(/r/[0-9a-z]{32})")


def page(office: Office, grant_id: int) -> str:
    """Returns the address of a grant's page."""
    return f"/staff/grants/{office.grant(grant_id).reference}"


def choose(office: Office, policy: str) -> None:
    """Gives the office's fund another policy."""
    with office.desk("gita") as desk:
        funding.choose_policy(desk, desk.session.get_one(Fund, office.fund.id if office.fund else 0), policy, {})


def test_a_grant_says_what_was_agreed_in_plain_words(office: Office, statements: Counting) -> None:
    choose(office, "light-report")
    here = page(office, office.award())
    office.at("ann").get(here)
    with statements() as sent:
        said = words(office.at("ann").get(here))
    assert len(sent) <= 12, sent
    for part in (
        "Tell us how it went, if you like",
        "6 months after the award. If it does not come, nothing happens.",
        "Paid in one go, as soon as it is awarded.",
        "We hope the person tells us that the money came",
        "A figure about fewer than 5 people is hidden.",
        "£150 · due 23 November 2026",
        "Decided by Ann",
        "Asked of the person about 5 minutes",
        "a change of the policy does not change it",
    ):
        assert part in said, part


def test_the_link_is_shown_once_with_a_picture_and_can_be_ended(office: Office) -> None:
    here = page(office, office.award())
    made = office.at("ann").send(here, {}, to=f"{here}/link")
    html = made.get_data(as_text=True)
    found = LINK.search(html)
    assert found
    assert "<svg" in html
    assert 'style="' not in html
    assert "They have a link that works until 23 December 2026" in words(office.at("ann").get(here))
    assert found.group(1) not in office.at("ann").get(here).get_data(as_text=True)
    somebody = browser(office.app)
    assert somebody.get(found.group(1)).status_code == 200
    office.at("ann").send(here, {}, to=f"{here}/link/end")
    assert somebody.get(found.group(1)).status_code == 404
    assert "They have no link now." in words(office.at("ann").get(here))


def test_a_new_link_ends_the_one_before(office: Office) -> None:
    here = page(office, office.award())
    first, second = (
        LINK.search(office.at("ann").send(here, {}, to=f"{here}/link").get_data(as_text=True)) for _ in range(2)
    )
    assert first
    assert second
    somebody = browser(office.app)
    assert [somebody.get(link.group(1)).status_code for link in (first, second)] == [404, 200]


def test_the_list_is_newest_first_and_pages(office: Office, statements: Counting) -> None:
    newest = [office.grant(office.award()).reference for _ in range(PAGE + 2)][::-1]
    ann, where, seen = office.at("ann"), "/staff/grants", list[str]()
    while where:
        with statements() as sent:
            html = ann.get(where).get_data(as_text=True)
        assert len(sent) <= 12
        seen += re.findall(r'href="/staff/grants/(G-\w+)"', html)
        more = re.search(r'href="([^"]+)" rel="next"', html)
        where = more.group(1).replace("&amp;", "&") if more else ""
    assert seen == newest


def test_filters(office: Office) -> None:
    office.award(name="Amina Yusuf")
    ann = office.at("ann")
    assert "Amina Yusuf" in words(ann.get("/staff/grants?state=active"))
    assert "Amina Yusuf" not in words(ann.get("/staff/grants?state=on_hold"))
    assert "Amina Yusuf" not in words(ann.get("/staff/grants?fund=999"))
    assert "Amina Yusuf" in words(ann.get("/staff/grants?state=nonsense&fund=x&after=y"))


def test_a_partner_sees_the_grants_of_their_referrals_alone(office: Office) -> None:
    mine = partner(office)
    reference = applied(office, by=mine, route="referred", name="Amina Yusuf")
    other = page(office, office.award(name="Somebody Else"))
    there = f"/staff/applications/{reference}"
    office.at("ann").send(there, {"tick": "yes", "eligible": "I know them", "amount": "150"}, to=f"{there}/award")
    said = words(office.at(mine).get("/staff/grants"))
    assert "Amina Yusuf" in said
    assert "Somebody Else" not in said
    assert office.at(mine).get(other).status_code == 404
    with office.desk() as desk:
        own = f"/staff/grants/{desk.session.query(Grant).order_by(Grant.id.desc()).first().reference}"
    assert LINK.search(office.at(mine).send(own, {}, to=f"{own}/link").get_data(as_text=True))
    assert office.at(mine).send(own, {}, to=f"{other}/link").status_code == 404
