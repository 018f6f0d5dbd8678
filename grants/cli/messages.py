"""``grants messages bounced``: a mail server hands over what could not be delivered."""

from __future__ import annotations

from typing import BinaryIO

import click

from grants.app import desk_over
from grants.cli.context import house
from grants.flow.telling_people import delivery

LARGEST = 1024 * 1024
"""Bytes of one report: they hold a few headers of the message that came back."""


@click.group()
def messages() -> None:
    """Messages to people."""


@messages.command()
@click.argument("report", type=click.File("rb"), default="-")
def bounced(report: BinaryIO) -> None:
    """Takes one report of a mail server (RFC 3464) from a file or a pipe.

    A message that came back is not tried again, and a worker is asked. Let the mail server pipe what comes to the
    address in GRANTS_MAIL_FROM into this command. A report that is about none of our messages changes nothing.
    """
    raw = report.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise click.ClickException("This is too large for a report of a mail server.")
    here = house()
    with here.database.transaction() as session:
        count = delivery.bounced(desk_over(here, session), raw)
    click.echo(f"{count} came back." if count else "Nothing of ours came back.")
