"""Counts the SQL statements of one request of each kind, at the engine, in process."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks.fill import Filled
from benchmarks.load import TOKEN
from grants.app import create_app, house_of
from grants.config import Settings
from grants.domain.later import Notebook


def statements(settings: Settings, filled: Filled) -> dict[str, int]:
    """Returns how many statements each kind of request takes; the last draft and link are used for it."""
    app = create_app(settings, later=Notebook())
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(house_of(app).database.engine, "before_cursor_execute", count)
    client, person = app.test_client(), app.test_client()
    door = filled.manager.removeprefix(settings.base_url)
    client.post(door, data={"csrf_token": _token(client, door)})
    link, draft = f"/r/{filled.links[-1]}", f"/apply/{filled.slug}/check"
    person.set_cookie("grants-draft", filled.drafts.pop())
    asks = {
        "queue": (client, "/staff/applications", None),
        "list": (client, "/staff/grants", None),
        "grant": (client, f"/staff/grants/{filled.references[-1]}", None),
        "recipient": (person, link, None),
        "confirmation": (person, link, {"said": "arrived", "csrf_token": _token(person, link)}),
        "submission": (person, draft, {"csrf_token": _token(person, draft)}),
    }
    counted = {}
    for what, (who, path, form) in asks.items():
        seen.clear()
        answer = who.post(path, data=form) if form else who.get(path)
        if answer.status_code >= 400:
            raise SystemExit(f"{what}: {path} answered {answer.status_code}")
        counted[what] = len(seen)
    house_of(app).database.close()
    return counted


def _token(client: FlaskClient, path: str) -> str:
    found = TOKEN.search(client.get(path).get_data(as_text=True))
    if not found:
        raise SystemExit(f"{path} has no form")
    return found.group(1)
