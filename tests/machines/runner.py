"""A runner for the tests: a process with a lock of its own that tries to send the runs it is told of.

It does what the engine does with the same job, without the queue that would let only one of them try.
"""

from __future__ import annotations

import multiprocessing
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from threading import Event, Thread
from time import sleep
from typing import Protocol

from sqlalchemy.orm import configure_mappers

from grants.config import Settings
from grants.jobs.context import Again
from grants.jobs.liveness import liveness_for, lives
from grants.jobs.payments import JOBS
from grants.model.runs import Run
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from tests.conftest import Clock
from tests.paying import over

configure_mappers()
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


class Gate(Protocol):
    """What lets all runners begin at one moment."""

    def wait(self) -> object:
        """Waits for the others."""


def work(settings: Settings, name: str, gate: Gate, told: Connection) -> None:
    """Takes run ids from the pipe, tries each with the others at one moment, and tells what it was answered."""
    charity = over(settings, Clock(), {"manual": ManualRail(), "stripe": StripeRail(settings)})
    liveness = liveness_for(settings.database_url, settings.lease_seconds)
    liveness.hold(name)
    _beat(liveness.keep)
    told.send("ready")
    while run_id := told.recv():
        context = replace(charity.context, lives=partial(lives, settings.database_url))
        gate.wait()
        while True:
            mine = replace(context, worker=f"{name}#{secrets.token_hex(3)}")
            try:
                JOBS["perform_run"](mine, run_id)
            except Again as again:
                told.send(str(again))
                sleep(0.2)  # the engine waits longer
            else:
                with charity.desk() as desk:
                    told.send(desk.session.get_one(Run, run_id).state)
                break
    liveness.release()
    charity.database.close()


def _beat(keep: Callable[[], None]) -> None:
    def beat() -> None:
        while not Event().wait(0.5):
            keep()

    Thread(target=beat, daemon=True).start()
