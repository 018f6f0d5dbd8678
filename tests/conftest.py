"""What every test may use: a fresh database of either kind, a clock that is moved by hand, and people to be."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from grants.app import desk_over, house_of
from grants.config import Settings
from grants.domain.later import Notebook
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow.desk import Actor, Desk
from grants.model import migrate
from grants.model.applications import Application
from grants.model.engine import Database
from grants.model.funds import Fund, Funder
from grants.model.people import Payee, Person
from grants.model.users import User
from grants.web.edge import House, actor_of
from grants.web.signin.practice import demo_link
from tests.kept import DOORS, Built
from tests.visitor import Visitor

if TYPE_CHECKING:
    from tests.copies import Copies
    from tests.postgres import Server

pytest_plugins = ["tests.postgres", "tests.paying", "tests.installing", "tests.hoping", "tests.telling", "tests.copies"]

SECRET = "a secret for tests, longer than thirty-two characters"
PASSWORD = "seven green kettles sing"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests may take longest begin first, so that at the end no worker waits for another."""
    longest: Counter[Path] = Counter()
    for item in items:
        allowed = max((mark.args[0] for mark in item.iter_markers("timeout")), default=0)
        longest[item.path] = max(allowed, longest[item.path])
    items.sort(key=lambda item: -longest[item.path])


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = MONDAY
    moves: list[timedelta] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Moves the clock on: ``clock.move(days=3)``."""
        self.moves.append(timedelta(**by))
        self.at += self.moves[-1]


def _fill(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database.engine)
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table, made once."""
    path = tmp_path_factory.mktemp("template") / "grants.db"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> str:
    """The name of a PostgreSQL database with every table, made once."""
    return postgres.prepared(_fill)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database with every table, of each kind in turn."""
    copies: Copies = request.getfixturevalue("files" if request.param == "sqlite" else "postgres")
    address = copies.fresh(str(request.getfixturevalue(f"{request.param}_template")))
    yield address
    copies.drop(address)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings for a test; give ``replace(settings, mode="live", …)`` to ``start`` for others."""
    return Settings(
        home=tmp_path,
        database_url=database_url,
        secret_key=SECRET,
        base_url="http://localhost",
        mode="test",
        charity_name="Harbour Trust",
    )


@pytest.fixture
def clock() -> Clock:
    """Monday 23 November 2026, ten o’clock."""
    return Clock()


@pytest.fixture
def notebook() -> Notebook:
    """What was queued for later: ``notebook.jobs``."""
    return Notebook()


Start = Callable[..., Flask]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled pages, kept from one app to the next."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def start(
    request: pytest.FixtureRequest, notebook: Notebook, clock: Clock, compiled: FileSystemBytecodeCache
) -> Iterator[Start]:
    """Starts an app with other settings; each is closed at the end.

    ``anew=True`` is for a test that adds to the app: Flask takes nothing more after the first request.
    """
    if "database_url" in request.fixturenames:
        request.getfixturevalue("database_url")  # made before, so that it is dropped after the app is closed
    started: list[Built] = []

    def create(settings: Settings, *, anew: bool = False) -> Flask:
        started.append(DOORS.over(settings, compiled, notebook, clock, anew=anew))
        return started[-1].app

    yield create
    for each in started:
        DOORS.back(each)


@pytest.fixture
def app(start: Start, settings: Settings) -> Flask:
    """The app over a fresh database, in test mode."""
    return start(settings)


@pytest.fixture
def house(app: Flask) -> House:
    """What the app’s requests share."""
    return house_of(app)


@pytest.fixture
def client(app: Flask) -> Visitor:
    """A browser that nobody is signed in with."""
    return browser(app)


def browser(app: Flask) -> Visitor:
    """Returns one more browser, with cookies of its own."""
    made = app.test_client()
    assert isinstance(made, Visitor)
    return made


AtDesk = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def at_desk(house: House) -> AtDesk:
    """Opens a desk and commits at its end: ``with at_desk(user) as desk:``; nobody named is the system itself.

    Close it before the browser clicks: on SQLite one writer goes at a time.
    """

    @contextmanager
    def opened(user: User | None = None) -> Iterator[Desk]:
        with house.database.transaction() as session:
            yield desk_over(house, session, actor_of(user) if user is not None else Actor())

    return opened


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    """One open desk at which the system itself acts; use ``desk.acting(…)`` for people. Nothing is committed."""
    with house.database.session() as session:
        yield desk_over(house, session)


MakeUser = Callable[..., User]


@pytest.fixture
def make_user(at_desk: AtDesk) -> MakeUser:
    """Makes somebody who has joined: ``make_user("finance", name="Bo")``; roles as many as wanted."""

    def make(*roles: str, **more: Any) -> User:
        with at_desk() as desk:
            return add_user(desk, *roles, **more)

    return make


def add_user(desk: Desk, *roles: str, **more: Any) -> User:
    """Adds somebody who has joined, with PASSWORD, at an open desk; a funder’s viewer gets a funder."""
    name = more.pop("name", (roles[0] if roles else "nobody").title())
    if "funder-viewer" in roles and "funder_id" not in more:
        funder = Funder(name=f"Funder of {name} {uuid.uuid4().hex[:6]}", created_at=desk.now())
        desk.session.add(funder)
        desk.session.flush()
        more["funder_id"] = funder.id
    if "partner" in roles:
        more.setdefault("organisation", "Food Bank by the Quay")
    fresh = uuid.uuid4().hex
    user = User(
        name=name,
        email=more.pop("email", f"{name.split()[0].lower()}-{fresh[:6]}@example.org"),
        password=more.pop("password", hashed(PASSWORD)),
        active=more.pop("active", True),
        fs_uniquifier=fresh,
        role_names=list(roles),
        joined_at=desk.now(),
        **more,
    )
    desk.session.add(user)
    desk.session.flush()
    return user


def add_application(desk: Desk, **more: Any) -> Application:
    """Adds an application that waits for a decision, of a new person to a new fund, at an open desk."""
    now, fresh = desk.now(), uuid.uuid4().hex[:8]
    funder = Funder(name=f"Tide Foundation {fresh}", created_at=now)
    person = Person(number=f"P-{fresh}", name="Jo Bell", name_key="jo bell", created_at=now)
    desk.session.add_all([funder, person])
    desk.session.flush()
    fund = Fund(
        slug=f"tide-{fresh}",
        funder_id=funder.id,
        name="Tide",
        starts_on=desk.today(),
        ceiling=50000,
        policy_slug="unconditional",
        terms=dump(Terms()),
        created_at=now,
    )
    payee = Payee(person_id=person.id, how="bank", created_at=now)
    desk.session.add_all([fund, payee])
    desk.session.flush()
    standard = {"amount": 40000, "currency": "GBP", "state": "submitted", "submitted_at": now}
    application = Application(
        reference=f"A-{fresh}", fund_id=fund.id, person_id=person.id, payee_id=payee.id, **(standard | more)
    )
    desk.session.add(application)
    desk.session.flush()
    return application


@cache
def hashed(password: str) -> str:
    """Returns a password as it is kept; made once, because it is slow on purpose."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(password)


SignIn = Callable[..., User]


@pytest.fixture
def sign_in(settings: Settings, make_user: MakeUser) -> SignIn:
    """Signs a browser in as somebody new: ``sign_in(client, "manager")``, or as ``user=``; returns them."""

    def go(client: Visitor, *roles: str, user: User | None = None, **more: Any) -> User:
        somebody = user or make_user(*roles, **more)
        page = demo_link(settings, somebody).removeprefix(settings.base_url)
        answer = client.send(page)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return somebody

    return go
