"""The server as users start it, in processes of its own, and the databases it runs on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import create_engine

from grants.config import Settings
from tests import postgres

SECRET = "a secret for the bench, longer than thirty-two characters"


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Settings]:
    """Gives settings over a fresh database; PostgreSQL keeps its usual, safe commit settings."""
    port = postgres.free_port()
    settings = Settings(
        home=folder,
        database_url=f"sqlite:///{folder / 'grants.db'}",
        secret_key=SECRET,
        base_url=f"http://127.0.0.1:{port}",
        mode="test",
        charity_name="Bench Neighbours",
    )
    if kind == "sqlite":
        yield settings
        return
    programs = postgres.binaries()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: run with --databases sqlite")
    place = Path(tempfile.mkdtemp(prefix=f"{postgres.PREFIX}{os.getpid()}-"))
    place.chmod(0o755)
    try:
        cluster = postgres.Server(postgres.start(place, programs))
        _as_in_life(cluster.url("postgres"))
        yield replace(settings, database_url=cluster.fresh())
    finally:
        postgres.stop(place)


def _as_in_life(url: str) -> None:
    """Turns on what the tests turn off: a commit is on the disk before it is answered."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = 'on'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


def environment(settings: Settings) -> dict[str, str]:
    """Returns the environment in which the server finds these settings."""
    given = {f"GRANTS_{name.upper()}": str(getattr(settings, name)) for name in settings.__dataclass_fields__}
    return os.environ | given


@contextmanager
def server(settings: Settings, processes: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Runs ``grants serve`` and gives its process and the seconds until its first answer."""
    port = settings.base_url.rpartition(":")[2]
    command = [sys.executable, "-m", "grants", "serve", "--port", port, "--processes", str(processes)]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment(settings), stdout=subprocess.DEVNULL)
    try:
        wait(settings.base_url)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait(base: str) -> None:
    """Waits until the server answers, up to 30 seconds."""
    for _ in range(600):
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if urllib.request.urlopen(f"{base}/healthz", timeout=5).status == 200:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not answer within 30 s")


def memory(process: subprocess.Popen[bytes]) -> list[float]:
    """Returns the resident MiB of the serving processes (those below the one that watches over them)."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [resident(int(child)) for child in children] or [resident(process.pid)]


def resident(pid: int) -> float:
    """Returns the resident MiB of one process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
