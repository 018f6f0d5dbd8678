"""``grants init``: makes the database, or brings it up to date."""

from __future__ import annotations

import click

from grants.config import CannotStart, Settings, read_settings
from grants.jobs.engine import prepare
from grants.model import migrate
from grants.model.engine import make_engine


@click.command()
def init() -> None:
    """Makes the database, or brings an older one up to date. Safe to run again."""
    settings = read_settings()
    before = bring_up_to_date(settings)
    click.echo("The database is ready." if before else "The database was ready already.")


def bring_up_to_date(settings: Settings) -> bool:
    """Brings the database up to date and returns whether anything was to do; refuses a newer one."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database_url, foreign_keys=False)
    try:
        problem = migrate.problem(engine)
        if "newer" in problem:
            raise CannotStart(problem)
        if problem:
            migrate.upgrade(engine)
    finally:
        engine.dispose()
    prepare(settings.database_url)
    return bool(problem)
