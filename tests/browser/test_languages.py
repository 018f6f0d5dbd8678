"""The recipients' door in Arabic and Welsh: mirrored, open to everyone, and it fits a small phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from grants.domain.money import Money
from grants.flow import confirm
from grants.flow.languages import record_review
from grants.languages import PARTS, gather
from grants.model.payments import Payment
from tests.browser.conftest import Look, Site, a_page, follow
from tests.browser.pictures import keep
from tests.scenes import a_fund, a_grant, a_worker, at

pytestmark = pytest.mark.browser


@dataclass
class Scene:
    """A charity with two funds, and the page of a grant that hopes for a story."""

    address: str
    token: str


@pytest.fixture(scope="module")
def scene(site: Site) -> Scene:
    with site.desk() as desk:
        a_fund(desk, name="Winter fund", ceiling=Money(300_00))
        story = a_fund(desk, name="Home start fund", policy="light-report", ceiling=Money(300_00))
        grant = a_grant(desk, story)
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one()
        assert payment.amount == grant.amount
        token = confirm.new_link(desk, grant)
        arabic = gather(desk.settings.home).get("ar")
        manager = at(desk, a_worker(desk, "manager", limit=0, name="Mona"))
        for part in PARTS:
            record_review(
                manager, arabic, part, arabic.digest(part), reviewer="A speaker", reviewed_on=date(2026, 11, 20)
            )
    return Scene(site.address, token)


STEPS = ("amount", "purposes", "reason", "name", "pay", "account", "bank", "reach", "reach-worker", "helper")


@pytest.mark.parametrize(("tag", "width"), [("ar", 320), ("cy", 320), ("ar", 1280)])
def test_every_page_fits_and_is_open_to_all(browser: Browser, scene: Scene, look: Look, tag: str, width: int) -> None:
    """Arabic was read by a speaker; Welsh was not, so its pages are partly in English."""
    with a_page(browser, width) as page:
        page.goto(f"{scene.address}/help")
        follow(page.locator(f".house-languages a[lang={tag}]"))
        assert page.locator("html").get_attribute("lang") == tag
        own = f"/r/{scene.token}"
        for path in ("/", "/help", "/privacy", "/benefits", "/apply/winter-fund", "/r/unknown", own, f"{own}/problem"):
            page.goto(scene.address + path)
            look(page)
            keep(page, f"{tag}-{width}-{path.rpartition('/')[2][:12] or 'front'}")
        page.goto(f"{scene.address}/apply/winter-fund")
        follow(page.locator("form button[type=submit]").first)
        for step in STEPS:
            page.goto(f"{scene.address}/apply/winter-fund/{step}")
            look(page)
            keep(page, f"{tag}-{width}-{step}")
        assert mirrored(page) is (tag == "ar")


def mirrored(page: Page) -> bool:
    """Returns whether the way back stands on the right of the page."""
    box = page.locator(".govuk-back-link").bounding_box()
    width = page.evaluate("window.innerWidth")
    return box is not None and box["x"] + box["width"] / 2 > width / 2
