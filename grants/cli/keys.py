"""``grants keys rotate``: seals everything anew under the key of now, after the secret key was changed."""

from __future__ import annotations

import click
from sqlalchemy import select

from grants.app import desk_over
from grants.cli.context import house
from grants.flow.reseal import SEALED, reseal_lot
from grants.flow.step import record
from grants.model.users import User
from grants.web.edge import House
from grants.web.signin.keys import reseal_user

EX_DATAERR = 65


@click.group()
def keys() -> None:
    """Changing the secret key."""


@keys.command()
def rotate() -> None:
    """Seals everything anew under GRANTS_SECRET_KEY; GRANTS_OLD_SECRET_KEYS opens it.

    Set the new key, name the old one in GRANTS_OLD_SECRET_KEYS, start again, run this, then take the old
    one away. Run twice, the second time does nothing. Sign-ins, invitations and practice links end.
    """
    here = house()
    shut = sum(_table(here, table) for table in SEALED) + _users(here)
    if shut:
        click.echo(f"{shut} could not be opened by any key we have. Name the key of then in GRANTS_OLD_SECRET_KEYS.")
        raise click.exceptions.Exit(EX_DATAERR)
    click.echo("All is sealed under the key of now. GRANTS_OLD_SECRET_KEYS may go.")


def _table(here: House, table: str) -> int:
    """Seals one table anew, a transaction for each lot; returns how many rows no key opens."""
    after, anew, shut = 0, 0, 0
    while True:
        with here.database.transaction() as session:
            done = reseal_lot(desk_over(here, session), table, after)
        anew, shut, after = anew + done.anew, shut + done.shut, done.after
        if not after:
            click.echo(f"{table}: {anew} sealed anew")
            return shut


def _users(here: House) -> int:
    """Seals second factors and codes on paper anew; returns how many people's no key opens."""
    secret, earlier = here.settings.secret_key, here.settings.earlier_secrets
    with here.database.transaction() as session:
        users = session.scalars(select(User).order_by(User.id).with_for_update())
        done = [reseal_user(user, secret, earlier) for user in users]
        count = sum(each is True for each in done)
        if count:
            record(desk_over(here, session), "keys.resealed", "key", 0, table="users", count=count)
    click.echo(f"second factors: {count} sealed anew")
    return sum(each is None for each in done)
