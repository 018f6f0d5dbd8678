"""One throw-away PostgreSQL for the whole run, started when a test first asks for it. A pytest plugin.

The data lies under the system's temporary folder, in a folder named after the run's own process, and the server
listens on a free port of the loopback. Workers of one run share it: the folder's name reaches them in the environment,
and a file lock lets exactly one start it. The process that named the folder stops the server and removes the folder at
the end; what a killed run left behind is stopped and removed when the next run begins.

Durability is off on purpose. What a crash leaves behind is tried elsewhere, against a server with it on.
"""

import fcntl
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

from tests.kept import ENGINES

FOLDER = "GRANTS_TEST_POSTGRES_FOLDER"
PREFIX = "grants-test-postgres-"
OWNER = "postgres"
INSTALL = "PostgreSQL is not here: install postgresql."
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "timezone": "UTC",
}

# A test that touches a database takes its kind from here, so that `-m "not postgres"` leaves the right half out.
DATABASES = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


def binaries() -> Path | None:
    """Returns the folder with the newest ``initdb`` and ``pg_ctl`` of this machine, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@dataclass
class Server:
    """A running server: its folder and port. Gives out databases."""

    port: int
    names: Iterator[str] = field(default_factory=lambda: (f"t{os.getpid()}_{n}" for n in itertools.count(1)))
    free: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        """Returns the SQLAlchemy address of the database called ``name``."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{name}"

    def fresh(self, template: str = "template0") -> str:
        """Makes a database, empty or a copy of ``template`` (made by `prepared`), and returns its address.

        A copy may have the name of one that was dropped.
        """
        name = self.free.pop() if self.free and template != "template0" else next(self.names)
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template}{self.how}")
        return self.url(name)

    @cached_property
    def how(self) -> str:
        """How databases are copied: file by file takes half the time for small ones, where it can be chosen."""
        with psycopg.connect(self.where) as connection:
            return " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""

    @property
    def where(self) -> str:
        """Where the server itself is asked."""
        return f"host=127.0.0.1 port={self.port} user={OWNER} dbname=postgres"

    def prepared(self, fill: Callable[[str], None]) -> str:
        """Makes a database, lets ``fill(address)`` put things in it, and returns its name for `fresh` to copy.

        ``fill`` must close its connections: PostgreSQL copies only a database that nobody is in.
        """
        address = self.fresh()
        fill(address)
        return address.rpartition("/")[2]

    def drop(self, address: str) -> None:
        """Removes a database, ending whatever is still connected to it."""
        name = address.rpartition("/")[2]
        self._tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if ENGINES.rests(address):
            self.free.append(name)

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self.where, autocommit=True) as connection:
            connection.execute(statement.encode())


def shared_server() -> Server:
    """Returns this run's one server, starting it if no worker has yet."""
    programs = binaries()
    if programs is None:
        missing()
    folder = Path(os.environ[FOLDER])
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = folder / "port"
        if not told.exists():
            port = start(folder, programs)
            told.write_text(str(port))
        return Server(int(told.read_text()))


def missing() -> NoReturn:
    """Ends the test that needs PostgreSQL: a failure where everything must run (CI=true), else a skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(INSTALL, pytrace=False)
    pytest.skip(INSTALL)


def start(folder: Path, programs: Path) -> int:
    """Makes a cluster in ``folder/data`` and starts it on a free port, which it returns. A taken port is tried anew."""
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, OWNER)
    make = ["-A", "trust", "-U", OWNER, "-E", "UTF8", "--no-locale", "--no-sync", "-D", str(data)]
    as_owner([str(programs / "initdb"), *make])
    with (data / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    log = str(data / "server.log")
    for _ in range(5):
        port = free_port()
        flags = ["-D", str(data), "-l", log, "-o", f"-p {port}", "-w", "-t", "60", "start"]
        if as_owner([str(programs / "pg_ctl"), *flags], check=False) == 0:
            return port
    raise RuntimeError(f"PostgreSQL did not start:\n{Path(log).read_text()}")


def as_owner(command: list[str], check: bool = True) -> int:
    """Runs a server's program as the user who owns its data (PostgreSQL refuses root); returns its exit code."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", OWNER, "--", *command]
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.returncode


def free_port() -> int:
    """Returns a loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(folder: Path) -> None:
    """Stops the server of a folder, if one runs, and removes the folder."""
    programs, data = binaries(), folder / "data"
    if programs and (data / "postmaster.pid").exists():
        as_owner([str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Stops and removes what runs that no longer live have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = folder.name.removeprefix(PREFIX)
        if process.isdigit() and (int(process) == os.getpid() or not lives(int(process))):
            stop(folder)


def lives(process: int) -> bool:
    """Tells whether a process of this machine is still there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def pytest_configure(config: pytest.Config) -> None:
    """Names this run's folder, once: workers find the name in their environment."""
    if not hasattr(config, "workerinput"):
        sweep()
        os.environ[FOLDER] = str(Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the server if any test has started it; only the process that named the folder does."""
    folder = Path(os.environ.get(FOLDER, ""))
    if not hasattr(config, "workerinput") and folder.name == f"{PREFIX}{os.getpid()}":
        stop(folder)


@pytest.fixture(scope="session")
def postgres() -> Server:
    """The run's PostgreSQL; its `fresh()` gives the address of a new database in a few hundredths of a second."""
    return shared_server()


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """The address of a fresh empty database, removed after the test."""
    address = postgres.fresh()
    yield address
    postgres.drop(address)
