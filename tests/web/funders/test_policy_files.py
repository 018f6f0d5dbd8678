"""A funder writes a policy on a page, sees what it costs people, and reads the charity’s answer."""

from __future__ import annotations

import io

import pytest

from grants.flow import policies
from grants.model.users import User
from tests.conftest import AtDesk, MakeUser, SignIn
from tests.visitor import Visitor, words
from tests.web.pages import every, parse

LIST, NEW = "/funders/policies", "/funders/policies/new"

FILE = """
slug = "one-story"
title = "One story"
promise = "One short story, later."
[[asks]]
slug = "story"
title = "A few words"
purpose = "So that we do better."
minutes = 4
"""


@pytest.fixture
def vera(client: Visitor, sign_in: SignIn) -> User:
    """Somebody of a funder, signed in at ``client``."""
    return sign_in(client, "funder-viewer", name="Vera")


def bring(client: Visitor, text: str) -> str:
    """Brings a file; returns where it leads, or what the page says."""
    data = {"csrf_token": client.token(LIST), "file": (io.BytesIO(text.encode()), "one.toml")}
    answer = client.post("/funders/policies/upload", data=data, content_type="multipart/form-data")
    return answer.location or words(answer)


def typed(client: Visitor, page: str = NEW) -> dict[str, str]:
    """Returns what a browser would send of an untouched page, its boxes to tick left out."""
    form = next(each for each in every(parse(client.get(page).text), "form", class_="builder"))
    inputs = [each for each in every(form, "input") if each.get("name") and each.get("type") != "checkbox"]
    picked = [each for each in inputs if each.get("type") != "radio" or each.get("checked") is not None]
    return {each.get("name", ""): each.get("value", "") for each in picked} | {
        "schedule-payees": "recipient",
        "statement-aggregates": "money",
    }


def test_a_funder_writes_counts_and_proposes(client: Visitor, vera: User, at_desk: AtDesk) -> None:
    assert "You have written none yet." in words(client.get(LIST))
    assert LIST in client.get("/funders/").text
    sent = typed(client) | {"block": "asks-0", "asks-0-title": "A story", "asks-0-purpose": "To learn."}
    sent |= {"asks-0-minutes": "30", "title": "Stories", "promise": "One story.", "slug": "stories"}
    counted = client.post("/funders/policies/count", data=sent)
    assert "about 30 minutes" in words(counted)
    assert "about 30 minutes" in words(client.post(NEW, data=sent | {"__do": "count"}))
    saved = client.post(NEW, data=sent | {"__do": "save"})
    assert saved.location == "/funders/policies/stories?version=1", words(saved)[:600]
    said = words(client.get(saved.location))
    assert "Two people of the charity read it." in said
    assert "A story" in said
    with at_desk() as desk:
        [one] = policies.waiting(desk)
        assert (one.row.funder_id, one.proposer) == (vera.funder_id, "Vera")


def test_a_file_comes_in_goes_out_and_is_taken_back(client: Visitor, vera: User) -> None:
    assert bring(client, FILE) == "/funders/policies/one-story?version=1"
    assert client.get("/funders/policies/one-story/file").get_data(as_text=True) == FILE
    broken = bring(client, FILE.replace("minutes = 4", "minutes = 'x'"))
    assert "line 9, key asks[0].minutes: expected a whole number" in broken
    page = "/funders/policies/one-story"
    assert client.send(page, to=f"{page}/1/withdraw").status_code == 302
    assert "Taken back" in words(client.get(page))
    assert client.send(LIST, to=f"{page}/1/withdraw").status_code == 409
    assert typed(client, f"{page}/edit")["asks-0-title"] == "A few words"


def test_the_charitys_answer_is_read_here(client: Visitor, vera: User, at_desk: AtDesk, make_user: MakeUser) -> None:
    bring(client, FILE)
    tess = make_user("trustee", name="Tess")
    with at_desk(tess) as desk:
        found = policies.version_of(desk, "one-story")
        assert found
        policies.decline(desk, found.row, "Four minutes are <b>too</b> many.")
    page = client.get("/funders/policies/one-story")
    assert "What the charity wrote Four minutes are <b>too</b> many." in words(page)
    assert "<b>too" not in page.text


def test_another_funder_finds_nothing_and_staff_are_led_to_their_own_pages(
    client: Visitor, vera: User, sign_in: SignIn, app: object
) -> None:
    bring(client, FILE)
    sign_in(client, "funder-viewer", name="Otto")
    for there in ("", "/file", "/edit"):
        assert client.get(f"/funders/policies/one-story{there}").status_code == 404
    assert "One story" not in words(client.get(LIST))
    assert "is taken" in bring(client, FILE)
    sign_in(client, "manager", name="Mona")
    assert client.get(LIST).location == "/staff/policies"
    assert client.send("/account/", {"__do": "save"}, to=NEW).status_code == 403
