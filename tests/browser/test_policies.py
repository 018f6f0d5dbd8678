"""The page on which a policy is written, in a real browser: it counts while one types, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from grants.model.users import User
from grants.web.signin.practice import demo_link
from tests.browser.conftest import Look, Site, a_page, follow
from tests.conftest import add_user

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mona(site: Site) -> User:
    """A manager."""
    with site.desk() as desk:
        return add_user(desk, "manager", name="Mona")


def sign_in(page: Page, site: Site, user: User) -> None:
    page.goto(site.address + demo_link(site.house.settings, user).removeprefix(site.house.settings.base_url))
    follow(page.locator("main form button").first)


def write(page: Page, site: Site) -> None:
    """Begins a policy that hopes for one thing."""
    page.goto(f"{site.address}/staff/policies/new")
    page.get_by_label("Name of the policy").fill("One photo")
    follow(page.get_by_role("button", name="Add something hoped for"))
    assert page.get_by_label("Name of the policy").input_value() == "One photo"


@pytest.mark.parametrize("width", [320, 1280])
def test_it_counts_while_one_types(browser: Browser, site: Site, mona: User, look: Look, width: int) -> None:
    with a_page(browser, width) as page:
        sign_in(page, site, mona)
        write(page, site)
        look(page)
        meter = page.locator("#meter")
        expect(meter).to_contain_text("0 minutes")
        with page.expect_response("**/staff/policies/count") as counted:
            page.locator("#asks-0-minutes").fill("30")
        assert counted.value.ok
        expect(meter).to_contain_text("about 30 minutes")
        expect(meter).to_contain_text("£143.40")
        live = meter.inner_text()
        follow(page.get_by_role("button", name="Count again"))
        assert page.locator("#meter").inner_text() == live
        assert page.locator("#asks-0-minutes").input_value() == "30"


def test_it_counts_without_scripts(browser: Browser, site: Site, mona: User) -> None:
    with a_page(browser, 320, scripts=False) as page:
        sign_in(page, site, mona)
        write(page, site)
        page.locator("#asks-0-minutes").fill("30")
        page.locator("#asks-0-minutes").press("Enter")
        expect(page.locator("#meter")).to_contain_text("about 30 minutes")
        assert page.locator("#asks-0-minutes").input_value() == "30", "Enter counts, and takes nothing away"


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_around_it_fit(browser: Browser, site: Site, mona: User, look: Look, width: int) -> None:
    with a_page(browser, width) as page:
        sign_in(page, site, mona)
        for path in ("/staff/policies", "/staff/policies/full-receipts", "/staff/policies/new?like=full-receipts"):
            page.goto(site.address + path)
            look(page)
