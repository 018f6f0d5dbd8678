"""What is hoped for afterwards: shown with its minutes and its reason, answered or not, never held against anyone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from grants.flow import stories
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.stories import Story
from grants.web import edge
from grants.web.edge import House
from tests.conftest import AtDesk
from tests.scenes import PAPERS
from tests.visitor import Visitor, words
from tests.web.recipients.test_mine import linked
from tests.web.recipients.typist import count

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def the_ask(house: House) -> GrantAsk:
    with house.database.session() as session:
        return session.scalars(select(GrantAsk)).one()


def test_a_story_is_asked_with_its_minutes_reason_and_what_happens_without_it(
    client: Visitor, at_desk: AtDesk, story: Fund
) -> None:
    _, token = linked(at_desk, story)
    page = words(client.get(f"/r/{token}"))
    assert "Tell us how it went, if you like About 5 minutes, by 22 May 2027." in page
    assert "Why: So that the funder and we learn what helps." in page
    assert "If it does not come, nothing happens." in page
    assert "If you would rather not tell a story, that is fine." in page, "a plugin's word has its place"
    assert "You need do nothing." not in page


def test_a_story_is_told_once_and_then_no_longer_asked(
    client: Visitor, house: House, at_desk: AtDesk, story: Fund
) -> None:
    _, token = linked(at_desk, story)
    csrf = client.token(f"/r/{token}/ask/story")
    asked = client.get(f"/r/{token}/ask/story").get_data(as_text=True)
    assert "Who may know of it?" in asked
    assert "checked" not in asked, "nothing is ticked before"
    told = {"csrf_token": csrf, "to_funder": "yes"} | _answers(client, token, "The heating is on.")
    assert client.post(f"/r/{token}/ask/story", data=told).headers["Location"] == f"/r/{token}"
    page = words(client.get(f"/r/{token}"))
    assert "Thank you. We have what you told us." in page
    assert "What we hope for" not in page
    assert (the_ask(house).state, the_ask(house).answers) == ("met", {})
    with at_desk() as desk:
        [shown] = stories.for_funder(desk, desk.session.get_one(Fund, story.id))
        assert shown.words == "The heating is on."
    again = {"csrf_token": csrf} | _answers(client, token, "Something else")
    assert client.post(f"/r/{token}/ask/story", data=again).status_code == 303
    assert count(house, Story) == 1, "told twice, the first stays"
    assert client.get(f"/r/{token}/ask/story").status_code == 302


def test_when_the_plugin_of_a_form_is_gone_a_plain_box_takes_its_place(
    app: Flask, client: Visitor, house: House, at_desk: AtDesk, furniture: Fund
) -> None:
    _, token = linked(at_desk, furniture, extra=PAPERS, sent="")
    assert "what did each thing cost?" in words(client.get(f"/r/{token}/ask/receipts"))
    forms = {slug: form for slug, form in house.catalogue.forms.items() if slug != "receipts"}
    app.extensions[edge.KEY] = replace(house, catalogue=replace(house.catalogue, forms=forms))
    page = client.get(f"/r/{token}/ask/receipts")
    assert "In your own words" in words(page)
    assert client.send(f"/r/{token}/ask/receipts", {"words": ""}).status_code == 422
    client.send(f"/r/{token}/ask/receipts", {"words": "A bed for £120, from the shop in town."})
    assert the_ask(house).state == "met"
    assert the_ask(house).answers == {"words": "A bed for £120, from the shop in town."}


def test_the_plugins_form_says_what_to_mend_and_keeps_the_words(
    client: Visitor, house: House, at_desk: AtDesk, furniture: Fund
) -> None:
    _, token = linked(at_desk, furniture, extra=PAPERS, sent="")
    page = client.send(f"/r/{token}/ask/receipts", {"items": "", "missing": "The dog ate it"})
    assert page.status_code == 422
    assert "The dog ate it" in page.get_data(as_text=True)
    assert (the_ask(house).state, the_ask(house).answers) == ("open", {})


def test_what_was_never_asked_cannot_be_answered(client: Visitor, at_desk: AtDesk, winter: Fund) -> None:
    _, token = linked(at_desk, winter)
    assert client.get(f"/r/{token}/ask/story").status_code == 404


def _answers(client: Visitor, token: str, told: str) -> dict[str, str]:
    """Fills the first box of the form for a story, whatever its plugin calls it."""
    page = client.get(f"/r/{token}/ask/story").get_data(as_text=True)
    _, _, rest = page.partition('<textarea class="govuk-textarea" id="')
    return {rest.partition('"')[0] or "words": told}
