"""What a worker builds once and uses for test after test: engines over databases, and doors over houses.

Neither keeps anything of the test before. An engine remembers how statements are written, never a connection; doors
remember their routes and pages, and are opened onto a new house each time. What a test has changed, or left open, is
not used again: `Engines.back` and `Doors.back` look.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache

from grants.app import build_doors, move_in, open_house
from grants.config import Settings
from grants.domain.later import Later
from grants.model.engine import Database
from grants.web.porch import limiter
from tests.visitor import Visitor

NOWHERE = Path("nowhere")


@dataclass
class Engines:
    """Databases by address, each used by one test at a time."""

    idle: defaultdict[str, list[Database]] = field(default_factory=lambda: defaultdict(list))
    out: Counter[str] = field(default_factory=Counter)

    def over(self, address: str) -> Database:
        """Returns a database over this address; give it `back`."""
        self.out[address] += 1
        if self.idle[address]:
            return self.idle[address].pop()
        return Database(address)

    def back(self, database: Database) -> None:
        """Closes a database, and keeps it for the next test unless somebody still holds or hears it."""
        busy = database.engine.pool.checkedout() or _heard(database)
        database.close()
        if not busy:
            self.out[database.url] -= 1
            self.idle[database.url].append(database)

    def rests(self, address: str) -> bool:
        """Returns whether engines are kept over this address and none of them is out: it may be used once more."""
        return bool(self.idle[address]) and not self.out[address]


def _heard(database: Database) -> bool:
    """Returns whether a test still listens to the statements or transactions of a database; we listen to `begin`."""
    on = database.engine.dispatch
    return bool(on.before_cursor_execute or on.after_cursor_execute or on.commit or on.rollback or len(on.begin) > 1)


ENGINES = Engines()


@dataclass
class Built:
    """Doors, what they were built from, how they looked when they were new, and the database they are open onto."""

    app: Flask
    kind: tuple[Any, ...]
    looks: tuple[Any, ...] = ()
    database: Database | None = None


@dataclass
class Doors:
    """Apps by what they were built from, each used by one test at a time."""

    idle: list[Built] = field(default_factory=list)

    def over(
        self,
        settings: Settings,
        compiled: BytecodeCache,
        later: Later,
        clock: Callable[[], datetime],
        *,
        anew: bool = False,
    ) -> Built:
        """Returns doors over a new house, built now only when none of their kind is idle; give them `back`."""
        database = ENGINES.over(settings.database_url)
        try:
            house = open_house(settings, later=later, clock=clock, database=database)
        except BaseException:
            ENGINES.back(database)
            raise
        # Built without what is each test's own: doors that came to need any of it would not find it. All that they
        # read in a home is the charity's own languages.
        home = settings.home if (settings.home / "locale").exists() else NOWHERE
        common = replace(settings, home=home, database_url="", stripe_api_base="")
        blueprints = house.catalogue.blueprints
        kind = (common, {name: (each.import_name, len(each.deferred_functions)) for name, each in blueprints.items()})
        built = None if anew else next((each for each in self.idle if each.kind == kind), None)
        if built is None:
            built = Built(_build(common, blueprints, compiled), kind)
            built.looks = looks(built.app)
        else:
            self.idle.remove(built)
        if limiter.initialized:
            limiter.reset()
        move_in(built.app, house)
        built.app.test_client_class = Visitor
        built.database = database
        return built

    def back(self, built: Built) -> None:
        """Closes the house, and keeps the doors for the next test if they look as they did when they were new."""
        assert built.database is not None
        ENGINES.back(built.database)
        if built.kind[0].home == NOWHERE and looks(built.app) == built.looks:
            self.idle.append(built)


DOORS = Doors()


def _build(settings: Settings, plugins_pages: Mapping[str, Any], compiled: BytecodeCache) -> Flask:
    app = build_doors(settings, plugins_pages)
    app.testing = True
    app.jinja_env.bytecode_cache = compiled
    return app


def looks(app: Flask) -> tuple[Any, ...]:
    """Returns everything of an app that a test might change, but for the house."""
    functions = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    return (
        dict(app.config),
        {name: id(it) for name, it in app.extensions.items() if not name.startswith("grants")},
        {name: id(view) for name, view in app.view_functions.items()},
        sum(len(them) for each in functions for them in each.values()),
        {name: id(it) for name, it in app.jinja_env.globals.items()},
        {name: id(it) for name, it in app.jinja_env.filters.items()},
        (id(app.jinja_loader), id(app.wsgi_app)),
    )
