"""What one serving process runs: the app, and the engine that works beside it."""

from __future__ import annotations

import atexit

from flask import Flask

from grants.app import create_app, house_of, job_context
from grants.config import read_settings
from grants.jobs.engine import Engine
from grants.jobs.later import DbosLater
from grants.jobs.registry import EVERY, JOBS
from grants.web.edge import House

STOP_SECONDS = 10


def served_app() -> Flask:
    """Returns the app of this process, with its engine at work; both stop with the process."""
    app = create_app(read_settings())
    engine = engine_for(house_of(app))
    engine.launch()
    atexit.register(engine.stop, STOP_SECONDS)
    return app


def engine_for(house: House) -> Engine:
    """Returns the engine over a house, with every job that there is."""
    later = house.later if isinstance(house.later, DbosLater) else DbosLater(house.settings.database_url)
    return Engine(house.settings, JOBS, job_context(house), later, every=EVERY)
