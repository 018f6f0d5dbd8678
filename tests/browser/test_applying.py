"""Applying in a real browser, several hands at one application: small and wide, in large text, without scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from grants.domain.money import Money
from grants.flow import confirm, referrals
from tests.browser.conftest import Look, Site, a_page, follow
from tests.scenes import a_fund, a_grant, a_worker, at

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("GRANTS_PICTURES", "")
"""A folder for pictures of each page, where somebody wants them."""

FITS = "document.documentElement.scrollWidth <= window.innerWidth"

STILL = """document.getAnimations().length === 0
    && [...document.querySelectorAll('*')].every(e => getComputedStyle(e).scrollBehavior === 'auto')"""
"""Nothing on the page moves by itself, nor glides where it is scrolled."""

BEHIND = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"
"""The red, green and blue behind a page's words, 0 to 255."""

BIGGER = "document.documentElement.style.fontSize = '200%'"

ALONE = {
    "amount": ("How much would help?", "150"),
    "need": ("What would it help with?", "The boiler is broken."),
    "name": ("What is your name?", "Amina Yusuf"),
}


@pytest.fixture(scope="module")
def links(site: Site) -> list[str]:
    """Three links of a partner to a fund."""
    with site.desk() as desk:
        fund = a_fund(desk, name="Winter fund", ceiling=Money(300_00))
        partner = at(desk, a_worker(desk, "partner", limit=0, name="Hilda Hill"))
        return [referrals.make(partner, fund, "Advice on the Hill") for _ in range(3)]


def press(page: Page, button: str) -> None:
    """Presses a button and waits for the page that it leads to."""
    follow(page.get_by_role("button", name=button, exact=True))


def picture(page: Page, name: str) -> None:
    """Keeps a picture of the page, where a folder is named."""
    if PICTURES:
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def fits(page: Page) -> None:
    """Looks whether a page fits its screen; what else can be wrong with it, the small screen's turn has shown."""
    assert page.evaluate(FITS), page.url


def types(page: Page) -> None:
    """Answers the page that is open, whichever it is, and goes on."""
    step = page.url.rpartition("/")[2]
    if step in ALONE:
        page.get_by_label(ALONE[step][0]).fill(ALONE[step][1])
    elif step == "helper-details":
        page.get_by_label("Your name").fill("Sam Okoro")
    elif step == "pay":
        page.get_by_label("In cash").check()
    elif step == "reach":
        page.get_by_label("Do not contact me").check()
    elif step == "helper":
        page.get_by_label("No", exact=True).check()
    press(page, "Continue")


def in_the_dark(page: Page) -> None:
    """Looks at a page on a phone that is set to dark: it is dark, and every word on it stands out enough.

    Axe reads few Arabic words, so there it measures what stands in Latin letters or figures.
    """
    assert max(page.evaluate(BEHIND)) < 48, page.url
    seen = Axe().run(page, options={"runOnly": ["color-contrast"]}).response
    faint = [(node["html"], node["any"][0]["message"]) for rule in seen["violations"] for node in rule["nodes"]]
    assert faint == [], page.url
    assert sum(len(rule["nodes"]) for rule in seen["passes"]) > 3, seen["incomplete"]
    picture(page, f"dark-{page.url.rpartition('/')[2][:12]}")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_helper_hands_over_and_takes_back_and_every_page_is_open_to_all(
    browser: Browser, site: Site, links: list[str], look: Look, width: int
) -> None:
    see = look if width == 320 else fits
    with a_page(browser, width) as sam, a_page(browser, width) as amina:
        for path in ("/apply/winter-fund", "/apply/return", "/apply/return/ABCD-EFGH-JKMN", f"/apply/with/{links[0]}"):
            sam.goto(site.address + path)
            look(sam)
            picture(sam, path.strip("/").replace("/", "-")[:20])
        sam.goto(f"{site.address}/apply/winter-fund")
        press(sam, "I am helping somebody else")
        while not sam.url.endswith("/check"):
            if sam.url.endswith(("helper-details", "name")):
                sam.get_by_text("Why we ask").click()
                see(sam)
                picture(sam, sam.url.rpartition("/")[2])
            types(sam)
        press(sam, "Save and come back later")
        see(sam)
        picture(sam, "saved")
        follow(sam.get_by_role("link", name="Go on now"))
        press(sam, "Send")
        expect(sam.get_by_role("link", name="Ask the person first.")).to_be_visible()
        see(sam)
        press(sam, "Hand over")
        see(sam)
        code = sam.locator(".house-code").inner_text()
        follow(sam.get_by_role("link", name="I gave it to them"))
        see(sam)
        picture(sam, "handed")
        amina.goto(f"{site.address}/apply/return")
        amina.get_by_label("Your code").fill("no code")
        press(amina, "Go on")
        see(amina)
        assert amina.title().startswith("Error:")
        amina.get_by_label("Your code").fill(code)
        press(amina, "Go on")
        look(amina)
        picture(amina, "check")
        follow(sam.get_by_role("button", name="Take it back"))
        expect(sam.get_by_text("They have opened it. Ask them to hand it back to you.")).to_be_visible()
        see(sam)
        press(amina, "Give it back to my helper")
        see(amina)
        press(amina, "Take it back")
        press(amina, "Send")
        see(amina)
        sam.goto(f"{site.address}/apply/winter-fund/check")
        expect(sam.get_by_role("heading", name="They have sent it")).to_be_visible()
        see(sam)


