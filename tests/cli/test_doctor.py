"""``grants doctor``: one list of all that needs mending."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Grants

LIVE = {"mode": "live", "base_url": "https://grants.example.org", "secret_key": "s" * 40, "charity_name": "Harbour"}


def test_a_ready_place_is_well(grants: Grants) -> None:
    assert grants("doctor").out == "All is well (test mode).\n"


def test_what_a_live_charity_still_lacks_is_named_at_once(grants: Grants) -> None:
    told = grants("doctor", **LIVE, code=78).out.splitlines()
    assert [line.partition(":")[0] for line in told] == ["to mend", "to mend"]
    assert "GRANTS_SMTP_URL and GRANTS_MAIL_FROM" in told[0]
    assert "GRANTS_CONTACT_PHONE" in told[1]
    whole = LIVE | {"smtp_url": "smtp://localhost", "mail_from": "a@b.example", "contact_phone": "01632 960000"}
    assert grants("doctor", **whole).out == "All is well (live mode).\n"


def test_a_database_that_is_not_ready_is_named_and_not_made(typed: Grants, tmp_path: Path) -> None:
    told = typed("doctor", code=78).out
    assert "to mend: The database is empty. Run “grants init” once." in told
