"""What machines ask: alive, ready, and figures for whoever watches."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from grants.app import CannotStart, check_database
from grants.config import Settings
from grants.model.tasks import Task
from grants.web.edge import House
from grants.web.machines import watcher_token
from tests.conftest import AtDesk
from tests.visitor import Visitor

ELSEWHERE: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
PROXIED: dict[str, Any] = {"headers": {"X-Forwarded-For": "203.0.113.9"}}


def test_alive_and_ready_say_no_more_to_the_public(client: Visitor) -> None:
    for asker in (ELSEWHERE, PROXIED):
        assert client.get("/healthz", **asker).text == "alive\n"
        ready = client.get("/readyz", **asker)
        assert (ready.status_code, ready.text) == (200, "ready\n")
        assert client.get("/metrics", **asker).status_code == 404


def test_a_watcher_sees_what_waits(client: Visitor, at_desk: AtDesk, settings: Settings) -> None:
    with at_desk() as desk:
        desk.session.add(Task(kind="unknown", title="Look", subject="grant", subject_id=1, opened_at=desk.now()))
    here = client.get("/readyz").get_json()
    assert here == {
        "ready": True,
        "problem": "",
        "waiting": {"unknown_payments": 0, "unsent_messages": 0, "open_tasks": 1},
    }
    token = {"Authorization": f"Bearer {watcher_token(settings)}"}
    assert client.get("/readyz", environ_base=ELSEWHERE["environ_base"], headers=token).get_json() == here
    wrong = {"Authorization": "Bearer nonsense"}
    assert client.get("/metrics", environ_base=ELSEWHERE["environ_base"], headers=wrong).status_code == 404


def test_figures_go_by_route_and_hold_no_address(client: Visitor) -> None:
    client.get("/demo/a-secret-token")
    client.get("/no/such/page")
    figures = client.get("/metrics").text
    assert 'grants_requests_total{method="GET",route="/demo/<token>",status="409"} 1.0' in figures
    assert 'route="none",status="404"' in figures
    assert 'grants_waiting{kind="open_tasks"} 0.0' in figures
    assert "a-secret-token" not in figures
    assert "/no/such/page" not in figures


def test_a_database_that_moved_on_is_not_ready_and_lets_nothing_start(client: Visitor, house: House) -> None:
    with house.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_from_tomorrow'"))
    outside = client.get("/readyz", **ELSEWHERE)
    assert (outside.status_code, outside.text) == (503, "not ready\n")
    assert "newer than this program" in client.get("/readyz").get_json()["problem"]
    assert client.get("/healthz").status_code == 200
    with pytest.raises(CannotStart, match="newer than this program") as refused:
        check_database(house.database)
    assert refused.value.exit_code == 78
