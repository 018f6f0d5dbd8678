"""Somebody who types an application, page after page, as the site leads them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from grants.model.applications import Application
from grants.model.base import Base
from grants.web.edge import House
from tests.visitor import Visitor

USUAL: dict[str, dict[str, Any]] = {
    "amount": {"amount": "£150"},
    "purposes": {"purposes": ["GTIP050", "GTIP070"]},
    "need": {"need": "The boiler is broken.\nThe baby is cold."},
    "reason": {"reason": "GTIR010"},
    "name": {"name": "Amina Yusuf"},
    "pay": {"how": "bank"},
    "account": {"account": "own"},
    "bank": {"account_name": "A Yusuf", "sort_code": "10-88-00", "account_number": "12345678"},
    "reach": {"channel": "email"},
    "reach-email": {"email": "Amina@post.example.org"},
    "helper": {"helped": "no"},
}


def begin(client: Visitor, slug: str) -> TestResponse:
    """Presses “Start now”."""
    return client.send(f"/apply/{slug}")


def answer(client: Visitor, slug: str, step: str, values: dict[str, Any]) -> TestResponse:
    """Answers one page."""
    return client.send(f"/apply/{slug}/{step}", values)


def type_all(client: Visitor, slug: str, **changes: dict[str, Any]) -> str:
    """Starts and answers every page that the site leads to; returns the address where it ends: the check.

    ``changes`` are answers by page, with ``_`` for ``-`` in its name.
    """
    answers = USUAL | {name.replace("_", "-"): values for name, values in changes.items()}
    there = begin(client, slug).headers["Location"]
    for _ in range(30):
        step = there.rpartition("/")[2]
        if step == "check":
            return there
        response = answer(client, slug, step, answers[step])
        assert response.status_code == 303, response.get_data(as_text=True)
        there = response.headers["Location"]
    raise AssertionError("the pages do not come to an end")


def apply(client: Visitor, slug: str, **changes: dict[str, Any]) -> TestResponse:
    """Types everything, sends it and returns the last page."""
    check = type_all(client, slug, **changes)
    sent = client.send(check)
    assert sent.status_code == 303, sent.get_data(as_text=True)
    return client.get(sent.headers["Location"])


class Counted:
    """Counts the statements that a house's database is given: ``with Counted(house) as counted: …``."""

    def __init__(self, house: House) -> None:
        self._engine = house.database.engine
        self.statements: list[str] = []

    def __enter__(self) -> Counted:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_gone: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT pg_catalog")):
            self.statements.append(statement)


def count(house: House, table: type[Base]) -> int:
    """Returns how many rows a table has."""
    with house.database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def only_application(house: House) -> Application:
    """Returns the one application there is, with its person and payee."""
    with house.database.session() as session:
        found = session.scalars(select(Application)).one()
        _ = found.person, found.payee
        return found
