"""The recipient's own page and what hangs on it, on a small phone without scripts and on a desk; letters on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from grants.flow import confirm, stories
from grants.flow.person_keys import open_for
from grants.model.grants import Grant
from grants.web.signin.practice import demo_link
from tests.browser.conftest import Look, Site, a_page, follow
from tests.browser.pictures import keep
from tests.hoping import picture
from tests.scenes import a_fund, a_grant, a_worker

pytestmark = pytest.mark.browser

ADDRESS = "Flat 2\n1 Quay Street\nPoole BH15 1AA"


@pytest.fixture(scope="module")
def told(site: Site) -> tuple[int, str, str]:
    """A grant whose person is written to by letter; its number, the token of its link, and a worker's way in."""
    with site.desk() as desk:
        safe = {"channel": "letter", "contact_safe": True, "email": "", "address": ADDRESS}
        grant = a_grant(desk, a_fund(desk, policy="light-report"), name="Amina Yusuf", **safe)
        worker = a_worker(desk, "manager", name="Mona")
        return grant.id, confirm.new_link(desk, grant), demo_link(site.house.settings, worker)


@pytest.mark.parametrize(("width", "scripts"), [(320, False), (1280, True)])
def test_a_story_is_told_and_its_consent_taken_back(
    browser: Browser, site: Site, told: tuple[int, str, str], tmp_path: Path, look: Look, width: int, *, scripts: bool
) -> None:
    number, token, _way_in = told
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture())
    with a_page(browser, width, scripts=scripts) as page:
        page.goto(f"{site.address}/r/{token}")
        follow(page.get_by_role("link", name="Tell your story"))
        page.get_by_label("In your own words").fill("We are warm.")
        page.get_by_label("Pictures").set_input_files(photo)
        page.get_by_label("The funder may read it.").check()
        keep(page, f"story-{width}")
        follow(page.get_by_role("button", name="Send"))
        expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
        expect(page.get_by_text("We are warm.")).to_have_count(0)
        keep(page, f"story-told-{width}")
        if scripts:
            look(page)
        follow(page.get_by_role("button", name="Take this back"))
        expect(page.get_by_text("It is taken back.")).to_be_visible()
        with site.desk() as desk:
            grant = desk.session.get_one(Grant, number)
            assert stories.for_funder(desk, grant.fund) == []
            kept = stories.of_grant(desk, grant)[0].story
            assert open_for(desk, kept.person_id, kept.sealed) == {"words": "We are warm."}
        page.get_by_text("Take this story away").click()
        follow(page.get_by_role("button", name="Take it away"))
        expect(page.get_by_text("Your story is gone.")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_each_page_is_easy_to_see_and_to_tap(
    browser: Browser, site: Site, told: tuple[int, str, str], look: Look, width: int
) -> None:
    _number, token, _way_in = told
    with a_page(browser, width) as page:
        for place in (f"/r/{token}", "not-yet", "ours", "ours/asked", "story", "ask/story", "/code", "/code/thanks"):
            path = place if place.startswith("/") else f"/r/{token}/{place}"
            assert page.goto(f"{site.address}{path}").status == 200  # type: ignore[union-attr]
            keep(page, f"{place.rpartition('/')[2][:12]}-{width}")
            look(page)


def test_a_letter_is_printed_with_its_address_in_the_window(
    browser: Browser, site: Site, told: tuple[int, str, str]
) -> None:
    with a_page(browser, 1280) as page:
        _sign_in(page, site, told[2])
        page.goto(f"{site.address}/staff/letters")
        keep(page, "letters-1280")
        page.get_by_label("Large print").check()
        page.get_by_role("button", name="Print").click()
        expect(page.get_by_text("Shown once")).to_be_visible()
        keep(page, "letters-printed-1280")
        page.emulate_media(media="print")
        expect(page.get_by_text("Shown once")).to_be_hidden()
        expect(page.locator("header")).to_be_hidden()
        address = page.locator(".letter__address").first
        assert address.inner_text().split("\n") == ["Amina Yusuf", *ADDRESS.split("\n")]
        assert address.evaluate("e => getComputedStyle(e).fontSize") == "24px", "18 points"
        keep(page, "letters-paper")
        page.emulate_media(media="screen")
        page.goto(f"{site.address}/staff/stories")
        keep(page, "stories-1280")
        page.set_viewport_size({"width": 320, "height": 640})
        for place in ("letters", "letters?printed=yes", "stories"):
            page.goto(f"{site.address}/staff/{place}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, place
            keep(page, f"staff-{place[:10]}-320")


def _sign_in(page: Page, site: Site, way_in: str) -> None:
    page.goto(site.address + way_in.partition("127.0.0.1")[2])
    follow(page.get_by_role("main").get_by_role("button").first)
