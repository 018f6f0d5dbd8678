"""Telling us that something is wrong, on a small phone and at a desk; the inbox for help, small and large."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from grants.flow import confirm, decide, helping
from grants.flow.desk import Actor
from grants.model.helping import HelpCall
from grants.web.signin.practice import demo_link
from tests.browser.conftest import Look, Site, a_page, follow
from tests.conftest import add_user
from tests.scenes import a_fund, a_grant, a_worker, an_application, at

pytestmark = pytest.mark.browser


@dataclass
class Scene:
    """Somebody with a grant, somebody who was told no, and an independent reader who can sign in."""

    site: Site
    grant: str
    answer: str
    reader: str


@pytest.fixture(scope="module")
def scene(site: Site) -> Scene:
    with site.desk() as desk:
        fund = a_fund(desk)
        rosa = add_user(desk, "trustee", "independent-reader", name="Rosa Reader")
        granted = a_grant(desk, fund)
        no = an_application(desk, fund)
        decide.decline(at(desk, a_worker(desk)), no.id, "This fund is not for beds.")
        helping.call(desk.acting(Actor(kind="recipient")), grant=granted, kind="help", code="other", words="Please.")
        links = confirm.new_link(desk, granted), confirm.new_application_link(desk, no)
        sign_in = demo_link(site.house.settings, rosa).removeprefix(site.house.settings.base_url)
        return Scene(site, f"/r/{links[0]}", f"/a/{links[1]}", sign_in)


@pytest.mark.parametrize("width", [320, 1280])
def test_a_complaint_and_a_second_look_on_a_phone_and_on_a_desk(
    browser: Browser, scene: Scene, look: Look, width: int
) -> None:
    with a_page(browser, width) as page:
        page.goto(scene.site.address + scene.grant)
        follow(page.get_by_role("link", name="Get help, or complain"))
        look(page)
        page.get_by_label("How I was treated").check()
        page.get_by_label("Do you want to say more?").fill(f"Seen at {width}")
        follow(page.get_by_role("button", name="Send the complaint"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for telling us")
        look(page)
        page.goto(scene.site.address + scene.answer)
        look(page)
        asks = page.get_by_role("link", name="Ask somebody else to look again")
        if asks.count():
            follow(asks)
            look(page)
            follow(page.get_by_role("button", name="Ask for a second look"))
        expect(page.get_by_text("You asked for a second look.")).to_be_visible()
        look(page)
    with scene.site.desk() as desk:
        [complaint] = desk.session.scalars(select(HelpCall).where(HelpCall.code == "treated"))
        assert f"Seen at {width}" in helping.told_to(desk, complaint)["words"]


@pytest.mark.parametrize("width", [320, 1280])
def test_the_independent_reader_answers(browser: Browser, scene: Scene, look: Look, width: int) -> None:
    with a_page(browser, width) as page:
        page.goto(scene.site.address + scene.reader)
        follow(page.get_by_role("button").first)
        page.goto(scene.site.address + "/staff/help")
        look(page)
        follow(page.get_by_role("link", name="Help: Something else is wrong"))
        look(page)
        follow(page.get_by_role("link", name="Write down the answer"))
        look(page)
        page.goto(scene.site.address + "/staff/help/promise")
        look(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Did we answer in time?")
