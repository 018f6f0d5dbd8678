"""The page kit in a real browser: fits a small phone, is easy to tap, and hides nothing from anyone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.conftest import follow
from tests.web.sample import sample_app

pytestmark = pytest.mark.browser

PAGES = ("/", "/r/good", "/staff", "/staff/one", "/form", "/settings", "/funder", "/done", "/trouble/404")

SMALL = """() => [...document.querySelectorAll(
    'main a, main button, main summary, main input:not([type=hidden]), main select, header a, footer a, nav a')]
  .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
  .filter(([, r]) => r.width > 0 && r.height < 43.5).map(([html]) => html)"""
"""Names what a thumb would miss: anything to tap that is lower than 44 px."""


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Says nothing of each request."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, sample_app(RATELIMIT_ENABLED=False), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module", params=[(320, True), (1280, True), (320, False)], ids=["phone", "desk", "no-script"])
def page(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Page]:
    width, scripts = request.param
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    yield context.new_page()
    browser.close()


def complaints(page: Page) -> list[str]:
    """Returns what the browser will complain about, such as something that the policy forbids."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_is_easy_to_tap_and_open_to_all(page: Page, address: str, path: str) -> None:
    found = complaints(page)
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")
    assert page.evaluate(SMALL) == []
    if page.evaluate("matchMedia('(scripting: enabled)').matches"):  # the checker is itself a script
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == []
    assert [text for text in found if "404" not in text] == []


def test_a_form_with_something_to_mend_leads_there_and_keeps_every_word(page: Page, address: str) -> None:
    page.goto(f"{address}/form")
    page.get_by_label("How much do you need?").fill("12.3.4")
    page.get_by_label("What would it help with?").fill("line one\n  line two")
    follow(page.get_by_role("button", name="Continue"))
    page.get_by_role("link", name="is not an amount").click()
    assert page.url.endswith("#amount")
    assert page.get_by_label("How much do you need?").input_value() == "12.3.4"
    assert page.get_by_label("What would it help with?").input_value() == "line one\n  line two"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")
    assert page.evaluate(SMALL) == []


def test_the_amount_can_be_hidden_without_any_script(page: Page, address: str) -> None:
    page.goto(f"{address}/r/good")
    amount = page.locator(".house-amount--big")
    assert amount.is_visible()
    page.get_by_text("Show or hide the amount").click()
    assert not amount.is_visible()


def test_the_way_out_stays_in_reach(page: Page, address: str) -> None:
    page.goto(f"{address}/r/good")
    page.keyboard.press("End")
    assert page.get_by_role("link", name="Leave this page fast").is_visible()
    box = page.get_by_role("link", name="Leave this page fast").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 400
