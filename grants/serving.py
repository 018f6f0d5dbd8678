"""What one serving process runs: the app, and the engine that works beside it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from grants.app import create_app, house_of, job_context
from grants.asking import worker
from grants.config import CannotStart, SettingsError, read_settings
from grants.jobs.engine import Engine
from grants.jobs.later import DbosLater
from grants.jobs.registry import EVERY, JOBS
from grants.stopping import STOPS, told_to_stop
from grants.web import logs
from grants.web.edge import House

FINISH_SECONDS = 5.0
"""Seconds that requests under way have to end when their process is told to stop."""

STOP_SECONDS = 8.0
"""Seconds that jobs under way then have to come to rest."""

CANNOT_START = 75
"""From sysexits.h: try again later."""

log = structlog.get_logger(__name__)

_leaving = threading.Lock()


def served_app() -> Flask:
    """Returns the app of this process, with its engine at work; both stop with the process.

    Ends the process, with words in the log, when the database went away or changed since the server began.
    """
    told = told_to_stop()
    prepare_process()
    try:
        app = create_app(read_settings())
        engine = engine_for(house_of(app))
        engine.launch()
    except (CannotStart, SettingsError) as error:
        log.error("cannot_start", why=str(error))
        raise SystemExit(CANNOT_START) from None
    except (SQLAlchemyError, OSError) as error:
        log.error("cannot_start", why=type(error).__name__)
        raise SystemExit(CANNOT_START) from None
    Finalize(None, leave, (engine, house_of(app)), exitpriority=100)
    threading.Thread(target=leave_in_time, args=(told, engine, house_of(app)), name="grants-leave", daemon=True).start()
    return app


def engine_for(house: House) -> Engine:
    """Returns the engine over a house, with every job that there is."""
    later = house.later if isinstance(house.later, DbosLater) else DbosLater(house.settings.database_url)
    return Engine(house.settings, JOBS, job_context(house), later, every=EVERY)


def prepare_process() -> None:
    """Sends the logs where they belong, and lets a process that was parted from another end on its own.

    Until the server listens for signals itself, a serving process ends at once when it is told to; when
    the process that watches over it dies without a word, it ends as if it had been told to.
    """
    logs.setup(readable=sys.stderr.isatty())
    watcher = multiprocessing.parent_process()
    if watcher is None:
        return
    for number in STOPS:
        signal.signal(number, lambda *_: os._exit(0))

    def follow() -> None:
        watcher.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="grants-follow", daemon=True).start()


def leave_in_time(told: Callable[[], None], engine: Engine, house: House) -> None:
    """Waits until this process is told to stop, and ends it if the server has not done so in good time.

    The server waits for the last byte of every request, and for browsers that connected as it was told.
    """
    told()
    time.sleep(FINISH_SECONDS)
    leave(engine, house)


def leave(engine: Engine, house: House) -> None:
    """Ends this process: work that does not come to rest in time is taken over by the next one."""
    _leaving.acquire()  # for good: whoever comes second waits for the end
    try:
        engine.stop(STOP_SECONDS)
        house.database.close()
        worker.end_all()
    except Exception as error:
        log.warning("left_in_haste", why=type(error).__name__)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
