"""Acts: one act on a page of its own, with what it asks, and what happens when two people act at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema
from sqlalchemy.exc import IntegrityError

from grants.domain.errors import NotAllowed, Refusal
from grants.web.edge import again, desk_for_request
from grants.web.forms import bind

Thing = TypeVar("Thing")

Do = Callable[[dict[str, Any]], str]
"""Does the act with what was typed, and returns what the page says afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the page of an act says: ``told`` before the form, ``facts`` as a list of (what, value).

    ``kind`` is primary, or warning for what cannot be undone; ``back`` is where it leads, done or not.
    """

    title: str
    button: str
    back: str
    told: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    kind: str = "primary"
    section: str = "payments"
    warning: str = ""


def ask(
    act: Act, schema: Schema, do: Do, initial: Mapping[str, Any] | None = None, *, keyed: bool = False
) -> ResponseReturnValue:
    """Shows the act's page, or does the act and goes back; what is to be mended is said beside its field.

    A ``keyed`` form carries a ``form_key`` of its own, so that a second sending of it can be told from a second act.
    """
    key = form_key() if keyed else ""
    if request.method != "POST":
        return render_template("staff/act.html", act=act, form=bind(schema, initial=initial), form_key=key)
    form = bind(schema, request.form)
    if form.ok:
        try:
            with one_at_a_time():
                done = do(form.data)
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(done, "good")
            return redirect(act.back, 303)
    return again("staff/act.html", act=act, form=form, form_key=key)


def form_key() -> str:
    """Returns the key of the form that was sent, at most 64 characters; a new one where none was."""
    return request.form.get("form_key", "")[:64] or secrets.token_hex(16)


def press(do: Callable[[], str], back: str) -> ResponseReturnValue:
    """Does an act that is one button, and goes back to the page that it stood on."""
    with one_at_a_time():
        done = do()
    flash(done, "good")
    return redirect(back, 303)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Says in plain words that somebody else did the same at this moment, where only the database can know it."""
    try:
        yield
        desk_for_request().session.flush()
    except IntegrityError as error:
        words = "Somebody did the same at this moment. Nothing of yours was saved: look at the page again."
        raise Refusal("act.at_once", words) from error


def found(thing: Thing | None) -> Thing:
    """Returns the thing, or ends with “not found”."""
    if thing is None:
        abort(404)
    return thing


def number_of(text: str) -> int:
    """Returns a number from an address, 0 when it is none of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
