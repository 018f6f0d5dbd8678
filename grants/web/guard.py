"""The guard of the doors: deny by default, one permission for every act, and a short list of what is public.

Every route belongs to a blueprint that was given an audience with ``guard``, or stands in PUBLIC_ROUTES.
Whatever is neither is refused, and ``unguarded`` names it for the test that walks all routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Literal, ParamSpec, TypeVar, cast

from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, true
from werkzeug.exceptions import Forbidden
from werkzeug.routing import Rule

from grants.domain.roles import PERMISSIONS, READ_ONLY, permitted
from grants.flow.desk import Actor
from grants.model.applications import Application
from grants.model.engine import SAFE_METHODS
from grants.model.users import User
from grants.web.edge import house, user_for_request

PUBLIC_ROUTES: dict[str, str] = {
    "machines.healthz": "says only that the process lives",
    "machines.readyz": "says only ready or not ready; more to this machine itself",
    "machines.metrics": "answers only this machine itself, or whoever holds the secret",
    "webhooks.take": "believes only what the way to pay has proven, and takes it only as a hint",
    "security.login": "where people sign in",
    "security.logout": "where people sign out",
    "security.forgot_password": "asks for a link to set a new password",
    "security.reset_password": "opens with a signed link from an e-mail",
    "security.two_factor_setup": "the second half of a sign-in",
    "security.two_factor_token_validation": "the second half of a sign-in",
    "security.two_factor_rescue": "says what to do without the second factor",
    "security.mf_recovery": "the second half of a sign-in, by a code kept on paper",
    "joining.invitation": "opens with a signed link from an e-mail",
    "practice.sign_in": "opens with a signed link; does not exist in live mode",
}
"""Routes that nobody needs to be signed in for, with the reason."""

Audience = Literal["anyone", "recipients", "staff", "funders", "signed-in"]
"""For whom a door is. ``anyone`` and ``recipients`` need no account; a recipient's pages open by their own link."""

OPEN: frozenset[Audience] = frozenset({"anyone", "recipients"})

IDLE_SECONDS = 60 * 60
"""After so long without a click a signed-in browser is signed out."""

SIGNED_IN = ("_user_id", "_fresh", "_id", "sign_in", "seen", "fs_paa", "fs_gexp", "proved", "by_link")
"""What a session holds of a signed-in person."""

DEFAULT_READ: dict[Audience, str] = {"staff": "apply.read", "funders": "funder.read"}
"""What reading a page takes when its view declares nothing."""

_DOORS = "grants.doors"
_NEEDS = "grants_needs"

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a view asks of the signed-in person: one of these to act, one of those to read."""

    act: tuple[str, ...]
    read: tuple[str, ...]


def guard(blueprint: Blueprint, audience: Audience) -> Blueprint:
    """Gives the blueprint its audience, and returns it."""

    def remember(state: BlueprintSetupState) -> None:
        admit(cast(Flask, state.app), state.name, audience)

    blueprint.record(remember)
    return blueprint


def admit(app: Flask, name: str, audience: Audience) -> None:
    """Gives the blueprint of this name in one app its audience."""
    app.extensions.setdefault(_DOORS, {})[name] = audience


def needs(*permissions: str, read: str | tuple[str, ...] = ()) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Returns a decorator: any one of the permissions opens the view; ``read`` says what opens its GET instead."""
    reading = (read,) if isinstance(read, str) else read
    unknown = [name for name in (*permissions, *reading) if name not in PERMISSIONS]
    if unknown or not permissions:
        raise ValueError(f"no such permission: {', '.join(unknown) or 'none was named'}")

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            return view(*args, **kwargs)

        setattr(guarded, _NEEDS, Needs(permissions, reading or permissions))
        return guarded

    return mark


def setup(app: Flask) -> None:
    """Puts the guard before every route of the app."""
    app.extensions.setdefault(_DOORS, {})
    app.before_request(_check)


def audience_of(app: Flask, endpoint: str) -> Audience | None:
    """Returns for whom the endpoint’s door is, or None when nobody said."""
    doors = cast(dict[str, Audience], app.extensions[_DOORS])
    name = endpoint.rpartition(".")[0]
    while name:
        if name in doors:
            return doors[name]
        name = name.rpartition(".")[0]
    return None


def unguarded(app: Flask) -> list[str]:
    """Returns what is wrong with the routes of an app, one sentence each: the guard refuses all of these."""
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC_ROUTES:
            wrong += [f"{rule.endpoint} ({rule.rule}): {problem}" for problem in _problems(app, rule)]
    return wrong


def _problems(app: Flask, rule: Rule) -> Iterator[str]:
    audience = audience_of(app, rule.endpoint)
    if audience is None:
        yield "its blueprint has no audience and it is not in PUBLIC_ROUTES"
    if audience in ("staff", "funders"):
        unsafe = (rule.methods or set()) - SAFE_METHODS
        wanted = _needs_of(app, rule.endpoint, audience)
        if unsafe and not set(wanted.act) - READ_ONLY:
            yield f"{', '.join(sorted(unsafe))} needs a permission to act: @needs(…)"


def _needs_of(app: Flask, endpoint: str, audience: Audience) -> Needs:
    declared: Needs | None = getattr(app.view_functions[endpoint], _NEEDS, None)
    return declared or Needs((), (DEFAULT_READ[audience],))


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PUBLIC_ROUTES:
        return None
    app = current_app
    audience = audience_of(app, request.endpoint)
    if audience is None:
        raise Forbidden
    if audience in OPEN:
        return None
    user = user_for_request()
    if user is None or _idle():
        return _to_sign_in()
    session["seen"] = now()
    if audience == "signed-in":
        return None
    return _check_person(user, audience, _needs_of(app, request.endpoint, audience))


def _check_person(user: User, audience: Audience, wanted: Needs) -> ResponseReturnValue | None:
    if audience == "staff" and not user.is_staff:
        raise Forbidden
    if user.needs_second_factor and not user.has_second_factor and house().settings.mode == "live":
        return redirect(url_for("security.two_factor_setup"))
    if request.method in SAFE_METHODS:
        enough = any(permitted(user.role_names, name) for name in wanted.read)
    else:
        enough = any(permitted(user.role_names, name) for name in set(wanted.act) - READ_ONLY)
    if not enough:
        raise Forbidden
    return None


def _idle() -> bool:
    return now() - int(session.get("seen", now())) > IDLE_SECONDS


def _to_sign_in() -> ResponseReturnValue:
    for name in SIGNED_IN:
        session.pop(name, None)
    here = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("security.login", next=here))


def now() -> int:
    """Returns the house’s time in whole seconds."""
    return int(house().clock().timestamp())


def reachable_applications(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on applications that this actor may read: a partner’s own referrals, staff’s all."""
    if actor.may("apply.read"):
        return true()
    return Application.partner_id == (actor.user_id or -1)


def funder_for_request() -> int | None:
    """Returns the only funder whose pages may be shown, or None when this person may look at every funder’s.

    Raises Forbidden for a funder’s viewer who belongs to no funder.
    """
    user = user_for_request()
    if user is not None and user.is_staff:
        return None
    if user is None or user.funder_id is None:
        raise Forbidden
    return user.funder_id
