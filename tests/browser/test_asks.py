"""Answering an ask with a picture in a real browser, on a small phone and a wide screen, without scripts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow import confirm
from grants.model.asks import Attachment, GrantAsk
from tests.browser.conftest import Look, Site, a_page, follow
from tests.hoping import CONDITION, RECEIPTS, picture
from tests.scenes import a_fund, a_grant

pytestmark = pytest.mark.browser


def asked(site: Site) -> str:
    """Somebody has a grant that hopes for a picture of what they bought; returns the address of their page."""
    with site.desk() as desk:
        grant = a_grant(desk, a_fund(desk))
        grant.terms = dump(Terms(asks=(replace(CONDITION, accepts=RECEIPTS.accepts),)))
        row = GrantAsk(
            grant_id=grant.id,
            slug="receipts",
            title=RECEIPTS.title,
            form="story",
            of="recipient",
            minutes=10,
            due_on=desk.today() + timedelta(days=10),
            if_missed="hold_next_payment",
        )
        desk.session.add(row)
        return f"{site.address}/r/{confirm.new_link(desk, grant)}"


@pytest.mark.parametrize("width", [320, 1280])
def test_a_picture_is_added_removed_and_sent(
    browser: Browser, site: Site, look: Look, width: int, tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(picture(size=(1200, 1600)))
    mine = asked(site)
    with a_page(browser, width, scripts=False) as page:
        page.goto(mine)
        follow(page.get_by_role("link", name="Answer this"))
        page.get_by_label("Anything else?").fill("It was on sale.")
        page.get_by_label("Pictures").set_input_files([photo, photo])
        follow(page.get_by_role("button", name="Add these pictures"))
        assert page.get_by_text("You have added 2 pictures.").is_visible()
        assert page.get_by_label("Anything else?").input_value() == "It was on sale."
        follow(page.get_by_role("button", name="Remove picture 2"))
        assert page.get_by_text("You have added 1 picture.").is_visible()
        follow(page.get_by_role("button", name="Send", exact=True))
        assert page.get_by_text("Thank you. We have what you told us.").is_visible()
    with site.desk() as desk:
        ask = desk.session.scalars(select(GrantAsk).order_by(GrantAsk.id.desc())).first()
        assert ask is not None
        assert (ask.state, ask.answers) == ("met", {"anything_else": "It was on sale."})
        assert len(desk.session.scalars(select(Attachment.id).where(Attachment.ask_id == ask.id)).all()) == 1


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_of_an_ask_fits_is_easy_to_tap_and_open_to_all(
    browser: Browser, site: Site, look: Look, width: int, tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(picture())
    mine = asked(site)
    with a_page(browser, width) as page:
        page.goto(mine)
        look(page)
        page.goto(f"{mine}/ask/receipts")
        look(page)
        follow(page.get_by_role("button", name="Send", exact=True))
        assert page.get_by_text("One of these is enough. Or leave this page").first.is_visible()
        look(page)
        page.get_by_label("Pictures").set_input_files(photo)
        follow(page.get_by_role("button", name="Add these pictures"))
        look(page)
