"""What commands work with: the house, opened once, and a desk that commits at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select

from grants.app import desk_over, open_house
from grants.config import read_settings
from grants.flow.desk import Actor, Desk
from grants.model.users import User
from grants.web.edge import House, actor_of


def house() -> House:
    """Returns the house by the settings of this machine; raises SettingsError or CannotStart."""
    return open_house(read_settings())


@contextmanager
def open_desk(actor: Actor | None = None) -> Iterator[Desk]:
    """Gives a desk whose work is committed at the end, or not at all; the system acts unless somebody is named."""
    here = house()
    with here.database.transaction() as session:
        yield desk_over(here, session, actor)


def acting(desk: Desk, email: str) -> Desk:
    """Returns the desk with the user of this e-mail at it; raises BadParameter when there is none."""
    user = desk.session.scalar(select(User).where(User.email == email.strip().lower(), User.active))
    if user is None:
        raise click.BadParameter(f"nobody here has the e-mail {email}", param_hint="--as")
    return desk.acting(actor_of(user))
