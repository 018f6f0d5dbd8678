"""Eight runners start one run at one moment: one sends it, seven are told who does; when it dies another goes on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import pytest

from tests import running
from tests.machines.conftest import LEASE, Town
from tests.machines.runner import PROCESSES, work
from tests.sizes import PATIENCE, size

pytestmark = pytest.mark.timeout(PATIENCE)


Tell = Callable[[str, object], None]

RUNNERS = 8
ROUNDS = size(ci=5, soak=100)
PAYMENTS = 7


@dataclass(frozen=True)
class Runner:
    """One runner, and what it tells."""

    name: str
    process: Any
    told: Connection

    def next(self) -> str:
        """Waits for what it tells next."""
        assert self.told.poll(running.PATIENCE), f"{self.name} says nothing"
        return str(self.told.recv())


@contextmanager
def runners(town: Town, names: list[str], gate: Any) -> Iterator[dict[str, Runner]]:
    """Starts runners of these names, all ready."""
    started: dict[str, Runner] = {}
    try:
        for name in names:
            here, there = PROCESSES.Pipe()
            process = PROCESSES.Process(target=work, args=(town.charity.settings, name, gate, there))
            process.start()
            started[name] = Runner(name, process, here)
        for each in started.values():
            assert each.next() == "ready"
        yield started
    finally:
        for each in started.values():
            each.process.kill()
            each.process.join()


def test_eight_runners_start_one_run_and_one_of_them_sends_it(town: Town, record_property: Tell) -> None:
    took: list[float] = []
    refused = 0
    for number in range(1, ROUNDS + 1):
        names = [f"quay-{number}{letter}" for letter in "abcdefgh"]
        gate = PROCESSES.Barrier(RUNNERS)
        before = len(town.provider.executions())
        run_id = town.run(PAYMENTS)
        with runners(town, names, gate) as everybody:
            for each in everybody.values():
                each.told.send(run_id)
            owner = town.held_in_the_middle(run_id, before + 1)
            others = [each for name, each in everybody.items() if name != owner]
            for each in others:
                said = each.next()
                assert said.startswith(f"Payment run {run_id} is being sent by {owner} already."), said
                refused += 1
            assert not everybody[owner].told.poll(), "the owner is told nothing"
            began = time.monotonic()
            everybody[owner].process.kill()
            town.taken_over(run_id, owner)
            took.append(round(time.monotonic() - began, 2))
            town.finished(run_id)
    record_property("rounds, owners, refusals", [ROUNDS, len(took), refused])
    record_property("slowest taking over in seconds", max(took))
    assert refused == ROUNDS * (RUNNERS - 1)
    assert max(took) < LEASE + 5.0 + 10.0, "the promise is lease + 5; a busy test machine gets more"
    town.agrees(ROUNDS * PAYMENTS)
    assert set(Counter(each.key for each in town.provider.executions()).values()) == {1}
