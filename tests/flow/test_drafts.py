"""Drafts: what was typed on the pages, kept sealed, and what it says once it is sent."""

from __future__ import annotations

from grants.flow import drafts
from grants.flow.desk import Desk
from grants.model.applications import Application
from tests.scenes import a_fund

TYPED = {
    "amount": 150_00,
    "name": "Amina Yusuf",
    "how": "cash",
    "channel": "text",
    "phone": "07700900982",
}
"""What somebody typed who wants cash, and a text."""


def test_wishes_about_messages_go_from_the_pages_to_the_person(desk: Desk) -> None:
    said = {"sender": "Jo", "avoid": "grant, money\ncharity", "hours_from": "10:00", "hours_until": 16}
    fund = a_fund(desk)
    begun = drafts.find(desk, fund.slug, drafts.start(desk, fund))
    assert begun is not None
    sent = drafts.send(desk, drafts.keep(desk, begun, TYPED | said | {"voicemail": True, "shared": True}))
    person = desk.session.query(Application).filter_by(reference=sent).one().person
    assert (person.sender, person.avoid) == ("Jo", ["grant", "money", "charity"])
    assert (person.hours_from, person.hours_until) == (10, 16)
    assert (person.discreet, person.voicemail, person.shared) == (True, True, True)
