"""``grants doctor``: one list of all that needs mending."""

from __future__ import annotations

import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from grants.admitting.allowed import record
from grants.app import job_context
from grants.config import Settings
from grants.jobs.context import JobContext
from grants.jobs.engine import Engine, Retry, prepare
from grants.jobs.failures import failed_jobs
from grants.jobs.later import DbosLater
from grants.plugins import GROUP
from grants.web.edge import House
from tests.cli.conftest import Grants
from tests.conftest import AtDesk, add_user

LIVE = {"mode": "live", "base_url": "https://grants.example.org", "secret_key": "s" * 40, "charity_name": "Harbour"}


@pytest.fixture(autouse=True)
def _engine_tables(settings: Settings) -> None:
    """What “grants init” makes beside our own tables."""
    prepare(settings.database_url)


def test_a_ready_place_is_well(grants: Grants, at_desk: AtDesk) -> None:
    lacking, well = grants("doctor").out.splitlines()
    assert lacking.startswith("before you go live: Nobody is the independent reader yet.")
    assert well == "All is well (test mode)."
    with at_desk() as desk:
        add_user(desk, "independent-reader")
    assert grants("doctor").out == "All is well (test mode).\n"


def test_what_a_live_charity_still_lacks_is_named_at_once(grants: Grants, settings: Settings, at_desk: AtDesk) -> None:
    assert "Nobody is the independent reader yet." in grants("doctor", **LIVE, code=78).out
    with at_desk() as desk:
        add_user(desk, "independent-reader")
    record(settings.home, {entry.dist for entry in entry_points(group=GROUP) if entry.dist})
    told = grants("doctor", **LIVE, code=78).out.splitlines()
    assert [line.partition(":")[0] for line in told] == ["to mend", "to mend"]
    assert "GRANTS_SMTP_URL and GRANTS_MAIL_FROM" in told[0]
    assert "GRANTS_CONTACT_PHONE" in told[1]
    whole = LIVE | {"smtp_url": "smtp://localhost", "mail_from": "a@b.example", "contact_phone": "01632 960000"}
    assert grants("doctor", **whole).out == "All is well (live mode).\n"


def test_a_database_that_is_not_ready_is_named_and_not_made(typed: Grants, tmp_path: Path) -> None:
    told = typed("doctor", code=78).out
    assert "to mend: The database is empty. Run “grants init” once." in told


def test_work_that_failed_for_good_is_named_and_queued_once_more(grants: Grants, house: House) -> None:
    settings = house.settings

    def broken(context: JobContext, number: int) -> None:
        raise ConnectionResetError("line is dead")

    later = DbosLater(settings.database_url)
    engine = Engine(settings, {"look_again": broken}, job_context(house), later, retry=Retry(times=1))
    engine.launch()
    try:
        with house.database.transaction() as session:
            later.queue(session, "look_again", 7)
        ends = time.monotonic() + 30
        while not failed_jobs(later) and time.monotonic() < ends:
            time.sleep(0.1)
    finally:
        engine.stop()
    told = grants("doctor", code=78).out
    assert "work that failed: look_again 7: ConnectionResetError" in told
    assert "line is dead" not in told
    assert "1 pieces of work" in grants("doctor", "--retry", code=None).out
    assert grants("doctor").out.endswith("All is well (test mode).\n")
    later.close()
