"""The recipient's own page and what hangs on it: it shows nothing of them, and only a press of a button acts."""

from __future__ import annotations

import io
import random
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import Client

from grants.flow import stories
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.confirmations import Confirmation
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.people import Payee, Person
from grants.model.stories import Consent, DataRequest, Story, StoryPicture
from grants.model.tasks import Task
from grants.web.edge import House
from tests.conftest import AtDesk, Clock
from tests.hoping import picture
from tests.journeys.street import snapshot
from tests.scenes import a_fund
from tests.visitor import Visitor, words
from tests.web.recipients.test_mine import linked
from tests.web.recipients.typist import count

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGES = ("", "/story", "/ours", "/ours/asked", "/not-yet", "/pace", "/problem", "/told", "/ask/story")

SCANNERS = (
    {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks; BarracudaLinkProtect)"},
    {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender", "X-Moz": "prefetch"},
    {"User-Agent": "WhatsApp/2.23 A", "Range": "bytes=0-1023"},
    {"User-Agent": "facebookexternalhit/1.1", "Accept": "*/*"},
)


def test_fifty_opens_by_scanners_change_nothing_then_one_press_does(
    app: Flask, client: Visitor, house: House, at_desk: AtDesk, story: Fund
) -> None:
    """On the bare WSGI app, as a mail gateway opens a link: no cookies are kept, and no form is sent."""
    number, token = linked(at_desk, story)
    scanner = Client(app, use_cookies=False)
    before = snapshot(house)
    for opened in range(50):
        method = ("GET", "HEAD", "OPTIONS")[opened % 3]
        answer = scanner.open(
            f"/r/{token}{PAGES[opened % len(PAGES)]}", method=method, headers=SCANNERS[opened % len(SCANNERS)]
        )
        assert answer.status_code in (200, 206, 302), (opened, answer.status)
    for said in ("/r/{}?said=arrived", "/r/{}/story?give=public", "/code?code=000000000&said=arrived"):
        assert scanner.get(said.format(token)).status_code == 200
    assert snapshot(house) == before
    client.send(f"/r/{token}", {"said": "arrived"})
    after = snapshot(house)
    assert {table for table in after if after[table] != before[table]} >= {"grants", "confirmations", "events"}
    with house.database.session() as session:
        assert session.get_one(Grant, number).confirmed_at is not None


CANARY = re.compile("[rsb]q[0-9a-f]{7}")
"""What every generated value begins with; on no page does anything like it stand by itself."""


class Canaries:
    """Makes values that nobody else would write, and counts them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.made = 0

    def __call__(self, kind: str) -> str:
        self.made += 1
        return f"{kind}q{self.chance.getrandbits(48):012x}"


def fill(desk: Desk, grant_id: int, new: Canaries) -> None:
    """Writes a canary into everything about a person, their bank and their words, whatever stood there."""
    grant = desk.session.get_one(Grant, grant_id)
    person = desk.session.get_one(Person, grant.person_id)
    for name in ("name", "name_key", "ward", "area", "phone", "email", "address", "contact_wish"):
        setattr(person, name, new("r")[:18])
    person.district, person.avoid, person.sender = new("r")[:9], [new("r")], new("r")[:18]
    application = desk.session.get_one(Application, grant.application_id)
    for name in ("need", "notes", "helper_name", "helper_organisation", "helper_contact"):
        setattr(application, name, new("s"))
    payee = desk.session.get_one(Payee, grant.payee_id)
    for name in ("name", "whose", "why"):
        setattr(payee, name, new("b"))
    payee.token = new("b")
    grant.hold_reason = new("s")
    desk.session.add(Confirmation(grant_id=grant_id, kind="other", words=new("s"), how="link", at=desk.now()))


@ONLY_SQLITE
def test_two_hundred_generated_cases_show_nothing_of_anybody(app: Flask, at_desk: AtDesk) -> None:
    """RCP-05: whoever holds the link learns the amount, the dates, what is asked, and the charity's short name."""
    with at_desk() as desk:
        funds = [a_fund(desk, pounds=9000, policy=policy) for policy in ("unconditional", "light-report")]
    states = ("", "settled", "accepted", "returned", "unknown")
    cases = [linked(at_desk, funds[at % 2], states[at % 5]) for at in range(10)]
    new, shown, reader = Canaries(5), 0, Client(app)
    with at_desk() as desk:
        for number, _token in cases:
            stories.tell(desk, desk.session.get_one(Grant, number), new("s"), consents=stories.TO)
    for turn in range(20):
        with at_desk() as desk:
            for number, _token in cases:
                fill(desk, number, new)
        for at, (_number, token) in enumerate(cases):
            beside = PAGES[1 + turn % (len(PAGES) - 1)]
            for page in ("", beside) if at < 2 else ("",):
                html = reader.get(f"/r/{token}{page}", follow_redirects=True).get_data(as_text=True)
                assert CANARY.findall(html) == [], (turn, page)
                assert page or ("£150" in html and "Harbour Trust" in html)
            shown += 1
    assert shown == 200
    assert new.made > 3500


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("state", "later", "told", "calls"),
    [
        ("settled", 0, "It was sent on 23 November 2026. It should come by 25 November 2026.", 0),
        ("settled", 3, "It was sent on 23 November 2026. It should have come by 25 November 2026.", 1),
        ("", 0, "We are getting it ready to send. It should come by 26 November 2026.", 0),
        ("", 4, "It should have come by 26 November 2026. We are late, and it is our fault.", 1),
        ("returned", 0, "It came back to us, so it is safe. We are putting it right.", 0),
    ],
)
def test_not_yet_says_by_when_and_calls_somebody_only_when_it_is_late(
    client: Visitor,
    house: House,
    at_desk: AtDesk,
    clock: Clock,
    winter: Fund,
    state: str,
    later: int,
    told: str,
    calls: int,
) -> None:
    _number, token = linked(at_desk, winter, state)
    clock.move(days=later)
    page = words(client.get(f"/r/{token}/not-yet"))
    assert told in page
    for _ in range(2):
        assert client.send(f"/r/{token}/not-yet").status_code == 303
    with house.database.session() as session:
        events = session.scalars(select(EventRow).where(EventRow.name == "grant.not_yet_told")).all()
        assert [row.data["late"] for row in events] == [bool(calls)], "once a day"
        assert len(session.scalars(select(Task).where(Task.kind == "help_call")).all()) == calls


