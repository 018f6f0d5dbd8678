"""The recipients' door in a real browser: on a small phone, without scripts, open to everyone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from grants.domain.money import Money
from grants.flow import confirm
from grants.model.applications import Application
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.web.recipients.leaving import NEUTRAL
from tests.browser.conftest import Look, Site, a_page, follow
from tests.scenes import a_fund, a_grant

pytestmark = pytest.mark.browser


@dataclass
class Scene:
    """A charity with three funds and two grants whose money was sent."""

    address: str
    tapped: str
    story: str
    site: Site


@pytest.fixture(scope="module")
def scene(site: Site) -> Scene:
    with site.desk() as desk:
        winter = a_fund(desk, name="Winter fund", ceiling=Money(300_00))
        a_fund(desk, name="Furniture fund", policy="full-receipts", ceiling=Money(300_00))
        home = a_fund(desk, name="Home start fund", policy="light-report", ceiling=Money(300_00))
        tokens = []
        for fund in (winter, home):
            grant = a_grant(desk, fund)
            payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one()
            now = desk.now()
            attempt = Attempt(
                payment_id=payment.id,
                number=1,
                rail=payment.rail,
                amount=payment.amount,
                currency="GBP",
                key=f"key-{payment.id}",
                state="settled",
                created_at=now,
                sent_at=now,
                settled_at=now,
            )
            desk.session.add(attempt)
            tokens.append(confirm.new_link(desk, grant))
    return Scene(site.address, *tokens, site)


def press(page: Page, button: str) -> None:
    """Presses a button and waits for the page that it leads to."""
    follow(page.get_by_role("button", name=button, exact=True))


def go_on(page: Page) -> None:
    press(page, "Continue")


def type_all(page: Page, scene: Scene) -> Iterator[str]:
    """Types an application on the pages as they come, and yields the name of each before it is answered."""
    page.goto(f"{scene.address}/apply/winter-fund")
    press(page, "Start now")
    yield "amount"
    page.get_by_label("How much would help?").fill("150")
    go_on(page)
    yield "purposes"
    page.get_by_label("Gas, electric or water").check()
    go_on(page)
    yield "need"
    page.get_by_label("What would it help with?").fill("The boiler is broken.\nThe baby is cold.")
    go_on(page)
    yield "reason"
    page.get_by_label("I would rather not say").check()
    go_on(page)
    yield "name"
    page.get_by_label("What is your name?").fill("محمد الأحمد")
    go_on(page)
    yield "pay"
    page.get_by_label("Into a bank account").check()
    go_on(page)
    yield "account"
    page.get_by_label("Somebody else’s").check()
    go_on(page)
    yield "whose"
    page.get_by_label("Who does the account belong to?").fill("My sister Dana")
    page.get_by_label("Why should the money go there?").fill("I have no account right now")
    go_on(page)
    yield "bank"
    page.get_by_label("Name on the account").fill("D Reed")
    page.get_by_label("Sort code").fill("10 88 00")
    page.get_by_label("Account number").fill("12345678")
    go_on(page)
    yield "reach"
    page.get_by_label("By text message").check()
    go_on(page)
    yield "reach-text"
    page.get_by_label("Your mobile number").fill("+44 7700 900 982")
    go_on(page)
    yield "helper"
    page.get_by_label("No", exact=True).check()
    go_on(page)
    yield "check"


def test_somebody_applies_on_a_small_phone_without_scripts(browser: Browser, scene: Scene) -> None:
    with a_page(browser, scripts=False) as page:
        for step in type_all(page, scene):
            assert page.url.endswith(f"/apply/winter-fund/{step}")
            assert page.get_by_role("link", name="Leave this page fast").is_visible()
        follow(page.get_by_role("link", name="Change Amount"))
        page.get_by_label("How much would help?").fill("5000")
        go_on(page)
        expect(page.get_by_role("link", name="This fund can give up to £300.")).to_be_visible()
        assert page.get_by_label("How much would help?").input_value() == "5000"
        page.get_by_label("How much would help?").fill("200")
        go_on(page)
        assert page.url.endswith("/check")
        press(page, "Send")
        expect(page.get_by_role("heading", name="We have it")).to_be_visible()
        with scene.site.desk() as desk:
            sent = desk.session.scalars(select(Application).order_by(Application.id.desc())).first()
        assert sent is not None
        assert (sent.amount, page.get_by_text(sent.reference).is_visible()) == (200_00, True)
        page.go_back()
        assert page.url.endswith("/done"), "going back does not send anything again"


def test_it_arrived_is_one_tap_without_scripts(browser: Browser, scene: Scene) -> None:
    with a_page(browser, scripts=False) as page:
        page.goto(f"{scene.address}/r/{scene.tapped}")
        expect(page.get_by_text("You need do nothing.")).to_be_visible()
        press(page, "It arrived")
        expect(page.get_by_text("You told us on 23 November 2026 that it arrived.")).to_be_visible()
        expect(page.get_by_role("button", name="It arrived")).to_have_count(0)
    with scene.site.desk() as desk:
        said = desk.session.scalars(select(Confirmation).where(Confirmation.kind == "arrived")).one()
        assert desk.session.get_one(Grant, said.grant_id).confirmed_at is not None


def test_the_amount_folds_away(browser: Browser, scene: Scene) -> None:
    with a_page(browser, scripts=False) as page:
        page.goto(f"{scene.address}/r/{scene.story}")
        expect(page.locator(".house-amount--big")).to_be_visible()
        page.get_by_text("Show or hide the amount").click()
        expect(page.locator(".house-amount--big")).to_be_hidden()


def test_leaving_fast_ends_on_another_site_and_back_shows_nothing(browser: Browser, scene: Scene) -> None:
    sent_to: list[str] = []

    def no_further(route: Route) -> None:
        """Lets the exit answer, cookies and all, but does not leave this machine."""
        answer = route.fetch(max_redirects=0)
        sent_to.append(answer.headers["location"])
        route.fulfill(response=answer, status=200, body="<!DOCTYPE html><title>Weather</title>")

    with a_page(browser, scripts=False) as page:
        page.route("**/exit", no_further)
        for step in type_all(page, scene):
            if step == "pay":
                break
        follow(page.get_by_role("link", name="Leave this page fast"))
        assert sent_to == [NEUTRAL]
        assert [cookie["name"] for cookie in page.context.cookies()] == []
        page.go_back()
        expect(page.get_by_role("heading", name="Please start again")).to_be_visible()
        assert "محمد" not in page.content()


def test_deleting_what_was_typed_ends_on_another_site(browser: Browser, scene: Scene) -> None:
    with a_page(browser, scripts=False) as page:
        page.route(f"{NEUTRAL}**", weather)
        list(type_all(page, scene))
        follow(page.get_by_role("button", name="Delete what I typed, and leave"))
        page.wait_for_url(NEUTRAL)
        assert [cookie["name"] for cookie in page.context.cookies()] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_fits_is_easy_to_tap_and_open_to_all(browser: Browser, scene: Scene, look: Look, width: int) -> None:
    with a_page(browser, width) as page:
        for path in (
            "/",
            "/help",
            "/privacy",
            "/benefits",
            "/apply/winter-fund",
            "/apply/furniture-fund",
            "/apply/winter-fund/name",
            "/r/unknown",
            f"/r/{scene.story}",
            f"/r/{scene.story}/problem",
            f"/r/{scene.story}/told",
            f"/r/{scene.story}/ask/story",
        ):
            page.goto(scene.address + path)
            look(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_every_question_fits_is_easy_to_tap_and_open_to_all(
    browser: Browser, scene: Scene, look: Look, width: int
) -> None:
    with a_page(browser, width) as page:
        for step in type_all(page, scene):
            look(page)
            if step == "bank":
                go_on(page)
                look(page)
        press(page, "Send")
        look(page)


def weather(route: Route) -> None:
    """Stands in for the page about the weather, so that no test leaves this machine."""
    route.fulfill(body="<!DOCTYPE html><title>Weather</title><p>Rain later.", content_type="text/html")
