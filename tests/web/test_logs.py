"""Logs tell what happened and never to whom."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from grants.web import logs
from tests.visitor import Visitor

TOKEN = "kq7m2xw9tz4h8n3p"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, one line of JSON each."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.setup(stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def told(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "said",
    [
        f"GET /r/{TOKEN}/arrived",
        f"/demo/{TOKEN}?x=1",
        f"http://localhost/joining/{TOKEN}",
        f"/sign-in/new-password/{TOKEN} 200",
    ],
)
def test_links_that_open_something_are_taken_out(lines: io.StringIO, said: str) -> None:
    structlog.get_logger("t").info("page_opened", where=said)
    logging.getLogger("server").warning("said %s", said)
    assert len(told(lines)) == 2
    assert TOKEN not in lines.getvalue()


def test_people_are_taken_out_and_ids_stay(lines: io.StringIO) -> None:
    structlog.get_logger("t").info(
        "payment_failed",
        payment=123456,
        code="account_closed",
        reference="REF 4K7M2PQX",
        name="Jo Bell",
        payee={"account_number": "12345678", "hint": "78"},
        detail="Jo wrote from jo.bell@example.org or +44 7700 900123, account 12345678",
    )
    (entry,) = told(lines)
    assert entry["payment"] == 123456
    assert entry["code"] == "account_closed"
    assert entry["reference"] == "REF 4K7M2PQX"
    assert entry["payee"]["hint"] == "78"
    for secret in ("Jo Bell", "jo.bell", "900123", "12345678"):
        assert secret not in lines.getvalue()


def test_an_error_names_its_kind_and_place_but_no_values(lines: io.StringIO) -> None:
    try:
        raise ValueError("cannot read jo.bell@example.org")
    except ValueError:
        structlog.get_logger("t").exception("page_broke")
        logging.getLogger("library").exception("it broke")
    for entry in told(lines):
        assert entry["error"] == "ValueError"
        assert entry["error_says"] == "cannot read [taken out]"
        assert any("test_logs.py" in place for place in entry["error_at"])


def test_a_request_is_told_by_its_pattern_never_its_address(client: Visitor) -> None:
    with structlog.testing.capture_logs() as seen:
        client.get(f"/demo/{TOKEN}?name=Jo")
    (entry,) = [one for one in seen if one["event"] == "request"]
    assert entry["route"] == "/demo/<token>"
    assert entry["status"] == 409
    assert TOKEN not in repr(seen)
    assert "Jo" not in repr(seen)
