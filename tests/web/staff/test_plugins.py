"""The page of plugins: what each offers, and what is wrong with one, while everything else goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grants.app import house_of
from grants.asking.troubles import Troubles
from grants.flow import tell
from grants.flow.step import record
from grants.model.events import UntoldEvent
from grants.plugins import Catalogue, Finding, Source
from grants.web.edge import KEY
from tests.visitor import words
from tests.web.staff.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def with_catalogue(office: Office, **more: object) -> None:
    house = house_of(office.app)
    catalogue: Catalogue = replace(house.catalogue, **more)  # type: ignore[arg-type]
    office.app.extensions[KEY] = replace(house, catalogue=catalogue)


def test_each_plugin_says_what_it_offers(office: Office) -> None:
    page = words(office.at("tess").get("/staff/plugins"))
    assert "All plugins are sound." in page
    assert "The core" in page
    assert "Unconditional" in page
    assert "Light report" in page
    assert "Full receipts" in page


def test_what_is_wrong_is_said_in_plain_words(office: Office) -> None:
    finding = Finding("broken-report", "import", "SyntaxError")
    with_catalogue(office, findings=(finding,), sources=(Source("empty", "empty 1.0"),))
    page = words(office.at("gita").get("/staff/plugins"))
    assert "broken-report (import): SyntaxError" in page
    assert "Everything else works." in page
    assert "Offers nothing now." in page


def test_events_that_a_plugin_could_not_take_are_shown(office: Office) -> None:
    with office.desk() as desk:
        number = record(desk, "grant.awarded", "grant", 1)
        left = desk.session.get(UntoldEvent, number) or UntoldEvent(event_id=number)
        left.tries, left.problem = tell.MOST_TRIES, "odd: grants_event: KeyError"
        desk.session.add(left)
    page = words(office.at("tess").get("/staff/plugins"))
    assert "after 8 tries: odd: grants_event: KeyError" in page


def test_what_went_wrong_lately_is_shown_with_its_number_of_times(office: Office) -> None:
    with_catalogue(office, troubles=(troubles := Troubles(clock=lambda: datetime(2026, 11, 23, 9, 30, tzinfo=UTC))))
    for _ in range(3):
        troubles.note("slow-report", "story: terms", "it took longer than 2 seconds")
    troubles.note("odd", "grants_slot", "KeyError: 'x'")
    page = words(office.at("tess").get("/staff/plugins"))
    assert "All plugins are sound." not in page
    assert "odd (grants_slot): KeyError: 'x'. Once, on 23 November 2026 at 09:30." in page
    assert "slow-report (story: terms): it took longer than 2 seconds. 3 times, the last on 23 November 2026" in page
    assert "Awards that need such a policy wait. Grants that exist go on." in page


def test_front_line_workers_have_no_need_of_it(office: Office) -> None:
    assert office.at("hugo").get("/staff/plugins").status_code == 403
    assert "Plugins" not in words(office.at("hugo").get("/staff/more"))
