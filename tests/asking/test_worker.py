"""A plugin that hangs, dies or eats memory is ended in its own process; nobody else waits for it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from grants.asking.limits import Limits
from grants.asking.sound import Unsound
from grants.asking.worker import Worker, end_all

Hired = Callable[..., Worker]

LONG = Limits(seconds=60, megabytes=128)

WAITS = """
def grants_slot(slot, subject):
    if slot == "wait":
        time.sleep(3600)
    return slot.upper()
"""

ENDS = """
def grants_slot(slot, subject):
    {}
    return "never said"
"""


def question(slot: str) -> dict[str, object]:
    return {"ask": "slot", "slot": slot, "subject": {"value": None}}


def say(worker: Worker, slot: str = "hello") -> object:
    return worker.ask(question(slot))["text"]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def waits_until(so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_one_process_answers_question_after_question(hired: Hired) -> None:
    worker = hired(WAITS)
    assert worker.pid == 0, "nothing runs before it is needed"
    assert say(worker, "one") == "ONE"
    first = worker.pid
    assert [say(worker, word) for word in ("two", "three")] == ["TWO", "THREE"]
    assert worker.pid == first != os.getpid()


def test_what_hangs_is_ended_and_left_alone_for_a_while(hired: Hired) -> None:
    now = [1000.0]
    worker = hired(WAITS, clock=lambda: now[0])
    say(worker)
    pid = worker.pid
    with pytest.raises(Unsound, match=r"^it took longer than 0\.5 seconds$"):
        say(worker, "wait")
    assert gone(pid)
    with pytest.raises(Unsound, match=r"it took longer than 0\.5 seconds, and is tried again in 30 seconds"):
        say(worker)
    assert worker.pid == 0, "it is not even started"
    now[0] += 31
    with pytest.raises(Unsound, match=r"seconds$"):
        say(worker, "wait")
    with pytest.raises(Unsound, match="tried again in 60 seconds"):
        say(worker)
    now[0] += 61
    assert say(worker) == "HELLO"
    with pytest.raises(Unsound):
        say(worker, "wait")
    with pytest.raises(Unsound, match="tried again in 30 seconds"):
        say(worker)


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("os._exit(3)", "it ended its process (exit code 3)"),
        ("os.kill(os.getpid(), 11)", "its process was ended (SIGSEGV)"),
        ("list(iter(lambda: bytearray(2**24), 0))", "it used more than 128 MiB of memory"),
        ("raise KeyError('kettle')", "KeyError"),
        ("raise SystemExit('out')", "SystemExit"),
        ("return 7", "expected a text, got int"),
    ],
)
def test_what_goes_wrong_is_said_in_a_few_words(hired: Hired, does: str, words: str) -> None:
    with pytest.raises(Unsound) as wrong:
        say(hired(ENDS.format(does)))
    assert str(wrong.value) == words


def test_what_ended_once_is_started_again_and_then_left_alone(hired: Hired) -> None:
    worker = hired(ENDS.format("os._exit(3)"))
    for _ in range(2):
        with pytest.raises(Unsound, match=r"^it ended its process \(exit code 3\)$"):
            say(worker)
    with pytest.raises(Unsound, match="tried again in 30 seconds"):
        say(worker)


def test_a_process_that_somebody_ended_meanwhile_is_nobodys_fault(hired: Hired) -> None:
    worker = hired(WAITS)
    say(worker)
    pid = worker.pid
    os.kill(pid, 9)
    waits_until(lambda: gone(pid))
    assert say(worker) == "HELLO"
    assert worker.pid != pid


def test_while_one_hangs_another_answers(hired: Hired) -> None:
    stuck, other = hired(WAITS, LONG), hired(WAITS, LONG)

    def wait() -> None:
        with suppress(Unsound):
            say(stuck, "wait")

    waiting = threading.Thread(target=wait)
    waiting.start()
    waits_until(lambda: stuck.pid != 0)
    assert say(other) == "HELLO"
    assert waiting.is_alive(), "the other one did not wait for it"
    stuck.end()
    waiting.join(30)
    assert not waiting.is_alive()


def test_many_threads_ask_one_plugin_and_each_hears_its_own_answer(hired: Hired) -> None:
    worker = hired(WAITS, LONG)
    heard: dict[str, object] = {}

    def ask(word: str) -> None:
        heard[word] = say(worker, word)

    threads = [threading.Thread(target=ask, args=(f"word{n}",)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert heard == {f"word{n}": f"WORD{n}" for n in range(24)}


def test_a_process_that_parts_from_this_one_has_plugins_of_its_own(hired: Hired) -> None:
    worker = hired(WAITS, LONG)
    say(worker)
    pid = worker.pid
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            code = 0 if say(worker, "child") == "CHILD" and worker.pid != pid else 2
            worker.end()
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert say(worker, "parent") == "PARENT"
    assert worker.pid == pid


def test_what_a_plugin_prints_disturbs_nobody_and_what_it_logs_is_heard(
    hired: Hired, caplog: pytest.LogCaptureFixture
) -> None:
    worker = hired(
        "import logging, sys\n"
        "def grants_slot(slot, subject):\n"
        "    print('{}'); print('noise', file=sys.stderr); os.write(1, b'more noise')\n"
        "    logging.getLogger('kettle').info('boiled %s times', 3)\n"
        "    return input() if slot == 'read' else 'said'\n"
    )
    with caplog.at_level(logging.INFO):
        assert say(worker) == "said"
    assert ("kettle", logging.INFO, "boiled 3 times") in caplog.record_tuples
    with pytest.raises(Unsound, match="EOFError"):
        say(worker, "read")


def test_no_setting_and_no_secret_reaches_a_plugin(hired: Hired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTS_SECRET_KEY", "a secret")
    worker = hired("def grants_slot(slot, subject):\n    return str([n for n in os.environ if n.startswith('GRANTS')])")
    assert say(worker) == "[]"


def test_what_cannot_be_loaded_any_more_says_why(hired: Hired) -> None:
    worker = hired("raise OSError('the folder is gone')")
    with pytest.raises(Unsound, match="OSError: the folder is gone"):
        say(worker)


def test_all_end_together_and_leave_nobody_behind(hired: Hired) -> None:
    workers = [hired(WAITS) for _ in range(3)]
    for worker in workers:
        say(worker)
    pids = [worker.pid for worker in workers]
    end_all()
    assert all(not Path(f"/proc/{pid}").exists() for pid in pids), "not even one that waits to be buried"


HOST = """
import os, sys, threading
from grants.asking.limits import Limits
from grants.asking.worker import Worker
worker = Worker(sys.argv[1], sys.argv[1], Limits(seconds=2))
ask = {"ask": "slot", "subject": {"value": None}}
worker.ask(ask | {"slot": "hello"})
print(worker.pid, flush=True)
if sys.argv[2] == "wait":
    threading.Thread(target=worker.ask, args=(ask | {"slot": "wait"},), daemon=True).start()
    sys.stdin.readline()
os._exit(0)
"""


@pytest.mark.parametrize("slot", ["hello", "wait"])
def test_when_the_host_is_gone_its_plugins_end_too_even_one_that_hangs(
    module: Callable[[str], str], tmp_path: Path, slot: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST, module(WAITS), slot],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        text=True,
    ) as host:
        assert host.stdout
        pid = int(host.stdout.readline())
        time.sleep(0.2 if slot == "wait" else 0)
        host.communicate("\n")
    waits_until(lambda: gone(pid))