def test_a_story_is_told_with_pictures_and_its_consents_change_by_one_tap(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund
) -> None:
    _number, token = linked(at_desk, winter)
    here = f"/r/{token}/story"
    page = client.get(here).get_data(as_text=True)
    assert page.count('type="checkbox"') == 3
    assert "checked" not in page, "three ticks, none set before"
    assert "For example:" in page
    nothing = client.send(here, {"words": ""})
    assert (nothing.status_code, "Write a few words" in words(nothing)) == (422, True)
    wrong = client.send(here, {"words": "Kept on the page", "pictures": (_file(b"no picture"), "x.jpg")})
    assert (wrong.status_code, "Kept on the page" in wrong.get_data(as_text=True)) == (422, True)
    assert count(house, Story) == 0
    told = {"words": "We are warm.", "to_public": "yes", "pictures": (_file(picture()), "a.jpg")}
    assert client.send(here, told).headers["Location"] == here
    page = words(client.get(here))
    assert "You told us on 23 November 2026 With 1 picture." in page
    assert "We are warm" not in page
    with house.database.session() as session:
        number = session.scalars(select(Story.id)).one()
    change = f"{here}/{number}"
    for tap, given in (
        ({"give": "charity"}, {"public", "charity"}),
        ({"withdraw": "public"}, {"charity"}),
        ({"withdraw": "charity"}, set()),
    ):
        assert client.send(here, tap, to=change).status_code == 303
        with house.database.session() as session:
            assert set(session.scalars(select(Consent.to).where(Consent.withdrawn_at.is_(None)))) == given
    assert client.send(here, {"give": "everybody"}, to=change).status_code == 409
    client.send(here, {"remove": "yes"}, to=change)
    assert "You told us" not in words(client.get(here))
    assert count(house, StoryPicture) == 0
    assert client.send(here, {"give": "public"}, to=change).status_code == 404
    other = linked(at_desk, winter)[1]
    assert client.send(f"/r/{other}/story", {"remove": "yes"}, to=f"/r/{other}/story/{number}").status_code == 404


def test_asking_what_we_hold_shows_nothing_and_opens_one_request(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund
) -> None:
    number, token = linked(at_desk, winter)
    here = f"/r/{token}/ours"
    assert client.send(here, {}).status_code == 422
    for kind in ("see", "see", "erase"):
        answer = client.send(here, {"kind": kind, "words": "All of it, please"})
        assert answer.headers["Location"] == f"{here}/asked"
    thanks = words(client.get(f"{here}/asked"))
    assert "A worker makes sure that it is you, in the way that you said is safe." in thanks
    assert "one month" in thanks
    with house.database.session() as session:
        rows = session.scalars(select(DataRequest).order_by(DataRequest.id)).all()
        person = session.get_one(Grant, number).person_id
        assert [(row.kind, row.how, row.person_id, row.grant_id) for row in rows] == [
            ("see", "link", person, number),
            ("erase", "link", person, number),
        ]
        assert all("All of it" not in row.words for row in rows), "sealed under their own key"
        assert all(row.due_on > row.asked_at.date() + timedelta(days=27) for row in rows)


def _file(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)
