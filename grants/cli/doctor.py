"""``grants doctor``: looks the whole system over and says in one list what to mend."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import click
from sqlalchemy.exc import DBAPIError

from grants.app import CORE, desk_over, open_house
from grants.cli.trouble import EX_CONFIG
from grants.config import CannotStart, Settings, read_settings
from grants.flow import account_check
from grants.flow.desk import Actor
from grants.flow.readers import NOBODY, readers
from grants.jobs.failures import failed_jobs, try_once_more
from grants.jobs.later import DbosLater
from grants.languages import gather as gather_languages
from grants.languages.plugins import problems as language_problems
from grants.plugins import gather
from grants.web.recipients.why import undeclared

LEAST_FREE = 200 * 2**20
"""Bytes of free disk below which nothing is paid."""


@click.command()
@click.option("--retry", is_flag=True, help="Queue the work that failed for good once more.")
def doctor(retry: bool) -> None:
    """Looks over the settings, the database, the plugins, mail, the work that failed, and the disk."""
    settings = read_settings()
    if retry:
        click.echo(f"{_try_again(settings)} pieces of work are queued once more.")
    found = list(_problems(settings))
    for problem in found:
        click.echo(f"to mend: {problem}")
    if found:
        raise click.exceptions.Exit(EX_CONFIG)
    for lacking in _nobody_reads(settings) if settings.mode != "live" else ():
        click.echo(f"before you go live: {lacking}")
    click.echo(f"All is well ({settings.mode} mode).")


def _problems(settings: Settings) -> Iterator[str]:
    try:
        open_house(settings).database.close()
        yield from _failed(settings)
        if settings.mode == "live":
            yield from _nobody_reads(settings)
    except CannotStart as error:
        yield str(error)
    broken = account_check.problem(settings.home)
    if broken:
        yield broken
    for name in undeclared():
        yield f"the question “{name}” has no purpose, so no page asks it: declare it in grants/domain/asked.py"
    spoken = gather_languages(settings.home)
    yield from (*spoken.problems, *(told for language in spoken.others() for told in language_problems(language)))
    for finding in gather(settings, CORE).findings:
        yield f"plugin {finding}"
    if settings.mode == "live" and not (settings.smtp_url and settings.mail_from):
        yield "GRANTS_SMTP_URL and GRANTS_MAIL_FROM: not set, so no e-mail goes out"
    if settings.mode == "live" and not settings.contact_phone:
        yield "GRANTS_CONTACT_PHONE: not set, so people cannot see whom to call"
    settings.home.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.home).free < LEAST_FREE:
        yield f"the disk of {settings.home} is nearly full: make room before anything is paid"


def _nobody_reads(settings: Settings) -> Iterator[str]:
    """Yields that no independent reader is named: in live mode no fund can be opened until one is."""
    house = open_house(settings)
    with house.database.session() as session:
        if not readers(desk_over(house, session, Actor())):
            yield NOBODY
    house.database.close()


def _failed(settings: Settings) -> Iterator[str]:
    later = DbosLater(settings.database_url)
    try:
        found = failed_jobs(later)
    except DBAPIError:
        yield "the tables of the background work are missing. Run “grants init” once."
        return
    for job in found:
        numbers = ", ".join(map(str, job.ids))
        yield f"work that failed: {job.job} {numbers}: {job.why}. Mend the cause, then run “grants doctor --retry”"
    later.close()


def _try_again(settings: Settings) -> int:
    open_house(settings).database.close()
    later = DbosLater(settings.database_url)
    queued = [job for job in failed_jobs(later) if try_once_more(later, job.name)]
    later.close()
    return len(queued)
