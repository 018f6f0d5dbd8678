"""The demonstration’s guide: a way in for each door, and the five pages to look at first, as whom."""

from __future__ import annotations

import click
from sqlalchemy import select

from grants.cli.demo_charity import somebody, the_fund
from grants.flow import confirm
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.web.signin.practice import demo_link

DOORS = (
    ("staff, front-line", "amina@"),
    ("staff, finance", "ben@"),
    ("staff, manager", "carol@"),
    ("funder, trusting", "fatima@"),
    ("funder, receipts", "stan@"),
)

HEAVY, SAMPLED = "household-items-fund", "everyday-costs-fund"


def ways_in(desk: Desk) -> None:
    """Prints a link for each door; the recipient's is of somebody who was paid and has not answered yet."""
    click.echo("\nSign in (practice links, one click):")
    for who, start in DOORS:
        click.echo(f"  {who:<18} {demo_link(desk.settings, somebody(desk, start))}")
    grant = desk.session.scalar(
        select(Grant).where(Grant.paid_at.is_not(None), Grant.confirmed_at.is_(None)).order_by(Grant.id).limit(1)
    )
    if grant is not None:
        click.echo(f"  a recipient        {confirm.link_url(desk, confirm.new_link(desk, grant))}")
    click.echo(f"  to apply           {desk.settings.base_url}/")


def best_pages(desk: Desk) -> None:
    """Prints the five pages that show best how trust works here."""
    heavy = the_fund(desk, HEAVY).id
    pages = (
        ("manager", "choose a policy", f"/staff/funds/{heavy}/policy"),
        ("manager", "make a lighter offer", f"/staff/counter/offer?asked=fund:{heavy}&people=500&typical=200"),
        ("manager", "what another would do", "/staff/simulate?policy=unconditional&policy=full-receipts"),
        ("manager", "write a policy", "/staff/policies/new"),
        ("funder, receipts", "what they can be sure of", f"/funders/funds/{HEAVY}"),
    )
    click.echo("\nFive pages to look at first, once you are signed in:")
    for who, what, path in pages:
        click.echo(f"  {what:<24} {desk.settings.base_url}{path}  (as {who})")
