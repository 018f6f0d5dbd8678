"""``grants user``: the first people of a charity; later ones are invited on the staff pages."""

from __future__ import annotations

import click

from grants.cli.context import open_desk
from grants.domain.roles import ROLES
from grants.flow.invitations import invitation_link
from grants.flow.people import NewUser, invite
from grants.model.funds import Funder


@click.group()
def user() -> None:
    """People who sign in."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="How colleagues call them.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)), help="What they do.")
@click.option("--funder", default="", help="For a funder’s viewer: the name of the funder.")
@click.option("--organisation", default="", help="For a partner: who they work for.")
def add(email: str, name: str, roles: tuple[str, ...], funder: str, organisation: str) -> None:
    """Adds a person and prints the link with which they choose a password; it is e-mailed too."""
    with open_desk() as desk:
        funder_id = None
        if funder:
            found = desk.session.query(Funder).filter_by(name=funder).one_or_none()
            if found is None:
                raise click.BadParameter(f"no funder is called {funder}", param_hint="--funder")
            funder_id = found.id
        new = NewUser(name=name, email=email, roles=roles, funder_id=funder_id, organisation=organisation)
        click.echo(f"{name} may sign in after choosing a password:\n  {invitation_link(desk, invite(desk, new))}")