@pytest.mark.parametrize("kind", ["large text", "forced colours", "no scripts"])
def test_somebody_applies_by_a_link_in_their_own_way(browser: Browser, site: Site, look: Look, kind: str) -> None:
    with site.desk() as desk:
        fund = a_fund(desk, name=f"Fund for {kind}", ceiling=Money(300_00))
        link = referrals.make(at(desk, a_worker(desk)), fund, "")
    with a_page(browser, 320, scripts=kind != "no scripts") as page:
        if kind == "forced colours":
            page.emulate_media(forced_colors="active", reduced_motion="reduce")
        page.goto(f"{site.address}/apply/with/{link}")
        press(page, "Start now")
        for _ in range(20):
            if kind == "large text":
                page.evaluate(BIGGER)
            assert page.evaluate(FITS), page.url
            if kind == "forced colours" and page.url.endswith(("/amount", "/check")):
                assert page.evaluate(STILL), page.url
                look(page)
            if page.url.endswith("/check"):
                break
            assert page.get_by_role("link", name="Back", exact=True).or_(page.get_by_text("Back to your")).is_visible()
            types(page)
        press(page, "Send")
        expect(page.get_by_role("heading", name="We have it")).to_be_visible()


def test_text_twice_as_large_fits_a_small_phone(browser: Browser, site: Site) -> None:
    with site.desk() as desk:
        own = f"/r/{confirm.new_link(desk, a_grant(desk, a_fund(desk, name='Large fund')))}"
    with a_page(browser, 320) as page:
        paths = ("/", "/apply/large-fund", "/apply/return", "/help", "/privacy", "/benefits", "/code")
        for path in (*paths, own, f"{own}/story", f"{own}/contact"):
            answer = page.goto(site.address + path)
            assert answer, path
            assert answer.ok, path
            page.evaluate(BIGGER)
            assert page.evaluate(FITS), path


def test_who_set_their_phone_to_dark_reads_on_dark(browser: Browser, site: Site) -> None:
    with site.desk() as desk:
        own = confirm.new_link(desk, a_grant(desk, a_fund(desk, name="Night fund", ceiling=Money(300_00))))
    with a_page(browser, 320) as page:
        start = f"{site.address}/apply/night-fund"
        page.goto(start)
        assert min(page.evaluate(BEHIND)) > 224, "who asked for no dark gets light"
        page.emulate_media(color_scheme="dark")
        in_the_dark(page)
        for path in ("/help", f"/r/{own}", "/language/ar?to=/apply/night-fund"):
            page.goto(site.address + path)
            in_the_dark(page)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        page.goto(f"{site.address}/language/en?to=/apply/night-fund")
        press(page, "Start now")
        press(page, "Continue")
        assert page.title().startswith("Error:")
        in_the_dark(page)
        box = page.get_by_label("How much would help?")
        box.focus()
        assert box.evaluate("e => getComputedStyle(e).outlineColor") == "rgb(255, 201, 60)"
        while not page.url.endswith("/check"):
            types(page)
        in_the_dark(page)


def test_a_mistake_is_said_first_and_leads_to_its_box(browser: Browser, site: Site) -> None:
    with site.desk() as desk:
        a_fund(desk, name="Spring fund", ceiling=Money(300_00))
    with a_page(browser, 320, scripts=False) as page:
        page.goto(f"{site.address}/apply/spring-fund")
        press(page, "Start now")
        press(page, "Continue")
        assert page.title().startswith("Error: How much would help?")
        page.get_by_role("alert").get_by_role("link").click()
        assert page.evaluate("document.activeElement.id") == "amount"
        page.get_by_label("How much would help?").fill("150")
        press(page, "Continue")
        assert page.get_by_role("link", name="Back").is_visible()
        follow(page.get_by_role("link", name="Back"))
        assert page.get_by_label("How much would help?").input_value() == "150"


def test_what_is_printed_leaves_the_buttons_out(browser: Browser, site: Site) -> None:
    with site.desk() as desk:
        a_fund(desk, name="Paper fund", ceiling=Money(300_00))
    with a_page(browser, 1280) as page:
        page.goto(f"{site.address}/apply/paper-fund")
        page.emulate_media(media="print")
        assert page.get_by_role("button", name="Start now").is_hidden()
        assert page.get_by_role("link", name="Leave this page fast").is_hidden()
        assert page.get_by_role("heading", level=1).is_visible()
