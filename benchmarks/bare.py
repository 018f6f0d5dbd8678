"""A bare Flask app beside ours: the same rows in the same transaction, in one handler, and nothing else.

No forgery token, no draft of sealed answers, no checks, no page kit: what is left is Flask, the driver, the disk and
the server. It is served as ours is, so that what our own code costs can be told: ``python -m benchmarks.recipients``.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Table, bindparam, insert, select, update

from benchmarks.fill import _hash
from benchmarks.served import environment, wait
from grants.config import Settings, read_settings
from grants.model.applications import Application
from grants.model.base import Base
from grants.model.confirmations import Confirmation
from grants.model.engine import Database
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant, Link
from grants.model.people import Draft, Payee, Person


def _table(of: type[Base]) -> Table:
    return cast(Table, of.__table__)


FOUND = select(*_table(Grant).c).join(Link, Link.grant_id == Grant.id).where(Link.token_hash == bindparam("hash"))
HALF_TYPED = select(*_table(Draft).c, Fund.id.label("fund")).join(Fund, Fund.id == Draft.fund_id)
HALF_TYPED = HALF_TYPED.where(Draft.token_hash == bindparam("hash"))
SAME_FORM = select(Application.id).where(Application.form_key == bindparam("key"))
EARLIER = select(Application.id).join(Person, Person.id == Application.person_id)
EARLIER = EARLIER.where(Person.name_key == bindparam("name"), Person.email == bindparam("email"))


def bare_app(settings: Settings) -> Flask:
    """Returns the bare app over the same database."""
    app = Flask("bare")
    database = Database(settings.database_url)

    @app.get("/healthz")
    def healthy() -> str:
        return "ok"

    @app.post("/r/<token>")
    def confirm(token: str) -> ResponseReturnValue:
        with database.engine.begin() as connection:
            _confirm(connection, token)
        return redirect(f"/r/{token}", 303)

    @app.post("/apply/<slug>/check")
    def submit(slug: str) -> ResponseReturnValue:
        with database.engine.begin() as connection:
            _submit(connection, request.cookies["grants-draft"])
        return redirect(f"/apply/{slug}/done", 303)

    return app


def _confirm(connection: Connection, token: str) -> None:
    now = datetime.now(UTC)
    grant = connection.execute(FOUND, {"hash": _hash(token)}).one()
    changed = update(Grant).where(Grant.id == grant.id, Grant.confirmed_at.is_(None)).values(confirmed_at=now)
    if not connection.execute(changed).rowcount:
        return
    connection.execute(insert(Confirmation), {"grant_id": grant.id, "kind": "arrived", "how": "link", "at": now})
    _event(connection, now, "grant.confirmed", "grant", grant.id)


def _submit(connection: Connection, token: str) -> None:
    now, tag = datetime.now(UTC), secrets.token_hex(4).upper()
    draft = connection.execute(HALF_TYPED, {"hash": _hash(token)}).one()
    connection.execute(SAME_FORM, {"key": draft.token_hash}).first()
    who = {"name": f"Amina {tag}", "name_key": f"amina {tag.lower()}", "email": f"{tag}@post.example.org"}
    person = _made(connection, Person, {"number": f"P-{tag}", "created_at": now, **who})
    account = {"how": "bank", "name": who["name"], "sealed": draft.sealed, "hint": "45", "created_at": now}
    payee = _made(connection, Payee, {"person_id": person, **account})
    connection.execute(EARLIER, {"name": who["name_key"], "email": who["email"]}).first()
    asked = {"fund_id": draft.fund, "person_id": person, "payee_id": payee, "amount": 15000, "currency": "GBP"}
    sent = {"reference": f"A-{tag}", "state": "submitted", "submitted_at": now, "form_key": draft.token_hash}
    application = _made(connection, Application, asked | sent | {"need": "Winter coats for the children."})
    _event(connection, now, "application.submitted", "application", application)
    done = {"application_id": application, "sealed": "", "touched_at": now}
    connection.execute(update(Draft).where(Draft.id == draft.id).values(done))


def _made(connection: Connection, of: type[Base], values: dict[str, Any]) -> int:
    (number,) = connection.execute(insert(_table(of)), values).inserted_primary_key or (0,)
    return int(number)


def _event(connection: Connection, now: datetime, name: str, subject: str, number: int) -> None:
    connection.execute(
        insert(EventRow),
        {"at": now, "name": name, "subject": subject, "subject_id": number, "actor_kind": "recipient"},
    )


@contextmanager
def bare_server(settings: Settings, processes: int) -> Iterator[None]:
    """Serves the bare app with as many processes and threads as ours."""
    port = settings.base_url.rpartition(":")[2]
    command = [sys.executable, "-m", "benchmarks.bare", port, str(processes)]
    process = subprocess.Popen(command, env=environment(settings), stdout=subprocess.DEVNULL)
    try:
        wait(settings.base_url)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _served() -> Flask:
    return bare_app(read_settings())


def main() -> None:
    """Serves the bare app on a port, until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces

    served = Granian(
        "benchmarks.bare:_served",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=int(sys.argv[2]),
        blocking_threads=8,
        backlog=1024,
        log_enabled=False,
        websockets=False,
        factory=True,
    )
    served.serve()


if __name__ == "__main__":
    main()
