"""``grants serve`` and ``grants worker``: they start or say why not, and when told to stop they are gone."""

from __future__ import annotations

import signal
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from grants.cli.serve import STOP_SECONDS
from tests.cli.conftest import Grants
from tests.postgres import Server
from tests.running import Place, Served, Started, free_port

SOON = STOP_SECONDS - 1
"""Whoever takes longer was not gone by itself: it was ended by force."""


@pytest.fixture
def on_postgres(place: Place, postgres: Server, postgres_template: str) -> Place:
    return place.having(database_url=postgres.fresh(postgres_template))


def stops(started: Started, how: signal.Signals = signal.SIGTERM) -> None:
    assert started.stop(how, within=SOON) == 0
    assert started.nobody_left()
    assert "Traceback" not in started.said


def idle_browsers(served: Served) -> list[object]:
    """Returns connections that are kept open: after an answer, in the midst of a question, before the first word."""
    kept = HTTPConnection("127.0.0.1", served.port)
    kept.request("GET", "/healthz")
    kept.getresponse().read()
    halfway = socket.create_connection(("127.0.0.1", served.port))
    halfway.send(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nand th")
    return [kept, halfway, socket.create_connection(("127.0.0.1", served.port))]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_is_gone_though_browsers_hold_on(ready: Place, how: signal.Signals) -> None:
    with ready.serving() as served:
        assert served.get("/")[0] == 200
        browsers = idle_browsers(served)
        stops(served, how)
        assert served.said.startswith(f"Serving on http://127.0.0.1:{served.port} (stop with Ctrl-C)\n")
        assert browsers


def test_a_server_that_is_told_to_stop_does_not_wait_for_ever_for_the_rest_of_a_form(ready: Place) -> None:
    with ready.serving() as served, socket.create_connection(("127.0.0.1", served.port)) as phone:
        phone.send(b"POST /code HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        phone.send(b"Content-Type: application/x-www-form-urlencoded\r\n\r\ncode=and-then-the-train-went-in")
        served.wait_until(lambda: served.get("/healthz")[0] == 200)
        stops(served)
        assert phone.recv(100) == b""


def test_a_server_that_is_told_to_stop_while_it_starts_is_gone(ready: Place) -> None:
    with ready.started("serve", "--port", str(free_port())) as started:
        started.says("Serving on")
        assert started.stop(within=SOON) in (0, -signal.SIGTERM)
        assert started.nobody_left()
        assert "Traceback" not in started.said


def test_when_the_first_process_is_killed_the_serving_one_follows_and_another_server_can_start(ready: Place) -> None:
    with ready.serving() as served:
        served.process.kill()
        served.process.wait()
        ready.run("doctor")
        for _ in range(200):
            if served.nobody_left():
                break
            signal.sigtimedwait([], 0.1)
        assert served.nobody_left()
    with ready.started("serve", "--port", str(served.port)) as again:
        anew = Served(again.process, again.file, served.port)
        anew.wait_until(anew.answers)
        stops(anew)


def test_a_busy_port_is_refused_before_anything_else_and_another_is_named(typed: Grants, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        for command in ("serve", "demo"):
            refused = typed(command, "--port", str(port), code=75)
            assert refused.out == ""
            words, _, named = refused.err.rpartition("--port ")
            assert words == f"Port {port} on 127.0.0.1 is in use. Stop what uses it, or choose another: "
            assert port < int(named) < port + 50
    assert not (tmp_path / "var" / "grants.db").exists()


def test_a_demonstration_beside_a_running_server_is_told_so(ready: Place) -> None:
    with ready.serving() as served:
        refused = ready.run("demo", "--port", str(served.port), code=75)
        assert refused.out == ""
        assert f"Port {served.port} on 127.0.0.1 is in use." in refused.err
        assert served.answers()


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-machine.invalid"])
def test_an_address_that_this_machine_does_not_have(typed: Grants, host: str) -> None:
    refused = typed("serve", "--host", host, "--port", str(free_port()), code=64)
    assert f"This machine has no address {host}. Use --host 127.0.0.1" in refused.err


def test_many_processes_need_postgresql(typed: Grants) -> None:
    refused = typed("serve", "--processes", "2", code=64)
    assert refused.err.startswith("SQLite takes one process. Use PostgreSQL for more")
    assert "Serving" not in refused.out


@pytest.mark.postgres
def test_two_processes_serve_on_postgresql_and_stop_together(on_postgres: Place) -> None:
    with on_postgres.serving("--processes", "2") as served:
        assert served.get("/readyz")[0] == 200
        stops(served)


def test_a_worker_on_sqlite_stops_when_told(ready: Place) -> None:
    with ready.started("worker") as working:
        working.says("Working on SQLite")
        stops(working)


@pytest.mark.postgres
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_on_postgresql_stops_when_told(on_postgres: Place, how: signal.Signals) -> None:
    with on_postgres.started("worker") as working:
        working.says("Working on 127.0.0.1/")
        stops(working, how)
