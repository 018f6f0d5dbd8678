"""The edge of a request: one session, one desk, and one commit at the end or none at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app, g, render_template, request
from flask.wrappers import Response
from flask_security import current_user
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, ValidationError

from grants.config import Settings
from grants.domain.benefits import BenefitsNote
from grants.domain.errors import Refusal
from grants.domain.later import Later
from grants.domain.roles import PARTNER
from grants.flow.desk import Actor, ActorKind, Desk
from grants.model.engine import SAFE_METHODS, Database, reading
from grants.model.users import User
from grants.model.vault import Vault
from grants.plugins import Catalogue

KEY = "grants"

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class House:
    """What every request of one app shares."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    later: Later
    clock: Callable[[], datetime]
    vault: Vault
    benefits: BenefitsNote


class IdConverter(IntegerConverter):
    """Takes the number of a thing from an address; one larger than any database can hold is simply not found."""

    def to_python(self, value: str) -> int:
        """Returns the number."""
        number: int = super().to_python(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number


def setup(app: Flask) -> None:
    """Ends each request's session, and commits it where all went well; call it before any door is added."""
    app.url_map.converters["int"] = IdConverter
    app.after_request(_commit)
    app.teardown_appcontext(_close)


def move_in(app: Flask, house: House) -> None:
    """Lets the app's requests use the house, in place of any before it."""
    app.extensions[KEY] = house


def house() -> House:
    """Returns what the current app's requests share."""
    return cast(House, current_app.extensions[KEY])


def session_for_request() -> Session:
    """Returns this request's session, opened when first asked for; nobody but the edge commits it."""
    if "session" not in g:
        g.session = house().database.session()
    return cast(Session, g.session)


def desk_for_request() -> Desk:
    """Returns the desk of this request: its session, and whoever is signed in as its actor."""
    return _desk(session_for_request(), actor_for_request())


def beforehand(look: Callable[[Desk], object]) -> None:
    """Looks at something before this request holds the database: a plugin that is asked may hang, and nobody waits.

    Nothing can be written here, and what was done so far in the request is undone. A refusal is dropped: the act
    itself meets it again, and a plugin that hung is left alone for a while by then.
    """
    actor = actor_for_request()
    nothing_kept()
    with reading(), house().database.session() as session, suppress(Refusal):
        look(_desk(session, actor))


def _desk(session: Session, actor: Actor) -> Desk:
    here = house()
    return Desk(
        session=session,
        catalogue=here.catalogue,
        clock=here.clock,
        actor=actor,
        later=here.later,
        vault=here.vault,
        settings=here.settings,
    )


def user_for_request() -> User | None:
    """Returns who is signed in, or None."""
    return cast(User, current_user) if current_user.is_authenticated else None


def actor_for_request() -> Actor:
    """Returns who acts in this request; whoever is not signed in is a recipient."""
    user = user_for_request()
    return Actor(kind="recipient") if user is None else actor_of(user)


def actor_of(user: User) -> Actor:
    """Returns the user as an actor: staff, a partner (who holds only that staff role), or a funder's viewer."""
    kind: ActorKind = "staff" if user.is_staff else "funder"
    if user.is_staff and set(user.role_names) <= {PARTNER}:
        kind = "partner"
    return Actor(kind=kind, user_id=user.id, roles=frozenset(user.role_names), name=user.name)


def again(template: str, **context: Any) -> tuple[str, int]:
    """Returns the page once more with what is to be mended, as 422; nothing that this request did is kept."""
    nothing_kept()
    return render_template(template, **context), 422


def nothing_kept() -> None:
    """Undoes what this request did in the database so far."""
    if "session" in g:
        g.session.rollback()


def _commit(response: Response) -> Response:
    if "session" in g:
        if request.method not in SAFE_METHODS and response.status_code < 400:
            g.session.commit()
        else:
            g.session.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    session = g.pop("session", None)
    if session is not None:
        session.close()
