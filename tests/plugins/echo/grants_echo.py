"""Echo: a plugin that implements every hook and writes down, line by line, what it was called with and where."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import Blueprint
from marshmallow import Schema, fields

from grants import (
    Ask,
    Event,
    Export,
    Facts,
    Form,
    Held,
    Message,
    Messenger,
    Order,
    Outcome,
    Payee,
    Policy,
    Rail,
    Ready,
    Terms,
    hookimpl,
)

ECHO_FILE = "ECHO_FILE"


def note(called: str, **what: Any) -> None:
    """Adds a line: what was called, with which values, and in which process."""
    file = os.environ.get(ECHO_FILE)
    if file:
        line = json.dumps({"called": called, "process": os.getpid(), **what}, default=plain)
        with Path(file).open("a", encoding="utf-8") as kept:
            kept.write(f"{line}\n")


def plain(value: Any) -> Any:
    """Returns a value of ours as JSON can hold it, with the name of its type."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **asdict(value)}
    return value.isoformat() if isinstance(value, datetime) else str(value)


class EchoSettings(Schema):
    """One blank."""

    days = fields.Integer(load_default=10, metadata={"label": "Days until we ask"})


def terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns one ask that is answered in the echo's own form."""
    note("terms", settings=dict(settings), facts=facts)
    line = Ask(
        slug="echo", title="Say something", purpose="To hear it.", minutes=2, form="echo", due_days=settings["days"]
    )
    return Terms(asks=(line,))


@hookimpl
def grants_policies() -> Iterator[Policy]:
    note("grants_policies")
    yield Policy(slug="echo", title="Echo", promise="We hear you.", settings=EchoSettings, terms=terms)


class EchoRail(Rail):
    """Takes every order at once, and has settled it when it is asked."""

    slug, title, automatic, key_days = "echo", "Echo", True, 1

    def __init__(self) -> None:
        self.taken: dict[str, Outcome] = {}

    def ready(self, payee: Payee) -> Ready:
        note("rail.ready", payee=payee, digits=len(payee.account_number))
        return Ready(token=f"token of {payee.number}")

    def body(self, order: Order) -> str:
        note("rail.body", order=order)
        return json.dumps({"pay": order.number})

    def send(self, order: Order, key: str) -> Outcome:
        note("rail.send", order=order, key=key)
        self.taken[order.number] = Outcome(state="accepted", reference=f"echo-{order.number}", amount=order.amount)
        return self.taken[order.number]

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        note("rail.check", order=order, key=key, reference=reference)
        return Outcome(state="settled", reference=reference, amount=order.amount)

    def cancel(self, reference: str) -> Outcome:
        note("rail.cancel", reference=reference)
        return Outcome(state="cancelled", reference=reference)

    def since(self, time: datetime) -> Iterator[Held]:
        note("rail.since", time=time, before=time < datetime.now(UTC) + timedelta(minutes=1))
        for number, outcome in self.taken.items():
            yield Held(number=number, outcome=outcome, created=datetime.now(UTC))


@hookimpl
def grants_rails(settings: Any) -> Iterator[Rail]:
    note("grants_rails", settings=type(settings).__name__, charity=settings.charity_name)
    yield EchoRail()


def hear(message: Message) -> None:
    """Takes a message."""
    note("messenger.send", message=message)


@hookimpl
def grants_messengers(settings: Any) -> Iterator[Messenger]:
    note("grants_messengers", settings=type(settings).__name__, charity=settings.charity_name)
    yield Messenger(slug="echo", title="Echo", channel="email", send=hear)


class EchoForm(Schema):
    """The form of the echo's ask."""

    said = fields.String(required=True, metadata={"label": "What would you like to say?"})
    more = fields.String(load_default="", metadata={"label": "Is there anything else?"})


@hookimpl
def grants_forms() -> Iterator[Form]:
    note("grants_forms")
    yield Form(slug="echo", title="Echo", schema=EchoForm)


def write(rows: Iterable[Mapping[str, Any]], about: Mapping[str, str]) -> Iterator[bytes]:
    """Writes one line a grant."""
    note("export.write", about=dict(about))
    for row in rows:
        note("export.row", row=dict(row))
        yield b"one grant\n"


@hookimpl
def grants_exports() -> Iterator[Export]:
    note("grants_exports")
    yield Export(slug="echo", title="Echo", filename="echo.txt", media_type="text/plain", write=write)


def page() -> str:
    """Answers at /plugins/echo/."""
    note("blueprint.page")
    return "The echo answers."


@hookimpl
def grants_blueprints() -> Iterator[Blueprint]:
    note("grants_blueprints")
    pages = Blueprint("echo", __name__)
    pages.add_url_rule("/", view_func=page)
    yield pages


@click.command("echo")
@click.argument("word")
def echo(word: str) -> None:
    """Says a word again."""
    note("command.echo", word=word)
    click.echo(f"{word} {word}")


@hookimpl
def grants_commands() -> Iterator[click.Command]:
    note("grants_commands")
    yield echo


@hookimpl
def grants_event(event: Event) -> None:
    note("grants_event", event=event)


@hookimpl
def grants_slot(slot: str, subject: Any) -> str | None:
    note("grants_slot", slot=slot, subject=type(subject).__name__, asks=[ask.slug for ask in subject.asks])
    return f"The echo stands at <b>{slot}</b>."
