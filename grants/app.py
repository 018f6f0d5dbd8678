"""The one place where all is joined: settings, database, catalogue, doors, and what happens later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Blueprint, Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grants import defaults
from grants.config import CannotStart, Settings, read_settings
from grants.domain import benefits
from grants.domain.errors import Refusal
from grants.domain.later import Later
from grants.flow.desk import Actor, Desk
from grants.flow.telling_people.words import shipped
from grants.folders import benefits_note
from grants.jobs.context import JobContext
from grants.jobs.later import DbosLater
from grants.model import migrate
from grants.model.engine import Database, ReadOnlyGet, reading
from grants.model.one_host import refuse_second_host
from grants.model.vault import Vault
from grants.plugins import gather
from grants.web import edge, guard, logs, machines, porch, signin, speaking, webhooks
from grants.web.edge import House
from grants.web.funders import door as funders_door
from grants.web.recipients import door as recipients_door
from grants.web.staff import door as staff_door

log = structlog.get_logger(__name__)

EX_TEMPFAIL = 75
"""From sysexits.h: try again later."""

CORE = (defaults,)
"""The core’s own plugins, asked before any other."""


def create_app(
    settings: Settings | None = None, *, later: Later | None = None, clock: Callable[[], datetime] | None = None
) -> Flask:
    """Returns the app that serves every door; raises SettingsError or CannotStart.

    ``later`` and ``clock`` stand in for the work engine’s queue and the time of day, in tests and demonstrations.
    """
    house = open_house(settings or read_settings(), later=later, clock=clock)
    return move_in(build_doors(house.settings, house.catalogue.blueprints), house)


def build_doors(settings: Settings, plugins_pages: Mapping[str, Any]) -> Flask:
    """Returns an app with every door, and nobody in the house yet: `move_in` puts somebody there.

    Building takes longer than moving in, and one set of doors serves one house after another.
    """
    app = Flask("grants", static_folder=None, template_folder=None)
    # The edge comes first, so that its commit is the last thing that happens to a response.
    edge.setup(app)
    logs.follow_requests(app)
    app.config["RATELIMIT_ENABLED"] = settings.mode != "test"
    porch.setup(app, settings)
    speaking.setup(app)
    guard.setup(app)
    signin.setup(app, mode=settings.mode, secret=settings.secret_key, earlier=settings.earlier_secrets)
    machines.setup(app)
    app.register_blueprint(webhooks.pages)
    for door in (recipients_door, staff_door, funders_door):
        app.register_blueprint(door)
    _add_plugins_pages(app, plugins_pages)
    app.wsgi_app = ReadOnlyGet(app.wsgi_app)  # type: ignore[method-assign]  # how Flask is wrapped
    return app


def move_in(app: Flask, house: House) -> Flask:
    """Opens the doors onto this house, with figures that begin at nothing, and returns the app."""
    edge.move_in(app, house)
    machines.count_anew(app)
    return app


def open_house(
    settings: Settings,
    *,
    later: Later | None = None,
    clock: Callable[[], datetime] | None = None,
    database: Database | None = None,
) -> House:
    """Returns what all requests, jobs and commands share; raises CannotStart for a database that does not fit.

    A SQLite file that is open on another machine is refused too. ``database`` is for whoever has it open already.
    """
    refuse_second_host(settings.database_url, settings.lease_seconds)
    database = database or Database(settings.database_url)
    check_database(database)
    _check_words()
    return House(
        settings=settings,
        database=database,
        catalogue=gather(settings, CORE),
        later=later or DbosLater(settings.database_url),
        clock=clock or utc_now,
        vault=Vault(settings.secret_key, settings.earlier_secrets),
        benefits=_benefits_note(settings),
    )


def _benefits_note(settings: Settings) -> benefits.BenefitsNote:
    """Returns what is said about benefits; raises CannotStart when the charity's own note has something to mend."""
    path = benefits_note(settings.home)
    try:
        return benefits.read(path.read_text(encoding="utf-8"))
    except (Refusal, OSError, UnicodeDecodeError) as error:
        told = error.message if isinstance(error, Refusal) else "The benefits note cannot be read as UTF-8 text."
        raise CannotStart(f"{told} Mend {path}, or take it away: then the note that came with us is shown.") from error


def _check_words() -> None:
    """Looks through what people are told; raises CannotStart for words that are missing or could give them away."""
    try:
        shipped()
    except (Refusal, OSError, UnicodeDecodeError) as error:
        told = error.message if isinstance(error, Refusal) else "The words of messages cannot be read as UTF-8 text."
        raise CannotStart(f"{told} Install Grants on Trust again.") from error


def check_database(database: Database) -> None:
    """Raises CannotStart when the database cannot be reached, or is older or newer than this program."""
    try:
        with reading():
            problem = migrate.problem(database.engine)
    except SQLAlchemyError as error:
        words = "The database cannot be reached. Check GRANTS_DATABASE_URL, and that the database is running."
        raise CannotStart(words, EX_TEMPFAIL) from error
    if problem:
        raise CannotStart(problem)


def desk_over(house: House, session: Session, actor: Actor | None = None) -> Desk:
    """Returns a desk over a session, for a job or a command; the system itself acts unless somebody is named."""
    return Desk(
        session=session,
        catalogue=house.catalogue,
        clock=house.clock,
        actor=actor or Actor(),
        later=house.later,
        vault=house.vault,
        settings=house.settings,
    )


def job_context(house: House) -> JobContext:
    """Returns what jobs are given."""
    return JobContext(
        database=house.database, desk_for=lambda session: desk_over(house, session), catalogue=house.catalogue
    )


def house_of(app: Flask) -> House:
    """Returns the house of an app, for whoever serves it."""
    found: House = app.extensions[edge.KEY]
    return found


def utc_now() -> datetime:
    """Returns the time of day, in UTC."""
    return datetime.now(UTC)


def _add_plugins_pages(app: Flask, plugins_pages: Mapping[str, Any]) -> None:
    """Mounts plugins’ own pages under ``/plugins/<name>/``: public, and holding nothing about a person."""
    for name, pages in plugins_pages.items():
        blueprint: Blueprint = pages
        try:
            app.register_blueprint(blueprint, url_prefix=f"/plugins/{name}", name=f"plugin-{name}")
            guard.admit(app, f"plugin-{name}", "anyone")
        except Exception as error:  # whatever a plugin does, the host starts
            log.warning("plugin_pages_left_out", plugin=name, error=type(error).__name__)
