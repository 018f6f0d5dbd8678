"""A real browser and a real server: Debian's Chromium, and the whole app on a free port of the loopback."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from grants.app import create_app, desk_over, house_of
from grants.config import Settings
from grants.domain.later import Notebook
from grants.flow.desk import Desk
from grants.model import migrate
from grants.model.engine import Database
from grants.web.edge import House
from tests.conftest import SECRET, Clock

INSTALL = "Chromium is not here: install chromium, or name it in CHROMIUM."

TOO_SMALL = """() => [...document.querySelectorAll(
    'main a, main button, main summary, main input:not([type=hidden]), main select, header a, footer a, nav a')]
  .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect(), getComputedStyle(e).display])
  .filter(([, r, display]) => display !== 'inline' && r.width > 0 && r.height < 43.5).map(([html]) => html)"""
"""Names what a thumb would miss: anything to tap that is lower than 44 px, apart from links within a sentence."""


def chromium() -> str:
    """Returns the path of the browser; without one the test fails where everything must run (CI=true), else skips."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(INSTALL, pytrace=False)
    pytest.skip(INSTALL)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How the browser starts; the fixtures ``browser`` and ``new_context`` of pytest-playwright go by it."""
    return {"executable_path": chromium(), "args": ["--no-sandbox"]}


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Writes nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serves an app from a thread on a free port, and gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


class Site:
    """A served app over a fresh SQLite database: ``address``, ``house``, and ``desk()`` to set a scene."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app = app
        self.address = address
        self.house: House = house_of(app)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Opens a desk at which the system itself acts, and commits at its end."""
        with self.house.database.transaction() as session:
            yield desk_over(self.house, session)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One app for a module's tests, served; its clock stands still on Monday 23 November 2026."""
    home = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{home / 'grants.db'}"
    database = Database(url)
    migrate.upgrade(database.engine)
    database.close()
    app = create_app(_settings(home, url), later=Notebook(), clock=Clock())
    with served(app) as address:
        yield Site(app, address)
    house_of(app).database.close()


def _settings(home: Path, url: str) -> Settings:
    return Settings(
        home=home,
        database_url=url,
        secret_key=SECRET,
        base_url="http://127.0.0.1",
        mode="test",
        charity_name="Harbour Street Trust",
        contact_phone="01305 555 012",
        contact_email="hello@harbour.example.org",
    )


Look = Callable[[Page], None]


@pytest.fixture
def look() -> Look:
    """Looks hard at the page that is open: it fits, it is easy to tap, and axe finds nothing against it."""

    def hard(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth"), page.url
        assert page.evaluate(TOO_SMALL) == [], page.url
        violations = Axe().run(page).response["violations"]
        found = [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations]
        assert found == [], page.url

    return hard


def follow(thing: Locator) -> None:
    """Clicks on a link or a button that leads to another page, and waits until that page is whole."""
    with thing.page.expect_navigation():
        thing.click()


@contextmanager
def a_page(browser: Browser, width: int = 320, *, scripts: bool = True) -> Iterator[Page]:
    """Gives a fresh page in a browser of its own; anything that it complains about fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 640}, java_script_enabled=scripts)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [text for text in complaints if "status of 4" not in text] == []
