"""The stand-in as a process of its own: it survives being killed, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import stripe

from grants.standin.process import Execution, Standin, StandinFailed
from grants.standin.server import make_server, make_world
from grants.standin.store import Store
from tests.standin.payer import Payer

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import sys, time
from pathlib import Path
from grants.standin.process import Standin
standin = Standin(Path(sys.argv[1])).start()
print(standin.pid, flush=True)
time.sleep(60)
"""


def test_the_record_and_the_keys_survive_a_kill(tmp_path: Path) -> None:
    with Standin(tmp_path, opening=1_000_000) as standin:
        payer = Payer(standin)
        order = payer.order()
        first, url = payer.send(order, "before-the-kill"), standin.url
        standin.kill()
        assert [each.key for each in standin.executions()] == ["before-the-kill"]
        with pytest.raises(stripe.APIConnectionError):
            payer.send(order, "before-the-kill")

        standin.start()
        assert standin.url == url
        assert payer.send(order, "before-the-kill").id == first.id
        payer.send(payer.order(), "after-the-kill")
        assert [each.key for each in standin.executions()] == ["before-the-kill", "after-the-kill"]
        balance = payer.money.financial_accounts.retrieve(standin.financial_account).balance
        assert balance.available["gbp"]["value"] == 1_000_000 - 2 * 3_700


def test_a_request_cut_off_in_its_middle_never_came(standin: Standin, payer: Payer) -> None:
    """A payer that is killed between the head and the body of a request has not used the key."""
    host, port = standin.url.removeprefix("http://").split(":")
    head = (
        "POST /v2/money_management/outbound_payments HTTP/1.1\r\nHost: standin\r\n"
        "Idempotency-Key: cut-off\r\nContent-Length: 300\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as half:
        half.sendall(head.encode())
        half.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            half.recv(100)
    assert payer.send(payer.order(), "cut-off").status == "processing"
    assert [each.key for each in standin.executions()].count("cut-off") == 1


def test_a_kill_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    sender = """
import sys
from grants.standin.process import Standin
from tests.standin.payer import Payer
from pathlib import Path
standin = Standin(Path(sys.argv[1]))
standin.url = sys.argv[2]
payer = Payer(standin)
order = payer.order(amount=1)
del order["recipient_verification"]
for number in range(10_000):
    payer.send(order, f"load-{number}")
    print(number, flush=True)
"""
    with Standin(tmp_path, opening=1_000_000) as standin:
        standin.control("settings", require_verification=False)
        command = [sys.executable, "-c", sender, str(tmp_path), standin.url]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
        assert client.stdout is not None
        told = [int(client.stdout.readline()) for _ in range(60)]
        standin.kill()
        told += [int(line) for line in client.stdout.read().split()]
        client.wait(timeout=10)
        standin.start()
        keys = [each.key for each in standin.executions()]
        assert len(keys) == len(set(keys))
        assert {f"load-{number}" for number in told} <= set(keys)
        assert len(keys) <= len(told) + 1
        payments = standin.look("payments")
        assert len(payments) == len(keys)


def test_lines_that_a_kill_kept_back_are_added_at_the_next_start(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(3):
        store.execute({"id": f"obp_{number}"})
    store.close()
    record = tmp_path / "executions.jsonl"
    whole = record.read_bytes()
    record.write_bytes(whole[: whole.index(b"\n") + 8])
    Store(tmp_path).close()
    assert record.read_bytes() == whole


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    os.kill(pid, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_two_cannot_share_one_folder(tmp_path: Path) -> None:
    with Standin(tmp_path), pytest.raises(StandinFailed, match="Another stand-in already works in"):
        Standin(tmp_path).start()


def test_a_busy_port_is_told_plainly(standin: Standin, tmp_path: Path) -> None:
    port = int(standin.url.rpartition(":")[2])
    with pytest.raises(StandinFailed, match="cannot start"):
        Standin(tmp_path, port=port).start()


def test_it_serves_on_this_machine_only() -> None:
    with pytest.raises(ValueError, match="this machine only"):
        make_server(make_world(None), host="0.0.0.0")


def test_a_stopped_stand_in_still_shows_its_record(tmp_path: Path) -> None:
    standin = Standin(tmp_path, opening=10_000).start()
    payer = Payer(standin)
    payment = payer.send(payer.order(), "told-later")
    standin.stop()
    (execution,) = standin.executions()
    assert isinstance(execution, Execution)
    assert (execution.id, execution.amount, execution.currency) == (payment.id, 3_700, "gbp")


def test_what_was_asked_can_be_read(payer: Payer) -> None:
    payer.send(payer.order(), "asked")
    calls = payer.standin.look("calls")
    assert isinstance(calls, list)
    mine = [(each["call"], each["status"], each["fault"]) for each in calls if each["key"] == "asked"]
    assert mine == [("outbound_payments.create", 200, None)]
