"""The front page: what is open, in plain words, and other ways to get help."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from grants.config import Settings
from grants.model.funds import Fund
from grants.web import porch
from tests.conftest import AtDesk, Start, browser
from tests.scenes import a_fund
from tests.visitor import Visitor, words
from tests.web.recipients.typist import begin

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_single_open_fund_is_shown_at_once(client: Visitor, winter: Fund) -> None:
    assert client.get("/").headers["Location"] == f"/apply/{winter.slug}"
    page = words(client.get("/", follow_redirects=True))
    assert "It takes about 3 minutes." in page
    assert "You need no account and no receipts." in page
    assert "Nothing is asked of you afterwards." in page
    assert "legitimate interests" in page
    assert "We do not ask for your consent" in page
    assert "The funder sees no names." in page
    assert "Sign in" in page


def test_several_funds_each_say_how_much_how_long_and_whether_receipts(
    client: Visitor, winter: Fund, furniture: Fund
) -> None:
    page = words(client.get("/"))
    assert "Winter fund Up to £300. Takes about 3 minutes. No receipts." in page
    assert "Furniture fund Up to £300. Takes about 1 hour 28 minutes. Afterwards we ask for receipts." in page


def test_only_funds_that_are_open_today_are_shown(client: Visitor, at_desk: AtDesk, winter: Fund, story: Fund) -> None:
    with at_desk() as desk:
        a_fund(desk, name="Closed fund", is_open=False)
        a_fund(desk, name="Spent fund", spend_by=date(2026, 11, 22))
        a_fund(desk, name="Coming fund", starts_on=date(2026, 12, 1))
    page = words(client.get("/"))
    assert "Winter fund" in page
    assert [name for name in ("Closed fund", "Spent fund", "Coming fund") if name in page] == []
    for slug in ("closed-fund", "spent-fund", "coming-fund"):
        assert "This fund is closed right now" in words(client.get(f"/apply/{slug}"))


def test_with_nothing_open_there_is_still_help(start: Start, settings: Settings) -> None:
    client = browser(start(replace(settings, contact_phone="01305 555012", contact_email="hello@harbour.example.org")))
    page = client.get("/")
    assert "We are not taking applications right now" in words(page)
    assert 'href="tel:01305555012"' in page.get_data(as_text=True)
    assert "hello@harbour.example.org" in words(page)


@pytest.mark.parametrize("path", ["/help", "/privacy", "/benefits"])
def test_help_privacy_and_benefits_are_plain_pages(client: Visitor, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert len(page.data) < 15_000
    assert "Leave this page fast" in words(page)


def test_many_beginnings_from_one_address_are_slowed_down(start: Start, settings: Settings, winter: Fund) -> None:
    app = start(replace(settings, mode="demo"))
    porch.limiter.reset()
    try:
        answers = [begin(browser(app), winter.slug).status_code for _ in range(21)]
    finally:
        porch.limiter.reset()
    assert answers == [303] * 20 + [429]
