"""``grants demo``: a whole charity to try, with made-up people and no real money."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace

import click

from grants.app import desk_over, open_house
from grants.cli import demo_charity, demo_guide
from grants.cli.demo_story import Story
from grants.cli.serve import address, refuse_busy, run_server
from grants.cli.trouble import EX_USAGE
from grants.config import PREFIX, CannotStart, Settings, read_settings
from grants.domain.money import Money
from grants.flow import learn
from grants.flow.check import check
from grants.folders import demo_folder
from grants.serving import engine_for
from grants.standin.process import Standin
from grants.stopping import between_acts
from grants.web.edge import House

BEFORE = 49
"""So many days ago the charity began: long enough for receipts to fall due, and for one reminder."""


@click.command()
@click.option("--no-serve", is_flag=True, help="Tell the story with its figures, and end.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
def demo(no_serve: bool, host: str, port: int) -> None:
    """Loads a demonstration charity, runs grants through all six verbs, and serves it. Safe to run again."""
    if not no_serve:
        refuse_busy(host, port)
    settings = _practice(read_settings(), host, port)
    with ExitStack() as stack:
        standin = stack.enter_context(Standin(settings.home / "standin", opening=100_000_00))
        settings = _with_standin(settings, standin)
        house = open_house(settings)
        stack.callback(house.database.close)
        _tell(house)
        _figures(house)
        _links(house)
        if not no_serve:
            click.echo(f"\nServing on {address(host, port)} (stop with Ctrl-C)")
            run_server(host, port)


def _practice(settings: Settings, host: str, port: int) -> Settings:
    """Returns the settings of a demonstration; refuses to touch a live system."""
    if settings.mode == "live":
        raise CannotStart("This is a live system: the demonstration does not run here.", EX_USAGE)
    charity = demo_charity.read()
    demo_charity.prepare(settings)
    return replace(
        settings,
        base_url=address(host, port),
        charity_name=charity.name,
        charity_id=charity.number,
        publisher_prefix=charity.prefix,
        contact_phone=settings.contact_phone or "01632 960123",
        contact_email=settings.contact_email or "hello@harbour.example.org",
    )


def _with_standin(settings: Settings, standin: Standin) -> Settings:
    """Returns settings that pay through the stand-in, and gives them to the serving processes too."""
    made = replace(
        settings,
        stripe_api_key=standin.api_key,
        stripe_api_base=standin.url,
        stripe_webhook_secret=standin.webhook_secret,
        stripe_financial_account=standin.financial_account,
    )
    for name in made.__dataclass_fields__:
        os.environ[PREFIX + name.upper()] = str(getattr(made, name))
    return made


def _tell(house: House) -> None:
    """Loads the charity and tells its story, unless that was done before."""
    story, earlier = Story(house), Story(house, days_ago=BEFORE)
    charity = demo_charity.read()
    with earlier.desk() as desk:
        if demo_charity.exists(desk, charity):
            click.echo("The demonstration charity is here already: nothing was added.")
            if not demo_charity.told(desk):
                click.echo(f"Its story was stopped halfway. To hear it whole, remove {house.settings.home} first.")
            return
        demo_charity.load(desk, charity)
    click.echo(f"fund     {len(charity.funds)} funders who trust in {len(charity.funds)} ways")
    earlier.before(charity.before)
    with story.desk() as desk:
        sent = demo_charity.apply_on_the_web(desk, charity.applications)
    click.echo(f"apply    {sent} people applied on the web; a spreadsheet brings more:")
    _import()
    with between_acts() as rest:
        engine = engine_for(house)
        engine.launch()
        try:
            replace(story, rest=rest).tell()
        finally:
            engine.stop()


def _import() -> None:
    from grants.cli.apply import apply

    file = str(demo_folder() / "applications.csv")
    apply.main(["import", file, "--fund", "winter-hardship-fund"], standalone_mode=False)


def _figures(house: House) -> None:
    """Prints what happened, fund by fund, and proves the books."""
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        click.echo()
        for made in learn.figures(desk, learn.funds_of(desk)):
            click.echo(_line(made))
        found = check(desk)
    click.echo("books    " + ("everything adds up" if not found else "; ".join(found)))


def _line(made: learn.FundFigures) -> str:
    """Returns one fund's story in figures."""

    def pounds(pence: int) -> str:
        return str(Money(pence, made.fund.currency))

    return (
        f"learn    {made.fund.name}: {pounds(made.money_in)} in, {made.awarded.count} awarded "
        f"({pounds(made.awarded.amount)}), {made.paid.count} paid ({pounds(made.paid.amount)}), "
        f"{made.confirmed.count} confirmed, {made.waiting} waiting; {made.asked_each} minutes asked after an award"
    )


def _links(house: House) -> None:
    """Prints a way in for each door, and what to look at."""
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        demo_guide.ways_in(desk)
        demo_guide.best_pages(desk)
